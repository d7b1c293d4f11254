/** What a snapshot is made of, as it stands in the database at a revision. */
import type { Kysely } from 'kysely';
import type pg from 'pg';
import { type EntryTables, NO_ENTRIES, rewoundTables } from '../entry-table.ts';
import type { NumbersOfKeys } from '../numbers-of-keys.ts';
import { PriceColumns } from '../price-columns.ts';
import { inSlices } from '../slices.ts';
import type { SnapshotParts } from '../snapshot.ts';
import type { Database } from '../tables.ts';
import { entriesStated, readBeforeChanges, readEntries } from './read-entries.ts';
import { addPrices, addPricesAhead } from './read-prices.ts';
import { readRevisions } from './revisions.ts';

/** The database twice: for single questions, and for rows without end. */
export interface Connections {
  readonly db: Kysely<Database>;
  readonly pool: pg.Pool;
}

/** The time that an empty catalog carries. */
const NEVER = new Date(0).toISOString();

const NOTHING: SnapshotParts = { revision: 0, committedAt: NEVER, entries: NO_ENTRIES, prices: new PriceColumns() };

/** @returns undefined when there is no such revision (0 is the empty catalog). */
export const readSnapshotParts = async (from: Connections, revision: number): Promise<SnapshotParts | undefined> =>
  readPartsSince(from, undefined, revision);

/** Entries and prices that the revision after `since` will state, where they lie until it is there. */
export interface ComingRows {
  readonly revision: number;
  /** A query with the columns of `entriesStated`. */
  readonly entries: string;
  /** A query for the new prices, with key, id, offer, category, term, payment, tier as text, and unit; the revision states something of no others. */
  readonly identities: string;
}

/** What was read of them: nobody sees it before it is stated. */
export interface PartsAhead {
  readonly since: number;
  readonly revision: number;
  readonly entries: EntryTables;
  readonly numbersOfKeys: NumbersOfKeys;
}

export const readAhead = async (
  pool: pg.Pool,
  known: SnapshotParts,
  { revision, entries, identities }: ComingRows,
): Promise<PartsAhead> => ({
  since: known.revision,
  revision,
  numbersOfKeys: await addPricesAhead(pool, known.prices, identities),
  entries: await readEntries(pool, known.entries, entries),
});

/**
 * Goes on from parts already read, so that the cost follows the change. The columns of prices are shared with them.
 * @param ahead what was read ahead of a revision that is there now.
 */
export const readPartsSince = async (
  { db, pool }: Connections,
  known: SnapshotParts | undefined,
  revision: number,
  ahead?: PartsAhead,
): Promise<SnapshotParts | undefined> => {
  if (revision === 0) return NOTHING;
  const since = known?.revision ?? 0;
  const revisions = await readRevisions(db, since, revision);
  const head = revisions.at(-1);
  if (head?.revision !== revision) return undefined;
  const prices = known === undefined || since === 0 ? new PriceColumns() : known.prices;
  if (ahead !== undefined) prices.numbersOfKeys.setAll(ahead.numbersOfKeys);
  const aheadUpTo = ahead?.revision ?? since;
  const entriesBefore = ahead?.entries ?? known?.entries ?? NO_ENTRIES;
  const [entries] = await Promise.all([
    aheadUpTo < revision ? readEntries(pool, entriesBefore, entriesStated(aheadUpTo, revision)) : entriesBefore,
    addPrices(pool, prices, { since, revision, aheadUpTo }),
  ]);
  return {
    revision,
    committedAt: head.committedAt,
    revisions: [...(known?.revisions ?? []), ...revisions],
    entries,
    prices,
  };
};

/** An earlier revision of a catalog in memory: its prices are in the columns already, and of its entries all that are the same. */
export const readEarlierParts = async (
  db: Kysely<Database>,
  known: SnapshotParts,
  revision: number,
): Promise<SnapshotParts | undefined> => {
  const revisions = (known.revisions ?? []).filter((record) => record.revision <= revision);
  const head = revisions.at(-1);
  if (head?.revision !== revision) return undefined;
  const { changedSince, statements } = await readBeforeChanges(db, revision, known.revision);
  const entries = await inSlices(rewoundTables(known.entries, changedSince, statements));
  return { revision, committedAt: head.committedAt, revisions, entries, prices: known.prices };
};
