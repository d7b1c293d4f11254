/** Model architectures: what the FLOP, memory and traffic formulas need, nothing else. */
import type { Provenance } from '../catalog/provenance.ts';

export type ModelKind =
  | 'language'
  | 'vision_classification'
  | 'vision_detection'
  | 'vision_segmentation'
  | 'speech_to_text'
  | 'encoder'
  | 'text_to_image'
  | 'recommendation';

/** Multi-head, grouped-query and multi-query attention differ only in kvHeads. */
export interface GroupedQueryAttention {
  readonly type: 'gqa';
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434). */
export interface LatentAttention {
  readonly type: 'mla';
  readonly heads: number;
  /** 0 where queries are not compressed. */
  readonly queryLoraRank: number;
  readonly kvLoraRank: number;
  readonly nopeHeadDim: number;
  readonly ropeHeadDim: number;
  readonly valueHeadDim: number;
  /** Only models that attend to a selection of the context (DeepSeek-V3.2, arXiv 2512.02556). */
  readonly sparse?: SparseAttention;
}

/** A small indexer scores every token of the context in each layer; attention reads the best. */
export interface SparseAttention {
  readonly topTokens: number;
  readonly indexHeads: number;
  readonly indexHeadDim: number;
}

/** How many layers attend to everything, to a window, or carry constant state (linear attention, state-space). */
export interface LayerPattern {
  readonly full: number;
  readonly sliding: number;
  /** Tokens; 0 without sliding layers. */
  readonly slidingWindow: number;
  readonly linear: number;
}

export interface MixtureOfExperts {
  readonly experts: number;
  readonly activeExperts: number;
  readonly expertHiddenSize: number;
  readonly sharedExperts: number;
  /** Width of one shared expert; equals expertHiddenSize unless the model says otherwise. */
  readonly sharedExpertHiddenSize: number;
  /** Leading layers with an ordinary FFN. */
  readonly denseLayers: number;
}

export interface LanguageArchitecture {
  readonly kind: 'language';
  /** For example "llama", "qwen3_moe", "gpt_oss": chooses family factors, nothing else. */
  readonly family: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly ffnHiddenSize: number;
  /** SwiGLU and relatives have three matrices, plain FFN two. */
  readonly gatedFfn: boolean;
  readonly vocabularySize: number;
  readonly maxContextTokens: number;
  readonly tiedEmbeddings: boolean;
  readonly attention: GroupedQueryAttention | LatentAttention;
  readonly layerPattern: LayerPattern;
  readonly mixtureOfExperts: MixtureOfExperts | null;
  /** Multi-token-prediction modules (DeepSeek-V3). */
  readonly mtpLayers: number;
  readonly parametersTotal: number;
  /** Per token; equals parametersTotal for dense models. */
  readonly parametersActive: number;
  /** The format the weights are published in, where it is not bf16: "fp8", "mxfp4". */
  readonly nativeWeightFormat: string | null;
}

export interface VisionArchitecture {
  readonly kind: 'vision_classification' | 'vision_detection' | 'vision_segmentation';
  readonly family: string;
  readonly parametersTotal: number;
  /** Multiply and add counted apart: FLOP = 2 x MAC. */
  readonly flopsPerSample: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
}

/** Encoders, speech, image generation, ranking: attributes hold the shape, read by sample-architecture.ts. */
export interface OtherArchitecture {
  readonly kind: 'speech_to_text' | 'encoder' | 'text_to_image' | 'recommendation';
  readonly family: string;
  readonly parametersTotal: number | null;
  readonly flopsPerSample: number | null;
  readonly attributes: Readonly<Record<string, number | string>>;
}

export type Architecture = LanguageArchitecture | VisionArchitecture | OtherArchitecture;

export interface Model extends Provenance {
  /** For example "meta-llama/Llama-3.1-70B". */
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly architecture: Architecture;
}
