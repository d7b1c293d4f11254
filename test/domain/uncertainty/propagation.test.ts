import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assumedFactor, invertFactor, type UncertainFactor } from '../../../src/domain/uncertainty/band.ts';
import { inverseStandardNormal, Z90 } from '../../../src/domain/uncertainty/normal.ts';
import { bandsOfItems, combineBand, sumBand, type UncertainItem } from '../../../src/domain/uncertainty/propagation.ts';
import { bandOfValues, selectInPlace } from '../../../src/domain/uncertainty/selection.ts';

const factor = (id: string, p10: number, p90: number): UncertainFactor => assumedFactor(id, p10, p90, 'test');
const width = (band: { p10: number; p90: number; p50: number }): number => (band.p90 - band.p10) / band.p50;

/** Plain Monte Carlo with a generator of another kind (mulberry32), as a reference. */
function reference(items: readonly UncertainItem[], samples: number): { p10: number; p50: number; p90: number } {
  let state = 42;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const factors = [...new Set(items.flatMap((item) => item.factors))];
  const totals = new Float64Array(samples);
  for (let s = 0; s < samples; s++) {
    const values = new Map(
      factors.map((f) => {
        const z = inverseStandardNormal(uniform());
        return [f, f.p50 * Math.exp((z < 0 ? z * Math.log(f.p50 / f.p10) : z * Math.log(f.p90 / f.p50)) / Z90)];
      }),
    );
    totals[s] = items.reduce(
      (total, item) => total + item.factors.reduce((product, f) => product * (values.get(f) as number), item.amount),
      0,
    );
  }
  return { p10: selectInPlace(totals, 0.1), p50: selectInPlace(totals, 0.5), p90: selectInPlace(totals, 0.9) };
}

describe('one factor', () => {
  it('gives its own quantiles back, alone and under items that share it', () => {
    const f = { ...factor('a', 0.6, 1.5), p50: 1.1 };
    expect(sumBand([{ amount: 100, factors: [f] }])).toEqual({
      p10: expect.closeTo(60, 9),
      p50: expect.closeTo(110, 9),
      p90: expect.closeTo(150, 9),
    });
    const shared = sumBand([
      { amount: 30, factors: [f] },
      { amount: 70, factors: [f] },
    ]);
    expect(shared.p10).toBeCloseTo(60, 9);
    expect(shared.p90).toBeCloseTo(150, 9);
  });

  it('keeps them within 1 % beside a factor that hardly matters', () => {
    const f = factor('a', 0.6, 1.5);
    const band = sumBand([
      { amount: 100, factors: [f] },
      { amount: 100, factors: [f, factor('b', 0.999, 1.001)] },
    ]);
    expect(band.p10 / 120).toBeCloseTo(1, 2);
    expect(band.p50 / 200).toBeCloseTo(1, 2);
    expect(band.p90 / 300).toBeCloseTo(1, 2);
  });

  it('cancels against its inverse, and moves against it in a sum', () => {
    const f = factor('a', 0.6, 1.5);
    expect(invertFactor(invertFactor(f))).toBe(f);
    expect(sumBand([{ amount: 5, factors: [f, invertFactor(f)] }])).toEqual({ p10: 5, p50: 5, p90: 5 });
    const hedged = sumBand([
      { amount: 50, factors: [f] },
      { amount: 50, factors: [invertFactor(f)] },
    ]);
    const apart = sumBand([
      { amount: 50, factors: [f] },
      { amount: 50, factors: [factor('b', 1 / 1.5, 1 / 0.6)] },
    ]);
    expect(width(hedged)).toBeLessThan(width(apart));
  });
});

describe('totals', () => {
  it('narrow relatively when items are independent, and not when they share a factor', () => {
    const independent = sumBand(
      Array.from({ length: 6 }, (_, i) => ({ amount: 10, factors: [factor(`f${i}`, 0.7, 1.4)] })),
    );
    const one = factor('one', 0.7, 1.4);
    const shared = sumBand(Array.from({ length: 6 }, () => ({ amount: 10, factors: [one] })));
    expect(width(shared)).toBeCloseTo(0.7, 6);
    expect(width(independent)).toBeLessThan(0.6 * width(shared));
  });

  it('agree with 100,000 random samples', () => {
    const f = Array.from({ length: 6 }, (_, i) => factor(`f${i}`, 0.72 + 0.04 * i, 1.45 - 0.05 * i));
    const items = Array.from({ length: 10 }, (_, i) => ({
      amount: 10 + 7 * i,
      factors: f.filter((_, j) => (i + j) % 3 === 0 || j === i % 6),
    }));
    const band = sumBand(items);
    const expected = reference(items, 100_000);
    for (const key of ['p10', 'p50', 'p90'] as const) {
      expect(Math.abs(band[key] / expected[key] - 1), key).toBeLessThan(0.01);
    }
  });

  it('do not depend on the order of items, and are the same every time', () => {
    const f = Array.from({ length: 4 }, (_, i) => factor(`f${i}`, 0.8 - 0.1 * i, 1.2 + 0.1 * i));
    const items = f.map((own, i) => ({ amount: 10 * (i + 1), factors: [own, f[0] as UncertainFactor] }));
    const forward = sumBand(items);
    expect(sumBand(items)).toEqual(forward);
    const backward = sumBand([...items].reverse());
    expect(backward.p10).toBeCloseTo(forward.p10, 9);
    expect(backward.p90).toBeCloseTo(forward.p90, 9);
  });

  it('are points without factors, and nothing for nothing', () => {
    expect(sumBand([{ amount: 3, factors: [] }])).toEqual({ p10: 3, p50: 3, p90: 3 });
    expect(sumBand([])).toEqual({ p10: 0, p50: 0, p90: 0 });
  });

  it('turn the band of a credit round', () => {
    const { items } = bandsOfItems([{ amount: -10, factors: [factor('a', 0.5, 2)] }]);
    expect(items[0]).toEqual({ p10: expect.closeTo(-20, 9), p50: -10, p90: expect.closeTo(-5, 9) });
  });

  it('are ordered and finite for any amounts and factors', () => {
    const ranges = fc.record({
      low: fc.double({ min: 0.2, max: 1, noNaN: true }),
      high: fc.double({ min: 1, max: 5, noNaN: true }),
    });
    const arbitrary = fc.record({
      ranges: fc.array(ranges, { minLength: 1, maxLength: 30 }),
      amounts: fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 12 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ ranges: all, amounts }) => {
        const f = all.map(({ low, high }, i) => factor(`f${i}`, low, high));
        const items = amounts.map((amount, i) => ({ amount, factors: f.filter((_, j) => (i * 7 + j) % 3 === 0) }));
        const { total, items: bands } = bandsOfItems(items);
        for (const band of [total, ...bands]) {
          expect(Number.isFinite(band.p10 + band.p50 + band.p90)).toBe(true);
          expect(band.p10).toBeLessThanOrEqual(band.p50 * (1 + 1e-12));
          expect(band.p50).toBeLessThanOrEqual(band.p90 * (1 + 1e-12));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('combined figures', () => {
  it('of a ratio with a shared factor keep only what is not shared', () => {
    const shared = factor('shared', 0.5, 2);
    const own = factor('own', 0.9, 1.1);
    const band = combineBand(
      [
        { amount: 10, factors: [shared, own] },
        { amount: 5, factors: [shared] },
      ],
      ([a, b]) => (a as number) / (b as number),
    );
    expect(band.p50).toBeCloseTo(2, 1);
    expect(band.p10 / 1.8).toBeCloseTo(1, 1);
    expect(band.p90 / 2.2).toBeCloseTo(1, 1);
  });
});

describe('the normal quantile', () => {
  it('matches tabulated values', () => {
    expect(inverseStandardNormal(0.5)).toBe(0);
    expect(inverseStandardNormal(0.9)).toBeCloseTo(1.2815515655, 8);
    expect(inverseStandardNormal(0.975)).toBeCloseTo(1.9599639845, 8);
    expect(inverseStandardNormal(0.001)).toBeCloseTo(-3.0902323062, 7);
  });
});

describe('quickselect', () => {
  it('finds the quantiles of sorted arrays', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, probability) => {
          const sorted = Float64Array.from(values).sort();
          const position = (sorted.length - 1) * probability;
          const lower = Math.floor(position);
          const low = sorted[lower] as number;
          const high = sorted[Math.min(lower + 1, sorted.length - 1)] as number;
          expect(selectInPlace(Float64Array.from(values), probability)).toBeCloseTo(
            low + (high - low) * (position - lower),
            6,
          );
        },
      ),
    );
  });
});

describe('the quantiles of a band', () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ noNaN: true, min: 0, max: 1 }),
    fc.constantFrom(0, 1, 1e-300, 1e12, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  );

  it('are those of each quantile alone, to the last bit, and leave the values as they are', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.boolean(), (list, skewed) => {
        const values = Float64Array.from(
          skewed ? list.map((each) => Math.exp(Math.max(-700, Math.min(each, 700)))) : list,
        );
        const before = values.slice();
        const alone = (probability: number): number => selectInPlace(values.slice(), probability);
        expect(bandOfValues(values)).toStrictEqual({ p10: alone(0.1), p50: alone(0.5), p90: alone(0.9) });
        expect(values).toStrictEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it('are found among more values than there are buckets', () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => ((i * 2654435761) % 4096) ** 3);
    const alone = (probability: number): number => selectInPlace(values.slice(), probability);
    expect(bandOfValues(values)).toStrictEqual({ p10: alone(0.1), p50: alone(0.5), p90: alone(0.9) });
  });
});
