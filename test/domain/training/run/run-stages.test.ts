import { describe, expect, it } from 'vitest';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import type { TrainingRequest } from '../../../../src/domain/training/request.ts';
import { feasible } from '../seeded-estimates.ts';

const BASE: TrainingRequest = {
  model: 'meta-llama/Llama-3.1-8B',
  tokens: 1e12,
  device: 'nvidia-h100-sxm5-80gb',
  cluster: { devices: 256 },
  globalBatchTokens: 4_194_304,
};

describe('stages after the main one', () => {
  it('add their hours, steps and arithmetic', () => {
    const main = feasible({ ...BASE, run: { stageFactor: 1 } });
    const staged = feasible({ ...BASE, run: { stageFactor: 1 }, stages: [{ tokens: 1e12 }] });
    expect(staged.run.cleanHours / main.run.cleanHours).toBeCloseTo(2, 6);
    expect(staged.flops.totalFlops / main.flops.totalFlops).toBeCloseTo(2, 9);
    expect(staged.run.steps).toBeGreaterThanOrEqual(2 * (main.run.steps ?? 0) - 1);
  });

  it('are slower per token with longer sequences, cut on their own', () => {
    const { run, step } = feasible({ ...BASE, stages: [{ tokens: 1e11, sequenceLength: 131_072 }] });
    const [long] = run.stages;
    expect(long?.sequenceLength).toBe(131_072);
    expect(long?.tokensPerSecondPerDevice).toBeLessThan(step?.tokensPerSecondPerDevice.p50 ?? 0);
    expect(long?.layout.contextParallel).toBeGreaterThan(1);
  });

  it('replace the factor for stages that nobody named', () => {
    expect(feasible({ ...BASE, stages: [{ tokens: 1e10 }] }).run.stageFactor).toBe(1.05);
  });

  it('are refused beyond the context, at their place', () => {
    const request: TrainingRequest = { ...BASE, stages: [{ tokens: 1e9 }, { tokens: 1e9, sequenceLength: 1e7 }] };
    expect(() => feasible(request)).toThrow(RequestFaultError);
    try {
      feasible(request);
    } catch (error) {
      expect((error as RequestFaultError).faults[0]).toMatchObject({
        pointer: '/stages/1/sequenceLength',
        rule: 'maximum',
      });
    }
  });

  it('a batch ramp stretches the main stage alone', () => {
    const hours = (batchRampFactor: number) =>
      feasible({ ...BASE, run: { stageFactor: 1, batchRampFactor } }).run.wallClockDays.p50;
    expect(hours(1.1) / hours(1)).toBeCloseTo(1.1, 6);
  });
});
