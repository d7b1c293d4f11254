/**
 * Parameters of a language model by component, from its architecture alone. Biases and norm vectors (< 0.1 %) are left out.
 * Attention and FFN shapes: Llama 3 (arXiv 2407.21783), MLA: DeepSeek-V2 (arXiv 2405.04434) §2.1, MoE: DeepSeek-V3 (2412.19437).
 */
import type { LanguageArchitecture } from './architecture.ts';

export interface ComponentParameters {
  /** One layer: query, key, value, output projections. */
  readonly attentionPerLayer: number;
  readonly denseFfnPerLayer: number;
  /** One routed expert of one layer. */
  readonly expert: number;
  readonly sharedExpertsPerLayer: number;
  readonly routerPerLayer: number;
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
  const expert = moe === null ? 0 : matrices * h * moe.expertHiddenSize;
  const sharedExpertsPerLayer = moe === null ? 0 : moe.sharedExperts * matrices * h * moe.sharedExpertHiddenSize;
  const routerPerLayer = moe === null ? 0 : h * moe.experts;
  const denseFfnPerLayer = matrices * h * model.ffnHiddenSize;
  const lastLayerFfn = moe === null ? denseFfnPerLayer : expert * moe.experts + sharedExpertsPerLayer + routerPerLayer;
  return {
    attentionPerLayer,
    denseFfnPerLayer,
    expert,
    sharedExpertsPerLayer,
    routerPerLayer,
    denseLayers: moe === null ? model.layers : moe.denseLayers,
    expertLayers: moe === null ? 0 : model.layers - moe.denseLayers,
    expertsPerLayer: moe?.experts ?? 0,
    activeExpertsPerLayer: moe?.activeExperts ?? 0,
    embedding: model.vocabularySize * h,
    logits: model.vocabularySize * h,
    mtpModule: attentionPerLayer + lastLayerFfn + 2 * h * h,
  };
}

function attentionParameters(model: LanguageArchitecture): number {
  const h = model.hiddenSize;
  const a = model.attention;
  if (a.type === 'gqa') return h * a.headDim * (2 * a.heads + 2 * a.kvHeads);
  const queryWidth = a.heads * (a.nopeHeadDim + a.ropeHeadDim);
  const query = a.queryLoraRank > 0 ? a.queryLoraRank * (h + queryWidth) : h * queryWidth;
  const keyValue = h * (a.kvLoraRank + a.ropeHeadDim) + a.kvLoraRank * a.heads * (a.nopeHeadDim + a.valueHeadDim);
  return query + keyValue + a.heads * a.valueHeadDim * h;
}

/** Of one layer: what MLA projects up from its latents to queries, keys and values; 0 without MLA. */
export function latentUpProjections({ attention: a }: LanguageArchitecture): number {
  if (a.type === 'gqa') return 0;
  return (
    a.queryLoraRank * a.heads * (a.nopeHeadDim + a.ropeHeadDim) +
    a.kvLoraRank * a.heads * (a.nopeHeadDim + a.valueHeadDim)
  );
}

/** FFN parameters one token passes through in an expert layer: active and shared experts and the router. */
export const activeExpertParameters = (c: ComponentParameters): number =>
  c.expert * c.activeExpertsPerLayer + c.sharedExpertsPerLayer + c.routerPerLayer;

/** All layers, without embeddings and MTP. */
export const layerParameters = (c: ComponentParameters): number =>
  (c.denseLayers + c.expertLayers) * c.attentionPerLayer +
  c.denseLayers * c.denseFfnPerLayer +
  c.expertLayers * (c.expert * c.expertsPerLayer + c.sharedExpertsPerLayer + c.routerPerLayer);

/** Matrix parameters one token is multiplied with in the layers (no embedding, no logits). */
export const activeLayerParameters = (c: ComponentParameters): number =>
  (c.denseLayers + c.expertLayers) * c.attentionPerLayer +
  c.denseLayers * c.denseFfnPerLayer +
  c.expertLayers * activeExpertParameters(c);

/** Everything stored: layers, embedding, logits where untied, MTP modules. */
export function storedParameters(model: LanguageArchitecture): number {
  const c = componentParameters(model);
  return layerParameters(c) + c.embedding + (model.tiedEmbeddings ? 0 : c.logits) + model.mtpLayers * c.mtpModule;
}

/** Width of queries (and attention output) and of keys plus values per token, elements of one layer. */
export function attentionWidths(model: LanguageArchitecture): { query: number; keyValue: number; output: number } {
  const a = model.attention;
  if (a.type === 'gqa') {
    return { query: a.heads * a.headDim, keyValue: 2 * a.kvHeads * a.headDim, output: a.heads * a.headDim };
  }
  const query = a.heads * (a.nopeHeadDim + a.ropeHeadDim);
  return { query, keyValue: query + a.heads * a.valueHeadDim, output: a.heads * a.valueHeadDim };
}
