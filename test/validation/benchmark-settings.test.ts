import { describe, expect, it } from 'vitest';
import { serve } from '../domain/inference/fixtures.ts';
import { benchmarkConfiguration } from './inference/benchmark-settings.ts';
import { throughputCases } from './inference/cases.ts';

const LLAMA = 'meta-llama/Llama-3.1-70B';

describe('settings of the runs behind the TensorRT-LLM tables', () => {
  it.each([
    [2, 128, 2048, 256, 1024],
    [2, 2048, 2048, 2048, 1024],
    [8, 2048, 2048, 8192, 16_384],
    [16, 128, 128, 2048, 8192],
  ])('are looked up for v0.14: %i ranks, %i/%i', (tensorParallel, promptTokens, outputTokens, batch, tokens) => {
    const named = serve({ engine: 'tensorrt_llm', tensorParallel });
    const run = { version: 'v0.14.0', model: LLAMA, promptTokens, outputTokens };
    const { maxSequences, maxBatchedTokens } = benchmarkConfiguration(named, run);
    expect([maxSequences, maxBatchedTokens]).toEqual([batch, tokens]);
  });

  it('are worked out for later versions: at most 4,096 in flight, tokens in the proportion of prompt to output', () => {
    const named = serve({ engine: 'tensorrt_llm' });
    const at = (promptTokens: number, outputTokens: number) =>
      benchmarkConfiguration(named, { version: 'v1.0', model: LLAMA, promptTokens, outputTokens });
    expect(at(16, 16).maxSequences).toBe(4096);
    expect(at(16, 16).maxBatchedTokens).toBe(8192);
    expect(at(1000, 1000).maxBatchedTokens).toBe(2048);
    expect(at(20_000, 2000).maxBatchedTokens).toBe(20_000);
  });

  it('let every measured run fit', () => {
    const sequences = throughputCases().map(({ configuration }) => configuration.maxSequences);
    expect(Math.min(...sequences)).toBeGreaterThanOrEqual(1);
  });
});
