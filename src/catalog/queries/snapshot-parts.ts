/** Reads what every source said up to a revision. Rows are append-only, so no transaction is needed for an exact reading. */
import { type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely';
import type { PriceCategory } from '../../domain/catalog/offers.ts';
import type { Confidence } from '../../domain/catalog/provenance.ts';
import type { EntryKind } from '../entry.ts';
import { NO_ENTRIES, rewoundTables, withStatements } from '../entry-table.ts';
import { NumbersOfKeys } from '../numbers-of-keys.ts';
import { PriceColumns } from '../price-columns.ts';
import type { EntryStatement } from '../resolve-entries.ts';
import { inSlices } from '../slices.ts';
import type { SnapshotParts } from '../snapshot.ts';
import type { AmountState, Database, PriceIdentityTable } from '../tables.ts';
import { readRevisions } from './revisions.ts';

/** The time that an empty catalog carries. */
const NEVER = new Date(0).toISOString();

/** Rows fetched at a time: few enough not to hold up other requests, or to keep a second copy of a large list in memory. */
const ROWS_AT_ONCE = 1000;

/** Reads the rows of a query in parts, by a cursor planned for reading all of them. */
async function* partsOf<Row>(
  transaction: Transaction<Database>,
  name: string,
  query: RawBuilder<Row>,
): AsyncGenerator<readonly Row[]> {
  await sql`set local cursor_tuple_fraction = 1`.execute(transaction);
  await sql`declare ${sql.raw(name)} no scroll cursor for ${query}`.execute(transaction);
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.raw(String(ROWS_AT_ONCE))} from ${sql.raw(name)}`.execute(transaction);
    yield rows;
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

const readEntries = (db: Kysely<Database>, since: number, revision: number): Promise<readonly EntryStatement[]> =>
  db.transaction().execute(async (transaction) => {
    // Parameters are not allowed in a cursor's declaration; both are numbers.
    const statements = sql<EntryStatement>`
      select distinct on (e.kind, e.id, e.source_key) e.kind, e.id, s.id as "sourceId", s.precedence, e.revision, e.state, e.body
      from catalog_entry e join catalog_source s using (source_key)
      where e.revision > ${sql.raw(String(since))} and e.revision <= ${sql.raw(String(revision))} and s.kind <> 'price_book'
      order by e.kind, e.id, e.source_key, e.revision desc`;
    const shared = withSharedTexts();
    const read: EntryStatement[] = [];
    for await (const rows of partsOf(transaction, 'entries', statements)) {
      for (const row of rows) read.push(shared(row));
    }
    return read;
  });

/** Thousands of offers name the same regions, SKUs and devices; each text is kept once. */
const withSharedTexts = (): ((statement: EntryStatement) => EntryStatement) => {
  const texts = new Map<string, string>();
  const shared = (value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    const known = texts.get(value) ?? value;
    texts.set(value, known);
    return known;
  };
  return (statement) => {
    if (statement.kind !== 'offer' || statement.body === null) return statement;
    const body = Object.fromEntries(Object.entries(statement.body).map(([name, value]) => [name, shared(value)]));
    return { ...statement, body };
  };
};

/** What was said up to a revision of all entries that have changed since, up to another. */
const readBeforeChanges = async (db: Kysely<Database>, revision: number, newest: number) => {
  const changed = sql`select distinct kind, id from catalog_entry where revision > ${revision} and revision <= ${newest}`;
  const { rows: changedSince } = await sql<Pick<EntryStatement, 'kind' | 'id'>>`${changed}`.execute(db);
  const { rows: statements } = await sql<EntryStatement>`
    select distinct on (e.kind, e.id, e.source_key) e.kind, e.id, s.id as "sourceId", s.precedence, e.revision, e.state, e.body
    from (${changed}) c join catalog_entry e using (kind, id) join catalog_source s using (source_key)
    where e.revision <= ${revision}
    order by e.kind, e.id, e.source_key, e.revision desc`.execute(db);
  return { changedSince, statements };
};

/** The newest statement of each source about one entry. */
export const readEntryStatements = async (
  db: Kysely<Database>,
  kind: EntryKind,
  id: string,
): Promise<readonly EntryStatement[]> => {
  const { rows } = await sql<EntryStatement>`
    select distinct on (e.source_key) e.kind, e.id, s.id as "sourceId", s.precedence, e.revision, e.state, e.body
    from catalog_entry e join catalog_source s using (source_key)
    where e.kind = ${kind} and e.id = ${id}
    order by e.source_key, e.revision desc`.execute(db);
  return rows;
};

interface AmountRecord {
  readonly price_key: number;
  readonly source_key: number;
  readonly currency: string;
  readonly from_ms: number;
  readonly revision: number;
  readonly state: AmountState;
  readonly amount: string | null;
  readonly upfront: string;
  readonly observed_ms: number;
  readonly provenance_key: number;
  /** Null for none. */
  readonly flags: readonly string[] | null;
}

/** Cut to whole milliseconds, as the driver does; through microseconds, which doubles hold exactly. */
const milliseconds = (column: string) => sql`floor(round(date_part('epoch', ${sql.ref(column)}) * 1e6) / 1e3)`;

interface Numbers {
  find(key: number): number | undefined;
  set(key: number, number: number): void;
}

/** Translates keys of the database to row numbers of the columns; unknown keys are looked up in batches. */
const resolvedKeys = (
  known: Numbers,
  lookUp: (keys: readonly number[]) => Promise<Iterable<readonly [number, number]>>,
) => ({
  require: async (keys: Iterable<number>): Promise<void> => {
    const unknown = new Set<number>();
    for (const key of keys) if (known.find(key) === undefined) unknown.add(key);
    if (unknown.size === 0) return;
    for (const [key, number] of await lookUp([...unknown])) known.set(key, number);
  },
  get: (key: number): number => {
    const number = known.find(key);
    if (number === undefined) throw new Error(`A row refers to key ${key}, which is not there.`);
    return number;
  },
});

const priceKeys = (transaction: Transaction<Database>, prices: PriceColumns, isPublic: boolean) =>
  resolvedKeys(prices.numbersOfKeys, async (keys) => {
    const { rows } = await sql<Selectable<PriceIdentityTable> & { first_revision: number }>`
      select i.*, case when s.kind = 'price_book'
          then (select min(a.revision) from price_amount a join catalog_source p using (source_key)
            where a.price_key = i.price_key and p.kind <> 'price_book') else i.revision end as first_revision
      from price_identity i join catalog_revision r using (revision) join catalog_source s using (source_key)
      where i.price_key = any(${keys}::integer[])`.execute(transaction);
    return rows.map((row) => {
      const { id, category, payment, unit } = row;
      const identity = { id, offerId: row.offer_id, category, termMonths: row.term_months, payment, unit };
      return [
        row.price_key,
        prices.addPrice({ ...identity, tierFrom: Number(row.tier_from) }, isPublic ? row.first_revision : row.revision),
      ];
    });
  });

const provenanceKeys = (transaction: Transaction<Database>, prices: PriceColumns) =>
  resolvedKeys(new NumbersOfKeys(), async (keys) => {
    const rows = await transaction
      .selectFrom('price_provenance')
      .select(['provenance_key', 'source', 'source_date', 'confidence', 'licence', 'notes'])
      .where(sql<boolean>`provenance_key = any(${keys}::integer[])`)
      .execute();
    return rows.map(({ provenance_key, source, source_date, confidence, licence, notes }) => [
      provenance_key,
      prices.provenances.add({ source, sourceDate: source_date, confidence: confidence as Confidence, licence, notes }),
    ]);
  });

/**
 * Adds what was stated after `since` up to `revision`, a part at a time.
 * @param sourceKey of a price book, whose private list is read; the sources of the public catalog where absent.
 */
export const addPrices = async (
  db: Kysely<Database>,
  prices: PriceColumns,
  since: number,
  revision: number,
  sourceKey?: number,
): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    const speakers = await transaction
      .selectFrom('catalog_source')
      .select(['source_key', 'id', 'precedence'])
      .where((it) => (sourceKey === undefined ? it('kind', '<>', 'price_book') : it('source_key', '=', sourceKey)))
      .execute();
    const sources = new Map(
      speakers.map(({ source_key, id, precedence }) => [source_key, prices.sources.add({ id, precedence })]),
    );
    const priceOf = priceKeys(transaction, prices, sourceKey === undefined);
    const provenanceOf = provenanceKeys(transaction, prices);
    const none = prices.flags.add([]);
    const stated = sql<AmountRecord>`
      select price_key, source_key, currency, ${milliseconds('valid_from')} as from_ms, revision, state, amount, upfront,
        ${milliseconds('observed_at')} as observed_ms, provenance_key, nullif(flags, '{}') as flags
      from price_amount
      where revision > ${sql.raw(String(since))} and revision <= ${sql.raw(String(revision))}
        and source_key = any('{${sql.raw([...sources.keys()].join(','))}}'::smallint[])`;
    for await (const rows of partsOf(transaction, 'amounts', stated)) {
      await priceOf.require(rows.map((row) => row.price_key));
      await provenanceOf.require(rows.map((row) => row.provenance_key));
      for (const row of rows) {
        prices.addRow(priceOf.get(row.price_key), {
          source: sources.get(row.source_key) ?? 0,
          currency: prices.currencies.add(row.currency),
          provenance: provenanceOf.get(row.provenance_key),
          flags: row.flags === null ? none : prices.flags.add(row.flags),
          revision: row.revision,
          state: row.state,
          validFromMs: row.from_ms,
          amount: row.amount,
          upfront: row.upfront,
          observedAtMs: row.observed_ms,
        });
      }
    }
    // Now, so that no request has to wait for it.
    await inSlices(prices.ordering());
  });

interface ConfirmationRecord {
  readonly id: number;
  readonly source_id: string;
  readonly precedence: number;
  readonly category: PriceCategory;
  readonly revision: number;
  readonly providers: readonly string[];
  readonly regions: readonly string[];
  readonly observed_ms: number;
  readonly counts_from_ms: number;
  readonly held_back: readonly string[];
}

/**
 * Adds the price confirmations since the last call.
 * @param after number of the last confirmation already added.
 * @param sourceKey source of a price book; absent for the sources of the public catalog.
 * @returns number of the last confirmation added now.
 */
export const addConfirmations = async (
  db: Kysely<Database>,
  prices: PriceColumns,
  after: number,
  sourceKey?: number,
): Promise<number> => {
  const { rows } = await sql<ConfirmationRecord>`
    select c.price_confirmation_id as id, s.id as source_id, s.precedence, c.category, c.revision, c.providers, c.regions,
      ${milliseconds('c.observed_at')} as observed_ms, ${milliseconds('c.counts_from')} as counts_from_ms,
      array(select i.id from price_identity i where i.price_key = any (c.held_back)) as held_back
    from price_confirmation c join catalog_source s using (source_key)
    where c.price_confirmation_id > ${after}
      and ${sourceKey === undefined ? sql`s.kind <> 'price_book'` : sql`c.source_key = ${sourceKey}`}
    order by c.price_confirmation_id`.execute(db);
  for (const row of rows) {
    prices.addConfirmation(prices.sources.add({ id: row.source_id, precedence: row.precedence }), row.category, {
      revision: row.revision,
      providers: row.providers,
      regions: row.regions,
      observedAtMs: row.observed_ms,
      countsFromMs: row.counts_from_ms,
      heldBack: new Set(row.held_back),
    });
  }
  return rows.at(-1)?.id ?? after;
};

const NOTHING: SnapshotParts = { revision: 0, committedAt: NEVER, entries: NO_ENTRIES, prices: new PriceColumns() };

/** @returns undefined when there is no such revision (0 is the empty catalog). */
export const readSnapshotParts = async (db: Kysely<Database>, revision: number): Promise<SnapshotParts | undefined> =>
  readPartsSince(db, undefined, revision);

/** Goes on from parts already read, so that the cost follows the change. The columns of prices are shared with them. */
export const readPartsSince = async (
  db: Kysely<Database>,
  known: SnapshotParts | undefined,
  revision: number,
): Promise<SnapshotParts | undefined> => {
  if (revision === 0) return NOTHING;
  const since = known?.revision ?? 0;
  const revisions = await readRevisions(db, since, revision);
  const head = revisions.at(-1);
  if (head?.revision !== revision) return undefined;
  const prices = known === undefined || since === 0 ? new PriceColumns() : known.prices;
  const [entries] = await Promise.all([readEntries(db, since, revision), addPrices(db, prices, since, revision)]);
  return {
    revision,
    committedAt: head.committedAt,
    revisions: [...(known?.revisions ?? []), ...revisions],
    entries: await inSlices(withStatements(known?.entries ?? NO_ENTRIES, entries)),
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
  const entries = rewoundTables(known.entries, changedSince, statements);
  return { revision, committedAt: head.committedAt, revisions, entries, prices: known.prices };
};
