/** How the speed of models that work by the sample goes with their size and with the device, by kind of model and of device. */
import type { SampleCohort } from './anchors.ts';

export interface Exponents {
  readonly flops: number;
  /** FLOPs that moving the feature maps of one pixel of the input costs as much as. */
  readonly pixelFlops: number;
  /** Added to the logarithm of a depthwise model. */
  readonly depthwise: number;
  readonly peak: number;
  /** Of board power: cards with few watts per FLOP do not hold the clock of their peak. */
  readonly power: number;
  /** Seconds of traffic at full bandwidth, over seconds of arithmetic at full peak, that cost as much. */
  readonly traffic: number;
  /** Of one pass, at the device's full speed: what small models on large devices wait for. */
  readonly launchSeconds: number;
  /** Measurements at which a device or a model weighs as much as its default. */
  readonly deviceShrinkage: number;
  readonly modelShrinkage: number;
}

export type DeviceKind = 'npu' | 'cpu' | 'gpu';

interface CohortExponents {
  readonly throughput: Readonly<Record<DeviceKind, Exponents>>;
  readonly latency: Readonly<Record<DeviceKind, Exponents>>;
}

/** By leaving out each device and each pair of device and model: flat within 2 points of median error around these. */
const RATE: Exponents = {
  flops: 0.9,
  pixelFlops: 5e3,
  depthwise: 0.4,
  peak: 0.8,
  power: 0.2,
  traffic: 0,
  launchSeconds: 0,
  deviceShrinkage: 0.3,
  modelShrinkage: 0.3,
};
const ALONE: Exponents = {
  flops: 1,
  pixelFlops: 5e3,
  depthwise: 0.4,
  peak: 0.8,
  power: 0,
  traffic: 0,
  launchSeconds: 1e-4,
  deviceShrinkage: 0.5,
  modelShrinkage: 1,
};
const VISION: CohortExponents = {
  throughput: { gpu: RATE, cpu: { ...RATE, pixelFlops: 0 }, npu: { ...RATE, pixelFlops: 1e4, power: 0 } },
  latency: {
    gpu: ALONE,
    // one network alone does not fill the larger arrays of neural units
    npu: { ...ALONE, flops: 0.9, pixelFlops: 1e4, peak: 0.6, launchSeconds: 0 },
    // threads meet after every layer; one core alone waits for nobody (see launchSecondsOf)
    cpu: { ...ALONE, pixelFlops: 0, depthwise: 0.2, peak: 1, launchSeconds: 5e-4 },
  },
};
const alike = (exponents: Exponents): Readonly<Record<DeviceKind, Exponents>> => ({
  gpu: exponents,
  cpu: exponents,
  npu: exponents,
});
/**
 * One or two models were measured per cohort, so exponents of size are those of vision, 1 where work is a count of
 * steps; the rate's exponents of peak and power are shared by all cohorts, vision included.
 */
const SHARED_RATE: Exponents = { ...RATE, flops: 1, traffic: 1, deviceShrinkage: 1 };
const SHARED_ALONE: Exponents = { ...ALONE, peak: 0.6, launchSeconds: 0 };
const SHARED: CohortExponents = { throughput: alike(SHARED_RATE), latency: alike(SHARED_ALONE) };
/** Of a transformer's size on the latency of one sequence: small ones are launches. */
const SEQUENCE_LATENCY_FLOPS = 0.7;
/** One sequence leaves most cores of a wide accelerator idle. */
const SEQUENCE_LATENCY_PEAK = 0.4;
export const EXPONENTS: Readonly<Record<SampleCohort, CohortExponents>> = {
  vision: VISION,
  encoder: {
    throughput: alike({ ...SHARED_RATE, flops: RATE.flops, traffic: 0 }),
    latency: alike({ ...SHARED_ALONE, flops: SEQUENCE_LATENCY_FLOPS, peak: SEQUENCE_LATENCY_PEAK }),
  },
  // alone, a recurrent model waits for its weights at every frame
  transducer: {
    throughput: alike({ ...SHARED_RATE, traffic: 0 }),
    latency: alike({ ...SHARED_ALONE, peak: 0.7, traffic: 1 }),
  },
  speech: SHARED,
  // watts per FLOP of one vendor's accelerators say little about another's
  diffusion: { ...SHARED, throughput: alike({ ...SHARED_RATE, power: 0 }) },
  recommendation: SHARED,
};

/** Graphics processors, neural processors and CPUs rank models differently. */
export function deviceKind(kernel: string): DeviceKind {
  if (kernel === 'edge' || kernel === 'asic') return 'npu';
  return kernel === 'cpu' ? 'cpu' : 'gpu';
}
