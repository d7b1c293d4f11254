import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longerThan } from '../../../src/domain/economics/build-or-buy/long-prompts.ts';
import {
  type LengthDistribution,
  lengthened,
  lengthFromHistogram,
  lengthNodes,
  lengthQuantile,
  withinContext,
} from '../../../src/domain/inference/step/lengths.ts';
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

describe('lengths of a histogram', () => {
  const buckets = fc.array(
    fc.record({ tokens: fc.integer({ min: 1, max: 100_000 }), weight: fc.integer({ min: 0, max: 9 }) }),
    { minLength: 1, maxLength: 60 },
  );

  it('are taken as they are: few nodes with its mean, none outside of it, and no longer tail', () => {
    fc.assert(
      fc.property(buckets, (given) => {
        fc.pre(given.some(({ weight }) => weight > 0));
        const length = lengthFromHistogram(given);
        const nodes = lengthNodes(length, 5);
        const known = given.filter(({ weight }) => weight > 0).map(({ tokens }) => tokens);
        expect(nodes.length).toBeLessThanOrEqual(8);
        expect(nodes.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
        expect(nodes.reduce((sum, { tokens, weight }) => sum + tokens * weight, 0) / length.mean).toBeCloseTo(1, 9);
        for (const { tokens } of nodes) {
          expect(tokens).toBeGreaterThanOrEqual(Math.min(...known) * (1 - 1e-9));
          expect(tokens).toBeLessThanOrEqual(Math.max(...known) * (1 + 1e-9));
        }
        expect(lengthQuantile(length, 0.99)).toBeLessThanOrEqual(Math.max(...known));
      }),
    );
  });

  const halves = lengthFromHistogram([
    { tokens: 100, weight: 1 },
    { tokens: 7900, weight: 1 },
  ]);

  it('within the context of the model are left alone, and are drawn together about their mean beyond it', () => {
    const output = length(200, 0);
    expect(withinContext({ promptTokens: halves, outputTokens: output }, 8192).promptTokens).toBe(halves);
    const narrow = withinContext({ promptTokens: halves, outputTokens: output }, 6200).promptTokens;
    expect(narrow.mean).toBe(4000);
    expect(narrow.buckets?.map(({ tokens }) => Math.round(tokens))).toEqual([2000, 6000]);
  });

  it('decide themselves which prompts are charged as long', () => {
    expect(longerThan(halves, 8000)).toEqual({ requests: 0, promptTokens: 0 });
    expect(longerThan(halves, 7900)).toEqual({ requests: 0.5, promptTokens: 7900 / 8000 });
    expect(longerThan(lengthened(halves, 100), 8000).requests).toBe(0.5);
  });

  it('reach the first token of long prompts: half of 100 and half of 100,000 tokens', () => {
    const ttft = (promptTokens: object) => {
      const { performance } = feasible({
        model: 'meta-llama/Llama-3.1-8B',
        device: 'nvidia-h100-sxm5-80gb',
        requestsPerDay: 100,
        promptTokens,
      });
      if (performance.kind !== 'language') throw new Error('a language model answers as one');
      return performance.ttftMs;
    };
    const alone = ttft({ mean: 100_000, coefficientOfVariation: 0 }).p50.p50;
    const mixed = ttft({
      histogram: [
        { tokens: 100, share: 0.5 },
        { tokens: 100_000, share: 0.5 },
      ],
    });
    expect(mixed.p95.p50).toBeGreaterThan(alone);
  });
});
