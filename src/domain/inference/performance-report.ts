/** Latency and throughput of the chosen deployment with their bands. */
import {
  applyFactor,
  centredFactor,
  invertFactor,
  sumOfIndependent,
  type UncertainFactor,
  type UncertainValue,
} from '../uncertainty/band.ts';
import { MILLISECONDS_PER_SECOND } from '../units.ts';
import type { LanguagePerformanceReport, UncertainPercentiles } from './estimate-result.ts';
import type { DeploymentChoice } from './language/device-choice.ts';
import type { PercentileName } from './latency-objectives.ts';
import type { Percentiles } from './step/results.ts';

export const percentilesInMs = (seconds: Percentiles, factor: UncertainFactor): UncertainPercentiles => ({
  p50: applyFactor(seconds.p50 * MILLISECONDS_PER_SECOND, factor),
  p90: applyFactor(seconds.p90 * MILLISECONDS_PER_SECOND, factor),
  p95: applyFactor(seconds.p95 * MILLISECONDS_PER_SECOND, factor),
  p99: applyFactor(seconds.p99 * MILLISECONDS_PER_SECOND, factor),
});

export function languagePerformance({ plan, factors }: DeploymentChoice): LanguagePerformanceReport {
  const { perReplica, saturation } = plan;
  const { ttft, tpot, throughput } = factors;
  return {
    kind: 'language',
    ttftMs: percentilesInMs(perReplica.ttftSeconds, ttft),
    timePerOutputTokenMs: percentilesInMs(perReplica.tpotSeconds, tpot),
    endToEndMs: {
      p50: endToEnd('p50', perReplica, ttft, tpot),
      p90: endToEnd('p90', perReplica, ttft, tpot),
      p95: endToEnd('p95', perReplica, ttft, tpot),
      p99: endToEnd('p99', perReplica, ttft, tpot),
    },
    queueMs: percentilesInMs(perReplica.queueWaitSeconds, ttft),
    saturationRequestsPerSecondPerReplica: applyFactor(saturation.requestsPerSecond, throughput),
    saturationOutputTokensPerSecondPerReplica: applyFactor(saturation.outputTokensPerSecond, throughput),
    utilizationAtPeak: applyFactor(perReplica.utilization, invertFactor(centredFactor(throughput))),
    meanConcurrencyPerReplica: perReplica.meanConcurrency,
    promise: perReplica.promise,
    timeShares: perReplica.shares,
  };
}

/** The first token and the rest of the request are uncertain in their own ways. */
function endToEnd(
  percentile: PercentileName,
  { ttftSeconds, endToEndSeconds }: DeploymentChoice['plan']['perReplica'],
  ttft: UncertainFactor,
  tpot: UncertainFactor,
): UncertainValue {
  const total = endToEndSeconds[percentile] * MILLISECONDS_PER_SECOND;
  const first = Math.min(ttftSeconds[percentile] * MILLISECONDS_PER_SECOND, total);
  return { ...sumOfIndependent(applyFactor(first, ttft), applyFactor(total - first, tpot)), basis: tpot.basis };
}
