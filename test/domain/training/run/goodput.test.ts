import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GOODPUT_DEFAULTS, type GoodputInput, goodput } from '../../../../src/domain/training/index.ts';

/** Llama 3 405B: 2,048 nodes, 419 unplanned interruptions in 54 days. */
const llama3: GoodputInput = {
  nodes: 2048,
  failuresPerNodeDay: 419 / 54 / 2048,
  checkpointBytes: 405e9 * 14,
  storageBytesPerSecond: 2e12,
  asynchronousCheckpoints: true,
  recoverySeconds: 600,
  spotInterruptionsPerNodeDay: 0,
  reacquireSeconds: 0,
  slowNodeShare: 0,
  evaluationShare: 0,
};

test('Llama 3 405B: over 90 % effective training time, about 7.8 interruptions a day', () => {
  const result = goodput(llama3);
  expect(result.failuresPerDay).toBeCloseTo(7.76, 1);
  expect(result.effectiveTrainingTimeRatio).toBeGreaterThan(0.9);
  expect(result.effectiveTrainingTimeRatio).toBeLessThan(0.97);
});

test('the interval is Young/Daly: sqrt(2 w M) - w', () => {
  const result = goodput({ ...llama3, asynchronousCheckpoints: false });
  const w = llama3.checkpointBytes / llama3.storageBytesPerSecond;
  const between = 86_400 / result.failuresPerDay;
  expect(result.checkpointSeconds).toBeCloseTo(w, 9);
  expect(result.checkpointIntervalSeconds).toBeCloseTo(Math.max(60, Math.sqrt(2 * w * between) - w), 6);
});

test('no other interval does better (Young/Daly is the optimum)', () => {
  const input = { ...llama3, asynchronousCheckpoints: false, storageBytesPerSecond: 2e10 };
  const { checkpointIntervalSeconds: t, checkpointSeconds: w, failuresPerDay } = goodput(input);
  const lost = (interval: number) => w / interval + (failuresPerDay / 86_400) * (interval / 2);
  // the exact optimum lies within w of the formula
  expect(lost(t)).toBeLessThanOrEqual(Math.min(lost(t * 1.2), lost(t * 0.8)) * 1.02);
});

const positive = (max: number) => fc.double({ min: 0, max, noNaN: true });
const inputs = fc.record<GoodputInput>({
  nodes: fc.integer({ min: 1, max: 20_000 }),
  failuresPerNodeDay: positive(0.1),
  checkpointBytes: positive(1e14),
  storageBytesPerSecond: fc.double({ min: 1e8, max: 1e13, noNaN: true }),
  asynchronousCheckpoints: fc.boolean(),
  recoverySeconds: positive(7200),
  spotInterruptionsPerNodeDay: positive(2),
  reacquireSeconds: positive(7200),
  slowNodeShare: positive(0.3),
  evaluationShare: positive(0.3),
});

describe('properties', () => {
  test('ratios lie in (0, 1], shares and productive time sum to the whole', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const result = goodput(input);
        expect(result.goodput).toBeGreaterThan(0);
        expect(result.goodput).toBeLessThanOrEqual(1);
        const lost = Object.values(result.shares).reduce((sum, share) => sum + share, 0);
        expect(result.goodput + lost).toBeCloseTo(1, 9);
      }),
    );
  });

  test('more failures, slower recovery or spot never help', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const before = goodput(input).goodput;
        const worse: Partial<GoodputInput>[] = [
          { recoverySeconds: input.recoverySeconds + 600 },
          { reacquireSeconds: input.reacquireSeconds + 600 },
          { evaluationShare: input.evaluationShare + 0.1 },
        ];
        for (const change of worse)
          expect(goodput({ ...input, ...change }).goodput).toBeLessThanOrEqual(before + 1e-12);
        const failing = { ...input, asynchronousCheckpoints: false, failuresPerNodeDay: input.failuresPerNodeDay * 2 };
        expect(goodput(failing).goodput).toBeLessThanOrEqual(
          goodput({ ...input, asynchronousCheckpoints: false }).goodput + 0.01,
        );
      }),
    );
  });
});

test('without failures a checkpoint a day is kept', () => {
  const result = goodput({ ...llama3, failuresPerNodeDay: 0 });
  expect(result.checkpointIntervalSeconds).toBe(86_400);
  expect(result.effectiveTrainingTimeRatio).toBeGreaterThan(0.999);
});

test('no checkpoint starts before the last one is written, however slow the storage', () => {
  const slow = goodput({ ...llama3, storageBytesPerSecond: 1e7 });
  expect(slow.checkpointIntervalSeconds).toBe(llama3.checkpointBytes / 1e7);
});

test('spot costs more than on-demand', () => {
  const spot = goodput({
    ...llama3,
    nodes: 16,
    spotInterruptionsPerNodeDay: GOODPUT_DEFAULTS.spotInterruptionsPerNodeDay.value,
    reacquireSeconds: GOODPUT_DEFAULTS.reacquireSeconds.value,
  });
  expect(spot.goodput).toBeLessThan(goodput({ ...llama3, nodes: 16 }).goodput);
  expect(spot.shares.reacquisition).toBeGreaterThan(0);
});

test('absurd input is an error', () => {
  expect(() => goodput({ ...llama3, nodes: 0 })).toThrow(RangeError);
  expect(() => goodput({ ...llama3, failuresPerNodeDay: -1 })).toThrow('failuresPerNodeDay');
  expect(() => goodput({ ...llama3, evaluationShare: 1 })).toThrow(RangeError);
  expect(() => goodput({ ...llama3, recoverySeconds: Number.NaN })).toThrow(RangeError);
});
