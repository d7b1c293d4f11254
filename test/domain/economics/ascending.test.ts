/** The quick order against sorting by comparison. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ascending } from '../../../src/domain/economics/ascending.ts';
import { atOnce } from '../../../src/domain/steps.ts';

const naively = (figures: readonly number[]): number[] =>
  [...figures.keys()].sort((a, b) => (figures[a] as number) - (figures[b] as number));

it('is the same for few and many figures, also such as differ in their last digits only, and equal ones keep their order', () => {
  const figure = fc.oneof(
    fc.double({ min: 0, max: 1e9, noNaN: true }).map(Math.abs),
    fc.integer({ min: 0, max: 30 }).map((number) => number / 7),
    fc.integer({ min: 0, max: 9 }).map((number) => 3.14 + number * 1e-15),
  );
  fc.assert(
    fc.property(fc.array(figure, { maxLength: 300 }), fc.constantFrom(1, 20), (some, times) => {
      const figures = Array.from({ length: times }, () => some).flat();
      expect([...atOnce(ascending(Float64Array.from(figures)))]).toEqual(naively(figures));
    }),
    { numRuns: 60 },
  );
  const many = Array.from({ length: 20_000 }, (_, index) => ((index * 7919) % 9001) / 13 + ((index * 31) % 3) * 1e-13);
  expect([...atOnce(ascending(Float64Array.from(many)))]).toEqual(naively(many));
});
