/** Numbers of keys against a plain map. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NumbersOfKeys } from '../../src/catalog/numbers-of-keys.ts';

const key = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 2 ** 31 - 1 }));

it('are found as they were set, and no others', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat())), fc.array(key), (pairs, others) => {
      const numbers = new NumbersOfKeys();
      const expected = new Map(pairs);
      for (const [one, number] of pairs) numbers.set(one, number);
      for (const one of [...expected.keys(), ...others]) expect(numbers.find(one)).toBe(expected.get(one));
    }),
  );
});
