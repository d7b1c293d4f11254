/** Reads what every source said of its prices, or a price book's list of its. Rows are append-only, so no transaction is needed for an exact reading. */
import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import { type CopiedRow, copiedRows, onConnection } from '../../db/copied-rows.ts';
import type { PaymentOption, PriceCategory, PriceUnit } from '../../domain/catalog/offers.ts';
import type { Confidence } from '../../domain/catalog/provenance.ts';
import { NumbersOfKeys } from '../numbers-of-keys.ts';
import type { PriceColumns } from '../price-columns.ts';
import { inSlices, Slices } from '../slices.ts';
import type { AmountState, Database } from '../tables.ts';
import { hashOfBytes } from '../text-index.ts';
import { areSame, Repeated } from './repeated.ts';

/** What is to be read: statements by these sources in revisions after `since` up to `revision`. */
interface Stretch {
  readonly since: number;
  readonly revision: number;
  readonly sourceKeys: readonly number[];
}

/** Parameters are not allowed in COPY; all of these are numbers. */
const stated = ({ since, revision, sourceKeys }: Stretch): string =>
  `from price_amount where revision > ${since} and revision <= ${revision} and source_key = any('{${sourceKeys.join(',')}}'::smallint[])`;

/** Takes rows in as they arrive, in slices. */
const eachRow = async (client: pg.ClientBase, query: string, take: (row: CopiedRow) => void): Promise<void> => {
  const slices = new Slices();
  for await (const rows of copiedRows(client, query)) {
    for (const row of rows) take(row);
    if (slices.isOver) await slices.rest();
  }
};

interface PricesToRead {
  /** What was stated after this revision is read … */
  readonly since: number;
  /** … up to this one. */
  readonly revision: number;
  /** Up to this revision the prices themselves have been read ahead; absent: up to `since`. */
  readonly aheadUpTo?: number;
  /** Of a price book, whose private list is read; the sources of the public catalog where absent. */
  readonly sourceKey?: number;
}

/** Adds what was stated. */
export const addPrices = async (
  pool: pg.Pool,
  prices: PriceColumns,
  { since, revision, aheadUpTo = since, sourceKey }: PricesToRead,
): Promise<void> => {
  await onConnection(pool, async (client) => {
    const sources = await readSources(client, prices, sourceKey);
    const stretch = { since, revision, sourceKeys: [...sources.keys()] };
    if (aheadUpTo < revision) await addIdentitiesStated(client, prices, { ...stretch, since: aheadUpTo });
    const provenances = await readProvenances(client, prices, stretch);
    await addAmounts(client, prices, stretch, sources, provenances);
  });
  // Now, so that no request has to wait for it.
  await inSlices(prices.order.updating(revision));
};

/**
 * Adds prices of which nothing is stated yet, so that nobody sees them.
 * @param identities a query as `addIdentities` takes it.
 * @returns their numbers by the keys that they are about to have.
 */
export const addPricesAhead = async (
  pool: pg.Pool,
  prices: PriceColumns,
  identities: string,
): Promise<NumbersOfKeys> => {
  const numbersOfKeys = new NumbersOfKeys();
  await onConnection(pool, (client) => addIdentities(client, prices, identities, numbersOfKeys));
  await inSlices(prices.order.updating());
  return numbersOfKeys;
};

/** By key: their numbers in the columns. */
const readSources = async (
  client: pg.ClientBase,
  prices: PriceColumns,
  sourceKey: number | undefined,
): Promise<ReadonlyMap<number, number>> => {
  const { rows } = await client.query<{ source_key: number; id: string; precedence: number }>(
    `select source_key, id, precedence from catalog_source
     where case when $1::smallint is null then kind <> 'price_book' else source_key = $1 end`,
    [sourceKey ?? null],
  );
  return new Map(rows.map(({ source_key, id, precedence }) => [source_key, prices.sources.add({ id, precedence })]));
};

/** More prices than this are not looked up one by one. */
const MOST_LOOKED_UP = 20_000;

/** Of all prices that the statements are about, as far as they are not known: a list mostly changes what is. */
const addIdentitiesStated = async (client: pg.ClientBase, prices: PriceColumns, stretch: Stretch): Promise<void> => {
  const unknown = new Set<number>();
  const isFirstReading = prices.identities.size === 0;
  if (!isFirstReading) {
    await eachRow(client, `select price_key ${stated(stretch)}`, (row) => {
      const key = row.int32(0);
      if (prices.numbersOfKeys.find(key) === undefined && unknown.size <= MOST_LOOKED_UP) unknown.add(key);
    });
    if (unknown.size === 0) return;
  }
  const areFew = !isFirstReading && unknown.size <= MOST_LOOKED_UP;
  // The planner has no statistics of what was just written, and takes a million different keys for some hundred.
  if (!areFew) await client.query('set enable_nestloop = off');
  await addIdentities(
    client,
    prices,
    `select price_key, id, offer_id, category, term_months, payment, tier_from::text, unit from price_identity
     where price_key ${areFew ? `= any ('{${[...unknown].join(',')}}'::integer[])` : `in (select price_key ${stated(stretch)})`}`,
    prices.numbersOfKeys,
  );
  if (!areFew) await client.query('reset enable_nestloop');
};

/**
 * @param identities a query for key, id, offer, category, term, payment, tier as text, and unit.
 * @param numbersOfKeys what is in it is known already, and what is added comes into it.
 */
const addIdentities = async (
  client: pg.ClientBase,
  prices: PriceColumns,
  identities: string,
  numbersOfKeys: NumbersOfKeys,
): Promise<void> => {
  const offer = new Repeated((row) => prices.identities.offers.add(row.text(2)));
  const kind = new Repeated((row) => {
    const added = prices.identities.kinds.add({
      category: row.text(3) as PriceCategory,
      termMonths: row.int16(4),
      payment: row.text(5) as PaymentOption,
      tierFrom: Number(row.text(6)),
      unit: row.text(7) as PriceUnit,
    });
    return { number: added, ending: Buffer.from(prices.identities.ending(added)) };
  });
  await eachRow(client, identities, (row) => {
    const key = row.int32(0);
    if (numbersOfKeys.find(key) !== undefined) return;
    const { number, ending } = kind.of(row, 3, 7);
    const { bytes } = row;
    const [from, to] = [row.start(1), row.end(1)];
    const [offerFrom, offerTo] = [row.start(2), row.end(2)];
    const rest = from + offerTo - offerFrom;
    const isMade =
      to - rest === ending.length &&
      areSame(bytes, from, bytes, offerFrom, offerTo - offerFrom) &&
      areSame(bytes, rest, ending, 0, ending.length);
    const otherId = isMade ? undefined : row.text(1);
    numbersOfKeys.set(key, prices.addHashedPrice(offer.of(row, 2, 2), number, hashOfBytes(bytes, from, to), otherId));
  });
};

/** By key: their numbers in the columns. */
const readProvenances = async (
  client: pg.ClientBase,
  prices: PriceColumns,
  stretch: Stretch,
): Promise<NumbersOfKeys> => {
  const numbers = new NumbersOfKeys();
  await eachRow(
    client,
    `select provenance_key, source, source_date, confidence, licence, notes from price_provenance
     where provenance_key in (select provenance_key ${stated(stretch)})`,
    (row) => {
      const provenance = {
        source: row.text(1),
        sourceDate: row.nullableText(2),
        confidence: row.text(3) as Confidence,
        licence: row.nullableText(4),
        notes: row.nullableText(5),
      };
      numbers.set(row.int32(0), prices.provenances.add(provenance));
    },
  );
  return numbers;
};

const addAmounts = async (
  client: pg.ClientBase,
  prices: PriceColumns,
  stretch: Stretch,
  sources: ReadonlyMap<number, number>,
  provenances: NumbersOfKeys,
): Promise<void> => {
  const shared = new Repeated((row) => ({
    currency: prices.currencies.add(row.text(2)),
    state: row.text(3) as AmountState,
    flags: prices.flags.add(row.isNull(4) ? [] : row.texts(4)),
  }));
  await eachRow(
    client,
    `select price_key, source_key, currency, state, nullif(flags, '{}'), revision, valid_from, amount, upfront, observed_at, provenance_key
     ${stated(stretch)}`,
    (row) => {
      const { currency, state, flags } = shared.of(row, 2, 4);
      prices.addRow(there(prices.numbersOfKeys.find(row.int32(0)), 'price'), {
        source: there(sources.get(row.int16(1)), 'source'),
        currency,
        provenance: there(provenances.find(row.int32(10)), 'provenance'),
        flags,
        revision: row.int32(5),
        state,
        validFromMs: row.milliseconds(6),
        amount: row.isNull(7) ? null : row.decimal(7),
        upfront: row.decimal(8),
        observedAtMs: row.milliseconds(9),
      });
    },
  );
};

const there = (number: number | undefined, what: string): number => {
  if (number === undefined) throw new Error(`An amount refers to a ${what} that is not there.`);
  return number;
};

/** Cut to whole milliseconds, as the driver does; through microseconds, which doubles hold exactly. */
const milliseconds = (column: string) => sql`floor(round(date_part('epoch', ${sql.ref(column)}) * 1e6) / 1e3)`;

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
