import { describe, expect, it } from 'vitest';
import { validationPage } from '../../scripts/validation/report.ts';
import { validationScatter } from '../../scripts/validation/scatter.ts';
import { type Comparison, groupRows, type ValidationTable } from './table.ts';

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
