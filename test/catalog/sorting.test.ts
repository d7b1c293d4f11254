/** Sorting in steps against sorting at once. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sorting } from '../../src/catalog/sorting.ts';
import { atOnce } from '../../src/domain/steps.ts';

const item = fc.record({ key: fc.nat(20), number: fc.nat() });
const byKey = (a: { readonly key: number }, b: { readonly key: number }): number => a.key - b.key;
/** Some runs in order, one after the other. */
const runs = fc
  .array(fc.array(item, { maxLength: 400 }), { maxLength: 6 })
  .map((parts) => parts.flatMap((part) => part.toSorted(byKey)));

it('gives the same, what is equal in the order in which it came', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(item, { maxLength: 600 }), runs), (items) => {
      expect(atOnce(sorting([...items], byKey))).toEqual(items.toSorted(byKey));
    }),
    { numRuns: 60 },
  );
});
