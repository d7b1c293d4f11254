/** Inference estimates on the seed, by outcome. */
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import type {
  FeasibleInference,
  InfeasibleInference,
  InferenceEstimate,
} from '../../../src/domain/inference/estimate-result.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';
import { AT, snapshot } from '../seed.ts';

export const H100 = 'nvidia-h100-sxm5-80gb';

export const estimate = (request: InferenceRequest, at = AT): InferenceEstimate =>
  estimateInference(snapshot, request, at);

export function feasible(request: InferenceRequest, at = AT): FeasibleInference {
  const answer = estimate(request, at);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

export function infeasible(request: InferenceRequest, at = AT): InfeasibleInference {
  const answer = estimate(request, at);
  if (answer.status !== 'infeasible') throw new Error(answer.summary);
  return answer;
}
