/** Random price lists, full and delta, dated and not, of two sources, against a replay that does the obvious thing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSnapshotParts } from '../../../src/catalog/queries/snapshot-parts.ts';
import { buildSnapshot } from '../../../src/catalog/snapshot.ts';
import type { CanonicalRow } from '../../../src/catalog/sync/canonical-row.ts';
import { row, send, useSyncing } from './syncing.ts';

const DAYS = [0, 1, 2, 3, 4, 5, 6, 7];
const CURRENCIES = ['USD', 'AED'] as const;
const timeOf = (day: number): string => new Date(Date.UTC(2030, 0, 1 + day)).toISOString();

interface ListedPrice {
  readonly price: 0 | 1;
  readonly currency: (typeof CURRENCIES)[number];
  /** Undefined: from the sync on. */
  readonly day: number | undefined;
  /** Undefined: withdrawn. */
  readonly amount: number | undefined;
}
interface List {
  readonly source: 0 | 1;
  readonly full: boolean;
  /** Days that have passed since the list before. */
  readonly later: number;
  readonly prices: readonly ListedPrice[];
}

const listed: fc.Arbitrary<ListedPrice> = fc.record({
  price: fc.constantFrom(0, 1),
  currency: fc.constantFrom(...CURRENCIES),
  day: fc.option(fc.constantFrom(...DAYS), { nil: undefined }),
  // So close to one another that no gate takes one for a mistake.
  amount: fc.option(fc.integer({ min: 10, max: 12 }), { nil: undefined, freq: 5 }),
});
const list: fc.Arbitrary<List> = fc.record({
  source: fc.constantFrom(0, 1),
  full: fc.boolean(),
  later: fc.nat(1),
  // A full list of nothing waits for a decision.
  prices: fc.array(listed, { minLength: 1, maxLength: 5 }),
});

type Days = ReadonlyMap<number, number | undefined>;
const latest = (days: Days, day: number): number | undefined =>
  [...days.keys()].filter((one) => one <= day).sort((a, b) => b - a)[0];
const speaks = (days: Days, day: number): boolean => latest(days, day) !== undefined;
const inForce = (days: Days, day: number): number | undefined => days.get(latest(days, day) ?? Number.NaN);

/** What a source said last, by price and currency, then day; undefined is withdrawn. */
class Replay {
  readonly #said = [
    new Map<string, Map<number, number | undefined>>(),
    new Map<string, Map<number, number | undefined>>(),
  ];

  apply({ source, full, prices }: List, today: number): void {
    const said = this.#said[source] ?? new Map();
    const named = Map.groupBy(prices, ({ price, currency }) => `${price} ${currency}`);
    if (full) {
      for (const [key, days] of said) {
        if (named.has(key)) continue;
        for (const day of [...days.keys()]) if (day > today) days.delete(day);
        if (inForce(days, today) !== undefined) days.set(today, undefined);
      }
    }
    for (const [key, ofPrice] of named) {
      const days: Map<number, number | undefined> = said.get(key) ?? new Map();
      said.set(key, days);
      const dates = ofPrice.map(({ day }) => day ?? today);
      const first = Math.min(...dates);
      if (full) for (const day of [...days.keys()]) if (day > first && !dates.includes(day)) days.delete(day);
      for (const { day = today, amount } of ofPrice) {
        // What the source says for that date already is not said again, so it does not stand in the way of a later correction.
        const isKnown = day === first && speaks(days, day) && inForce(days, day) === amount;
        if (!isKnown) days.set(day, amount);
      }
    }
  }

  /** In each currency by itself. */
  pricesAt(price: number, day: number): readonly (string | undefined)[] {
    return CURRENCIES.map((currency) => {
      for (const [source, said] of this.#said.entries()) {
        const days = said.get(`${price} ${currency}`) ?? new Map<number, number | undefined>();
        if (!speaks(days, day)) continue;
        const amount = inForce(days, day);
        return amount === undefined ? undefined : `${amount} ${currency} source ${source}`;
      }
      return undefined;
    });
  }
}

describe.each([
  { lists: 'short', lookedUpRows: 20_000, numRuns: 8 },
  // Joined with whole tables, and compared with what is remembered of the list before.
  { lists: 'long', lookedUpRows: -1, numRuns: 17 },
])('$lists lists', ({ lookedUpRows, numRuns }) => {
  const syncing = useSyncing({ lookedUpRows });
  let runs = 0;

  test('every read at a date and a revision equals a naive replay of the lists', { timeout: 170_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(list, { minLength: 1, maxLength: 6 }), async (lists) => {
        runs += 1;
        const run = `run${runs}`;
        const offerOf = (price: number): Partial<CanonicalRow> => ({
          region: 'us-east-1',
          sku: `${run}-${price}`,
          kind: 'instance',
          category: 'on_demand',
        });
        const priceId = (price: number): string => `aws/us-east-1/${run}-${price}/on_demand`;
        // The first to speak is the stronger one.
        for (const source of [0, 1]) await send(syncing(), [], { sourceId: `${run}-${source}`, mode: 'delta' });

        const replay = new Replay();
        const picture = () => [0, 1].map((price) => DAYS.map((day) => replay.pricesAt(price, day)));
        const expected = new Map<number, ReturnType<typeof picture>>();
        let today = 1;
        for (const one of lists) {
          today = Math.min(today + one.later, DAYS.length - 1);
          syncing().at = new Date(timeOf(today));
          const dates = new Set<string>();
          const prices = one.prices.filter(({ price, currency, day }) => {
            const key = `${price} ${currency} ${day ?? today}`;
            return dates.has(key) ? false : dates.add(key);
          });
          const rows = prices.map(({ price, currency, day, amount }) =>
            row({
              ...offerOf(price),
              currency,
              ...(day !== undefined && { validFrom: timeOf(day) }),
              ...(amount === undefined ? { state: 'withdrawn', amount: '' } : { amount: String(amount) }),
            }),
          );
          const sync = await send(syncing(), rows, {
            sourceId: `${run}-${one.source}`,
            mode: one.full ? 'full' : 'delta',
          });
          expect(sync.counts).toMatchObject({ rejected: 0, quarantined: 0 });
          const before = picture();
          replay.apply({ ...one, prices }, today);
          if (sync.revision === null) expect(picture()).toEqual(before);
          else expected.set(sync.revision, picture());
          // Said again, it says nothing new.
          const again = await send(syncing(), rows, {
            sourceId: `${run}-${one.source}`,
            mode: one.full ? 'full' : 'delta',
          });
          expect(again.revision).toBeNull();
        }
        for (const [revision, answers] of expected) {
          const parts = await readSnapshotParts(syncing(), revision);
          if (parts === undefined) throw new Error(`Revision ${revision} is missing.`);
          const snapshot = buildSnapshot(parts);
          const actual = [0, 1].map((price) =>
            DAYS.map((day) =>
              CURRENCIES.map((currency) => {
                const found = snapshot.priceIn(priceId(price), timeOf(day), currency);
                return found && `${found.amount} ${found.currency} source ${found.sourceId.at(-1)}`;
              }),
            ),
          );
          expect(actual).toEqual(answers);
        }
      }),
      { numRuns, endOnFailure: true },
    );
  });

  test('the open row is the latest statement of each source that is not taken back', async () => {
    const { rows } = await syncing().pool.query(`
    select count(*) as wrong from (
      select distinct on (price_key, source_key, currency) price_key, source_key, currency, valid_from, revision
      from (select distinct on (price_key, source_key, currency, valid_from) * from price_amount
        order by price_key, source_key, currency, valid_from, revision desc) newest
      where state <> 'void' order by price_key, source_key, currency, valid_from desc) expected
    full join (select * from price_amount where is_open) open using (price_key, source_key, currency, valid_from, revision)
    where expected.price_key is null or open.price_key is null`);
    expect(rows).toEqual([{ wrong: '0' }]);
  });
});
