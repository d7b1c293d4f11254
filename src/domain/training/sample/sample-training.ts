/**
 * Training of encoders, speech and image generation: three times the forward FLOPs of what is trained, at the share of the
 * half-precision peak that measured runs of the kind reach on the class of device.
 */
import samples from '../../calibration/training-samples.json' with { type: 'json' };
import { rangeFactor, type UncertainFactor } from '../../uncertainty/band.ts';
import { GIB } from '../../units.ts';
import { refusal } from '../refusal.ts';
import type { SampleTraining, SampleTrainingRefusal, TrainingRefusal } from '../results.ts';
import { type Generation, generationOf, halfPrecisionPeak, peakFlopsOf } from '../step/generation.ts';
import { SAMPLE_MEMORY_SHARE } from '../step/memory-fit.ts';
import type { Cluster, TrainingPrecision } from '../workload.ts';

/** Forward, and two for the gradients of inputs and of weights. */
export const TRAINING_PASSES = 3;

export type MeasuredKind = keyof typeof samples.kinds;
/** Speech is a transformer over spectrogram frames: as encoders, with a wider band. */
type SampleTrainingKind = MeasuredKind | 'speech_to_text';

export interface SampleWork {
  readonly kind: SampleTrainingKind;
  /** In the request's unit: a token, an image, an hour of audio. */
  readonly forwardFlopsPerUnit: number;
  readonly trainedParameters: number;
}

interface ClassEfficiency {
  readonly efficiency: number;
  readonly cases: number;
  readonly low: number;
  readonly high: number;
}

/** Weights, gradients and Adam states in mixed precision; the smallest micro-batch adds little. */
const STATE_BYTES_PER_PARAMETER = 18;
/** Where they do not fit whole they are spread over the devices (ZeRO 3), and two of at least so many blocks are gathered in bf16. */
const FEWEST_BLOCKS = 20;
const GATHERED_BYTES_PER_PARAMETER = (2 * 2) / FEWEST_BLOCKS;
const RUNTIME_BYTES = 2 * GIB;
/** Other shapes of the kind around the measured ones; and around them where the class of device was not measured (assumed). */
const OTHER_SHAPES: readonly [number, number] = [0.7, 1.5];
const OTHER_CLASSES: readonly [number, number] = [0.5, 2.2];
/**
 * Per doubling of devices beyond one node of eight: between the 1 % of Stable Diffusion up to 64 devices and the 10 % of
 * ResNet-50 at the fixed batch of MLPerf (assumed).
 */
const LOSS_PER_DOUBLING = 0.05;
const NODE_DEVICES = 8;

/** @param units of the work trained on, all epochs together; positive */
export function sampleTraining(
  work: SampleWork,
  cluster: Cluster,
  units: number,
  precision: TrainingPrecision,
): SampleTraining | SampleTrainingRefusal {
  const peak = halfPrecisionPeak(cluster.device);
  const refusals = refusalsOf(cluster, precision);
  if (refusals.length > 0 || peak === null) return { status: 'refused', refusals };
  const { efficiency: ofClass, factor } = measuredEfficiency(work.kind, generationOf(cluster.device));
  const doublings = Math.max(0, Math.log2(cluster.devices / NODE_DEVICES));
  const efficiency = ofClass * (1 - LOSS_PER_DOUBLING) ** doublings;
  const flopsPerSample = TRAINING_PASSES * work.forwardFlopsPerUnit;
  const samplesPerSecondPerDevice = (peak.flops * efficiency) / flopsPerSample;
  const secondsTotal = units / samplesPerSecondPerDevice / cluster.devices;
  const usable = (cluster.device.memoryBytes ?? 0) * SAMPLE_MEMORY_SHARE;
  const whole = RUNTIME_BYTES + work.trainedParameters * STATE_BYTES_PER_PARAMETER;
  const spread =
    RUNTIME_BYTES +
    work.trainedParameters * (STATE_BYTES_PER_PARAMETER / cluster.devices + GATHERED_BYTES_PER_PARAMETER);
  const memoryBytes = whole <= usable || cluster.devices === 1 ? whole : spread;
  return {
    status: 'ok',
    samplesPerSecondPerDevice,
    secondsTotal,
    flopsPerSample,
    efficiency,
    memoryBytes,
    fits: memoryBytes <= usable,
    uncertainty: factor,
  };
}

function refusalsOf(cluster: Cluster, precision: TrainingPrecision): TrainingRefusal[] {
  if (precision !== 'bf16' && precision !== 'fp16') {
    const message = 'Training of this kind of model is measured in bf16 and fp16 only.';
    return [refusal('method_precision', 'precision', message)];
  }
  if (peakFlopsOf(cluster.device, precision) !== null) return [];
  const message = `${cluster.device.name} states no dense ${precision} peak.`;
  return [refusal('precision_unknown', 'precision', message)];
}

const known = new Map<string, { readonly efficiency: number; readonly factor: UncertainFactor }>();

/** That of the class of device where runs on it were measured, else of the kind on all classes, with a wider band. */
function measuredEfficiency(kind: SampleTrainingKind, generation: Generation) {
  const key = `${kind}/${generation}`;
  const remembered = known.get(key);
  if (remembered !== undefined) return remembered;
  const { classes, all } = samples.kinds[kind === 'speech_to_text' ? 'encoder' : kind];
  const ofClass = (classes as Partial<Record<Generation, ClassEfficiency>>)[generation];
  const measured: ClassEfficiency = ofClass ?? all;
  const direct = ofClass !== undefined && kind !== 'speech_to_text';
  const [low, high] = direct ? OTHER_SHAPES : OTHER_CLASSES;
  const factor = rangeFactor(
    `training/samples/${key}`,
    'assumed',
    Math.min(low, measured.efficiency / measured.high),
    Math.max(high, measured.efficiency / measured.low),
    direct
      ? `${measured.cases} measured systems of the class, widened for other shapes`
      : `${measured.cases} measured systems of a kind or class near to this one, widened for the difference`,
  );
  const result = { efficiency: measured.efficiency, factor };
  known.set(key, result);
  return result;
}
