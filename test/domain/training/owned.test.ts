import { describe, expect, it } from 'vitest';
import { computeItems } from '../../../src/domain/training/budget-report.ts';
import type { FeasibleTraining } from '../../../src/domain/training/estimate-result.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { estimate, feasible, H100, infeasible } from './seeded-estimates.ts';

const hardwareUsd = ({ cost }: FeasibleTraining): number =>
  computeItems(cost).reduce((sum, { amount }) => sum + Number(amount.amount), 0);

/** Cards that are cheap to buy and dear to power and house. */
const CARDS = ['nvidia-rtx-4090-24gb', 'nvidia-l40s-48gb'];
const OTHERS = ['nvidia-b300-sxm-288gb', 'intel-gaudi3-128gb', H100];

describe('owned hardware', () => {
  it.each<TrainingRequest>([
    { model: 'meta-llama/Llama-3.1-8B', tokens: 1e11, purchase: { category: 'owned' } },
    { model: 'meta-llama/Llama-3.1-8B', tokens: 1e8, method: 'lora', purchase: { category: 'owned' } },
    { model: 'resnet50-v1.5', images: 115_000_000, purchase: { category: 'owned' } },
  ])('is chosen by its whole bill, with power and hall: %j', (request) => {
    const open = feasible(request);
    for (const device of [...CARDS, ...OTHERS]) {
      const named = estimate({ ...request, device });
      if (named.status !== 'feasible') continue;
      expect(hardwareUsd(open)).toBeLessThanOrEqual(hardwareUsd(named) * (1 + 1e-6));
    }
    for (const { deviceId, computeUsd } of open.selection.alternatives) {
      expect(hardwareUsd(feasible({ ...request, device: deviceId }))).toBeCloseTo(computeUsd, 2);
    }
  });

  it('is held against the budget by that bill, and so is the budget that is advised', () => {
    const request = {
      model: 'meta-llama/Llama-3.1-8B',
      tokens: 1e11,
      device: H100,
      purchase: { category: 'owned' },
    } as const;
    const usd = hardwareUsd(feasible(request));
    const { relaxation } = infeasible({ ...request, budgetUsd: (usd * 0.6).toFixed(2) });
    expect(relaxation?.field).toBe('/budgetUsd');
    const relaxed = feasible({ ...request, budgetUsd: String(relaxation?.to) });
    expect(hardwareUsd(relaxed)).toBeLessThanOrEqual(Number(relaxation?.to));
  });
});
