/** What training a model costs, how long it takes and on what: the whole answer to one training question. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { type Interruptible, uninterrupted } from '../estimate/interruptible.ts';
import { refuse } from '../estimate/request-fault.ts';
import { resolveServedModel } from '../estimate/resolve-model.ts';
import type { TrainingEstimate } from './estimate-result.ts';
import { estimatingLanguageTraining, findingConstraint } from './language/estimate-language.ts';
import type { TrainingRequest } from './request.ts';
import { estimateSampleTraining } from './sample/estimate-samples.ts';
import { sampleTask, visionTask } from './sample/sample-task.ts';

/**
 * Pure: the same snapshot, request and time give the same answer.
 * @param at ISO timestamp; prices in force then are used
 * @throws RequestFaultError where the request names something unknown or contradicts itself
 */
export const estimateTraining = (snapshot: CatalogSnapshot, request: TrainingRequest, at: string): TrainingEstimate =>
  uninterrupted(estimatingTraining(snapshot, request, at));

/** The same, interruptible between any two runs that are planned for it. */
export function* estimatingTraining(
  snapshot: CatalogSnapshot,
  request: TrainingRequest,
  at: string,
): Interruptible<TrainingEstimate> {
  const model = resolveServedModel(snapshot, request);
  switch (model.kind) {
    case 'language': {
      for (const field of ['images', 'audioHours'] as const) {
        if (request[field] !== undefined)
          refuse(`/${field}`, 'contradiction', `A language model is trained on tokens; leave ${field} out.`);
      }
      const tokens =
        request.tokens ??
        refuse('/tokens', 'required', 'Say how many tokens the model is trained on, all epochs together.');
      return yield* estimatingLanguageTraining(snapshot, request, model, tokens, at);
    }
    case 'vision':
      return estimateSampleTraining(snapshot, request, visionTask(model, request), at);
    case 'other':
      return estimateSampleTraining(snapshot, request, sampleTask(model, request), at);
  }
}

/** With what limits the run, which is otherwise worked out at once when it is asked for. */
export function* estimatingTrainingInFull(
  ...asked: Parameters<typeof estimatingTraining>
): Interruptible<TrainingEstimate> {
  const estimate = yield* estimatingTraining(...asked);
  yield* findingConstraint(estimate);
  return estimate;
}
