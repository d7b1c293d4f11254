/** Requests by size: the buckets of the program, given by the caller or cut out of the two length distributions. */
import { type LengthDistribution, lengthQuantile, type RequestLengths } from '../inference/step/lengths.ts';

export interface RequestSize {
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Of all requests; the shares of a list sum to 1. */
  readonly share: number;
}

/** Of prompts and of outputs: 30 buckets show where devices change places, and more change little. */
const PROMPT_CUTS = 6;
const OUTPUT_CUTS = 5;
/** Points of a cut over which its mean is taken. */
const POINTS = 20;

/** Prompt and output lengths cut into equally likely parts, taken as independent; each part stands at its mean. */
export function sizesOf({ promptTokens, outputTokens }: RequestLengths): RequestSize[] {
  const prompts = partsOf(promptTokens, PROMPT_CUTS);
  const outputs = partsOf(outputTokens, OUTPUT_CUTS);
  return prompts.flatMap((prompt) =>
    outputs.map((output) => ({
      promptTokens: prompt,
      outputTokens: output,
      share: 1 / (prompts.length * outputs.length),
    })),
  );
}

function partsOf(length: LengthDistribution, cuts: number): number[] {
  if (length.coefficientOfVariation === 0) return [length.mean];
  const means = Array.from({ length: cuts }, (_, cut) => {
    let sum = 0;
    for (let point = 0; point < POINTS; point++) sum += lengthQuantile(length, (cut + (point + 0.5) / POINTS) / cuts);
    return sum / POINTS;
  });
  // the last part has a tail that points do not reach: the mean of all parts is that of the distribution
  const scale = length.mean / (means.reduce((sum, mean) => sum + mean, 0) / cuts);
  return means.map((mean) => mean * scale);
}

/** Shares that sum to 1, whatever weights were given. */
export function normalized(sizes: readonly RequestSize[]): RequestSize[] {
  const total = sizes.reduce((sum, { share }) => sum + share, 0);
  return sizes.map((size) => ({ ...size, share: size.share / total }));
}
