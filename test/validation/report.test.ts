import { describe, expect, it } from 'vitest';
import { validationPage } from '../../scripts/validation/report.ts';
import { validationScatter } from '../../scripts/validation/scatter.ts';
import {
  binomialInterval,
  type Comparison,
  coverageMiss,
  groupRow,
  groupRows,
  thresholdMisses,
  type ValidationTable,
  weightedQuantile,
} from './table.ts';

const points: Comparison[] = [1, 2, 4, 8].map((measured) => ({
  id: `run ${measured}`,
  group: measured > 2 ? 'mixture of experts, vllm' : 'dense, vllm',
  predicted: measured * 1.1,
  measured,
  band: { p10: 0.8, p90: 1.2 },
  heldOut: measured * 1.25,
}));
const table: ValidationTable = {
  title: 'Closed-loop TPOT',
  rows: groupRows(points),
  points,
  uncovered: { 'no link | unknown': 3 },
};

describe('the report of the validation', () => {
  it('lists every group and what is not answered', () => {
    const page = validationPage([table]);
    expect(page).toContain('## Closed-loop TPOT');
    expect(page).toContain('| dense, vllm | 2 | 10.0 % |');
    expect(page).toContain('25.0 %');
    expect(page).toContain('| 1.50 |');
    expect(page).toContain('- 3 not answered: no link | unknown');
    expect(page).toContain('(validation.svg)');
  });

  it('draws every case once, inside its panel, and says the held-out error', () => {
    const svg = validationScatter([table, { ...table, title: 'A table that is not drawn' }]);
    const dots = [...svg.matchAll(/M(-?[\d.]+) (-?[\d.]+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(dots).toHaveLength(points.length);
    for (const coordinate of dots.flat()) {
      expect(coordinate).toBeGreaterThanOrEqual(0);
      expect(coordinate).toBeLessThanOrEqual(250);
    }
    expect(svg).toContain('4 cases, median error 25.0 %');
    expect(svg.match(/<path [^>]*stroke-linecap/g)).toHaveLength(2);
  });
});

describe('the share of predictions near a measurement', () => {
  it('is of held-out predictions, and fails the validation where too few are', () => {
    const near = [0.05, 0.1, 0.14, 0.19].map((error, index) => ({
      ...(points[index] as Comparison),
      heldOut: (points[index] as Comparison).measured * (1 + error),
    }));
    const row = groupRow('all', near);
    expect(row.heldOutWithin15Percent).toBe(75);
    expect(row.heldOutWithin20Percent).toBe(100);
    const one: ValidationTable = { title: 'Some figure', rows: [row], uncovered: {} };
    expect(thresholdMisses([one], { 'Some figure / all': { heldOutWithin15Percent: 75 } })).toEqual([]);
    expect(thresholdMisses([one], { 'Some figure / all': { heldOutWithin15Percent: 76 } })).toEqual([
      'Some figure / all: 75 % within 15 % held out, at least 76 %',
    ]);
  });
});

describe('the coverage of bands', () => {
  const band = { p10: 0.9, p90: 1.1 };
  const cases = (systems: number, covered: number, each = 1): Comparison[] =>
    Array.from({ length: systems * each }, (_, index) => ({
      id: `case ${index}`,
      group: 'all',
      predicted: 1,
      measured: Math.floor(index / each) < covered ? 1 : 2,
      band,
      heldOut: null,
      system: `system ${Math.floor(index / each)}`,
    }));

  it('counts every system once, however many cases it has', () => {
    const few = cases(4, 4);
    const many = cases(1, 0, 40).map((entry) => ({ ...entry, system: 'one more' }));
    const row = groupRow('all', [...few, ...many]);
    expect(row.systems).toBe(5);
    expect(row.coveragePercent).toBeCloseTo(80, 9);
  });

  it('is tested against the binomial of the systems, in groups of 20 cases or more', () => {
    // 99 % of binomials of 50 at 0.8 lie within 32 to 47
    expect(binomialInterval(50, 0.8, 0.01)).toEqual({ low: 32, high: 47 });
    expect(coverageMiss(groupRow('all', cases(50, 40)))).toBeNull();
    expect(coverageMiss(groupRow('all', cases(50, 31)))).toEqual({ low: 64, high: 94 });
    expect(coverageMiss(groupRow('all', cases(50, 48)))).not.toBeNull();
    expect(coverageMiss(groupRow('all', cases(19, 0)))).toBeNull();
    // 40 cases of two systems say no more than two
    expect(coverageMiss(groupRow('all', cases(2, 1, 20)))).toBeNull();
    const large = binomialInterval(2000, 0.8, 0.01);
    expect(large.low / 2000).toBeCloseTo(0.8 - 2.576 * Math.sqrt(0.16 / 2000), 2);
  });

  it('fails the validation unless the group is known for it', () => {
    const row = groupRow('all', cases(50, 10));
    const table: ValidationTable = { title: 'Some figure', rows: [row], uncovered: {} };
    expect(thresholdMisses([table], {})).toEqual([
      'Some figure / all: the 80 % band covers 20 % of 50 systems, expected 64 to 94 %',
    ]);
    expect(thresholdMisses([table], { 'Some figure / all': { coverageOutside: true } })).toEqual([]);
  });

  it('reads quantiles of weighted values', () => {
    const values = [3, 1, 2, 4].map((value) => ({ value, weight: 1 }));
    expect(weightedQuantile(values, 0.5)).toBeCloseTo(2.5, 12);
    expect(weightedQuantile([...values, { value: 100, weight: 1e-9 }], 0.5)).toBeCloseTo(2.5, 6);
    expect(weightedQuantile([{ value: 7, weight: 2 }], 0.9)).toBe(7);
  });
});
