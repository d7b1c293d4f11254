/**
 * Finds the clusters that finish the run first: for every accelerator that is offered, the size that finishes first within the budget.
 * A plan takes milliseconds, so that all are made; only the options that are named are estimated in full.
 */
import type { Device } from '../../devices/device.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import { exclusionOf } from '../../estimate/exclusion.ts';
import { interrupted } from '../../estimate/interruptible.ts';
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

interface Planned {
  readonly device: Device;
  readonly question: TrainingRequest;
  readonly days: number;
}

/** @throws RequestFaultError where the request contradicts itself */
export async function fastestClusters(search: ClusterSearch): Promise<FoundOptions> {
  const { snapshot, request, at, pause, category, rivals, wanted } = search;
  const question = languageQuestion(search);
  if (question === null) return clustersOfSamples(search);
  const planned: Planned[] = [];
  const rejections: TrainingRejection[] = [];
  const tooMany = new Map<string, number>();
  for (const { device } of boundedDevices(snapshot, question).bounded) {
    if (!isWanted(search, device.id)) continue;
    await pause();
    const named = questionOf(request, category, device.id);
    const planning = planningOnDevice(device, { ...question, request: named }, new AssumptionLog());
    const outcome = await interrupted(planning, pause);
    if (!isTrainingChoice(outcome)) {
      rejections.push(outcome);
      continue;
    }
    const within = await withinSize(search, question, named, outcome);
    if (within === null) {
      tooMany.set(device.id, await leastDevices(search, question, named, outcome));
      continue;
    }
    const paid = await withinBudget(search, within);
    if ('question' in paid) planned.push(paid);
    else rejections.push(overBudget(device, outcome.plan, paid));
  }
  planned.sort((a, b) => a.days - b.days || (a.device.id < b.device.id ? -1 : 1));
  const slowestNamed = [...rivals.map(({ estimate }) => estimate.run.wallClockDays.p50)].sort((a, b) => a - b)[
    wanted - 1
  ];
  const named = planned.filter(
    ({ days }, index) => index === 0 || (index < wanted && days < (slowestNamed ?? Number.POSITIVE_INFINITY)),
  );
  const found: SizedOption[] = [];
  for (const one of named) {
    await pause();
    const estimate = await interrupted(estimatingTraining(snapshot, one.question, at), pause);
    if (estimate.status === 'feasible') found.push(sizedOption(estimate, one.question));
  }
  const slower = planned.slice(named.length);
  const [next] = slower;
  return {
    found,
    leftOut: [
      ...trainingExclusions(rejections, question.request),
      ...tooManyDevices(tooMany, request.constraints?.maxDevices ?? 0),
      ...(next === undefined
        ? []
        : [
            exclusionOf(
              slower.map(({ device }) => device.id),
              {
                constraint: 'slower',
                detail: `Runs on ${slower.length} more devices take longer than those named, each at the size that ends them first; on ${next.device.name} ${next.days.toPrecision(3)} days.`,
                required: Number((named.at(-1)?.days ?? next.days).toPrecision(6)),
                actual: Number(next.days.toPrecision(6)),
                unit: 'days',
              },
            ),
          ]),
    ],
    relaxation: found.length > 0 ? null : await relaxationOf(search, rejections[0]?.device.id ?? null),
  };
}

/** The plan, or one on half as many devices and so on where its bill exceeds the budget; the cheapest tried where none is within it. */
async function withinBudget(search: ClusterSearch, planned: Planned): Promise<Planned | SizedOption> {
  const { snapshot, request, at, pause, category } = search;
  if (category !== 'owned' || request.training.budgetUsd === undefined) return planned;
  let cheapest: SizedOption | null = null;
  const most = planned.question.cluster?.devices ?? 1;
  for (const devices of sizesWithin(planned.device, planned.question, most).toReversed()) {
    await pause();
    const question = atSize(planned.question, devices);
    const estimate = await interrupted(estimatingTraining(snapshot, question, at), pause);
    if (estimate.status === 'infeasible') continue;
    const sized = sizedOption(estimate, question);
    if (isWithinBudget(search, sized)) return { ...planned, question, days: estimate.run.wallClockDays.p50 };
    if (cheapest === null || toNumber(sized.hardware) < toNumber(cheapest.hardware)) cheapest = sized;
  }
  return cheapest ?? planned;
}

/** The smallest cluster beyond the allowed size that trains it as asked. */
async function leastDevices(
  { request, pause }: ClusterSearch,
  question: TrainingQuestion,
  named: TrainingRequest,
  { device, plan }: TrainingChoice,
): Promise<number> {
  const most = request.constraints?.maxDevices ?? 0;
  for (const devices of sizesWithin(device, named, plan.cluster.devices).filter((size) => size > most)) {
    await pause();
    const sized = { ...question, request: atSize(named, devices) };
    if (isTrainingChoice(await interrupted(planningOnDevice(device, sized, new AssumptionLog()), pause)))
      return devices;
  }
  return plan.cluster.devices;
}

/** The plan itself where its cluster is within the allowed size; else the fastest plan that is, the larger first. */
async function withinSize(
  { request, pause }: ClusterSearch,
  question: TrainingQuestion,
  named: TrainingRequest,
  { device, plan }: TrainingChoice,
): Promise<Planned | null> {
  const most = request.constraints?.maxDevices;
  if (most === undefined || plan.cluster.devices <= most) {
    // of that size, so that its estimate does not look for it again
    return { device, question: atSize(named, plan.cluster.devices), days: plan.run.wallClockDays };
  }
  let best: Planned | null = null;
  const doublings = sizesWithin(device, named, most);
  const largest = doublings.at(-1);
  if (largest === undefined) return null;
  // above the largest doubling the sizes that cut worse than others are no reason to stop
  for (const devices of [...doublings, ...sizesBetween(device, named, 2 * largest, most)].toReversed()) {
    await pause();
    const sized = atSize(named, devices);
    const planning = planningOnDevice(device, { ...question, request: sized }, new AssumptionLog());
    const outcome = await interrupted(planning, pause);
    if (!isTrainingChoice(outcome)) continue;
    const days = outcome.plan.run.wallClockDays;
    if (best === null || days < best.days) best = { device, question: sized, days };
    else if (devices <= largest) break;
  }
  return best;
}
