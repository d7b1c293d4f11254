/**
 * Searches optimizations that the caller has not accepted, only as far as they may beat the accepted options. Candidates are skipped by a
 * true lower bound on their cost: the devices needed at the saturation rate, at the lowest price of the device on the accepted terms.
 * Latency, whole instances, surcharges and network only add to it. So the cheapest is certain to be found, and what is skipped is
 * reported as costing at least its bound.
 */
import type { Device } from '../../devices/device.ts';
import { lowestPerDeviceHour, rentalGroups } from '../../economics/rental-groups.ts';
import {
  acceptedPurchases,
  type Change,
  deviceFailures,
  type Failure,
  optionFailures,
  placeFailures,
} from '../constraints.ts';
import type { HardwareOption } from '../option.ts';
import type { CandidateBound } from '../performance/point-search.ts';
import { priceJoin } from '../prices/join-prices.ts';
import { figureOf } from '../ranking.ts';
import type { InferenceRecommendationRequest, RankingFigure } from '../request.ts';
import { pointsOn, type SearchContext, tagged, type Visit } from '../search-options.ts';
import { isAvailable, type OptimizationPreset, presetsOf } from './optimization-presets.ts';

type Request = InferenceRecommendationRequest;

export interface DeviceBound {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly nearest: HardwareOption | null;
  readonly options: number;
  /** Lower bound on the cost of any option on this device. */
  readonly atLeastUsd: number;
}

export interface Found {
  readonly cheapest: HardwareOption | null;
  /** The best by the ranking figure, where it is better than the accepted options; null where the ranking figure is cost (see `cheapest`). */
  readonly best: HardwareOption | null;
  readonly atLeastUsd: number;
  readonly evaluated: number;
  readonly pruned: number;
  readonly devices: readonly DeviceBound[];
}

interface Variant {
  readonly preset: OptimizationPreset | null;
  /** What options are judged by. */
  readonly request: Request;
}

/** The available devices with lower bounds on their cost, the likely winner first, so that its cost skips most others. */
interface Market {
  readonly floorOf: (deviceId: string) => number;
  readonly devices: readonly Device[];
}

export function marketOf(context: SearchContext, request: Request, feasible: readonly HardwareOption[]): Market {
  const { constraints = {} } = request;
  const floorOf = lowestPrices(context, request);
  const costs = cheapestByDevice(feasible);
  const devices = context.snapshot.devices
    .filter((device) => deviceFailures(device, constraints).length === 0 && Number.isFinite(floorOf(device.id)))
    .sort((a, b) => order(costs.get(a.id), costs.get(b.id)) || (a.id < b.id ? -1 : 1));
  return { floorOf, devices };
}

export type FigureBesideCost = Exclude<RankingFigure, 'cost'>;

/** Figures of the best accepted option. */
export interface Limit {
  readonly usd: number;
  /** The first ranking figure and its best value; null where that figure is cost. */
  readonly figure: { readonly by: FigureBesideCost; readonly value: number } | null;
}

/** Only cost has a bound: where options are ranked by another figure, every candidate is worked out. */
export async function cheapestBelow(
  context: SearchContext,
  asked: Request,
  { preset, request }: Variant,
  market: Market,
  limit: Limit,
): Promise<Found> {
  const { snapshot, at } = context;
  const { constraints = {}, purchase } = request;
  const accepted = acceptedPurchases(purchase);
  const { floorOf, devices } = market;
  const changed = preset === null ? request : { ...request, inference: preset.apply(asked.inference) };
  const join = priceJoin(
    {
      snapshot,
      inference: changed.inference,
      at,
      terms: purchase,
      ownedCountry: constraints.countries?.[0] ?? null,
    },
    { categories: accepted },
  );

  let cheapest: HardwareOption | null = null;
  let best: HardwareOption | null = null;
  let evaluated = 0;
  let pruned = 0;
  let current = Number.POSITIVE_INFINITY;
  const bounds: DeviceBound[] = [];
  const isWorthwhile = ({ device, leastDevices, runningHours }: CandidateBound): boolean => {
    const leastUsd = leastDevices * floorOf(device.id) * runningHours;
    if (limit.figure !== null || leastUsd < (cheapest?.usdPerMonth ?? limit.usd)) {
      evaluated++;
      return true;
    }
    pruned++;
    current = Math.min(current, leastUsd);
    return false;
  };
  await pointsOn(context, changed, devices, false, {
    isWorthwhile,
    onPoints: (device, points) => {
      let nearest: HardwareOption | null = null;
      let options = 0;
      let atLeastUsd = current;
      current = Number.POSITIVE_INFINITY;
      for (const point of points) {
        for (const option of join(preset === null ? point : tagged(point, preset))) {
          if (optionFailures(option, request).length > 0) continue;
          options++;
          atLeastUsd = Math.min(atLeastUsd, option.usdPerMonth);
          if (nearest === null || option.usdPerMonth < nearest.usdPerMonth) nearest = option;
          if (option.usdPerMonth < (cheapest?.usdPerMonth ?? limit.usd)) cheapest = option;
          if (limit.figure === null) continue;
          const { by, value } = limit.figure;
          if (figureOf(option, by) < (best === null ? value : figureOf(best, by))) best = option;
        }
      }
      if (Number.isFinite(atLeastUsd)) {
        bounds.push({ deviceId: device.id, deviceName: device.name, nearest, options, atLeastUsd });
      }
    },
  });
  const atLeastUsd = bounds.reduce((least, bound) => Math.min(least, bound.atLeastUsd), Number.POSITIVE_INFINITY);
  return { cheapest, best, atLeastUsd, evaluated, pruned, devices: bounds };
}

const order = (a: number | undefined, b: number | undefined): number => {
  const difference = (a ?? Number.MAX_VALUE) - (b ?? Number.MAX_VALUE);
  return Number.isNaN(difference) ? 0 : difference;
};

function cheapestByDevice(feasible: readonly HardwareOption[]): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const { point, usdPerMonth } of feasible) {
    const { id } = point.device;
    costs.set(id, Math.min(costs.get(id) ?? Number.POSITIVE_INFINITY, usdPerMonth));
  }
  return costs;
}

/** The lowest USD per device-hour on the accepted terms and in the allowed places; infinite where the device is not offered there. */
function lowestPrices(
  { snapshot, at }: SearchContext,
  { purchase, constraints = {} }: Request,
): (deviceId: string) => number {
  const accepted = acceptedPurchases(purchase);
  const managedPlatforms = purchase?.managedPlatforms ?? false;
  const known = new Map<string, number>();
  return (deviceId) => {
    const before = known.get(deviceId);
    if (before !== undefined) return before;
    // the hourly cost of owned hardware is only known once it is sized, so that there is no bound
    let lowest = accepted.includes('owned') ? 0 : Number.POSITIVE_INFINITY;
    for (const group of rentalGroups(snapshot, deviceId, at)) {
      const { category, providerId, region } = group;
      if (!accepted.includes(category)) continue;
      const providerCountry = snapshot.provider(providerId)?.headquartersCountry ?? null;
      const country = region?.country ?? null;
      const place = { category, providerId, providerCountry, regionId: region?.id ?? null, country };
      if (placeFailures(place, constraints).length > 0) continue;
      lowest = Math.min(lowest, lowestPerDeviceHour(group, { deviceId, at, managedPlatforms }));
    }
    known.set(deviceId, lowest);
    return lowest;
  };
}

export const acceptance = ({ id }: Pick<OptimizationPreset, 'id'>): Change => ({
  field: '/optimizations/accept',
  add: id,
});

export const notAccepted = (preset: OptimizationPreset): Failure => ({
  constraint: 'optimization',
  required: 'none',
  actual: preset.id,
  margin: null,
  unit: null,
  // after what is served as asked and only paid for otherwise
  excess: 2,
  change: acceptance(preset),
});

/** For when nothing is feasible: every option with an optimization that is not accepted, each with the reasons against it. */
export async function visitPresetOptions(context: SearchContext, request: Request, visit: Visit): Promise<void> {
  const { snapshot, at } = context;
  const { constraints = {}, purchase } = request;
  const accepted: readonly string[] = request.optimizations?.accept ?? [];
  const devices = snapshot.devices.filter((device) => deviceFailures(device, constraints).length === 0);
  for (const preset of presetsOf(snapshot, request)) {
    if (!isAvailable(preset) || accepted.includes(preset.id)) continue;
    const inference = preset.apply(request.inference);
    const join = priceJoin(
      {
        snapshot,
        inference,
        at,
        terms: purchase,
        ownedCountry: constraints.countries?.[0] ?? null,
      },
      { categories: acceptedPurchases(purchase) },
    );
    const { points } = await pointsOn(context, { ...request, inference }, devices, false, EVERYTHING);
    for (const point of points) {
      await context.pause();
      for (const option of join(tagged(point, preset))) {
        visit(option, [...optionFailures(option, request), notAccepted(preset)]);
      }
    }
  }
}

const EVERYTHING = { isWorthwhile: () => true, onPoints: () => undefined };
