/**
 * The nearest single change of the request that makes an infeasible run feasible. Every change is tried before it is
 * named: the run is planned again with it.
 */
import type { Device } from '../../devices/device.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import type { RelaxationAdvice } from '../../estimate/answer.ts';
import { changedRequest, fieldOf } from '../../estimate/changed-request.ts';
import { hardwarePricing } from '../../estimate/hardware-pricing.ts';
import type { Interruptible } from '../../estimate/interruptible.ts';
import { RequestFaultError } from '../../estimate/request-fault.ts';
import { moneyInWords, thousands } from '../../estimate/words.ts';
import { checkRequest } from '../check-request.ts';
import { durationInWords } from '../duration-in-words.ts';
import { type DeviceRemedy, type OfferQuestion, offerRemedies } from '../offer-remedies.ts';
import type { TrainingRequest } from '../request.ts';
import { roundedUp } from '../rounded-up.ts';
import type { TrainingWorkload } from '../workload.ts';
import {
  comparingTrainingDevices,
  isTrainingChoice,
  planningOnDevice,
  type TrainingChoice,
  type TrainingComparison,
  type TrainingQuestion,
  type TrainingRejection,
} from './device-choice.ts';
import { trainingExclusions } from './explain.ts';
import { refusalRemedies } from './refusal-remedies.ts';
import { workloadOf } from './request-workload.ts';

export interface InfeasibleQuestion extends TrainingQuestion, OfferQuestion {
  /** As the caller wrote it, before the terms that go without saying for the device. */
  readonly asked: TrainingRequest;
}

/** Each plans a run, some with a search of the layout. */
const MOST_TRIES = 20;
/** Rejected devices for which changes are looked for, the nearest to what was asked. */
const MOST_DEVICES = 3;
/** A deadline set to the very days of a cluster may choose another one: a little more is tried too. */
const ALLOWANCES = [1, 1.02, 1.1, 1.5];
const LARGER_CLUSTERS = [2, 4, 8, 16, 32];
const SMALLER_CLUSTERS = [2, 4, 8];

/**
 * Null where none of the first few changes helps. Where two reasons stand against the run no single change makes it
 * feasible; then one that removes the first reason is named, with what remains.
 */
export function* infeasibleRelaxation(
  question: InfeasibleQuestion,
  { rejections, unpriced }: TrainingComparison,
): Interruptible<RelaxationAdvice | null> {
  let tries = 0;
  let progress: RelaxationAdvice | null = null;
  const tried = new Set<string>();
  for (const { device, field, to } of remedies(question, rejections, unpriced)) {
    const from = presentValue(question, device, field);
    const key = `${device.id} ${field} ${to}`;
    if (String(from) === String(to) || tried.has(key)) continue;
    tried.add(key);
    if (tries++ >= MOST_TRIES) break;
    yield;
    const outcome = yield* planned(question, device, field, to);
    if (outcome === null) continue;
    if (isTrainingChoice(outcome)) return { field, from, to, effect: effectOf(outcome) };
    const before = rejections.find((rejection) => rejection.device === device);
    if (progress === null && isProgress(before, outcome)) {
      const [remaining] = trainingExclusions([outcome], question.request);
      progress = { field, from, to, effect: `this reason then falls away; what remains: ${remaining?.detail ?? ''}` };
    }
  }
  return (yield* otherDevice(question)) ?? progress;
}

const STAGES: readonly TrainingRejection['kind'][] = ['no_price', 'refused', 'deadline', 'budget'];

/** Whether the run fails later than before, or no longer for the reason it was refused for first. */
function isProgress(before: TrainingRejection | undefined, after: TrainingRejection): boolean {
  if (before === undefined || before.kind === 'no_price') return after.kind !== 'no_price';
  const further = STAGES.indexOf(after.kind) - STAGES.indexOf(before.kind);
  if (further !== 0 || before.kind !== 'refused' || after.kind !== 'refused') return further > 0;
  const [first] = before.refusals;
  return after.refusals.every(({ code }) => code !== first?.code);
}

function* remedies(
  question: InfeasibleQuestion,
  rejections: readonly TrainingRejection[],
  unpriced: readonly Device[],
): Generator<DeviceRemedy> {
  const { request } = question;
  yield* budgetRemedies(rejections, request);
  yield* deadlineRemedies(rejections, request);
  const refused = rejections
    .filter((rejection) => rejection.kind === 'refused')
    // where one is to be found, it is found on the roomiest
    .sort((a, b) => (b.device.memoryBytes ?? 0) - (a.device.memoryBytes ?? 0) || (a.device.id < b.device.id ? -1 : 1))
    .slice(0, MOST_DEVICES);
  for (const { device, refusals } of refused) {
    const workload = workloadOn(question, device);
    for (const refusal of refusals) {
      for (const remedy of refusalRemedies(refusal, request, workload, device)) yield { ...remedy, device };
    }
  }
  // fewer may hold it, only less surely
  for (const rejection of rejections) {
    if (rejection.kind !== 'no_price' || rejection.devices === null) continue;
    for (const part of SMALLER_CLUSTERS) {
      const devices = Math.floor(rejection.devices / part);
      if (devices >= 1) yield { device: rejection.device, field: '/cluster/devices', to: devices };
    }
  }
  const withoutPrice = rejections.flatMap((rejection) => (rejection.kind === 'no_price' ? [rejection.device] : []));
  yield* offerRemedies(question, [...withoutPrice, ...unpriced]);
}

type Budgeted = Extract<TrainingRejection, { kind: 'budget' }>;

/** A longer deadline where that is enough for the budget, else the budget that the least exceeding device takes. */
function* budgetRemedies(rejections: readonly TrainingRejection[], request: TrainingRequest): Generator<DeviceRemedy> {
  const planned = rejections
    .filter((rejection): rejection is Budgeted => rejection.kind === 'budget' && rejection.plan !== null)
    .sort((a, b) => a.usd - b.usd || (a.device.id < b.device.id ? -1 : 1))
    .slice(0, MOST_DEVICES);
  for (const { device, daysWithinBudget } of planned) {
    if (daysWithinBudget === null) continue;
    for (const allowance of ALLOWANCES) {
      yield { device, field: '/deadlineDays', to: roundedUp(daysWithinBudget * allowance) };
    }
  }
  for (const { device, usd, deviceHours } of planned) {
    if (request.budgetUsd !== undefined) {
      yield { device, field: '/budgetUsd', to: String(roundedUp(Math.max(usd, Number(request.budgetUsd)))) };
    }
    if (request.budgetDeviceHours !== undefined && deviceHours !== null) {
      yield { device, field: '/budgetDeviceHours', to: roundedUp(deviceHours) };
    }
  }
}

function* deadlineRemedies(
  rejections: readonly TrainingRejection[],
  { cluster }: TrainingRequest,
): Generator<DeviceRemedy> {
  const missed = rejections
    .filter((rejection) => rejection.kind === 'deadline')
    .sort((a, b) => a.plan.run.wallClockDays - b.plan.run.wallClockDays || (a.device.id < b.device.id ? -1 : 1))
    .slice(0, MOST_DEVICES);
  for (const { device, plan } of missed) {
    for (const allowance of ALLOWANCES) {
      yield { device, field: '/deadlineDays', to: roundedUp(plan.run.wallClockDays * allowance) };
    }
    const devices = cluster?.devices;
    if (devices === undefined) continue;
    for (const factor of LARGER_CLUSTERS) yield { device, field: '/cluster/devices', to: devices * factor };
  }
}

/** The run with the change; null where the change contradicts the rest of the request. */
function* planned(
  question: InfeasibleQuestion,
  device: Device,
  field: string,
  to: number | string,
): Interruptible<TrainingChoice | TrainingRejection | null> {
  const dated = field === '/pricingAt';
  const request = dated ? question.request : changedRequest(question.request, field, to);
  const at = dated ? String(to) : question.at;
  try {
    checkRequest(request, question.model);
    const repriced = dated || field.startsWith('/purchase') || field.startsWith('/location');
    const pricing = repriced
      ? hardwarePricing(question.snapshot, request.location ?? {}, request.purchase ?? {}, at, request.site)
      : question.pricing;
    return yield* planningOnDevice(device, { ...question, request, pricing }, new AssumptionLog());
  } catch (error) {
    if (error instanceof RequestFaultError) return null;
    throw error;
  }
}

/** Where the named device cannot: the one that costs least of those that can. */
function* otherDevice(question: InfeasibleQuestion): Interruptible<RelaxationAdvice | null> {
  const { device, ...open } = question.asked;
  if (device === undefined) return null;
  const pricing = hardwarePricing(question.snapshot, open.location ?? {}, open.purchase ?? {}, question.at, open.site);
  const { choices } = yield* comparingTrainingDevices(question.snapshot, { ...question, request: open, pricing });
  const [choice] = choices;
  return choice === undefined
    ? null
    : { field: '/device', from: device, to: choice.device.id, effect: effectOf(choice) };
}

const effectOf = ({ device, plan, computeUsd }: TrainingChoice): string =>
  `${thousands(plan.cluster.devices)} x ${device.name} then take ${durationInWords(plan.run.wallClockDays)} and ${moneyInWords(computeUsd, 'USD')} of compute${plan.fit === 'fits' ? '' : `; it is ${plan.fit} to fit in memory`}`;

const workloadOn = ({ request, model, tokens }: InfeasibleQuestion, device: Device): TrainingWorkload =>
  workloadOf(request, model, tokens, device, new AssumptionLog());

/** What the request says, or what stands in its place; null where that is left open. */
function presentValue(question: InfeasibleQuestion, device: Device, field: string): number | string | null {
  const given = fieldOf(question.request, field);
  if (typeof given === 'number' || typeof given === 'string') return given;
  switch (field) {
    case '/pricingAt':
      return question.at;
    case '/purchase/category':
      return 'on_demand';
    case '/precision':
      return workloadOn(question, device).precision;
    case '/sequenceLength':
      return workloadOn(question, device).sequenceLength;
    case '/globalBatchTokens': {
      const { globalBatchSequences, sequenceLength } = workloadOn(question, device);
      return globalBatchSequences * sequenceLength;
    }
    default:
      return null;
  }
}
