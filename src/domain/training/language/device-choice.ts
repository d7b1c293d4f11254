/**
 * Which device trains for least money. A named device is planned alone; with none named, devices are tried in the order
 * of a lower bound on their cost until the bound of the next exceeds the cost of the options found.
 */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { isInferenceOnly } from '../../devices/inference-only.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import type { HardwarePricing, HardwareQuote } from '../../estimate/hardware-pricing.ts';
import { type Interruptible, uninterrupted } from '../../estimate/interruptible.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { SECONDS_PER_HOUR } from '../../units.ts';
import { checkWorkload } from '../check-workload.ts';
import { clusterOf } from '../cluster.ts';
import type { TrainingRequest } from '../request.ts';
import type { TrainingRefusal } from '../results.ts';
import { budgetOf, expectedOverClean, isPlan, paidFor, planRun, quoteFor, type RunPlan } from '../run/plan.ts';
import { withinBudget } from '../run/run-size.ts';
import { leastDeviceSecondsPerToken } from '../step/step-time.ts';
import { workloadOf } from './request-workload.ts';

export interface TrainingQuestion {
  readonly request: TrainingRequest;
  readonly model: LanguageArchitecture;
  readonly tokens: number;
  readonly pricing: HardwarePricing;
}

export interface TrainingChoice {
  readonly device: Device;
  readonly plan: RunPlan;
  readonly quote: HardwareQuote;
  /** Hardware for the final run, for ranking. */
  readonly computeUsd: number;
}

export type TrainingRejection =
  | {
      readonly device: Device;
      readonly kind: 'refused';
      readonly refusals: readonly TrainingRefusal[];
      readonly smallestFittingDevices: number | null;
    }
  | { readonly device: Device; readonly kind: 'deadline'; readonly plan: RunPlan }
  | {
      readonly device: Device;
      readonly kind: 'budget';
      /** What the run costs and takes; null where even a lower bound exceeds the budget. */
      readonly plan: RunPlan | null;
      readonly usd: number;
      readonly deviceHours: number | null;
      /** The fastest that the budget pays for, where only the deadline stands against it. */
      readonly daysWithinBudget: number | null;
    }
  | {
      readonly device: Device;
      readonly kind: 'no_price';
      /** Offered, but not as many as the run takes in one machine; null where it is not offered at all. */
      readonly devices: number | null;
    };

export interface TrainingComparison {
  readonly choices: readonly TrainingChoice[];
  readonly rejections: readonly TrainingRejection[];
  readonly dearer: readonly Device[];
  /** Accelerators without any price at the place and on the terms asked for; none where the device was named. */
  readonly unpriced: readonly Device[];
}

const NAMED_OPTIONS = 3;
const MANY_DEVICES = 1e6;
/** The fastest run is looked for on as many devices: every one takes a layout search per cluster size. */
const MOST_TRIED = 8;

interface BoundedDevice {
  readonly device: Device;
  /** Device-hours and cost that no run on it stays below, on a cluster of any size. */
  readonly hours: number;
  readonly bound: number;
  /** Of one device, for comparing sizes that cost alike. */
  readonly usdPerHour: number;
}

export const isTrainingChoice = (outcome: TrainingChoice | TrainingRejection): outcome is TrainingChoice =>
  'quote' in outcome;

export const planOnDevice = (...asked: Parameters<typeof planningOnDevice>): TrainingChoice | TrainingRejection =>
  uninterrupted(planningOnDevice(...asked));

/**
 * Interruptible between any two cluster sizes.
 * @param log receives the defaults used; give a fresh one to try a device out
 */
export function* planningOnDevice(
  device: Device,
  question: TrainingQuestion,
  log: AssumptionLog,
): Interruptible<TrainingChoice | TrainingRejection> {
  const { request, model, tokens, pricing } = question;
  if (pricing.quote(device, 1, 1) === null) return { device, kind: 'no_price', devices: null };
  const plan = yield* planRun(request, model, tokens, device, pricing, log);
  if (!isPlan(plan)) {
    const { refusals, smallestFittingDevices } = plan.search;
    return { device, kind: 'refused', refusals, smallestFittingDevices };
  }
  if (request.deadlineDays !== undefined && plan.run.wallClockDays > request.deadlineDays) {
    return { device, kind: 'deadline', plan };
  }
  const quote = quoteFor(pricing, plan.cluster, plan.devicesHeld);
  if (quote === null) return { device, kind: 'no_price', devices: plan.cluster.devices };
  const paid = paidFor(request, pricing, quote, plan);
  if (!withinBudget(budgetOf(request), paid)) {
    return { device, kind: 'budget', plan, ...paid, daysWithinBudget: yield* daysWithinBudget(device, question) };
  }
  return { device, plan, quote, computeUsd: paid.usd };
}

/** Days of the fastest run within the budget where a deadline stands against it; null where none did or none is. */
function* daysWithinBudget(device: Device, question: TrainingQuestion): Interruptible<number | null> {
  const { deadlineDays, cluster, ...request } = question.request;
  if (deadlineDays === undefined || cluster?.devices !== undefined) return null;
  const unhurried = { ...request, cluster: { ...cluster, objective: 'fastest' as const } };
  const outcome = yield* planningOnDevice(device, { ...question, request: unhurried }, new AssumptionLog());
  return isTrainingChoice(outcome) ? outcome.plan.run.wallClockDays : null;
}

/** Every accelerator that is offered, with its bounds. */
export function boundedDevices(
  snapshot: CatalogSnapshot,
  question: TrainingQuestion,
): { readonly bounded: readonly BoundedDevice[]; readonly unpriced: readonly Device[] } {
  const bounded: BoundedDevice[] = [];
  const unpriced: Device[] = [];
  const { pricing } = question;
  const share = pricing.mode === 'owned' ? LEAST_OWNED_SHARE : 1;
  for (const device of snapshot.devices) {
    // a phone, a board or an inference chip is no training hardware, and would only stand in the list of reasons
    if (device.class === 'edge' || device.class === 'cpu' || isInferenceOnly(device)) continue;
    const bulk = pricing.quote(device, MANY_DEVICES, 1);
    if (bulk === null) {
      unpriced.push(device);
      continue;
    }
    const hours = leastDeviceHours(question, device);
    const usdPerHour = bulk.usdPerHour / bulk.devicesPaid;
    bounded.push({ device, hours, bound: hours * usdPerHour * share, usdPerHour });
  }
  return { bounded, unpriced };
}

/**
 * The quote of owned hardware is of an hour in which it serves, in a full hall. Training draws more, waits for a part of its life and
 * takes a network; where its own site needs less for cooling, so much of the quote is left at the least.
 */
const LEAST_OWNED_SHARE = 0.9;

/** Interruptible between any two runs that are planned. */
export function* comparingTrainingDevices(
  snapshot: CatalogSnapshot,
  question: TrainingQuestion,
): Interruptible<TrainingComparison> {
  const budget = budgetOf(question.request);
  const fastest = question.request.cluster?.objective === 'fastest';
  const { bounded: offered, unpriced } = boundedDevices(snapshot, question);
  const bounded = [...offered].sort(
    (a, b) => (fastest ? a.hours - b.hours : a.bound - b.bound) || (a.device.id < b.device.id ? -1 : 1),
  );
  const ordered = fastest ? yield* fastestAtOneSize(question, bounded) : bounded;

  const rank = ({ computeUsd, plan }: TrainingChoice): number => (fastest ? plan.run.wallClockHours : computeUsd);
  const choices: TrainingChoice[] = [];
  const rejections: TrainingRejection[] = [];
  const dearer: Device[] = [];
  let overBudget = 0;
  for (const { device, hours, bound } of ordered) {
    const lastNamed = choices[NAMED_OPTIONS - 1];
    const hopeless = !fastest && lastNamed !== undefined && bound > lastNamed.computeUsd;
    if (hopeless || (fastest && choices.length + dearer.length >= MOST_TRIED)) {
      dearer.push(device);
      continue;
    }
    // the first few are planned all the same, for the answer to say what they take
    if (overBudget >= NAMED_OPTIONS && !withinBudget(budget, { usd: bound, deviceHours: hours })) {
      rejections.push({ device, kind: 'budget', plan: null, usd: bound, deviceHours: null, daysWithinBudget: null });
      continue;
    }
    yield;
    const outcome = yield* planningOnDevice(device, question, new AssumptionLog());
    if (!isTrainingChoice(outcome)) {
      if (outcome.kind === 'budget') overBudget++;
      rejections.push(outcome);
      continue;
    }
    choices.push(outcome);
    choices.sort((a, b) => rank(a) - rank(b) || (a.device.id < b.device.id ? -1 : 1));
    const dropped = choices.length > NAMED_OPTIONS ? choices.pop() : undefined;
    if (dropped !== undefined) dearer.push(dropped.device);
  }
  return {
    choices,
    rejections: choices.length > 0 ? rejections : yield* leastPlanned(rejections, question),
    dearer,
    unpriced,
  };
}

type OverBudget = Extract<TrainingRejection, { kind: 'budget' }>;

/** Where nothing is within the budget, every run that may take less money than those planned is planned too: the least is advised. */
function* leastPlanned(
  rejections: readonly TrainingRejection[],
  question: TrainingQuestion,
): Interruptible<TrainingRejection[]> {
  const overBudget = rejections.filter((rejection): rejection is OverBudget => rejection.kind === 'budget');
  let least = Math.min(...overBudget.flatMap(({ plan, usd }) => (plan === null ? [] : [usd])));
  const planned = new Map<TrainingRejection, TrainingRejection>();
  for (const bounded of overBudget.filter(({ plan }) => plan === null).sort((a, b) => a.usd - b.usd)) {
    if (bounded.usd >= least) break;
    yield;
    const outcome = yield* planningOnDevice(bounded.device, question, new AssumptionLog());
    if (isTrainingChoice(outcome)) continue;
    planned.set(bounded, outcome);
    if (outcome.kind === 'budget') least = Math.min(least, outcome.usd);
  }
  return rejections.map((rejection) => planned.get(rejection) ?? rejection);
}

/**
 * The order in which the fastest is looked for: every device is timed once, at the size that the first one reaches, or as
 * much more or less of it as costs the same where there is a budget. Those that cannot run at that size come last.
 */
function* fastestAtOneSize(
  question: TrainingQuestion,
  bounded: readonly BoundedDevice[],
): Interruptible<readonly BoundedDevice[]> {
  const { budgetUsd, budgetDeviceHours: _hours, deadlineDays: _deadline, ...request } = question.request;
  const { objective: _objective, ...cluster } = request.cluster ?? {};
  const reference = yield* firstChoice(question, bounded);
  if (reference === null) return bounded;
  const { quote, plan } = reference;
  const usdPerHour = quote.usdPerHour / quote.devicesPaid;
  const timed: { readonly entry: BoundedDevice; readonly hoursTaken: number }[] = [];
  for (const entry of bounded) {
    yield;
    const { device, usdPerHour: price } = entry;
    const alike = plan.cluster.devices * (budgetUsd === undefined || price <= 0 ? 1 : usdPerHour / price);
    const node = Math.max(1, device.devicesPerNode);
    const devices = node * 2 ** Math.max(0, Math.round(Math.log2(alike / node)));
    const outcome = yield* planningOnDevice(
      device,
      { ...question, request: { ...request, cluster: { ...cluster, devices } } },
      new AssumptionLog(),
    );
    const hoursTaken = isTrainingChoice(outcome) ? outcome.plan.run.wallClockHours : Number.POSITIVE_INFINITY;
    timed.push({ entry, hoursTaken });
  }
  return timed.sort((a, b) => compare(a.hoursTaken, b.hoursTaken)).map(({ entry }) => entry);
}

/** Infinities are equal to each other, and keep their order. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

function* firstChoice(
  question: TrainingQuestion,
  bounded: readonly BoundedDevice[],
): Interruptible<TrainingChoice | null> {
  for (const { device } of bounded) {
    yield;
    const outcome = yield* planningOnDevice(device, question, new AssumptionLog());
    if (isTrainingChoice(outcome)) return outcome;
  }
  return null;
}

/** No layout and no cluster does better: steps without any loss, no interruption. Zero where the device lacks a figure. */
function leastDeviceHours({ request, model, tokens }: TrainingQuestion, device: Device): number {
  const workload = workloadOf(request, model, tokens, device, new AssumptionLog());
  const one = clusterOf(device, 1);
  if (checkWorkload(workload, one).length > 0) return 0;
  const clean = (tokens * leastDeviceSecondsPerToken(workload, device)) / SECONDS_PER_HOUR;
  return clean * expectedOverClean(request, workload, one, tokens);
}
