import { describe, expect, test } from 'vitest';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import { attentionForwardFlopsPerToken } from '../../../src/domain/models/flops.ts';
import { trainableParameters, trainingFlops } from '../../../src/domain/training/index.ts';
import { flopsCases, modelOf } from '../../validation/training/cases.ts';

describe('training FLOPs per token as NVIDIA prints them, within 0.5 %', () => {
  const byShape = Map.groupBy(flopsCases(), (entry) => `${entry.modelName}, ${entry.sequenceLength} tokens`);
  test.each([...byShape.keys()])('%s', (shape) => {
    const entries = byShape.get(shape) as ReturnType<typeof flopsCases>;
    const printed = entries.map((entry) => entry.flopsPerToken).sort((a, b) => a - b);
    const [{ model, sequenceLength }] = entries as [(typeof entries)[number]];
    const ours = trainingFlops(model, sequenceLength, 'pretraining', 'none').modelFlopsPerToken;
    // printed rates are rounded to two or three figures: the median of the releases
    expect(Math.abs(ours / (printed[Math.floor((printed.length - 1) / 2)] as number) - 1)).toBeLessThan(0.005);
  });
});

test('the parts sum to the whole, and both conventions differ by attention and MTP', () => {
  const flops = trainingFlops(modelOf('deepseek-v3'), 4096, 'pretraining', 'none');
  const parts =
    flops.linearFlopsPerToken + flops.attentionFlopsPerToken + flops.logitsFlopsPerToken + flops.mtpFlopsPerToken;
  expect(parts).toBeCloseTo(flops.modelFlopsPerToken, -3);
  expect(flops.modelFlopsPerToken - flops.sixNFlopsPerToken).toBeCloseTo(
    flops.attentionFlopsPerToken + flops.mtpFlopsPerToken,
    -3,
  );
});

test('full recomputation costs one more forward of the layers, selective one of attention', () => {
  const model = modelOf('gpt-3-175b');
  const none = trainingFlops(model, 2048, 'pretraining', 'none');
  const full = trainingFlops(model, 2048, 'pretraining', 'full');
  const selective = trainingFlops(model, 2048, 'pretraining', 'selective');
  expect(none.hardwareFlopsPerToken).toBe(none.modelFlopsPerToken);
  expect(full.hardwareFlopsPerToken / full.modelFlopsPerToken).toBeCloseTo(4 / 3, 1);
  expect(selective.hardwareFlopsPerToken - none.hardwareFlopsPerToken).toBeCloseTo(none.attentionFlopsPerToken / 3, -3);
});

test('LoRA costs 4 N where full training costs 6 N; NVIDIA prints 2.79e11 for 70 B without attention', () => {
  const lora = trainingFlops(modelOf('llama-3-70b'), 4096, 'lora', 'none');
  expect(lora.modelFlopsPerToken - lora.attentionFlopsPerToken).toBeCloseTo(2.79e11, -10);
});

test('a sliding window caps attention, a causal mask halves it, linear layers do not grow with the sequence', () => {
  const dense = modelOf('llama-3-8b');
  const pattern = (layerPattern: LanguageArchitecture['layerPattern']) => ({ ...dense, layerPattern });
  const sliding = pattern({ full: 0, sliding: 32, slidingWindow: 1024, linear: 0 });
  const linear = pattern({ full: 0, sliding: 0, slidingWindow: 0, linear: 32 });
  const flops = attentionForwardFlopsPerToken;
  expect(flops(dense, 8192, true) * 2).toBe(flops(dense, 8192, false));
  expect(flops(sliding, 8192, true)).toBe(flops(sliding, 32_768, true));
  expect(flops(sliding, 512, true)).toBe(flops(dense, 512, true));
  expect(flops(linear, 512, true)).toBe(flops(linear, 131_072, true));
});

test('adapters: rank times the sum of both sides of every linear matrix', () => {
  const model = modelOf('llama-3-8b');
  const perRank = 32 * (4096 * 2 + (4096 * 2 + 2 * 1024) + 4096 * 2 + 3 * (4096 + 14_336));
  expect(trainableParameters(model, { method: 'lora', loraRank: 16 })).toBe(16 * perRank);
  expect(trainableParameters(model, { method: 'full_fine_tuning', loraRank: 0 })).toBeCloseTo(8.03e9, -7.5);
});
