/**
 * Accelerators, processors and edge devices as the performance models see them: the winning claim per metric,
 * with all claims kept beside it.
 */
import type { Provenance } from '../catalog/provenance.ts';

export const DEVICE_CLASSES = ['datacenter_gpu', 'inference_gpu', 'asic', 'tpu', 'cpu', 'edge'] as const;
export type DeviceClass = (typeof DEVICE_CLASSES)[number];

export const COMPUTE_FORMATS = ['fp64', 'fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4'] as const;
export type ComputeFormat = (typeof COMPUTE_FORMATS)[number];

export const LINK_TOPOLOGIES = [
  'nvlink_switch',
  'nvlink_direct',
  'nvlink_bridge',
  'pcie',
  'infinity_fabric',
  'ici',
  'ethernet',
  'neuronlink',
  'none',
] as const;
export type LinkTopology = (typeof LINK_TOPOLOGIES)[number];

export const CLAIM_METRICS = [
  'peak_flops',
  'memory',
  'memory_bandwidth',
  'tdp',
  'idle_power',
  'provisioned_power',
  'link_bandwidth',
] as const;
/** peak_flops: FLOP/s (OP/s for integers); memory: bytes; bandwidths: bytes/s (link: one direction); powers: W. */
export type ClaimMetric = (typeof CLAIM_METRICS)[number];
export type ClaimUnit = 'flop_per_second' | 'bytes' | 'bytes_per_second' | 'watts';

export interface DeviceClaim extends Provenance {
  readonly metric: ClaimMetric;
  /** Only for peak_flops. */
  readonly format: ComputeFormat | null;
  /** Dense and structured-sparse peaks are never mixed; the models use dense ones only. */
  readonly sparsity: 'dense' | 'sparse';
  readonly value: number;
  readonly unit: ClaimUnit;
  /** 1 is the most trusted; the lowest rank wins, ties go to the newest source date. */
  readonly sourceRank: number;
}

export interface Device {
  /** Slug, for example "nvidia-h100-sxm5-80gb". */
  readonly id: string;
  readonly name: string;
  /** Products that it comes in, and other names for it. */
  readonly aliases: readonly string[];
  readonly vendor: string;
  readonly class: DeviceClass;
  readonly releaseYear: number | null;
  readonly formFactor: string;
  readonly densePeakFlops: Readonly<Partial<Record<ComputeFormat, number>>>;
  readonly memoryBytes: number | null;
  readonly memoryBandwidthBytesPerSecond: number | null;
  readonly tdpWatts: number | null;
  readonly idleWatts: number | null;
  /** Facility power per device with its share of host, network and cooling. */
  readonly provisionedWatts: number | null;
  readonly linkTopology: LinkTopology;
  /** Device to device, one direction. */
  readonly linkBytesPerSecond: number | null;
  /** Devices one link domain spans (8 in an HGX node, 72 in an NVL72 rack, 1 where there is no link). */
  readonly linkDomainDevices: number;
  readonly pcieGeneration: number | null;
  readonly devicesPerNode: number;
  readonly notes: string | null;
  readonly claims: readonly DeviceClaim[];
}

/** A server, pod, board or instance that devices come in. */
export interface SystemSpec extends Provenance {
  readonly id: string;
  readonly name: string;
  /** Null where the device is not in the catalog. */
  readonly deviceId: string | null;
  readonly deviceCount: number;
  readonly hostCpu: string | null;
  readonly hostMemoryBytes: number | null;
  /** Scale-out network per device, one direction. */
  readonly networkBytesPerSecondPerDevice: number | null;
  readonly nodePowerWatts: {
    readonly max: number | null;
    readonly typicalTraining: number | null;
    readonly inferenceMean: number | null;
    readonly idle: number | null;
  };
  readonly rackWatts: number | null;
  readonly cooling: string | null;
}
