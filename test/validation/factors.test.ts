import { describe, expect, it } from 'vitest';
import { factorValidator } from './factors/validator.ts';
import { thresholdMisses } from './table.ts';
import thresholds from './thresholds.json' with { type: 'json' };

/** Of the factors that options are said to have, against runs with and without them. */
describe('measured pairs', () => {
  const tables = factorValidator.run();
  const all = tables.flatMap(({ title, rows }) =>
    rows.filter(({ group }) => group === 'all').map((row) => ({ title, row })),
  );

  it('quantization, batching, caching and drafts are within 12 % at the median', () => {
    expect(all.map(({ title }) => title.split(' (')[0])).toEqual([
      'Factor of quantization',
      'Factor of batching',
      'Factor of shorter prompts',
      'Factor of prefix caching',
      'Factor of speculative decoding',
    ]);
    for (const { title, row } of all) expect(row.medianAbsoluteErrorPercent, title).toBeLessThan(12);
  });

  it('miss no threshold', () => {
    const titles = tables.map(({ title }) => title);
    const ofFactors = Object.entries(thresholds).filter(([name]) => titles.some((title) => name.startsWith(title)));
    expect(ofFactors.length).toBeGreaterThan(4);
    expect(thresholdMisses(tables, Object.fromEntries(ofFactors))).toEqual([]);
  });
});
