/** An inference question as the caller asks it. Everything but the model and the load has a default. */
import type {
  CustomDevice,
  CustomLanguageModel,
  CustomVisionModel,
  Location,
  Purchase,
  SiteFacts,
  Surcharges,
} from '../estimate/selectors.ts';
import type { LatencyField } from './latency-objectives.ts';
import type { OptimizationWishes } from './optimization/request.ts';
import type { Adapters } from './step/adapters.ts';
import type { SpeculativeDecoding } from './step/configuration.ts';
import type { UserDevices } from './user-devices/user-devices.ts';

export type EngineName = 'vllm' | 'sglang' | 'tensorrt_llm' | 'llama_cpp';
export type WeightFormat = 'bf16' | 'fp16' | 'fp8' | 'int8' | 'int4' | 'fp4' | 'mxfp4';
type KvCacheFormat = 'bf16' | 'fp16' | 'fp8';

/** A length distribution by its mean and spread, by percentiles, or as a histogram. */
export interface TokenLengths {
  readonly mean?: number;
  /** Standard deviation over mean. */
  readonly coefficientOfVariation?: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly histogram?: readonly { readonly tokens: number; readonly share: number }[];
}

export interface Traffic {
  /** Peak hour over mean hour. */
  readonly peakToMeanRatio?: number;
  /** Squared coefficient of variation of inter-arrival times within the peak hour; 1 is Poisson. */
  readonly arrivalVariability?: number;
  /** Share of prompt tokens found in the prefix cache, 0 to 1. */
  readonly prefixCacheHitRate?: number;
  /** Hours a day with traffic; fewer than 24 with `scaling: scale_to_zero` pays only those. */
  readonly activeHoursPerDay?: number;
}

/** Latency limits in ms, each at the percentile in its name (`ttftMsP99`), and what else the service must hold. */
export interface Objectives extends Readonly<Partial<Record<LatencyField, number>>> {
  /** Highest utilization of the saturation rate at peak, 0 to 1. */
  readonly maxUtilization?: number;
  /** Replicas beyond those that carry the peak (1 is N+1). */
  readonly spareReplicas?: number;
}

/** Only for models that work by the sample. w8a16: 8-bit weights with 16-bit activations, on neural units. */
type OtherFormat = 'fp32' | 'w8a16';

export interface Serving {
  readonly engine?: EngineName;
  /** As the engine prints it; decides the software era. The newest where absent. */
  readonly engineVersion?: string;
  readonly weightFormat?: WeightFormat | OtherFormat;
  readonly kvCacheFormat?: KvCacheFormat;
  /** Activations in floating point beside 4-bit weights: slower on neural units, the same elsewhere. */
  readonly floatActivations?: boolean;
  readonly tensorParallel?: number;
  readonly pipelineParallel?: number;
  readonly expertParallel?: number;
  /** Copies of the attention weights in one replica, each with sequences of its own; only mixtures of experts. */
  readonly attentionDataParallel?: number;
  /** Between machines, one direction, per device: lets a replica span them. */
  readonly networkGbPerSecondPerDevice?: number;
  /** Prefill and decode on replicas of their own; their caches cross the network between machines. */
  readonly disaggregated?: boolean;
  readonly maxSequences?: number;
  readonly maxBatchedTokens?: number;
  readonly memoryUtilization?: number;
  /** Processors only: memory of the host per socket. */
  readonly hostMemoryGibPerSocket?: number;
  /** Boards with power modes only: the power budget of one of them. */
  readonly powerWatts?: number;
  readonly speculative?: SpeculativeDecoding;
  readonly adapters?: Adapters;
  /** Weights of each device that stay in host memory. */
  readonly offloadGibPerDevice?: number;
}

export interface Scaling {
  readonly mode?: 'fixed' | 'scale_to_zero';
  /** From object storage or disk into device memory. */
  readonly weightLoadGbPerSecond?: number;
  /** Process start, graph capture, memory profiling. */
  readonly engineStartSeconds?: number;
  readonly coldStartsPerDay?: number;
}

/** One measurement of the caller's own deployment of this model; what it leaves out is as in the request. */
export interface CalibrationPoint {
  readonly device?: string;
  readonly engine?: EngineName;
  readonly weightFormat?: WeightFormat | OtherFormat;
  readonly tensorParallel?: number;
  readonly pipelineParallel?: number;
  /** Mean lengths of the run. */
  readonly promptTokens?: number;
  readonly outputTokens?: number;
  /** Requests in flight in one replica. */
  readonly concurrency?: number;
  /** Arrivals at one replica. */
  readonly requestsPerSecond?: number;
  /** Medians. */
  readonly ttftMs?: number;
  readonly timePerOutputTokenMs?: number;
  /** Of one replica. */
  readonly outputTokensPerSecond?: number;
  /** Of one device, for models that work by the sample. */
  readonly samplesPerSecond?: number;
  readonly singleStreamMs?: number;
}

interface Calibration {
  readonly points: readonly CalibrationPoint[];
}

export interface InferenceRequest {
  readonly model?: string;
  readonly customLanguageModel?: CustomLanguageModel;
  readonly customVisionModel?: CustomVisionModel;
  /** Chat turns, completions, images, sequences, clips or ranking queries. */
  readonly requestsPerDay: number;
  readonly promptTokens?: TokenLengths;
  readonly outputTokens?: TokenLengths;
  /** Only models that read images; promptTokens then counts the text alone. */
  readonly promptImages?: { readonly count: number; readonly width: number; readonly height: number };
  /** Only speech models. */
  readonly audioSecondsPerRequest?: number;
  /** Only image generators, pixels. */
  readonly imageSize?: { readonly width: number; readonly height: number };
  /** Only image generators. */
  readonly denoisingSteps?: number;
  /** Only ranking models: items scored per request. */
  readonly candidatesPerRequest?: number;
  readonly device?: string;
  readonly customDevice?: CustomDevice;
  readonly location?: Location;
  readonly purchase?: Purchase;
  readonly traffic?: Traffic;
  readonly objectives?: Objectives;
  readonly serving?: Serving;
  readonly scaling?: Scaling;
  /** Runs on the devices of its users, one each, at no cost to the operator. */
  readonly userDevices?: UserDevices;
  readonly calibration?: Calibration;
  readonly site?: SiteFacts;
  /** Network egress: bytes sent to users per request; priced where the provider's egress price is known. */
  readonly responseKilobytes?: number;
  readonly egressUsdPerGb?: number;
  readonly surcharges?: Surcharges;
  /** For the waterfall alone: the estimate itself takes no notice. */
  readonly optimization?: OptimizationWishes;
}
