import { describe, expect, test } from 'vitest';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import { activeLayerParameters, componentParameters, layerParameters } from '../../../src/domain/models/parameters.ts';
import { exceptFor, NOTHING, seed } from './seed.ts';

const TOLERANCE = 0.015;

/** Matrix parameters from the widths alone; biases and norms stay below the tolerance. */
const parametersOf = (a: LanguageArchitecture) => {
  const { attention, mixtureOfExperts: experts } = a;
  const attentionParameters =
    attention.type === 'mla'
      ? latentParameters(a.hiddenSize, attention)
      : attention.type === 'gqa'
        ? a.hiddenSize * attention.headDim * 2 * (attention.heads + attention.kvHeads)
        : Number.NaN;
  const matrices = a.gatedFfn ? 3 : 2;
  const dense = matrices * a.hiddenSize * a.ffnHiddenSize;
  const expert = matrices * a.hiddenSize * (experts?.expertHiddenSize ?? 0);
  const shared = matrices * a.hiddenSize * (experts?.sharedExperts ?? 0) * (experts?.sharedExpertHiddenSize ?? 0);
  const router = a.hiddenSize * (experts?.experts ?? 0);
  const denseLayers = experts === null ? a.layers : experts.denseLayers;
  const withExperts = (count: number) => (a.layers - denseLayers) * (count * expert + shared + router);
  const rest =
    a.layers * attentionParameters + denseLayers * dense + a.vocabularySize * a.hiddenSize * (a.tiedEmbeddings ? 1 : 2);
  return { total: rest + withExperts(experts?.experts ?? 0), active: rest + withExperts(experts?.activeExperts ?? 0) };
};

const latentParameters = (hidden: number, at: Extract<LanguageArchitecture['attention'], { type: 'mla' }>) => {
  const queryWidth = at.heads * (at.nopeHeadDim + at.ropeHeadDim);
  const query = at.queryLoraRank > 0 ? at.queryLoraRank * (hidden + queryWidth) : hidden * queryWidth;
  return (
    query +
    hidden * (at.kvLoraRank + at.ropeHeadDim) +
    at.kvLoraRank * at.heads * (at.nopeHeadDim + at.valueHeadDim) +
    at.heads * at.valueHeadDim * hidden
  );
};

const language = seed.models.flatMap(({ id, architecture }) =>
  architecture.kind === 'language' ? [{ id, architecture }] : [],
);

describe('models', () => {
  test('every kind of work has models', () => {
    const kinds = new Set(seed.models.map(({ architecture }) => architecture.kind));
    expect([...kinds].toSorted()).toEqual([
      'encoder',
      'language',
      'recommendation',
      'speech_to_text',
      'text_to_image',
      'vision_classification',
      'vision_detection',
      'vision_segmentation',
    ]);
  });

  test('parameters follow from the architecture', () => {
    const off = language.flatMap(({ id, architecture }) => {
      const { total, active } = parametersOf(architecture);
      const wrong =
        !(Math.abs(total / architecture.parametersTotal - 1) <= TOLERANCE) ||
        !(Math.abs(active / architecture.parametersActive - 1) <= TOLERANCE);
      return wrong ? [id] : [];
    });
    expect(exceptFor(off, NOT_FROM_WIDTHS_ALONE)).toEqual(NOTHING);
  });

  test('published sizes', () => {
    const size = (id: string) => (language.find((model) => model.id === id)?.architecture.parametersTotal ?? 0) / 1e9;
    expect(size('meta-llama/Llama-3.1-8B')).toBeCloseTo(8.03, 2);
    expect(size('meta-llama/Llama-3.1-70B')).toBeCloseTo(70.55, 1);
    expect(size('deepseek-ai/DeepSeek-V3')).toBeCloseTo(671.0, 0);
    expect(size('bigscience/bloom')).toBeCloseTo(176.25, 1);
    expect(size('google/palm-540b')).toBeCloseTo(540.35, 0);
    expect(size('zai-org/GLM-4.5-Air')).toBeCloseTo(106.9, 0);
    expect(size('CohereLabs/c4ai-command-r-plus')).toBeCloseTo(103.8, 0);
    expect(size('allenai/OLMo-2-0325-32B')).toBeCloseTo(32.2, 1);
    expect(size('XiaomiMiMo/MiMo-V2-Flash')).toBeCloseTo(309, 0);
    expect(size('meta-llama/Llama-3.2-11B-Vision-Instruct')).toBeCloseTo(10.67, 1);
    expect(size('meta-llama/Llama-3.2-90B-Vision-Instruct')).toBeCloseTo(88.6, 0);
  });

  test.each([
    // in total and per token, in billions, as their makers state them
    ['deepseek-ai/DeepSeek-V4-Flash', 284, 13],
    ['deepseek-ai/DeepSeek-V4-Pro', 1.6e3, 49],
    ['nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16', 31.6, 3.2],
    ['nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8', 120.6, 12.7],
    ['nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16', 550, 55],
    ['nvidia/Nemotron-H-56B-Base-8K', 56, 56],
    ['MiniMaxAI/MiniMax-M3', 428, 23],
  ])('%s: %d billion parameters, %d active', (id, total, active) => {
    const architecture = language.find((model) => model.id === id)?.architecture as LanguageArchitecture;
    const c = componentParameters(architecture);
    const embeddings = 2 * c.embedding;
    expect(architecture.parametersTotal).toBeCloseTo(layerParameters(c) + embeddings, -3);
    // DeepSeek counts the module that predicts further tokens for V4-Pro, whose size is given to two figures
    const counted = id.endsWith('V4-Pro') ? architecture.parametersTotal + c.mtpModule : architecture.parametersTotal;
    expect(Math.abs(counted / 1e9 / total - 1)).toBeLessThan(0.01);
    // makers count one, both or none of the embeddings as active
    const withoutEmbeddings = (activeLayerParameters(c) - 0.5e9) / 1e9;
    expect(withoutEmbeddings).toBeLessThan(active * 1.05);
    expect((activeLayerParameters(c) + embeddings + 0.5e9) / 1e9).toBeGreaterThan(active);
  });

  test('models whose every layer looks back one window', () => {
    const pattern = (id: string) => language.find((model) => model.id === id)?.architecture.layerPattern;
    expect(pattern('mistralai/Mistral-7B-v0.1')).toMatchObject({ full: 0, sliding: 32, slidingWindow: 4096 });
    expect(pattern('bigcode/starcoder2-15b')).toMatchObject({ full: 0, sliding: 40, slidingWindow: 4096 });
  });

  test('dense models use all their parameters, mixtures fewer', () => {
    for (const { id, architecture } of language) {
      if (architecture.mixtureOfExperts === null)
        expect(architecture.parametersActive, id).toBe(architecture.parametersTotal);
      else expect(architecture.parametersActive, id).toBeLessThan(architecture.parametersTotal / 2);
    }
  });

  test('names lead to one model each', () => {
    const names = seed.models.flatMap(({ id, aliases }) => [id, ...aliases].map((name) => name.toLowerCase()));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    const idOf = (name: string) =>
      seed.models.find(({ id, aliases }) =>
        [id, ...aliases].some((known) => known.toLowerCase() === name.toLowerCase()),
      )?.id;
    for (const name of ['Llama-3.3-70B', 'meta-llama/Meta-Llama-3.1-70B', 'meta-llama/Llama-3.1-70B-Instruct']) {
      expect(idOf(name)).toBe('meta-llama/Llama-3.1-70B');
    }
    expect(idOf('llama-3.1-8b')).toBe('meta-llama/Llama-3.1-8B');
    expect(idOf('gpt-oss-120b')).toBe('openai/gpt-oss-120b');
    expect(idOf('resnet50')).toBe('mlperf/resnet50-v1.5');
  });
});

/** Linear attention, wider global heads and the like: parameters as the maker states them. */
const NOT_FROM_WIDTHS_ALONE = [
  'Qwen/Qwen3-Next-80B-A3B-Instruct',
  'Qwen/Qwen3.5-0.8B',
  'Qwen/Qwen3.5-122B-A10B',
  'Qwen/Qwen3.5-27B',
  'Qwen/Qwen3.5-2B',
  'Qwen/Qwen3.5-35B-A3B',
  'Qwen/Qwen3.5-397B-A17B',
  'Qwen/Qwen3.5-4B',
  'Qwen/Qwen3.5-9B',
  'Qwen/Qwen3.6-27B',
  'Qwen/Qwen3.6-35B-A3B',
  'deepseek-ai/DeepSeek-V4-Flash',
  'deepseek-ai/DeepSeek-V4-Pro',
  'fla-hub/rwkv7-1.5B-world',
  'google/gemma-3n-E2B-it',
  'google/gemma-3n-E4B-it',
  'google/gemma-4-26B-A4B',
  'google/gemma-4-31B-it',
  'meta-llama/Llama-3.2-11B-Vision-Instruct',
  'moonshotai/Kimi-K3',
  'nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16',
  'nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8',
  'nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16',
  'nvidia/Nemotron-H-56B-Base-8K',
];
