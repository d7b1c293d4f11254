/** Tables that grow and are wound back against tables made at once. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_ENTRIES, rewoundTables, withStatements } from '../../src/catalog/entry-table.ts';
import type { EntryStatement } from '../../src/catalog/resolve-entries.ts';
import { atOnce } from '../../src/domain/steps.ts';

const said = fc.record({
  kind: fc.constantFrom('grid', 'offer'),
  id: fc.constantFrom('a', 'b', 'c'),
  source: fc.constantFrom(1, 2),
  state: fc.constantFrom('stated', 'stated', 'retired', 'void'),
  fields: fc.dictionary(fc.constantFrom('name', 'city'), fc.constantFrom('x', 'y')),
});
const keyOf = ({ kind, id, sourceId }: EntryStatement): string => `${kind} ${id} ${sourceId}`;

it('give the same entries and origins however they came to be', () => {
  fc.assert(
    fc.property(fc.array(fc.array(said, { maxLength: 4 }), { maxLength: 6 }), (revisions) => {
      const log = revisions.map((part, index) => {
        const statements = part.map(
          ({ source, fields, ...rest }): EntryStatement => ({
            ...rest,
            sourceId: `source-${source}`,
            precedence: source,
            revision: index + 1,
            body: rest.state === 'void' ? null : fields,
          }),
        );
        return [...new Map(statements.map((one) => [keyOf(one), one])).values()];
      });
      const newestUpTo = (count: number) => [
        ...new Map(
          log
            .slice(0, count)
            .flat()
            .map((one) => [keyOf(one), one]),
        ).values(),
      ];
      const picture = (tables: typeof NO_ENTRIES) =>
        (['grid', 'offer'] as const).map((kind) => ({
          list: tables[kind].list,
          entries: ['a', 'b', 'c'].map((id) => tables[kind].get(id)),
          origins: ['a', 'b', 'c'].map((id) => tables[kind].origin(id)),
        }));
      let grown = NO_ENTRIES;
      const expected = log.map((part, index) => {
        grown = withStatements(grown, part);
        const made = picture(withStatements(NO_ENTRIES, newestUpTo(index + 1)));
        expect(picture(grown)).toEqual(made);
        return made;
      });
      for (const [index, then] of expected.entries()) {
        const changedSince = log.slice(index + 1).flat();
        const touched = new Set(changedSince.map(({ kind, id }) => `${kind} ${id}`));
        const before = newestUpTo(index + 1).filter(({ kind, id }) => touched.has(`${kind} ${id}`));
        expect(picture(atOnce(rewoundTables(grown, changedSince, before)))).toEqual(then);
      }
    }),
  );
});
