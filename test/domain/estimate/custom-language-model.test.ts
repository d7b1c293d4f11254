import { describe, expect, test } from 'vitest';
import { customLanguageArchitecture } from '../../../src/domain/estimate/custom-language-model.ts';
import { type RequestFault, RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import type { CustomLanguageModel } from '../../../src/domain/estimate/selectors.ts';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import { estimateTraining } from '../../../src/domain/training/estimate.ts';
import { estimate, feasible, H100 } from '../inference/seeded-estimates.ts';
import { AT, snapshot } from '../seed.ts';
import { asCustom } from './catalog-as-custom.ts';

const languageModels = snapshot.models.flatMap(({ id, name, architecture }) =>
  architecture.kind === 'language' ? [{ id, name, architecture }] : [],
);
const ofCatalog = (id: string): CustomLanguageModel => {
  const model = languageModels.find((one) => one.id === id);
  if (model === undefined) throw new Error(`The catalog has no ${id}.`);
  return asCustom(model.name, model.architecture);
};
const architectureOf = (custom: CustomLanguageModel): LanguageArchitecture =>
  customLanguageArchitecture(snapshot, custom);

function faultOf(ask: () => unknown): RequestFault | undefined {
  try {
    ask();
    return undefined;
  } catch (error) {
    if (!(error instanceof RequestFaultError)) throw error;
    return error.faults[0];
  }
}

/** What an answer says besides which model it is of. */
const figures = (answer: object): unknown =>
  JSON.parse(JSON.stringify(answer, (key, value) => (key === 'modelId' || key === 'assumptions' ? undefined : value)));

describe('a catalog model stated as a custom one', () => {
  test('has the same architecture, for every language model', () => {
    expect(languageModels.length).toBeGreaterThan(150);
    for (const { id, name, architecture } of languageModels) {
      expect(architectureOf(asCustom(name, architecture)), id).toEqual(architecture);
    }
  });

  test('gives the same figures when served, for every language model', () => {
    const terms = {
      requestsPerDay: 50_000,
      promptTokens: { mean: 300 },
      outputTokens: { mean: 100 },
      device: 'nvidia-h200-sxm5-141gb',
      serving: { engine: 'vllm', tensorParallel: 8 },
      purchase: { usdPerDeviceHour: '3' },
    } as const;
    const served = { feasible: 0, infeasible: 0 };
    for (const { id, name, architecture } of languageModels) {
      const named = estimate({ ...terms, model: id });
      served[named.status]++;
      const custom = estimate({ ...terms, customLanguageModel: asCustom(name, architecture) });
      expect(figures(custom), id).toEqual(figures(named));
    }
    // heads that eight ranks do not divide, contexts too short: answers too, and the same ones
    expect(served.feasible).toBeGreaterThan(100);
  });

  test.each(['deepseek-ai/DeepSeek-V3', 'google/gemma-3-27b-it'])('gives the same figures when trained: %s', (id) => {
    const terms = { tokens: 1e11, device: H100, cluster: { devices: 1024 } };
    const named = estimateTraining(snapshot, { ...terms, model: id }, AT);
    const custom = estimateTraining(snapshot, { ...terms, customLanguageModel: ofCatalog(id) }, AT);
    expect(figures(custom)).toEqual(figures(named));
  });

  test('has the band of a measured group where one is known, and the wider one where none is', () => {
    const terms = { requestsPerDay: 100_000, device: H100, purchase: { usdPerDeviceHour: '3' } } as const;
    const basisOf = (customLanguageModel: CustomLanguageModel) => {
      const { performance } = feasible({ ...terms, customLanguageModel });
      if (performance.kind !== 'language') throw new Error('A language model has language figures.');
      return performance.timePerOutputTokenMs.p50.basis;
    };
    const { family: _family, ...ordinary } = ofCatalog('meta-llama/Llama-3.1-8B');
    expect(basisOf(ordinary)).toMatchObject({ id: 'inference/tpot/dense/hopper/vllm', kind: 'residuals' });
    const { family: _other, ...hybrid } = ofCatalog('nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16');
    expect(basisOf(hybrid)).toMatchObject({ kind: 'assumed' });
  });
});

describe('what a custom model leaves out', () => {
  const plain: CustomLanguageModel = {
    name: 'ours',
    layers: 40,
    hiddenSize: 5120,
    ffnHiddenSize: 13_824,
    vocabularySize: 128_256,
    attentionHeads: 40,
    kvHeads: 8,
  };

  test('has the values of most models', () => {
    const { parametersTotal, parametersActive, ...shape } = architectureOf(plain);
    expect(shape).toMatchObject({
      family: 'custom',
      attention: { type: 'gqa', headDim: 128 },
      layerPattern: { full: 40, sliding: 0, slidingWindow: 0, linear: 0 },
      mixtureOfExperts: null,
      mtpLayers: 0,
      nativeWeightFormat: null,
    });
    const layer = 5120 * 128 * (2 * 40 + 2 * 8) + 3 * 5120 * 13_824;
    expect(parametersTotal).toBe(40 * layer + 2 * 128_256 * 5120);
    expect(parametersActive).toBe(parametersTotal);
  });

  test.each([
    ['deepseek-ai/DeepSeek-V3', 0.01],
    ['nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8', 0.01],
    ['deepseek-ai/DeepSeek-V4-Pro', 0.01],
    ['MiniMaxAI/MiniMax-M3', 0.01],
    ['Qwen/Qwen3-Next-80B-A3B-Instruct', 0.08],
  ])('is counted where parameters are not stated, without the drafting modules: %s', (id, within) => {
    const { parametersTotal: total, parametersActive: active, ...shape } = ofCatalog(id);
    const counted = architectureOf(shape);
    expect(Math.abs(counted.parametersTotal / (total as number) - 1)).toBeLessThan(within);
    expect(Math.abs(counted.parametersActive / (active as number) - 1)).toBeLessThan(within);
  });

  const latentAttention = {
    queryLoraRank: 1536,
    kvLoraRank: 512,
    nopeHeadDim: 128,
    ropeHeadDim: 64,
    valueHeadDim: 128,
  };
  const index = { topTokens: 2048, indexHeads: 4, indexHeadDim: 128 };
  const stateSpace = { heads: 64, headDim: 64, stateSize: 128, groups: 8, convolutionTokens: 4 };
  const compressedAttention = {
    headDim: 512,
    ropeHeadDim: 64,
    queryLoraRank: 1024,
    outputGroups: 8,
    outputLoraRank: 1024,
    light: { layers: 20, tokensPerEntry: 4, index },
    heavy: { layers: 20, tokensPerEntry: 128 },
  };
  const { kvHeads: _kvHeads, ...withoutKvHeads } = plain;
  const window = { slidingWindow: { layers: 0, tokens: 128 } };
  const experts = { experts: 64, activeExperts: 4, expertHiddenSize: 1536 };

  test.each<readonly [pointer: string, rule: string, model: CustomLanguageModel]>([
    ['kvHeads', 'divides', { ...plain, kvHeads: 7 }],
    ['attentionHeads', 'divides', { ...plain, attentionHeads: 33, kvHeads: 33 }],
    ['slidingWindow/layers', 'maximum', { ...plain, slidingWindow: { layers: 41, tokens: 1024 } }],
    ['slidingWindow/layers', 'minimum', { ...plain, ...window }],
    [
      'linearAttention/layers',
      'maximum',
      { ...plain, slidingWindow: { layers: 20, tokens: 1024 }, linearAttention: { layers: 21 } },
    ],
    ['feedForwardLayers', 'maximum', { ...plain, linearAttention: { layers: 20 }, feedForwardLayers: 21 }],
    ['feedForwardLayers', 'maximum', { ...plain, feedForwardLayers: 40 }],
    ['crossAttentionLayers', 'maximum', { ...plain, crossAttentionLayers: 41 }],
    [
      'linearAttention/stateSpace/groups',
      'divides',
      { ...plain, linearAttention: { layers: 20, stateSpace: { ...stateSpace, groups: 7 } } },
    ],
    ['sparseAttention/layers', 'maximum', { ...plain, sparseAttention: { ...index, layers: 41 } }],
    ['sparseAttention', 'contradiction', { ...plain, linearAttention: { layers: 40 }, sparseAttention: index }],
    ['mixtureOfExperts/activeExperts', 'maximum', { ...plain, mixtureOfExperts: { ...experts, activeExperts: 65 } }],
    ['mixtureOfExperts/denseLayers', 'maximum', { ...plain, mixtureOfExperts: { ...experts, denseLayers: 41 } }],
    [
      'mixtureOfExperts/denseLayers',
      'maximum',
      { ...plain, feedForwardLayers: 10, mixtureOfExperts: { ...experts, denseLayers: 11 } },
    ],
    ['latentAttention', 'exclusive', { ...withoutKvHeads, ...window, compressedAttention, latentAttention }],
    ['sparseAttention', 'exclusive', { ...withoutKvHeads, ...window, compressedAttention, sparseAttention: index }],
    ['kvHeads', 'exclusive', { ...plain, ...window, compressedAttention }],
    ['slidingWindow', 'required', { ...withoutKvHeads, compressedAttention }],
    [
      'compressedAttention',
      'contradiction',
      { ...withoutKvHeads, slidingWindow: { layers: 2, tokens: 128 }, compressedAttention },
    ],
    [
      'compressedAttention/ropeHeadDim',
      'maximum',
      { ...withoutKvHeads, ...window, compressedAttention: { ...compressedAttention, ropeHeadDim: 513 } },
    ],
    ['family', 'unknown_id', { ...plain, family: 'qwen3moe' }],
    ['formatBesideExperts', 'contradiction', { ...plain, nativeWeightFormat: 'fp8', formatBesideExperts: 'fp8' }],
    ['parametersTotal', 'contradiction', { ...plain, parametersTotal: 70e9 }],
    ['parametersActive', 'contradiction', { ...plain, parametersActive: 1e9 }],
    ['parametersActive', 'maximum', { ...plain, parametersTotal: 13e9, parametersActive: 14e9 }],
  ])('contradictions are refused at %s (%s)', (pointer, rule, model) => {
    expect(faultOf(() => architectureOf(model))).toMatchObject({ pointer: `/customLanguageModel/${pointer}`, rule });
  });

  test('state-space layers are not trained, and the refusal points at the model of the caller', () => {
    const customLanguageModel = { ...plain, linearAttention: { layers: 30, stateSpace } };
    expect(
      faultOf(() => estimateTraining(snapshot, { customLanguageModel, tokens: 1e10, device: H100 }, AT)),
    ).toMatchObject({ pointer: '/customLanguageModel', rule: 'unsupported_architecture' });
  });
});
