/** Contradictions that no formula can answer. */
import { refuse } from '../estimate/request-fault.ts';
import { modelPointer } from '../estimate/resolve-model.ts';
import type { LanguageArchitecture } from '../models/architecture.ts';
import { defaultSequenceLength } from './defaults.ts';
import type { TrainingRequest } from './request.ts';
import { checkRollout, sampledSequenceTokens } from './rollout/rollout-request.ts';
import { isAdapterMethod } from './step/flops.ts';

/** @throws RequestFaultError */
export function checkRequest(request: TrainingRequest, model: LanguageArchitecture): void {
  const unlike = unlikeTrained(model);
  if (unlike !== null) {
    refuse(
      modelPointer(request),
      'unsupported_architecture',
      `No training run with ${unlike} was published with its speed, so none can be estimated; ask for a model with ordinary or latent attention, or give one of the same active parameters as customLanguageModel.`,
    );
  }
  const method = request.method ?? 'pretraining';
  for (const field of ['loraRank', 'loraTargets'] as const) {
    if (request[field] !== undefined && !isAdapterMethod(method))
      refuse(
        `/${field}`,
        'contradiction',
        `${field} goes with an adapter method (lora, qlora, dpo_lora, grpo_lora), not with ${method}.`,
      );
  }
  request.stages?.forEach(({ sequenceLength }, index) => {
    if (sequenceLength === undefined || sequenceLength <= model.maxContextTokens) return;
    refuse(
      `/stages/${index}/sequenceLength`,
      'maximum',
      `Sequences of ${sequenceLength} tokens are longer than the model's context of ${model.maxContextTokens}; give the model as customLanguageModel with a longer context.`,
    );
  });
  if (request.sequenceLength !== undefined && request.sequenceLength > model.maxContextTokens) {
    refuse(
      '/sequenceLength',
      'maximum',
      `Sequences of ${request.sequenceLength} tokens are longer than the model's context of ${model.maxContextTokens}; shorten them, or give the model as customLanguageModel with a longer context.`,
    );
  }
  if (request.cluster?.objective !== undefined && request.cluster.devices !== undefined) {
    refuse(
      '/cluster/objective',
      'contradiction',
      'The objective chooses the number of devices, and devices gives it; drop one of the two.',
    );
  }
  const sequenceLength =
    sampledSequenceTokens(request) ?? request.sequenceLength ?? defaultSequenceLength(model, method).value;
  if (request.globalBatchTokens !== undefined && request.globalBatchTokens < sequenceLength) {
    refuse(
      '/globalBatchTokens',
      'minimum',
      `A batch of ${request.globalBatchTokens} tokens is less than one sequence of ${sequenceLength}; raise it or shorten the sequence.`,
    );
  }
  if (request.tokens !== undefined && request.tokens < sequenceLength) {
    refuse(
      '/tokens',
      'minimum',
      `${request.tokens} tokens are less than one sequence of ${sequenceLength}; raise them or shorten the sequence.`,
    );
  }
  checkBudget(request);
  checkRollout(request, model);
  const { spotInterruptionsPerNodeDay, spotReacquireMinutes } = request.run ?? {};
  if (
    request.purchase?.category !== 'spot' &&
    (spotInterruptionsPerNodeDay !== undefined || spotReacquireMinutes !== undefined)
  ) {
    const field = spotInterruptionsPerNodeDay === undefined ? 'spotReacquireMinutes' : 'spotInterruptionsPerNodeDay';
    refuse(
      `/run/${field}`,
      'contradiction',
      'Spot interruptions apply only to spot capacity: set purchase.category to spot, or leave this out.',
    );
  }
}

/** @throws RequestFaultError */
export function checkBudget({ budgetUsd }: TrainingRequest): void {
  if (budgetUsd !== undefined && !(Number(budgetUsd) > 0)) {
    refuse('/budgetUsd', 'exclusiveMinimum', 'A budget is more than 0 USD; leave it out where there is none.');
  }
}

/** The property that no published training run had, in words; null for models like those that were trained. */
function unlikeTrained({ attention, layerPattern, stateSpace }: LanguageArchitecture): string | null {
  if (attention.type === 'compressed') return 'a compressed cache of attention';
  if (layerPattern.feedForward !== undefined) return 'layers of state-space models and of feed-forward networks apart';
  if (stateSpace !== undefined) return 'state-space layers';
  return layerPattern.cross === undefined ? null : 'layers that attend to images alone';
}
