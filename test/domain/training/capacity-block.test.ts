/** A run on a capacity block pays for whole days, and its experiments use what is left of them. */
import { describe, expect, it } from 'vitest';
import { computeItems } from '../../../src/domain/training/budget-report.ts';
import type { FeasibleTraining } from '../../../src/domain/training/estimate-result.ts';
import { feasible, H100, infeasible } from './seeded-estimates.ts';

const computeUsd = ({ cost }: FeasibleTraining): number =>
  computeItems(cost).reduce((sum, { amount }) => sum + Number(amount.amount), 0);
const lineOf = ({ cost }: FeasibleTraining, id: string) => cost.lineItems.find((item) => item.id === id);
const rateOf = (answer: FeasibleTraining): number =>
  lineOf(answer, 'compute')?.inputs.find(({ name }) => name === 'pricePerDeviceHour')?.value ?? Number.NaN;

const SHORT = {
  model: 'meta-llama/Llama-3.1-8B',
  tokens: 1e7,
  method: 'lora',
  device: H100,
  cluster: { devices: 8 },
  purchase: { category: 'capacity_block' },
  run: { experimentsMultiple: 2 },
} as const;

describe('a run on a capacity block', () => {
  it('of an hour pays for a day, in which its experiments are done as well', () => {
    const answer = feasible(SHORT);
    expect(answer.run.wallClockDays.p50).toBeLessThan(0.2);
    expect(computeUsd(answer)).toBeCloseTo(24 * 8 * rateOf(answer), 2);
    expect(Number(lineOf(answer, 'experiments')?.amount.amount ?? 0)).toBe(0);
    expect(
      lineOf(feasible({ ...SHORT, purchase: { category: 'on_demand' } }), 'compute.rest_of_block'),
    ).toBeUndefined();
  });

  it('of days pays for whole ones, and experiments beyond them apart', () => {
    const answer = feasible({ ...SHORT, method: 'pretraining', tokens: 1e10, run: { experimentsMultiple: 3 } });
    const days = answer.run.wallClockDays.p50;
    expect(days).toBeGreaterThan(1);
    expect(computeUsd(answer)).toBeCloseTo(Math.ceil(days) * 24 * 8 * rateOf(answer), 0);
    const rest = (Math.ceil(days) - days) * 24 * 8;
    const experiments = answer.run.experimentDeviceHours - rest;
    expect(Number(lineOf(answer, 'experiments')?.amount.amount)).toBeCloseTo(experiments * rateOf(answer), 0);
  });

  it('is held against a budget with all of its block', () => {
    const usd = computeUsd(feasible(SHORT));
    expect(feasible({ ...SHORT, budgetUsd: String(Math.ceil(usd)) }).budget?.computeUsd).toBeCloseTo(usd, 2);
    expect(infeasible({ ...SHORT, budgetUsd: String(Math.floor(usd * 0.5)) }).status).toBe('infeasible');
  });
});
