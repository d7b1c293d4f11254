/** Statements that are commonly made of the economics of AI, held against the service: where they hold and where not. */
import { describe, expect, it } from 'vitest';
import {
  CHAT,
  FINE_TUNED,
  FROM_SCRATCH,
  FROM_SCRATCH_FOR_MANY,
  inference,
  largeTraining,
  lifecycle,
  optimizations,
  SMALL_SERVICE,
  spotSavings,
} from '../../../scripts/readme/economics.ts';

describe('10 M requests a day', () => {
  const report = optimizations(CHAT);

  it('cost 0.3 to 3 M USD a month, and 0.001 to 0.10 USD a request', () => {
    const { costPerMonth, costPerRequest } = inference(CHAT);
    const usd = Number(costPerMonth.total.amount.amount);
    expect(usd).toBeGreaterThan(300_000);
    expect(usd).toBeLessThan(3_000_000);
    expect(Number(costPerRequest.amount.amount)).toBeGreaterThan(0.001);
    expect(Number(costPerRequest.amount.amount)).toBeLessThan(0.1);
  });

  it('optimization takes 50 to 90 % off, without a figure of the traffic that nobody measured', () => {
    expect(report.verdict.holds).toBe('yes');
    expect(report.best.savingPercent).toBeGreaterThan(50);
    expect(report.best.savingPercent).toBeLessThan(90);
    expect(report.best.qualityPercent).toBeGreaterThanOrEqual(98);
  });

  it('and does not for a service that its smallest deployment carries', () => {
    const small = optimizations(SMALL_SERVICE);
    expect(small.verdict.holds).not.toBe('yes');
    expect(small.best.savingPercent).toBeLessThan(50);
  });
});

describe('the day serving overtakes training', () => {
  it('comes within weeks for a fine-tuned model', () => {
    const { crossing, trainingShare } = lifecycle(FINE_TUNED);
    expect(crossing?.day).toBeLessThan(30);
    expect(crossing?.p90).toBeLessThan(90);
    expect(trainingShare.p50).toBeLessThan(0.05);
  });

  it('does not come within three years for the same model trained from scratch at the same load, and does at fifty times of it', () => {
    expect(lifecycle(FROM_SCRATCH).crossing).toMatchObject({ day: null });
    const many = lifecycle(FROM_SCRATCH_FOR_MANY);
    expect(many.crossing?.day).toBeLessThan(365);
    expect(many.trainingShare.p50).toBeLessThan(0.3);
  });
});

it('a large training takes tens to hundreds of millions', () => {
  const { cost } = largeTraining();
  const compute = cost.lineItems.find(({ id }) => id === 'compute');
  expect(Number(compute?.amount.amount)).toBeGreaterThan(50e6);
  expect(Number(compute?.amount.amount)).toBeLessThan(500e6);
  expect(Number(cost.total.amount.amount)).toBeLessThan(1e9);
});

it('spot saves about half after interruptions; 60 to 80 % at the better offers alone', () => {
  const { offers, listed, kept } = spotSavings();
  expect(offers).toBeGreaterThan(100);
  expect(kept[1]).toBeGreaterThan(0.3);
  expect(kept[1]).toBeLessThan(listed[1]);
  expect(listed[1]).toBeLessThan(0.6);
  expect(listed[2]).toBeGreaterThan(0.55);
});
