import { describe, expect, it } from 'vitest';
import { loadSeed } from '../../../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../../../src/catalog/seed/snapshot-from-seed.ts';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import { estimateTraining } from '../../../../src/domain/training/estimate.ts';
import type { TrainingRequest } from '../../../../src/domain/training/request.ts';

const snapshot = snapshotFromSeed(loadSeed());
const BASE: TrainingRequest = {
  model: 'meta-llama/Llama-3.1-8B',
  tokens: 1e12,
  device: 'nvidia-h100-sxm5-80gb',
  cluster: { devices: 256 },
  globalBatchTokens: 4_194_304,
};

function estimate(request: TrainingRequest) {
  const answer = estimateTraining(snapshot, request, '2026-11-24T00:00:00.000Z');
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

describe('stages after the main one', () => {
  it('add their hours, steps and arithmetic', () => {
    const main = estimate({ ...BASE, run: { stageFactor: 1 } });
    const staged = estimate({ ...BASE, run: { stageFactor: 1 }, stages: [{ tokens: 1e12 }] });
    expect(staged.run.cleanHours / main.run.cleanHours).toBeCloseTo(2, 6);
    expect(staged.flops.totalFlops / main.flops.totalFlops).toBeCloseTo(2, 9);
    expect(staged.run.steps).toBeGreaterThanOrEqual(2 * (main.run.steps ?? 0) - 1);
  });

  it('are slower per token with longer sequences, cut on their own', () => {
    const { run, step } = estimate({ ...BASE, stages: [{ tokens: 1e11, sequenceLength: 131_072 }] });
    const [long] = run.stages;
    expect(long?.sequenceLength).toBe(131_072);
    expect(long?.tokensPerSecondPerDevice).toBeLessThan(step?.tokensPerSecondPerDevice.p50 ?? 0);
    expect(long?.layout.contextParallel).toBeGreaterThan(1);
  });

  it('replace the factor for stages that nobody named', () => {
    expect(estimate({ ...BASE, stages: [{ tokens: 1e10 }] }).run.stageFactor).toBe(1.05);
  });

  it('are refused beyond the context, at their place', () => {
    const request: TrainingRequest = { ...BASE, stages: [{ tokens: 1e9 }, { tokens: 1e9, sequenceLength: 1e7 }] };
    expect(() => estimate(request)).toThrow(RequestFaultError);
    try {
      estimate(request);
    } catch (error) {
      expect((error as RequestFaultError).faults[0]).toMatchObject({
        pointer: '/stages/1/sequenceLength',
        rule: 'maximum',
      });
    }
  });

  it('a batch ramp stretches the main stage alone', () => {
    const hours = (batchRampFactor: number) =>
      estimate({ ...BASE, run: { stageFactor: 1, batchRampFactor } }).run.wallClockDays.p50;
    expect(hours(1.1) / hours(1)).toBeCloseTo(1.1, 6);
  });
});
