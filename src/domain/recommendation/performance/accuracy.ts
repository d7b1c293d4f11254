/** What a number format leaves of the score of the published weights: the low end of what the waterfall of optimizations quotes. */

import { formatQuality } from '../../inference/optimization/quantization.ts';
import { WEIGHT_FORMATS, type WeightFormat } from '../../inference/step/configuration.ts';
import { bytesPerWeight } from '../../inference/step/formats.ts';

/** Percent of the published score; null where nobody measured it. A format as wide as the published one keeps all. */
export function accuracyKeptPercent(format: WeightFormat, nativeWeightFormat: string | null): number | null {
  const published = WEIGHT_FORMATS.find((candidate) => candidate === nativeWeightFormat) ?? 'bf16';
  if (format === published || bytesPerWeight(format, 'vllm') >= bytesPerWeight(published, 'vllm')) return 100;
  // losses of one narrowing on top of another are not measured: of models published narrow only that width is known
  return published === 'bf16' || published === 'fp16' ? (formatQuality(format)?.low ?? null) : null;
}

/** Floors at which another format comes in, highest first. */
export const ACCURACY_STEPS: readonly number[] = [
  ...new Set(WEIGHT_FORMATS.flatMap((format) => formatQuality(format)?.low ?? [])),
].sort((a, b) => b - a);
