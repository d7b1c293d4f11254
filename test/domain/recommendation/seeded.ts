/** Recommendations on the seed, by outcome. */
import { AssumptionLog } from '../../../src/domain/economics/assumption.ts';
import type { Failure } from '../../../src/domain/recommendation/constraints.ts';
import type { HardwareOption } from '../../../src/domain/recommendation/option.ts';
import { recommendHardware } from '../../../src/domain/recommendation/recommend.ts';
import type { InferenceRecommendationRequest } from '../../../src/domain/recommendation/request.ts';
import type {
  FeasibleRecommendation,
  HardwareRecommendation,
  InfeasibleRecommendation,
} from '../../../src/domain/recommendation/result.ts';
import { type OptionSearch, searchOptions } from '../../../src/domain/recommendation/search-options.ts';
import { AT, snapshot } from '../seed.ts';

export const noPause = async (): Promise<void> => undefined;

export interface JudgedOption {
  readonly option: HardwareOption;
  readonly failures: readonly Failure[];
}

/** A search with every option that it looks at, those that break a limit included. */
export async function judgedSearch(
  request: InferenceRecommendationRequest,
  everyDevice = false,
  log = new AssumptionLog(),
): Promise<OptionSearch & { readonly judged: readonly JudgedOption[] }> {
  const judged: JudgedOption[] = [];
  const found = await searchOptions({ snapshot, at: AT, log, pause: noPause }, request, {
    everyDevice,
    visit: (option, failures) => judged.push({ option, failures }),
  });
  return { ...found, judged };
}

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
