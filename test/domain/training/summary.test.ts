import { describe, expect, it } from 'vitest';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { estimate, H100 } from './seeded-estimates.ts';

const LLAMA_8B = 'meta-llama/Llama-3.1-8B';
const summaryOf = (request: TrainingRequest) => estimate(request).summary;

describe('the summary of a training estimate', () => {
  it('says what share of the bill is compute, experiments, people and the rest', () => {
    const summary = summaryOf({ model: LLAMA_8B, tokens: 15e12, device: H100 });
    expect(summary).toMatch(/USD of compute for the run/);
    expect(summary).toMatch(/experiments [\d.,]+ (k |M )?USD, people [\d.,]+ (k |M )?USD, data and storage/);
  });

  it('leaves out what is nothing', () => {
    const summary = summaryOf({
      model: LLAMA_8B,
      tokens: 1e11,
      device: H100,
      people: { engineers: 0 },
      run: { experimentsMultiple: 0 },
    });
    expect(summary).not.toMatch(/experiments|people/);
  });

  it('names the peak that MFU is of where the arithmetic is narrower', () => {
    const request: TrainingRequest = { model: LLAMA_8B, tokens: 1e11, device: H100 };
    expect(summaryOf({ ...request, precision: 'fp8' })).toMatch(/% MFU of the bf16 peak/);
    expect(summaryOf(request)).not.toMatch(/of the bf16 peak/);
  });

  it('tells short runs in hours and minutes', () => {
    const short: TrainingRequest = { model: LLAMA_8B, tokens: 20e6, method: 'lora', device: H100 };
    expect(summaryOf(short)).toMatch(/takes [\d.]+ (hours|minutes|seconds) \([\d.]+ to [\d.]+\)/);
    expect(summaryOf({ model: LLAMA_8B, tokens: 15e12, device: H100 })).toMatch(/takes [\d.]+ days \(/);
  });
});
