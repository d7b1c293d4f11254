/**
 * FLOPs of language models; multiply and add counted apart. The count is that of Megatron-LM's
 * num_floating_point_operations: causal attention halved, logits counted, input embedding not.
 */
import type { LanguageArchitecture } from './architecture.ts';
import { activeExpertParameters, activeLayerParameters, componentParameters } from './parameters.ts';

/** Mean width of the two attention products: heads x head size; MLA has different key and value widths. */
function attentionProductWidth(model: LanguageArchitecture): number {
  const a = model.attention;
  return a.type === 'mla' ? (a.heads * (a.nopeHeadDim + a.ropeHeadDim + a.valueHeadDim)) / 2 : a.heads * a.headDim;
}

/**
 * Forward FLOPs per token of scores and context over all layers, sequence of that length.
 * Causal: each token sees half of the sequence. Sliding layers see min(window, sequence). Linear-attention layers update
 * and read a state of head size squared per head (arXiv 2006.16236).
 */
export function attentionForwardFlopsPerToken(
  model: LanguageArchitecture,
  sequenceLength: number,
  causal: boolean,
): number {
  const width = attentionProductWidth(model);
  const pattern = model.layerPattern;
  const full = 4 * sequenceLength * width * (causal ? 0.5 : 1);
  const window = Math.min(pattern.slidingWindow, sequenceLength);
  const sliding = Math.min(4 * window * width, full);
  const linear = 4 * width * (width / model.attention.heads);
  return pattern.full * full + pattern.sliding * sliding + pattern.linear * linear;
}

/** Forward FLOPs per token of the matrices in the layers, of the logits, and of MTP modules with their attention. */
export function linearForwardFlopsPerToken(
  model: LanguageArchitecture,
  sequenceLength: number,
  causal: boolean,
): { layers: number; logits: number; mtp: number } {
  const c = componentParameters(model);
  const layer =
    c.attentionPerLayer + (model.mixtureOfExperts === null ? c.denseFfnPerLayer : activeExpertParameters(c));
  const attentionLayer = attentionForwardFlopsPerToken(model, sequenceLength, causal) / model.layers;
  return {
    layers: 2 * activeLayerParameters(c),
    logits: 2 * c.logits,
    mtp: model.mtpLayers * (2 * (layer + 2 * model.hiddenSize ** 2 + c.logits) + attentionLayer),
  };
}
