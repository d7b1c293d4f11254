/** Random histories of several sources, read at every date and revision, against a replay that does the obvious thing. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareIds } from '../../src/catalog/entry.ts';
import { addEntryVersions, retireEntriesLeftOut } from '../../src/catalog/queries/entry-versions.ts';
import { addAmountVersions, addPriceIdentities, voidAmountsLeftOut } from '../../src/catalog/queries/price-versions.ts';
import { headRevision, inNewRevision } from '../../src/catalog/queries/revisions.ts';
import { readEarlierParts, readPartsSince, readSnapshotParts } from '../../src/catalog/queries/snapshot-parts.ts';
import { buildSnapshot, type SnapshotParts } from '../../src/catalog/snapshot.ts';
import type { AmountState, EntryState } from '../../src/catalog/tables.ts';
import { atOnce } from '../../src/domain/steps.ts';
import { useTestDatabase } from '../helpers/database.ts';
import { amount, identity } from './fixtures.ts';

const database = useTestDatabase('migrated');

const DAYS = [0, 1, 2, 3, 4, 5];
const CURRENCIES = ['AED', 'USD'] as const;
const timeOf = (day: number): string => new Date(Date.UTC(2026, 0, 1 + day)).toISOString();

interface PriceOperation {
  readonly price: number;
  readonly currency: (typeof CURRENCIES)[number];
  readonly day: number;
  readonly state: AmountState;
  readonly amount: number;
}
interface EntryOperation {
  readonly entry: number;
  readonly state: EntryState;
  readonly fields: Readonly<Record<string, string>>;
}
interface Step {
  /** 0 is the strongest. */
  readonly source: 0 | 1 | 2;
  /** A full delivery takes back (prices) or retires (entries) what it leaves out; a delta does not. */
  readonly full: boolean;
  readonly prices: readonly PriceOperation[];
  readonly entries: readonly EntryOperation[];
}

const priceOperation: fc.Arbitrary<PriceOperation> = fc.record({
  price: fc.nat(1),
  currency: fc.constantFrom(...CURRENCIES),
  day: fc.constantFrom(...DAYS),
  state: fc.constantFrom('in_force', 'in_force', 'in_force', 'withdrawn', 'void'),
  amount: fc.nat(4),
});
const entryOperation: fc.Arbitrary<EntryOperation> = fc.record({
  entry: fc.nat(1),
  state: fc.constantFrom('stated', 'stated', 'stated', 'retired', 'void'),
  fields: fc.dictionary(fc.constantFrom('name', 'kind', 'city'), fc.constantFrom('x', 'y')),
});
const step: fc.Arbitrary<Step> = fc.record({
  source: fc.constantFrom(0, 1, 2),
  full: fc.boolean(),
  prices: fc.uniqueArray(priceOperation, {
    maxLength: 4,
    selector: ({ price, currency, day }) => `${price} ${currency} ${day}`,
  }),
  entries: fc.uniqueArray(entryOperation, { maxLength: 2, selector: ({ entry }) => entry }),
});

/** What each source last said, by key, after some steps; void and never said are the same. */
class Replay {
  readonly prices = [0, 1, 2].map(() => new Map<string, PriceOperation>());
  readonly entries = [0, 1, 2].map(() => new Map<number, EntryOperation>());

  apply({ source, full, prices, entries }: Step): void {
    if (full) this.prices[source]?.clear();
    for (const said of prices) {
      const key = `${said.price} ${said.currency} ${said.day}`;
      if (said.state === 'void') this.prices[source]?.delete(key);
      else this.prices[source]?.set(key, said);
    }
    const known = this.entries[source] ?? new Map<number, EntryOperation>();
    if (full) {
      for (const [entry, said] of known) {
        if (said.state === 'stated') known.set(entry, { ...said, state: 'retired' });
      }
    }
    for (const said of entries) {
      if (said.state === 'void') known.delete(said.entry);
      else known.set(said.entry, said);
    }
  }

  /** In each currency by itself. */
  priceIn(price: number, day: number, currency: (typeof CURRENCIES)[number]): string | undefined {
    for (const said of this.prices) {
      for (let from = day; from >= 0; from -= 1) {
        const found = said.get(`${price} ${currency} ${from}`);
        if (found === undefined) continue;
        return found.state === 'in_force'
          ? `${found.amount} ${currency} source ${this.prices.indexOf(said)}`
          : undefined;
      }
    }
    return undefined;
  }

  /** What each source by itself says, the strongest first. */
  voices(price: number, day: number): readonly string[] {
    return this.prices.flatMap((said, source) =>
      CURRENCIES.flatMap((currency) => {
        const days = DAYS.filter((from) => from <= day && said.has(`${price} ${currency} ${from}`));
        const found = said.get(`${price} ${currency} ${days.at(-1)}`);
        return found?.state === 'in_force' ? [`${found.amount} ${currency} source ${source}`] : [];
      }),
    );
  }

  entry(entry: number): Record<string, string> | undefined {
    const said = this.entries.map((one) => one.get(entry)).filter((one) => one !== undefined);
    if (said[0]?.state !== 'stated') return undefined;
    return Object.assign({}, ...said.reverse().map(({ fields }) => fields));
  }
}

let runs = 0;

test('every read at a date and a revision equals a naive replay of the log', { timeout: 110_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      const { db } = database();
      runs += 1;
      const run = `run${runs}`;
      const sourceIds = [0, 1, 2].map((source) => `${run}-${source}`);
      for (const [index, id] of sourceIds.entries()) {
        await db
          .insertInto('catalog_source')
          .values({ id, kind: 'price_list', precedence: runs * 10 + 200 + index })
          .execute();
      }
      const offers = [0, 1].map((price) => `${run}/r/offer-${price}`);
      const identities = offers.map((offerId) => identity(offerId));

      await inNewRevision(
        db,
        { sourceId: 'seed', actor: 'test', reason: run, contentSha256: createHash('sha256').digest() },
        (open) =>
          addEntryVersions(open, [
            { kind: 'provider', id: run, state: 'stated', body: { name: run } },
            ...offers.map((id) => ({
              kind: 'offer' as const,
              id,
              state: 'stated' as const,
              body: { providerId: run, regionId: null, sku: id },
            })),
          ]),
      );

      const replay = new Replay();
      const ofReplay = {
        price: (...asked: Parameters<Replay['priceIn']>) => replay.priceIn(...asked),
        voices: (...asked: Parameters<Replay['voices']>) => replay.voices(...asked),
        entry: (entry: number) => replay.entry(entry),
      };
      const expected = new Map<number, ReturnType<typeof picture>>();
      const picture = (read: {
        price: (price: number, day: number, currency: (typeof CURRENCIES)[number]) => string | undefined;
        voices: (price: number, day: number) => readonly string[];
        entry: (entry: number) => object | undefined;
      }) => ({
        voices: [0, 1].map((price) => DAYS.map((day) => read.voices(price, day))),
        prices: [0, 1].map((price) =>
          DAYS.map((day) => CURRENCIES.map((currency) => read.price(price, day, currency))),
        ),
        entries: [0, 1].map((entry) => read.entry(entry)),
      });

      for (const [index, one] of steps.entries()) {
        const sourceId = sourceIds[one.source] ?? '';
        const change = {
          sourceId,
          actor: 'test',
          reason: `${run} step ${index}`,
          contentSha256: createHash('sha256').digest(),
        };
        const revision = await inNewRevision(db, change, async (open) => {
          await addPriceIdentities(open, identities);
          const versions = one.prices.map((said) => ({
            validFrom: timeOf(said.day),
            state: said.state,
            amount: amount(identities[said.price]?.id ?? '', {
              currency: said.currency,
              amount: said.state === 'in_force' ? String(said.amount) : null,
            }),
          }));
          const entries = one.entries.map((said) => ({
            kind: 'provider' as const,
            id: `${run}-${said.entry}`,
            state: said.state,
            body: said.state === 'void' ? null : said.fields,
          }));
          let added = (await addAmountVersions(open, versions)) + (await addEntryVersions(open, entries));
          if (one.full) {
            const kept = versions.map((version) => ({ ...version.amount, validFrom: version.validFrom }));
            added += (await voidAmountsLeftOut(open, kept)) + (await retireEntriesLeftOut(open, entries));
          }
          return added;
        });
        const before = picture(ofReplay);
        replay.apply(one);
        const after = picture(ofReplay);
        // A step that adds no version must not have changed any answer.
        if (revision === undefined) expect(after).toEqual(before);
        else expected.set(revision, after);
      }

      const newest = await readSnapshotParts(database(), await headRevision(db));
      let grown: SnapshotParts | undefined;
      for (const [revision, answers] of expected) {
        const parts = await readSnapshotParts(database(), revision);
        grown = await readPartsSince(database(), grown, revision);
        const earlier = newest === undefined ? undefined : await readEarlierParts(db, newest, revision);
        for (const read of [parts, grown, earlier]) {
          if (read === undefined) throw new Error(`Revision ${revision} is missing.`);
          const snapshot = buildSnapshot(read);
          const actual = picture({
            price: (price, day, currency) => {
              const id = identities[price]?.id ?? '';
              const found = snapshot.priceIn(id, timeOf(day), currency);
              const dollars = snapshot.priceIn(id, timeOf(day), 'USD');
              const first = dollars ?? snapshot.priceIn(id, timeOf(day), 'AED');
              expect(snapshot.priceAt(id, timeOf(day))).toEqual(first);
              expect(snapshot.priceAt(id, timeOf(day), currency)).toEqual(found ?? first);
              expect(snapshot.pricesOfOffer(offers[price] ?? '', timeOf(day))).toEqual(
                first === undefined ? [] : [first],
              );
              const listing = snapshot.pricesAt(timeOf(day), {
                offer: ({ id: offerId }) => offerId === offers[price],
                kind: () => true,
                quote: (quote) => quote.currency === currency,
              });
              const listed = atOnce(listing);
              expect(Array.from({ length: listed.length }, (_, index) => listed.price(index))).toEqual(
                found === undefined ? [] : [found],
              );
              if (found === undefined) return undefined;
              return `${found.amount} ${found.currency} source ${found.sourceId.at(-1)}`;
            },
            voices: (price, day) =>
              snapshot
                .pricesOfSources(identities[price]?.id ?? '', timeOf(day))
                .map((found) => ({ ...found, source: found.sourceId.at(-1) }))
                .sort((a, b) => compareIds(`${a.source} ${a.currency}`, `${b.source} ${b.currency}`))
                .map(({ amount: said, currency, source }) => `${said} ${currency} source ${source}`),
            entry: (entry) => {
              const found = snapshot.provider(`${run}-${entry}`);
              if (found === undefined) return undefined;
              const { id: _, ...fields } = found;
              return fields;
            },
          });
          expect(actual).toEqual(answers);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('the open row is the latest statement of each source that is not taken back', async () => {
  const { rows } = await database().pool.query(`
    select count(*) as wrong from (
      select distinct on (price_key, source_key, currency) price_key, source_key, currency, valid_from, revision
      from (select distinct on (price_key, source_key, currency, valid_from) * from price_amount
        order by price_key, source_key, currency, valid_from, revision desc) newest
      where state <> 'void' order by price_key, source_key, currency, valid_from desc) expected
    full join (select * from price_amount where is_open) open using (price_key, source_key, currency, valid_from, revision)
    where expected.price_key is null or open.price_key is null`);
  expect(rows).toEqual([{ wrong: '0' }]);
});

test('writers that run at once get numbers in commit order, without gaps', async () => {
  const { db } = database();
  const first = (await headRevision(db)) + 1;
  const revisions = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      inNewRevision(
        db,
        { sourceId: 'operator', actor: 'test', reason: 'at once', contentSha256: createHash('sha256').digest() },
        (open) =>
          addEntryVersions(open, [{ kind: 'grid', id: `at-once-${index}`, state: 'stated', body: { year: index } }]),
      ),
    ),
  );
  expect(revisions.toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 12 }, (_, index) => first + index),
  );
  const { rows } = await database().pool.query(
    'select bool_and(committed_at >= before) as ordered from (select committed_at, lag(committed_at) over (order by revision) as before from catalog_revision) r',
  );
  expect(rows).toEqual([{ ordered: true }]);
});
