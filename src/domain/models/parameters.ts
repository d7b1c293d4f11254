/**
 * Parameters of a language model by component, from its architecture alone. Biases and norm vectors (< 0.1 %) are left out.
 * Attention and FFN shapes: Llama 3 (arXiv 2407.21783), MLA: DeepSeek-V2 (arXiv 2405.04434) §2.1, MoE: DeepSeek-V3 (2412.19437),
 * compressed attention: reference code of DeepSeek-V4, state-space layers: Mamba-2 (arXiv 2405.21060).
 */
import type { CompressedAttention, LanguageArchitecture, SparseAttention, StateSpace } from './architecture.ts';
import { feedForwardLayers } from './layers.ts';

interface ComponentParameters {
  /** One layer: query, key, value, output projections. */
  readonly attentionPerLayer: number;
  /** Parameters of all layers besides the feed-forward networks: attention with its indexers and compressors, state-space models, residual streams. */
  readonly mixers: number;
  readonly denseFfnPerLayer: number;
  /** One routed expert of one layer. */
  readonly expert: number;
  readonly sharedExpertsPerLayer: number;
  readonly routerPerLayer: number;
  /** The two projections between the model's width and that of the routed experts. */
  readonly latentProjectionsPerLayer: number;
  readonly denseLayers: number;
  readonly expertLayers: number;
  readonly expertsPerLayer: number;
  readonly activeExpertsPerLayer: number;
  /** Input embedding table. */
  readonly embedding: number;
  /** Output projection; the same matrix as the embedding where tied. */
  readonly logits: number;
  /** One multi-token-prediction module without the shared logits matrix: a layer and a 2h x h projection. */
  readonly mtpModule: number;
}

const components = new WeakMap<LanguageArchitecture, ComponentParameters>();

/** Parameters of every component; remembered per architecture object. */
export function componentParameters(model: LanguageArchitecture): ComponentParameters {
  const known = components.get(model);
  if (known !== undefined) return known;
  const counted = countComponents(model);
  components.set(model, counted);
  return counted;
}

function countComponents(model: LanguageArchitecture): ComponentParameters {
  const h = model.hiddenSize;
  const matrices = model.gatedFfn ? 3 : 2;
  const moe = model.mixtureOfExperts;
  const attentionPerLayer = attentionParameters(model);
  const layers = feedForwardLayers(model);
  const expert = moe === null ? 0 : matrices * (moe.latentSize ?? h) * moe.expertHiddenSize;
  const sharedExpertsPerLayer = moe === null ? 0 : moe.sharedExperts * matrices * h * moe.sharedExpertHiddenSize;
  const routerPerLayer = moe === null ? 0 : h * moe.experts;
  const denseFfnPerLayer = matrices * h * model.ffnHiddenSize;
  const latentProjectionsPerLayer = moe?.latentSize === undefined ? 0 : 2 * h * moe.latentSize;
  const lastLayerFfn =
    moe === null
      ? denseFfnPerLayer
      : expert * moe.experts + sharedExpertsPerLayer + routerPerLayer + latentProjectionsPerLayer;
  return {
    attentionPerLayer,
    mixers: mixerParameters(model, attentionPerLayer),
    denseFfnPerLayer,
    expert,
    sharedExpertsPerLayer,
    routerPerLayer,
    latentProjectionsPerLayer,
    denseLayers: layers.dense,
    expertLayers: layers.expert,
    expertsPerLayer: moe?.experts ?? 0,
    activeExpertsPerLayer: moe?.activeExperts ?? 0,
    embedding: model.vocabularySize * h,
    logits: model.vocabularySize * h,
    mtpModule: attentionPerLayer + lastLayerFfn + 2 * h * h,
  };
}

function mixerParameters(model: LanguageArchitecture, attentionPerLayer: number): number {
  const { attention, layerPattern, stateSpace, residualStreams = 1, layers, hiddenSize: h } = model;
  const linear = stateSpace ? stateSpaceParameters(stateSpace, h) : attentionPerLayer;
  const attending = layerPattern.full + layerPattern.sliding + (layerPattern.cross ?? 0);
  const streams =
    residualStreams > 1 ? layers * 2 * (residualStreams ** 2 + 2 * residualStreams) * residualStreams * h : 0;
  return (
    attending * attentionPerLayer +
    layerPattern.linear * linear +
    selectionParameters(attention, h, layerPattern.full) +
    streams
  );
}

/** Projections of inputs, gates, state inputs and outputs, and time steps; the convolution; the output projection. */
function stateSpaceParameters(shape: StateSpace, hiddenSize: number): number {
  const { inner, inputs } = stateSpaceWidths(shape);
  const convolved = inner + 2 * shape.groups * shape.stateSize;
  return hiddenSize * inputs + convolved * shape.convolutionTokens + inner * hiddenSize;
}

/** inner: width of a state-space layer between its two projections; inputs: output width of the first one. */
export function stateSpaceWidths({ heads, headDim, groups, stateSize }: StateSpace): { inner: number; inputs: number } {
  const inner = heads * headDim;
  return { inner, inputs: 2 * inner + 2 * groups * stateSize + heads };
}

/** Compressors that merge tokens into entries, and indexers that select, over all layers. Latent attention's are below 0.2 % and left out. */
function selectionParameters(attention: LanguageArchitecture['attention'], h: number, fullLayers: number): number {
  if (attention.type === 'compressed') {
    const { light, heavy, queryLoraRank } = attention;
    const { indexHeads, indexHeadDim } = light.index;
    const index = indexHeads * (queryLoraRank * indexHeadDim + h) + h * indexCompressorWidth(attention);
    return (
      light.layers * (h * lightCompressorWidth(attention) + index) + heavy.layers * h * heavyCompressorWidth(attention)
    );
  }
  return attention.type === 'gqa' && attention.sparse
    ? (attention.sparse.layers ?? fullLayers) * h * indexProjectionWidth(attention.sparse)
    : 0;
}

/** Query heads of the indexer and the one key that they share. */
const indexProjectionWidth = ({ indexHeads, indexHeadDim }: SparseAttention): number => (indexHeads + 1) * indexHeadDim;

/** A compressor makes a value and a weight per token, and both twice where neighbouring entries overlap (light layers and their indexers). */
export const lightCompressorWidth = ({ headDim }: CompressedAttention): number => 4 * headDim;
export const indexCompressorWidth = ({ light }: CompressedAttention): number => 4 * light.index.indexHeadDim;
export const heavyCompressorWidth = ({ headDim }: CompressedAttention): number => 2 * headDim;

function attentionParameters(model: LanguageArchitecture): number {
  const h = model.hiddenSize;
  const a = model.attention;
  if (a.type === 'gqa') return h * a.headDim * (2 * a.heads + 2 * a.kvHeads);
  if (a.type === 'compressed') {
    const width = a.heads * a.headDim;
    const queries = a.queryLoraRank * (h + width);
    return queries + h * a.headDim + a.outputLoraRank * (width + a.outputGroups * h);
  }
  const queryWidth = a.heads * (a.nopeHeadDim + a.ropeHeadDim);
  const query = a.queryLoraRank > 0 ? a.queryLoraRank * (h + queryWidth) : h * queryWidth;
  const keyValue = h * (a.kvLoraRank + a.ropeHeadDim) + a.kvLoraRank * a.heads * (a.nopeHeadDim + a.valueHeadDim);
  return query + keyValue + a.heads * a.valueHeadDim * h;
}

/** Of one layer: what MLA projects up from its latents to queries, keys and values; 0 without MLA. */
export function latentUpProjections({ attention: a }: LanguageArchitecture): number {
  if (a.type !== 'mla') return 0;
  return (
    a.queryLoraRank * a.heads * (a.nopeHeadDim + a.ropeHeadDim) +
    a.kvLoraRank * a.heads * (a.nopeHeadDim + a.valueHeadDim)
  );
}

/** FFN parameters one token passes through in an expert layer: active and shared experts and the router. */
export const activeExpertParameters = (c: ComponentParameters): number =>
  c.expert * c.activeExpertsPerLayer + c.sharedExpertsPerLayer + c.routerPerLayer + c.latentProjectionsPerLayer;

/** All layers, without embeddings and MTP. */
export const layerParameters = (c: ComponentParameters): number =>
  c.mixers +
  c.denseLayers * c.denseFfnPerLayer +
  c.expertLayers *
    (c.expert * c.expertsPerLayer + c.sharedExpertsPerLayer + c.routerPerLayer + c.latentProjectionsPerLayer);

/** Matrix parameters one token is multiplied with in the layers (no embedding, no logits). */
export const activeLayerParameters = (c: ComponentParameters): number =>
  c.mixers + c.denseLayers * c.denseFfnPerLayer + c.expertLayers * activeExpertParameters(c);

/** Everything stored: layers, embedding, logits where untied, MTP modules. */
export function storedParameters(model: LanguageArchitecture): number {
  const c = componentParameters(model);
  return layerParameters(c) + c.embedding + (model.tiedEmbeddings ? 0 : c.logits) + model.mtpLayers * c.mtpModule;
}

/** Width of queries (and attention output) and of keys plus values per token, elements of one layer. */
export function attentionWidths(model: LanguageArchitecture): { query: number; keyValue: number; output: number } {
  const a = model.attention;
  if (a.type !== 'mla') {
    const keyValue = a.type === 'gqa' ? 2 * a.kvHeads * a.headDim : a.headDim;
    return { query: a.heads * a.headDim, keyValue, output: a.heads * a.headDim };
  }
  const query = a.heads * (a.nopeHeadDim + a.ropeHeadDim);
  return { query, keyValue: query + a.heads * a.valueHeadDim, output: a.heads * a.valueHeadDim };
}
