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
interface GroupedQueryAttention {
  readonly type: 'gqa';
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Only models that attend to selected blocks of the context (MiniMax-M3, github.com/MiniMax-AI/MSA). */
  readonly sparse?: SparseAttention;
}

/** Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434). */
interface LatentAttention {
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
  /** Number of layers that attend to selected blocks; every full-attention layer where absent. */
  readonly layers?: number;
}

/**
 * Attention on a compressed cache (DeepSeek-V4, technical report of 2026-04-24). One vector per token serves as key and value of all
 * heads, and several of these vectors are merged into one cache entry. Every layer also sees the last tokens unmerged (the window of
 * the layer pattern): sliding layers see only those; full layers are either light or heavy, which differ in what they merge.
 */
export interface CompressedAttention {
  readonly type: 'compressed';
  readonly heads: number;
  /** Width of the vector and of each query head; ropeHeadDim of it carries the position. */
  readonly headDim: number;
  readonly ropeHeadDim: number;
  readonly queryLoraRank: number;
  /** The output projection goes through a latent of this rank: heads to latent in groups, then latents to the width of the model. */
  readonly outputGroups: number;
  readonly outputLoraRank: number;
  /** Layers that merge few tokens into an entry and attend to the best entries. Here topTokens counts entries. */
  readonly light: { readonly layers: number; readonly tokensPerEntry: number; readonly index: SparseAttention };
  /** Layers that merge many tokens into an entry and attend to all entries. */
  readonly heavy: { readonly layers: number; readonly tokensPerEntry: number };
}

/**
 * Layers that keep a state of constant size instead of a cache: Mamba-2 (arXiv 2405.21060). The state of a head is headDim x
 * stateSize, in 32 bits; groups of heads share what is written to and read from the state; a short convolution runs over the last tokens.
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
  /** Layers that consist of a feed-forward network only (Nemotron-H, arXiv 2504.03624); the other layers then have none. */
  readonly feedForward?: number;
  /** Cross-attention layers, which attend to images instead of the text and are skipped where there are none (Llama 3.2 Vision, arXiv 2407.21783 §7). */
  readonly cross?: number;
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
  /** Input width of the routed experts where it differs from the model's; two projections lead from and to the model's width. */
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
  /** Shape of the linear layers where they are state-space models. Where absent, their heads are as wide as those of attention. */
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
  /** Published format of all other weights ("fp8") where only the experts are in the native format; 16 bits where absent. */
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
