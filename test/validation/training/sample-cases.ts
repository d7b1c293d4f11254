/** Training of encoders and image generators as an achieved share of the half-precision peak. */
import { readFileSync } from 'node:fs';
import { unetFlops } from '../../../src/domain/models/diffusion-flops.ts';
import { encoderFlops } from '../../../src/domain/models/sample-flops.ts';
import { type MeasuredKind, TRAINING_PASSES } from '../../../src/domain/training/sample/sample-training.ts';
import { SECONDS_PER_HOUR } from '../../../src/domain/units.ts';

interface Row {
  readonly id: string;
  readonly generation: string;
  readonly hardware: string;
  readonly halfPeakFlops: number;
  readonly devices: number;
}
interface EncoderRow extends Row {
  readonly kind: 'encoder';
  readonly globalBatch: number;
  readonly deviceHours: number;
}
interface ImageRow extends Row {
  readonly kind: 'text_to_image';
  /** Pixels of one side. */
  readonly side: number;
  readonly imagesPerSecond: number;
}

export interface SampleTrainingCase extends Row {
  readonly kind: MeasuredKind;
  /** Forward and backward FLOPs done over what the devices could do at their half-precision peak in the time. */
  readonly efficiency: number;
}

/**
 * Mean samples to the target of MLPerf BERT by batch: reference convergence points of MLPerf Training v1.1 and v2.1
 * (mlcommons/logging, rcps_bert.json).
 */
const SAMPLES_TO_TARGET: readonly (readonly [batch: number, samples: number])[] = [
  [256, 2.56e6],
  [448, 2.39e6],
  [1536, 2.77e6],
  [3072, 2.76e6],
];
/** Half of the 512 positions of the Wikipedia sequences is padding, which submissions skip (Krell et al., arXiv 2107.02027). */
const MEAN_TOKENS = 256;
const BERT_LARGE = { layers: 24, hiddenSize: 1024, ffnHiddenSize: 4096 };
/** Stable Diffusion 2 base (stabilityai/stable-diffusion-2-base, unet/config.json). */
const STABLE_DIFFUSION_2 = {
  denoiser: 'unet',
  blockChannels: [320, 640, 1280, 1280],
  transformerLayers: [1, 1, 1, 0],
  resnetsPerBlock: 2,
  crossAttentionDim: 1024,
} as const;
const CONTEXT_TOKENS = 77;

/** Between two batches by the logarithm of the batch; the nearest one outside. */
function samplesToTarget(batch: number): number {
  const above = SAMPLES_TO_TARGET.findIndex(([size]) => size >= batch);
  const last = SAMPLES_TO_TARGET.at(-1) as readonly [number, number];
  if (above === -1) return last[1];
  const [size, samples] = SAMPLES_TO_TARGET[above] as readonly [number, number];
  const below = SAMPLES_TO_TARGET[above - 1];
  if (below === undefined) return samples;
  const share = Math.log(batch / below[0]) / Math.log(size / below[0]);
  return below[1] + share * (samples - below[1]);
}

function achieved(row: EncoderRow | ImageRow): number {
  if (row.kind === 'encoder') {
    const flops = TRAINING_PASSES * encoderFlops(BERT_LARGE, MEAN_TOKENS) * samplesToTarget(row.globalBatch);
    return flops / (row.deviceHours * SECONDS_PER_HOUR * row.halfPeakFlops);
  }
  const flops = TRAINING_PASSES * unetFlops(STABLE_DIFFUSION_2, CONTEXT_TOKENS, row.side, row.side);
  return (flops * row.imagesPerSecond) / row.devices / row.halfPeakFlops;
}

export const sampleTrainingCases = (): SampleTrainingCase[] =>
  (
    JSON.parse(readFileSync(new URL('../cases/training-samples.json', import.meta.url), 'utf8')) as readonly (
      | EncoderRow
      | ImageRow
    )[]
  ).map((row) => ({ ...row, efficiency: achieved(row) }));
