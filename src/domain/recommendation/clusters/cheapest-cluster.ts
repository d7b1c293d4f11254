/**
 * Finds the clusters with the cheapest hardware: for every accelerator that is offered, sizes in doublings, and those between
 * the best doubling and its neighbours. A device is skipped when a lower bound on its cost (the fewest device-hours that any layout and size could need) exceeds that of the options found.
 */
import type { Device } from '../../devices/device.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import type { Exclusion } from '../../estimate/answer.ts';
import { exclusionOf } from '../../estimate/exclusion.ts';
import { interrupted } from '../../estimate/interruptible.ts';
import { moneyInWords } from '../../estimate/words.ts';
import { toNumber } from '../../money.ts';
import { estimatingTraining } from '../../training/estimate.ts';
import {
  boundedDevices,
  isTrainingChoice,
  planningOnDevice,
  type TrainingChoice,
  type TrainingQuestion,
  type TrainingRejection,
} from '../../training/language/device-choice.ts';
import { trainingExclusions } from '../../training/language/explain.ts';
import type { TrainingRequest } from '../../training/request.ts';
import { sizesBetween, sizesWithin } from './cluster-sizes.ts';
import { clustersOfSamples } from './sample-clusters.ts';
import { atSize, questionOf } from './training-cluster-request.ts';
import {
  type ClusterSearch,
  type FoundOptions,
  isWanted,
  isWithinBudget,
  languageQuestion,
  overBudget,
  relaxationOf,
  type SizedOption,
  sizedOption,
  tooManyDevices,
} from './training-option.ts';

interface Candidate {
  readonly device: Device;
  /** Lower bound on the device-hours for any size of cluster; 0 where there is none. */
  readonly leastHours: number;
  readonly leastUsd: number;
}

/** Devices over the budget that are planned all the same, so that the answer can say what they would need. */
const PLANNED_OVER_BUDGET = 3;

/** @throws RequestFaultError where the request contradicts itself */
export async function cheapestClusters(search: ClusterSearch): Promise<FoundOptions> {
  const { request, pause, category, rivals, wanted } = search;
  const question = languageQuestion(search);
  if (question === null) return clustersOfSamples(search);
  const candidates = candidatesOf(search, question);

  const found: SizedOption[] = [];
  /** Cost below which an option is named: it would be among the wanted ones, or the cheapest of its way of paying. */
  const limit = (): number => {
    const usd = [...rivals, ...found].map(({ hardware }) => toNumber(hardware)).sort((a, b) => a - b);
    const ofOwn = Math.min(...found.map(({ hardware }) => toNumber(hardware)));
    return Math.max(usd[wanted - 1] ?? Number.POSITIVE_INFINITY, ofOwn);
  };
  const budget =
    question.request.budgetUsd === undefined ? Number.POSITIVE_INFINITY : Number(question.request.budgetUsd);
  const dearer: Candidate[] = [];
  const rejections: TrainingRejection[] = [];
  const tooMany = new Map<string, number>();
  let beyondBudget = 0;
  for (const candidate of candidates) {
    await pause();
    const { device, leastUsd } = candidate;
    if (leastUsd >= limit()) {
      dearer.push(candidate);
      continue;
    }
    if (beyondBudget >= PLANNED_OVER_BUDGET && leastUsd > budget) {
      rejections.push({
        device,
        kind: 'budget',
        plan: null,
        usd: leastUsd,
        deviceHours: null,
        daysWithinBudget: null,
      });
      continue;
    }
    const named = questionOf(request, category, device.id);
    const planning = planningOnDevice(device, { ...question, request: named }, new AssumptionLog());
    const planned = await interrupted(planning, pause);
    const ofDevice = { ...question, request: named };
    if (!isTrainingChoice(planned)) {
      const overBudget = planned.kind === 'budget' && planned.plan !== null ? planned.plan.cluster.devices : null;
      const other = overBudget === null ? null : await cheapestAround(search, ofDevice, device, overBudget);
      if (other !== null && isWithinBudget(search, other)) found.push(other);
      else {
        if (planned.kind === 'budget') beyondBudget++;
        rejections.push(planned);
      }
      continue;
    }
    const { devices } = planned.plan.cluster;
    const fitting = withinSize(search, named, device, devices);
    const doubled = fitting === null ? null : await bestSize(search, fitting, candidate, limit);
    const around = await cheapestAround(search, ofDevice, device, doubled?.estimate.cluster.devices ?? devices);
    const sized = cheaperOf(doubled, around);
    if (sized !== null && !isWithinBudget(search, sized)) rejections.push(overBudget(device, planned.plan, sized));
    else if (sized !== null) found.push(sized);
    else tooMany.set(device.id, await leastBelow(search, ofDevice, device, devices));
  }
  return {
    found,
    leftOut: [
      ...trainingExclusions(rejections, question.request),
      ...tooManyDevices(tooMany, request.constraints?.maxDevices ?? 0),
      ...dearerThan(dearer, limit()),
    ],
    relaxation: found.length > 0 ? null : await relaxationOf(search, candidates[0]?.device.id ?? null),
  };
}

/** The question itself where its cluster is within the allowed size; else, if the caller set no deadline, the same with the largest allowed cluster. */
function withinSize(
  { request }: ClusterSearch,
  question: TrainingRequest,
  device: Device,
  devices: number,
): TrainingRequest | null {
  const most = request.constraints?.maxDevices;
  if (most === undefined || devices <= most) return question;
  if (question.deadlineDays !== undefined || question.cluster?.devices !== undefined) return null;
  const largest = sizesWithin(device, question, most).at(-1);
  return largest === undefined ? null : atSize(question, largest);
}

const cheaperOf = (a: SizedOption | null, b: SizedOption | null): SizedOption | null =>
  b !== null && (a === null || toNumber(b.hardware) < toNumber(a.hardware)) ? b : a;

/**
 * The cheapest between the doublings on either side of one: it may keep the deadline for less money than the doubling does, and within
 * a limit that the doubling exceeds. Null where there is none, and where the caller gave the size.
 */
async function cheapestAround(
  search: ClusterSearch,
  question: TrainingQuestion,
  device: Device,
  doubling: number,
): Promise<SizedOption | null> {
  const { snapshot, request, at } = search;
  if (question.request.cluster?.devices !== undefined) return null;
  const most = request.constraints?.maxDevices ?? Number.POSITIVE_INFINITY;
  let best: TrainingChoice | null = null;
  for (const size of [doubling, 2 * doubling].flatMap((one) => sizesBetween(device, question.request, one, most))) {
    const choice = await choiceAt(search, question, device, size);
    if (choice !== null && (best === null || choice.computeUsd < best.computeUsd)) best = choice;
  }
  if (best === null) return null;
  const sized = atSize(question.request, best.plan.cluster.devices);
  const estimate = await interrupted(estimatingTraining(snapshot, sized, at), search.pause);
  return estimate.status === 'feasible' ? sizedOption(estimate, sized) : null;
}

/** The smallest size found between a doubling and its half; the doubling where there is none. */
async function leastBelow(
  search: ClusterSearch,
  question: TrainingQuestion,
  device: Device,
  doubling: number,
): Promise<number> {
  if (question.request.cluster?.devices !== undefined) return doubling;
  for (const size of sizesBetween(device, question.request, doubling, Number.POSITIVE_INFINITY)) {
    if ((await choiceAt(search, question, device, size)) !== null) return size;
  }
  return doubling;
}

async function choiceAt(
  { pause }: ClusterSearch,
  question: TrainingQuestion,
  device: Device,
  devices: number,
): Promise<TrainingChoice | null> {
  await pause();
  const sized = { ...question, request: atSize(question.request, devices) };
  const outcome = await interrupted(planningOnDevice(device, sized, new AssumptionLog()), pause);
  return isTrainingChoice(outcome) ? outcome : null;
}

/** Every offered device that the limits allow, the likely winner first, so that its cost rules out most others. */
function candidatesOf(search: ClusterSearch, question: TrainingQuestion): Candidate[] {
  return boundedDevices(search.snapshot, question)
    .bounded.filter(({ device }) => isWanted(search, device.id))
    .sort((a, b) => a.bound - b.bound || (a.device.id < b.device.id ? -1 : 1))
    .map(({ device, hours, bound }) => ({ device, leastHours: hours, leastUsd: bound }));
}

/** Doublings in a row that cost more, after which no larger cluster is tried. */
const DEARER_SIZES = 2;

/**
 * The estimate takes the smallest cluster that keeps the deadline. A larger one may cost less, since each device needs less memory and
 * so loses less time on saving it. Sizes are doubled as long as that pays, and as long as the fewest possible device-hours, at the
 * hourly rate of the first size, still cost less than the limit.
 */
async function bestSize(
  { snapshot, request, at, pause }: ClusterSearch,
  question: TrainingRequest,
  { leastHours }: Candidate,
  limit: () => number,
): Promise<SizedOption | null> {
  const first = await interrupted(estimatingTraining(snapshot, question, at), pause);
  if (first.status === 'infeasible') return null;
  let best = sizedOption(first, question);
  if (request.training.cluster?.devices !== undefined) return best;
  const most = request.constraints?.maxDevices ?? Number.POSITIVE_INFINITY;
  const perHour = toNumber(best.hardware) / first.run.deviceHours.p50;
  let devices = first.cluster.devices;
  for (let dearer = 0; dearer < DEARER_SIZES && 2 * devices <= most && perHour * leastHours < limit(); ) {
    await pause();
    devices *= 2;
    const larger = atSize(question, devices);
    const estimate = await interrupted(estimatingTraining(snapshot, larger, at), pause);
    if (estimate.status === 'infeasible') break;
    const sized = sizedOption(estimate, larger);
    if (toNumber(sized.hardware) < toNumber(best.hardware)) {
      best = sized;
      dearer = 0;
    } else dearer++;
  }
  return best;
}

/** The exclusion of devices whose lower bound is above the cost of the options found. */
function dearerThan(dearer: readonly Candidate[], limit: number): Exclusion[] {
  if (dearer.length === 0) return [];
  const least = Math.min(...dearer.map(({ leastUsd }) => leastUsd));
  return [
    exclusionOf(
      dearer.map(({ device }) => device.id),
      {
        constraint: 'dearer',
        detail: `Runs on ${dearer.length} more devices cost at least ${moneyInWords(least, 'USD')} of hardware, by arithmetic at peak rate alone; those named cost less.`,
        required: Number(limit.toPrecision(6)),
        actual: Number(least.toPrecision(6)),
        unit: 'USD',
      },
    ),
  ];
}
