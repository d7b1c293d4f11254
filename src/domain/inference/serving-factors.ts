/** What stands between the formula and the figure that is reported, for one configuration. */
import type { UncertainFactor } from '../uncertainty/band.ts';
import type { ServingConfiguration } from './configuration.ts';
import type { LatencyMedians } from './replicas.ts';
import { uncertainty } from './uncertainty.ts';

/** Measured over predicted: times, and the rate at saturation. */
export interface ServingFactors {
  readonly ttft: UncertainFactor;
  readonly tpot: UncertainFactor;
  readonly throughput: UncertainFactor;
}

export type FactorsOf = (configuration: ServingConfiguration) => ServingFactors;

/** From the residuals of the nearest measured group. */
export const residualFactors: FactorsOf = (configuration) => ({
  ttft: uncertainty(configuration, 'ttft'),
  tpot: uncertainty(configuration, 'tpot'),
  throughput: uncertainty(configuration, 'throughput'),
});

export const mediansOf = ({ ttft, tpot }: ServingFactors): LatencyMedians => ({ ttft: ttft.p50, tpot: tpot.p50 });
