import { describe, expect, test } from 'vitest';
import { namedCheckpoint } from '../../../src/domain/estimate/named-checkpoint.ts';
import { feasible, H100 } from '../inference/seeded-estimates.ts';
import { snapshot } from '../seed.ts';

const named = (asked: string) => {
  const found = namedCheckpoint(snapshot, asked);
  if (found === undefined) return undefined;
  const { model, name, architecture } = found;
  return [model.id, name, architecture.kind === 'language' ? architecture.nativeWeightFormat : null];
};

describe('checkpoints by name', () => {
  test.each([
    ['meta-llama/Llama-3.1-70B', 'meta-llama/Llama-3.1-70B', 'Llama-3.1-70B', null],
    ['llama-3.1-70b', 'meta-llama/Llama-3.1-70B', 'Llama-3.1-70B', null],
    [
      'meta-llama/Llama-3.3-70B-Instruct',
      'meta-llama/Llama-3.1-70B',
      'Llama-3.3-70B-Instruct (as Llama-3.1-70B)',
      null,
    ],
    ['Qwen/Qwen3-8B-FP8', 'Qwen/Qwen3-8B', 'Qwen3-8B-FP8 (as Qwen3-8B)', 'fp8'],
    ['RedHatAI/Qwen3-8B-quantized.w4a16', 'Qwen/Qwen3-8B', 'Qwen3-8B-quantized.w4a16 (as Qwen3-8B)', 'int4'],
    ['nvidia/Kimi-K2.6-NVFP4', 'moonshotai/Kimi-K2.6', 'Kimi-K2.6-NVFP4 (as Kimi-K2.6)', 'fp4'],
    [
      'Qwen/Qwen2.5-72B-Instruct-AWQ',
      'Qwen/Qwen2.5-72B-Instruct',
      'Qwen2.5-72B-Instruct-AWQ (as Qwen2.5-72B-Instruct)',
      'int4',
    ],
    [
      'RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic',
      'meta-llama/Llama-3.1-70B',
      'Llama-3.3-70B-Instruct-FP8-dynamic (as Llama-3.1-70B)',
      'fp8',
    ],
    [
      'nvidia/Llama-3.1-405B-Instruct-NVFP4',
      'meta-llama/Llama-3.1-405B',
      'Llama-3.1-405B-Instruct-NVFP4 (as Llama-3.1-405B)',
      'fp4',
    ],
    [
      'unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit',
      'meta-llama/Llama-3.1-8B',
      'Meta-Llama-3.1-8B-Instruct-bnb-4bit (as Llama-3.1-8B)',
      'int4',
    ],
  ])('%s', (asked, id, name, format) => {
    expect(named(asked)).toEqual([id, name, format]);
  });

  test.each(['Qwen/Qwen9-8B', 'Qwn/Qwen3-8B', 'Qwen/Qwen9-8B-FP8', '-fp8', 'fp8', '/', ''])(
    '%s leads to none',
    (asked) => {
      expect(named(asked)).toBeUndefined();
    },
  );

  test('the same checkpoint is the same object, so what is worked out for it is remembered', () => {
    const first = namedCheckpoint(snapshot, 'Qwen/Qwen3-8B-FP8');
    expect(namedCheckpoint(snapshot, 'RedHatAI/Qwen3-8B-FP8-dynamic')?.architecture).toBe(first?.architecture);
    expect(namedCheckpoint(snapshot, 'Qwen/Qwen3-8B')?.architecture).not.toBe(first?.architecture);
  });

  test('an fp8 checkpoint takes half of the memory of its weights', () => {
    const weights = (model: string) => {
      const { memory } = feasible({ model, requestsPerDay: 1000, device: H100 });
      return memory?.weightsBytes ?? Number.NaN;
    };
    expect(weights('Qwen/Qwen3-8B-FP8') / weights('Qwen/Qwen3-8B')).toBeLessThan(0.6);
  });
});
