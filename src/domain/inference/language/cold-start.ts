/** Starting a replica from nothing: weights stream in, then the engine warms up. */
import type { AssumptionLog, Quantity } from '../../economics/assumption.ts';
import { type Band, sumOfIndependent } from '../../uncertainty/band.ts';
import { uncertainValue } from '../../uncertainty/uncertain-value.ts';
import { GB } from '../../units.ts';
import { ENGINE_START_SECONDS, WEIGHT_LOAD_GB_PER_SECOND } from '../defaults.ts';
import type { ColdStartReport } from '../estimate-result.ts';
import type { InferenceRequest } from '../request.ts';
import { replicaDevices, type ServingConfiguration } from '../step/configuration.ts';
import { weightBytesPerDevice } from '../step/memory.ts';

/** seconds = weights of the replica / load bandwidth + engine start. */
export function coldStartOf(
  request: InferenceRequest,
  configuration: ServingConfiguration,
  log: AssumptionLog,
): ColdStartReport {
  const weightsGigabytes = (weightBytesPerDevice(configuration) * replicaDevices(configuration)) / GB;
  const bandwidth = log.resolve(request.scaling?.weightLoadGbPerSecond, WEIGHT_LOAD_GB_PER_SECOND);
  const start = log.resolve(request.scaling?.engineStartSeconds, ENGINE_START_SECONDS);
  const loading = bandOf(bandwidth);
  const { p10, p50, p90 } = loading;
  const load = { p10: weightsGigabytes / p90, p50: weightsGigabytes / p50, p90: weightsGigabytes / p10 };
  const starting = uncertainValue(start.value, start.factors);
  return { weightsGigabytes, seconds: { ...sumOfIndependent(load, starting), basis: starting.basis } };
}

/** The same with every default, seconds. */
export const coldStartSeconds = (configuration: ServingConfiguration): number =>
  (weightBytesPerDevice(configuration) * replicaDevices(configuration)) / GB / WEIGHT_LOAD_GB_PER_SECOND.value +
  ENGINE_START_SECONDS.value;

const bandOf = ({ value, factors }: Quantity): Band => uncertainValue(value, factors);
