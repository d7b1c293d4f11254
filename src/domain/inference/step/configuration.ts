/** What is served, on what and how: the input of every language-model formula in this folder. */
import type { Device } from '../../devices/device.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import type { Adapters } from './adapters.ts';

export const SERVING_ENGINES = ['vllm', 'sglang', 'tensorrt_llm', 'llama_cpp'] as const;
export type ServingEngine = (typeof SERVING_ENGINES)[number];

export const WEIGHT_FORMATS = ['bf16', 'fp16', 'fp8', 'int8', 'int4', 'fp4', 'mxfp4'] as const;
/** int4 is weight-only (AWQ, GPTQ, Q4_K); fp4 is NVFP4; mxfp4 quantizes the expert weights of a mixture alone, as gpt-oss is published, and every layer of a dense model. */
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

/** fp16 where the device or the engine has no bf16. */
const KV_CACHE_FORMATS = ['bf16', 'fp16', 'fp8'] as const;
export type KvCacheFormat = (typeof KV_CACHE_FORMATS)[number];

export interface SpeculativeDecoding {
  /** Tokens drafted per step (k). */
  readonly draftTokens: number;
  /** Mean drafted tokens accepted per step, measured: it is never assumed. 0 to draftTokens. */
  readonly acceptedTokens: number;
  /** Time of drafting relative to one decode step of the target model; optimization/drafting.ts has what was measured. */
  readonly draftCostFraction: number;
}

/** Null where it is as usual. */
export interface WeightStorage {
  /** Bits per weight of the layers with their scales. */
  readonly layerBits: number | null;
  /** Bits per weight of the output projection. */
  readonly headBits: number | null;
  /** Format of a mixture's layers besides its experts. */
  readonly besideExperts: WeightFormat | null;
}

export interface ServingConfiguration {
  readonly model: LanguageArchitecture;
  readonly device: Device;
  readonly engine: ServingEngine;
  /** Versions of the engine that behave alike (software-era.ts); null for the newest. */
  readonly softwareEra: string | null;
  readonly weightFormat: WeightFormat;
  readonly kvCacheFormat: KvCacheFormat;
  /** Activations stay in floating point beside narrow weights: exports for neural units called w4 in place of w4a16. */
  readonly floatActivations: boolean;
  /** How the weights of a given file are stored; null for how files of the format and the engine usually are. */
  readonly weightStorage: WeightStorage | null;
  /** Ranks that share one copy of the attention weights. */
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  /** Ranks the experts are spread over; 1 means that each expert is cut by tensor parallelism. */
  readonly expertParallel: number;
  /** Copies of the attention weights inside one replica, each serving its own sequences (mixture-of-experts models). */
  readonly attentionDataParallel: number;
  /** Scale-out network, one direction; null where the replica may not leave its link domain. */
  readonly networkBytesPerSecondPerDevice: number | null;
  /** Chunked prefill budget of one engine step, tokens. */
  readonly maxBatchedTokens: number;
  /** Prompts and writing on replicas of their own (pools.ts). */
  readonly disaggregated: boolean;
  /** Sequences that run at once in one replica at most. */
  readonly maxSequences: number;
  /** Share of device memory the engine may use. */
  readonly memoryUtilization: number;
  /** Share of prompt tokens found in the prefix cache. */
  readonly prefixCacheHitRate: number;
  readonly speculative: SpeculativeDecoding | null;
  /** Weights of each device that stay in the memory of its host and cross to it in every step. */
  readonly offloadedBytes: number;
  /** Low-rank adapters served with the model. */
  readonly adapters: Adapters | null;
  /** Arithmetic of an image encoder in front of the model, FLOP per token of the prompt; 0 where there is none. */
  readonly encoderFlopsPerPromptToken: number;
  /** Image tokens of a request that only cross-attention layers read; 0 without such layers. */
  readonly imageTokens: number;
}

/** Devices one replica occupies. */
export const replicaDevices = (configuration: ServingConfiguration): number =>
  configuration.tensorParallel * configuration.pipelineParallel * configuration.attentionDataParallel;

/** A deployment of pools has a spare in each. */
export const sparesOf = ({ disaggregated }: ServingConfiguration, spareReplicas: number): number =>
  disaggregated ? 2 * spareReplicas : spareReplicas;

/** Engine settings that a caller need not state: the defaults of vLLM V1 on datacenter GPUs. */
export const SERVING_DEFAULTS = {
  engine: 'vllm',
  softwareEra: null,
  kvCacheFormat: 'bf16',
  floatActivations: false,
  weightStorage: null,
  tensorParallel: 1,
  pipelineParallel: 1,
  expertParallel: 1,
  attentionDataParallel: 1,
  networkBytesPerSecondPerDevice: null,
  disaggregated: false,
  maxBatchedTokens: 8192,
  maxSequences: 1024,
  memoryUtilization: 0.9,
  prefixCacheHitRate: 0,
  speculative: null,
  offloadedBytes: 0,
  adapters: null,
  encoderFlopsPerPromptToken: 0,
  imageTokens: 0,
} as const satisfies Partial<ServingConfiguration>;
