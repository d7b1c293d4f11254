/** FLOPs of one trained token by method and recomputation. */
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { attentionForwardFlopsPerToken, linearForwardFlopsPerToken } from '../../models/flops.ts';
import { attentionWidths, componentParameters, storedParameters } from '../../models/parameters.ts';
import type { TrainingFlops } from '../results.ts';
import type { Recompute, TrainingMethod, TrainingWorkload } from '../workload.ts';

/**
 * Backward costs two forwards: gradients of inputs and of weights. Frozen weights need only the former, so LoRA and QLoRA
 * cost 4 N instead of 6 N (arXiv 2106.09685); attention has no weights and costs three forwards always.
 * DPO adds a forward of the frozen reference over the same chosen and rejected answers (arXiv 2305.18290 §4), GRPO one of the
 * reference and one of the policy that sampled (arXiv 2402.03300 §4.1.2).
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
  const attentionFlopsPerToken = (3 + furtherForwards(method)) * attention;
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
  method === 'lora' || method === 'qlora' || method === 'dpo_lora' || method === 'grpo_lora';

/** Two answers of each pair, judged by the policy and by a frozen reference. */
export const isPreferenceMethod = (method: TrainingMethod): boolean => method === 'dpo' || method === 'dpo_lora';

/** The policy learns from answers that it samples itself. */
export const isReinforcementMethod = (method: TrainingMethod): boolean => method === 'grpo' || method === 'grpo_lora';

/** A frozen copy of the first policy is kept beside the trained one; with adapters the base serves as one. */
export const hasReference = (method: TrainingMethod): boolean =>
  isPreferenceMethod(method) || isReinforcementMethod(method);

/** Forwards beyond that of the trained policy: of the reference, and in GRPO of the policy that sampled. */
export const furtherForwards = (method: TrainingMethod): number =>
  isReinforcementMethod(method) ? 2 : isPreferenceMethod(method) ? 1 : 0;

/** Cost of a trained token in forwards of the linear layers. */
export const forwardsPerToken = (method: TrainingMethod): number =>
  (isAdapterMethod(method) ? 2 : 3) + furtherForwards(method);

/** Parameters that get gradients: all stored ones, or rank x (in + out) of every adapted matrix outside routed experts. */
export function trainableParameters(
  model: LanguageArchitecture,
  { method, loraRank, loraTargets }: Pick<TrainingWorkload, 'method' | 'loraRank' | 'loraTargets'>,
): number {
  const c = componentParameters(model);
  if (!isAdapterMethod(method)) return storedParameters(model);
  const h = model.hiddenSize;
  const { query, keyValue, output } = attentionWidths(model);
  if (loraTargets === 'query_value') return loraRank * model.layers * (2 * h + query + keyValue / 2);
  const attention = h + query + (2 * h + keyValue) + output + h;
  const width = model.mixtureOfExperts === null ? model.ffnHiddenSize : model.mixtureOfExperts.sharedExpertHiddenSize;
  const ffn = (model.gatedFfn ? 3 : 2) * (h + width);
  const ffnLayers = model.mixtureOfExperts === null || c.sharedExpertsPerLayer > 0 ? model.layers : c.denseLayers;
  return loraRank * (model.layers * attention + ffnLayers * ffn);
}
