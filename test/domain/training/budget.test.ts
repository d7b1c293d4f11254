import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import type { FeasibleTraining } from '../../../src/domain/training/estimate-result.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { snapshot } from '../seed.ts';
import { estimate, feasible, H100, infeasible } from './seeded-estimates.ts';

const FINE_TUNE: TrainingRequest = { model: 'Qwen/Qwen2.5-7B-Instruct', tokens: 1e8, method: 'full_fine_tuning' };
const PRETRAIN: TrainingRequest = { model: 'meta-llama/Llama-3.1-8B', tokens: 1e12, device: H100 };

describe('a budget', () => {
  it('of 500 USD pays for fine-tuning a 7B model, not for the whole bill, and the answer says which', () => {
    const { budget, summary } = feasible({ ...FINE_TUNE, budgetUsd: '500' });
    expect(budget?.computeUsd).toBeLessThan(500);
    expect(budget?.computeLikelihood).toBe('nine_in_ten');
    expect(budget?.coversWholeBill).toBe(false);
    expect(summary).toContain('pays for the hardware of the run');
    expect(summary).toContain('does not cover the whole bill');
  });

  it('chooses the fastest cluster it pays for: the next larger one exceeds it', () => {
    const budgetUsd = '180000';
    const answer = feasible({ ...PRETRAIN, budgetUsd, cluster: { objective: 'fastest' } });
    expect(answer.budget?.computeUsd).toBeLessThanOrEqual(180_000);
    expect(answer.bindingConstraint.constraint).toBe('budget');
    const { relaxation } = answer.bindingConstraint;
    expect(relaxation?.field).toBe('/budgetUsd');
    const richer = feasible({ ...PRETRAIN, budgetUsd: String(relaxation?.to), cluster: { objective: 'fastest' } });
    expect(richer.cluster.devices).toBeGreaterThan(answer.cluster.devices);
    expect(richer.run.wallClockDays.p50).toBeLessThan(answer.run.wallClockDays.p50);
  });

  it('never slows down when it grows, and is never exceeded', () => {
    const thousand = fc.integer({ min: 200, max: 2000 });
    fc.assert(
      fc.property(thousand, thousand, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((value) =>
          feasible({ ...PRETRAIN, budgetUsd: String(value * 1000), cluster: { objective: 'fastest' } }),
        ) as [FeasibleTraining, FeasibleTraining];
        expect(more.run.wallClockDays.p50).toBeLessThanOrEqual(less.run.wallClockDays.p50);
        for (const { budget } of [less, more]) {
          expect(budget?.computeUsd).toBeLessThanOrEqual(Number(budget?.budgetUsd) + 0.01);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('that is too small is infeasible, and the budget named as nearest is enough', () => {
    for (const request of [
      { ...FINE_TUNE, budgetUsd: '1' },
      { ...PRETRAIN, budgetUsd: '100000' },
    ]) {
      const { reasons, relaxation } = infeasible(request);
      expect(reasons[0]).toMatchObject({ constraint: 'budget', unit: 'USD' });
      expect(relaxation?.field).toBe('/budgetUsd');
      feasible({ ...request, budgetUsd: String(relaxation?.to) });
    }
  });

  it('that only the deadline stands against names the days that keep it', () => {
    const request: TrainingRequest = { ...PRETRAIN, deadlineDays: 0.5, budgetUsd: '170000' };
    const { relaxation } = infeasible(request);
    expect(relaxation?.field).toBe('/deadlineDays');
    feasible({ ...request, deadlineDays: Number(relaxation?.to) });
  });

  it('in device-hours counts the paid ones', () => {
    const answer = feasible({ ...PRETRAIN, budgetDeviceHours: 60_000, cluster: { objective: 'fastest' } });
    expect(answer.run.deviceHours.p50).toBeLessThanOrEqual(60_000);
    const { reasons, relaxation } = infeasible({ ...PRETRAIN, budgetDeviceHours: 1000 });
    expect(reasons[0]).toMatchObject({ constraint: 'budget', required: 1000, unit: 'device-hours' });
    expect(relaxation?.field).toBe('/budgetDeviceHours');
  });

  it('holds for vision models too', () => {
    const request: TrainingRequest = { model: 'resnet50-v1.5', images: 115_000_000, device: 'nvidia-a100-sxm4-80gb' };
    expect(feasible({ ...request, budgetUsd: '5000' }).budget?.computeUsd).toBeLessThan(5000);
    expect(infeasible({ ...request, budgetUsd: '1' }).reasons[0]).toMatchObject({ constraint: 'budget', unit: 'USD' });
  });
});

describe('the fastest cluster', () => {
  it.each([
    { model: 'meta-llama/Llama-3.1-8B', tokens: 1e11, budgetUsd: '60000' },
    { model: 'meta-llama/Llama-3.1-8B', tokens: 1e10 },
  ] as TrainingRequest[])('is on no device slower than any named outright: %j', (request) => {
    const chosen = feasible({ ...request, cluster: { objective: 'fastest' } });
    const each = snapshot.devices
      .filter((device) => device.class !== 'edge' && device.class !== 'cpu')
      .map(({ id }) => estimate({ ...request, device: id, cluster: { objective: 'fastest' } }))
      .flatMap((answer) => (answer.status === 'feasible' ? [answer.run.wallClockDays.p50] : []));
    expect(each.length).toBeGreaterThan(10);
    expect(chosen.run.wallClockDays.p50).toBeCloseTo(Math.min(...each), 6);
  });

  it('is faster than the smallest and costs more', () => {
    const smallest = feasible(PRETRAIN);
    const fastest = feasible({ ...PRETRAIN, cluster: { objective: 'fastest' } });
    expect(fastest.run.wallClockDays.p50).toBeLessThan(smallest.run.wallClockDays.p50);
    expect(fastest.cluster.devices).toBeGreaterThan(smallest.cluster.devices);
  });

  it('does not make a run of an hour shorter', () => {
    const answer = feasible({ ...FINE_TUNE, device: H100, cluster: { objective: 'fastest' } });
    expect(answer.cluster.devices).toBeLessThanOrEqual(8);
  });
});

describe('a capacity block', () => {
  it('is a purchase of its own where the catalog has such prices', () => {
    const answer = feasible({ ...PRETRAIN, tokens: 1e11, purchase: { category: 'capacity_block' } });
    expect(answer.prices[0]?.category).toBe('capacity_block');
  });
});

describe('a contradictory budget', () => {
  it.each([
    [{ budgetUsd: '0' }, '/budgetUsd', 'exclusiveMinimum'],
    [{ cluster: { devices: 8, objective: 'fastest' } }, '/cluster/objective', 'contradiction'],
  ] as [Partial<TrainingRequest>, string, string][])('%j is refused at %s by %s', (change, pointer, rule) => {
    try {
      estimate({ ...PRETRAIN, ...change });
    } catch (error) {
      if (!(error instanceof RequestFaultError)) throw error;
      expect(error.faults[0]).toMatchObject({ pointer, rule });
      return;
    }
    throw new Error('The request was taken.');
  });
});
