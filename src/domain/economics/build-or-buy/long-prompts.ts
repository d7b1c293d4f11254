/**
 * Which part of the traffic is charged as long: a request whose prompt reaches the bound of a tier is paid at its prices,
 * prompt and answer, and prompts are the buckets of a histogram, or log-normal where their spread is known.
 */
import type { LengthDistribution } from '../../inference/step/lengths.ts';
import { standardNormal } from '../../uncertainty/normal.ts';

/** Shares of all requests and of all prompt tokens. */
interface LongShare {
  readonly requests: number;
  readonly promptTokens: number;
}

/** Requests with prompts of at least so many tokens. */
export function longerThan({ mean, coefficientOfVariation, buckets }: LengthDistribution, tokens: number): LongShare {
  if (tokens <= 0) return { requests: 1, promptTokens: 1 };
  if (buckets !== undefined) {
    const long = buckets.filter((bucket) => bucket.tokens >= tokens);
    return {
      requests: long.reduce((sum, { weight }) => sum + weight, 0),
      promptTokens: long.reduce((sum, bucket) => sum + bucket.weight * bucket.tokens, 0) / mean,
    };
  }
  const variance = Math.log(1 + coefficientOfVariation ** 2);
  if (variance === 0) return mean >= tokens ? { requests: 1, promptTokens: 1 } : { requests: 0, promptTokens: 0 };
  const sigma = Math.sqrt(variance);
  const score = Math.log(mean / tokens) / sigma;
  return { requests: standardNormal(score - sigma / 2), promptTokens: standardNormal(score + sigma / 2) };
}
