/** Prompt and output lengths as distributions: their variance enters the queue and the KV cache. */
import { inverseStandardNormal } from '../../uncertainty/normal.ts';

/**
 * Tokens. A log-normal with this mean and coefficient of variation stands for the distribution where a tail is needed, unless its
 * buckets are known.
 */
export interface LengthDistribution {
  readonly mean: number;
  /** Standard deviation / mean; 0 for a fixed length. */
  readonly coefficientOfVariation: number;
  /** Of a histogram, shortest first; weights add up to 1. */
  readonly buckets?: readonly LengthNode[];
}

interface LengthNode {
  readonly tokens: number;
  readonly weight: number;
}

export interface RequestLengths {
  readonly promptTokens: LengthDistribution;
  readonly outputTokens: LengthDistribution;
}

export const fixedLength = (tokens: number): LengthDistribution => ({ mean: tokens, coefficientOfVariation: 0 });

interface HistogramBucket {
  /** Representative length of the bucket, tokens. */
  readonly tokens: number;
  readonly weight: number;
}

/** @throws RangeError on an empty histogram, negative weights or no positive weight. */
export function lengthFromHistogram(buckets: readonly HistogramBucket[]): LengthDistribution {
  let weight = 0;
  let sum = 0;
  let squares = 0;
  for (const bucket of buckets) {
    if (bucket.weight < 0) throw new RangeError('Histogram weights are not negative.');
    weight += bucket.weight;
    sum += bucket.weight * bucket.tokens;
    squares += bucket.weight * bucket.tokens ** 2;
  }
  if (weight <= 0) throw new RangeError('A histogram has at least one positive weight.');
  const mean = sum / weight;
  const variance = Math.max(squares / weight - mean ** 2, 0);
  const coefficientOfVariation = mean > 0 ? Math.sqrt(variance) / mean : 0;
  if (coefficientOfVariation === 0) return { mean, coefficientOfVariation };
  const known = buckets
    .filter((bucket) => bucket.weight > 0)
    .map((bucket) => ({ tokens: bucket.tokens, weight: bucket.weight / weight }))
    .sort((a, b) => a.tokens - b.tokens);
  return { mean, coefficientOfVariation, buckets: known };
}

/** Every length longer by as many tokens. */
export function lengthened(
  { mean, coefficientOfVariation, buckets }: LengthDistribution,
  by: number,
): LengthDistribution {
  return {
    mean: mean + by,
    coefficientOfVariation: (coefficientOfVariation * mean) / (mean + by),
    ...(buckets && { buckets: buckets.map(({ tokens, weight }) => ({ tokens: tokens + by, weight })) }),
  };
}

/**
 * Mean and one upper percentile, taken as log-normal: for quantile probability p with value x,
 * ln(x / mean) = z sigma - sigma^2 / 2, the smaller root.
 * @param percentileTokens between mean and mean x exp(z^2 / 2), which is what the widest log-normal reaches
 */
export function lengthFromPercentile(mean: number, percentileTokens: number, probability: number): LengthDistribution {
  const z = inverseStandardNormal(probability);
  const log = Math.log(Math.max(percentileTokens, mean) / mean);
  const sigma = z - Math.sqrt(Math.max(z * z - 2 * log, 0));
  return { mean, coefficientOfVariation: Math.sqrt(Math.exp(sigma * sigma) - 1) };
}

/** One request in a hundred may be cut off by the context; more would change the mean that was asked for. */
const WITHIN_CONTEXT = 0.99;

/**
 * Narrows the spread of lengths to the context of the model: at most one prompt in a hundred, with a mean output, may reach its end, and
 * likewise for outputs. Means are kept; means beyond the context are refused elsewhere.
 */
export function withinContext(lengths: RequestLengths, contextTokens: number): RequestLengths {
  const { promptTokens, outputTokens } = lengths;
  const prompt = narrowed(promptTokens, contextTokens - outputTokens.mean);
  const output = narrowed(outputTokens, contextTokens - promptTokens.mean);
  return prompt === promptTokens && output === outputTokens ? lengths : { promptTokens: prompt, outputTokens: output };
}

function narrowed(length: LengthDistribution, longest: number): LengthDistribution {
  const long = lengthQuantile(length, WITHIN_CONTEXT);
  if (longest < length.mean || long <= longest) return length;
  const { mean, coefficientOfVariation, buckets } = length;
  if (buckets === undefined) return lengthFromPercentile(mean, longest, WITHIN_CONTEXT);
  const share = (longest - mean) / (long - mean);
  if (share === 0) return fixedLength(mean);
  return {
    mean,
    coefficientOfVariation: share * coefficientOfVariation,
    buckets: buckets.map(({ tokens, weight }) => ({ tokens: mean + share * (tokens - mean), weight })),
  };
}

/** Quantile of a length, tokens: of its buckets, else log-normal. */
export function lengthQuantile(length: LengthDistribution, probability: number): number {
  if (length.coefficientOfVariation === 0) return length.mean;
  if (length.buckets !== undefined) return bucketQuantile(length.buckets, probability);
  const variance = Math.log(1 + length.coefficientOfVariation ** 2);
  return length.mean * Math.exp(inverseStandardNormal(probability) * Math.sqrt(variance) - variance / 2);
}

/**
 * A length as a few weighted ones, Gauss-Hermite over the log-normal: three nodes carry mean and variance, five also the
 * long prompts that decide the queue behind them. A fixed length is one node; the buckets of a histogram are nodes themselves.
 */
export function lengthNodes(length: LengthDistribution, nodes: 3 | 5): readonly LengthNode[] {
  if (length.buckets !== undefined) return fewBuckets(length.buckets);
  const variance = Math.log(1 + length.coefficientOfVariation ** 2);
  if (variance === 0) return [{ tokens: length.mean, weight: 1 }];
  const sigma = Math.sqrt(variance);
  return (nodes === 3 ? THREE_POINTS : FIVE_POINTS).map(({ z, weight }) => ({
    tokens: length.mean * Math.exp(sigma * z - variance / 2),
    weight,
  }));
}

const THREE_POINTS = [
  { z: -Math.sqrt(3), weight: 1 / 6 },
  { z: 0, weight: 2 / 3 },
  { z: Math.sqrt(3), weight: 1 / 6 },
] as const;

const FIVE_POINTS = [
  { z: -2.8569700138728056, weight: 0.011257411327720689 },
  { z: -1.3556261799742659, weight: 0.22207592200561263 },
  { z: 0, weight: 8 / 15 },
  { z: 1.3556261799742659, weight: 0.22207592200561263 },
  { z: 2.8569700138728056, weight: 0.011257411327720689 },
] as const;

function bucketQuantile(buckets: readonly LengthNode[], probability: number): number {
  let below = 0;
  for (const { tokens, weight } of buckets) {
    below += weight;
    if (below >= probability - ROUNDING) return tokens;
  }
  return buckets.at(-1)?.tokens ?? Number.NaN;
}

const ROUNDING = 1e-9;
/** Each costs an evaluation of a step. */
const MOST_NODES = 8;
const merged = new WeakMap<readonly LengthNode[], readonly LengthNode[]>();

/** Neighbours taken together, so that each node has a like share of all tokens. */
function fewBuckets(buckets: readonly LengthNode[]): readonly LengthNode[] {
  if (buckets.length <= MOST_NODES) return buckets;
  const known = merged.get(buckets);
  if (known !== undefined) return known;
  const all = buckets.reduce((sum, { tokens, weight }) => sum + tokens * weight, 0);
  const nodes: { tokens: number; weight: number }[] = [];
  let before = 0;
  let group = -1;
  for (const { tokens, weight } of buckets) {
    const place = Math.min(Math.floor(((before + (tokens * weight) / 2) / all) * MOST_NODES), MOST_NODES - 1);
    before += tokens * weight;
    const last = nodes.at(-1);
    if (last === undefined || place > group) {
      nodes.push({ tokens, weight });
      group = place;
    } else {
      last.tokens = (last.tokens * last.weight + tokens * weight) / (last.weight + weight);
      last.weight += weight;
    }
  }
  merged.set(buckets, nodes);
  return nodes;
}
