/** Language models: choose, size, price and explain one deployment. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { placeable } from '../../devices/phone.ts';
import { AssumptionLog, estimated } from '../../economics/assumption.ts';
import { withTerms } from '../../estimate/bought-terms.ts';
import { placeOf, placeStanding } from '../../estimate/place.ts';
import { placeInWords } from '../../estimate/place-words.ts';
import type { NamedModel } from '../../estimate/resolve-model.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { toNumber } from '../../money.ts';
import { centredFactor, invertFactor, type UncertainFactor } from '../../uncertainty/band.ts';
import { GB, HOURS_PER_MONTH, MB, MILLISECONDS_PER_SECOND } from '../../units.ts';
import { askedDevice } from '../asked-device.ts';
import type {
  ColdStartReport,
  DeploymentReport,
  FeasibleInference,
  InferenceEstimate,
  MemoryReport,
  WorkloadReport,
} from '../estimate-result.ts';
import { exclusions, explainPlan, withUnpriced } from '../explain.ts';
import { fleetFactor } from '../fleet-factor.ts';
import { infeasibleAnswer } from '../infeasible.ts';
import { calibrationReport } from '../measured/calibration-report.ts';
import { ownMeasurements } from '../measured/own-measurements.ts';
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
import { languagePerformance } from '../performance-report.ts';
import { type Bills, highestCapInWords, type Paid, relaxationAdvice } from '../relaxation.ts';
import { orNothing } from '../remedies.ts';
import type { InferenceRequest } from '../request.ts';
import type { ServingConfiguration } from '../step/configuration.ts';
import { type HostMemory, noteHostMemory, withHostMemory } from '../step/host-memory.ts';
import { type RequestLengths, withinContext } from '../step/lengths.ts';
import { eraOf } from '../step/software-era.ts';
import { summaryOf } from '../summary.ts';
import { type Load, load, meanFleetUtilization, prefixCacheHitRate, requestLengths } from '../workload.ts';
import { coldStartOf } from './cold-start.ts';
import {
  bestOnDevice,
  compareDevices,
  type DeploymentChoice,
  type DeviceComparison,
  isOption,
  planned,
  type ServingQuestion,
} from './device-choice.ts';
import { withImages } from './prompt-images.ts';
import { atReadingPace, slowerThanReading } from './reading-pace.ts';
import { languageRemedies } from './remedies.ts';
import { type BilledOption, selectionReport } from './selection-report.ts';
import { ownFactors, residualFactors } from './serving-factors.ts';
import { noteArchitecture, noteMeasuredLevel, notePools, noteServingDefaults, servingBase } from './serving-request.ts';

interface Asked {
  readonly log: AssumptionLog;
  /** With the terms that go without saying. */
  readonly request: InferenceRequest;
  /** The device as the catalog has it, and with the memory of its host. */
  readonly named: Device | null;
  readonly device: Device | null;
  readonly hosted: (bare: Device) => HostMemory;
  readonly question: ServingQuestion;
  readonly comparison: DeviceComparison;
}

/** @throws RequestFaultError for ids the catalog does not know and fields that contradict each other. */
function ask(snapshot: CatalogSnapshot, given: InferenceRequest, model: LanguageArchitecture, at: string): Asked {
  const log = new AssumptionLog();
  const request = withTerms(snapshot, given, at, log);
  const { question, hosted, named } = languageQuestion(snapshot, request, model, at, log);
  const device = named === null ? null : hosted(named).device;
  const comparison =
    device === null
      ? compareDevices(
          placeable(snapshot.devices).map((bare) => hosted(bare).device),
          question,
        )
      : onlyDevice(device, question);
  return { log, request, named, device, hosted, question, comparison };
}

/** @throws RequestFaultError for ids the catalog does not know and fields that contradict each other. */
export function estimateLanguage(
  snapshot: CatalogSnapshot,
  given: InferenceRequest,
  model: NamedModel<LanguageArchitecture>,
  at: string,
): InferenceEstimate {
  const asked = ask(snapshot, given, model.architecture, at);
  const { log, request, named, device, hosted, question, comparison } = asked;
  const { lengths, load: demand, pricing } = question;
  const workload: WorkloadReport = {
    modelId: model.id,
    modelName: model.name,
    requestsPerDay: request.requestsPerDay,
    peakRequestsPerSecond: demand.arrivals.requestsPerSecond,
    promptTokensMean: lengths.promptTokens.mean,
    outputTokensMean: lengths.outputTokens.mean,
  };

  const options = withBills(snapshot, asked, at);
  const [option] = options;
  const bare = named ?? (option === undefined ? null : (snapshot.device(option.device.id) ?? null));
  if (bare !== null) noteHostMemory(hosted(bare), log);
  if (option === undefined) return infeasible(snapshot, given, model.architecture, at, asked, workload);

  const choice = planned(option, question);
  const { plan, candidate } = choice;
  const { configuration } = candidate;
  noteServingDefaults(request, configuration, log);
  notePools(candidate, log);
  noteMeasuredLevel(configuration, log);
  noteArchitecture(configuration, request, log);
  noteOperators(choice.device, 'language', log);
  const coldStart = coldStartOf(request, configuration, log);
  const fleet = fleetFactor(plan, demand, invertFactor(centredFactor(choice.factors.throughput)));
  const factors = fleet === null ? [] : [fleet];
  const service = serviceOf(snapshot, asked, choice, { log, coldStart, factors }, at);
  const site = serviceSite(service, log);
  const hardware = serviceHardwareBill(service, site, log);
  const added = addedItems(service, hardware.drafts, log);

  const costs = unitCosts([...hardware.drafts, ...added], request.requestsPerDay, lengths);
  const paid = { devices: choice.quote.devicesPaid, usdPerMonth: toNumber(costs.costPerMonth.total.amount) };
  const bills: Bills = { paid, paidFor: paidByChoice(snapshot, asked, at) };
  const relaxation = relaxationAdvice(choice, question, bills);
  const performance = languagePerformance(choice);
  const feasible: Omit<FeasibleInference, 'summary'> = {
    status: 'feasible',
    workload,
    deployment: deploymentReport(choice, pricing.mode === 'owned'),
    selection: selectionReport(request, device, comparison, options),
    performance,
    memory: memoryReport(choice),
    ...costs,
    energyPerMonth: site?.energyReport ?? null,
    racks: site?.rackReport ?? null,
    coldStart,
    calibration: calibrationReport(request.calibration !== undefined, calibrated(choice)),
    bindingConstraint: {
      constraint: plan.bindingConstraint,
      explanation: [explainPlan(plan), relaxation === null ? highestCapInWords(choice, question, bills) : null]
        .filter((sentence) => sentence !== null)
        .join(' '),
      relaxation,
    },
    assumptions: log.list(),
    prices: hardware.prices,
  };
  const slow = slowerThanReading(request, performance.timePerOutputTokenMs.p95.p50);
  return { ...feasible, summary: [summaryOf(feasible), slow].filter((sentence) => sentence !== null).join(' ') };
}

interface Working {
  readonly log: AssumptionLog;
  readonly coldStart: ColdStartReport;
  readonly factors: readonly UncertainFactor[];
}

/** The hardware of a choice in its month. */
function serviceOf(
  snapshot: CatalogSnapshot,
  { request, question: { load: demand, pricing } }: Asked,
  choice: DeploymentChoice,
  { log, coldStart, factors }: Working,
  at: string,
): ServiceHardware {
  const { device, candidate, plan, quote } = choice;
  const hours = hoursToPay(request, demand.activeHoursPerDay, coldStart.seconds.p50, log);
  return {
    snapshot,
    request,
    purchase: request.purchase ?? {},
    device,
    pricing,
    quote,
    place: placeStanding(snapshot, quote.option, request.location),
    devices: estimated(plan.devices, 'devices', 'the performance model', factors),
    utilization: meanUtilization(choice, demand, hours.value),
    deviceHours: estimated(
      quote.devicesPaid * hours.value,
      'device-hours',
      `${quote.devicesPaid} devices sized for the peak x ${hours.value} h (${hours.source})`,
      factors,
    ),
    clustered: candidate.configuration.pipelineParallel > 1,
    at,
  };
}

/** What any choice comes to in a month, for comparisons of bills. */
const paidByChoice =
  (snapshot: CatalogSnapshot, asked: Asked, at: string) =>
  (choice: DeploymentChoice): Paid => {
    const log = new AssumptionLog();
    const coldStart = coldStartOf(asked.request, choice.candidate.configuration, log);
    const service = serviceOf(snapshot, asked, choice, { log, coldStart, factors: [] }, at);
    return { devices: choice.quote.devicesPaid, usdPerMonth: monthlyUsd(service) };
  };

/** The options by what their hardware costs in a month. What a quote leaves open (cold starts, the power that the load draws) is worked out. */
function withBills(snapshot: CatalogSnapshot, asked: Asked, at: string): readonly BilledOption[] {
  const { request, question, comparison } = asked;
  const { options } = comparison;
  const isOpen = question.pricing.mode === 'owned' || request.scaling?.mode === 'scale_to_zero';
  if (!isOpen || options.length < 2) {
    return options.map((option) => ({ ...option, usdPerMonth: option.quote.usdPerHour * HOURS_PER_MONTH }));
  }
  return options
    .map((option) => {
      const log = new AssumptionLog();
      const coldStart = coldStartOf(request, option.candidate.configuration, log);
      const service = serviceOf(snapshot, asked, planned(option, question), { log, coldStart, factors: [] }, at);
      return { ...option, usdPerMonth: hardwareUsd(service) };
    })
    .sort((a, b) => a.usdPerMonth - b.usdPerMonth);
}

interface LanguageQuestion {
  readonly question: ServingQuestion;
  /** The device that the request names; null where it names none. */
  readonly named: Device | null;
  /** A device with the memory that its host gives it. */
  readonly hosted: (bare: Device) => HostMemory;
}

/** Adds an assumption where the context of the model cuts off lengths that the spread of requests would have. */
function noteNarrowedLengths(
  asked: RequestLengths,
  lengths: RequestLengths,
  contextTokens: number,
  log: AssumptionLog,
): void {
  for (const field of ['promptTokens', 'outputTokens'] as const) {
    if (asked[field] === lengths[field]) continue;
    log.add({
      id: field === 'promptTokens' ? 'workload.prompt_within_context' : 'workload.output_within_context',
      field: `/${field}/coefficientOfVariation`,
      value: lengths[field].coefficientOfVariation,
      unit: 'standard deviation / mean',
      range: null,
      source: `context of the model, ${contextTokens} tokens`,
      reason: `Lengths as spread as ${Number(asked[field].coefficientOfVariation.toPrecision(3))} around this mean would often pass the end of the context; they are as spread as it lets them be.`,
    });
  }
}

/** The question in the terms of the formulas, with every default noted. */
export function languageQuestion(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  model: LanguageArchitecture,
  at: string,
  log: AssumptionLog,
): LanguageQuestion {
  const text = requestLengths(request, log);
  const { lengths: asked, encoderFlopsPerPromptToken, imageTokens } = withImages(request, model, text, log);
  const lengths = withinContext(asked, model.maxContextTokens);
  noteNarrowedLengths(asked, lengths, model.maxContextTokens, log);
  const demand = load(atReadingPace(request, log), log);
  const pricing = servingPricing(snapshot, request, at);
  const named = askedDevice(snapshot, request)?.device ?? null;
  const base = { ...servingBase(request, prefixCacheHitRate(request, log)), encoderFlopsPerPromptToken, imageTokens };
  const hosted = (bare: Device) => withHostMemory(snapshot, bare, pricing, request.serving?.hostMemoryGibPerSocket);
  const own = ownMeasurements(snapshot, request, named, (bare) => hosted(bare).device, model, lengths, base);
  return {
    question: { model, lengths, load: demand, base, pricing, factorsOf: ownFactors(own) },
    named,
    hosted,
  };
}

function calibrated({ candidate, factors }: DeploymentChoice) {
  const group = residualFactors(candidate.configuration);
  return (['ttft', 'tpot', 'throughput'] as const).map((metric) => ({
    metric,
    before: group[metric],
    after: factors[metric],
  }));
}

function onlyDevice(device: Device, question: ServingQuestion): DeviceComparison {
  const outcome = bestOnDevice(device, question);
  return isOption(outcome)
    ? { options: [outcome], rejections: [], dearer: [], unpriced: [] }
    : { options: [], rejections: [outcome], dearer: [], unpriced: [] };
}

function infeasible(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  model: LanguageArchitecture,
  at: string,
  { log, request: withTermsSaid, device, question, comparison }: Asked,
  workload: WorkloadReport,
): InferenceEstimate {
  const place = placeInWords(withTermsSaid);
  const { rejections } = comparison;
  const unpriced = [
    ...comparison.unpriced,
    ...rejections.flatMap((rejection) => (rejection.kind === 'no_price' ? [rejection.device] : [])),
  ];
  return infeasibleAnswer({
    snapshot,
    request,
    at,
    workload,
    device,
    reasons: withUnpriced(exclusions(rejections, place), comparison.unpriced, place),
    unpriced,
    pricing: question.pricing,
    servesAt: (there, prices) => isOption(bestOnDevice(there, { ...question, pricing: prices })),
    serve: (changed, then) =>
      orNothing(() => {
        const [option] = ask(snapshot, changed, model, then).comparison.options;
        if (option === undefined) return null;
        const { devices, quote } = option;
        return {
          deviceId: option.device.id,
          deviceName: option.device.name,
          devices,
          usdPerHour: quote.usdPerHour,
        };
      }),
    remedies: languageRemedies(request, comparison, question),
    log,
  });
}

const meanUtilization = ({ plan }: DeploymentChoice, demand: Load, hours: number): number =>
  meanFleetUtilization(plan.perReplica.utilization, plan.servingReplicas, plan.replicas, demand, hours);

function deploymentReport({ device, candidate, plan, quote }: DeploymentChoice, owned: boolean): DeploymentReport {
  const configuration: ServingConfiguration = candidate.configuration;
  return {
    deviceId: device.id,
    deviceName: device.name,
    engine: configuration.engine,
    softwareEra: eraOf(configuration).id,
    weightFormat: configuration.weightFormat,
    kvCacheFormat: configuration.kvCacheFormat,
    tensorParallel: configuration.tensorParallel,
    pipelineParallel: configuration.pipelineParallel,
    expertParallel: configuration.expertParallel,
    attentionDataParallel: configuration.attentionDataParallel,
    devicesPerReplica: plan.devicesPerReplica,
    servingReplicas: plan.servingReplicas,
    spareReplicas: plan.spareReplicas,
    pools: poolsReport(candidate, plan.servingReplicas),
    devices: plan.devices,
    devicesPaid: quote.devicesPaid,
    ownership: owned ? 'owned' : 'rented',
    ...placeOf(quote.option),
    sku: quote.option?.offer.sku ?? null,
  };
}

function poolsReport({ pools }: DeploymentChoice['candidate'], servingReplicas: number): DeploymentReport['pools'] {
  if (pools === null) return null;
  const { prefill, decode } = pools.split(servingReplicas);
  return {
    prefillReplicas: prefill,
    decodeReplicas: decode,
    kvMegabytesPerRequest: pools.transferBytes / MB,
    kvTransferMs: pools.transferSeconds * MILLISECONDS_PER_SECOND,
    linkGbPerSecondPerDevice: pools.link.bytesPerSecond / GB,
    linkBasis: pools.link.basis,
  };
}

function memoryReport({ candidate: { memory } }: DeploymentChoice): MemoryReport {
  return {
    capacityBytes: memory.capacityBytes,
    usableBytes: memory.usableBytes,
    weightsBytes: memory.weightsBytes,
    offloadedBytes: memory.offloadedBytes,
    kvCacheBytes: memory.kvCacheBytes,
    activationBytes: memory.activationBytes,
    overheadBytes: memory.overheadBytes,
    headroomBytes: memory.headroomBytes,
    kvBytesPerToken: memory.kvBytesPerToken,
    maxConcurrentSequences: memory.maxConcurrentSequences,
    largestContextTokens: memory.largestContextTokens,
  };
}
