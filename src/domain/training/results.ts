/** What the training formulas answer. Times in seconds, sizes in bytes per device unless the name says otherwise. */
import type { UncertainFactor } from '../uncertainty/band.ts';
import type { MemoryFit } from './step/memory-fit.ts';
import type { Cluster, TrainingLayout } from './workload.ts';

/** FLOPs of one token, forward and backward; multiply and add counted apart. */
export interface TrainingFlops {
  /** What the mathematics needs: linear layers + causal attention + logits (+ MTP). The numerator of MFU. */
  readonly modelFlopsPerToken: number;
  /** With recomputation: the numerator of HFU. */
  readonly hardwareFlopsPerToken: number;
  /** 6 x active parameters without input embedding: the other MFU convention. */
  readonly sixNFlopsPerToken: number;
  readonly linearFlopsPerToken: number;
  readonly attentionFlopsPerToken: number;
  readonly logitsFlopsPerToken: number;
  readonly mtpFlopsPerToken: number;
}

export type TrainingRefusalCode =
  | 'invalid_number'
  | 'precision_unknown'
  | 'figure_missing'
  | 'inference_only'
  | 'tensor_parallel_divides'
  | 'tensor_parallel_exceeds_link_domain'
  | 'pipeline_exceeds_layers'
  | 'virtual_stages_divide'
  | 'expert_parallel_without_experts'
  | 'expert_parallel_divides'
  | 'context_parallel_divides'
  | 'layout_exceeds_cluster'
  | 'layout_does_not_fill_cluster'
  | 'batch_below_data_parallel'
  | 'batch_does_not_divide'
  | 'schedule_needs_pipeline'
  | 'sharding_with_pipeline'
  | 'method_precision'
  | 'pairs_divide'
  | 'sequence_exceeds_context'
  | 'network_missing'
  | 'fabric_unknown'
  | 'memory'
  | 'rollout_memory'
  | 'model_kind';

/** Why a layout cannot run. required, actual share one unit; margin = actual - required. */
export interface TrainingRefusal {
  readonly code: TrainingRefusalCode;
  /** One sentence a reader can act on. */
  readonly message: string;
  /** The layout, cluster or workload field concerned, for example "layout.tensorParallel". */
  readonly field: string;
  readonly required: number | null;
  readonly actual: number | null;
  readonly margin: number | null;
  readonly unit: string | null;
  /** The nearest value of the field that would be accepted; null where no single number helps. */
  readonly nearestFeasible: number | null;
}

/** Exposed seconds of one optimizer step; they sum to StepTime.seconds. */
export interface StepSplit {
  readonly gemm: number;
  readonly attention: number;
  readonly elementWise: number;
  readonly logits: number;
  /** Recomputed forward work. */
  readonly recompute: number;
  readonly tensorParallel: number;
  readonly contextParallel: number;
  readonly expertParallel: number;
  readonly pipelineTransfer: number;
  readonly dataParallel: number;
  readonly bubble: number;
  readonly optimizer: number;
  /** Waiting for the slowest device; grows with the logarithm of the cluster. */
  readonly jitter: number;
  /** Sampling the answers of the step, and scoring them with a reward model; 0 but for GRPO. */
  readonly rollout: number;
  readonly reward: number;
}

export interface StepTime {
  readonly seconds: number;
  readonly split: StepSplit;
  readonly tokensPerStep: number;
  readonly tokensPerSecondPerDevice: number;
  readonly microBatches: number;
  /** The peak that MFU and HFU divide by, and its format: bf16, or fp16 where the device has no bf16. */
  readonly peakFlops: number;
  readonly peakFormat: 'bf16' | 'fp16';
  /** 6N convention. */
  readonly mfuParametersOnly: number;
  /** With causal attention. */
  readonly mfu: number;
  readonly hfu: number;
  /** Best measured matrix multiplication over peak at this precision: no step can do better. */
  readonly achievablePeakFlops: number;
}

export interface TrainingMemory {
  readonly capacityBytes: number;
  /** What the driver leaves of it. */
  readonly usableBytes: number;
  /** Pipeline rank with the largest need, 0 the first. */
  readonly worstPipelineRank: number;
  /** The following are of the worst rank and sum to totalBytes. */
  readonly weightsBytes: number;
  readonly gradientsBytes: number;
  readonly optimizerBytes: number;
  readonly activationBytes: number;
  readonly logitsBytes: number;
  readonly communicationBytes: number;
  /** Runtime and fragmentation. */
  readonly overheadBytes: number;
  /** Part of overheadBytes: context, libraries and workspaces outside the framework's allocator. */
  readonly runtimeBytes: number;
  readonly totalBytes: number;
  readonly byPipelineRankBytes: readonly number[];
  /** Micro-batches whose activations the worst rank holds at once. */
  readonly microBatchesInFlight: number;
  readonly headroomBytes: number;
  /** How surely it fits; null where it does not even at the 10th percentile of the measured peaks. */
  readonly fit: MemoryFit | null;
  /** Host memory for offloaded states, data loading and checkpoint staging. */
  readonly hostMemoryBytesPerNode: number;
}

export interface LayoutCandidate {
  readonly layout: TrainingLayout;
  readonly step: StepTime;
  readonly memory: TrainingMemory;
  /** Why it loses against the best, one sentence; empty for the best. */
  readonly whyNotBest: string;
  /** Step time over that of the best. */
  readonly slowdown: number;
}

export interface LayoutSearchResult {
  readonly status: 'ok' | 'infeasible';
  /** null when infeasible. */
  readonly best: LayoutCandidate | null;
  /** Next best with a different cut, fastest first. */
  readonly runnersUp: readonly LayoutCandidate[];
  /** Layouts whose memory was worked out; those whose arithmetic alone takes longer than the ones named are not among them. */
  readonly candidatesEvaluated: number;
  /** Layouts left out because they do not fit in memory. */
  readonly rejectedForMemory: number;
  readonly refusals: readonly TrainingRefusal[];
  /** Smallest number of devices (whole nodes) on which some layout fits; null where none up to 65,536 does. */
  readonly smallestFittingDevices: number | null;
  /** The layout with the least memory, for the margin in the refusal; null when not even one divides. */
  readonly leastMemory: { readonly layout: TrainingLayout; readonly memory: TrainingMemory } | null;
}

export interface Goodput {
  readonly failuresPerDay: number;
  readonly meanTimeBetweenInterruptionsSeconds: number;
  /** Blocking seconds of one checkpoint. */
  readonly checkpointSeconds: number;
  readonly checkpointIntervalSeconds: number;
  /** Effective training time ratio: productive time over wall-clock. */
  readonly effectiveTrainingTimeRatio: number;
  /** ettr x (1 - slow nodes) x (1 - evaluation): clean hours divided by this are wall-clock hours. */
  readonly goodput: number;
  readonly shares: {
    readonly checkpointing: number;
    readonly lostWork: number;
    readonly recovery: number;
    readonly reacquisition: number;
    readonly slowNodes: number;
    readonly evaluation: number;
  };
}

export interface WholeRun {
  readonly steps: number;
  readonly cleanHours: number;
  readonly goodput: number;
  readonly stageFactor: number;
  readonly batchRampFactor: number;
  readonly wallClockHours: number;
  readonly wallClockDays: number;
  /** Without spares. */
  readonly deviceHours: number;
  /** With spares held ready. */
  readonly deviceHoursWithSpares: number;
  readonly expectedInterruptions: number;
  /** Experiments before the best run, device-hours; not in deviceHours. */
  readonly experimentDeviceHours: number;
  readonly programmeDeviceHours: number;
}

export interface TrainingStorage {
  readonly checkpointBytes: number;
  readonly dataLoadingBytesPerSecond: number;
  readonly checkpointBytesPerSecondNeeded: number;
  readonly hostMemoryBytesPerNode: number;
}

export interface SampleTraining {
  readonly status: 'ok';
  readonly samplesPerSecondPerDevice: number;
  readonly secondsTotal: number;
  readonly flopsPerSample: number;
  readonly efficiency: number;
  readonly memoryBytes: number;
  readonly fits: boolean;
  readonly uncertainty: UncertainFactor;
}
export interface SampleTrainingRefusal {
  readonly status: 'refused';
  readonly refusals: readonly TrainingRefusal[];
}

/** A value that a rule chose because the caller gave none. */
export interface ChosenDefault<T> {
  readonly value: T;
  /** The rule, one sentence. */
  readonly rule: string;
  readonly source: string;
}

export interface ClusterSizing {
  readonly cluster: Cluster;
  readonly search: LayoutSearchResult;
  readonly rule: string;
  readonly source: string;
}
