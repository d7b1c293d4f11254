import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fewestThatKeep } from '../../../../src/domain/inference/load/fewest-that-keep.ts';

it('is the least count that keeps a limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), fc.nat(), (tooFew, more, spare) => {
      const least = tooFew + more;
      expect(fewestThatKeep(tooFew, least + spare, (count) => count >= least)).toBe(least);
    }),
  );
});

it('ends where counts lie apart', () => {
  for (const least of [2 ** 53 + 4, 2.8e21, 1e300]) {
    expect(fewestThatKeep(1e14, least * 1.5, (count) => count >= least)).toBe(least);
  }
});
