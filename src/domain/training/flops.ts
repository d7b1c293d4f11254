/** FLOPs of one trained token by method and recomputation. */
import type { LanguageArchitecture } from '../models/architecture.ts';
import { attentionForwardFlopsPerToken, linearForwardFlopsPerToken } from '../models/flops.ts';
import { attentionWidths, componentParameters, storedParameters } from '../models/parameters.ts';
import type { TrainingFlops } from './results.ts';
import type { Recompute, TrainingMethod } from './workload.ts';

/**
 * Backward costs two forwards: gradients of inputs and of weights. Frozen weights need only the former, so LoRA and QLoRA
 * cost 4 N instead of 6 N (arXiv 2106.09685); attention has no weights and costs three forwards always.
 * DPO adds a forward of the frozen reference over the same chosen and rejected answers (arXiv 2305.18290 §4).
 * Hardware FLOPs add what recomputation repeats: the whole forward of the layers, or attention alone (arXiv 2205.05198 §5).
 */
export function trainingFlops(
  model: LanguageArchitecture,
  sequenceLength: number,
  method: TrainingMethod,
  recompute: Recompute,
): TrainingFlops {
  const attention = attentionForwardFlopsPerToken(model, sequenceLength, true);
  const { layers, logits, mtp } = linearForwardFlopsPerToken(model, sequenceLength, true);
  const passes = forwardsPerToken(method);
  const linearFlopsPerToken = passes * layers;
  const logitsFlopsPerToken = passes * logits;
  const mtpFlopsPerToken = passes * mtp;
  const attentionFlopsPerToken = (isPreferenceMethod(method) ? 4 : 3) * attention;
  const modelFlopsPerToken = linearFlopsPerToken + logitsFlopsPerToken + mtpFlopsPerToken + attentionFlopsPerToken;
  const repeated = recompute === 'full' ? layers + attention : recompute === 'selective' ? attention : 0;
  return {
    modelFlopsPerToken,
    hardwareFlopsPerToken: modelFlopsPerToken + repeated,
    sixNFlopsPerToken: passes * (layers + logits),
    linearFlopsPerToken,
    attentionFlopsPerToken,
    logitsFlopsPerToken,
    mtpFlopsPerToken,
  };
}

export const isAdapterMethod = (method: TrainingMethod): boolean =>
  method === 'lora' || method === 'qlora' || method === 'dpo_lora';

/** Two answers of each pair, judged by the policy and by a frozen reference. */
export const isPreferenceMethod = (method: TrainingMethod): boolean => method === 'dpo' || method === 'dpo_lora';

/** Cost of a trained token in forwards of the linear layers. */
export const forwardsPerToken = (method: TrainingMethod): number =>
  (isAdapterMethod(method) ? 2 : 3) + (isPreferenceMethod(method) ? 1 : 0);

/** Parameters that get gradients: all stored ones, or rank x (in + out) of every linear matrix outside routed experts. */
export function trainableParameters(model: LanguageArchitecture, method: TrainingMethod, rank: number): number {
  const c = componentParameters(model);
  if (!isAdapterMethod(method)) return storedParameters(model);
  const h = model.hiddenSize;
  const { query, keyValue, output } = attentionWidths(model);
  const attention = h + query + (2 * h + keyValue) + output + h;
  const width = model.mixtureOfExperts === null ? model.ffnHiddenSize : model.mixtureOfExperts.sharedExpertHiddenSize;
  const ffn = (model.gatedFfn ? 3 : 2) * (h + width);
  const ffnLayers = model.mixtureOfExperts === null || c.sharedExpertsPerLayer > 0 ? model.layers : c.denseLayers;
  return rank * (model.layers * attention + ffnLayers * ffn);
}
