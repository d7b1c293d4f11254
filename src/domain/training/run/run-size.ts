/**
 * How many devices a run takes where the request does not say: the smallest cluster that keeps the deadline, or the fastest
 * that the budget pays for.
 */
import type { Device } from '../../devices/device.ts';
import type { Interruptible } from '../../estimate/interruptible.ts';
import { HOURS_PER_DAY, SECONDS_PER_DAY } from '../../units.ts';
import { clusterOf } from '../cluster.ts';
import { DEFAULT_DEADLINE_DAYS, SIZING_GOODPUT, sizingForDeadline } from '../defaults.ts';
import { searchingLayout } from '../layout/search-layout.ts';
import type { LayoutCandidate, LayoutSearchResult } from '../results.ts';
import type { Cluster, Fabric, TrainingLayout, TrainingWorkload } from '../workload.ts';

/** What a run takes on a cluster, failures and stages included. */
interface TimedSize {
  readonly days: number;
  /** Device-hours paid for, and what they cost; null where the cluster has no price. */
  readonly paid: { readonly deviceHours: number; readonly usd: number } | null;
}

interface SizeQuestion {
  readonly workload: TrainingWorkload;
  readonly tokens: number;
  readonly device: Device;
  readonly fabric: Fabric | undefined;
  readonly fixed: Partial<TrainingLayout>;
  readonly objective: 'smallest' | 'fastest';
  /** Null where the caller set none; the smallest cluster then aims at the default. */
  readonly deadlineDays: number | null;
  readonly budget: Budget;
  readonly time: (cluster: Cluster, best: LayoutCandidate) => TimedSize;
}

/** Null where the caller set none. Both are of the final run's hardware. */
export interface Budget {
  readonly usd: number | null;
  readonly deviceHours: number | null;
}

export interface SizedRun {
  readonly cluster: Cluster;
  readonly search: LayoutSearchResult;
  readonly rule: string;
}

const RUNNERS_UP = 3;
const MOST_SIZINGS = 4;
const SIZING_MARGIN = 0.98;
const LARGEST_CLUSTER_DEVICES = 131_072;
/** Doubling a cluster for less than this is not worth it: a twentieth of the time. */
export const LEAST_SPEEDUP = 1.05;
/** A run this short is not made shorter: starting it takes minutes by itself (assumed). */
const SHORTEST_RUN_DAYS = 1 / HOURS_PER_DAY;
/** A budget that so many sizes in a row exceed, each dearer than the last, will not be met by a larger one. */
const DEARER_SIZES = 3;

export const hasBudget = ({ usd, deviceHours }: Budget): boolean => usd !== null || deviceHours !== null;

/** Whether the paid hours stay within every limit that was set; a cluster without a price is in no budget. */
export function withinBudget(budget: Budget, paid: TimedSize['paid']): boolean {
  if (!hasBudget(budget)) return true;
  if (paid === null) return false;
  return (
    (budget.usd === null || paid.usd <= budget.usd) &&
    (budget.deviceHours === null || paid.deviceHours <= budget.deviceHours)
  );
}

/** Interruptible between any two sizes. */
export function* sizeRun(question: SizeQuestion): Interruptible<SizedRun> {
  if (question.objective === 'fastest') return yield* fastestWithinBudget(question);
  const smallest = yield* smallestForDeadline(question);
  if (!hasBudget(question.budget) || question.deadlineDays !== null || smallest.search.best === null) return smallest;
  const timed = question.time(smallest.cluster, smallest.search.best);
  // without a deadline of the caller's own, the budget may take longer than the usual one
  return withinBudget(question.budget, timed.paid) ? smallest : yield* fastestWithinBudget(question);
}

/** Sizing knows clean steps only: where stages and failures push the run past the deadline, it is sized again for less. */
function* smallestForDeadline(question: SizeQuestion): Interruptible<SizedRun> {
  const { workload, tokens, device, fixed, fabric } = question;
  const deadline = question.deadlineDays ?? DEFAULT_DEADLINE_DAYS.value;
  const options = { fixed, runnersUp: RUNNERS_UP };
  let target = deadline;
  let sizings = 0;
  let largest = 0;
  for (;;) {
    const sized = yield* sizingForDeadline(workload, tokens, device, target, overrides(fabric), options);
    const rule = `the smallest (one device for fine-tuning that fits there, else whole nodes, doubling) that finishes within ${deadline} days, failures and stages included.`;
    if (sized.search.best === null) return { ...sized, rule: sized.rule };
    const { days } = question.time(sized.cluster, sized.search.best);
    // sized again it may be larger than needed
    if (days <= deadline) {
      const smallest = sizings === 0 ? sized : yield* smaller(question, sized, days, (_, halved) => halved <= deadline);
      return { ...smallest, rule };
    }
    // stages that do not fit ask for a larger cluster as long as there is one
    if (Number.isFinite(days)) sizings++;
    const grows = sized.cluster.devices > largest;
    largest = sized.cluster.devices;
    // below what this size was chosen for, so that the next one is larger
    const { seconds, tokensPerStep } = sized.search.best.step;
    const beyondThis = ((tokens / tokensPerStep) * seconds) / SECONDS_PER_DAY / SIZING_GOODPUT;
    const next =
      (Number.isFinite(days) ? Math.min(target * (deadline / days), beyondThis) : beyondThis) * SIZING_MARGIN;
    if (sizings === MOST_SIZINGS || !grows || !(next > 0)) {
      // on very many nodes interruptions take more than further devices give
      const fastest = yield* smaller(question, sized, days, (least, halved) => halved < least);
      return { ...fastest, rule: `no size finishes within ${deadline} days; the fastest found.` };
    }
    target = next;
  }
}

/** The size, halved as long as the days it takes then are as wanted. */
function* smaller(
  question: SizeQuestion,
  sized: SizedRun,
  days: number,
  wanted: (before: number, halved: number) => boolean,
): Interruptible<SizedRun> {
  const { workload, device, fixed, fabric, time } = question;
  let chosen = sized;
  let before = days;
  for (let devices = sized.cluster.devices / 2; devices >= smallestSize(device, workload); devices /= 2) {
    if (!Number.isInteger(devices)) break;
    yield;
    const cluster = clusterOf(device, devices, overrides(fabric));
    const search = yield* searchingLayout(workload, cluster, { fixed, runnersUp: RUNNERS_UP });
    const halved = search.best === null ? Number.POSITIVE_INFINITY : time(cluster, search.best).days;
    if (!wanted(before, halved)) break;
    chosen = { cluster, search, rule: sized.rule };
    before = halved;
  }
  return chosen;
}

/**
 * Doubling from the smallest: the fastest whose hardware the budget pays for. Where none is, the cheapest one, for the
 * answer to say what is missing.
 */
function* fastestWithinBudget(question: SizeQuestion): Interruptible<SizedRun> {
  const { workload, device, fixed, fabric, budget } = question;
  type Sized = SizedRun & { readonly timed: TimedSize };
  let fastest: Sized | null = null;
  let cheapest: Sized | null = null;
  let unfit: SizedRun | null = null;
  let dearer = 0;
  for (const devices of sizes(device, workload)) {
    yield;
    const cluster = clusterOf(device, devices, overrides(fabric));
    const search = yield* searchingLayout(workload, cluster, { fixed, runnersUp: RUNNERS_UP });
    if (search.best === null) {
      unfit ??= { cluster, search, rule: 'no cluster fits the model' };
      const { smallestFittingDevices } = search;
      // past the largest size that divides the batch nothing larger does
      if (fastest !== null || cheapest !== null || (smallestFittingDevices === null && search.leastMemory !== null))
        break;
      continue;
    }
    const timed = question.time(cluster, search.best);
    const sized: Sized = { cluster, search, rule: FASTEST_RULE, timed };
    const cheaper = cheapest === null || costOf(timed) < costOf(cheapest.timed);
    if (cheaper) cheapest = sized;
    dearer = cheaper ? 0 : dearer + 1;
    if (withinBudget(budget, timed.paid)) {
      if (fastest !== null && timed.days * LEAST_SPEEDUP > fastest.timed.days) break;
      fastest = sized;
      if (timed.days <= SHORTEST_RUN_DAYS) break;
    } else if (fastest !== null || dearer >= DEARER_SIZES) {
      break;
    }
  }
  if (fastest !== null) return fastest;
  if (cheapest !== null) return { ...cheapest, rule: 'no size stays within the budget; the cheapest found.' };
  if (unfit === null) throw new RangeError(`No cluster size to try for ${device.name}.`);
  return unfit;
}

const FASTEST_RULE =
  'the fastest: doubling from one device or node as long as the budget, if any, pays for the hardware, it saves a twentieth of the time, and the run takes more than an hour.';

const costOf = ({ paid }: TimedSize): number => paid?.usd ?? Number.POSITIVE_INFINITY;

/** Pretraining takes whole nodes, other methods one device and more. */
export const smallestSize = (device: Device, { method }: TrainingWorkload): number =>
  method === 'pretraining' ? Math.max(1, device.devicesPerNode) : 1;

function sizes(device: Device, workload: TrainingWorkload): number[] {
  const node = Math.max(1, device.devicesPerNode);
  const all: number[] = [];
  for (let devices = smallestSize(device, workload); devices < node; devices *= 2) all.push(devices);
  for (let devices = node; devices <= LARGEST_CLUSTER_DEVICES; devices *= 2) all.push(devices);
  return all;
}

const overrides = (fabric: Fabric | undefined): { readonly fabric?: Fabric } =>
  fabric === undefined ? {} : { fabric };
