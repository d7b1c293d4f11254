/**
 * What limits a run, and the cheapest change of the request after which something else does. Every change is tried: the
 * run is planned again with it before it is named.
 */
import { AssumptionLog } from '../../economics/assumption.ts';
import type { BindingConstraintReport, RelaxationAdvice } from '../../estimate/answer.ts';
import { changedRequest } from '../../estimate/changed-request.ts';
import type { Interruptible } from '../../estimate/interruptible.ts';
import { RequestFaultError } from '../../estimate/request-fault.ts';
import { moneyInWords, thousands } from '../../estimate/words.ts';
import { checkRequest } from '../check-request.ts';
import { DEFAULT_DEADLINE_DAYS } from '../defaults.ts';
import { durationInWords } from '../duration-in-words.ts';
import type { TrainingPrecision } from '../request.ts';
import { LEAST_SPEEDUP, smallestSize } from '../run/run-size.ts';
import { leastSure } from '../step/memory-fit.ts';
import { type Outcome, worthwhile } from '../worthwhile.ts';
import {
  isTrainingChoice,
  planningOnDevice,
  type TrainingChoice,
  type TrainingQuestion,
  type TrainingRejection,
} from './device-choice.ts';
import { explainStep, stepConstraint } from './explain.ts';

/** A deadline put off by more than this is no advice; what half the cluster takes is in the explanation. */
const LATEST_DEADLINE_FACTOR = 10;
/** Doublings tried beyond the cluster of a budget. */
const MOST_DOUBLINGS = 8;

/** Interruptible between any two changes that are tried. */
export function* findingRunConstraint(
  choice: TrainingChoice,
  question: TrainingQuestion,
): Interruptible<BindingConstraintReport> {
  const size = yield* sizeConstraint(choice, question);
  switch (size?.constraint) {
    case 'budget':
      return { ...size, relaxation: yield* moreBudget(choice, question) };
    case 'deadline':
      return { ...size, relaxation: yield* laterDeadline(choice, question) };
    case 'memory':
      return { ...size, relaxation: yield* anotherLimit(choice, question, 'memory') };
    default: {
      const step = explainStep(choice.plan.best.step.split);
      return { ...step, relaxation: yield* anotherLimit(choice, question, step.constraint) };
    }
  }
}

type Explained = Omit<BindingConstraintReport, 'relaxation'>;

/** What decides how many devices there are; null where the request does, or where the step itself is what limits. */
function* sizeConstraint(choice: TrainingChoice, question: TrainingQuestion): Interruptible<Explained | null> {
  const { plan, device } = choice;
  const { devices } = plan.cluster;
  const { request } = question;
  if (plan.clusterGiven) return null;
  if (request.cluster?.objective === 'fastest') return yield* budgetConstraint(choice, question);
  if (devices <= smallestSize(device, plan.workload)) return null;
  const deadlineDays = request.deadlineDays ?? DEFAULT_DEADLINE_DAYS.value;
  const smaller = yield* onDevices(choice, question, devices / 2);
  if (smaller === null) return null;
  if (!isTrainingChoice(smaller) || smaller.plan.fit !== 'fits') {
    if (!isTrainingChoice(smaller) && (smaller.kind !== 'refused' || smaller.refusals[0]?.code !== 'memory'))
      return null;
    return {
      constraint: 'memory',
      explanation: `Memory decides the size of the cluster: ${thousands(devices / 2)} devices do not surely hold the model and its training states.`,
    };
  }
  const { wallClockDays } = smaller.plan.run;
  // a cluster that misses the deadline all the same is as fast as it gets: its step limits it
  if (wallClockDays <= deadlineDays || plan.run.cleanHours > smaller.plan.run.cleanHours) return null;
  const whose = request.deadlineDays === undefined ? 'the default of ' : '';
  return {
    constraint: 'deadline',
    explanation: `The deadline decides the size of the cluster: ${thousands(devices / 2)} devices would take ${durationInWords(wallClockDays)}, ${whose}${durationInWords(deadlineDays)} ${request.deadlineDays === undefined ? 'is aimed at' : 'are allowed'}.`,
  };
}

function* budgetConstraint(choice: TrainingChoice, question: TrainingQuestion): Interruptible<Explained | null> {
  const { budgetUsd, budgetDeviceHours } = question.request;
  if (budgetUsd === undefined && budgetDeviceHours === undefined) return null;
  const devices = choice.plan.cluster.devices * 2;
  const larger = yield* onDevices(choice, question, devices);
  if (larger === null || !isTrainingChoice(larger)) return null;
  const { wallClockDays } = larger.plan.run;
  if (wallClockDays * LEAST_SPEEDUP > choice.plan.run.wallClockDays) return null;
  const { usd, deviceHours } = paidOf(larger);
  const dearer = budgetUsd !== undefined && usd > Number(budgetUsd);
  if (!dearer && (budgetDeviceHours === undefined || deviceHours <= budgetDeviceHours)) return null;
  const takes = dearer ? moneyInWords(usd, 'USD') : `${thousands(Math.round(deviceHours))} device-hours`;
  const limit = dearer ? moneyInWords(Number(budgetUsd), 'USD') : `${thousands(budgetDeviceHours ?? 0)}`;
  return {
    constraint: 'budget',
    explanation: `The budget decides the size of the cluster: ${thousands(devices)} devices would take ${durationInWords(wallClockDays)} and ${takes}, beyond the ${limit} allowed.`,
  };
}

const paidOf = ({ computeUsd, quote, plan }: TrainingChoice) => ({
  usd: computeUsd,
  deviceHours: quote.devicesPaid * plan.run.wallClockHours,
});

/** The budget with which more devices are no longer worth their money. */
function* moreBudget(choice: TrainingChoice, question: TrainingQuestion): Interruptible<RelaxationAdvice | null> {
  const { budgetUsd, budgetDeviceHours } = question.request;
  let reached = choice;
  for (let doubling = 1; doubling <= MOST_DOUBLINGS; doubling++) {
    const larger = yield* onDevices(choice, question, choice.plan.cluster.devices * 2 ** doubling);
    if (larger === null || !isTrainingChoice(larger)) break;
    if (larger.plan.run.wallClockDays * LEAST_SPEEDUP > reached.plan.run.wallClockDays) break;
    reached = larger;
  }
  const { usd, deviceHours } = paidOf(reached);
  if (budgetUsd !== undefined && usd > Number(budgetUsd)) {
    return yield* verified(choice, question, 'budget', '/budgetUsd', budgetUsd, String(Math.ceil(usd)));
  }
  if (budgetDeviceHours === undefined || deviceHours <= budgetDeviceHours) return null;
  return yield* verified(choice, question, 'budget', '/budgetDeviceHours', budgetDeviceHours, Math.ceil(deviceHours));
}

/**
 * Half the cluster, said outright, where the deadline is ours; where it is the caller's own, the one from which the smallest
 * cluster that holds the model is enough. Null where the smaller cluster is not cheaper.
 */
function* laterDeadline(choice: TrainingChoice, question: TrainingQuestion): Interruptible<RelaxationAdvice | null> {
  const { devices } = choice.plan.cluster;
  const { deadlineDays } = question.request;
  if (deadlineDays === undefined) {
    return yield* verified(choice, question, 'deadline', '/cluster/devices', devices, devices / 2, cheaper);
  }
  for (let size = smallestSize(choice.device, choice.plan.workload); size < devices; size *= 2) {
    const smallest = yield* onDevices(choice, question, size);
    if (smallest === null || !isTrainingChoice(smallest) || smallest.plan.fit !== 'fits') continue;
    const days = Math.ceil(smallest.plan.run.wallClockDays);
    if (days > deadlineDays * LATEST_DEADLINE_FACTOR) return null;
    return yield* verified(choice, question, 'deadline', '/deadlineDays', deadlineDays, days, cheaper);
  }
  return null;
}

interface Trial {
  readonly field: string;
  readonly from: number | string;
  readonly to: number | string;
}

/** Of the changes that make something else the limit and are worth their money, the one with the cheapest run. */
function* anotherLimit(
  choice: TrainingChoice,
  question: TrainingQuestion,
  now: string,
): Interruptible<RelaxationAdvice | null> {
  const { workload, cluster } = choice.plan;
  const batchTokens = workload.globalBatchSequences * workload.sequenceLength;
  const trials: Trial[] = [
    ...narrowerPrecisions(workload.precision).map((precision) => ({
      field: '/precision',
      from: workload.precision,
      to: precision,
    })),
    ...[2, 4, 16].map((factor) => ({ field: '/globalBatchTokens', from: batchTokens, to: batchTokens * factor })),
    ...[0.5, 0.25, 2, 4, 16]
      .map((factor) => cluster.devices * factor)
      .filter((devices) => Number.isInteger(devices) && devices >= 1)
      .map((devices) => ({ field: '/cluster/devices', from: cluster.devices, to: devices })),
  ];
  let best: { readonly trial: Trial; readonly outcome: TrainingChoice } | null = null;
  for (const trial of trials) {
    const changed = { ...question, request: changedRequest(question.request, trial.field, trial.to) };
    const outcome = yield* attempt(choice, changed);
    if (outcome === null || !isTrainingChoice(outcome) || isLessSure(outcome, choice)) continue;
    if (!worthwhile(outcomeOf(choice), outcomeOf(outcome))) continue;
    if (best !== null && outcome.computeUsd >= best.outcome.computeUsd) continue;
    if ((yield* constraintOf(outcome, changed)) !== now) best = { trial, outcome };
  }
  return best === null ? null : { ...best.trial, effect: effectOf(choice, best.outcome) };
}

/** Advice must not make the fit in memory less sure. */
const isLessSure = (outcome: TrainingChoice, now: TrainingChoice): boolean =>
  leastSure([outcome.plan.fit, now.plan.fit]) !== now.plan.fit;

const outcomeOf = ({ computeUsd, plan }: TrainingChoice): Outcome => ({ computeUsd, days: plan.run.wallClockDays });

const cheaper = (now: TrainingChoice, changed: TrainingChoice): boolean => changed.computeUsd < now.computeUsd;

/** The advice where the run planned with it is limited by something else, and is as wanted. */
function* verified(
  choice: TrainingChoice,
  question: TrainingQuestion,
  now: string,
  field: string,
  from: number | string,
  to: number | string,
  wanted: (now: TrainingChoice, changed: TrainingChoice) => boolean = () => true,
): Interruptible<RelaxationAdvice | null> {
  const changed = { ...question, request: changedRequest(question.request, field, to) };
  const outcome = yield* attempt(choice, changed);
  if (outcome === null || !isTrainingChoice(outcome) || isLessSure(outcome, choice)) return null;
  if (!wanted(choice, outcome)) return null;
  return (yield* constraintOf(outcome, changed)) === now
    ? null
    : { field, from, to, effect: effectOf(choice, outcome) };
}

function* constraintOf(choice: TrainingChoice, question: TrainingQuestion): Interruptible<string> {
  const size = yield* sizeConstraint(choice, question);
  return size?.constraint ?? stepConstraint(choice.plan.best.step.split).constraint;
}

function effectOf(now: TrainingChoice, changed: TrainingChoice): string {
  const days = [changed, now].map(({ plan }) => durationInWords(plan.run.wallClockDays));
  const money = [changed, now].map(({ computeUsd }) => moneyInWords(computeUsd, 'USD'));
  return `takes ${days[0]} on ${thousands(changed.plan.cluster.devices)} devices for ${money[0]} of compute, instead of ${days[1]} for ${money[1]}`;
}

/** The run on so many devices, whatever the deadline and the budget say. */
function* onDevices(
  choice: TrainingChoice,
  question: TrainingQuestion,
  devices: number,
): Interruptible<TrainingChoice | TrainingRejection | null> {
  const { deadlineDays: _deadline, budgetUsd: _usd, budgetDeviceHours: _hours, ...request } = question.request;
  const { objective: _objective, ...cluster } = request.cluster ?? {};
  return yield* attempt(choice, { ...question, request: { ...request, cluster: { ...cluster, devices } } });
}

/** Null where the request contradicts itself. */
function* attempt(
  choice: TrainingChoice,
  question: TrainingQuestion,
): Interruptible<TrainingChoice | TrainingRejection | null> {
  try {
    checkRequest(question.request, question.model);
  } catch (error) {
    if (error instanceof RequestFaultError) return null;
    throw error;
  }
  yield;
  return yield* planningOnDevice(choice.device, question, new AssumptionLog());
}

const narrowerPrecisions = (precision: TrainingPrecision): TrainingPrecision[] =>
  precision === 'bf16' || precision === 'fp16' ? ['fp8', 'nvfp4'] : precision === 'nvfp4' ? [] : ['nvfp4'];
