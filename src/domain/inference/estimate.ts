/** What serving a model costs, on what, and how it behaves: the whole answer to one inference question. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { resolveServedModel } from '../estimate/resolve-model.ts';
import type { InferenceEstimate } from './estimate-result.ts';
import { estimateLanguage } from './language/estimate-language.ts';
import type { InferenceRequest } from './request.ts';
import { estimateSample } from './sample/estimate-sample.ts';
import { refuseForeignFields } from './sample/fields.ts';
import { estimateOnUserDevices } from './user-devices/estimate-user-devices.ts';

/**
 * Pure: the same snapshot, request and time give the same answer.
 * @param at ISO timestamp; prices in force then are used
 * @throws RequestFaultError where the request names something unknown or contradicts itself
 */
export function estimateInference(snapshot: CatalogSnapshot, request: InferenceRequest, at: string): InferenceEstimate {
  const model = resolveServedModel(snapshot, request);
  refuseForeignFields(request, model.architecture.kind);
  if (model.kind === 'language' && request.userDevices !== undefined) {
    return estimateOnUserDevices(snapshot, request, model, at);
  }
  return model.kind === 'language'
    ? estimateLanguage(snapshot, request, model, at)
    : estimateSample(snapshot, request, model, at);
}
