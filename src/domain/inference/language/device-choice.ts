/**
 * Which device and configuration carries the load for least money. A named device gets its best configuration; with
 * none named every device is compared. The comparison is exact: devices are tried in the order of a lower bound on
 * their cost, until the bound of the next one exceeds the cost of the best options found.
 */
import type { Device } from '../../devices/device.ts';
import type { HardwarePricing, HardwareQuote } from '../../estimate/hardware-pricing.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import type { Replica } from '../load/replica.ts';
import {
  bindingConstraintOf,
  leastReplicasFor,
  missedPlan,
  type Reached,
  replicasFor,
  servingReplicasFor,
  worstCheck,
} from '../load/replicas.ts';
import { replicaDevices, type ServingConfiguration, sparesOf } from '../step/configuration.ts';
import type { RequestLengths } from '../step/lengths.ts';
import type { Arrivals, BindingConstraint, Refusal, ReplicaPlan } from '../step/results.ts';
import type { Load } from '../workload.ts';
import { quoteWithHost } from './offload-host.ts';
import { type FactorsOf, mediansOf, type ServingFactors } from './serving-factors.ts';
import { setupsOn } from './setups.ts';

export interface ServingQuestion {
  readonly model: LanguageArchitecture;
  readonly lengths: RequestLengths;
  readonly load: Load;
  /** Engine settings and formats, only where the caller fixed them. */
  readonly base: Partial<ServingConfiguration>;
  readonly pricing: HardwarePricing;
  readonly factorsOf: FactorsOf;
}

export type SizedPlan = ReplicaPlan & {
  readonly devices: number;
  readonly replicas: number;
  readonly servingReplicas: number;
};

/** A device that carries the load: enough to compare costs, without the working. */
export interface DeploymentOption {
  readonly device: Device;
  readonly candidate: Replica;
  /** Spares included. */
  readonly devices: number;
  readonly quote: HardwareQuote;
}

export interface DeploymentChoice extends DeploymentOption {
  readonly plan: SizedPlan;
  readonly factors: ServingFactors;
}

export type DeviceRejection =
  | { readonly device: Device; readonly kind: 'refused'; readonly refusals: readonly Refusal[] }
  | { readonly device: Device; readonly kind: 'objectives_missed'; readonly plan: ReplicaPlan }
  | {
      readonly device: Device;
      readonly kind: 'no_price';
      /** Offered, but in no machine with as many devices; null where it is not offered at all. */
      readonly devicesInOneNode: number | null;
    };

export interface DeviceComparison {
  /** Cheapest first, the winner and the next two at most. */
  readonly options: readonly DeploymentOption[];
  readonly rejections: readonly DeviceRejection[];
  /** Devices that would do and cost more than those named. */
  readonly dearer: readonly Device[];
  /** Devices without any price there. */
  readonly unpriced: readonly Device[];
}

/** How many options an answer names: the winner and the next two. */
const NAMED_OPTIONS = 3;

/** So many devices that rounding up to whole instances no longer shows: their price per device is the lowest there is. */
const MANY_DEVICES = 1e6;

export const isOption = (outcome: DeploymentOption | DeviceRejection): outcome is DeploymentOption =>
  'quote' in outcome;

/** The option with its working: latency, saturation, what binds and what would relax it. */
export function planned(option: DeploymentOption, question: ServingQuestion): DeploymentChoice {
  const factors = question.factorsOf(option.candidate.configuration);
  const plan = planOf(option.candidate, question, factors);
  const { devices, replicas, servingReplicas } = plan;
  if (devices === null || replicas === null || servingReplicas === null) {
    throw new Error('An option that carries the load has a plan.');
  }
  return { ...option, factors, plan: { ...plan, devices, replicas, servingReplicas } };
}

function planOf(candidate: Replica, { load }: ServingQuestion, factors: ServingFactors): ReplicaPlan {
  const { objectives, spareReplicas } = load;
  const arrivals = calibratedArrivals(load, factors);
  return replicasFor(candidate, arrivals, objectives, spareReplicas, mediansOf(factors));
}

/** What binds on an option, without the rest of its working. */
export function constraintOn(option: DeploymentOption, { load, factorsOf }: ServingQuestion): BindingConstraint {
  const { configuration } = option.candidate;
  const factors = factorsOf(configuration);
  const serving = option.devices / replicaDevices(configuration) - sparesOf(configuration, load.spareReplicas);
  const arrivals = calibratedArrivals(load, factors);
  const medians = mediansOf(factors);
  return bindingConstraintOf(option.candidate, arrivals, load.objectives, serving, medians);
}

/** The cheapest configuration of one device, or why it has none. */
export function bestOnDevice(device: Device, question: ServingQuestion): DeploymentOption | DeviceRejection {
  const { load, pricing } = question;
  let best: DeploymentOption | undefined;
  let nearMiss: ReplicaPlan | undefined;
  let unpricedInOneNode: number | null = null;
  const refusals: Refusal[] = [];
  const setups = setupsOn(device, question);
  for (const candidate of setups.replicas) {
    if (best !== undefined && leastUsdPerHour(candidate, question) >= best.quote.usdPerHour) continue;
    const sized = sizedCandidate(candidate, question);
    if ('refusals' in sized) {
      refusals.push(...sized.refusals);
      continue;
    }
    if ('missed' in sized) {
      if (nearMiss === undefined || missOf(sized.missed) < missOf(nearMiss)) nearMiss = sized.missed;
      continue;
    }
    const { configuration } = candidate;
    const serving = sized.servingReplicas;
    const devices = (serving + sparesOf(configuration, load.spareReplicas)) * replicaDevices(configuration);
    const quote = quoteWithHost(pricing, candidate, devices);
    if (quote === null) unpricedInOneNode ??= configuration.tensorParallel;
    else if ('refusal' in quote) refusals.push(quote.refusal);
    else if (best === undefined || quote.usdPerHour < best.quote.usdPerHour) {
      best = { device, candidate, devices, quote };
    }
  }
  if (best !== undefined) return best;
  if (nearMiss !== undefined) return { device, kind: 'objectives_missed', plan: nearMiss };
  if (unpricedInOneNode !== null) {
    const offered = pricing.quote(device, 1, 1) !== null;
    return { device, kind: 'no_price', devicesInOneNode: offered ? unpricedInOneNode : null };
  }
  return { device, kind: 'refused', refusals: refusals.length > 0 ? refusals : setups.refusals };
}

/** Below what a configuration costs under the load: at the rate of saturation, objectives aside. */
function leastUsdPerHour(candidate: Replica, question: ServingQuestion): number {
  const serving = leastServingReplicas(candidate, question);
  if (serving === null) return 0;
  const { configuration } = candidate;
  const devices = (serving + sparesOf(configuration, question.load.spareReplicas)) * replicaDevices(configuration);
  return question.pricing.quote(configuration.device, devices, configuration.tensorParallel)?.usdPerHour ?? 0;
}

/** The serving replicas that carry the load, or what stands against the configuration. */
type SizedCandidate =
  | { readonly servingReplicas: number; readonly reached: Reached }
  | { readonly refusals: readonly Refusal[] }
  | { readonly missed: ReplicaPlan };

/** @param explain false leaves out the plan that says by how much objectives are missed */
export function sizedCandidate(candidate: Replica, question: ServingQuestion, explain = true): SizedCandidate {
  const { load } = question;
  const { configuration, refusals } = candidate;
  if (refusals.length > 0) return { refusals };
  const factors = question.factorsOf(configuration);
  const arrivals = calibratedArrivals(load, factors);
  const medians = mediansOf(factors);
  const serving = servingReplicasFor(candidate, arrivals, load.objectives, medians);
  if (serving === null) {
    const { objectives, spareReplicas } = load;
    return explain ? { missed: missedPlan(candidate, arrivals, objectives, spareReplicas, medians) } : { refusals };
  }
  return { servingReplicas: serving.replicas, reached: serving.reached };
}

/** A true lower bound of the serving replicas, from the rate at saturation alone; null where no request fits. */
export function leastServingReplicas(candidate: Replica, { load, factorsOf }: ServingQuestion): number | null {
  if (candidate.memory.maxConcurrentSequences < 1) return null;
  const arrivals = calibratedArrivals(load, factorsOf(candidate.configuration));
  return leastReplicasFor(candidate, arrivals, load.objectives);
}

/** How far the worst objective is missed, as reached over required; 1 where all hold. */
export const missOf = ({ checks }: ReplicaPlan): number => {
  const worst = worstCheck(checks);
  return worst === null ? 1 : worst.actual / worst.required;
};

/**
 * A load that is larger by as much as the formula overrates the capacity of this group of devices (the median of
 * measured over predicted): utilization of it is then utilization of the capacity to expect.
 */
export const calibratedArrivals = ({ arrivals }: Load, { throughput }: ServingFactors): Arrivals => ({
  ...arrivals,
  requestsPerSecond: arrivals.requestsPerSecond / throughput.p50,
});

/** Every device that is offered where the caller wants it, compared by cost. */
export function compareDevices(devices: readonly Device[], question: ServingQuestion): DeviceComparison {
  const rejections: DeviceRejection[] = [];
  const unpriced: Device[] = [];
  const bounded: { device: Device; bound: number }[] = [];
  const { arrivals, objectives } = question.load;
  for (const device of devices) {
    const bulk = question.pricing.quote(device, MANY_DEVICES, 1);
    if (bulk === null) {
      unpriced.push(device);
      continue;
    }
    const seconds = setupsOn(device, question).leastDeviceSecondsPerRequest ?? 0;
    const least = (seconds * arrivals.requestsPerSecond) / objectives.maxUtilization;
    bounded.push({ device, bound: Math.max(least, 1) * (bulk.usdPerHour / bulk.devicesPaid) });
  }
  bounded.sort((a, b) => a.bound - b.bound || (a.device.id < b.device.id ? -1 : 1));

  const options: DeploymentOption[] = [];
  const dearer: Device[] = [];
  for (const { device, bound } of bounded) {
    const lastNamed = options[NAMED_OPTIONS - 1];
    if (lastNamed !== undefined && bound > lastNamed.quote.usdPerHour) {
      dearer.push(device);
      continue;
    }
    const outcome = bestOnDevice(device, question);
    if (!isOption(outcome)) {
      rejections.push(outcome);
      continue;
    }
    options.push(outcome);
    options.sort((a, b) => a.quote.usdPerHour - b.quote.usdPerHour || (a.device.id < b.device.id ? -1 : 1));
    const dropped = options.length > NAMED_OPTIONS ? options.pop() : undefined;
    if (dropped !== undefined) dearer.push(dropped.device);
  }
  return { options, rejections, dearer, unpriced };
}
