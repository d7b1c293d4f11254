import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoderShape } from '../../../../src/domain/training/compute-optimal/decoder-shape.ts';
import {
  computeOptimal,
  expectedLoss,
  inferenceOptimal,
  lifetimeFlops,
  SCALING_LAWS,
  sizeFactor,
  tokensForLoss,
  trainingFlopsOf,
} from '../../../../src/domain/training/compute-optimal/scaling-law.ts';

const { besiroglu_2024: refit, hoffmann_2022: hoffmann } = SCALING_LAWS;
/** Gopher and Chinchilla (arXiv 2203.15556). */
const CHINCHILLA_FLOPS = 5.76e23;
const budgets = fc.double({ min: 18, max: 27, noNaN: true }).map((exponent) => 10 ** exponent);

describe('the compute-optimal allocation', () => {
  it('of the re-fit is about 20 tokens per parameter at the budget of Chinchilla, 70 B on 1.4 T', () => {
    const { parameters, tokens } = computeOptimal(refit, CHINCHILLA_FLOPS);
    expect(tokens / parameters).toBeGreaterThan(16);
    expect(tokens / parameters).toBeLessThan(25);
    expect(Math.abs(parameters / 70e9 - 1)).toBeLessThan(0.1);
    expect(Math.abs(tokens / 1.4e12 - 1)).toBeLessThan(0.1);
  });

  it('of approach 3 as published is a smaller model for longer: about 40 B there', () => {
    expect(Math.abs(computeOptimal(hoffmann, CHINCHILLA_FLOPS).parameters / 40e9 - 1)).toBeLessThan(0.2);
  });

  it('spends the budget, and no other split of it reaches a lower loss', () => {
    const split = fc.double({ min: 0.1, max: 10, noNaN: true });
    fc.assert(
      fc.property(budgets, split, fc.constantFrom(refit, hoffmann), (flops, factor, law) => {
        const optimum = computeOptimal(law, flops);
        expect(trainingFlopsOf(optimum) / flops).toBeCloseTo(1, 9);
        const other = { parameters: optimum.parameters * factor, tokens: optimum.tokens / factor };
        expect(expectedLoss(law, other)).toBeGreaterThanOrEqual(expectedLoss(law, optimum) - 1e-12);
      }),
    );
  });

  it('gives the re-fitted loss of Chinchilla, about 1.98', () => {
    expect(expectedLoss(refit, { parameters: 70e9, tokens: 1.4e12 })).toBeCloseTo(1.97, 1);
  });

  it('is surest where the law was fitted', () => {
    expect(sizeFactor(refit, 1e25).p90).toBeGreaterThan(sizeFactor(refit, 1e22).p90);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d FLOPs', (flops) => {
    expect(() => computeOptimal(refit, flops)).toThrow(RangeError);
  });
});

describe('over-training for inference', () => {
  it('saves about 17 % of lifetime FLOPs for a 13 B model with 2 T tokens of inference (arXiv 2401.00448, figure 1)', () => {
    // the size of 13 B that is compute-optimal by approach 3 as published
    let flops = 1e22;
    for (let step = 0; step < 60; step++) flops *= (13e9 / computeOptimal(hoffmann, flops).parameters) ** 1.5;
    const optimum = computeOptimal(hoffmann, flops);
    const smaller = inferenceOptimal(hoffmann, optimum, 2e12);
    const saved = 1 - lifetimeFlops(smaller, 2e12) / lifetimeFlops(optimum, 2e12);
    expect(smaller.parameters).toBeLessThan(optimum.parameters);
    expect(saved).toBeGreaterThan(0.1);
    expect(saved).toBeLessThan(0.25);
  });

  it('reaches the same loss, with a smaller model the more is inferred, and changes nothing without inference', () => {
    const inference = fc.double({ min: 9, max: 15, noNaN: true }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(budgets, inference, (flops, tokens) => {
        const optimum = computeOptimal(refit, flops);
        const some = inferenceOptimal(refit, optimum, tokens);
        const more = inferenceOptimal(refit, optimum, tokens * 10);
        expect(expectedLoss(refit, some)).toBeCloseTo(expectedLoss(refit, optimum), 6);
        expect(more.parameters).toBeLessThanOrEqual(some.parameters * (1 + 1e-6));
        expect(lifetimeFlops(some, tokens)).toBeLessThanOrEqual(lifetimeFlops(optimum, tokens) * (1 + 1e-9));
      }),
    );
    const optimum = computeOptimal(refit, 1e22);
    expect(inferenceOptimal(refit, optimum, 0).parameters / optimum.parameters).toBeCloseTo(1, 3);
  });

  it('knows losses that a size never reaches', () => {
    expect(tokensForLoss(refit, 1e8, 1.9)).toBeNull();
  });
});

describe('a decoder of a size', () => {
  it('meets the size within a twentieth and can be built', () => {
    fc.assert(
      fc.property(fc.double({ min: 7.5, max: 12.5, noNaN: true }), (exponent) => {
        const { model, parameters } = decoderShape(10 ** exponent, 8192);
        expect(Math.abs(parameters / 10 ** exponent - 1)).toBeLessThan(0.1);
        expect(model.attentionHeads % (model.kvHeads ?? 1)).toBe(0);
        expect(model.attentionHeads * (model.headDim ?? 0)).toBe(model.hiddenSize);
      }),
    );
  });

  it('is like the Llama of its size', () => {
    const eight = decoderShape(8.03e9, 8192).model;
    expect(eight).toMatchObject({
      hiddenSize: 4096,
      layers: 32,
      ffnHiddenSize: 14_336,
      attentionHeads: 32,
      kvHeads: 8,
    });
    expect(decoderShape(70e9, 8192).model.layers).toBeGreaterThan(60);
  });
});
