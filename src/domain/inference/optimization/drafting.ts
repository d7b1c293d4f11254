/**
 * What drafting costs. A drafter of one layer (EAGLE, Li et al. 2024-2025; multi-token prediction, DeepSeek-V3) runs once for
 * each drafted token and reads its layer and the output head; sampling from both models and choosing between them comes
 * with every step:
 *
 *   share of a decode step = step + k x pass x (layer + head) / (parameters read by a decode step)
 *
 * `step` and `pass` are fitted on measured pairs with and without drafts (calibration/drafting-constants.json): one model
 * of 8 billion parameters on two engines, so `step` is on the careful side for larger ones.
 */
import fitted from '../../calibration/drafting-constants.json' with { type: 'json' };
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { activeExpertParameters, activeLayerParameters, componentParameters } from '../../models/parameters.ts';

export interface DraftingConstants {
  /** Share of a decode step, once per step. */
  readonly step: number;
  /** Time of a pass of the drafter over that of reading its weights at the pace of the model. */
  readonly pass: number;
}

/** Time of drafting `draftTokens` over that of one decode step of the model. */
export function draftCostFraction(
  model: LanguageArchitecture,
  draftTokens: number,
  { step, pass }: DraftingConstants = fitted,
): number {
  const c = componentParameters(model);
  const ffn = c.expertLayers > 0 ? activeExpertParameters(c) : c.denseFfnPerLayer;
  const drafter = c.attentionPerLayer + ffn + c.logits;
  return step + (draftTokens * pass * drafter) / (activeLayerParameters(c) + c.logits);
}
