/**
 * What carrying a stage's load on a device at a site costs, how fast it answers and what it needs. Models are asked of
 * the inference estimate itself, so that a placement and an estimate of the same configuration are one computation.
 */

import type { Device } from '../devices/device.ts';
import { inPowerMode, powerModesOf } from '../devices/power-modes.ts';
import type { Assumption } from '../economics/assumption.ts';
import type { DraftItem } from '../economics/line-item.ts';
import type { PriceUse } from '../economics/price-use.ts';
import { devicePower } from '../energy/index.ts';
import type { Exclusion } from '../estimate/answer.ts';
import { RequestFaultError } from '../estimate/request-fault.ts';
import type { Purchase } from '../estimate/selectors.ts';
import { MAX_UTILIZATION } from '../inference/defaults.ts';
import { estimateInference } from '../inference/estimate.ts';
import type { FeasibleInference } from '../inference/estimate-result.ts';
import { withoutStreamed } from '../inference/latency-objectives.ts';
import type { InferenceRequest, Objectives } from '../inference/request.ts';
import { type Money, price, sum, toNumber } from '../money.ts';
import type { TrainingRequest } from '../training/request.ts';
import { WATTS_PER_KILOWATT } from '../units.ts';
import { fieldCost } from './field-cost.ts';
import { isInField, modelUpdates, updateItems } from './model-updates.ts';
import type { NamedWork, PlaceableDevice, PlaceableSite, Scenario, Stage } from './scenario.ts';
import { serveFunction } from './serve-function.ts';
import { serveTraining } from './serve-training.ts';
import type { Steps } from './shared-queue.ts';
import { INTERACTIVE, isLanguage } from './stages.ts';
import { updateBytes } from './weights-bytes.ts';

export interface ServeQuestion {
  readonly stage: Stage;
  readonly work: NamedWork;
  readonly site: PlaceableSite;
  readonly device: PlaceableDevice;
  readonly purchase: Purchase;
  /** Part of the stage's load, 0 to 1. */
  readonly share: number;
  /** What the service alone may take at p95, ms; null: no limit but the component's own objectives. */
  readonly objectiveMs: number | null;
  /** Speed of the device in its power mode and heat over its full speed. */
  readonly speed: number;
  /** Power mode of the maker's below full power that it runs in, W; null: none. */
  readonly modeWatts: number | null;
  /** Instead of what the component asks for. */
  readonly spareReplicas?: number;
}

export interface PercentilesMs {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Served {
  readonly status: 'served';
  /** Per unit of a fleet; all of them elsewhere. */
  readonly devices: number;
  readonly units: number;
  readonly weightFormat: string | null;
  /** All units together. */
  readonly items: readonly DraftItem[];
  readonly total: Money;
  /** USD a month, for ranking. */
  readonly usdPerMonth: number;
  /** Installation, visits and lines of devices in the field, which no estimate knows. */
  readonly fieldItems: readonly DraftItem[];
  readonly fieldUsdPerMonth: number;
  /** Operation and manufacture; null where no power figure is known. */
  readonly carbonKilograms: number | null;
  /** Manufacture's part of it, which no grid changes. */
  readonly embodiedCarbonKilograms: number;
  /** Part of its electricity that it draws whether it works or not, 0 to 1. */
  readonly idleShare: number;
  /** Power drawn by all of the site over that of the hardware; null where none is known. */
  readonly pue: number | null;
  readonly facilityKilowatts: number | null;
  readonly rack: FeasibleInference['racks'];
  readonly serviceMs: PercentilesMs;
  /** At the peak, of one unit. */
  readonly requestsPerSecond: number;
  /** Devices of a unit kept busy then, a fraction. */
  readonly busyDevices: number;
  /** Of a language model, which gives way after each; of one unit. */
  readonly steps: Steps | null;
  /** Share of time that a device may be kept busy. */
  readonly maxUtilization: number;
  readonly memory: {
    readonly weightsBytes: number;
    readonly requiredBytes: number;
    /** Null where nobody says what memory the device has. */
    readonly usableBytes: number | null;
  } | null;
  readonly prices: readonly PriceUse[];
  readonly assumptions: readonly Assumption[];
  /** Asked of POST /v1/estimates/inference it gives these figures for one unit; null for functions. */
  readonly estimateRequest: InferenceRequest | null;
  /** Asked of POST /v1/estimates/training it gives these figures for one run; null for all else. */
  readonly trainingRequest: TrainingRequest | null;
  /** When a reader sees the first token; null for all that writes none. */
  readonly ttftMs: PercentilesMs | null;
}

export interface NotServed {
  readonly status: 'not_served';
  readonly reasons: readonly Exclusion[];
}

/** What is kept of a device's answer where only what it can do is asked: the estimate behind it is a hundred times as large. */
export type Capacity = Pick<Served, 'status' | 'devices' | 'busyDevices' | 'serviceMs' | 'memory'> | NotServed;

/** What a device can do, remembered by its question; the estimate behind it is not. */
export function capacity(scenario: Scenario, question: ServeQuestion): Capacity {
  const isModel = question.stage.component.training === undefined && question.work.work.function === undefined;
  const key = isModel
    ? JSON.stringify([
        inferenceRequestOf(scenario, question),
        question.speed,
        question.stage.component.latency?.measure,
      ])
    : null;
  const known = key === null ? undefined : scenario.capacities.get(key);
  if (known !== undefined) return known;
  const served = serve({ ...scenario, estimates: new Map() }, question);
  const found: Capacity =
    served.status === 'not_served'
      ? served
      : {
          status: served.status,
          devices: served.devices,
          busyDevices: served.busyDevices,
          serviceMs: served.serviceMs,
          memory: served.memory,
        };
  if (key !== null) scenario.capacities.set(key, found);
  return found;
}

const REMEMBERED_STAGES = 40;

/** As the estimate assumes it. */
const DEFAULT_MAX_UTILIZATION = MAX_UTILIZATION.value;

export function serve(scenario: Scenario, question: ServeQuestion): Served | NotServed {
  const { work } = question.work;
  const { training } = question.stage.component;
  if (training !== undefined) return serveTraining(scenario, question, training);
  return work.function === undefined
    ? serveModel(scenario, question)
    : serveFunction(scenario, question, work.function);
}

function serveModel(scenario: Scenario, question: ServeQuestion): Served | NotServed {
  const request = inferenceRequestOf(scenario, question);
  const { snapshot, at } = scenario;
  const key = JSON.stringify(request);
  let estimate = scenario.estimates.get(key);
  try {
    estimate ??= estimateInference(snapshot, request, at);
    // of a large question the estimates take more memory than asking again takes time
    if (scenario.stages.length <= REMEMBERED_STAGES) scenario.estimates.set(key, estimate);
  } catch (error) {
    if (!(error instanceof RequestFaultError)) throw error;
    const overload = error.faults.find(({ pointer }) => pointer === '/userDevices/count');
    if (overload !== undefined) return notServed('load', overload.detail);
    const [missing] = error.faults.filter(({ rule }) => rule === 'figure_missing');
    if (missing !== undefined) return notServed('figure_missing', missing.detail);
    throw prefixed(error, question.work.pointer);
  }
  if (estimate.status === 'infeasible') {
    return estimate.reasons.length > 0
      ? { status: 'not_served', reasons: estimate.reasons }
      : notServed('not_offered', estimate.summary);
  }
  const { site, stage } = question;
  const speed = speedBesideMode(question);
  const { performance, deployment, energyPerMonth, racks, memory } = estimate;
  const slower = 1 / speed;
  const scaled = ({ p50, p95, p99 }: typeof timed): PercentilesMs => ({
    p50: p50.p50 * slower,
    p95: p95.p50 * slower,
    p99: p99.p50 * slower,
  });
  const timed =
    performance.kind === 'language'
      ? stage.component.latency?.measure === 'time_to_first_token'
        ? performance.ttftMs
        : performance.endToEndMs
      : performance.latencyMs;
  const bytes = updateBytes(snapshot, question.work.work, {
    memory: memory === null ? null : { ...memory, requiredBytes: 0 },
    weightFormat: deployment.weightFormat,
  });
  const field = fieldOf(question, deployment.devices, bytes);
  const items = scaledItems(estimate.costPerMonth.lineItems, site.units, stage.id);
  const total = sum(
    items.map(({ amount }) => amount),
    'USD',
  );
  return {
    status: 'served',
    devices: deployment.devices,
    units: site.units,
    weightFormat: deployment.weightFormat,
    items,
    total,
    usdPerMonth: toNumber(total),
    fieldItems: field.items,
    fieldUsdPerMonth: field.usdPerMonth,
    carbonKilograms:
      energyPerMonth === null
        ? null
        : site.units * (energyPerMonth.carbonKilograms.p50 + energyPerMonth.embodiedCarbonKilograms.p50),
    embodiedCarbonKilograms: energyPerMonth === null ? 0 : site.units * energyPerMonth.embodiedCarbonKilograms.p50,
    idleShare: energyPerMonth === null ? 0 : idleShareOf(scenario, question, energyPerMonth.averageWattsPerDevice),
    pue: energyPerMonth?.pue ?? null,
    facilityKilowatts: facilityKilowatts(scenario, question, deployment.devicesPaid, energyPerMonth?.pue ?? 1),
    rack: racks,
    serviceMs: scaled(timed),
    requestsPerSecond: estimate.workload.peakRequestsPerSecond * speed,
    maxUtilization: stage.component.objectives?.maxUtilization ?? DEFAULT_MAX_UTILIZATION,
    busyDevices: performance.utilizationAtPeak.p50 * deployment.servingReplicas * deployment.devicesPerReplica,
    // a replica writes while any request is with it, however little of what it could do it does
    steps:
      performance.kind === 'language'
        ? {
            activeDevices:
              deployment.servingReplicas *
              deployment.devicesPerReplica *
              (1 - Math.exp(-performance.meanConcurrencyPerReplica)),
            milliseconds: performance.timePerOutputTokenMs.p50.p50 * slower,
          }
        : null,
    memory:
      memory === null
        ? null
        : {
            weightsBytes: memory.weightsBytes,
            requiredBytes: memory.weightsBytes + memory.activationBytes + memory.overheadBytes,
            usableBytes: memory.usableBytes,
          },
    prices: estimate.prices,
    assumptions: [...estimate.assumptions, ...field.assumptions],
    estimateRequest: request,
    trainingRequest: null,
    ttftMs: performance.kind === 'language' ? scaled(performance.ttftMs) : null,
  };
}

/** The inference question that stands for one unit of this option. */
function inferenceRequestOf({ policies, snapshot }: Scenario, question: ServeQuestion): InferenceRequest {
  const { stage, work, site, device, purchase, share, objectiveMs, spareReplicas } = question;
  const { component } = stage;
  const speed = speedBesideMode(question);
  const powerWatts = modeWattsOf(question);
  const { model, customLanguageModel, customVisionModel } = work.work;
  const serving = powerWatts === null ? work.work.serving : { ...work.work.serving, powerWatts };
  const { promptTokens, outputTokens, audioSecondsPerRequest, imageSize, denoisingSteps, candidatesPerRequest } =
    work.work;
  const language = isLanguage(snapshot, work.work, work.pointer);
  const toFirstToken = language && component.latency?.measure === 'time_to_first_token';
  const own = objectivesOf(component, stage.part === 'whole' && work.id === 'own', language);
  const fleet = site.kind === 'device_fleet';
  const objectives = {
    ...own,
    ...(fleet && own.spareReplicas === undefined && { spareReplicas: 0 }),
    ...(spareReplicas !== undefined && { spareReplicas }),
    ...(objectiveMs !== null && { [toFirstToken ? 'ttftMsP95' : 'endToEndMsP95']: objectiveMs * speed }),
  };
  const { description } = site;
  if (device.userDevices !== null && language) {
    return given({
      model,
      customLanguageModel,
      requestsPerDay: (stage.requestsPerDay * share) / (site.units * speed),
      promptTokens,
      outputTokens,
      device: device.custom === null ? device.device.id : undefined,
      customDevice: device.custom ?? undefined,
      userDevices: { ...device.userDevices, count: 1 },
      traffic: component.traffic,
      objectives: Object.keys(objectives).length === 0 ? undefined : objectives,
      serving,
    }) as InferenceRequest;
  }
  const facts = {
    pue: description.pue,
    rackKilowatts: description.rackKilowatts,
    gridGramsCo2ePerKwh: description.gridGramsCo2ePerKwh,
  };
  const isOwned = purchase.category === 'owned';
  const electricity = description.electricityUsdPerKwh;
  const remote = isSentToUsers(stage, site);
  return given({
    model,
    customLanguageModel,
    customVisionModel,
    requestsPerDay: (stage.requestsPerDay * share) / (site.units * speed),
    promptTokens,
    outputTokens,
    audioSecondsPerRequest,
    imageSize,
    denoisingSteps,
    candidatesPerRequest,
    device: device.custom === null ? device.device.id : undefined,
    customDevice: device.custom ?? undefined,
    location: site.region === null ? { country: site.country } : { region: site.region.id },
    purchase:
      isOwned && electricity !== undefined
        ? { ...purchase, owned: { ...purchase.owned, electricityUsdPerKwh: electricity } }
        : purchase,
    traffic: component.traffic,
    objectives: Object.keys(objectives).length === 0 ? undefined : objectives,
    serving,
    scaling: component.scaling,
    site: Object.values(facts).every((value) => value === undefined) ? undefined : given(facts),
    responseKilobytes: remote ? stage.responseKilobytes : undefined,
    egressUsdPerGb: remote ? egressToUsers(site) : undefined,
    surcharges: policies.surcharges,
  }) as InferenceRequest;
}

/** The mode that site and caller leave: the lower of the two. */
const modeWattsOf = ({ modeWatts, work }: ServeQuestion): number | null => {
  const asked = work.work.serving?.powerWatts;
  return asked === undefined ? modeWatts : Math.min(asked, modeWatts ?? asked);
};

/** The estimate itself slows a model down to the named mode; what no mode names is a factor on top. */
const speedBesideMode = ({ speed, modeWatts }: ServeQuestion): number => (modeWatts === null ? speed : 1);

/** The device in its power mode, as its power figures are. */
export function asItRuns(question: ServeQuestion): Device {
  const { device } = question.device;
  const watts = modeWattsOf(question);
  const mode = watts === null ? undefined : powerModesOf(device).find((one) => one.watts === watts);
  return mode === undefined ? device : inPowerMode(device, mode);
}

/** The most that the devices of all units draw, those that come with whole servers and cooling included; null where no power figure is known. */
export function facilityKilowatts(
  { snapshot }: Scenario,
  question: ServeQuestion,
  devices: number,
  pue: number,
): number | null {
  const { device, site } = question;
  const power = devicePower(asItRuns(question), snapshot.systemsOfDevice(device.device.id), 'inference');
  if (power === null) return null;
  const watts = Math.min(power.maxWatts.value, device.powerLimitWatts ?? Number.POSITIVE_INFINITY);
  return (watts * devices * site.units * pue) / WATTS_PER_KILOWATT;
}

/** What a device draws idle over what it draws on average; 0 where no power figure is known. */
export function idleShareOf({ snapshot }: Scenario, question: ServeQuestion, averageWatts: number): number {
  const device = asItRuns(question);
  const power = devicePower(device, snapshot.systemsOfDevice(device.id), 'inference');
  return power === null || averageWatts <= 0 ? 0 : Math.min(1, power.idleWatts.value / averageWatts);
}

/** Objectives of streams of tokens mean nothing to a variant or a side of a split that writes none. */
function objectivesOf({ objectives, latency }: Stage['component'], isOwn: boolean, language: boolean): Objectives {
  if (objectives === undefined) return language && latency === undefined ? INTERACTIVE : {};
  if (language || isOwn) return objectives;
  return withoutStreamed(objectives);
}

/** Whether answers leave the site for its users; those of hard cases go to the place of the small model, as traffic between the two. */
export const isSentToUsers = ({ part, responseKilobytes, groups }: Stage, { userSide }: PlaceableSite): boolean =>
  part !== 'hard' && responseKilobytes > 0 && groups.some(({ id }) => !userSide.has(id));

/** USD per GB; undefined: by the price list of the cloud. The line of a site of one's own is priced by the month where no other price is given. */
export const egressToUsers = ({ region, description, egressUsdPerGb }: PlaceableSite): number | undefined =>
  region === null ? (egressUsdPerGb ?? 0) : description.egressUsdPerGb;

/** Without the fields that are undefined. */
const given = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

export const notServed = (constraint: string, detail: string): NotServed => ({
  status: 'not_served',
  reasons: [{ constraint, detail, required: null, actual: null, unit: null, examples: [], count: 1 }],
});

/** The field's share of an option. */
export function fieldOf({ site, device, purchase, stage }: ServeQuestion, devices: number, updateBytes = 0) {
  const { items, log } = fieldCost(site, device, purchase, devices * site.units);
  const updates = updateBytes > 0 && isInField(site) ? modelUpdates(stage, site, devices, updateBytes, log) : null;
  const named = scaledItems([...items, ...(updates === null ? [] : updateItems(updates))], 1, stage.id);
  return {
    items: named,
    usdPerMonth: named.reduce((total, { amount }) => total + toNumber(amount), 0),
    assumptions: log.list(),
  };
}

/** All that an option costs a month. */
export const wholeUsd = ({ usdPerMonth, fieldUsdPerMonth }: Served): number => usdPerMonth + fieldUsdPerMonth;

/** Bought as many times as there are units; ids say for which stage. */
export const scaledItems = (items: readonly DraftItem[], units: number, stage: string): DraftItem[] =>
  items.map((item) => ({
    id: `${stage}:${item.id}`,
    label: units === 1 ? item.label : `${item.label}, ${units} units`,
    category: item.category,
    amount: units === 1 ? item.amount : price(units, item.amount.amount, item.amount.currency),
    formula: units === 1 ? item.formula : `(${item.formula}) x units`,
    inputs:
      units === 1
        ? item.inputs
        : [...item.inputs, { name: 'units', value: units, unit: 'units', source: 'the fleet', assumptionId: null }],
    factors: item.factors,
    components: item.components.map(({ amount, factors }) => ({ amount: amount * units, factors })),
    priceId: item.priceId,
    assumptionIds: item.assumptionIds,
  }));

/** A fault of the estimate is one of the work it was read from. */
const prefixed = (error: RequestFaultError, pointer: string): RequestFaultError =>
  new RequestFaultError(error.faults.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer}` })));
