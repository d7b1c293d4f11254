/** Which prices of a device are ranked: those of whole devices, with an amount. */
import type { Offer, PriceCategory } from '../catalog/offers.ts';
import type { PriceFigures } from '../catalog/price-figures.ts';
import type { Steps } from '../steps.ts';

interface RankablePrices {
  /** Their indices, for each category in which there are any. */
  readonly byCategory: Map<PriceCategory, Int32Array>;
  /** Of each price, the number of the kind and size of its offer. */
  readonly shapes: Int32Array;
}

/** In place of the number of a category. */
const NOT_RANKED = 255;

/** Prices between two places where the work on them may be interrupted. */
const STEP = 1024;

export function* rankablePrices(prices: PriceFigures): Steps<RankablePrices> {
  const categories: PriceCategory[] = [];
  const categoryOf = new Uint8Array(prices.length).fill(NOT_RANKED);
  const counts: number[] = [];
  const shapes = new Int32Array(prices.length);
  const shapeNumbers = new Map<string, number>();
  let last: { readonly kind: Offer['kind']; readonly deviceCount: number; readonly shape: number } | null = null;
  for (let index = 0; index < prices.length; index++) {
    if (index % STEP === STEP - 1) yield;
    const { kind, deviceCount } = prices.offer(index);
    if (deviceCount < 1 || Number.isNaN(prices.amount(index))) continue;
    if (last === null || kind !== last.kind || deviceCount !== last.deviceCount) {
      const name = `${kind} ${deviceCount}`;
      const shape: number = shapeNumbers.get(name) ?? shapeNumbers.size;
      shapeNumbers.set(name, shape);
      last = { kind, deviceCount, shape };
    }
    shapes[index] = last.shape;
    const category = prices.category(index);
    let number = categories.indexOf(category);
    if (number < 0) number = categories.push(category) - 1;
    categoryOf[index] = number;
    counts[number] = (counts[number] ?? 0) + 1;
  }
  const lists = counts.map((count) => new Int32Array(count));
  const filled = counts.map(() => 0);
  for (const [index, number] of categoryOf.entries()) {
    if (index % STEP === STEP - 1) yield;
    if (number === NOT_RANKED) continue;
    const place = filled[number] as number;
    (lists[number] as Int32Array)[place] = index;
    filled[number] = place + 1;
  }
  const byCategory = new Map(categories.map((category, number) => [category, lists[number] as Int32Array]));
  return { byCategory, shapes };
}
