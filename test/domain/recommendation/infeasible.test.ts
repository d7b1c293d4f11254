/** Nothing fits: the reasons cover everything, and every change named makes something feasible. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InferenceRecommendationRequest } from '../../../src/domain/recommendation/request.ts';
import { withChange } from '../../../src/domain/recommendation/smallest-change.ts';
import { snapshot } from '../seed.ts';
import { feasible, infeasible, recommend } from './seeded.ts';

const impossible: readonly (readonly [string, InferenceRecommendationRequest, string])[] = [
  [
    'a budget',
    {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1e6 },
      constraints: { monthlyBudgetUsd: '1000' },
    },
    '/constraints/monthlyBudgetUsd',
  ],
  [
    'a country without prices',
    { inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1e5 }, constraints: { countries: ['PK'] } },
    '/purchase/accept',
  ],
  [
    'a latency that no device reaches',
    {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1e6, objectives: { timePerOutputTokenMsP95: 2 } },
    },
    '/inference/objectives/timePerOutputTokenMsP95',
  ],
  [
    'memory of the devices asked for',
    {
      inference: { model: 'meta-llama/Llama-3.1-405B', requestsPerDay: 1e5 },
      constraints: { devices: ['nvidia-h100-sxm5-80gb'] },
    },
    '/constraints/minAccuracyPercent',
  ],
  [
    'two limits at once',
    {
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1e6 },
      constraints: { providers: ['aws'], monthlyBudgetUsd: '500', deviceClasses: ['tpu'] },
    },
    '/constraints/',
  ],
];

describe('the smallest change', () => {
  it.each(['0', '0.000001'])(
    'of a budget of %s is that of any budget that pays for nothing',
    async (monthlyBudgetUsd) => {
      const inference = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1e6 };
      const of = async (budget: string) =>
        (await infeasible({ inference, constraints: { monthlyBudgetUsd: budget } })).smallestChanges[0]?.changes;
      expect(await of(monthlyBudgetUsd)).toEqual(await of('1'));
    },
  );

  it('is one change where one is enough, however much it takes', async () => {
    const { smallestChanges } = await infeasible({
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1e6 },
      constraints: { monthlyBudgetUsd: '500', countries: ['DE'] },
    });
    expect(smallestChanges[0]?.changes.map(({ field }) => field)).toEqual(['/constraints/monthlyBudgetUsd']);
  });

  it.each(impossible)('of %s is found and works', async (_name, request, field) => {
    const { smallestChanges, leftOut, searched, summary } = await infeasible(request);
    expect(searched.feasible).toBe(0);
    expect(leftOut.groups.reduce((sum, { count }) => sum + count, 0)).toBe(leftOut.families);
    expect(smallestChanges.length).toBeGreaterThan(0);
    expect(smallestChanges.flatMap(({ changes }) => changes.map((change) => change.field)).join(' ')).toContain(field);
    expect(summary).toContain(smallestChanges[0]?.changes[0]?.field);
    for (const { changes, total } of smallestChanges) {
      const after = await feasible({ ...changes.reduce(withChange, request), maxOptions: 1 });
      expect(Number(after.options[0]?.estimate.costPerMonth.total.amount.amount)).toBeCloseTo(Number(total.amount), 2);
    }
    const counts = smallestChanges.map(({ changes }) => changes.length);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });
});

describe('what was left out', () => {
  it('comes in pages that do not overlap and cover all, whatever their size', async () => {
    const request = { inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1e6 }, maxOptions: 1 };
    const whole = (await feasible({ ...request, leftOut: { limit: 500 } })).leftOut;
    expect(whole.items).toHaveLength(whole.families);
    expect(new Set(whole.items.map(({ familyId }) => familyId)).size).toBe(whole.families);
    const sizes = fc.integer({ min: 20, max: 120 });
    await fc.assert(
      fc.asyncProperty(sizes, async (limit) => {
        const pages: string[] = [];
        for (let offset: number | null = 0; offset !== null; ) {
          const { leftOut }: Awaited<ReturnType<typeof feasible>> = await feasible({
            ...request,
            leftOut: { limit, offset },
          });
          pages.push(...leftOut.items.map(({ familyId }) => familyId));
          offset = leftOut.nextOffset;
        }
        expect(pages).toEqual(whole.items.map(({ familyId }) => familyId));
      }),
      { numRuns: 2, seed: 1 },
    );
    const ofMemory = await feasible({ ...request, leftOut: { constraint: 'memory', limit: 500 } });
    const { count } = whole.groups.find(({ constraint }) => constraint === 'memory') ?? { count: 0 };
    expect(ofMemory.leftOut.items).toHaveLength(count);
    expect(ofMemory.leftOut.items.find(({ deviceId }) => deviceId === 'nvidia-t4-16gb')?.failures[0]).toMatchObject({
      constraint: 'memory',
      unit: 'bytes per device',
    });
  }, 30_000);

  it('accounts for every device of the catalog: it is offered, or it is left out with a reason', async () => {
    const answer = await recommend({
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1e5 },
      purchase: { accept: ['on_demand'] },
      maxOptions: 1000,
      leftOut: { limit: 2000 },
    });
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    const named = new Set(answer.leftOut.items.map(({ deviceId }) => deviceId));
    expect(answer.options).toHaveLength(answer.optionCount);
    for (const { option } of answer.options) named.add(option.point.device.id);
    expect(snapshot.devices.filter(({ id }) => !named.has(id)).map(({ id }) => id)).toEqual([]);
  });
});
