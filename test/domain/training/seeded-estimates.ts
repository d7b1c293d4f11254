/** Training estimates on the seed, by outcome. */
import { estimateTraining } from '../../../src/domain/training/estimate.ts';
import type {
  FeasibleTraining,
  InfeasibleTraining,
  TrainingEstimate,
} from '../../../src/domain/training/estimate-result.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { AT, snapshot } from '../seed.ts';

export const H100 = 'nvidia-h100-sxm5-80gb';

export const estimate = (request: TrainingRequest, at = AT): TrainingEstimate =>
  estimateTraining(snapshot, request, at);

export function feasible(request: TrainingRequest): FeasibleTraining {
  const answer = estimate(request);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

export function infeasible(request: TrainingRequest): InfeasibleTraining {
  const answer = estimate(request);
  if (answer.status !== 'infeasible') throw new Error(answer.summary);
  return answer;
}
