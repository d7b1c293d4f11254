import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedRequest } from '../../../../src/domain/estimate/changed-request.ts';
import { toNumber } from '../../../../src/domain/money.ts';
import { computeItems } from '../../../../src/domain/training/budget-report.ts';
import type { FeasibleTraining } from '../../../../src/domain/training/estimate-result.ts';
import type { TrainingRequest } from '../../../../src/domain/training/request.ts';
import { estimate, feasible, H100 } from '../seeded-estimates.ts';

const computeOf = ({ cost }: FeasibleTraining): number =>
  computeItems(cost).reduce((sum, { amount }) => sum + toNumber(amount), 0);

/** The request with the advice followed to the letter, and its answer. */
function relaxed(request: TrainingRequest, answer: FeasibleTraining): FeasibleTraining | null {
  const { relaxation } = answer.bindingConstraint;
  return relaxation === null ? null : feasible(changedRequest(request, relaxation.field, relaxation.to));
}

describe('the change named for a feasible run', () => {
  const requests: fc.Arbitrary<TrainingRequest> = fc.record(
    {
      model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-70B', 'Qwen/Qwen3-30B-A3B'),
      tokens: fc.constantFrom(1e8, 1e10, 1e12, 1e13),
      device: fc.constantFrom(H100, 'nvidia-a100-sxm4-80gb', 'nvidia-b200-sxm-180gb'),
      method: fc.constantFrom('pretraining' as const, 'lora' as const),
      deadlineDays: fc.constantFrom(10, 60, 400),
      cluster: fc.constantFrom({ devices: 64 }, { devices: 512 }),
      purchase: fc.constantFrom<NonNullable<TrainingRequest['purchase']>>({ usdPerDeviceHour: '2.00' }),
      stages: fc.constantFrom([{ tokens: 1e9, sequenceLength: 32_768 }]),
    },
    { requiredKeys: ['model', 'tokens', 'device'] },
  );

  it('changes what binds, and is not dearer unless it is clearly faster', () => {
    const fields = new Set<string>();
    fc.assert(
      fc.property(requests, (request) => {
        const answer = estimate(request);
        if (answer.status === 'infeasible') return;
        const after = relaxed(request, answer);
        if (after === null) return;
        const { constraint, relaxation } = answer.bindingConstraint;
        fields.add(`${constraint} ${relaxation?.field}`);
        expect(relaxation?.to).not.toBe(relaxation?.from);
        expect(after.bindingConstraint.constraint).not.toBe(constraint);
        const dearer = computeOf(after) / computeOf(answer);
        const faster = after.run.wallClockDays.p50 / answer.run.wallClockDays.p50;
        expect(dearer <= 1.1 || (faster <= 2 / 3 && dearer * faster <= 1 && dearer <= 2)).toBe(true);
        expect(dearer < 1 || faster < 1).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect(fields.size).toBeGreaterThan(0);
  });
});

describe('a deadline that decides the size of the cluster', () => {
  const request: TrainingRequest = { model: 'meta-llama/Llama-3.1-8B', tokens: 15e12, device: H100 };

  it('names no smaller cluster where that costs more', () => {
    // half the devices lengthen the run, and people and waiting are not hardware: only a cheaper run is advice
    const answer = feasible(request);
    const { constraint, relaxation } = answer.bindingConstraint;
    expect(constraint).toBe('deadline');
    if (relaxation === null) return;
    expect(computeOf(feasible(changedRequest(request, relaxation.field, relaxation.to)))).toBeLessThan(
      computeOf(answer),
    );
  });

  it('names a later deadline where the caller set one, and says what half the cluster takes', () => {
    const hurried: TrainingRequest = { ...request, tokens: 5e11, deadlineDays: 20 };
    const { constraint, relaxation, explanation } = feasible(hurried).bindingConstraint;
    expect(constraint).toBe('deadline');
    expect(explanation).toMatch(/devices would take [\d.]+ days, 20 days are allowed/);
    expect(relaxation?.field).toBe('/deadlineDays');
    expect(relaxation?.from).toBe(20);
    // years instead of weeks are no advice
    expect(feasible({ ...request, deadlineDays: 20 }).bindingConstraint.relaxation).toBeNull();
  });

  it('is not what binds where fewer devices cannot hold the model', () => {
    const { bindingConstraint, cluster } = feasible({
      model: 'meta-llama/Llama-3.1-405B',
      tokens: 1e9,
      device: H100,
      deadlineDays: 4000,
    });
    expect(cluster.devices).toBeGreaterThan(8);
    expect(bindingConstraint.constraint).toBe('memory');
  });
});
