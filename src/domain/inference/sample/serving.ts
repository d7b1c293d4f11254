/** Models that work by the sample on one device: rate, latency of one sample alone, and their bands. */
import type { Device } from '../../devices/device.ts';
import { whyNot } from '../../devices/operator-support.ts';
import { gpuInt8Share } from '../../devices/power-modes.ts';
import type { ModelKind } from '../../models/architecture.ts';
import { invertFactor, type UncertainFactor } from '../../uncertainty/band.ts';
import { kernelClass } from '../step/efficiency.ts';
import { halfPeakFlops } from '../step/formats.ts';
import type { Refusal } from '../step/results.ts';
import type { AnchorModel, Growth, SampleAnchor, SampleCohort, SampleSpeed, SampleSubject } from './anchors.ts';
import { type DeviceKind, deviceKind } from './exponents.ts';
import { isResized, isSameSize, measuredNetwork, measuredSize, sameFormat, workOf } from './measured-size.ts';
import { type SampleMetric, sampleFactor } from './uncertainty.ts';

export const SAMPLE_FORMATS = ['int8', 'w8a16', 'fp8', 'fp16', 'bf16', 'fp32'] as const;
export type SampleFormat = (typeof SAMPLE_FORMATS)[number];

/**
 * measured: this model on this device; reported: the same from a summary whose results were not read; scaled: by FLOPs and by anchors of the device or the model; class: from the
 * device's kernel class; formula: from launches and bandwidth, where nothing like it was measured.
 */
export type SampleBasis = 'measured' | 'reported' | 'scaled' | 'class' | 'formula';

/** A model with its request: what one sample costs, whatever the device. */
export interface SampleModel {
  readonly cohort: SampleCohort;
  /** In words, singular: "image", "sequence", "clip", "query". */
  readonly unit: string;
  readonly parametersTotal: number;
  readonly flopsPerSample: number;
  /** Of the image that a network reads; absent elsewhere. */
  readonly inputPixels?: number;
  /** Values read for each sample alone. */
  readonly valuesPerSample: number;
  readonly depthwise: boolean;
  /** Activations alive per sample, in values. */
  readonly activationValues: number;
  /** One sample alone keeps the device busy: its latency is the inverse of the rate. */
  readonly saturatesAlone: boolean;
  /** Latency of one sample alone where the cohort has no measurement; null where it has. */
  readonly steps: SequentialSteps | null;
  /** In order of preference. */
  readonly formats: readonly SampleFormat[];
}

/** Work that no batch hides: steps one after another, each a pass over weights and a number of launched layers. */
interface SequentialSteps {
  readonly count: number;
  readonly weightsPerStep: number;
  readonly layersPerStep: number;
}

export interface SampleServing {
  readonly status: 'ok';
  /** At full batches. */
  readonly samplesPerSecond: number;
  /** Batch 1, no queue. */
  readonly singleStreamSeconds: number;
  readonly basis: SampleBasis;
  readonly latencyBasis: SampleBasis;
  readonly anchorIds: readonly string[];
  readonly format: SampleFormat;
  /** Samples in flight at full rate. */
  readonly batch: number;
  /** Weights and activations of the batch. */
  readonly memoryBytes: number;
  /** Achieved share of the dense peak at full rate. */
  readonly computeShare: number;
  readonly throughputUncertainty: UncertainFactor;
  readonly latencyUncertainty: UncertainFactor;
  /** Of several samples that arrive together: 99th percentile over what rate and single time say. */
  readonly togetherUncertainty: UncertainFactor;
}

export interface SampleRefusal {
  readonly status: 'refused';
  readonly refusals: readonly Refusal[];
}

export const SAMPLE_BYTES: Readonly<Record<SampleFormat, number>> = {
  int8: 1,
  w8a16: 1,
  fp8: 1,
  fp16: 2,
  bf16: 2,
  fp32: 4,
};
/** Batches beyond this no longer change the rate. */
const LARGEST_BATCH = 256;
/** The rest is the runtime's. */
const USABLE_MEMORY = 0.9;

/** The Edge TPU runs networks whose weights and activations are all of 8 bits (coral.ai, "TensorFlow models on the Edge TPU"). */
const EIGHT_BITS_ALONE = /^google-coral-/;

/**
 * The dense peak in a format, OP/s; null where the device has no such units. Neural units take two passes for 16-bit
 * activations beside 8-bit weights: 50 networks on 11 chips of Qualcomm AI Hub run at 0.33 to 0.66 of the 8-bit rate.
 */
export function samplePeak(device: Device, format: SampleFormat): number | null {
  const peaks = device.densePeakFlops;
  if (format === 'int8' || format === 'fp8') return peaks[format] ?? null;
  if (format !== 'fp32' && EIGHT_BITS_ALONE.test(device.id)) return null;
  if (format === 'w8a16') return kernelClass(device) === 'edge' && peaks.int8 ? peaks.int8 / 2 : null;
  if (format === 'fp32') return peaks.fp32 ?? peaks.tf32 ?? null;
  // networks run in half floats on processors whose language engines do not
  return (device.class === 'cpu' ? (peaks.bf16 ?? peaks.fp16) : undefined) ?? halfPeakFlops(device) ?? null;
}

/** What the work is on this device; without published bandwidth traffic is not counted. */
export function sampleWork(model: SampleModel, device: Device, format: SampleFormat, peakOpsPerSecond: number) {
  const bandwidth = device.memoryBandwidthBytesPerSecond;
  const onGpu = peakOpsPerSecond * gpuInt8Share(device);
  return {
    peakOpsPerSecond: model.cohort === 'vision' ? peakOpsPerSecond : onGpu,
    ...(model.cohort === 'vision' && onGpu < peakOpsPerSecond && { aloneOpsPerSecond: onGpu }),
    flopsPerSample: model.flopsPerSample,
    ...(model.inputPixels !== undefined && { inputPixels: model.inputPixels }),
    ...(device.tdpWatts !== null && { tdpWatts: device.tdpWatts }),
    ...(model.valuesPerSample > 0 &&
      bandwidth !== null && {
        bytesPerSample: model.valuesPerSample * SAMPLE_BYTES[format],
        bandwidthBytesPerSecond: bandwidth,
      }),
  };
}

/** Compilers that take one kind of vision network take the others. */
const KIND_OF_COHORT: Readonly<Record<SampleCohort, ModelKind>> = {
  vision: 'vision_classification',
  encoder: 'encoder',
  speech: 'speech_to_text',
  transducer: 'speech_to_text',
  diffusion: 'text_to_image',
  recommendation: 'recommendation',
};

/**
 * @param format null picks the first of the model's formats that the device has units for
 * @param anchors of the model's cohort
 */
export function sampleServing(
  model: SampleModel,
  device: Device,
  format: SampleFormat | null,
  anchors: AnchorModel,
): SampleServing | SampleRefusal {
  const unsupported = whyNot(device, KIND_OF_COHORT[model.cohort]);
  if (unsupported !== null) return refused({ code: 'operators_unsupported', message: unsupported, alternatives: [] });
  const runnable = model.formats.filter((candidate) => samplePeak(device, candidate) !== null);
  const chosen = format ?? runnable[0];
  if (chosen === undefined) {
    return refused({
      code: 'figure_missing',
      message: `${device.name} has no published dense peak rate; a "peak_flops" claim would supply it.`,
      alternatives: ['peak_flops'],
    });
  }
  const peak = samplePeak(device, chosen);
  if (peak === null) {
    return refused({
      code: 'format_not_runnable',
      message: `The catalog knows no ${chosen} rate of ${device.name}; it runs ${runnable.join(', ')}.`,
      alternatives: runnable,
    });
  }

  const work = sampleWork(model, device, chosen, peak);
  const where = { deviceId: device.id, kernelClass: kernelClass(device), format: chosen };
  const ofImages = model.cohort === 'vision';
  const known = ofImages ? measuredNetwork(model, anchors.anchors) : measuredSize(model, where, anchors.anchors);
  const subject: SampleSubject = {
    ...work,
    ...where,
    model: known?.model ?? null,
    ...(known !== null && workOf(known, chosen)),
    depthwise: known?.depthwise ?? model.depthwise,
  };
  // a network that reads images is one size, however its arithmetic was counted
  const grown =
    known === null || ofImages || isSameSize(known, model)
      ? SAME_SIZE
      : anchors.growth(subject, { ...subject, ...work });
  const resized = isResized(grown);
  const direct = known ? directAnchor(subject, anchors.anchors) : null;
  const rate = anchors.throughputOf(subject);
  const latency = model.saturatesAlone ? null : anchors.latencyOf(subject);
  const stepped = model.steps === null ? null : steppedSeconds(model, model.steps, device, chosen, peak);
  const kind = ofImages ? deviceKind(subject.kernelClass) : 'gpu';
  const arithmetic = model.flopsPerSample / (LARGEST_SHARE[kind] * peak);
  const shortest = Math.max(streamedSeconds(model.steps, device, chosen), SHORTEST_SECONDS);
  const alone = latency === null ? stepped : latency.seconds * grown.latency;
  const fitted = direct?.singleStreamSeconds
    ? Math.max(direct.singleStreamSeconds * grown.latency, resized ? shortest : 0)
    : alone && Math.max(alone, arithmetic, shortest);
  // small networks on large devices wait for their images and their launches
  const batching = ofImages && fitted !== null ? fitted / LARGEST_BATCHING : 0;
  const byRate = direct?.samplesPerSecond
    ? direct.samplesPerSecond / grown.throughput
    : rate && 1 / Math.max(rate.seconds * grown.throughput, arithmetic, batching);
  const single = fitted ?? (model.saturatesAlone && byRate ? 1 / byRate : null);
  // memory-less processors whose compilers take vision networks alone: another cohort's kin do not speak for them
  const foreign = model.cohort !== 'vision' && subject.kernelClass === 'edge' && !rate?.knowsClass;
  if (byRate === null || single === null || foreign) {
    return refused({
      code: 'figure_missing',
      message: `No model of this kind was measured on a device like ${device.name}, so no rate can be given.`,
      alternatives: [],
    });
  }
  // a pipeline may be faster than one sample at a time, never slower
  const samplesPerSecond = Math.max(byRate, 1 / single);
  const rateBasis = basisOf(direct, direct?.samplesPerSecond ?? null, rate);
  const latencyBasis =
    latency === null && stepped !== null ? 'formula' : basisOf(direct, direct?.singleStreamSeconds ?? null, latency);
  const shown = (basis: SampleBasis): SampleBasis =>
    resized && (basis === 'measured' || basis === 'reported') ? 'scaled' : basis;
  const batch = Math.min(Math.max(Math.round(samplesPerSecond * single * 8), 1), LARGEST_BATCH);
  const factorOf = (metric: SampleMetric, basis: SampleBasis, speed: SampleSpeed | null) =>
    sampleFactor(
      model.cohort,
      metric,
      basis,
      subject.kernelClass,
      speed?.knowsClass ?? true,
      speed?.knowsModel ?? true,
      !resized,
    );
  const bytesWith = (samples: number) =>
    SAMPLE_BYTES[chosen] * (model.parametersTotal + samples * model.activationValues);
  const usable = device.memoryBytes === null ? Number.POSITIVE_INFINITY : USABLE_MEMORY * device.memoryBytes;
  // small neural processors stream the weights of vision models from the host
  if (model.cohort !== 'vision' && direct === null && bytesWith(1) > usable)
    return doesNotFit(device, bytesWith(1), usable);
  const throughputUncertainty = factorOf('throughput', rateBasis, rate);
  const latencyUncertainty = model.saturatesAlone
    ? invertFactor(throughputUncertainty)
    : factorOf('latency', latencyBasis, latency);
  return {
    status: 'ok',
    samplesPerSecond,
    singleStreamSeconds: single,
    basis: shown(rateBasis),
    latencyBasis: shown(model.saturatesAlone ? rateBasis : latencyBasis),
    anchorIds: direct ? [direct.id] : anchorsBehind(subject, anchors.anchors),
    format: chosen,
    batch,
    memoryBytes: bytesWith(batch),
    computeShare: Math.min((samplesPerSecond * model.flopsPerSample) / peak, 1),
    throughputUncertainty,
    latencyUncertainty,
    // measured of images alone
    togetherUncertainty: model.cohort === 'vision' ? factorOf('query', latencyBasis, latency) : latencyUncertainty,
  };
}

/**
 * What no extrapolation passes. Most of the peak that was measured: 0.76 on graphics processors, 1.1 on neural units whose
 * rates are sold rounded, 1.9 on processors, whose convolutions multiply less often than is counted (Winograd). Shortest
 * measured times: 0.12 ms on cards, 0.18 ms on phones. Most that batching was measured to gain for vision: 19 times.
 */
const LARGEST_SHARE: Readonly<Record<DeviceKind, number>> = { gpu: 0.9, npu: 1, cpu: 1.5 };
const SHORTEST_SECONDS = 1e-4;
const LARGEST_BATCHING = 48;
const SAME_SIZE: Growth = { throughput: 1, latency: 1 };

/** Host work of one step and launches of one layer, batch 1 (BLIS, 38 vLLM runs on H100: 126 and 32 microseconds). */
const STEP_SECONDS = 126e-6;
const LAYER_SECONDS = 32e-6;
/**
 * The same on boards, whose runtimes decode step by step from Python on slower cores, times those of servers: 44 (tiny.en) and 48
 * (base.en) of 20 s of speech in 0.64 and 0.86 s on Jetson Orin Nano (github.com/NVIDIA-AI-IOT/whisper_trt @1398edca, README;
 * faster-whisper takes 0.85 s for tiny.en).
 */
const BOARD_HOST_FACTOR = 46;
/** Shares of peak and of bandwidth that one sample alone reaches on large matrices and on weight streaming. */
const SINGLE_COMPUTE_SHARE = 0.3;
const SINGLE_BANDWIDTH_SHARE = 0.6;

function steppedSeconds(
  model: SampleModel,
  steps: SequentialSteps,
  device: Device,
  format: SampleFormat,
  peak: number,
): number | null {
  const bandwidth = device.memoryBandwidthBytesPerSecond;
  if (bandwidth === null) return null;
  const streamed = (steps.count * steps.weightsPerStep + model.valuesPerSample) * SAMPLE_BYTES[format];
  // one pass is one engine; a loop over passes is the host's
  const host = steps.count > 1 && kernelClass(device) === 'jetson' ? BOARD_HOST_FACTOR : 1;
  return (
    model.flopsPerSample / (SINGLE_COMPUTE_SHARE * peak) +
    streamed / (SINGLE_BANDWIDTH_SHARE * bandwidth) +
    steps.count * host * (STEP_SECONDS + steps.layersPerStep * LAYER_SECONDS)
  );
}

/** Reading the weights once in every pass, at full bandwidth: no sample alone is faster. */
function streamedSeconds(steps: SequentialSteps | null, device: Device, format: SampleFormat): number {
  const bandwidth = device.memoryBandwidthBytesPerSecond;
  if (steps === null || bandwidth === null) return 0;
  return (steps.count * steps.weightsPerStep * SAMPLE_BYTES[format]) / bandwidth;
}

function basisOf(anchor: SampleAnchor | null, measured: number | null, speed: SampleSpeed | null): SampleBasis {
  if (measured !== null) return anchor?.secondHand === true ? 'reported' : 'measured';
  return speed?.knowsDevice ? 'scaled' : 'class';
}

const directAnchor = (subject: SampleSubject, anchors: readonly SampleAnchor[]): SampleAnchor | null =>
  anchors.find(
    (anchor) =>
      anchor.deviceId === subject.deviceId &&
      anchor.model === subject.model &&
      sameFormat(anchor.format, subject.format),
  ) ?? null;

/** The device's anchors, or its class's where it has none. */
function anchorsBehind(subject: SampleSubject, anchors: readonly SampleAnchor[]): string[] {
  const own = anchors.filter((anchor) => anchor.deviceId === subject.deviceId);
  const used = own.length > 0 ? own : anchors.filter((anchor) => anchor.kernelClass === subject.kernelClass);
  return used.map((anchor) => anchor.id);
}

function doesNotFit(device: Device, required: number, actual: number): SampleRefusal {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toPrecision(3)} GiB`;
  return {
    status: 'refused',
    refusals: [
      {
        code: 'memory',
        message: `Weights and activations of one sample need ${gib(required)}; ${device.name} has ${gib(actual)} to use.`,
        required,
        actual,
        margin: actual - required,
        unit: 'bytes',
        alternatives: [],
      },
    ],
  };
}

function refused(refusal: Pick<Refusal, 'code' | 'message' | 'alternatives'>): SampleRefusal {
  return { status: 'refused', refusals: [{ ...refusal, required: null, actual: null, margin: null, unit: null }] };
}
