/** The cheapest mix of device types for requests of many sizes, against the best single type. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Assumption } from '../economics/assumption.ts';
import { moneyInWords } from '../estimate/words.ts';
import { CURRENCY, type Money, price, sum, toNumber } from '../money.ts';
import type { SolveProgram } from '../optimization/integer-program.ts';
import { type LeftOutReport, leftOutReport } from '../recommendation/left-out.ts';
import type { HardwareOption } from '../recommendation/option.ts';
import type { Pause } from '../recommendation/performance/point-search.ts';
import { ranked } from '../recommendation/ranking.ts';
import { changeInWords } from '../recommendation/smallest-change.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { type FleetChange, fleetAdvice, type MissedLimit } from './fleet-changes.ts';
import { type FleetContext, type FleetSearch, searchFleet } from './fleet-search.ts';
import { type HourlyPlan, hourlyPlan } from './hourly-plan.ts';
import type { FleetMachine, FleetPlace } from './machine-types.ts';
import { limitedFigure, type MixLimit, type MixUse, sumOfUses } from './mix-limits.ts';
import { type PrefillDecode, prefillDecode, type SplitPool } from './prefill-decode.ts';
import type { MixedFleetRequest } from './request.ts';
import type { RequestSize } from './request-sizes.ts';
import { savingPercentOf } from './saving.ts';
import { busyReplicas, type FleetPool, type SolvedFleet } from './solve-fleet.ts';
import type { SolvedPlaces } from './solve-places.ts';
import { SolverWork } from './solver-work.ts';

export interface FleetPoolReport {
  readonly machine: FleetMachine;
  readonly pool: FleetPool;
  readonly replicas: number;
  readonly total: Money;
  readonly use: MixUse;
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
  /** Of all pools. */
  readonly use: MixUse;
  readonly limits: readonly { readonly limit: MixLimit; readonly actual: number }[];
  readonly singles: readonly { readonly machine: FleetMachine; readonly count: number; readonly total: Money }[];
  /** Against the cheapest single type; null where none serves everything. */
  readonly savingPercent: number | null;
  readonly solved: SolvedFleet;
  /** Prompts and tokens on pools of their own; null where no pair in one region keeps the objectives and the limits. */
  readonly prefillDecode: PrefillDecode | null;
  readonly assumptions: readonly Assumption[];
}

interface InfeasibleFleet {
  readonly status: 'infeasible';
  readonly summary: string;
  readonly modelId: string;
  readonly leftOut: LeftOutReport;
  readonly missed: readonly MissedLimit[];
  /** Smallest first; each found by applying it. */
  readonly smallestChanges: readonly FleetChange[];
  readonly assumptions: readonly Assumption[];
}

export type MixedFleetRecommendation = FeasibleFleet | InfeasibleFleet;

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
  const work = new SolverWork(solve);
  const context: FleetContext = { snapshot, at, pause, work };
  const search = await searchFleet(context, request);
  const { best, ...places } = await search.best();
  if (best !== null) return feasibleFleet(search, best.place, best.solved, places, request, pause);
  const certain = !work.isSpent;
  const tried = async (changed: MixedFleetRequest): Promise<Money | null> => {
    const found = await (await searchFleet(context, changed)).best();
    return found.best === null ? null : totalOf(found.best.solved, machinesById(found.best.place));
  };
  const { changes, missed, ended } = await fleetAdvice(context, request, search, tried);
  const { model, whole, log } = search;
  return {
    status: 'infeasible',
    summary: whyNone(model.name, missed) + (certain ? '' : UNCERTAIN) + whatHelps(changes[0]) + (ended ? ENDED : ''),
    modelId: model.id,
    leftOut: leftOutReport(whole.leftOut),
    missed,
    smallestChanges: changes,
    assumptions: log.list(),
  };
}

const UNCERTAIN =
  ' That was not proved: the optimizer had done the work that a question is allowed before it had looked at every mix.';
const ENDED = ' Other changes may help as well: the search for them ended with the work that a question is allowed.';

function whyNone(name: string, missed: readonly MissedLimit[]): string {
  const [first] = missed;
  if (first === undefined)
    return `No mix of the devices that the limits leave serves every size of request to ${name}.`;
  const { limit, least } = first;
  const figure = (value: number): string =>
    limit.unit.startsWith('USD')
      ? `${moneyInWords(value, CURRENCY)}${limit.unit.slice(CURRENCY.length)}`
      : `${Number(value.toPrecision(4))} ${limit.unit}`;
  return least === null
    ? `No mix for ${name} keeps all limits: ${missed.map(({ limit: { constraint } }) => constraint.replaceAll('_', ' ')).join(' and ')} stand in the way together.`
    : `No mix for ${name} keeps all limits: the one that takes least needs ${figure(least)}, ${figure(limit.most)} are allowed (${limit.constraint.replaceAll('_', ' ')}).`;
}

const whatHelps = (change: FleetChange | undefined): string =>
  change === undefined
    ? ''
    : ` The smallest change that helps: ${change.changes.map(changeInWords).join(', ')}, with which the cheapest mix costs ${moneyInWords(toNumber(change.total), CURRENCY)} a month.`;

const machinesById = ({ machines }: FleetPlace): ReadonlyMap<string, FleetMachine> =>
  new Map(machines.map((machine) => [machine.id, machine]));

const monthly = (machine: FleetMachine, count: number): Money =>
  price(count * HOURS_PER_MONTH, machine.amountPerMachineHour, CURRENCY);

const totalOf = ({ pools }: SolvedFleet, machines: ReadonlyMap<string, FleetMachine>): Money =>
  sum(
    pools.map((pool) => monthly(machines.get(pool.type.id) as FleetMachine, pool.machines)),
    CURRENCY,
  );

async function feasibleFleet(
  search: FleetSearch,
  place: FleetPlace,
  solved: SolvedFleet,
  places: Omit<SolvedPlaces, 'best'>,
  request: MixedFleetRequest,
  pause: Pause,
): Promise<FeasibleFleet> {
  const { model, question, sizes, whole, builder, limits, use: machineUse, log } = search;
  const spanning = request.regions === 'any';
  const { machines } = place;
  const machineOfType = machinesById(place);
  const profile = profileOf(request.hourlyLoad);
  // an advance payment counts against the budget of the mix, which its machines by the hour do not touch
  const advancePaid = request.constraints?.upfrontBudgetUsd === undefined;
  const pools = solved.pools.map((pool): FleetPoolReport => {
    const machine = machineOfType.get(pool.type.id) as FleetMachine;
    const cheapest = (category: 'on_demand' | 'committed'): number | null =>
      whole.feasible
        .filter((option) => option.category === category && option.point.id === machine.option.point.id)
        .filter((option) => advancePaid || option.upfrontUsd === 0)
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
      use: machineUse.ofPool(machine, pool.machines, busyReplicas(pool)).use,
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
  const total = totalOf(solved, machineOfType);
  const use = sumOfUses(pools.map((pool) => pool.use));
  const [single] = singles;
  const savingPercent = single === undefined ? null : savingPercentOf(toNumber(total), toNumber(single.total));
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
    places,
    machines,
    pools,
    total,
    use,
    limits: limits.map((limit) => ({ limit, actual: limitedFigure(limit, use) })),
    singles,
    savingPercent,
    solved,
    prefillDecode: await prefillDecode(
      pairable(whole.feasible).flatMap((option) => builder.machineOf(option) ?? []),
      question,
      question.load.arrivals.requestsPerSecond,
      pause,
      (pair) => search.keepsLimits(pair.map((pool) => [pool.machine, pool.machines, busyOfSplit(pool, search)])),
    ),
    assumptions: log.list(),
  };
}

/** Replicas' worth of work of a pool of one role at the peak hour. */
const busyOfSplit = ({ machine, machines, utilization }: SplitPool, { question }: FleetSearch): number =>
  utilization * Math.max(machines * machine.replicasPerMachine - question.load.spareReplicas, 0);

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
