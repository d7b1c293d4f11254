import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LengthDistribution, lengthQuantile, withinContext } from '../../../src/domain/inference/step/lengths.ts';
import { feasible } from './seeded-estimates.ts';

const length = (mean: number, coefficientOfVariation: number): LengthDistribution => ({ mean, coefficientOfVariation });

describe('lengths within the context of a model', () => {
  it('keep their means, are no wider than asked, and pass its end in one request of a hundred at most', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 4000, noNaN: true }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.double({ min: 1, max: 4000, noNaN: true }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        (prompt, promptSpread, output, outputSpread) => {
          const asked = { promptTokens: length(prompt, promptSpread), outputTokens: length(output, outputSpread) };
          const within = withinContext(asked, 8192);
          expect(within.promptTokens.mean).toBe(prompt);
          expect(within.promptTokens.coefficientOfVariation).toBeLessThanOrEqual(promptSpread);
          expect(lengthQuantile(within.promptTokens, 0.99)).toBeLessThanOrEqual((8192 - output) * 1.0001);
          expect(lengthQuantile(within.outputTokens, 0.99)).toBeLessThanOrEqual((8192 - prompt) * 1.0001);
        },
      ),
    );
  });

  it('leave lengths alone that are far from its end, and those beyond it', () => {
    const usual = { promptTokens: length(1000, 1), outputTokens: length(200, 1) };
    expect(withinContext(usual, 131_072)).toBe(usual);
    const beyond = { promptTokens: length(9000, 1), outputTokens: length(200, 1) };
    expect(withinContext(beyond, 8192).promptTokens).toBe(beyond.promptTokens);
  });

  it('are all alike where prompt and output fill it to the last token', () => {
    const full = { promptTokens: length(7168, 1), outputTokens: length(1024, 1) };
    const within = withinContext(full, 8192);
    expect(within.promptTokens).toEqual(length(7168, 0));
    expect(within.outputTokens).toEqual(length(1024, 0));
  });

  it('wait for no prompt that the model cannot read', () => {
    // ten prompts of the longest length there is take less than this together
    const { performance, assumptions } = feasible({
      model: 'DeepSeek-V4-Pro',
      device: 'nvidia-b200-sxm-180gb',
      requestsPerDay: 2000,
      promptTokens: { mean: 900_000 },
    });
    if (performance.kind !== 'language') throw new Error('a language model answers as one');
    const { p50, p95 } = performance.ttftMs;
    expect(p95.p50).toBeLessThan(10 * p50.p50);
    expect(assumptions.map(({ id }) => id)).toContain('workload.prompt_within_context');
  });
});
