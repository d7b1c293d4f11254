import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saturation } from '../../../../src/domain/inference/load/operating-point.ts';
import { servingMemory } from '../../../../src/domain/inference/step/memory.ts';
import { StepModel, stepTime } from '../../../../src/domain/inference/step/step.ts';
import { uncertainty } from '../../../../src/domain/inference/step/uncertainty.ts';
import type { LanguageArchitecture } from '../../../../src/domain/models/architecture.ts';
import { withFewerLayers } from '../../../../src/domain/models/fewer-layers.ts';
import { feedForwardLayers, patternLayers } from '../../../../src/domain/models/layers.ts';
import { GIB } from '../../../../src/domain/units.ts';
import { snapshot } from '../../seed.ts';
import { fixed, llama8b, serve } from '../fixtures.ts';
import { feasible } from '../seeded-estimates.ts';

const model = (id: string): LanguageArchitecture => snapshot.model(id)?.architecture as LanguageArchitecture;
const device = (id: string) => {
  const found = snapshot.device(id);
  if (!found) throw new Error(id);
  return found;
};
const v4Pro = model('deepseek-ai/DeepSeek-V4-Pro');
const v4Flash = model('deepseek-ai/DeepSeek-V4-Flash');
const nano = model('nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16');
const superModel = model('nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8');
const m3 = model('MiniMaxAI/MiniMax-M3');
const FURTHER = [v4Pro, v4Flash, nano, superModel, m3];
const MILLION = 2 ** 20;

describe('what a sequence keeps', () => {
  const cache = (architecture: LanguageArchitecture, kvCacheFormat: 'bf16' | 'fp8') => {
    const memory = servingMemory(serve({ model: architecture, kvCacheFormat }), fixed(1000, 1000));
    return { perToken: memory.kvBytesPerToken, state: memory.stateBytesPerSequence };
  };

  it('is 9.62 GiB of DeepSeek-V4-Pro at a million tokens in 16 bits (vLLM, 2026-04-24) and half in 8', () => {
    expect((cache(v4Pro, 'bf16').perToken * MILLION) / GIB).toBeCloseTo(9.62, 2);
    expect((cache(v4Flash, 'bf16').perToken * MILLION) / GIB).toBeCloseTo(6.72, 2);
    const narrow = cache(v4Pro, 'fp8').perToken / cache(v4Pro, 'bf16').perToken;
    expect(narrow).toBeGreaterThan(0.5);
    expect(narrow).toBeLessThan(0.6);
  });

  it('is a tenth of what DeepSeek-V3.2 keeps, as the makers say', () => {
    const before = cache(model('deepseek-ai/DeepSeek-V3.2'), 'fp8').perToken;
    expect(cache(v4Pro, 'fp8').perToken / before).toBeLessThan(0.13);
    expect(cache(v4Flash, 'fp8').perToken / before).toBeLessThan(0.09);
  });

  it('grows in the six attention layers of Nemotron 3 Nano alone, beside a state in 32 bits', () => {
    const { perToken, state } = cache(nano, 'bf16');
    expect(perToken).toBe(6 * 2 * 2 * 128 * 2);
    const convolution = 3 * (4096 + 2 * 8 * 128) * 2;
    expect(state).toBe(23 * (64 * 64 * 128 * 4 + convolution));
  });

  it('is a state in 32 bits for every linear layer of Qwen3.5 (48 value heads of 128 x 128) and of RWKV-7 (32 heads of 64 x 64)', () => {
    expect(cache(model('Qwen/Qwen3.5-27B'), 'bf16').state).toBe(48 * 48 * 128 * 128 * 4);
    expect(cache(model('fla-hub/rwkv7-1.5B-world'), 'bf16').state).toBe(24 * 32 * 64 * 64 * 4);
  });

  it('holds keys and values of every layer of MiniMax-M3, and index keys of the 57 that select', () => {
    expect(cache(m3, 'bf16').perToken).toBe(60 * 2 * 4 * 128 * 2 + 57 * 128 * 2);
  });
});

describe('time of models that nobody measured under a server', () => {
  const b200 = device('nvidia-b200-sxm-180gb');
  const on = (architecture: LanguageArchitecture) =>
    serve({
      model: architecture,
      device: b200,
      weightFormat: 'fp8',
      kvCacheFormat: 'fp8',
    });
  const step = (architecture: LanguageArchitecture, sequences: number, context: number) =>
    stepTime(on(architecture), {
      prefillTokens: 0,
      cachedTokens: 0,
      decodeSequences: sequences,
      meanContextTokens: context,
    }).seconds;

  it('rises with batch and context, and is bound by nothing below the weights that a token reads', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FURTHER),
        fc.integer({ min: 1, max: 256 }),
        fc.integer({ min: 1, max: 200_000 }),
        (architecture, sequences, context) => {
          const seconds = step(architecture, sequences, context);
          expect(step(architecture, sequences * 2, context)).toBeGreaterThan(seconds);
          expect(step(architecture, sequences, context * 2)).toBeGreaterThanOrEqual(seconds);
          const read = architecture.parametersActive / (b200.memoryBandwidthBytesPerSecond as number);
          expect(seconds).toBeGreaterThan(read * 0.5);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('hardly grows with the context where tokens are merged, selected or kept as a state', () => {
    const growth = (architecture: LanguageArchitecture) =>
      step(architecture, 64, 100_000) / step(architecture, 64, 4000);
    const ordinary = growth(model('MiniMaxAI/MiniMax-M2.5'));
    for (const architecture of FURTHER) expect(growth(architecture)).toBeLessThan(0.6 * ordinary);
  });

  it('gives wider bands than measured kinds have, and says that they are assumed', () => {
    for (const architecture of FURTHER) {
      const wide = uncertainty(serve({ model: architecture }), 'tpot');
      expect(wide.basis.kind).toBe('assumed');
      const kind = architecture.attention.type === 'compressed' ? 'deepseek-ai/DeepSeek-V3' : 'Qwen/Qwen3-30B-A3B';
      const measured = uncertainty(serve({ model: model(kind) }), 'tpot');
      expect(measured.basis.kind).toBe('residuals');
      expect(wide.p90 / wide.p10).toBeGreaterThan(1.5 * (measured.p90 / measured.p10));
    }
    expect(uncertainty(serve({ model: llama8b }), 'tpot').basis.kind).toBe('residuals');
  });
});

/**
 * NVIDIA's report of Nemotron 3 Nano (arXiv 2512.20848, 2025-12-15): 3.3 times the output rate of Qwen3-30B-A3B on one H200 with
 * 8K tokens in and 16K out, each with the best of vLLM and TensorRT-LLM.
 */
it('Nemotron 3 Nano answers long prompts at length some three times as fast as Qwen3-30B-A3B on an H200', () => {
  const h200 = device('nvidia-h200-sxm5-141gb');
  const lengths = fixed(8192, 16_384);
  const on = (architecture: LanguageArchitecture) =>
    serve({ model: architecture, device: h200, weightFormat: 'fp8', kvCacheFormat: 'fp8', maxSequences: 1024 });
  const rate = (architecture: LanguageArchitecture) =>
    saturation(on(architecture), servingMemory(on(architecture), lengths), lengths).outputTokensPerSecond;
  const ratio = rate(nano) / rate(model('Qwen/Qwen3-30B-A3B'));
  expect(ratio).toBeGreaterThan(2);
  expect(ratio).toBeLessThan(6);
});

it('serves them with a caveat that names the kind', () => {
  const answer = feasible({
    model: 'DeepSeek-V4-Flash',
    device: 'nvidia-b200-sxm-180gb',
    requestsPerDay: 200_000,
  });
  const note = answer.assumptions.find(({ id }) => id === 'serving.unmeasured_architecture');
  expect(note?.reason).toContain('merged tokens');
  expect(note?.reason).toContain('50 to 80 %');
});

describe('Llama 3.2 Vision', () => {
  const vision = model('meta-llama/Llama-3.2-11B-Vision-Instruct');
  const keptOf = (imageTokens: number) => servingMemory(serve({ model: vision, imageTokens }), fixed(1000, 100));

  it('keeps text in 32 layers and the image in 8', () => {
    const perLayer = 2 * 8 * 128 * 2;
    expect(keptOf(0).kvBytesPerToken).toBe(32 * perLayer);
    expect(keptOf(0).stateBytesPerSequence).toBe(0);
    expect(keptOf(6404).stateBytesPerSequence).toBe(8 * 6404 * perLayer);
  });

  it('takes the time of Llama 3.1 8B for text, and more of every token where there is an image', () => {
    const seconds = (settings: Parameters<typeof serve>[0]) =>
      stepTime(serve(settings), { prefillTokens: 0, cachedTokens: 0, decodeSequences: 16, meanContextTokens: 2000 })
        .seconds;
    const text = seconds({ model: vision });
    expect(text / seconds({ model: llama8b })).toBeCloseTo(1, 2);
    const image = seconds({ model: vision, imageTokens: 1601 });
    expect(image / text).toBeGreaterThan(1.15);
    expect(seconds({ model: vision, imageTokens: 6404 })).toBeGreaterThan(image);
  });

  it('counts four tiles of 1,601 tokens for a large image, beside the prompt', () => {
    const answer = feasible({
      model: 'Llama-3.2-11B-Vision',
      device: 'nvidia-h100-sxm5-80gb',
      requestsPerDay: 10_000,
      promptTokens: { mean: 100 },
      promptImages: { count: 1, width: 1120, height: 1120 },
    });
    expect(answer.assumptions.find(({ field }) => field === '/promptImages')?.value).toBe(4 * 1601);
    expect(answer.workload.promptTokensMean).toBe(101);
  });
});

it('prunes each kind of layer in its share and adds none', () => {
  const patterns = snapshot.models.flatMap(({ architecture }) =>
    architecture.kind === 'language' ? [architecture] : [],
  );
  for (const architecture of patterns) {
    for (const share of [0.9, 0.7, 0.5]) {
      const layers = Math.max(Math.round(architecture.layers * share), 1);
      const fewer = withFewerLayers(architecture, layers);
      expect(patternLayers(fewer.layerPattern)).toBe(layers);
      if (architecture.layerPattern.linear === 0) expect(fewer.layerPattern.linear).toBe(0);
      if (fewer.attention.type === 'compressed') {
        expect(fewer.attention.light.layers + fewer.attention.heavy.layers).toBe(fewer.layerPattern.full);
      }
      expect(feedForwardLayers(fewer).expert).toBeGreaterThanOrEqual(0);
    }
  }
});

/** SGLang on 96 H100 (lmsys.org/blog/2025-05-05-large-scale-ep): 22.3k output tokens/s a node of decoding, 52.3k input ones of prefill. */
describe('experts over many nodes', () => {
  const spread = (ranks: number) =>
    serve({
      model: model('DeepSeek-V3'),
      device: device('nvidia-h100-sxm5-80gb'),
      engine: 'sglang',
      softwareEra: 'sglang_2025',
      weightFormat: 'fp8',
      attentionDataParallel: ranks,
      expertParallel: ranks,
      networkBytesPerSecondPerDevice: 50e9,
    });

  it('decode and read prompts at the published rate of DeepSeek-V3 on H100', () => {
    const decode = new StepModel(spread(72)).run(0, 0, 256, 2050, 72 * 256);
    expect((8 * 256) / decode / 22_282).toBeGreaterThan(0.8);
    expect((8 * 256) / decode / 22_282).toBeLessThan(1.25);
    const prefill = new StepModel(spread(32)).run(16_384, 0, 0, 0, 32 * 16_384, 8);
    expect((8 * 16_384) / prefill / 52_272).toBeGreaterThan(0.65);
    expect((8 * 16_384) / prefill / 52_272).toBeLessThan(1.25);
  });

  it('are no faster over a slower network', () => {
    const seconds = (network: number) =>
      new StepModel({ ...spread(72), networkBytesPerSecondPerDevice: network }).run(0, 0, 256, 2050, 72 * 256);
    expect(seconds(25e9)).toBeGreaterThan(seconds(50e9));
    expect(seconds(50e9)).toBeGreaterThan(seconds(400e9));
  });
});
