/** The cheapest mix of device types for requests of many sizes, against the best single type. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { type Assumption, AssumptionLog } from '../economics/assumption.ts';
import { refuse } from '../estimate/request-fault.ts';
import { modelPointer, resolveServedModel } from '../estimate/resolve-model.ts';
import { moneyInWords } from '../estimate/words.ts';
import { languageQuestion } from '../inference/language/estimate-language.ts';
import { type Money, price, sum, toNumber } from '../money.ts';
import type { SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import { checkRecommendationRequest } from '../recommendation/check-request.ts';
import type { Change } from '../recommendation/constraints.ts';
import { type LeftOutReport, leftOutReport } from '../recommendation/left-out.ts';
import type { HardwareOption } from '../recommendation/option.ts';
import type { Pause } from '../recommendation/point-search.ts';
import { ranked } from '../recommendation/ranking.ts';
import type { InferenceRecommendationRequest } from '../recommendation/request.ts';
import type { SearchContext } from '../recommendation/search-options.ts';
import { changeInWords, smallestChanges, withChange } from '../recommendation/smallest-change.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { type HourlyPlan, hourlyPlan } from './hourly-plan.ts';
import { LoadTable } from './load-table.ts';
import { type FleetMachine, type FleetPlace, MachineBuilder, machineTypes } from './machine-types.ts';
import { type PrefillDecode, prefillDecode } from './prefill-decode.ts';
import { normalized, type RequestSize, sizesOf } from './request-sizes.ts';
import type { FleetPool, SolvedFleet } from './solve-fleet.ts';
import { type SolvedPlaces, solvePlaces } from './solve-places.ts';

export interface MixedFleetRequest
  extends Pick<InferenceRecommendationRequest, 'inference' | 'constraints' | 'purchase' | 'engines'> {
  /** Cut out of the two length distributions where absent. */
  readonly sizes?: readonly RequestSize[];
  readonly slicesPerSize?: number;
  /** Whether all of it stands in one place; one where absent. */
  readonly regions?: 'one' | 'any';
  /** Most device types in use. */
  readonly maxTypes?: number;
  /** Least share of requests on capacity that is not taken away, percent. */
  readonly steadySharePercent?: number;
  /** Load of each hour of the day, in any unit. */
  readonly hourlyLoad?: readonly number[];
}

export interface FleetPoolReport {
  readonly machine: FleetMachine;
  readonly pool: FleetPool;
  readonly replicas: number;
  readonly total: Money;
  /** Null without a load by hour. */
  readonly hourly: HourlyPlan | null;
}

export interface FeasibleFleet {
  readonly status: 'feasible';
  readonly summary: string;
  readonly modelId: string;
  readonly sizes: readonly RequestSize[];
  readonly requestsPerSecond: number;
  readonly place: FleetPlace;
  readonly places: Omit<SolvedPlaces, 'best'>;
  readonly machines: readonly FleetMachine[];
  readonly pools: readonly FleetPoolReport[];
  readonly total: Money;
  readonly singles: readonly { readonly machine: FleetMachine; readonly count: number; readonly total: Money }[];
  /** Against the cheapest single type; null where none serves everything. */
  readonly savingPercent: number | null;
  readonly solved: SolvedFleet;
  /** Prompts and tokens on pools of their own; null where no pair in one region keeps the objectives. */
  readonly prefillDecode: PrefillDecode | null;
  readonly assumptions: readonly Assumption[];
}

interface InfeasibleFleet {
  readonly status: 'infeasible';
  readonly summary: string;
  readonly modelId: string;
  readonly leftOut: LeftOutReport;
  /** Smallest first; each found by applying it. */
  readonly smallestChanges: readonly FleetChange[];
  readonly assumptions: readonly Assumption[];
}

/** A change of the request with which a mix serves every size, and what that mix costs a month. */
interface FleetChange {
  readonly changes: readonly Change[];
  readonly total: Money;
}

export type MixedFleetRecommendation = FeasibleFleet | InfeasibleFleet;

/** Counted work, so that the same question gives the same answer; the clock is a net far above what that work takes. */
const LIMITS: SolveLimits = {
  maximumNodes: 500,
  maximumSimplexIterations: 20_000,
  relativeGap: 0.005,
  maximumWallClockMs: 20_000,
};
const DEFAULT_SLICES = 4;
const MOST_CHANGES = 3;
const BUDGET = '/constraints/monthlyBudgetUsd';
const CURRENCY = 'USD';

/**
 * Pure but for the optimizer it is given.
 * @throws RequestFaultError for models that are not language models, unknown ids and contradictions
 */
export async function recommendMixedFleet(
  snapshot: CatalogSnapshot,
  request: MixedFleetRequest,
  at: string,
  pause: Pause,
  solve: SolveProgram,
): Promise<MixedFleetRecommendation> {
  const fleet = await fleetOf(snapshot, request, at, pause, solve);
  if (fleet.status === 'feasible') return fleet;
  const tried = (changed: MixedFleetRequest) => fleetOf(snapshot, changed, at, pause, solve);
  const changes = [
    ...fleet.smallestChanges,
    ...(await changesOfFleet({ snapshot, at, log: new AssumptionLog(), pause }, request, tried)),
  ].slice(0, MOST_CHANGES);
  const [first] = changes;
  const helps =
    first === undefined ? '' : ` The smallest change that helps: ${first.changes.map(changeInWords).join(', ')}.`;
  return { ...fleet, summary: `${fleet.summary}${helps}`, smallestChanges: changes };
}

/** What lets a single device type serve the load, and steady capacity where a share of it is asked for: kept where a mix then serves all. */
async function changesOfFleet(
  context: SearchContext,
  request: MixedFleetRequest,
  tried: (request: MixedFleetRequest) => Promise<MixedFleetRecommendation>,
): Promise<FleetChange[]> {
  const ofSingle = await smallestChanges(context, withSizes(withPeakOfHours(request), request.sizes));
  const steady: readonly Change[][] =
    (request.steadySharePercent ?? 0) > 0 ? [[{ field: '/purchase/accept', add: 'on_demand' }]] : [];
  const found: FleetChange[] = [];
  for (const changes of [...steady, ...ofSingle.map((one) => one.changes)]) {
    // a mix has no optimizations to accept, and its budget is that of the mix
    if (changes.length === 0 || changes.some(({ field }) => field.startsWith('/optimizations/') || field === BUDGET))
      continue;
    const fleet = await tried(changes.reduce<MixedFleetRequest>(withChange, request));
    if (fleet.status === 'feasible') found.push({ changes, total: fleet.total });
  }
  return found;
}

async function fleetOf(
  snapshot: CatalogSnapshot,
  request: MixedFleetRequest,
  at: string,
  pause: Pause,
  solve: SolveProgram,
): Promise<MixedFleetRecommendation> {
  const asked = withoutBudget(withSizes(withPeakOfHours(request), request.sizes));
  checkRecommendationRequest(snapshot, {
    ...asked,
    ...(request.constraints !== undefined && { constraints: request.constraints }),
  });
  const model = resolveServedModel(snapshot, asked.inference);
  if (model.kind !== 'language') {
    return refuse(
      `/inference${modelPointer(asked.inference)}`,
      'unsupported_kind',
      'Requests differ in prompt and output length: only language models are mixed by size.',
    );
  }
  const log = new AssumptionLog();
  const context = { snapshot, at, log, pause };
  const { question } = languageQuestion(snapshot, asked.inference, model.architecture, at, log);
  const sizes = normalized(request.sizes ?? sizesOf(question.lengths));
  const builder = new MachineBuilder(context, asked, model);
  const spanning = request.regions === 'any';
  const { places, whole } = await machineTypes(context, asked, builder, sizes, spanning);
  const found = await solvePlaces(
    places,
    {
      serving: question,
      sizes,
      requestsPerSecond: question.load.arrivals.requestsPerSecond,
      slices: request.slicesPerSize ?? DEFAULT_SLICES,
      spareReplicas: question.load.spareReplicas,
      steadyShare: (request.steadySharePercent ?? 0) / 100,
      maxTypes: request.maxTypes ?? null,
      limits: LIMITS,
    },
    new LoadTable(sizes, question, pause),
    solve,
    pause,
  );
  if (found.best === null) {
    return {
      status: 'infeasible',
      summary: `No mix of the devices that the limits leave serves every size of request to ${model.name}.`,
      modelId: model.id,
      leftOut: leftOutReport(whole.leftOut),
      smallestChanges: [],
      assumptions: log.list(),
    };
  }
  const { place, solved } = found.best;
  const { machines } = place;
  const machineOfType = new Map(machines.map((machine) => [machine.id, machine]));
  const monthly = (machine: FleetMachine, count: number): Money =>
    price(count * HOURS_PER_MONTH, machine.amountPerMachineHour, CURRENCY);
  const profile = profileOf(request.hourlyLoad);
  const pools = solved.pools.map((pool): FleetPoolReport => {
    const machine = machineOfType.get(pool.type.id) as FleetMachine;
    const cheapest = (category: 'on_demand' | 'committed'): number | null =>
      whole.feasible
        .filter((option) => option.category === category && option.point.id === machine.option.point.id)
        .filter((option) => spanning || samePlace(option, machine.option))
        .flatMap((option) => builder.machineOf(option) ?? [])
        .filter(({ replicasPerMachine }) => replicasPerMachine === machine.replicasPerMachine)
        .reduce((least: number | null, { usdPerHour }) => Math.min(least ?? usdPerHour, usdPerHour), null);
    // spot capacity comes and goes by the hour as it is
    const byTheHour = machine.steady ? cheapest('on_demand') : machine.usdPerHour;
    const hourlyPrice = {
      usdPerHour: byTheHour ?? 0,
      committedUsdPerHour: machine.steady ? cheapest('committed') : null,
    };
    return {
      machine,
      pool,
      replicas: pool.machines * machine.replicasPerMachine,
      total: monthly(machine, pool.machines),
      hourly:
        profile === null || byTheHour === null
          ? null
          : hourlyPlan(pool, profile, question, question.load.spareReplicas, hourlyPrice),
    };
  });
  const singles = solved.singles.map(({ type, machines: count }) => {
    const machine = machineOfType.get(type.id) as FleetMachine;
    return { machine, count, total: monthly(machine, count) };
  });
  const total = sum(
    pools.map((pool) => pool.total),
    CURRENCY,
  );
  const budget = request.constraints?.monthlyBudgetUsd;
  if (budget !== undefined && toNumber(total) > Number(budget)) {
    return {
      status: 'infeasible',
      summary: `The cheapest mix for ${model.name} costs ${moneyInWords(toNumber(total), CURRENCY)} a month, ${moneyInWords(Number(budget), CURRENCY)} are allowed.`,
      modelId: model.id,
      leftOut: leftOutReport(whole.leftOut),
      smallestChanges: [{ changes: [{ field: BUDGET, to: wholeCents(total) }], total }],
      assumptions: log.list(),
    };
  }
  const [single] = singles;
  const savingPercent = single === undefined ? null : 100 * (1 - toNumber(total) / toNumber(single.total));
  return {
    status: 'feasible',
    summary: summaryOf(
      model.name,
      place,
      pools,
      total,
      single?.machine.option.point.device.name ?? null,
      savingPercent,
    ),
    modelId: model.id,
    sizes,
    requestsPerSecond: question.load.arrivals.requestsPerSecond,
    place,
    places: found,
    machines,
    pools,
    total,
    singles,
    savingPercent,
    solved,
    prefillDecode: await prefillDecode(
      pairable(whole.feasible).flatMap((option) => builder.machineOf(option) ?? []),
      question,
      question.load.arrivals.requestsPerSecond,
      pause,
    ),
    assumptions: log.list(),
  };
}

/** The budget is that of the mix, which costs less than a single type that is beyond it may. */
function withoutBudget(request: InferenceRecommendationRequest): InferenceRecommendationRequest {
  if (request.constraints === undefined) return request;
  const { monthlyBudgetUsd: _budget, ...constraints } = request.constraints;
  return { ...request, constraints };
}

const wholeCents = (total: Money): string => (Math.ceil(toNumber(total) * 100) / 100).toFixed(2);

const samePlace = (a: HardwareOption, b: HardwareOption): boolean =>
  a.providerId === b.providerId && a.regionId === b.regionId;

/** Steady capacity by the hour: the cheapest way of serving on each device in each region, in the regions that are cheapest. */
function pairable(feasible: readonly HardwareOption[]): HardwareOption[] {
  const steady = ranked(feasible, [{ by: 'cost' }]).filter(
    ({ category }) => category === 'on_demand' || category === 'committed',
  );
  const regions = new Map<string, Map<string, HardwareOption>>();
  for (const option of steady) {
    const place = `${option.providerId} ${option.regionId}`;
    if (!regions.has(place) && regions.size === REGIONS_PAIRED) continue;
    const devices = regions.get(place) ?? new Map<string, HardwareOption>();
    regions.set(place, devices);
    if (!devices.has(option.point.device.id)) devices.set(option.point.device.id, option);
  }
  return [...regions.values()].flatMap((devices) => [...devices.values()]);
}

/** Pairs stand in one region; the cheapest pair stands in one of the regions whose cheapest device is cheap. */
const REGIONS_PAIRED = 12;

/** Sizes that are given say how long requests are, also where devices are compared for all of them together. */
function withSizes(
  asked: InferenceRecommendationRequest,
  sizes: readonly RequestSize[] | undefined,
): InferenceRecommendationRequest {
  if (sizes === undefined) return asked;
  const histogram = (tokens: (size: RequestSize) => number) => ({
    histogram: sizes.map((size) => ({ tokens: tokens(size), share: size.share })),
  });
  return {
    ...asked,
    inference: {
      ...asked.inference,
      promptTokens: histogram(({ promptTokens }) => promptTokens),
      outputTokens: histogram(({ outputTokens }) => outputTokens),
    },
  };
}

/** A load by hour says how far the peak is above the mean. */
function withPeakOfHours(request: MixedFleetRequest): InferenceRecommendationRequest {
  const { inference, constraints, purchase, engines, hourlyLoad } = request;
  const rest = {
    ...(constraints !== undefined && { constraints }),
    ...(purchase !== undefined && { purchase }),
    ...(engines !== undefined && { engines }),
  };
  if (hourlyLoad === undefined) return { inference, ...rest };
  if (inference.traffic?.peakToMeanRatio !== undefined || inference.traffic?.activeHoursPerDay !== undefined) {
    refuse(
      '/hourlyLoad',
      'exclusive',
      'hourlyLoad says when requests come; leave peakToMeanRatio and activeHoursPerDay out.',
    );
  }
  const mean = hourlyLoad.reduce((all, load) => all + load, 0) / hourlyLoad.length;
  if (!(mean > 0)) refuse('/hourlyLoad', 'minimum', 'At least one hour needs a load above 0.');
  const peakToMeanRatio = Math.max(...hourlyLoad) / mean;
  return { inference: { ...inference, traffic: { ...inference.traffic, peakToMeanRatio } }, ...rest };
}

function profileOf(hourlyLoad: readonly number[] | undefined): number[] | null {
  if (hourlyLoad === undefined) return null;
  const most = Math.max(...hourlyLoad);
  return hourlyLoad.map((load) => load / most);
}

function summaryOf(
  name: string,
  place: FleetPlace,
  pools: readonly FleetPoolReport[],
  total: Money,
  single: string | null,
  savingPercent: number | null,
): string {
  const parts = pools.map(
    ({ machine, pool }) =>
      `${pool.machines * machine.devicesPerMachine} x ${machine.option.point.device.name} (${Math.round(pool.share * 100)} % of requests)`,
  );
  const { regionId, providerId, machines } = place;
  const owned = machines.every(({ price: rent }) => rent === null);
  const rented = regionId ?? (providerId === null ? null : `at ${providerId}, which names no region`);
  const where = owned ? ', owned,' : rented === null ? '' : regionId === null ? ` ${rented},` : ` in ${rented}`;
  const cost = `${name}: ${parts.join(' and ')}${where} for ${moneyInWords(toNumber(total), CURRENCY)} a month of hardware.`;
  if (savingPercent === null || single === null) return `${cost} No single type serves every size.`;
  return pools.length === 1
    ? `${cost} Mixing does not pay here: no mix is cheaper.`
    : `${cost} That is ${savingPercent.toFixed(1)} % less than ${single} alone, the cheapest single type there.`;
}
