/** Models that work by the sample: measured anchors per device, one queue per device, the same money as for language models. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { placeable } from '../../devices/phone.ts';
import { AssumptionLog, estimated } from '../../economics/assumption.ts';
import type { MoneyFigure, RelaxationAdvice } from '../../estimate/answer.ts';
import { withTerms } from '../../estimate/bought-terms.ts';
import type { HardwarePricing } from '../../estimate/hardware-pricing.ts';
import { placeOf, placeStanding } from '../../estimate/place.ts';
import { placeInWords } from '../../estimate/place-words.ts';
import type { ServedModel } from '../../estimate/resolve-model.ts';
import { perUnit, toNumber } from '../../money.ts';
import { applyFactor, centredFactor, invertFactor, type UncertainFactor } from '../../uncertainty/band.ts';
import { DAYS_PER_MONTH, HOURS_PER_MONTH, MILLISECONDS_PER_SECOND } from '../../units.ts';
import { askedDevice } from '../asked-device.ts';
import type { DeploymentReport, FeasibleInference, InferenceEstimate, WorkloadReport } from '../estimate-result.ts';
import { withUnpriced } from '../explain.ts';
import { wholeUnitsFactor } from '../fleet-factor.ts';
import { infeasibleAnswer } from '../infeasible.ts';
import { calibrationReport } from '../measured/calibration-report.ts';
import { ownSampleMeasurements } from '../measured/own-samples.ts';
import {
  addedItems,
  hardwareUsd,
  hoursToPay,
  monthlyUsd,
  type ServiceHardware,
  serviceHardwareBill,
  serviceSite,
  servingPricing,
  unitCosts,
} from '../monthly-costs.ts';
import { noteOperators } from '../note-operators.ts';
import { percentilesInMs } from '../performance-report.ts';
import { savingInWords } from '../relaxation.ts';
import { orNothing } from '../remedies.ts';
import type { InferenceRequest } from '../request.ts';
import { fixedLength, type RequestLengths } from '../step/lengths.ts';
import { summaryOf } from '../summary.ts';
import { type Load, load, meanFleetUtilization } from '../workload.ts';
import {
  compareForSamples,
  isSampleChoice,
  type SampleChoice,
  type SampleComparison,
  type SampleQuestion,
  sampleExclusions,
  sampleOnDevice,
} from './choice.ts';
import { sampleFormat } from './fields.ts';
import { togetherSeconds } from './load.ts';
import { type ServedSample, servedSample } from './model.ts';
import { sampleRemedies } from './remedies.ts';
import type { SampleModel } from './serving.ts';
import { visionModel } from './vision-serving.ts';

type SampleModelOf = Exclude<ServedModel, { readonly kind: 'language' }>;

interface Asked {
  readonly log: AssumptionLog;
  /** With the terms that go without saying. */
  readonly request: InferenceRequest;
  readonly sample: ServedSample;
  readonly demand: Load;
  readonly device: Device | null;
  readonly pricing: HardwarePricing;
  readonly question: SampleQuestion;
  readonly comparison: SampleComparison;
}

function ask(snapshot: CatalogSnapshot, given: InferenceRequest, model: SampleModelOf, at: string): Asked {
  const log = new AssumptionLog();
  const request = withTerms(snapshot, given, at, log);
  const format = sampleFormat(request, model.architecture.kind);
  const sample = sampleOf(model, request, log);
  const demand = load(request, log);
  const asked = askedDevice(snapshot, request);
  const device = asked?.device ?? null;
  const pricing = servingPricing(snapshot, request, at);
  const own = ownSampleMeasurements(snapshot, request, asked?.full ?? null, sample.model, format);
  const question = { model: sample.model, format, load: demand, pricing, own, asked };
  const comparison = compareForSamples(device === null ? placeable(snapshot.devices) : [device], question);
  return { log, request, sample, demand, device, pricing, question, comparison };
}

/** @throws RequestFaultError for ids the catalog does not know, fields that contradict each other, or fields of language models. */
export function estimateSample(
  snapshot: CatalogSnapshot,
  given: InferenceRequest,
  model: SampleModelOf,
  at: string,
): InferenceEstimate {
  const asked = ask(snapshot, given, model, at);
  const { log, request, sample, demand, device, pricing, comparison } = asked;
  const workload: WorkloadReport = {
    modelId: model.id,
    modelName: model.name,
    requestsPerDay: request.requestsPerDay,
    peakRequestsPerSecond: demand.arrivals.requestsPerSecond,
    promptTokensMean: sample.promptTokens,
    outputTokensMean: sample.outputTokens,
  };
  const { rejections } = comparison;
  const choices = withBills(snapshot, asked, at);
  const [choice] = choices;
  if (choice === undefined) return infeasible(snapshot, given, model, at, asked, workload);

  const { serving, plan } = choice;
  noteOperators(choice.device, model.architecture.kind, log);
  const spare = demand.spareReplicas;
  const fleet = wholeUnitsFactor(
    {
      serving: choice.devices - spare,
      spare,
      utilization: plan.perDevice.utilization / demand.objectives.maxUtilization,
    },
    demand,
    invertFactor(centredFactor(serving.throughputUncertainty)),
  );
  const service = serviceOf(snapshot, asked, choice, { log, factors: fleet === null ? [] : [fleet] }, at);
  const site = serviceSite(service, log);
  const hardware = serviceHardwareBill(service, site, log);
  log.add({
    id: 'serving.weightFormat',
    field: '/serving/weightFormat',
    value: serving.format,
    unit: null,
    range: null,
    source: 'the format of the measured cases on this device',
    reason: 'Decides speed; int8 needs calibration and may cost accuracy.',
  });
  const added = addedItems(service, hardware.drafts, log);

  const costs = unitCosts([...hardware.drafts, ...added], request.requestsPerDay, tokenLengths(sample));

  const feasible: Omit<FeasibleInference, 'summary'> = {
    status: 'feasible',
    workload,
    deployment: deploymentReport(choice, spare, pricing.mode === 'owned'),
    selection: {
      rule:
        device === null
          ? `No device was named: the cheapest that holds the objectives with headroom, of all that are offered ${placeInWords(request)}.`
          : 'The device was named; its cheapest price was taken.',
      alternatives: choices.slice(1, NAMED_OPTIONS).map((other) => ({
        deviceId: other.device.id,
        deviceName: other.device.name,
        devices: other.devices,
        weightFormat: other.serving.format,
        usdPerMonth: other.usdPerMonth,
        regionId: other.quote.option?.offer.regionId ?? null,
        priceId: other.quote.option?.price.id ?? null,
      })),
      // with every device in question, those without a price here are no news
      excluded: sampleExclusions(
        rejections.filter(({ kind }) => kind !== 'no_price'),
        placeInWords(request),
      ),
    },
    performance: performanceReport(choice, sample.model),
    memory: null,
    ...costs,
    costPerThousandSamples: perThousand(costs.costPerMonth.total, request.requestsPerDay),
    energyPerMonth: site?.energyReport ?? null,
    racks: site !== null && site.rackReport.racks > 0 ? site.rackReport : null,
    coldStart: null,
    calibration: calibrationReport(request.calibration !== undefined, calibrated(choice)),
    bindingConstraint: {
      constraint: plan.bindingConstraint,
      explanation:
        plan.bindingConstraint === 'latency_objective'
          ? 'The latency objective decides the number of devices.'
          : choice.devices - spare === 1
            ? 'One device carries the load; the smallest deployment is the limit.'
            : 'The utilization cap (headroom against capacity errors) decides the number of devices.',
      relaxation: relaxationAdvice(snapshot, asked, choice, toNumber(costs.costPerMonth.total.amount), at),
    },
    assumptions: log.list(),
    prices: hardware.prices,
  };
  return { ...feasible, summary: summaryOf(feasible) };
}

/** How many options an answer names: the winner and the next two. */
const NAMED_OPTIONS = 3;
/** Of owned hardware a quote leaves open the power that the load draws: so many of the first are put in order by their bills. */
const BILLED_OPTIONS = 8;

/** The hardware of a choice in its month. */
function serviceOf(
  snapshot: CatalogSnapshot,
  { request, demand, pricing }: Asked,
  { device, devices, quote, plan }: SampleChoice,
  { log, factors }: { readonly log: AssumptionLog; readonly factors: readonly UncertainFactor[] },
  at: string,
): ServiceHardware {
  const hours = hoursToPay(request, demand.activeHoursPerDay, 0, log);
  const serving = devices - demand.spareReplicas;
  return {
    snapshot,
    request,
    purchase: request.purchase ?? {},
    device,
    pricing,
    quote,
    place: placeStanding(snapshot, quote.option, request.location),
    devices: estimated(devices, 'devices', 'the performance model', factors),
    utilization: meanFleetUtilization(plan.perDevice.utilization, serving, devices, demand, hours.value),
    deviceHours: estimated(
      quote.devicesPaid * hours.value,
      'device-hours',
      `${quote.devicesPaid} devices x ${hours.value} h (${hours.source})`,
      factors,
    ),
    clustered: false,
    at,
  };
}

/** What fewer devices save once a limit is looser. Each of them does as much more of the work. */
function relaxationAdvice(
  snapshot: CatalogSnapshot,
  asked: Asked,
  choice: SampleChoice,
  usdPerMonth: number,
  at: string,
): RelaxationAdvice | null {
  const { plan, devices, loosened } = choice;
  if (loosened === null) return null;
  const { field, from, to } = loosened;
  const spare = asked.demand.spareReplicas;
  const busier = (plan.perDevice.utilization * (devices - spare)) / (loosened.devices - spare);
  const after: SampleChoice = {
    ...choice,
    devices: loosened.devices,
    quote: loosened.quote,
    plan: { ...plan, perDevice: { ...plan.perDevice, utilization: busier } },
  };
  const service = serviceOf(snapshot, asked, after, { log: new AssumptionLog(), factors: [] }, at);
  const effect = savingInWords(
    { devices: choice.quote.devicesPaid, usdPerMonth },
    { devices: loosened.quote.devicesPaid, usdPerMonth: monthlyUsd(service) },
  );
  return { field, from, to, effect };
}

/** The choices by what their hardware costs in a month, USD; infinite where it has no power figure to be owned by. */
function withBills(
  snapshot: CatalogSnapshot,
  asked: Asked,
  at: string,
): readonly (SampleChoice & { readonly usdPerMonth: number })[] {
  const { choices } = asked.comparison;
  const quoted = choices.map((choice) => ({ ...choice, usdPerMonth: choice.quote.usdPerHour * HOURS_PER_MONTH }));
  if (asked.pricing.mode !== 'owned' || choices.length < 2) return quoted;
  return quoted
    .slice(0, BILLED_OPTIONS)
    .map((choice) => {
      const working = { log: new AssumptionLog(), factors: [] };
      return { ...choice, usdPerMonth: hardwareUsd(serviceOf(snapshot, asked, choice, working, at)) };
    })
    .sort((a, b) => a.usdPerMonth - b.usdPerMonth)
    .filter(({ usdPerMonth }, rank) => rank === 0 || Number.isFinite(usdPerMonth));
}

/** What one sample of the model is. */
export const sampleOf = (
  model: Exclude<ServedModel, { readonly kind: 'language' }>,
  request: InferenceRequest,
  log: AssumptionLog,
): ServedSample =>
  model.kind === 'vision'
    ? { model: visionModel(model.architecture), promptTokens: null, outputTokens: null }
    : servedSample(model, request, log);

const calibrated = ({ serving, beforeOwn }: SampleChoice) => [
  { metric: 'samples_per_second', before: beforeOwn.throughputUncertainty, after: serving.throughputUncertainty },
  { metric: 'single_stream', before: beforeOwn.latencyUncertainty, after: serving.latencyUncertainty },
];

/** Null where neither tokens read nor tokens written are a measure of the work. */
const tokenLengths = ({ promptTokens, outputTokens }: ServedSample): RequestLengths | null =>
  promptTokens === null && outputTokens === null
    ? null
    : { promptTokens: fixedLength(promptTokens ?? 0), outputTokens: fixedLength(outputTokens ?? 0) };

function perThousand({ amount, band, basis }: MoneyFigure, requestsPerDay: number): MoneyFigure {
  const thousands = (requestsPerDay * DAYS_PER_MONTH) / 1000;
  return {
    amount: perUnit(amount, thousands),
    band: { p10: band.p10 / thousands, p50: band.p50 / thousands, p90: band.p90 / thousands },
    basis,
  };
}

function performanceReport(
  { serving, plan }: SampleChoice,
  { cohort, unit, flopsPerSample }: SampleModel,
): FeasibleInference['performance'] {
  const rate = applyFactor(serving.samplesPerSecond, serving.throughputUncertainty);
  const report = {
    singleStreamMs: applyFactor(serving.singleStreamSeconds * MILLISECONDS_PER_SECOND, serving.latencyUncertainty),
    latencyMs: percentilesInMs(plan.perDevice.latencySeconds, centredFactor(serving.latencyUncertainty)),
    utilizationAtPeak: applyFactor(
      plan.perDevice.utilization,
      invertFactor(centredFactor(serving.throughputUncertainty)),
    ),
    promise: plan.perDevice.promise,
    evidence: serving.basis,
    anchorIds: serving.anchorIds,
  };
  return cohort === 'vision'
    ? {
        kind: 'vision',
        imagesPerSecondPerDevice: rate,
        eightImagesMs: applyFactor(togetherSeconds(serving, 8) * MILLISECONDS_PER_SECOND, serving.togetherUncertainty),
        ...report,
      }
    : {
        kind: 'sample',
        unit,
        samplesPerSecondPerDevice: rate,
        ...report,
        latencyEvidence: serving.latencyBasis,
        flopsPerSample,
      };
}

function deploymentReport(choice: SampleChoice, spare: number, owned: boolean): DeploymentReport {
  const { device, serving, quote, devices } = choice;
  return {
    deviceId: device.id,
    deviceName: device.name,
    engine: null,
    softwareEra: null,
    weightFormat: serving.format,
    kvCacheFormat: null,
    tensorParallel: 1,
    pipelineParallel: 1,
    expertParallel: 1,
    attentionDataParallel: 1,
    devicesPerReplica: 1,
    servingReplicas: devices - spare,
    spareReplicas: spare,
    pools: null,
    devices,
    devicesPaid: quote.devicesPaid,
    ownership: owned ? 'owned' : 'rented',
    ...placeOf(quote.option),
    sku: quote.option?.offer.sku ?? null,
  };
}

function infeasible(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  model: SampleModelOf,
  at: string,
  { log, request: withTermsSaid, device, pricing, question, comparison }: Asked,
  workload: WorkloadReport,
): InferenceEstimate {
  const { rejections } = comparison;
  const place = placeInWords(withTermsSaid);
  const unpriced = rejections.flatMap((rejection) => (rejection.kind === 'no_price' ? [rejection.device] : []));
  const offered = rejections.filter(({ kind }) => kind !== 'no_price');
  return infeasibleAnswer({
    snapshot,
    request,
    at,
    workload,
    device,
    reasons:
      device === null
        ? withUnpriced(sampleExclusions(offered, place), unpriced, place)
        : sampleExclusions(rejections, place),
    unpriced,
    pricing,
    servesAt: (there, prices) => isSampleChoice(sampleOnDevice(there, { ...question, pricing: prices })),
    serve: (changed, then) =>
      orNothing(() => {
        const [option] = ask(snapshot, changed, model, then).comparison.choices;
        if (option === undefined) return null;
        const { devices, quote } = option;
        return { deviceId: option.device.id, deviceName: option.device.name, devices, usdPerHour: quote.usdPerHour };
      }),
    remedies: sampleRemedies(request, rejections),
    log,
  });
}
