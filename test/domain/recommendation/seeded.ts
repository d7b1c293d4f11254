/** Recommendations on the seed, by outcome. */
import { recommendHardware } from '../../../src/domain/recommendation/recommend.ts';
import type { InferenceRecommendationRequest } from '../../../src/domain/recommendation/request.ts';
import type {
  FeasibleRecommendation,
  HardwareRecommendation,
  InfeasibleRecommendation,
} from '../../../src/domain/recommendation/result.ts';
import { AT, snapshot } from '../inference/seeded-estimates.ts';

export { AT, snapshot };
export const noPause = async (): Promise<void> => undefined;

export const recommend = (request: InferenceRecommendationRequest): Promise<HardwareRecommendation> =>
  recommendHardware(snapshot, request, AT, noPause);

export async function feasible(request: InferenceRecommendationRequest): Promise<FeasibleRecommendation> {
  const answer = await recommend(request);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

export async function infeasible(request: InferenceRecommendationRequest): Promise<InfeasibleRecommendation> {
  const answer = await recommend(request);
  if (answer.status !== 'infeasible') throw new Error(answer.summary);
  return answer;
}
