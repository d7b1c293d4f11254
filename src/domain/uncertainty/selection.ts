/**
 * Quantiles of unsorted values by interpolation between order statistics (Hyndman and Fan 1996, type 7): one by quickselect
 * (Hoare 1961), the three of a band together by sorting into buckets first, of which only those of the quantiles are ordered.
 */
import type { Band } from './band.ts';

/** The array is left partly ordered, which makes the next quantile cheaper. */
export function selectInPlace(values: Float64Array, probability: number): number {
  const position = (values.length - 1) * probability;
  const lower = Math.floor(position);
  const low = orderStatistic(values, 0, values.length - 1, lower);
  if (position === lower) return low;
  return low + (leastWithin(values, lower + 1, values.length) - low) * (position - lower);
}

/** The 10th, 50th and 90th percentile; the values stay as they are. */
export function bandOfValues(values: Float64Array): Band {
  const count = values.length;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const buckets = Math.min(count, MOST_BUCKETS);
  const scale = buckets / (most - least);
  if (!Number.isFinite(scale) || scale === 0) return bandBySelection(values.slice());

  if (bucketed.length < count) bucketed = new Float64Array(count);
  bucketEnds.fill(0, 0, buckets + 1);
  for (let i = 0; i < count; i++) {
    const bucket = (((values[i] as number) - least) * scale) | 0;
    bucketEnds[bucket] = (bucketEnds[bucket] as number) + 1;
  }
  let start = 0;
  for (let bucket = 0; bucket <= buckets; bucket++) {
    const size = bucketEnds[bucket] as number;
    bucketEnds[bucket] = start;
    start += size;
  }
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const bucket = ((value - least) * scale) | 0;
    const place = bucketEnds[bucket] as number;
    bucketed[place] = value;
    bucketEnds[bucket] = place + 1;
  }
  const quantile = (probability: number): number => quantileOfBuckets(count, buckets, probability);
  return { p10: quantile(0.1), p50: quantile(0.5), p90: quantile(0.9) };
}

const MOST_BUCKETS = 1024;
/** Where each bucket ends in `bucketed`; the largest value has a bucket of its own. */
const bucketEnds = new Int32Array(MOST_BUCKETS + 1);
let bucketed = new Float64Array(2 * MOST_BUCKETS);

function quantileOfBuckets(count: number, buckets: number, probability: number): number {
  const position = (count - 1) * probability;
  const lower = Math.floor(position);
  const bucket = firstEndAbove(lower, buckets);
  const start = bucket === 0 ? 0 : (bucketEnds[bucket - 1] as number);
  const end = bucketEnds[bucket] as number;
  const low = orderStatistic(bucketed, start, end - 1, lower);
  if (position === lower) return low;
  const high =
    lower + 1 < end
      ? leastWithin(bucketed, lower + 1, end)
      : leastWithin(bucketed, end, bucketEnds[firstEndAbove(end, buckets)] as number);
  return low + (high - low) * (position - lower);
}

/** The bucket that holds a rank: the first that ends above it. */
function firstEndAbove(rank: number, buckets: number): number {
  let low = 0;
  let high = buckets;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bucketEnds[middle] as number) > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

function bandBySelection(values: Float64Array): Band {
  const p50 = selectInPlace(values, 0.5);
  return { p10: selectInPlace(values, 0.1), p50, p90: selectInPlace(values, 0.9) };
}

function leastWithin(values: Float64Array, start: number, end: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = start; i < end; i++) least = Math.min(least, values[i] as number);
  return least;
}

/** Afterwards values before `rank` are not above, values after it not below the one at `rank`. */
function orderStatistic(values: Float64Array, first: number, last: number, rank: number): number {
  let left = first;
  let right = last;
  while (left < right) {
    const pivot = medianOfThree(values[left] as number, values[(left + right) >> 1] as number, values[right] as number);
    let i = left;
    let j = right;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i <= j) {
        const swap = values[i] as number;
        values[i++] = values[j] as number;
        values[j--] = swap;
      }
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break;
  }
  return values[rank] as number;
}

const medianOfThree = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
