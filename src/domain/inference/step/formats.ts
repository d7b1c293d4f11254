/** What a number format costs in bytes and which arithmetic runs it. */
import type { ComputeFormat, Device } from '../../devices/device.ts';
import { operatorSupport } from '../../devices/operator-support.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { type KvCacheFormat, type ServingEngine, WEIGHT_FORMATS, type WeightFormat } from './configuration.ts';

/**
 * Bytes per weight with scales: fp8 and int8 scales per channel or per 128 x 128 block are below 0.1 %, NVFP4 one fp8 scale per 16 weights (0.5625), AWQ/GPTQ groups
 * of 128 (0.53), MXFP4 one shared exponent per 32 (0.53125), llama.cpp Q4_K_M 4.85 bits and Q8_0 8.5 bits per weight.
 */
const WEIGHT_BYTES: Readonly<Record<WeightFormat, number>> = {
  bf16: 2,
  fp16: 2,
  fp8: 1,
  int8: 1,
  int4: 0.53,
  fp4: 0.5625,
  mxfp4: 0.53125,
};
const LLAMA_CPP_WEIGHT_BYTES: Readonly<Partial<Record<WeightFormat, number>>> = { int4: 0.606, int8: 1.0625 };

export const bytesPerWeight = (format: WeightFormat, engine: ServingEngine): number =>
  (engine === 'llama_cpp' ? LLAMA_CPP_WEIGHT_BYTES[format] : undefined) ?? WEIGHT_BYTES[format];

/**
 * Bytes per weight of the output projection. The engines of data centres leave it in 16 bits; llama.cpp and the runtimes of boards and
 * phones quantize it too: Q6_K (6.56 bits) beside Q4_K_M, 8.5 bits beside Q8_0 and in the MXFP4 files of gpt-oss
 * (https://github.com/ggml-org/llama.cpp, llama_tensor_get_type).
 */
export const bytesPerHeadWeight = (format: WeightFormat, engine: ServingEngine): number =>
  (engine === 'llama_cpp' ? LLAMA_CPP_HEAD_BYTES[format] : undefined) ?? 2;
const LLAMA_CPP_HEAD_BYTES: Readonly<Partial<Record<WeightFormat, number>>> = {
  int4: 0.82,
  int8: 1.0625,
  mxfp4: 1.0625,
};

/**
 * What the neural units of boards and phones stream: w4a16 has one scale per channel or per 128 weights, w8a8 one per
 * channel. The output projection stays at 8 bits (Qualcomm AI Hub: "w4a16 + w8a16 (few layers)"); Rockchip's runtime narrows it with
 * the layers: from w8a8 to w4a16 its models lose half a byte for every weight, those of the projection too (the memory of 14 models
 * in airockchip/rknn-llm, benchmark.md).
 */
export const bytesPerUnitWeight = (format: WeightFormat): number => UNIT_WEIGHT_BYTES[format] ?? WEIGHT_BYTES[format];
export const bytesPerUnitHeadWeight = (format: WeightFormat, { vendor }: Pick<Device, 'vendor'>): number =>
  vendor.toLowerCase() === 'rockchip' ? bytesPerUnitWeight(format) : Math.min(Math.max(WEIGHT_BYTES[format], 1), 2);
const UNIT_WEIGHT_BYTES: Readonly<Partial<Record<WeightFormat, number>>> = { int4: 0.515 };

/**
 * Format of all weights but the experts in MXFP4 checkpoints, which quantize only the experts: as published (16 bits, or the fp8 of
 * DeepSeek-V4); llama.cpp's files have 8.5 bits there.
 */
export const formatBesideExperts = (
  { formatBesideExperts: published }: Pick<LanguageArchitecture, 'formatBesideExperts'>,
  engine: ServingEngine,
): WeightFormat => (engine === 'llama_cpp' ? 'int8' : (published ?? 'bf16'));

export const kvCacheBytes = (format: KvCacheFormat): number => (format === 'fp8' ? 1 : 2);

/** The format of the KV cache where none is asked for: fp8 beside narrow weights where there are fp8 units, else 16 bits. */
export function defaultKvCacheFormat(device: Device, engine: ServingEngine, weightFormat: WeightFormat): KvCacheFormat {
  // llama.cpp keeps fp16 unless told otherwise
  if (engine === 'llama_cpp') return 'fp16';
  const peaks = device.densePeakFlops;
  if (peaks.fp8 && bytesPerWeight(weightFormat, engine) < 2) return 'fp8';
  // devices before Ampere have no bf16 units
  return weightFormat === 'fp16' || (!peaks.bf16 && peaks.fp16) ? 'fp16' : 'bf16';
}

/**
 * The 16-bit peak: bf16 where there is one, fp16 elsewhere (T4), tf32 or fp32 as the last resort. Boards publish the
 * 16-bit rate of their plain cores, while the matrix units run at half their int8 rate; Apple's int8 rate is that of the
 * Neural Engine, which language engines do not use.
 */
export const halfPeakFlops = (device: Device): number | null => halfPeakBeside(device, device.densePeakFlops.int8);

/** The same of what language engines run on. */
export const languageHalfPeakFlops = (device: Device): number | null =>
  halfPeakBeside(device, languageInt8Flops(device));

function halfPeakBeside(device: Device, int8: number | undefined): number | null {
  const peaks = device.densePeakFlops;
  if (widensWeights(device)) return peaks.fp32 ?? null;
  const plain = peaks.bf16 ?? peaks.fp16 ?? peaks.tf32 ?? peaks.fp32 ?? null;
  const board = device.class === 'edge' && device.vendor.toLowerCase() !== 'apple';
  return board && int8 ? Math.max(plain ?? 0, int8 / 2) : plain;
}

/**
 * Jetson boards publish the sum of their graphics and their deep-learning accelerators (275 sparse TOPS on AGX Orin, 170 of them the
 * graphics': NVIDIA's technical brief), and language engines run on the graphics alone. The matrix units of Volta and Ampere boards
 * do four times the fp16 rate of the plain cores, and twice that in int8.
 */
function languageInt8Flops({ class: kind, vendor, densePeakFlops: { int8, fp16 } }: Device): number | undefined {
  if (int8 === undefined || fp16 === undefined) return int8;
  return kind === 'edge' && vendor.toLowerCase() === 'nvidia' ? Math.min(int8, 8 * fp16) : int8;
}

/** Whether the engine computes in 32 bits: on processors without bf16 units it widens the weights, even where fp16 arithmetic exists. */
const widensWeights = ({ class: kind, densePeakFlops: { bf16, fp16 } }: Device): boolean =>
  kind === 'cpu' && bf16 === undefined && fp16 !== undefined;

/**
 * The peak the matrix units reach on weights of this format. Weight-only formats compute in 16 bits; MXFP4 and NVFP4
 * do so on devices without fp4 units, as do int8 and fp8 weights where the units are missing.
 */
export function computePeak(device: Device, format: WeightFormat): { format: ComputeFormat; flops: number } | null {
  const peaks = device.densePeakFlops;
  const native: ComputeFormat | null = widensWeights(device)
    ? null
    : format === 'fp8' || format === 'int8'
      ? format
      : format === 'fp4' || format === 'mxfp4'
        ? 'fp4'
        : null;
  if (native) {
    const flops = native === 'int8' ? languageInt8Flops(device) : peaks[native];
    if (flops) return { format: native, flops };
  }
  const half = languageHalfPeakFlops(device);
  if (half !== null) return { format: 'bf16', flops: half };
  // NPUs and phones publish only int8 rates: 16-bit arithmetic runs at half of it at best
  if (peaks.int8) return { format: 'bf16', flops: peaks.int8 / 2 };
  if (peaks.fp8) return { format: 'bf16', flops: peaks.fp8 / 2 };
  if (peaks.fp4) return { format: 'bf16', flops: peaks.fp4 / 4 };
  return null;
}

/**
 * The peak rate that counts for the matrix products of an engine. On a processor llama.cpp multiplies on the vector units, whose
 * 32-bit rate is known of every processor, even where the maker publishes other rates.
 */
export function enginePeak(
  device: Device,
  format: WeightFormat,
  engine: ServingEngine,
): ReturnType<typeof computePeak> {
  const vector = engine === 'llama_cpp' && device.class === 'cpu' ? device.densePeakFlops.fp32 : undefined;
  return vector === undefined ? computePeak(device, format) : { format: 'fp32', flops: vector };
}

const LLAMA_CPP_FORMATS: WeightFormat[] = ['fp16', 'bf16', 'int8', 'int4', 'mxfp4'];

/**
 * Weight formats this device and engine run: natively, or through the weight-only kernels that the engines ship
 * (int4 and mxfp4 on 16-bit units, Marlin and Triton). llama.cpp dequantizes everything but fp8 and fp4; neural units
 * run what their toolchain compiles.
 */
export function runnableWeightFormats(device: Device, engine: ServingEngine = 'vllm'): WeightFormat[] {
  const peaks = device.densePeakFlops;
  if (engine === 'llama_cpp') {
    const compiled = operatorSupport(device)?.languageFormats ?? null;
    return compiled === null ? LLAMA_CPP_FORMATS : LLAMA_CPP_FORMATS.filter((format) => compiled.includes(format));
  }
  const half = Boolean(peaks.bf16 ?? peaks.fp16) || computePeak(device, 'bf16') !== null;
  const runs: Readonly<Record<WeightFormat, boolean>> = {
    // devices before Ampere have fp16 units only
    bf16: Boolean(peaks.bf16) || (half && !peaks.fp16),
    fp16: half,
    fp8: Boolean(peaks.fp8),
    fp4: Boolean(peaks.fp4),
    int8: Boolean(peaks.int8) || half,
    int4: half,
    mxfp4: Boolean(peaks.fp4) || Boolean(peaks.bf16),
  };
  return WEIGHT_FORMATS.filter((format) => runs[format]);
}
