import { describe, expect, it } from 'vitest';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import type { InferenceRequest } from '../../../../src/domain/inference/request.ts';
import { estimate, feasible, H100 } from '../seeded-estimates.ts';

const TEXT: InferenceRequest = {
  model: 'Qwen/Qwen3-VL-8B-Instruct',
  requestsPerDay: 2_000_000,
  device: H100,
  promptTokens: { mean: 200 },
  outputTokens: { mean: 100 },
};
const withImages = (count: number): InferenceRequest => ({
  ...TEXT,
  promptImages: { count, width: 1024, height: 768 },
});

function ttft(request: InferenceRequest): number {
  const { performance } = feasible(request);
  if (performance.kind !== 'language') throw new Error('a language model answers as one');
  return performance.ttftMs.p50.p50;
}

describe('images in the prompt', () => {
  it('add their tokens to the prompt, and are listed', () => {
    const answer = feasible(withImages(2));
    expect(answer.workload.promptTokensMean).toBe(200 + 2 * 768);
    expect(answer.assumptions.find(({ field }) => field === '/promptImages')?.value).toBe(2 * 768);
  });

  it('take longer than as many tokens of text, because they are encoded first', () => {
    const text = ttft({ ...TEXT, promptTokens: { mean: 200 + 768, coefficientOfVariation: (0.96 * 200) / 968 } });
    const image = ttft(withImages(1));
    expect(image).toBeGreaterThan(text);
    expect(ttft(withImages(4))).toBeGreaterThan(image);
  });

  it('are refused by models that read text alone', () => {
    expect(() => estimate({ ...withImages(1), model: 'meta-llama/Llama-3.1-8B' })).toThrow(RequestFaultError);
    const { promptTokens: _p, outputTokens: _o, ...bare } = withImages(1);
    expect(() => estimate({ ...bare, model: 'resnet50-v1.5' })).toThrow(RequestFaultError);
  });
});
