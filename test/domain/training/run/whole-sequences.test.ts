import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeSequences } from '../../../../src/domain/training/run/whole-sequences.ts';
import { feasible } from '../seeded-estimates.ts';

describe('the sequences of a batch told in round tokens', () => {
  it('is what the round number stands for', () => {
    expect(wholeSequences(16e6 / 8192, 16_384)).toBe(2048);
    expect(wholeSequences(4e6 / 8192, 256)).toBe(512);
    expect(wholeSequences(4e6 / 8192, undefined)).toBe(512);
    expect(wholeSequences(1e6 / 4096, 1000)).toBe(250);
  });

  it('stays as it is where it is whole, and within 5 % where it is not', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
        (sequences, devices) => {
          const whole = wholeSequences(sequences, devices);
          expect(Number.isInteger(whole) && whole >= 1).toBe(true);
          expect(Math.abs(whole - sequences)).toBeLessThanOrEqual(Math.max(1, 0.05 * sequences));
          expect(wholeSequences(whole, devices)).toBe(whole);
        },
      ),
    );
  });
});

it('a run of 16 M tokens a batch is the run of 2,048 sequences, and says so', () => {
  const run = {
    model: 'meta-llama/Llama-3.1-405B',
    tokens: 15.6e12,
    device: 'nvidia-h100-sxm5-80gb',
    cluster: { devices: 16_384 },
    sequenceLength: 8192,
  };
  const round = feasible({ ...run, globalBatchTokens: 16e6 });
  const exact = feasible({ ...run, globalBatchTokens: 2048 * 8192 });
  expect(round.workload.globalBatchTokens).toBe(2048 * 8192);
  expect(round.run).toEqual(exact.run);
  expect(round.assumptions.map(({ id }) => id)).toContain('run.global_batch_tokens.rounded');
  expect(exact.assumptions.map(({ id }) => id)).not.toContain('run.global_batch_tokens.rounded');
});
