/** The load in the terms of the queue: rates, length distributions and objectives, with every default noted. */

import type { AssumptionLog, Quantity } from '../economics/assumption.ts';
import { refuse } from '../estimate/request-fault.ts';
import { thousands } from '../estimate/words.ts';
import { DAYS_PER_MONTH, SECONDS_PER_DAY } from '../units.ts';
import {
  ARRIVAL_VARIABILITY,
  MAX_UTILIZATION,
  OUTPUT_MEAN,
  OUTPUT_SPREAD,
  PEAK_TO_MEAN,
  PREFIX_CACHE_HIT_RATE,
  PROMPT_MEAN,
  PROMPT_SPREAD,
  SPARE_REPLICAS,
} from './defaults.ts';
import { latencyLimits } from './latency-objectives.ts';
import type { InferenceRequest, TokenLengths } from './request.ts';
import {
  type LengthDistribution,
  lengthFromHistogram,
  lengthFromPercentile,
  type RequestLengths,
} from './step/lengths.ts';
import type { Arrivals, LatencyObjectives } from './step/results.ts';

export interface Load {
  readonly requestsPerDay: number;
  readonly meanRequestsPerSecond: number;
  readonly peakToMeanRatio: Quantity;
  /** At the peak hour. */
  readonly arrivals: Arrivals;
  readonly objectives: LatencyObjectives;
  readonly spareReplicas: number;
  readonly activeHoursPerDay: number;
}

const HOURS_A_DAY = 24;

/** Rates per second at the peak hour; requests are spread over the active hours of the day. */
export function load(request: InferenceRequest, log: AssumptionLog): Load {
  const traffic = request.traffic ?? {};
  const objectives = request.objectives ?? {};
  const activeHoursPerDay = traffic.activeHoursPerDay ?? HOURS_A_DAY;
  const meanRequestsPerSecond = request.requestsPerDay / ((SECONDS_PER_DAY * activeHoursPerDay) / HOURS_A_DAY);
  const peakToMeanRatio = log.resolve(traffic.peakToMeanRatio, PEAK_TO_MEAN);
  return {
    requestsPerDay: request.requestsPerDay,
    meanRequestsPerSecond,
    peakToMeanRatio,
    arrivals: {
      requestsPerSecond: meanRequestsPerSecond * peakToMeanRatio.value,
      arrivalCv2: log.resolve(traffic.arrivalVariability, ARRIVAL_VARIABILITY).value,
    },
    objectives: {
      latency: latencyLimits(objectives),
      maxUtilization: log.resolve(objectives.maxUtilization, MAX_UTILIZATION).value,
    },
    spareReplicas: log.resolve(objectives.spareReplicas, SPARE_REPLICAS).value,
    activeHoursPerDay,
  };
}

/**
 * Share of the hours paid for that the units of a fleet work, spares included: the mean rate over what the fleet could serve, in
 * the hours with traffic.
 * @param hours a month that are paid for
 */
export const meanFleetUtilization = (
  utilizationAtPeak: number,
  serving: number,
  all: number,
  { peakToMeanRatio, activeHoursPerDay }: Pick<Load, 'peakToMeanRatio' | 'activeHoursPerDay'>,
  hours: number,
): number =>
  ((utilizationAtPeak * serving) / all / peakToMeanRatio.value) *
  Math.min((activeHoursPerDay * DAYS_PER_MONTH) / hours, 1);

export const prefixCacheHitRate = (request: InferenceRequest, log: AssumptionLog): number =>
  log.resolve(request.traffic?.prefixCacheHitRate, PREFIX_CACHE_HIT_RATE).value;

/** @throws RequestFaultError where a length is described twice or not at all inside a given object. */
export function requestLengths(request: InferenceRequest, log: AssumptionLog): RequestLengths {
  return {
    promptTokens: lengthOf(request.promptTokens, '/promptTokens', PROMPT_MEAN, PROMPT_SPREAD, log),
    outputTokens: lengthOf(request.outputTokens, '/outputTokens', OUTPUT_MEAN, OUTPUT_SPREAD, log),
  };
}

/** The median and 95th percentile of a log-normal give its mean: ln(mean) = ln(p50) + sigma^2 / 2. */
const Z95 = 1.6448536269514722;
/** ln(p95 / mean) = z sigma - sigma^2 / 2 is largest at sigma = z. */
const LARGEST_P95_TO_MEAN = Math.exp(Z95 ** 2 / 2);

function lengthOf(
  given: TokenLengths | undefined,
  pointer: string,
  mean: typeof PROMPT_MEAN,
  spread: typeof PROMPT_SPREAD,
  log: AssumptionLog,
): LengthDistribution {
  if (given?.histogram !== undefined) {
    if (given.mean !== undefined || given.p50 !== undefined || given.p95 !== undefined) {
      refuse(pointer, 'exclusive', 'Give either a histogram or a mean with percentiles, not both.');
    }
    if (!given.histogram.some(({ share }) => share > 0)) {
      refuse(`${pointer}/histogram`, 'minimum', 'At least one bucket needs a share above 0.');
    }
    return lengthFromHistogram(given.histogram.map(({ tokens, share }) => ({ tokens, weight: share })));
  }
  if (given?.mean === undefined && given?.p50 !== undefined) {
    if (given.p95 === undefined) {
      return withSpread(given.p50, given.coefficientOfVariation, spread, pointer, log, (median, cv) => ({
        mean: median * Math.sqrt(1 + cv ** 2),
        coefficientOfVariation: cv,
      }));
    }
    if (given.p95 < given.p50) refuse(`${pointer}/p95`, 'minimum', 'p95 is below p50; exchange the two.');
    const sigma = Math.log(given.p95 / given.p50) / Z95;
    return { mean: given.p50 * Math.exp(sigma ** 2 / 2), coefficientOfVariation: Math.sqrt(Math.exp(sigma ** 2) - 1) };
  }
  if (given?.mean === undefined && given?.p95 !== undefined) {
    refuse(pointer, 'required', 'p95 alone does not say how long requests are; add mean or p50.');
  }
  const tokens = log.resolve(given?.mean, mean).value;
  if (given?.p95 !== undefined) {
    if (given.p95 < tokens) refuse(`${pointer}/p95`, 'minimum', `p95 is below the mean of ${tokens} tokens.`);
    if (given.p95 > tokens * LARGEST_P95_TO_MEAN) {
      refuse(
        `${pointer}/p95`,
        'maximum',
        `A p95 of ${thousands(given.p95)} tokens is more than ${LARGEST_P95_TO_MEAN.toFixed(2)} times the mean of ${thousands(tokens)}, which no log-normal distribution reaches; give the lengths as a histogram, or p50 with p95.`,
      );
    }
    return lengthFromPercentile(tokens, given.p95, 0.95);
  }
  return withSpread(tokens, given?.coefficientOfVariation, spread, pointer, log, (value, cv) => ({
    mean: value,
    coefficientOfVariation: cv,
  }));
}

function withSpread(
  tokens: number,
  given: number | undefined,
  spread: typeof PROMPT_SPREAD,
  pointer: string,
  log: AssumptionLog,
  build: (tokens: number, coefficientOfVariation: number) => LengthDistribution,
): LengthDistribution {
  return build(tokens, log.resolve(given, spread, `${pointer}/coefficientOfVariation`).value);
}
