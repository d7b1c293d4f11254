/** What it would take for the runner-up to win: its price, the load, the latency objectives. Each value found is one where it does win. */
import { AssumptionLog } from '../economics/assumption.ts';
import { LATENCY_FIELDS } from '../inference/latency-objectives.ts';
import type { Objectives } from '../inference/request.ts';
import { unitAmount } from '../money.ts';
import type { HardwareOption } from './option.ts';
import { inferenceAt } from './performance/performance-point.ts';
import { priceJoin } from './prices/join-prices.ts';
import type { InferenceRecommendationRequest } from './request.ts';
import { pointsOn, type SearchContext } from './search-options.ts';

interface PriceBreakEven {
  /** USD per device-hour, decimal strings. */
  readonly from: string;
  /** Just below the price at which both cost the same; null where not even a price of nothing is enough. */
  readonly to: string | null;
}

interface LoadBreakEven {
  readonly from: number;
  /** The nearest loads tried at which the runner-up costs less; null within a factor of 32. */
  readonly below: number | null;
  readonly above: number | null;
}

interface ObjectiveBreakEven {
  readonly field: string;
  readonly from: number;
  readonly tighter: number | null;
  readonly looser: number | null;
}

export interface BreakEvens {
  /** USD a month that separate the two. */
  readonly gapUsdPerMonth: number;
  /** Null for owned hardware, whose price is not one per hour. */
  readonly price: PriceBreakEven | null;
  readonly load: LoadBreakEven;
  readonly objectives: readonly ObjectiveBreakEven[];
}

/** Doublings of the load that are tried on either side. */
const LOAD_DOUBLINGS = 5;
/** Halvings of the interval in which the winner changes: to within 3 %. */
const REFINEMENTS = 5;
const LOOSENINGS = [1.1, 1.25, 1.5, 2, 3, 5, 10];
/** Below the exact tie, so that the runner-up wins by more than rounding. */
const PRICE_MARGIN = 0.9999;

export async function breakEvens(
  context: SearchContext,
  request: InferenceRecommendationRequest,
  winner: HardwareOption,
  runnerUp: HardwareOption,
): Promise<BreakEvens> {
  const cheaper = async (changed: InferenceRecommendationRequest): Promise<boolean> => {
    const theirs = await usdOf(context, changed, runnerUp);
    if (theirs === null) return false;
    const ours = await usdOf(context, changed, winner);
    return ours === null || theirs < ours;
  };
  return {
    gapUsdPerMonth: runnerUp.usdPerMonth - winner.usdPerMonth,
    price: priceBreakEven(winner, runnerUp),
    load: await loadBreakEven(request, cheaper),
    objectives: await objectiveBreakEvens(request, cheaper),
  };
}

/** The same way of serving and paying under a changed request; null where it no longer carries the load. */
async function usdOf(
  context: SearchContext,
  request: InferenceRecommendationRequest,
  { point, category, termMonths, payment, regionId, providerId, country }: HardwareOption,
): Promise<number | null> {
  const served = inferenceAt(request.inference, point);
  const inference = { ...served, ...(Object.keys(point.serving).length > 0 && { serving: point.serving }) };
  const bare = context.snapshot.device(point.device.id);
  if (bare === undefined) return null;
  const quiet = { ...context, log: new AssumptionLog() };
  const { points } = await pointsOn(quiet, { ...request, inference }, [bare], false);
  const join = priceJoin(
    {
      snapshot: context.snapshot,
      inference,
      at: context.at,
      terms: request.purchase,
      ownedCountry: category === 'owned' ? country : null,
    },
    {
      categories: [category],
      group: (group) =>
        group.termMonths === termMonths &&
        group.payment === payment &&
        (group.region?.id ?? null) === regionId &&
        group.providerId === providerId,
    },
  );
  for (const same of points) {
    const [option] = join(same);
    if (option !== undefined) return option.usdPerMonth;
  }
  return null;
}

function priceBreakEven(winner: HardwareOption, runnerUp: HardwareOption): PriceBreakEven | null {
  const { price, hardwareUsdPerMonth } = runnerUp;
  if (price === null || runnerUp.category === 'owned') return null;
  const gap = runnerUp.usdPerMonth - winner.usdPerMonth;
  // surcharges move with the hardware; what is beside it (egress) stays
  const share = 1 - gap / (hardwareUsdPerMonth * runnerUp.perHardwareUsd);
  return {
    from: price.amountPerDeviceHour,
    to: share > 0 ? unitAmount(Number((price.perDeviceHour * share * PRICE_MARGIN).toPrecision(6))) : null,
  };
}

async function loadBreakEven(
  request: InferenceRecommendationRequest,
  cheaper: (changed: InferenceRecommendationRequest) => Promise<boolean>,
): Promise<LoadBreakEven> {
  const from = request.inference.requestsPerDay;
  const winsAt = (requestsPerDay: number) =>
    cheaper({ ...request, inference: { ...request.inference, requestsPerDay } });
  const nearest = async (step: number): Promise<number | null> => {
    let held = from;
    for (let doubling = 1; doubling <= LOAD_DOUBLINGS; doubling++) {
      const tried = from * step ** doubling;
      if (await winsAt(tried)) return refine(held, tried, winsAt);
      held = tried;
    }
    return null;
  };
  return { from, below: await nearest(0.5), above: await nearest(2) };
}

/** Closer to `held`, staying where the runner-up wins. */
async function refine(held: number, won: number, wins: (value: number) => Promise<boolean>): Promise<number> {
  let near = held;
  let far = won;
  for (let step = 0; step < REFINEMENTS; step++) {
    const middle = Number(Math.sqrt(near * far).toPrecision(3));
    if (middle === near || middle === far) break;
    if (await wins(middle)) far = middle;
    else near = middle;
  }
  return far;
}

async function objectiveBreakEvens(
  request: InferenceRecommendationRequest,
  cheaper: (changed: InferenceRecommendationRequest) => Promise<boolean>,
): Promise<ObjectiveBreakEven[]> {
  const given: Objectives = request.inference.objectives ?? {};
  const found: ObjectiveBreakEven[] = [];
  for (const { field: name } of LATENCY_FIELDS) {
    const from = given[name];
    if (from === undefined) continue;
    const first = async (factors: readonly number[]): Promise<number | null> => {
      for (const factor of factors) {
        const value = Number((from * factor).toPrecision(3));
        const objectives = { ...given, [name]: value };
        if (await cheaper({ ...request, inference: { ...request.inference, objectives } })) return value;
      }
      return null;
    };
    found.push({
      field: `/inference/objectives/${name}`,
      from,
      tighter: await first(LOOSENINGS.map((factor) => 1 / factor)),
      looser: await first(LOOSENINGS),
    });
  }
  return found;
}
