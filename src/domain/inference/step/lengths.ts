/** Prompt and output lengths as distributions: their variance enters the queue and the KV cache. */
import { inverseStandardNormal } from '../../uncertainty/normal.ts';

/** Tokens. A log-normal with this mean and coefficient of variation stands for the distribution where a tail is needed. */
export interface LengthDistribution {
  readonly mean: number;
  /** Standard deviation / mean; 0 for a fixed length. */
  readonly coefficientOfVariation: number;
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
  return { mean, coefficientOfVariation: mean > 0 ? Math.sqrt(variance) / mean : 0 };
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
  if (longest < length.mean || lengthQuantile(length, WITHIN_CONTEXT) <= longest) return length;
  return lengthFromPercentile(length.mean, longest, WITHIN_CONTEXT);
}

/** Log-normal quantile of a length, tokens. */
export function lengthQuantile(length: LengthDistribution, probability: number): number {
  if (length.coefficientOfVariation === 0) return length.mean;
  const variance = Math.log(1 + length.coefficientOfVariation ** 2);
  return length.mean * Math.exp(inverseStandardNormal(probability) * Math.sqrt(variance) - variance / 2);
}

interface LengthNode {
  readonly tokens: number;
  readonly weight: number;
}

/**
 * A length as a few weighted ones, Gauss-Hermite over the log-normal: three nodes carry mean and variance, five also the
 * long prompts that decide the queue behind them. A fixed length is one node.
 */
export function lengthNodes(length: LengthDistribution, nodes: 3 | 5): LengthNode[] {
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
