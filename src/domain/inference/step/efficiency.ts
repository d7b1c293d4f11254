/**
 * Efficiencies by device class. Every constant lives in ../calibration/inference-constants.json with its origin;
 * `npm run fit` regenerates the fitted ones.
 */
import decode from '../../calibration/decode-constants.json' with { type: 'json' };
import fitted from '../../calibration/inference-constants.json' with { type: 'json' };
import type { Device } from '../../devices/device.ts';
import type { ServingEngine } from './configuration.ts';

/** Devices whose matrix kernels behave alike. */
const KERNEL_CLASSES = [
  'volta_turing',
  'ampere',
  'ada',
  'hopper',
  'blackwell',
  'blackwell_workstation',
  'cdna',
  'intel_gpu',
  'tpu',
  'asic',
  'jetson',
  'apple',
  'cpu',
  'edge',
] as const;
export type KernelClass = (typeof KERNEL_CLASSES)[number];

export interface GemmEfficiency {
  /** Achieved share of the dense peak on large matrices, by arithmetic format. */
  readonly mfu: { readonly bf16: number; readonly int8: number; readonly fp8: number; readonly fp4: number };
  /** Achieved share of memory bandwidth on tall, thin matrices, by weight width. */
  readonly mbu: { readonly half: number; readonly eight: number; readonly four: number };
}

/** Of llama.cpp and of the runtimes that boards and phones come with (Genie, RKLLM, LiteRT, MLC). */
export interface LlamaCppEfficiency {
  readonly mfu: number;
  /** Share of memory bandwidth at which weights stream, by their width. */
  readonly mbu: { readonly half: number; readonly eight: number; readonly four: number };
  /** The same for the KV cache. */
  readonly kvShare: number;
  readonly layerSeconds: number;
  /**
   * Seconds that each thread of a processor adds to a layer, since all wait for one another after every operation. llama.cpp measured
   * 2.0 us an operation with 4 threads and 3.0 us with 8 (github.com/ggml-org/llama.cpp/pull/9598).
   */
  readonly threadSeconds: number;
  /**
   * Operations of the ordinary cores for widening one weight and multiplying it, by width of the weight. Products of a matrix and a
   * vector do not use the matrix units (on Apple's GPUs dequantization bounds them: arXiv 2508.08531). 0 where only the memory bounds them.
   */
  readonly unpackOperations: { readonly half: number; readonly eight: number; readonly four: number };
  /** Added for a layer with linear attention or recurrent state, which runs many small kernels. */
  readonly linearLayerSeconds: number;
  /** Handing activations to the next device where layers are spread over several. */
  readonly hopSeconds: number;
  /** Multiplies the time of 4-bit weights where activations stay in floating point. */
  readonly floatActivationFactor: number;
}

/** What a device reaches against its class, or a model family on a class, over the models measured there. */
export interface MeasuredLevel {
  readonly level: number;
  /** Pairs of model and device that it was measured with. */
  readonly measured: number;
}

interface EngineOverhead {
  readonly stepSeconds: number;
  /** Sampling, scheduling and detokenising, per running sequence and step. */
  readonly sequenceSeconds: number;
  /** API server, tokenizer and admission, once per request. */
  readonly requestSeconds: number;
  /** Per layer of a step that holds prompts: such steps run without a captured graph, kernel after kernel. */
  readonly promptLayerSeconds: number;
}

export interface InferenceConstants {
  readonly rooflineExponent: number;
  readonly gemm: Readonly<Record<KernelClass, GemmEfficiency>>;
  readonly llamaCpp: Readonly<Record<LlamaCppClass, LlamaCppEfficiency>>;
  /** Seconds that a layer adds on a board under a serving engine, whose slower cores launch the kernels. */
  readonly boardLayerSeconds: number;
  /** Added to a step on a board under an engine whose scheduler runs in Python. */
  readonly boardStepSeconds: number;
  /**
   * Tokens per touched expert at which the matrix units of a board reach half their rate. Boards are measured at one and eight tokens,
   * for which engines choose the smallest tile.
   */
  readonly boardHalfTokens: number;
  /** Added for a layer with experts, where routing, sorting and summing are further kernels: under engines in Python, and compiled. */
  readonly boardExpertSeconds: { readonly python: number; readonly compiled: number };
  /** Of devices by deviceLevelKey and of model families by familyLevelKey; what nobody measured is not there, and serving constants alone have none. */
  readonly deviceLevels?: Readonly<Record<string, MeasuredLevel>>;
  readonly familyLevels?: Readonly<Record<string, MeasuredLevel>>;
  /** By deviceLevelKey: how fast a device reads prompts relative to its class, under llama.cpp and similar runtimes. */
  readonly prefillLevels?: Readonly<Record<string, MeasuredLevel>>;
  readonly gemmLaunchSeconds: number;
  readonly layerSeconds: number;
  readonly attention: {
    readonly floorSeconds: number;
    readonly bandwidthShare: number;
    readonly halfBytes: number;
    readonly prefillMfu: number;
    readonly prefillHalfTokens: number;
  };
  readonly experts: {
    readonly mfu: number;
    readonly halfTokensPerExpert: number;
    /** Bandwidth that expert kernels reach over what matrix products on the same weights do. */
    readonly relativeBandwidth: number;
    readonly launchSeconds: number;
    /**
     * More of it where kernels of their own quantize the activations to 8 bits, by kernel class; "other" is the rest. The
     * block scales of published checkpoints are not those of Blackwell's matrix units, which take repacking as well.
     */
    readonly quantizationSeconds: Readonly<Record<string, number>>;
    readonly dispatchSeconds: number;
    readonly dispatchLinkShare: number;
    /** Shape of the gamma distribution of how often experts are asked for; infinite when all are alike. */
    readonly popularityShape: number;
  };
  /** Multiplies the expert time under an engine: their fused expert kernels differ. */
  readonly expertEngineFactor: Readonly<Record<ServingEngine, number>>;
  /** Multiplies all time of 4-bit experts under an engine on devices without 4-bit matrix units, which widen the weights first. */
  readonly expertWideningFactor: Readonly<Record<ServingEngine, number>>;
  /** Multiplies the expert time of a model family; "other" is the rest. */
  readonly expertFamilyFactor: Readonly<Record<string, number>>;
  readonly allReduce: {
    readonly latencySeconds: number;
    readonly latencyPerDoubling: number;
    readonly linkShare: number;
  };
  readonly elementwise: { readonly passes: number; readonly bandwidthShare: number };
  /** Multiplies the fixed cost of a step (launches, latencies, scheduling), by engine and software era. */
  readonly softwareEra: Readonly<Record<ServingEngine, Readonly<Record<string, number>>>>;
  readonly engine: Readonly<Record<ServingEngine, EngineOverhead>>;
  /** Multiplies the host's work per running sequence, by software era: a C++ runtime spends less on it than one in Python. */
  readonly hostCodeFactor: Readonly<Record<string, number>>;
  /** Multiplies the engine's own work on an Arm host (Grace), whose cores are slower than those of x86 servers. */
  readonly armHostFactor: number;
}

/** What the decode measurements of single devices say; the rest comes from serving systems. */
export type DecodeConstants = Required<
  Pick<
    InferenceConstants,
    | 'llamaCpp'
    | 'boardLayerSeconds'
    | 'boardStepSeconds'
    | 'boardExpertSeconds'
    | 'boardHalfTokens'
    | 'deviceLevels'
    | 'familyLevels'
    | 'prefillLevels'
  >
> & { readonly jetson: GemmEfficiency };

type ServingConstants = Omit<InferenceConstants, Exclude<keyof DecodeConstants, 'jetson'>>;

export const withDecodeConstants = (serving: ServingConstants, constants: DecodeConstants): InferenceConstants => ({
  ...serving,
  gemm: { ...serving.gemm, jetson: constants.jetson },
  llamaCpp: constants.llamaCpp,
  boardLayerSeconds: constants.boardLayerSeconds,
  boardStepSeconds: constants.boardStepSeconds,
  boardExpertSeconds: constants.boardExpertSeconds,
  boardHalfTokens: constants.boardHalfTokens,
  deviceLevels: constants.deviceLevels,
  familyLevels: constants.familyLevels,
  prefillLevels: constants.prefillLevels,
});

/** Null where nobody measured how fast the device reads prompts. */
export const measuredPrefillLevel = (device: Device, engine: ServingEngine): MeasuredLevel | null =>
  PREFILL_LEVELS[deviceLevelKey(device, engine)] ?? null;

/** Null where nobody measured the device. */
export const measuredDeviceLevel = (device: Device, engine: ServingEngine): MeasuredLevel | null =>
  DEVICE_LEVELS[deviceLevelKey(device, engine)] ?? null;

const DEVICE_LEVELS: Readonly<Record<string, MeasuredLevel>> = decode.deviceLevels;
const PREFILL_LEVELS: Readonly<Record<string, MeasuredLevel>> = decode.prefillLevels;

export const INFERENCE_CONSTANTS: InferenceConstants = withDecodeConstants(fitted.constants, decode);

const HBM_BYTES_PER_SECOND = 1.5e12;

/** The kernel class of a device, from its vendor, class and the formats and bandwidth it publishes. */
export function kernelClass(device: Device): KernelClass {
  const vendor = device.vendor.toLowerCase();
  if (device.class === 'cpu') return 'cpu';
  if (device.class === 'tpu') return 'tpu';
  if (vendor === 'apple') return 'apple';
  if (device.class === 'edge') return vendor === 'nvidia' ? 'jetson' : 'edge';
  if (device.class === 'asic') return 'asic';
  if (vendor === 'amd') return 'cdna';
  if (vendor === 'intel') return 'intel_gpu';
  const peaks = device.densePeakFlops;
  const stacked = (device.memoryBandwidthBytesPerSecond ?? 0) >= HBM_BYTES_PER_SECOND;
  const year = device.releaseYear ?? 0;
  if (peaks.fp4 || (vendor === 'nvidia' && year >= 2025)) {
    return device.linkTopology === 'pcie' ? 'blackwell_workstation' : 'blackwell';
  }
  if (peaks.fp8) return stacked ? 'hopper' : 'ada';
  if (peaks.bf16 || year >= 2020) return 'ampere';
  return 'volta_turing';
}

/** Devices soldered beside Arm cores: superchips, the trays of NVL72 racks, boards. */
export const hasArmHost = (device: Device): boolean =>
  device.vendor.toLowerCase() === 'nvidia' && (device.class === 'edge' || /superchip|NVL72/.test(device.formFactor));

/** Engines that schedule in Python on any device; on boards TensorRT-LLM is TensorRT Edge-LLM, whose runtime is C++. */
export const PYTHON_ENGINES: ReadonlySet<ServingEngine> = new Set(['vllm', 'sglang']);

/** Where llama.cpp behaves alike: its kernels leave stacked memory half idle. */
export const LLAMA_CPP_CLASSES = ['gpu_stacked', 'gpu', 'apple', 'jetson', 'cpu', 'edge'] as const;
type LlamaCppClass = (typeof LLAMA_CPP_CLASSES)[number];

export function llamaCppClass(device: Device): LlamaCppClass {
  const kernel = kernelClass(device);
  if (kernel === 'apple' || kernel === 'jetson' || kernel === 'cpu' || kernel === 'edge') return kernel;
  // Their GDDR7 is as fast as stacked memory was, and fills like any memory of cards.
  if (kernel === 'blackwell_workstation') return 'gpu';
  return (device.memoryBandwidthBytesPerSecond ?? 0) >= HBM_BYTES_PER_SECOND ? 'gpu_stacked' : 'gpu';
}

/** Efficiencies of the kernels an engine runs on a device. */
export function gemmEfficiency(device: Device, engine: ServingEngine, constants: InferenceConstants): GemmEfficiency {
  if (engine !== 'llama_cpp') return constants.gemm[kernelClass(device)];
  const { mfu: ofClass, mbu } = constants.llamaCpp[llamaCppClass(device)];
  const mfu = ofClass * (constants.prefillLevels?.[deviceLevelKey(device, engine)]?.level ?? 1);
  return {
    mfu: { bf16: mfu, int8: mfu, fp8: mfu, fp4: mfu },
    mbu,
  };
}

/** Where decoding behaves alike: the class of llama.cpp and its like, or the kernel class of a serving engine. */
export const decodeClass = (device: Device, engine: ServingEngine): string =>
  engine === 'llama_cpp' ? llamaCppClass(device) : `server_${kernelClass(device)}`;

export const deviceLevelKey = (device: Device, engine: ServingEngine): string =>
  `${engine === 'llama_cpp' ? 'llama_cpp' : 'server'}/${device.id}`;

export const familyLevelKey = (family: string, device: Device, engine: ServingEngine): string =>
  `${decodeClass(device, engine)}/${family}`;

/**
 * The share of its class's bandwidth that a device shows in measurements, times what the model's family shows on the
 * class; 1 where neither was measured. Serving engines have levels on boards only: data-center devices have kernel
 * classes of their own.
 */
export function measuredLevel(
  family: string,
  device: Device,
  engine: ServingEngine,
  { deviceLevels, familyLevels }: InferenceConstants,
): number {
  const ofDevice = deviceLevels?.[deviceLevelKey(device, engine)]?.level ?? 1;
  return ofDevice * (familyLevels?.[familyLevelKey(family, device, engine)]?.level ?? 1);
}

/** PCIe all-reduce bandwidth of a pair, per device, by generation: measured on L40S (gen 4) and RTX PRO 6000 (gen 5) nodes. */
const PCIE_BYTES_PER_SECOND: Readonly<Record<number, number>> = { 3: 10e9, 4: 20e9, 5: 36e9, 6: 72e9 };
/**
 * Share of the bandwidth that is left with each doubling of the group, which shares bridges and the link between processors. Means of 31, 24 and 19 GB/s among
 * two, four and eight RTX PRO 6000 (aiconfigurator's tables of all-reduces of 1 MB).
 */
const PCIE_SHARE_PER_DOUBLING = 0.78;

const pcieBytesPerSecond = (device: Device, ranks: number): number =>
  (PCIE_BYTES_PER_SECOND[device.pcieGeneration ?? 4] ?? 20e9) * PCIE_SHARE_PER_DOUBLING ** (Math.log2(ranks) - 1);

/** Of 16 lanes, one direction, bytes/s, by PCIe generation (PCI-SIG); copies to a device reach about four fifths of it. */
const HOST_LINK_BYTES_PER_SECOND: Readonly<Record<number, number>> = { 3: 15.8e9, 4: 31.5e9, 5: 63e9, 6: 121e9 };
const HOST_COPY_SHARE = 0.8;

/** Host memory to device. */
export const hostLinkBytesPerSecond = ({ pcieGeneration }: Device): number =>
  HOST_COPY_SHARE * (HOST_LINK_BYTES_PER_SECOND[pcieGeneration ?? 4] ?? 31.5e9);

/**
 * Bytes/s one direction between the devices of a group of this size: the device link inside its domain, PCIe inside
 * the node, the scale-out network beyond; null where nothing connects them.
 */
export function groupLinkBytesPerSecond(
  device: Device,
  ranks: number,
  networkBytesPerSecond: number | null,
): number | null {
  if (ranks <= 1) return Number.POSITIVE_INFINITY;
  // bridges are an option that most servers lack: measured A100 PCIe systems run groups at PCIe speed
  const pcie = device.linkTopology === 'pcie' || device.linkTopology === 'nvlink_bridge';
  if (!pcie && device.linkBytesPerSecond !== null && ranks <= device.linkDomainDevices)
    return device.linkBytesPerSecond;
  if (ranks <= device.devicesPerNode && (pcie || device.pcieGeneration !== null))
    return pcieBytesPerSecond(device, ranks);
  return networkBytesPerSecond;
}

/** Number of nodes or link domains over which a group of this size is spread. */
export const linkedGroups = ({ linkDomainDevices, devicesPerNode }: Device, ranks: number): number =>
  Math.ceil(ranks / Math.max(linkDomainDevices, devicesPerNode, 1));
