import { describe, expect, it } from 'vitest';
import {
  fixedLength,
  lengthFromHistogram,
  lengthFromPercentile,
  lengthNodes,
  lengthQuantile,
} from '../../../../src/domain/inference/step/lengths.ts';
import { uncertainty } from '../../../../src/domain/inference/step/uncertainty.ts';
import { deepseek, h100, mixtral, orin, serve } from '../fixtures.ts';

describe('bands', () => {
  it('come from the nearest measured group', () => {
    const factor = uncertainty(serve(), 'tpot');
    expect(factor.basis.id).toBe('inference/tpot/dense/hopper/vllm');
    expect(factor.basis.kind).toBe('residuals');
    expect(factor.basis.cases).toBeGreaterThan(50);
    expect(factor.p10).toBeLessThan(factor.p50);
    expect(factor.p50).toBeLessThan(factor.p90);
  });

  it('are wider for mixtures of experts than for dense models, and for the first token than for the next', () => {
    const width = ({ p10, p90 }: { p10: number; p90: number }) => p90 / p10;
    expect(width(uncertainty(serve({ model: mixtral }), 'tpot'))).toBeGreaterThan(width(uncertainty(serve(), 'tpot')));
    expect(width(uncertainty(serve(), 'ttft'))).toBeGreaterThan(width(uncertainty(serve(), 'tpot')));
    expect(uncertainty(serve({ model: deepseek, weightFormat: 'fp8' }), 'tpot').basis.id).toContain('moe_mla');
  });

  it('are called assumed where nothing of the kind was measured', () => {
    const other = serve({ device: { ...h100, vendor: 'AMD' } });
    expect(uncertainty(other, 'tpot').basis.kind).toBe('assumed');
    expect(uncertainty(other, 'tpot').p90).toBeGreaterThan(uncertainty(serve(), 'tpot').p90);
  });

  it('of single-stream decoding turn around for times', () => {
    const board = serve({ device: orin, engine: 'llama_cpp', weightFormat: 'int4' });
    const rate = uncertainty(board, 'decode_edge');
    const time = uncertainty(board, 'tpot');
    expect(time.p90).toBeCloseTo(1 / rate.p10, 12);
    expect(uncertainty(board, 'tpot')).toBe(time);
  });
});

describe('lengths', () => {
  it('of a histogram keep mean and spread', () => {
    const length = lengthFromHistogram([
      { tokens: 100, weight: 1 },
      { tokens: 300, weight: 1 },
    ]);
    expect(length.mean).toBe(200);
    expect(length.coefficientOfVariation).toBe(0.5);
    expect(() => lengthFromHistogram([])).toThrow(RangeError);
    expect(() => lengthFromHistogram([{ tokens: 1, weight: -1 }])).toThrow(RangeError);
  });

  it('of a mean and a percentile give the percentile back', () => {
    const length = lengthFromPercentile(500, 1500, 0.95);
    expect(lengthQuantile(length, 0.95)).toBeCloseTo(1500, 6);
    expect(lengthFromPercentile(500, 500, 0.95).coefficientOfVariation).toBe(0);
  });

  it('as nodes keep mean and, with five, the second moment', () => {
    const length = { mean: 1000, coefficientOfVariation: 0.8 };
    for (const count of [3, 5] as const) {
      const nodes = lengthNodes(length, count);
      expect(nodes.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
      expect(nodes.reduce((sum, { tokens, weight }) => sum + tokens * weight, 0) / 1000).toBeCloseTo(1, 1);
    }
    const second = lengthNodes(length, 5).reduce((sum, { tokens, weight }) => sum + tokens ** 2 * weight, 0);
    expect(second / 1000 ** 2 / (1 + 0.64)).toBeCloseTo(1, 1);
    expect(lengthNodes(fixedLength(7), 5)).toEqual([{ tokens: 7, weight: 1 }]);
  });
});
