/** Changes of objectives and serving settings that may make a language model servable, best first. */
import type { Device } from '../../devices/device.ts';
import { GIB } from '../../units.ts';
import { limitAdvice } from '../relaxation.ts';
import type { Remedy } from '../remedies.ts';
import type { InferenceRequest } from '../request.ts';
import { SERVING_DEFAULTS, type ServingEngine, WEIGHT_FORMATS } from '../step/configuration.ts';
import { bytesPerWeight } from '../step/formats.ts';
import type { RefusalCode } from '../step/results.ts';
import { bestOnDevice, type DeviceComparison, isOption, missOf, type ServingQuestion } from './device-choice.ts';

const ENGINES: readonly ServingEngine[] = ['vllm', 'sglang', 'llama_cpp'];
const STAGES = [2, 4, 8, 16];
const TENSOR_RANKS = [1, 2, 4, 8];
/** Room for rounding and for a second sequence. */
const OFFLOAD_MARGIN = 1.05;
/** Devices whose missed objectives are tried. */
const NEAREST_MISSES = 5;

export function* languageRemedies(
  request: InferenceRequest,
  { rejections }: DeviceComparison,
  question: ServingQuestion,
): Generator<readonly Remedy[]> {
  const misses = rejections
    .filter((rejection) => rejection.kind === 'objectives_missed')
    .sort((a, b) => missOf(a.plan) - missOf(b.plan));
  for (const { plan } of misses.slice(0, NEAREST_MISSES)) {
    const advice = limitAdvice(plan.relaxation);
    if (advice !== null) yield [advice];
  }
  const refusedFor = (...codes: readonly RefusalCode[]): Device[] =>
    rejections.flatMap((rejection) =>
      rejection.kind === 'refused' && rejection.refusals.some(({ code }) => codes.includes(code))
        ? [rejection.device]
        : [],
    );
  const helps = (devices: readonly Device[], base: ServingQuestion['base']): boolean =>
    devices.some((device) => isOption(bestOnDevice(device, { ...question, base: { ...question.base, ...base } })));
  const { engine, tensorParallel, pipelineParallel, weightFormat } = request.serving ?? {};

  if (engine !== undefined) {
    const foreign = refusedFor('engine_device');
    yield ENGINES.filter((to) => to !== engine && helps(foreign, { engine: to })).map((to) => ({
      field: '/serving/engine',
      from: engine,
      to,
    }));
  }

  if (tensorParallel !== undefined) {
    const uneven = refusedFor('memory', 'tensor_parallel_divides', 'parallelism_exceeds_link_domain');
    yield TENSOR_RANKS.filter((to) => to !== tensorParallel && helps(uneven, { tensorParallel: to })).map((to) => ({
      field: '/serving/tensorParallel',
      from: tensorParallel,
      to,
    }));
  }
  yield* singleField(
    request,
    'expertParallel',
    1,
    refusedFor('expert_parallel_without_experts', 'expert_parallel_divides'),
  );
  yield* singleField(request, 'attentionDataParallel', 1, refusedFor('expert_parallel_without_experts'));
  const small = refusedFor('memory');
  const { memoryUtilization } = SERVING_DEFAULTS;
  if ((request.serving?.memoryUtilization ?? memoryUtilization) < memoryUtilization) {
    yield* singleField(request, 'memoryUtilization', memoryUtilization, small);
  }
  // an engine reserves memory for the largest batch that it is configured for
  for (const name of ['maxSequences', 'maxBatchedTokens'] as const) {
    if ((request.serving?.[name] ?? 0) > SERVING_DEFAULTS[name]) {
      yield* singleField(request, name, SERVING_DEFAULTS[name], small);
    }
  }
  // boards and processors have no network between them that is made for it
  const staged = small.filter((device) => device.class !== 'edge' && device.class !== 'cpu');
  for (const to of STAGES) {
    if (to === pipelineParallel || !helps(staged, { pipelineParallel: to })) continue;
    const note = 'the stages of a replica exchange activations over the network between machines';
    yield [{ field: '/serving/pipelineParallel', from: pipelineParallel ?? null, to, note }];
  }
  const unrunnable = refusedFor('memory', 'format_not_runnable');
  for (const to of WEIGHT_FORMATS) {
    if (to === weightFormat || !helps(unrunnable, { weightFormat: to })) continue;
    const narrow = bytesPerWeight(to, 'vllm') < 2;
    const note = narrow ? { note: 'check what the format does to accuracy' } : {};
    yield [{ field: '/serving/weightFormat', from: weightFormat ?? null, to, ...note }];
  }
  yield* offloaded(request, rejections);
  yield* shorterPrompt(request, question, refusedFor('context_exceeds_model').length > 0);
}

/** The least that has to leave the memory of one device; slow, so the last resort. */
function* offloaded(
  { serving }: InferenceRequest,
  rejections: DeviceComparison['rejections'],
): Generator<readonly Remedy[]> {
  const missing = rejections.flatMap((rejection) =>
    rejection.kind === 'refused' && rejection.device.class !== 'edge' && rejection.device.class !== 'cpu'
      ? rejection.refusals.flatMap(({ code, margin }) => (code === 'memory' && margin !== null ? [-margin] : []))
      : [],
  );
  const least = Math.min(...missing);
  if (!Number.isFinite(least)) return;
  const from = serving?.offloadGibPerDevice ?? null;
  const to = Math.ceil((from ?? 0) + (OFFLOAD_MARGIN * least) / GIB);
  const note = 'the weights in host memory cross PCIe in every step, which makes each token slow';
  yield [{ field: '/serving/offloadGibPerDevice', from, to, note }];
}

/** A setting of the caller's that stands in the way of some device, put back to its default. */
function* singleField(
  { serving }: InferenceRequest,
  name: 'expertParallel' | 'attentionDataParallel' | 'memoryUtilization' | 'maxSequences' | 'maxBatchedTokens',
  to: number,
  devices: readonly Device[],
): Generator<readonly Remedy[]> {
  const from = serving?.[name];
  if (from !== undefined && from !== to && devices.length > 0) yield [{ field: `/serving/${name}`, from, to }];
}

function* shorterPrompt(
  { promptTokens }: InferenceRequest,
  { model, lengths }: ServingQuestion,
  tooLong: boolean,
): Generator<readonly Remedy[]> {
  const to = Math.floor(model.maxContextTokens - lengths.outputTokens.mean);
  if (!tooLong || to < 1 || promptTokens?.mean === undefined) return;
  const note = `prompt and output share the context of ${model.maxContextTokens} tokens`;
  yield [{ field: '/promptTokens/mean', from: promptTokens.mean, to, note }];
}
