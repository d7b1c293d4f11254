/** A smaller model in its place: with fewer layers, with half of its weights zero, or another one taught by it. */
import { resolveServedModel } from '../../estimate/resolve-model.ts';
import { smallerSibling } from './distilled-model.ts';
import { COMPUTED, isLanguage, never, type Optimization, type OptionContext, unchanged } from './option.ts';

/** ShortGPT takes a quarter of the layers; so does this. */
const LAYERS_KEPT = 0.75;
/** 20 % more throughput from 2:4 alone, on the average of what was measured. */
const SPARSE_DEVICE_TIME = 1 / 1.2;

const sparseUnits = ({ snapshot, base }: OptionContext): boolean => {
  const device = snapshot.device(base.deployment.deviceId);
  return device?.vendor.toLowerCase() === 'nvidia' && (device.densePeakFlops.bf16 ?? 0) > 0 && device.class !== 'edge';
};

const STRUCTURED_PRUNING: Optimization = {
  id: 'pruning.structured',
  label: 'Structured pruning of a quarter of the layers',
  group: 'pruning',
  effect: 'computed',
  effectSource: `${COMPUTED}, with three quarters of the layers`,
  quality: {
    low: 80,
    typical: 93,
    high: 97,
    source:
      'Men et al. 2024, ShortGPT (arXiv 2403.03853): without a quarter of its layers Llama-2-13B keeps 95 % of MMLU (55.0 to 52.2), and models 85 to 92 % over all benchmarks; generation loses more, and training again wins some back',
  },
  precondition: 'Training again on some billion tokens, and tests of generation.',
  rests: never,
  applied: never,
  obstacle: (context) => (isLanguage(context) ? null : 'Estimated for language models only.'),
  apply: (trial) => ({ ...trial, layersKept: trial.layersKept * LAYERS_KEPT }),
  remove: unchanged,
  changes: () => [],
};

const SPARSITY: Optimization = {
  id: 'pruning.2_4',
  label: '2:4 sparsity',
  group: 'pruning',
  effect: 'sourced',
  effectSource:
    'Neural Magic 2024, 2:4 Sparse Llama: 30 % more throughput from sparsity alone, where arithmetic would allow 100 %',
  quality: {
    low: 95,
    typical: 98.4,
    high: 99.5,
    source:
      'Neural Magic 2024-11, model card of Sparse-Llama-3.1-8B-2of4: 98.4 % of the Open LLM Leaderboard kept, 97.3 % of the Mosaic Eval Gauntlet',
  },
  precondition:
    'An NVIDIA device from Ampere on, an engine with sparse kernels, and training again on some billion tokens.',
  rests: never,
  applied: never,
  obstacle: (context) => {
    if (!isLanguage(context)) return 'Published for language models only.';
    return sparseUnits(context) ? null : 'The device has no 2:4 sparse units.';
  },
  apply: (trial) => ({ ...trial, deviceTimeFactor: trial.deviceTimeFactor * SPARSE_DEVICE_TIME }),
  remove: unchanged,
  changes: () => [],
};

const DISTILLATION: Optimization = {
  id: 'distillation',
  label: 'A distilled, smaller model',
  group: 'model',
  effect: 'computed',
  effectSource: `${COMPUTED}, on the smaller model`,
  quality: {
    low: 75,
    typical: 87,
    high: 97,
    source:
      'Meta, Llama 3.1 model card: 8B keeps 83 % (MMLU), 90 % (HumanEval) and 89 % (GSM8K) of 70B; DistilBERT keeps 97 % with 40 % fewer parameters (arXiv 1910.01108)',
  },
  precondition: 'Data of the task to distil on, and tests on it: on a narrow task little may be lost.',
  rests: never,
  applied: never,
  obstacle: (context) =>
    studentOf(context) === null
      ? 'The catalog has no smaller model of this kind; name one as optimization.distilledModel.'
      : null,
  apply: (trial, context) => {
    const { customLanguageModel: _custom, customVisionModel: _vision, ...request } = trial.request;
    return { ...trial, request: { ...request, model: studentOf(context) as string } };
  },
  remove: unchanged,
  changes: (context) => [{ field: '/model', to: studentOf(context) ?? '' }],
};

export const SMALLER_MODELS: readonly Optimization[] = [STRUCTURED_PRUNING, SPARSITY, DISTILLATION];

const studentOf = ({ snapshot, request, wishes }: OptionContext): string | null =>
  wishes.distilledModel ?? smallerSibling(snapshot, resolveServedModel(snapshot, request));
