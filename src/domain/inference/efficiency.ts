/**
 * Efficiencies by device class. Every constant lives in ../calibration/inference-constants.json with its origin;
 * `npm run fit` regenerates the fitted ones.
 */
import fitted from '../calibration/inference-constants.json' with { type: 'json' };
import type { Device } from '../devices/device.ts';
import type { ServingEngine } from './configuration.ts';

/** Devices whose matrix kernels behave alike. */
export const KERNEL_CLASSES = [
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

export interface LlamaCppEfficiency {
  readonly mfu: number;
  readonly mbu: { readonly half: number; readonly four: number };
  readonly layerSeconds: number;
}

export interface EngineOverhead {
  readonly stepSeconds: number;
  /** Sampling, scheduling and detokenising, per running sequence and step. */
  readonly sequenceSeconds: number;
  /** API server, tokenizer and admission, once per request. */
  readonly requestSeconds: number;
}

export interface InferenceConstants {
  readonly rooflineExponent: number;
  readonly gemm: Readonly<Record<KernelClass, GemmEfficiency>>;
  readonly llamaCpp: Readonly<Record<LlamaCppClass, LlamaCppEfficiency>>;
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
    /** By kernel class; "other" is the rest. */
    readonly bandwidthShare: Readonly<Record<string, number>>;
    readonly tensorImbalance: number;
    readonly expertImbalance: number;
    readonly launchSeconds: number;
    readonly dispatchSeconds: number;
    readonly dispatchLinkShare: number;
    /** Shape of the gamma distribution of how often experts are asked for; infinite when all are alike. */
    readonly popularityShape: number;
  };
  /** Multiplies the expert time under an engine: their fused expert kernels differ. */
  readonly expertEngineFactor: Readonly<Record<ServingEngine, number>>;
  /** Multiplies what an expert layer costs whatever its size: kernels that an engine fuses are launched once. */
  readonly expertLaunchFactor: Readonly<Record<ServingEngine, number>>;
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
  readonly engine: Readonly<Record<ServingEngine, EngineOverhead>>;
}

export const INFERENCE_CONSTANTS: InferenceConstants = fitted.constants;

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

/** Where llama.cpp behaves alike: its kernels leave stacked memory half idle. */
export type LlamaCppClass = 'gpu_stacked' | 'gpu' | 'apple' | 'cpu' | 'edge';

export function llamaCppClass(device: Device): LlamaCppClass {
  const kernel = kernelClass(device);
  if (kernel === 'apple' || kernel === 'cpu' || kernel === 'edge') return kernel;
  return (device.memoryBandwidthBytesPerSecond ?? 0) >= HBM_BYTES_PER_SECOND ? 'gpu_stacked' : 'gpu';
}

/** Efficiencies of the kernels an engine runs on a device. */
export function gemmEfficiency(device: Device, engine: ServingEngine, constants: InferenceConstants): GemmEfficiency {
  if (engine !== 'llama_cpp') return constants.gemm[kernelClass(device)];
  const { mfu, mbu } = constants.llamaCpp[llamaCppClass(device)];
  return {
    mfu: { bf16: mfu, int8: mfu, fp8: mfu, fp4: mfu },
    mbu: { half: mbu.half, eight: mbu.half, four: mbu.four },
  };
}

/** PCIe all-reduce bandwidth per device, by generation: measured on L40S (gen 4) and RTX PRO 6000 (gen 5) nodes. */
const PCIE_BYTES_PER_SECOND: Readonly<Record<number, number>> = { 3: 10e9, 4: 20e9, 5: 36e9, 6: 72e9 };

export const pcieBytesPerSecond = (device: Device): number => PCIE_BYTES_PER_SECOND[device.pcieGeneration ?? 4] ?? 20e9;

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
  if (ranks <= device.devicesPerNode && (pcie || device.pcieGeneration !== null)) return pcieBytesPerSecond(device);
  return networkBytesPerSecond;
}
