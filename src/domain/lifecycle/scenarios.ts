/** Which figures a course is simulated with: the best estimate, draws, and one figure at a time off it. */
import { type AssumptionLog, exactly, type Quantity } from '../economics/assumption.ts';
import type { UncertainFactor } from '../uncertainty/band.ts';
import { Z90 } from '../uncertainty/normal.ts';
import { stratifiedNormals } from '../uncertainty/philox.ts';
import { GROWTH_PERCENT, PURCHASE_DECLINE_PERCENT, RENTAL_DECLINE_PERCENT } from './defaults.ts';
import { factorAt } from './factor-table.ts';
import type { LifecycleRequest } from './request.ts';
import type { Scenario } from './simulate.ts';

/** A rate with its 80 % range, percent a year. */
export interface Rate {
  readonly id: string;
  readonly field: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly source: string;
}

export interface Rates {
  readonly growth: Rate;
  /** How fast hardware gets cheaper. */
  readonly rentedDecline: Rate;
  readonly boughtDecline: Rate;
}

/** A price that halves twice a year is faster than any on record; beyond that a draw is held. */
const FASTEST_DECLINE_PERCENT = 75;

export function ratesOf(request: LifecycleRequest, log: AssumptionLog): Rates {
  const { growth, hardwarePrices, inference } = request;
  const percent = growth?.percentPerYear;
  const grown = log.resolve(percent, GROWTH_PERCENT);
  const given = hardwarePrices?.declinePercentPerYear;
  const purchase = inference?.purchase;
  const ownRate = purchase?.usdPerDeviceHour !== undefined && given === undefined;
  if (ownRate) {
    log.add({
      id: RENTAL_DECLINE_PERCENT.id,
      field: RENTAL_DECLINE_PERCENT.field,
      value: 0,
      unit: RENTAL_DECLINE_PERCENT.unit,
      range: null,
      source: 'the rate per device-hour of the request',
      reason: 'A rate of your own is taken to hold as long as you do not say otherwise',
    });
  }
  const owned = purchase?.category === 'owned';
  const rented = ownRate ? exactly(0, '% per year') : decline(given, RENTAL_DECLINE_PERCENT, !owned, log);
  const bought = decline(given, PURCHASE_DECLINE_PERCENT, owned, log);
  return {
    growth: {
      id: GROWTH_PERCENT.id,
      field: GROWTH_PERCENT.field,
      value: grown.value,
      low: growth?.lowPercentPerYear ?? grown.value,
      high: growth?.highPercentPerYear ?? grown.value,
      source: grown.source,
    },
    rentedDecline: rateOf(RENTAL_DECLINE_PERCENT, rented),
    boughtDecline: rateOf(PURCHASE_DECLINE_PERCENT, bought),
  };
}

/** Only what this service pays is listed among the assumptions. */
const decline = (
  given: number | undefined,
  entry: typeof RENTAL_DECLINE_PERCENT,
  listed: boolean,
  log: AssumptionLog,
): Quantity =>
  given !== undefined || listed
    ? log.resolve(given, entry)
    : { value: entry.value, unit: entry.unit, source: entry.source, factors: [], assumptionId: null };

function rateOf(entry: typeof RENTAL_DECLINE_PERCENT, { value, factors, source }: Quantity): Rate {
  const { range, id, field } = entry;
  const sure = factors.length === 0 || range === null;
  return { id, field, value, low: sure ? value : range.low, high: sure ? value : range.high, source };
}

/** A rate at a standard normal score: normal in two pieces. */
export const rateAt = ({ value, low, high }: Rate, score: number): number =>
  value + (score / Z90) * (score < 0 ? value - low : high - value);

export function scenarioAt(
  rates: Rates,
  factors: Float64Array,
  scores: { readonly growth?: number; readonly rented?: number; readonly bought?: number } = {},
): Scenario {
  const price = (rate: Rate, score: number | undefined): number =>
    1 - Math.min(rateAt(rate, score ?? 0), FASTEST_DECLINE_PERCENT) / 100;
  return {
    factors,
    growth: Math.max(1 + rateAt(rates.growth, scores.growth ?? 0) / 100, 0),
    rentedPrice: price(rates.rentedDecline, scores.rented),
    boughtPrice: price(rates.boughtDecline, scores.bought),
  };
}

export const bestEstimate = (rates: Rates, factors: readonly UncertainFactor[]): Scenario =>
  scenarioAt(rates, new Float64Array(factors.length).fill(1));

/** Draws of all figures at once: Latin hypercube, the same for the same seed. */
export function* scenarioDraws(
  rates: Rates,
  factors: readonly UncertainFactor[],
  draws: number,
  seed: number,
): Generator<Scenario> {
  const dimension = (index: number) => stratifiedNormals(draws, index, seed);
  const growth = dimension(0);
  const rented = dimension(1);
  const bought = dimension(2);
  const scores = factors.map((_, index) => dimension(3 + index));
  const values = new Float64Array(factors.length);
  for (let draw = 0; draw < draws; draw++) {
    for (const [index, factor] of factors.entries()) {
      values[index] = factorAt(factor, (scores[index] as Float64Array)[draw] as number);
    }
    yield scenarioAt(rates, values, {
      growth: growth[draw] as number,
      rented: rented[draw] as number,
      bought: bought[draw] as number,
    });
  }
}
