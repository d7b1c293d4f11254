/** What the language-model formulas answer. Times in seconds, sizes in bytes per device, rates per replica. */

import type { LatencyLimit, LatencyObjective } from '../latency-objectives.ts';
import type { WeightFormat } from './configuration.ts';

export type RefusalCode =
  | 'format_not_runnable'
  | 'figure_missing'
  | 'tensor_parallel_divides'
  | 'parallelism_exceeds_link_domain'
  | 'parallelism_exceeds_layers'
  | 'expert_parallel_without_experts'
  | 'expert_parallel_divides'
  | 'context_exceeds_model'
  | 'memory'
  | 'engine_device'
  /** No offered machine holds the weights that stay in host memory. */
  | 'host_memory'
  /** The toolchain of a neural unit does not take such models. */
  | 'operators_unsupported';

/** Why a configuration cannot run. required, actual and margin share one unit; margin = actual - required. */
export interface Refusal {
  readonly code: RefusalCode;
  /** One sentence a reader can act on. */
  readonly message: string;
  readonly required: number | null;
  readonly actual: number | null;
  readonly margin: number | null;
  readonly unit: string | null;
  /** What would be accepted, for example the weight formats the device runs. */
  readonly alternatives: readonly string[];
}

export interface ServingMemory {
  /** Memory of the device, and what the engine may use of it. */
  readonly capacityBytes: number;
  readonly usableBytes: number;
  readonly weightsBytes: number;
  /** Weights of the device that stay in the memory of its host. */
  readonly offloadedBytes: number;
  readonly activationBytes: number;
  readonly overheadBytes: number;
  /** What is left for the KV cache; negative where the weights do not fit. */
  readonly kvCacheBytes: number;
  readonly kvBytesPerToken: number;
  /** Constant per sequence: linear-attention state and full sliding windows. */
  readonly stateBytesPerSequence: number;
  /** KV tokens one replica holds (full-attention equivalent, mean sequence). */
  readonly kvCacheTokens: number;
  /** Sequences of the given lengths that run at once in one replica (memory and maxSequences). */
  readonly maxConcurrentSequences: number;
  readonly largestContextTokens: number;
  /** usable - weights - activation - overhead - KV of one sequence. */
  readonly headroomBytes: number;
  readonly fits: boolean;
}

export interface StepWork {
  /** New prompt tokens computed in this step, per replica. */
  readonly prefillTokens: number;
  /** Prompt tokens already in the cache in front of them. */
  readonly cachedTokens: number;
  readonly decodeSequences: number;
  readonly meanContextTokens: number;
}

/** One engine step. The terms sum to seconds. */
export interface StepTime {
  readonly seconds: number;
  /** GEMM time where arithmetic binds, and where weight or activation traffic binds. */
  readonly computeSeconds: number;
  readonly memorySeconds: number;
  readonly attentionSeconds: number;
  readonly communicationSeconds: number;
  /** Kernel launches and element-wise kernels. */
  readonly launchSeconds: number;
  readonly headSeconds: number;
  /** Scheduling, sampling, detokenising. */
  readonly engineSeconds: number;
}

type TimeTerm = 'compute' | 'memory' | 'attention' | 'communication' | 'launch' | 'head' | 'engine';
/** Shares of busy time; they sum to 1. */
export type TimeShares = Readonly<Record<TimeTerm, number>>;

export type BindingConstraint =
  | 'memory_capacity'
  | 'memory_bandwidth'
  | 'compute'
  | 'link'
  | 'launch'
  | 'scheduler'
  | 'max_sequences'
  | 'ttft_objective'
  | 'tpot_objective'
  | 'end_to_end_objective'
  | 'utilization_cap'
  /** One replica carries the load with room to spare: the replica is the smallest unit. */
  | 'single_replica';

export interface OperatingPoint {
  readonly concurrency: number;
  readonly requestsPerSecond: number;
  readonly outputTokensPerSecond: number;
  readonly ttftSeconds: number;
  readonly tpotSeconds: number;
  /** The part of tpotSeconds that the prefill of other requests takes. */
  readonly prefillSecondsPerToken: number;
  readonly endToEndSeconds: number;
  readonly shares: TimeShares;
}

/** The highest rate one replica sustains: every slot busy. */
export interface Saturation extends OperatingPoint {
  readonly boundBy: BindingConstraint;
}

export interface Percentiles {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Arrivals {
  readonly requestsPerSecond: number;
  /** Squared coefficient of variation of the time between arrivals; 1 is Poisson. */
  readonly arrivalCv2: number;
  /** Of how many replicas this is one, where prefill and decode have pools of their own. */
  readonly replicas?: number;
}

/** Whether a latency objective may be promised at this load, and why not. */
export interface LatencyPromise {
  readonly ok: boolean;
  readonly reason: string | null;
}

export interface LatencyUnderLoad {
  readonly stable: boolean;
  /** Offered rate / saturation rate. */
  readonly utilization: number;
  readonly meanConcurrency: number;
  /** Infinity where the queue grows without bound (stable: false). */
  readonly queueWaitSeconds: Percentiles;
  readonly ttftSeconds: Percentiles;
  readonly tpotSeconds: Percentiles;
  readonly endToEndSeconds: Percentiles;
  readonly shares: TimeShares;
  readonly promise: LatencyPromise;
}

export interface LatencyObjectives {
  readonly latency: readonly LatencyLimit[];
  /** Highest allowed offered rate / saturation rate, for example 0.7. */
  readonly maxUtilization: number;
}

export interface ObjectiveCheck {
  readonly objective: LatencyObjective | 'utilization';
  readonly required: number;
  readonly actual: number;
  /** required - actual; negative where missed. */
  readonly margin: number;
  readonly met: boolean;
}

/** A change of one limit and what it saves. Applied, the plan needs replicasAfter serving replicas. */
export interface Relaxation {
  readonly constraint: BindingConstraint;
  readonly parameter: ObjectiveCheck['objective'];
  readonly from: number;
  readonly to: number;
  readonly unit: string;
  readonly replicasAfter: number;
  readonly description: string;
}

export interface ReplicaPlan {
  /** Serving replicas plus spares; null where no number of replicas meets the objectives. */
  readonly replicas: number | null;
  readonly servingReplicas: number | null;
  readonly spareReplicas: number;
  readonly devicesPerReplica: number;
  readonly devices: number | null;
  /** The load of one serving replica at peak; at one request per hour where no number of replicas is enough. */
  readonly perReplica: LatencyUnderLoad;
  readonly saturation: Saturation;
  readonly checks: readonly ObjectiveCheck[];
  readonly bindingConstraint: BindingConstraint;
  /** What the step time is made of at the operating point, whatever limit binds. */
  readonly hardwareConstraint: BindingConstraint;
  /** The least change of the binding limit that saves a replica, or makes the load servable at all. */
  readonly nextSaving: Relaxation | null;
  /** The change of the binding limit after which another one binds. */
  readonly relaxation: Relaxation | null;
}

export interface CandidateOptions {
  readonly weightFormats: readonly WeightFormat[] | null;
  readonly maxDevices: number | null;
  /** Also groups with little room beside the weights, and larger ones than pay off under most loads. */
  readonly everyGroup?: boolean;
}
