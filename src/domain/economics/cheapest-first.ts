/** Puts prices in order by what a device costs in an hour: by figures, so that of a million only a handful are made exact. */
import type { PriceFigures } from '../catalog/price-figures.ts';
import type { Steps } from '../steps.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { ascending, isInOrder } from './ascending.ts';
import { byPerDeviceHour, type Rental } from './rental.ts';

/** Prices between two places where the work on them may be interrupted. */
const STEP = 1024;

/** Amounts are divided to twelve digits, twice where there is an upfront part: figures this near may be the other way round. */
const FIGURE_TOLERANCE = 1e-10;

/**
 * Those that figures do not tell apart for sure are put in order by the exact amounts and by ids.
 * @param rental makes the price at an index exact
 * @param indices of prices that are all fresh, or all stale
 */
export function* cheapestFirst(
  prices: PriceFigures,
  rental: (index: number) => Rental,
  indices: Int32Array,
): Steps<Int32Array> {
  const figures = new Float64Array(indices.length);
  for (const [number, index] of indices.entries()) {
    figures[number] = figurePerDeviceHour(prices, index);
    if (number % STEP === STEP - 1) yield;
  }
  const figure = (number: number): number => figures[number] as number;
  const at = (number: number): number => indices[number] as number;
  const exactly = (a: number, b: number): number =>
    figure(a) === figure(b) ? byIds(prices, at(a), at(b)) : byPerDeviceHour(rental(at(a)), rental(at(b)));
  const order = yield* ascending(figures);
  for (let start = 0, end = 1; end <= order.length; end++) {
    const last = figure(order[end - 1] as number);
    if (end < order.length && figure(order[end] as number) - last <= FIGURE_TOLERANCE * last) continue;
    if (end - start > 1 && !isInOrder(order, start, end, exactly)) order.subarray(start, end).sort(exactly);
    if (end % STEP < end - start) yield;
    start = end;
  }
  return order.map(at);
}

/** The amount of `Rental.amountPerDeviceHour`, but for its last digits. */
function figurePerDeviceHour(prices: PriceFigures, index: number): number {
  const months = prices.termMonths(index);
  const upfront = months > 0 ? prices.upfront(index) : 0;
  const perHour = prices.amount(index) + (upfront > 0 ? upfront / (months * HOURS_PER_MONTH) : 0);
  return perHour / prices.offer(index).deviceCount;
}

function byIds(prices: PriceFigures, a: number, b: number): number {
  const { offerRank } = prices;
  if (offerRank === undefined) {
    const [offer, other] = [prices.offer(a), prices.offer(b)];
    if (offer.id !== other.id) return offer.id < other.id ? -1 : 1;
  } else if (offerRank(a) !== offerRank(b)) return offerRank(a) - offerRank(b);
  return prices.price(a).id < prices.price(b).id ? -1 : 1;
}
