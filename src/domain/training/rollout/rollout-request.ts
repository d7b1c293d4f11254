/** The answers that GRPO samples, as the request has them or by sourced defaults. */
import { type AssumptionLog, sourcedDefault } from '../../economics/assumption.ts';
import { refuse } from '../../estimate/request-fault.ts';
import { thousands } from '../../estimate/words.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import type { TrainingRequest } from '../request.ts';
import { isReinforcementMethod } from '../step/flops.ts';
import type { RolloutWork } from '../workload.ts';
import { ROLLOUT_MEMORY_SHARE } from './rollout.ts';

const VERL_EXAMPLE = 'verl, examples/grpo_trainer (GSM8K): prompts of at most 512 tokens, answers of at most 1,024';

const PROMPT_TOKENS = sourcedDefault({
  id: 'rollout.prompt_tokens',
  field: '/rollout/promptTokens',
  value: 512,
  unit: 'tokens',
  range: { low: 128, high: 2048 },
  kind: 'assumed',
  source: VERL_EXAMPLE,
  reason: 'No length of the prompts was given.',
});
const RESPONSE_TOKENS = sourcedDefault({
  id: 'rollout.response_tokens',
  field: '/rollout/responseTokens',
  value: 1024,
  unit: 'tokens',
  range: { low: 256, high: 10_000 },
  kind: 'assumed',
  source: `${VERL_EXAMPLE}; reasoning models write ten times as much (DeepSeek-R1, arXiv 2501.12948, figure 3)`,
  reason: 'No length of the answers was given.',
});
const RESPONSE_VARIATION = sourcedDefault({
  id: 'rollout.response_variation',
  field: '/rollout/responseCoefficientOfVariation',
  value: 0.8,
  unit: 'standard deviation / mean',
  range: { low: 0.5, high: 1.2 },
  kind: 'assumed',
  source: 'the spread of answers in a public conversation trace (Azure LLM inference trace 2023: 0.77), rounded',
  reason: 'The step waits for the longest answer of its batch.',
});
export const GROUP_SIZE = sourcedDefault({
  id: 'rollout.group_size',
  field: '/rollout/groupSize',
  value: 16,
  unit: 'answers',
  range: { low: 5, high: 64 },
  kind: 'sourced',
  source:
    'DeepSeek-R1 (arXiv 2501.12948) samples 16 answers to a question; DeepSeekMath (arXiv 2402.03300) 64, verl examples 5',
  reason: 'No number of answers to a prompt was given.',
});
/** Four standard deviations above the mean of a usual answer; engines are told such a limit. */
const LONGEST_OVER_MEAN = 4;

/** Answers of one step where no batch is given (DeepSeekMath, arXiv 2402.03300 §4.2: a batch of 1,024). */
export const ROLLOUT_SEQUENCES = 1024;

/** What is sampled; null where the method samples nothing. */
export function rolloutWork(
  request: TrainingRequest,
  model: LanguageArchitecture,
  log: AssumptionLog,
): RolloutWork | null {
  if (!isReinforcementMethod(request.method ?? 'pretraining')) return null;
  const given = request.rollout ?? {};
  const promptTokens = log.resolve(given.promptTokens, PROMPT_TOKENS).value;
  const responseTokens = log.resolve(given.responseTokens, RESPONSE_TOKENS).value;
  const room = model.maxContextTokens > 0 ? model.maxContextTokens - promptTokens : Number.POSITIVE_INFINITY;
  const maxResponseTokens = given.maxResponseTokens ?? Math.min(LONGEST_OVER_MEAN * responseTokens, room);
  log.add({
    id: 'rollout.max_response_tokens',
    field: '/rollout/maxResponseTokens',
    value: maxResponseTokens,
    unit: 'tokens',
    range: null,
    source:
      given.maxResponseTokens === undefined
        ? `assumed: ${LONGEST_OVER_MEAN} times the mean, within the context of the model`
        : 'the request',
    reason: 'The longest answer that is waited for.',
  });
  log.add({
    id: 'rollout.memory_share',
    field: '/rollout',
    value: ROLLOUT_MEMORY_SHARE,
    unit: 'share of device memory',
    range: { low: 0.5, high: 0.7 },
    source: 'verl, performance tuning guide: 0.5 to 0.7',
    reason: 'Policy and engine take turns on the same devices; the training states are moved aside meanwhile.',
  });
  return {
    promptTokens,
    responseTokens,
    responseVariation: log.resolve(given.responseCoefficientOfVariation, RESPONSE_VARIATION).value,
    maxResponseTokens,
    groupSize: log.resolve(given.groupSize, GROUP_SIZE).value,
    rewardParameters: (given.rewardModelParametersBillions ?? 0) * 1e9,
  };
}

/** Mean length of a prompt with its answer; null where the method samples nothing. */
export function sampledSequenceTokens({ method, rollout }: TrainingRequest): number | null {
  if (!isReinforcementMethod(method ?? 'pretraining')) return null;
  return (rollout?.promptTokens ?? PROMPT_TOKENS.value) + (rollout?.responseTokens ?? RESPONSE_TOKENS.value);
}

/** @throws RequestFaultError */
export function checkRollout(request: TrainingRequest, model: LanguageArchitecture): void {
  const method = request.method ?? 'pretraining';
  if (!isReinforcementMethod(method)) {
    if (request.rollout === undefined) return;
    refuse(
      '/rollout',
      'contradiction',
      `Answers are sampled by grpo and grpo_lora, not by ${method}; leave rollout out.`,
    );
  }
  if (request.sequenceLength !== undefined) {
    refuse(
      '/sequenceLength',
      'contradiction',
      'With GRPO a sequence is a prompt and its answer: say promptTokens and responseTokens under rollout instead.',
    );
  }
  if (request.stages !== undefined) {
    refuse('/stages', 'contradiction', 'GRPO has no stages of other lengths here; ask for each as a run of its own.');
  }
  const {
    promptTokens = PROMPT_TOKENS.value,
    responseTokens = RESPONSE_TOKENS.value,
    groupSize = GROUP_SIZE.value,
  } = request.rollout ?? {};
  const answers = Math.round((request.globalBatchTokens ?? Number.POSITIVE_INFINITY) / (promptTokens + responseTokens));
  if (answers < groupSize) {
    refuse(
      '/globalBatchTokens',
      'minimum',
      `A batch of ${thousands(request.globalBatchTokens ?? 0)} tokens has ${answers} answers, fewer than the ${thousands(groupSize)} to one prompt; raise it to ${thousands(groupSize * (promptTokens + responseTokens))}, or give a smaller groupSize under rollout.`,
    );
  }
  const longest = request.rollout?.maxResponseTokens;
  if (longest !== undefined && longest < responseTokens) {
    refuse(
      '/rollout/maxResponseTokens',
      'minimum',
      `The longest answer, ${thousands(longest)} tokens, is shorter than the mean of ${thousands(responseTokens)}.`,
    );
  }
  const most = promptTokens + (longest ?? responseTokens);
  if (model.maxContextTokens > 0 && most > model.maxContextTokens) {
    refuse(
      longest === undefined ? '/rollout/responseTokens' : '/rollout/maxResponseTokens',
      'maximum',
      `Prompt and answer of ${thousands(most)} tokens are longer than the model's context of ${thousands(model.maxContextTokens)}.`,
    );
  }
}
