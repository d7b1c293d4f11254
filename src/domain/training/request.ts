/** A training question as the caller asks it. Everything but the model and the amount of data has a default. */
import type {
  CustomDevice,
  CustomLanguageModel,
  CustomVisionModel,
  Location,
  Purchase,
  SiteFacts,
  Surcharges,
} from '../estimate/selectors.ts';

export type TrainingMethod =
  | 'pretraining'
  | 'full_fine_tuning'
  | 'lora'
  | 'qlora'
  | 'dpo'
  | 'dpo_lora'
  | 'grpo'
  | 'grpo_lora';
/** Which matrices get adapters: every one of the layers, or queries and values alone as in arXiv 2106.09685. */
export type LoraTargets = 'all_linear' | 'query_value';
export type Optimizer = 'adamw' | 'adamw_8bit' | 'muon' | 'sgd_momentum';
export type TrainingPrecision = 'bf16' | 'fp16' | 'fp8' | 'mxfp8' | 'nvfp4';
export type Fabric =
  | 'infiniband_200g'
  | 'infiniband_400g'
  | 'infiniband_800g'
  | 'roce_400g'
  | 'ethernet_100g'
  | 'ethernet_400g'
  | 'ethernet_800g'
  | 'ethernet_1600g'
  | 'ici'
  | 'none';

export interface ClusterRequest {
  readonly devices?: number;
  /** The scale-out network per device; overrides what the catalog knows of the server. */
  readonly fabric?: Fabric;
  /** Only where `devices` is left open: the smallest that keeps the deadline (the default), or the fastest the budget pays for. */
  readonly objective?: 'smallest' | 'fastest';
}

interface LayoutRequest {
  readonly tensorParallel?: number;
  readonly pipelineParallel?: number;
  readonly contextParallel?: number;
  readonly expertParallel?: number;
  readonly virtualStages?: number;
  readonly microBatchSequences?: number;
  readonly sharding?: 'none' | 'zero1' | 'zero2' | 'zero3';
  readonly recompute?: 'none' | 'selective' | 'full';
  readonly schedule?: '1f1b' | 'interleaved' | 'zero_bubble' | 'dual_pipe';
  /** Optimizer states in host memory. */
  readonly optimizerOffload?: boolean;
}

/** A stage after the main one: another sequence length, on the same cluster with a layout of its own. */
interface StageRequest {
  readonly tokens: number;
  /** That of the main stage where absent, as is the batch. */
  readonly sequenceLength?: number;
  readonly globalBatchTokens?: number;
}

/** The software that runs the steps; it decides which kernels, overlap and recomputation there are. */
interface StackRequest {
  readonly framework?: 'megatron' | 'fsdp' | 'xla' | 'other';
  /** Of its release. */
  readonly year?: number;
}

/** What happens around the clean steps of a run. */
export interface RunRequest {
  /** All-in hours over clean hours: long-context and anneal stages, batch ramp, restarts from mistakes. */
  readonly stageFactor?: number;
  /** Experiments before the best run, in multiples of the final run's hours. */
  readonly experimentsMultiple?: number;
  /** Hours with a batch that grows over those with the full batch from the start; 1 where it is constant. */
  readonly batchRampFactor?: number;
  readonly failuresPerNodeDay?: number;
  readonly recoveryMinutes?: number;
  readonly checkpointStorageGbPerSecond?: number;
  readonly evaluationShare?: number;
  readonly sparePercent?: number;
  /** Only with spot. */
  readonly spotInterruptionsPerNodeDay?: number;
  readonly spotReacquireMinutes?: number;
}

/** Answers sampled in every step of GRPO. */
interface RolloutRequest {
  readonly promptTokens?: number;
  /** Mean length of an answer. */
  readonly responseTokens?: number;
  /** Standard deviation of the length over its mean. */
  readonly responseCoefficientOfVariation?: number;
  readonly maxResponseTokens?: number;
  /** Answers to each prompt. */
  readonly groupSize?: number;
  /** Absent where rules score the answers. */
  readonly rewardModelParametersBillions?: number;
}

interface DataRequest {
  readonly datasetTerabytes?: number;
  readonly acquisitionUsd?: string;
  readonly cleaningUsdPerBillionTokens?: number;
  readonly labels?: number;
  readonly usdPerLabel?: number;
  readonly storageMonths?: number;
  readonly storageUsdPerGbMonth?: number;
  /** Checkpoints kept at the same time. */
  readonly checkpointsKept?: number;
}

interface PeopleRequest {
  readonly engineers?: number;
  /** Months of work beside the run itself. */
  readonly preparationMonths?: number;
  readonly usdPerEngineerYear?: number;
}

export interface TrainingRequest {
  readonly model?: string;
  readonly customLanguageModel?: CustomLanguageModel;
  readonly customVisionModel?: CustomVisionModel;
  /**
   * Tokens seen, all epochs together, of the main stage; for language models. Chosen and rejected answers both count; with GRPO prompts
   * and all sampled answers.
   */
  readonly tokens?: number;
  /** Images seen, all epochs together; for vision models and image generators. */
  readonly images?: number;
  /** Hours of audio heard, all epochs together; for speech models. */
  readonly audioHours?: number;
  readonly method?: TrainingMethod;
  readonly loraRank?: number;
  readonly loraTargets?: LoraTargets;
  readonly optimizer?: Optimizer;
  readonly sequenceLength?: number;
  readonly globalBatchTokens?: number;
  readonly precision?: TrainingPrecision;
  /** Long-context and anneal stages after the main one. */
  readonly stages?: readonly StageRequest[];
  readonly device?: string;
  readonly customDevice?: CustomDevice;
  readonly cluster?: ClusterRequest;
  /** Chooses the cluster size where none is given. */
  readonly deadlineDays?: number;
  /** Decimal string. The hardware of the final run must stay within it; the answer compares it with the whole bill too. */
  readonly budgetUsd?: string;
  /** Device-hours of the final run, paid ones. */
  readonly budgetDeviceHours?: number;
  readonly layout?: LayoutRequest;
  readonly stack?: StackRequest;
  readonly location?: Location;
  readonly purchase?: Purchase;
  readonly run?: RunRequest;
  /** Only with grpo and grpo_lora. */
  readonly rollout?: RolloutRequest;
  readonly data?: DataRequest;
  readonly people?: PeopleRequest;
  /** What a day of waiting for the result costs the business; no line where absent. */
  readonly waitingUsdPerDay?: string;
  readonly site?: SiteFacts;
  readonly surcharges?: Surcharges;
}
