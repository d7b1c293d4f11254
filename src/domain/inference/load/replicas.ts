/**
 * How many replicas a load needs: the fewest whose utilization and latency percentiles keep the objectives at peak,
 * plus spares. Arrivals split at random over n replicas, which thins their burstiness to 1 + (cv^2 - 1) / n.
 */
import { milliseconds } from '../../estimate/words.ts';
import { MILLISECONDS_PER_SECOND } from '../../units.ts';
import {
  LATENCY_FIELDS,
  type LatencyFigure,
  type LatencyObjective,
  PERCENTILE_SHARES,
  type PercentileName,
} from '../latency-objectives.ts';
import { replicaDevices, sparesOf } from '../step/configuration.ts';
import type {
  Arrivals,
  BindingConstraint,
  LatencyObjectives,
  LatencyUnderLoad,
  ObjectiveCheck,
  Relaxation,
  ReplicaPlan,
} from '../step/results.ts';
import { fewestThatKeep } from './fewest-that-keep.ts';
import { type LoadState, latencyUnderLoad, loadState, utilizationOf } from './latency.ts';
import { hardwareConstraint } from './operating-point.ts';
import type { Replica } from './replica.ts';
import { NO_WAIT, percentile } from './wait.ts';

/** Requests in flight on a replica so idle that more replicas would change nothing. */
const IDLE_IN_FLIGHT = 0.01;
/** Limits are relaxed to the value reached plus this much, so that the change holds after rounding. */
const RELAXATION_MARGIN = 1.001;

/**
 * Median of measured over predicted times: objectives are held against the figures that the answer reports, which carry
 * these factors, not against the bare formula.
 */
export interface LatencyMedians {
  readonly ttft: number;
  readonly tpot: number;
}

const AS_PREDICTED: LatencyMedians = { ttft: 1, tpot: 1 };

interface Sizing {
  readonly replica: Replica;
  readonly load: Arrivals;
  readonly medians: LatencyMedians;
}

/**
 * @param load peak arrivals over all replicas
 * @returns null replica counts where even an idle replica misses an objective; limits of the checks and relaxations are
 *   in the figures that are reported, perReplica in those of the formula
 */
export function replicasFor(
  replica: Replica,
  load: Arrivals,
  objectives: LatencyObjectives,
  spareReplicas: number,
  medians: LatencyMedians = AS_PREDICTED,
): ReplicaPlan {
  const { configuration, memory, limit } = replica;
  const sizing: Sizing = { replica, load, medians };
  const devicesPerReplica = replicaDevices(configuration);
  const count = memory.maxConcurrentSequences >= 1 ? fewest(sizing, objectives) : null;
  const spares = sparesOf(configuration, spareReplicas);
  const base = { spareReplicas: spares, devicesPerReplica, saturation: limit };
  if (count === null) return missedPlan(replica, load, objectives, spareReplicas, medians);
  const perReplica = at(sizing, count);
  const { bindingConstraint, nextSaving, relaxation } = binding(sizing, objectives, count);
  return {
    ...base,
    replicas: count + spares,
    servingReplicas: count,
    devices: (count + spares) * devicesPerReplica,
    perReplica,
    checks: checksOf(reachedBy(perReplica, medians), objectives),
    bindingConstraint,
    hardwareConstraint: hardwareConstraint(perReplica.shares),
    nextSaving,
    relaxation,
  };
}

/** Of a load that no number of replicas carries: what even an idle one reaches, and the limit at which some number does. */
export function missedPlan(
  replica: Replica,
  load: Arrivals,
  objectives: LatencyObjectives,
  spareReplicas: number,
  medians: LatencyMedians = AS_PREDICTED,
): ReplicaPlan {
  const { configuration, memory, limit } = replica;
  const sizing: Sizing = { replica, load, medians };
  const idle = at(sizing, Math.max(leastReplicas(sizing, objectives), idleReplicas(sizing)));
  const checks = checksOf(reachedBy(idle, medians), objectives);
  const holdsOne = memory.maxConcurrentSequences >= 1;
  return {
    spareReplicas: sparesOf(configuration, spareReplicas),
    devicesPerReplica: replicaDevices(configuration),
    saturation: limit,
    replicas: null,
    servingReplicas: null,
    devices: null,
    perReplica: idle,
    checks,
    bindingConstraint: holdsOne ? worst(checks) : 'memory_capacity',
    hardwareConstraint: hardwareConstraint(idle.shares),
    nextSaving: null,
    // of many misses compared, only the nearest are told how to be mended
    get relaxation() {
      return holdsOne ? relaxToIdle(sizing, objectives, checks) : null;
    },
  };
}

/** Which limit one replica fewer than `servingReplicas` would break, without the rest of the working. */
export function bindingConstraintOf(
  replica: Replica,
  load: Arrivals,
  objectives: LatencyObjectives,
  servingReplicas: number,
  medians: LatencyMedians = AS_PREDICTED,
): BindingConstraint {
  const sizing: Sizing = { replica, load, medians };
  return constraintAt(sizing, objectives, servingReplicas).constraint;
}

interface ServingReplicas {
  readonly replicas: number;
  /** What one of them reaches: latency percentiles and utilization as they are reported, each worked out when it is asked for. */
  readonly reached: Reached;
}

/** The fewest serving replicas that keep every objective, without the working; null where no number does. */
export function servingReplicasFor(
  replica: Replica,
  load: Arrivals,
  objectives: LatencyObjectives,
  medians: LatencyMedians = AS_PREDICTED,
): ServingReplicas | null {
  if (replica.memory.maxConcurrentSequences < 1) return null;
  const sizing: Sizing = { replica, load, medians };
  const replicas = fewest(sizing, objectives);
  return replicas === null ? null : { replicas, reached: reachedAt(sizing, replicas) };
}

const arrivalsAt = ({ load }: Sizing, replicas: number): Arrivals => ({
  requestsPerSecond: load.requestsPerSecond / replicas,
  arrivalCv2: 1 + (load.arrivalCv2 - 1) / replicas,
  replicas,
});

const at = (sizing: Sizing, replicas: number): LatencyUnderLoad =>
  latencyUnderLoad(sizing.replica, arrivalsAt(sizing, replicas));

/**
 * The figures that objectives limit, as they are reported, each worked out when it is asked for. Asked whether it is at most so much,
 * a figure is no nearer than tells that.
 */
export type Reached = (objective: ObjectiveCheck['objective'], atMost?: number) => number;

/** The first token and the rest of a request, each with its own median. */
function reportedEndToEnd(ttftSeconds: number, endToEndSeconds: number, medians: LatencyMedians): number {
  if (!Number.isFinite(endToEndSeconds)) return endToEndSeconds;
  const first = Math.min(ttftSeconds, endToEndSeconds);
  return first * medians.ttft + (endToEndSeconds - first) * medians.tpot;
}

const reachedBy =
  (latency: LatencyUnderLoad, medians: LatencyMedians): Reached =>
  (objective) => {
    if (objective === 'utilization') return latency.utilization;
    const [figure, percentile] = partsOf(objective);
    switch (figure) {
      case 'ttft':
        return latency.ttftSeconds[percentile] * medians.ttft;
      case 'tpot':
        return latency.tpotSeconds[percentile] * medians.tpot;
      case 'end_to_end':
        return reportedEndToEnd(latency.ttftSeconds[percentile], latency.endToEndSeconds[percentile], medians);
    }
  };

function reachedAt(sizing: Sizing, replicas: number): Reached {
  const { replica, medians } = sizing;
  const arrivals = arrivalsAt(sizing, replicas);
  const utilization = utilizationOf(replica, arrivals);
  let state: LoadState | undefined;
  return (objective, atMost) => {
    if (objective === 'utilization') return utilization;
    if (utilization >= 1) return Number.POSITIVE_INFINITY;
    state ??= loadState(replica, arrivals);
    const { slotWait, prefillWait, firstToken, perToken, whole } = state;
    const [figure, name] = partsOf(objective);
    const share = PERCENTILE_SHARES[name];
    switch (figure) {
      case 'ttft':
        return percentile(slotWait, prefillWait, firstToken, share, medians.ttft, atMost) * medians.ttft;
      case 'tpot':
        return percentile(NO_WAIT, NO_WAIT, perToken, share) * medians.tpot;
      case 'end_to_end': {
        const first = percentile(slotWait, prefillWait, firstToken, share);
        return reportedEndToEnd(first, percentile(slotWait, prefillWait, whole, share), medians);
      }
    }
  };
}

function checksOf(reached: Reached, { latency, maxUtilization }: LatencyObjectives): ObjectiveCheck[] {
  const check = (objective: ObjectiveCheck['objective'], required: number): ObjectiveCheck => {
    const actual = reached(objective);
    return { objective, required, actual, margin: required - actual, met: actual <= required };
  };
  return [check('utilization', maxUtilization), ...latency.map(({ objective, seconds }) => check(objective, seconds))];
}

/** Whether every objective holds. */
function meets(sizing: Sizing, objectives: LatencyObjectives, replicas: number): boolean {
  const reached = reachedAt(sizing, replicas);
  const utilization = reached('utilization');
  if (utilization >= 1 || utilization > objectives.maxUtilization) return false;
  return objectives.latency.every(({ objective, seconds }) => reached(objective, seconds) <= seconds);
}

/** Replicas that the utilization cap alone asks for. */
const leastReplicas = (
  { replica, load }: Pick<Sizing, 'replica' | 'load'>,
  { maxUtilization }: LatencyObjectives,
): number =>
  Math.max(
    Math.ceil(load.requestsPerSecond / (replica.limit.requestsPerSecond * maxUtilization) - 1e-9),
    smallestDeployment(replica),
  );

const smallestDeployment = ({ configuration }: Replica): number => (configuration.disaggregated ? 2 : 1);

/** The same before any latency is worked out: no fewer serving replicas keep the objectives. */
export const leastReplicasFor = (replica: Replica, load: Arrivals, objectives: LatencyObjectives): number =>
  leastReplicas({ replica, load }, objectives);

/** So many replicas that each is idle: beyond them latency no longer falls. */
const idleReplicas = ({ replica, load }: Sizing): number =>
  Math.max(
    Math.ceil((load.requestsPerSecond * replica.limit.endToEndSeconds) / IDLE_IN_FLIGHT),
    smallestDeployment(replica),
  );

/** The fewest replicas that keep every objective; null where not even idle replicas do. */
function fewest(sizing: Sizing, objectives: LatencyObjectives): number | null {
  const least = leastReplicas(sizing, objectives);
  if (meets(sizing, objectives, least)) return least;
  const most = idleReplicas(sizing);
  if (most <= least || !meets(sizing, objectives, most)) return null;
  return fewestThatKeep(least, most, (replicas) => meets(sizing, objectives, replicas));
}

const constraintOf = (objective: ObjectiveCheck['objective']): BindingConstraint =>
  objective === 'utilization' ? 'utilization_cap' : `${partsOf(objective)[0]}_objective`;

const PARTS = new Map<ObjectiveCheck['objective'], readonly [LatencyFigure, PercentileName]>(
  LATENCY_FIELDS.map(({ objective, figure, percentile: name }) => [objective, [figure, name]]),
);

function partsOf(objective: LatencyObjective): readonly [LatencyFigure, PercentileName] {
  const parts = PARTS.get(objective);
  if (parts === undefined) throw new RangeError(`${objective} is no objective of latency.`);
  return parts;
}

/** The check missed by most, as a ratio; null where all hold. */
export function worstCheck(checks: readonly ObjectiveCheck[]): ObjectiveCheck | null {
  let worstMiss: ObjectiveCheck | null = null;
  for (const check of checks) {
    if (check.met) continue;
    if (worstMiss === null || check.actual / check.required > worstMiss.actual / worstMiss.required) worstMiss = check;
  }
  return worstMiss;
}

const worst = (checks: readonly ObjectiveCheck[]): BindingConstraint => {
  const check = worstCheck(checks);
  return check ? constraintOf(check.objective) : 'single_replica';
};

/** The limit that one replica fewer would break, and by how much; no check where it is no limit of the caller. */
function constraintAt(
  sizing: Sizing,
  objectives: LatencyObjectives,
  count: number,
): { readonly constraint: BindingConstraint; readonly check: ObjectiveCheck | null } {
  if (count <= smallestDeployment(sizing.replica)) return { constraint: 'single_replica', check: null };
  const fewer = reachedAt(sizing, count - 1);
  // beyond saturation no limit of the caller helps: the hardware binds
  if (fewer('utilization') >= 1) return { constraint: sizing.replica.limit.boundBy, check: null };
  const check = worstCheck(checksOf(fewer, objectives));
  return check === null
    ? { constraint: 'single_replica', check }
    : { constraint: constraintOf(check.objective), check };
}

/** The limit that one replica fewer would break, and what loosening it saves. */
function binding(
  sizing: Sizing,
  objectives: LatencyObjectives,
  count: number,
): Pick<ReplicaPlan, 'bindingConstraint' | 'nextSaving' | 'relaxation'> {
  const { constraint: bindingConstraint, check } = constraintAt(sizing, objectives, count);
  if (check === null) return { bindingConstraint, nextSaving: null, relaxation: null };
  const without = withLimit(objectives, check.objective, null);
  const freed = fewest(sizing, without) ?? count;

  // of many replicas, one is no saving worth a wider limit: two in a hundred, at least one
  const worthwhile = Math.max(Math.round(count * 0.02), 1);
  const sooner = reachedAt(sizing, count - worthwhile)(check.objective);
  const nextValue = (sooner < Number.POSITIVE_INFINITY ? sooner : check.actual) * RELAXATION_MARGIN;
  const next = fewest(sizing, withLimit(objectives, check.objective, nextValue)) ?? count;
  const nextSaving = next < count ? relaxationOf(check, nextValue, next, count) : null;

  // one below the count that the other limits allow, this limit must hold still, so that they bind
  const beyond =
    freed > smallestDeployment(sizing.replica) ? reachedAt(sizing, freed - 1)(check.objective) : Number.NaN;
  const value =
    Number.isFinite(beyond) && !(check.objective === 'utilization' && beyond >= 1)
      ? beyond
      : reachedAt(sizing, freed)(check.objective);
  const relaxed = value * RELAXATION_MARGIN;
  const after = fewest(sizing, withLimit(objectives, check.objective, relaxed)) ?? count;
  const relaxation = after < count ? relaxationOf(check, relaxed, after, count) : nextSaving;
  return { bindingConstraint, nextSaving, relaxation };
}

/** What an idle replica would need of the limit it misses most, and what the load takes without that limit. */
function relaxToIdle(
  sizing: Sizing,
  objectives: LatencyObjectives,
  checks: readonly ObjectiveCheck[],
): Relaxation | null {
  const check = worstCheck(checks);
  if (!check) return null;
  const value = check.actual * 1.05;
  const after = fewest(sizing, withLimit(objectives, check.objective, value));
  const free = fewest(sizing, withLimit(objectives, check.objective, null));
  if (after === null || free === null) return null;
  const comfortable = `${free === 1 ? '1 replica does' : `${free} replicas do`} at ${milliseconds(reachedAt(sizing, free)(check.objective) * MILLISECONDS_PER_SECOND)}`;
  return { ...relaxationOf(check, value, after, null), description: comfortable };
}

/** The objectives with one limit changed; null lifts it (utilization up to just below saturation). */
export const withLimit = (
  { latency, maxUtilization }: LatencyObjectives,
  objective: ObjectiveCheck['objective'],
  value: number | null,
): LatencyObjectives =>
  objective === 'utilization'
    ? { latency, maxUtilization: Math.min(value ?? 1, 0.999) }
    : {
        maxUtilization,
        latency: latency.flatMap((limit) => {
          if (limit.objective !== objective) return [limit];
          return value === null ? [] : [{ ...limit, seconds: value }];
        }),
      };

function relaxationOf(check: ObjectiveCheck, to: number, replicasAfter: number, count: number | null): Relaxation {
  const seconds = check.objective !== 'utilization';
  const show = (value: number) =>
    seconds ? `${(value * 1e3).toPrecision(3)} ms` : `${(value * 100).toPrecision(3)} %`;
  const saved = count === null ? 'makes the load servable' : `saves ${count - replicasAfter} of ${count} replicas`;
  return {
    constraint: constraintOf(check.objective),
    parameter: check.objective,
    from: check.required,
    to,
    unit: seconds ? 'seconds' : 'ratio',
    replicasAfter,
    description: `${check.objective.replaceAll('_', ' ')} from ${show(check.required)} to ${show(to)} ${saved}.`,
  };
}
