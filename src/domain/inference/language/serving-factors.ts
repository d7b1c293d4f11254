/** What stands between the formula and the figure that is reported, for one configuration. */
import spread from '../../calibration/deployment-spread.json' with { type: 'json' };
import type { UncertainFactor } from '../../uncertainty/band.ts';
import type { LatencyMedians } from '../load/replicas.ts';
import { movedToOwn, type OwnRatio } from '../measured/own-level.ts';
import type { OwnMeasurement } from '../measured/own-measurements.ts';
import type { ServingConfiguration } from '../step/configuration.ts';
import { uncertainty } from '../step/uncertainty.ts';

/** Measured over predicted: times, and the rate at saturation. */
export interface ServingFactors {
  readonly ttft: UncertainFactor;
  readonly tpot: UncertainFactor;
  readonly throughput: UncertainFactor;
}

type ServingMetric = keyof ServingFactors;

export type FactorsOf = (configuration: ServingConfiguration) => ServingFactors;

/** From the residuals of the nearest measured group. */
export const residualFactors: FactorsOf = (configuration) => ({
  ttft: uncertainty(configuration, 'ttft'),
  tpot: uncertainty(configuration, 'tpot'),
  throughput: uncertainty(configuration, 'throughput'),
});

export const mediansOf = ({ ttft, tpot }: ServingFactors): LatencyMedians => ({ ttft: ttft.p50, tpot: tpot.p50 });

const WHAT: Readonly<Record<ServingMetric, string>> = {
  ttft: 'Time to first token',
  tpot: 'Time per output token',
  throughput: 'Throughput at saturation',
};

/** Another format or another cut of the model is another deployment of the same kind: its point counts for half. */
const AKIN = 2;

/** The same, moved to the caller's own measurements on the device and engine of the configuration. */
export function ownFactors(measurements: readonly OwnMeasurement[]): FactorsOf {
  if (measurements.length === 0) return residualFactors;
  // one object per deployment: items that share it move together in totals
  const known = new Map<string, ServingFactors>();
  return (configuration) => {
    const key = deploymentOf(configuration);
    const factors = known.get(key) ?? movedFactors(configuration, measurements);
    known.set(key, factors);
    return factors;
  };
}

/** The measurements that speak for a configuration. */
const ownRatios = (
  configuration: ServingConfiguration,
  measurements: readonly OwnMeasurement[],
  metric: ServingMetric,
): OwnRatio[] =>
  measurements.flatMap((own) => {
    const { device, engine } = own.configuration;
    const ratio = own[metric];
    if (ratio === null || device.id !== configuration.device.id || engine !== configuration.engine) return [];
    return [{ ratio, inflation: deploymentOf(own.configuration) === deploymentOf(configuration) ? 1 : AKIN }];
  });

function movedFactors(configuration: ServingConfiguration, measurements: readonly OwnMeasurement[]): ServingFactors {
  const sigmas = configuration.model.mixtureOfExperts ? spread.moe : spread.dense;
  const moved = (metric: ServingMetric): UncertainFactor =>
    movedToOwn(
      residualFactors(configuration)[metric],
      ownRatios(configuration, measurements, metric),
      sigmas[metric].sigma,
      WHAT[metric],
    );
  return { ttft: moved('ttft'), tpot: moved('tpot'), throughput: moved('throughput') };
}

const deploymentOf = (configuration: ServingConfiguration): string =>
  [
    configuration.device.id,
    configuration.engine,
    configuration.weightFormat,
    configuration.tensorParallel,
    configuration.pipelineParallel,
    configuration.attentionDataParallel,
  ].join('/');
