/**
 * Bands of totals. Each line item is a point amount times a product of uncertain factors; items that share a factor
 * (the same throughput, the same price) move together, one that carries its inverse moves against it. Percentiles are
 * never added, and the same input always gives the same band.
 *
 * A factor is log-normal in two pieces: the logarithm is normal on either side of the median, with the spread that
 * p10 asks for below and the spread that p90 asks for above. One factor alone gives its own quantiles exactly; products
 * and sums are sampled on the fixed points of sample-points.ts. The factor that moves a sum most is spread evenly under
 * every point of the others: a multiplication each, where a finer point set would cost an exponential each.
 */
import { type Band, inverseOf, type UncertainFactor } from './band.ts';
import { Z90 } from './normal.ts';
import { INNER_POINTS, innerPoints, OUTER_POINTS, outerPoints, PHASES } from './sample-points.ts';
import { bandOfValues } from './selection.ts';

export interface UncertainItem {
  readonly amount: number;
  readonly factors: readonly UncertainFactor[];
}

interface ItemBands {
  /** In the order of the items. */
  readonly items: readonly Band[];
  readonly total: Band;
}

/** A product of factors: how often each stands in the numerator (negative: under the bar). Keys index `factors`. */
interface Product {
  readonly powers: ReadonlyMap<number, number>;
  amount: number;
}

/** Spread of the logarithm below and above its median. */
interface Spread {
  readonly log50: number;
  readonly below: number;
  readonly above: number;
}

interface Terms {
  readonly spreads: readonly Spread[];
  readonly products: readonly Product[];
  readonly productOfItem: readonly Product[];
}

export function sumBand(items: readonly UncertainItem[]): Band {
  const { spreads, products } = termsOf(items);
  return totalBand(products, spreads, pointsOf(spreads));
}

/** The band of each item and of their sum, in one pass. Items with the same factors have the same relative band. */
export function bandsOfItems(items: readonly UncertainItem[]): ItemBands {
  const { spreads, products, productOfItem } = termsOf(items);
  const points = pointsOf(spreads);
  const relative = new Map(products.map((product) => [product, productBand(product, spreads, points)]));
  const [only, ...others] = products;
  return {
    items: items.map((item, i) => scaleBand(relative.get(productOfItem[i] as Product) as Band, item.amount)),
    total:
      only !== undefined && others.length === 0
        ? scaleBand(relative.get(only) as Band, only.amount)
        : totalBand(products, spreads, points),
  };
}

function totalBand(products: readonly Product[], spreads: readonly Spread[], points: Points): Band {
  const present = products.filter((product) => product.amount !== 0);
  const [only] = present;
  return only !== undefined && present.length === 1
    ? scaleBand(productBand(only, spreads, points), only.amount)
    : bandOfValues(sampleSum(present, points, false, samples));
}

/** The band of any function of uncertain items, for example a ratio of two of them. */
export function combineBand(items: readonly UncertainItem[], combine: (values: Float64Array) => number): Band {
  const { spreads, products, productOfItem } = termsOf(items);
  const points = pointsOf(spreads);
  const sampled = (product: Product): Float64Array =>
    sampleSum([product], points, true, new Float64Array(OUTER_POINTS * INNER_POINTS));
  const relative = new Map(products.map((product) => [product, sampled(product)]));
  const samplesOfItem = productOfItem.map((product) => relative.get(product) as Float64Array);
  const values = new Float64Array(items.length);
  const results = samples;
  for (let sample = 0; sample < results.length; sample++) {
    for (let i = 0; i < items.length; i++) {
      values[i] = (items[i] as UncertainItem).amount * ((samplesOfItem[i] as Float64Array)[sample] as number);
    }
    results[sample] = combine(values);
  }
  return bandOfValues(results);
}

/** A negative amount (a credit) turns its band round. */
const scaleBand = (band: Band, amount: number): Band =>
  amount < 0
    ? { p10: band.p90 * amount, p50: band.p50 * amount, p90: band.p10 * amount }
    : { p10: band.p10 * amount, p50: band.p50 * amount, p90: band.p90 * amount };

/** Distinct factors (one with its inverse), those that move the sum most first, and distinct products of them. */
function termsOf(items: readonly UncertainItem[]): Terms {
  const weights = new Map<UncertainFactor, number>();
  for (const { amount, factors } of items) {
    for (const factor of factors) {
      const inverse = inverseOf(factor);
      const root = inverse !== undefined && weights.has(inverse) ? inverse : factor;
      weights.set(root, (weights.get(root) ?? 0) + Math.abs(amount) * Math.log(factor.p90 / factor.p10));
    }
  }
  const factors = [...weights.keys()].sort(
    (a, b) => (weights.get(b) as number) - (weights.get(a) as number) || (a.basis.id < b.basis.id ? -1 : 1),
  );
  const indexOf = new Map(factors.map((factor, index) => [factor, index]));
  const products = new Map<string, Product>();
  const productOfItem = items.map((item) => {
    const powers = new Map<number, number>();
    for (const factor of item.factors) {
      const own = indexOf.get(factor);
      const index = own ?? (indexOf.get(inverseOf(factor) as UncertainFactor) as number);
      const power = (powers.get(index) ?? 0) + (own === undefined ? -1 : 1);
      if (power === 0) powers.delete(index);
      else powers.set(index, power);
    }
    const key = [...powers].sort(([a], [b]) => a - b).join(';');
    const product = products.get(key) ?? { powers, amount: 0 };
    product.amount += item.amount;
    products.set(key, product);
    return product;
  });
  return { spreads: factors.map(spreadOf), products: [...products.values()], productOfItem };
}

function spreadOf(factor: UncertainFactor): Spread {
  const log50 = Math.log(factor.p50);
  return { log50, below: (log50 - Math.log(factor.p10)) / Z90, above: (Math.log(factor.p90) - log50) / Z90 };
}

/** Relative band of a product. */
function productBand(product: Product, spreads: readonly Spread[], points: Points): Band {
  const [first, ...more] = product.powers;
  if (first === undefined) return { p10: 1, p50: 1, p90: 1 };
  if (more.length === 0) {
    const [index, power] = first;
    const { log50, below, above } = spreads[index] as Spread;
    const at = (z: number): number => Math.exp(power * (log50 + z * (z < 0 ? below : above)));
    return power < 0 ? { p10: at(Z90), p50: at(0), p90: at(-Z90) } : { p10: at(-Z90), p50: at(0), p90: at(Z90) };
  }
  // without the main factor all samples of a block are equal: one of each will do
  return bandOfValues(product.powers.has(0) ? sampleSum([product], points, true, samples) : restOf(product, points));
}

/** The logarithm of the main factor at the inner points, those of the others at the outer points. */
interface Points {
  readonly main: Float64Array;
  readonly others: readonly Float64Array[];
  /** Products without the main factor at the outer points, each worked out once. */
  readonly rests: Map<Product, Float64Array>;
}

function pointsOf(spreads: readonly Spread[]): Points {
  const logsAt = (scores: Float64Array, { log50, below, above }: Spread): Float64Array => {
    const logs = new Float64Array(scores.length);
    for (let i = 0; i < scores.length; i++) {
      const z = scores[i] as number;
      logs[i] = log50 + z * (z < 0 ? below : above);
    }
    return logs;
  };
  const [main, ...others] = spreads;
  return {
    main: main === undefined ? new Float64Array(innerPoints.length) : logsAt(innerPoints, main),
    others: others.map((spread, dimension) => logsAt(outerPoints(dimension), spread)),
    rests: new Map(),
  };
}

function restOf(product: Product, { others, rests }: Points): Float64Array {
  const known = rests.get(product);
  if (known !== undefined) return known;
  const rest = new Float64Array(OUTER_POINTS);
  for (const [index, power] of product.powers) {
    const logs = others[index - 1];
    if (logs === undefined) continue;
    for (let outer = 0; outer < OUTER_POINTS; outer++) {
      rest[outer] = (rest[outer] as number) + power * (logs[outer] as number);
    }
  }
  for (let outer = 0; outer < OUTER_POINTS; outer++) rest[outer] = Math.exp(rest[outer] as number);
  rests.set(product, rest);
  return rest;
}

/** Samples that only a band is taken of. */
const samples = new Float64Array(OUTER_POINTS * INNER_POINTS);

/**
 * Samples of the sum of amount x product (of the bare products when relative): OUTER_POINTS blocks of INNER_POINTS.
 * @param into overwritten
 */
function sampleSum(products: readonly Product[], points: Points, relative: boolean, into: Float64Array): Float64Array {
  const byMainPower = new Map<number, Float64Array>();
  for (const product of products) {
    const rest = restOf(product, points);
    const amount = relative ? 1 : product.amount;
    const power = product.powers.get(0) ?? 0;
    const sums = byMainPower.get(power) ?? new Float64Array(OUTER_POINTS);
    for (let outer = 0; outer < OUTER_POINTS; outer++) {
      sums[outer] = (sums[outer] as number) + amount * (rest[outer] as number);
    }
    byMainPower.set(power, sums);
  }
  into.fill(0);
  for (const [power, sums] of byMainPower) {
    const mainValues = points.main.map((log) => Math.exp(power * log));
    for (let outer = 0; outer < OUTER_POINTS; outer++) {
      const sum = sums[outer] as number;
      const phase = (outer % PHASES) * INNER_POINTS;
      for (let inner = 0; inner < INNER_POINTS; inner++) {
        const sample = outer * INNER_POINTS + inner;
        into[sample] = (into[sample] as number) + sum * (mainValues[phase + inner] as number);
      }
    }
  }
  return into;
}
