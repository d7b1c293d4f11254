/** Inference estimates on the seed, by outcome. */
import { loadSeed } from '../../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../../src/catalog/seed/snapshot-from-seed.ts';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import type {
  FeasibleInference,
  InfeasibleInference,
  InferenceEstimate,
} from '../../../src/domain/inference/estimate-result.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';

export const snapshot = snapshotFromSeed(loadSeed());
export const AT = '2026-11-24T00:00:00.000Z';
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

/** Applies a relaxation to the request by its JSON pointer. */
export function applied(request: InferenceRequest, field: string, to: number | string): InferenceRequest {
  const copy = structuredClone(request) as unknown as Record<string, unknown>;
  const path = field.split('/').slice(1);
  const last = path.pop() as string;
  let at = copy;
  for (const name of path) {
    at[name] = at[name] ?? {};
    at = at[name] as Record<string, unknown>;
  }
  at[last] = to;
  return copy as unknown as InferenceRequest;
}
