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
  /** Only models that attend to selected blocks of the context (MiniMax-M3, github.com/MiniMax-AI/MSA). */
  readonly sparse?: SparseAttention;
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
  /** Layers that select; every full layer where absent. */
  readonly layers?: number;
}

/**
 * One vector per token is key and value of all heads, and several of them are merged into one entry of the cache (DeepSeek-V4,
 * technical report of 2026-04-24). All layers also see the last tokens unmerged: the window of the layer pattern, whose sliding
 * layers see nothing else and whose full layers are the light and the heavy ones.
 */
export interface CompressedAttention {
  readonly type: 'compressed';
  readonly heads: number;
  /** Of the vector and of each query head, of which ropeHeadDim carry the position. */
  readonly headDim: number;
  readonly ropeHeadDim: number;
  readonly queryLoraRank: number;
  /** Heads are projected to a latent of this rank group by group, the latents to the width of the model. */
  readonly outputGroups: number;
  readonly outputLoraRank: number;
  /** Layers that merge few tokens into an entry and attend to the best entries; topTokens counts entries. */
  readonly light: { readonly layers: number; readonly tokensPerEntry: number; readonly index: SparseAttention };
  /** Layers that merge many and attend to all entries. */
  readonly heavy: { readonly layers: number; readonly tokensPerEntry: number };
}

/**
 * Layers that carry a state of constant size: Mamba-2 (arXiv 2405.21060). The state of a head is headDim x stateSize, in 32 bits;
 * inputs and outputs of the state are shared by groups of heads; a short convolution runs over the last tokens.
 */
export interface StateSpace {
  readonly heads: number;
  readonly headDim: number;
  readonly stateSize: number;
  readonly groups: number;
  readonly convolutionTokens: number;
}

/** How many layers attend to everything, to a window, or carry constant state (linear attention, state-space). */
export interface LayerPattern {
  readonly full: number;
  readonly sliding: number;
  /** Tokens; 0 without sliding layers. */
  readonly slidingWindow: number;
  readonly linear: number;
  /** Layers that are a feed-forward network alone (Nemotron-H, arXiv 2504.03624); the others then have none. */
  readonly feedForward?: number;
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
  /** Width that routed experts work at, between two projections from and to the model's, where it is not the model's own. */
  readonly latentSize?: number;
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
  readonly attention: GroupedQueryAttention | LatentAttention | CompressedAttention;
  readonly layerPattern: LayerPattern;
  /** Shape of the linear layers where they are state-space models; heads as wide as those of attention where absent. */
  readonly stateSpace?: StateSpace;
  /** Parallel residual streams that each block mixes (arXiv 2409.19606); one where absent. */
  readonly residualStreams?: number;
  readonly mixtureOfExperts: MixtureOfExperts | null;
  /** Multi-token-prediction modules (DeepSeek-V3). */
  readonly mtpLayers: number;
  readonly parametersTotal: number;
  /** Per token; equals parametersTotal for dense models. */
  readonly parametersActive: number;
  /** The format the weights are published in, where it is not bf16: "fp8", "mxfp4". */
  readonly nativeWeightFormat: string | null;
  /** Format of the published weights beside the experts, where those alone are in the native format: "fp8"; 16 bits where absent. */
  readonly formatBesideExperts?: 'fp8';
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
