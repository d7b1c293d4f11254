/**
 * Device generations: what step-time constants are kept for. A device outside the known ones ("tomorrow's chip") gets
 * the shrunk prior of all of them.
 */
import type { ComputeFormat, Device } from '../../devices/device.ts';
import { TERA } from '../../units.ts';
import type { TrainingPrecision } from '../workload.ts';
import { computeFormatOf } from '../workload.ts';
import { CALIBRATED, type StepConstants } from './constants.ts';

export const GENERATIONS = [
  'volta',
  'ampere',
  'workstation',
  'hopper',
  'blackwell',
  'cdna',
  'tpu',
  'gaudi',
  'trainium',
  'unknown',
] as const;
export type Generation = (typeof GENERATIONS)[number];

/** Names of the products of one architecture; workstation is GDDR parts without a fast link (Ampere, Ada, Turing). */
const NAMES: readonly (readonly [RegExp, Generation])[] = [
  [/v100/, 'volta'],
  [/a100|a800/, 'ampere'],
  [/h100|h800|h200|h20\b|gh200/, 'hopper'],
  [/b[123]00|gb[23]00|b200a|rubin|vr200/, 'blackwell'],
  [/\bmi[1-4]\d\d/, 'cdna'],
  [/tpu/, 'tpu'],
  [/gaudi/, 'gaudi'],
  [/trainium|trn\d/, 'trainium'],
  [/rtx|geforce|a10\b|a10g|a40|a30|a6000|a5000|a16\b|a2\b|l2\b|l4\b|l20\b|l40|\bt4\b|quadro/, 'workstation'],
];

const generations = new WeakMap<Device, Generation>();

export function generationOf(device: Device): Generation {
  const known = generations.get(device);
  if (known !== undefined) return known;
  const name = `${device.id} ${device.name}`.toLowerCase().replaceAll('-', ' ');
  // an Edge TPU shares the name with the pods, nothing else
  const generation =
    device.class === 'edge' ? 'unknown' : (NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown');
  generations.set(device, generation);
  return generation;
}

/**
 * Share of the dense peak that the best measured matrix multiplication reaches (maximum achievable matmul FLOPS):
 * stas00/ml-engineering compute/accelerator/benchmarks, 2026-08. bf16: A100 271/312, H100 794/989, B200 1745/2250,
 * MI300X 668/1307, MI325X 785/1307, MI355X 1565/2500, Gaudi2 419/432, Gaudi3 1243/1835;
 * fp8: H100 1402/1979, H200 1453/1979, B200 3432/4500, GB200 3616/5000. Mean of the generation's parts.
 * No public table: fp4 takes the fp8 share; GDDR parts come close to their peak, which has less power per FLOP behind it
 * (assumed); Volta, TPU, Trainium and unknown devices the median of the rest.
 */
const MATMUL_SHARE: Record<Generation, { readonly half: number; readonly fp8: number }> = {
  volta: { half: 0.78, fp8: 0.72 },
  ampere: { half: 0.869, fp8: 0.72 },
  workstation: { half: 0.9, fp8: 0.85 },
  hopper: { half: 0.803, fp8: 0.72 },
  blackwell: { half: 0.76, fp8: 0.743 },
  cdna: { half: 0.579, fp8: 0.55 },
  tpu: { half: 0.9, fp8: 0.85 },
  gaudi: { half: 0.82, fp8: 0.72 },
  trainium: { half: 0.78, fp8: 0.72 },
  unknown: { half: 0.78, fp8: 0.72 },
};

/**
 * Watts per bf16 TFLOP/s of the part that sets the rate of its generation. A part of the same silicon with less power clocks
 * lower under load: between the cube root of power, where voltage falls with frequency, and power itself, where it cannot
 * fall further; the exponent is fitted. Ampere and Hopper parts reach their clocks at the power of the usual part (A100
 * 400 W, H100 700 W) and gain nothing above; Blackwell parts stay below theirs at any power sold (GB200 1,200 W).
 */
const REFERENCE_POWER: Partial<Record<Generation, { readonly wattsPerTflop: number; readonly gains: boolean }>> = {
  ampere: { wattsPerTflop: 400 / 312, gains: false },
  hopper: { wattsPerTflop: 700 / 989, gains: false },
  blackwell: { wattsPerTflop: 1200 / 2500, gains: true },
};

type PowerExponents = Pick<StepConstants, 'powerExponentAmpere' | 'powerExponentRecent'>;

/** Rate over that of the part with the power of its generation. */
function powerShareOf(device: Device, exponents: PowerExponents): number {
  const generation = generationOf(device);
  const reference = REFERENCE_POWER[generation];
  const half = halfPrecisionPeak(device);
  if (reference === undefined || device.tdpWatts === null || half === null) return 1;
  const power = device.tdpWatts / (half.flops / TERA) / reference.wattsPerTflop;
  return (
    (reference.gains ? power : Math.min(1, power)) **
    (generation === 'ampere' ? exponents.powerExponentAmpere : exponents.powerExponentRecent)
  );
}

/** The half-precision peak MFU divides by; null where the device has neither bf16 nor fp16. */
export function halfPrecisionPeak(device: Device): { flops: number; format: 'bf16' | 'fp16' } | null {
  const { bf16, fp16 } = device.densePeakFlops;
  if (bf16 !== undefined) return { flops: bf16, format: 'bf16' };
  return fp16 === undefined ? null : { flops: fp16, format: 'fp16' };
}

/** FLOP/s of the best matrix multiplication in the format; null where the device does not compute in it. */
export function achievableMatmulFlops(
  device: Device,
  precision: TrainingPrecision,
  powerExponents: PowerExponents = CALIBRATED,
): number | null {
  const format = computeFormatOf(precision);
  const peak = peakFlopsOf(device, format);
  if (peak === null) return null;
  const share = MATMUL_SHARE[generationOf(device)];
  return (
    peak * powerShareOf(device, powerExponents) * (format === 'bf16' || format === 'fp16' ? share.half : share.fp8)
  );
}

/** bf16 and fp16 run at the same rate on every device that has both. */
export function peakFlopsOf(device: Device, format: ComputeFormat): number | null {
  const peaks = device.densePeakFlops;
  const peak = format === 'bf16' || format === 'fp16' ? (peaks[format] ?? null) : peaks[format];
  return peak ?? null;
}
