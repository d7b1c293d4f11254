/**
 * What the ways of serving that the caller has not accepted would save. Only what beats the best of those accepted is of interest, so
 * candidates are pruned by a true lower bound of their cost: the devices that the rate at saturation alone asks for, at the lowest
 * price of the device on the accepted terms. Latency, whole instances, surcharges and network only add to it. The cheapest that beats
 * the winner is found for certain; what is pruned is reported as costing at least its bound.
 */
import type { Device } from '../devices/device.ts';
import { AssumptionLog } from '../economics/assumption.ts';
import { lowestPerDeviceHour, rentalGroups } from '../economics/rental-groups.ts';
import { resolveServedModel } from '../estimate/resolve-model.ts';
import type { Quality } from '../inference/optimization/option.ts';
import { ACCURACY_STEPS } from './accuracy.ts';
import {
  acceptedPurchases,
  type Change,
  deviceFailures,
  type Failure,
  optionFailures,
  placeFailures,
} from './constraints.ts';
import { priceJoin } from './join-prices.ts';
import type { LeftOutFamily } from './left-out.ts';
import {
  acceptedPresets,
  isAvailable,
  type OptimizationPreset,
  type Preset,
  presetsOf,
} from './optimization-presets.ts';
import type { HardwareOption } from './option.ts';
import type { CandidateBound } from './point-search.ts';
import type { InferenceRecommendationRequest, OptimizationPresetId } from './request.ts';
import { pointsOn, type SearchContext, tagged, type Visit } from './search-options.ts';

type Request = InferenceRecommendationRequest;

export interface OptimizationComparison {
  /** quantized_weights is accepted by the accuracy floor, not by name. */
  readonly id: OptimizationPresetId | 'combined' | 'quantized_weights';
  readonly label: string;
  readonly status: 'saves' | 'saves_nothing' | 'accepted' | 'applied' | 'not_available';
  /** Why it cannot be had; null otherwise. */
  readonly detail: string | null;
  /** The cheapest with it: of what is accepted whatever it costs, of the rest where it costs less than that; else null. */
  readonly cheapest: HardwareOption | null;
  /** Off the cheapest accepted option; for what is accepted, off the cheapest without any. Null without an option. */
  readonly savingUsdPerMonth: number | null;
  /** No option with it costs less; null where none was looked at. */
  readonly atLeastUsdPerMonth: number | null;
  /** Candidates worked out in full, and those that their bound ruled out. */
  readonly evaluated: number;
  readonly pruned: number;
  readonly quality: Quality | null;
  readonly precondition: string;
  readonly assumes: string | null;
  /** What accepts it; null where nothing does. */
  readonly change: Change | null;
}

export interface PresetComparisons {
  readonly comparisons: readonly OptimizationComparison[];
  readonly leftOut: readonly LeftOutFamily[];
}

/** @param feasible what the caller accepts: what costs as much is no longer of interest */
export async function comparePresets(
  context: SearchContext,
  request: Request,
  feasible: readonly HardwareOption[],
): Promise<PresetComparisons> {
  const limitUsd = cheapestOf(feasible)?.usdPerMonth ?? Number.POSITIVE_INFINITY;
  const quiet = { ...context, log: new AssumptionLog() };
  const market = marketOf(context, request, feasible);
  const comparisons: OptimizationComparison[] = [];
  const leftOut: LeftOutFamily[] = [];
  const accepted: readonly string[] = request.optimizations?.accept ?? [];
  for (const preset of presetsOf(context.snapshot, request)) {
    const plain = plainComparison(preset);
    if (!isAvailable(preset)) {
      comparisons.push(plain);
      continue;
    }
    if (accepted.includes(preset.id)) continue;
    const found = await cheapestBelow(quiet, request, { preset, request }, market, limitUsd);
    comparisons.push({ ...plain, ...verdictOf(found, limitUsd) });
    leftOut.push(...found.devices.map((device) => familyOf(preset, device)));
  }
  const without = cheapestOf(feasible.filter(({ point }) => point.preset === null));
  for (const preset of acceptedPresets(context.snapshot, request)) {
    const cheapest = cheapestOf(feasible.filter(({ point }) => point.preset?.id === preset.id));
    const saving = cheapest === null || without === null ? null : without.usdPerMonth - cheapest.usdPerMonth;
    const atLeastUsdPerMonth = cheapest?.usdPerMonth ?? null;
    comparisons.push({
      ...plainComparison(preset),
      status: 'accepted',
      cheapest,
      savingUsdPerMonth: saving,
      atLeastUsdPerMonth,
      change: null,
    });
  }
  const narrower = narrowerFormats(context, request);
  if (narrower !== null) {
    const found = await cheapestBelow(quiet, request, { preset: null, request: narrower.request }, market, limitUsd);
    const kept = found.cheapest?.point.accuracyPercent ?? null;
    comparisons.push({
      ...NARROWER_WEIGHTS,
      ...verdictOf(found, limitUsd),
      change: kept === null ? null : { field: '/constraints/minAccuracyPercent', to: kept },
    });
  }
  return { comparisons, leftOut };
}

const cheapestOf = (options: readonly HardwareOption[]): HardwareOption | null =>
  options.reduce(
    (best: HardwareOption | null, option) => (best === null || option.usdPerMonth < best.usdPerMonth ? option : best),
    null,
  );

const plainComparison = (preset: Preset): OptimizationComparison => ({
  id: preset.id,
  label: preset.label,
  status: isAvailable(preset) ? 'saves_nothing' : preset.status,
  detail: isAvailable(preset) ? null : preset.detail,
  cheapest: null,
  savingUsdPerMonth: null,
  atLeastUsdPerMonth: null,
  evaluated: 0,
  pruned: 0,
  quality: preset.quality,
  precondition: preset.precondition,
  assumes: preset.assumes,
  change: isAvailable(preset) ? acceptance(preset) : null,
});

const acceptance = ({ id }: Pick<OptimizationPreset, 'id'>): Change => ({ field: '/optimizations/accept', add: id });

const NARROWER_WEIGHTS: Omit<OptimizationComparison, 'status' | 'change'> = {
  id: 'quantized_weights',
  label: 'Weights narrower than published',
  detail: null,
  cheapest: null,
  savingUsdPerMonth: null,
  atLeastUsdPerMonth: null,
  evaluated: 0,
  pruned: 0,
  // each format keeps its own share: the option says which
  quality: null,
  precondition: 'A calibrated checkpoint in the narrower format, and tests of the task on it.',
  assumes: null,
};

const verdictOf = ({ cheapest, atLeastUsd, evaluated, pruned }: Found, limitUsd: number) => ({
  status: cheapest === null ? ('saves_nothing' as const) : ('saves' as const),
  cheapest,
  savingUsdPerMonth: cheapest === null ? null : limitUsd - cheapest.usdPerMonth,
  atLeastUsdPerMonth: Number.isFinite(atLeastUsd) ? atLeastUsd : null,
  evaluated,
  pruned,
});

/** The question with every format admitted whose loss is measured; null where it admits them, or fixes the format. */
function narrowerFormats({ snapshot }: SearchContext, request: Request): { readonly request: Request } | null {
  const lowest = Math.min(...ACCURACY_STEPS);
  const floor = request.constraints?.minAccuracyPercent;
  if (floor !== undefined && floor <= lowest) return null;
  if (request.inference.serving?.weightFormat !== undefined) return null;
  if (resolveServedModel(snapshot, request.inference).kind !== 'language') return null;
  return { request: { ...request, constraints: { ...request.constraints, minAccuracyPercent: lowest } } };
}

interface DeviceBound {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly nearest: HardwareOption | null;
  readonly options: number;
  /** Nothing on this device costs less. */
  readonly atLeastUsd: number;
}

interface Found {
  readonly cheapest: HardwareOption | null;
  readonly atLeastUsd: number;
  readonly evaluated: number;
  readonly pruned: number;
  readonly devices: readonly DeviceBound[];
}

interface Variant {
  readonly preset: OptimizationPreset | null;
  /** By which options are judged. */
  readonly request: Request;
}

/** What a device costs at least, and the devices to be had, the likely winner first, so that its cost prunes the rest. */
interface Market {
  readonly floorOf: (deviceId: string) => number;
  readonly devices: readonly Device[];
}

function marketOf(context: SearchContext, request: Request, feasible: readonly HardwareOption[]): Market {
  const { constraints = {} } = request;
  const floorOf = lowestPrices(context, request);
  const costs = cheapestByDevice(feasible);
  const devices = context.snapshot.devices
    .filter((device) => deviceFailures(device, constraints).length === 0 && Number.isFinite(floorOf(device.id)))
    .sort((a, b) => order(costs.get(a.id), costs.get(b.id)) || (a.id < b.id ? -1 : 1));
  return { floorOf, devices };
}

async function cheapestBelow(
  context: SearchContext,
  asked: Request,
  { preset, request }: Variant,
  market: Market,
  limitUsd: number,
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
  let evaluated = 0;
  let pruned = 0;
  let current = Number.POSITIVE_INFINITY;
  const bounds: DeviceBound[] = [];
  const isWorthwhile = ({ device, leastDevices, paidHours }: CandidateBound): boolean => {
    const leastUsd = leastDevices * floorOf(device.id) * paidHours;
    if (leastUsd < (cheapest?.usdPerMonth ?? limitUsd)) {
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
          if (option.usdPerMonth < (cheapest?.usdPerMonth ?? limitUsd)) cheapest = option;
        }
      }
      if (Number.isFinite(atLeastUsd)) {
        bounds.push({ deviceId: device.id, deviceName: device.name, nearest, options, atLeastUsd });
      }
    },
  });
  const atLeastUsd = bounds.reduce((least, bound) => Math.min(least, bound.atLeastUsd), Number.POSITIVE_INFINITY);
  return { cheapest, atLeastUsd, evaluated, pruned, devices: bounds };
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

/** The lowest USD per device-hour on the accepted terms and in the places asked for; infinite where a device is not to be had on them. */
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
    // what owned hardware costs an hour is known once it is sized: nothing bounds it
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

const notAccepted = (preset: OptimizationPreset): Failure => ({
  constraint: 'optimization',
  required: 'none',
  actual: preset.id,
  margin: null,
  unit: null,
  // after what is served as asked and only paid for otherwise
  excess: 2,
  change: acceptance(preset),
});

const familyOf = (preset: OptimizationPreset, bound: DeviceBound): LeftOutFamily => ({
  familyId: `${bound.deviceId}+${preset.id}`,
  deviceId: bound.deviceId,
  constraint: 'optimization',
  detail: `${bound.deviceName}: ${preset.label.charAt(0).toLowerCase()}${preset.label.slice(1)} is not accepted.`,
  failures: [notAccepted(preset)],
  options: bound.options,
  nearestOption: bound.nearest,
  cheapestUsdPerMonth: bound.atLeastUsd,
});

/** Where nothing is feasible: every option of the presets that are not accepted, each with what stands against it. */
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
