/** What is trained, on what cluster, cut in which way: the inputs of every formula in this folder. */
import type { ComputeFormat, Device } from '../devices/device.ts';
import type { LanguageArchitecture } from '../models/architecture.ts';
import type { Fabric, LoraTargets, Optimizer, TrainingMethod, TrainingPrecision } from './request.ts';

export type { Fabric, LoraTargets, Optimizer, TrainingMethod, TrainingPrecision } from './request.ts';

/**
 * The software that runs the step. The year chooses kernel generations: unfused attention before 2023, FlashAttention-2
 * class kernels on Hopper in FSDP stacks before 2026.
 */
export interface SoftwareStack {
  readonly framework: 'megatron' | 'fsdp' | 'xla' | 'other';
  readonly year: number;
}

/**
 * Megatron Core 0.13 and 0.14 (July and September 2025; developer guide, "Mixture of Experts"): selective recomputation
 * reaches to norms, activation functions and MLA up-projections, also in fp8; expert dispatch overlaps with computation.
 */
const FINE_GRAINED_YEAR = 2026;

export const isFineGrained = ({ framework, year }: SoftwareStack): boolean =>
  framework === 'megatron' && year >= FINE_GRAINED_YEAR;

/** Answers that the policy samples in every step; their number is the global batch. */
export interface RolloutWork {
  readonly promptTokens: number;
  readonly responseTokens: number;
  /** Standard deviation of the length of an answer over its mean. */
  readonly responseVariation: number;
  readonly maxResponseTokens: number;
  /** Answers to each prompt. */
  readonly groupSize: number;
  /** Parameters of the reward model; 0 where rules score the answers. */
  readonly rewardParameters: number;
}

export interface TrainingWorkload {
  readonly model: LanguageArchitecture;
  readonly method: TrainingMethod;
  /** Rank of the adapters; 0 unless the method has adapters. */
  readonly loraRank: number;
  /** Every linear layer where absent. */
  readonly loraTargets?: LoraTargets;
  readonly sequenceLength: number;
  readonly globalBatchSequences: number;
  readonly precision: TrainingPrecision;
  readonly optimizer: Optimizer;
  readonly software: SoftwareStack;
  /** Reinforcement learning only. */
  readonly rollout?: RolloutWork;
}

export interface Cluster {
  readonly device: Device;
  readonly devices: number;
  readonly devicesPerNode: number;
  /** Devices that reach each other over the fast link (8 in an HGX node, 72 in an NVL72 rack). */
  readonly linkDomainDevices: number;
  /** Fast link, one direction per device. */
  readonly linkBytesPerSecond: number;
  /** Scale-out network, one direction per device; 0 where there is none. */
  readonly networkBytesPerSecondPerDevice: number;
  readonly fabric: Fabric;
}

type Sharding = 'none' | 'zero1' | 'zero2' | 'zero3';
export type Recompute = 'none' | 'selective' | 'full';
type PipelineSchedule = '1f1b' | 'interleaved' | 'zero_bubble' | 'dual_pipe';

/** devices = tensorParallel x pipelineParallel x contextParallel x dataParallel; experts are spread inside data parallel. */
export interface TrainingLayout {
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly contextParallel: number;
  readonly dataParallel: number;
  readonly expertParallel: number;
  /** Model chunks per pipeline rank; 1 is the plain schedule. */
  readonly virtualStages: number;
  readonly microBatchSequences: number;
  readonly sharding: Sharding;
  /**
   * zero3 only: ranks that share one copy; 0 means all data-parallel ranks. Smaller is hybrid sharding (HSDP).
   */
  readonly shardingGroup: number;
  readonly recompute: Recompute;
  readonly schedule: PipelineSchedule;
  /** Optimizer states kept in host memory. */
  readonly optimizerOffload: boolean;
}

export const LAYOUT_DEFAULTS = {
  tensorParallel: 1,
  pipelineParallel: 1,
  contextParallel: 1,
  dataParallel: 1,
  expertParallel: 1,
  virtualStages: 1,
  microBatchSequences: 1,
  sharding: 'zero1',
  shardingGroup: 0,
  recompute: 'selective',
  schedule: '1f1b',
  optimizerOffload: false,
} as const satisfies TrainingLayout;

export const layoutDevices = (layout: TrainingLayout): number =>
  layout.tensorParallel * layout.pipelineParallel * layout.contextParallel * layout.dataParallel;

/** The device's compute format behind a training precision; mxfp8 and nvfp4 run on the fp8 and fp4 units. */
export const computeFormatOf = (precision: TrainingPrecision): ComputeFormat =>
  precision === 'mxfp8' ? 'fp8' : precision === 'nvfp4' ? 'fp4' : precision;
