/**
 * Price books in the database: versions of their document, and the private list that price syncs send. Each change takes the next
 * catalog revision; the revision of a book is the last of its own. Nothing is deleted: a retired book is still read at its revisions.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type Author, contentSha256 } from '../../access/audit.ts';
import type { PriceBook, PrivateList } from '../../domain/economics/price-book.ts';
import { PriceColumns } from '../price-columns.ts';
import { PriceReading } from '../price-reading.ts';
import { addConfirmations, addPrices } from '../queries/read-prices.ts';
import { inNewRevision } from '../queries/revisions.ts';
import type { Connections } from '../queries/snapshot-parts.ts';
import type { Database } from '../tables.ts';
import type { PriceBookBody } from './body.ts';
import { priceBookSource } from './source.ts';

/** A book is only ever found together with whose it is. */
interface PriceBookKey {
  readonly tenant: string;
  readonly id: string;
}

export interface StoredPriceBook extends PriceBookKey {
  readonly body: PriceBookBody;
  readonly revision: number;
  readonly committedAt: string;
  /** Who made that revision. */
  readonly actor: string;
  /** The last revision of the private list; null where none was sent. */
  readonly listRevision: number | null;
  readonly sourceKey: number;
}

interface PriceBookChange {
  readonly revision: number;
  readonly committedAt: string;
  readonly actor: string;
  readonly reason: string;
}

/** Beyond the sources of the public catalog: books are not ranked among one another, and no number is used twice. */
const FIRST_PRECEDENCE = 10_001;
/** "book" in ASCII. */
const BOOK_LOCK = 1_651_470_187;

interface VersionRow {
  readonly tenant: string;
  readonly id: string;
  readonly source_key: number;
  readonly state: 'stated' | 'retired';
  readonly body: PriceBookBody;
  readonly revision: number;
  readonly committed_at: Date;
  readonly actor: string;
  readonly list_revision: number | null;
}

/** Each book as it was at `revision`, or is; retired ones as well. */
const versions = (tenant: string, id: string | null, revision: number | null) => sql<VersionRow>`
  select b.tenant, b.id, b.source_key, v.state, v.body, h.revision, h.committed_at, h.actor,
    (select max(a.revision) from catalog_revision a where a.source_key = b.source_key and a.revision <= h.revision
      and not exists (select from price_book_version o where o.price_book_key = b.price_book_key and o.revision = a.revision)
      and not exists (select from price_book_version o where o.price_book_key = b.price_book_key and o.state = 'retired'
        and o.revision > a.revision and o.revision <= h.revision)
    ) as list_revision
  from price_book b
  cross join lateral (select r.revision, r.committed_at, r.actor from catalog_revision r
    where r.source_key = b.source_key and (${revision}::integer is null or r.revision <= ${revision})
    order by r.revision desc limit 1) h
  cross join lateral (select o.state, o.body from price_book_version o
    where o.price_book_key = b.price_book_key and o.revision <= h.revision
    order by o.revision desc limit 1) v
  where b.tenant = ${tenant} and (${id}::text is null or b.id = ${id})
  order by b.id`;

const stored = (row: VersionRow): StoredPriceBook => ({
  tenant: row.tenant,
  id: row.id,
  body: row.body,
  revision: row.revision,
  committedAt: row.committed_at.toISOString(),
  actor: row.actor,
  listRevision: row.list_revision,
  sourceKey: row.source_key,
});

/** Those of a tenant that are not retired, by id. */
export const listPriceBooks = async (db: Kysely<Database>, tenant: string): Promise<readonly StoredPriceBook[]> => {
  const { rows } = await versions(tenant, null, null).execute(db);
  return rows.filter(({ state }) => state === 'stated').map(stored);
};

/**
 * The book as it is, or as it was when the catalog was at `revision`.
 * @returns undefined where the tenant had no such book then, whoever else has one.
 */
export const findPriceBook = async (
  db: Kysely<Database>,
  { tenant, id }: PriceBookKey,
  revision?: number,
): Promise<StoredPriceBook | undefined> => {
  const { rows } = await versions(tenant, id, revision ?? null).execute(db);
  return rows.filter(({ state }) => state === 'stated').map(stored)[0];
};

/** All changes of a book, private lists included, the newest first; also of a retired one. Empty where there never was one. */
export const listPriceBookChanges = async (
  db: Kysely<Database>,
  { tenant, id }: PriceBookKey,
): Promise<readonly PriceBookChange[]> => {
  const rows = await db
    .selectFrom('price_book as b')
    .innerJoin('catalog_revision as r', 'r.source_key', 'b.source_key')
    .select(['r.revision', 'r.committed_at', 'r.actor', 'r.reason'])
    .where('b.tenant', '=', tenant)
    .where('b.id', '=', id)
    .orderBy('r.revision', 'desc')
    .execute();
  return rows.map(({ committed_at, ...row }) => ({ ...row, committedAt: committed_at.toISOString() }));
};

/** The book's place, made at the first write. */
const ensureBook = async (db: Kysely<Database>, { tenant, id }: PriceBookKey): Promise<number> =>
  db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${BOOK_LOCK}, 0)`.execute(transaction);
    const known = await transaction
      .selectFrom('price_book')
      .select('price_book_key')
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst();
    if (known !== undefined) return known.price_book_key;
    const { rows } = await sql<{ source_key: number }>`
      insert into catalog_source (id, kind, precedence)
      select ${priceBookSource(tenant, id)}, 'price_book', coalesce(max(precedence) + 1, ${FIRST_PRECEDENCE})
      from catalog_source where precedence >= ${FIRST_PRECEDENCE}
      returning source_key`.execute(transaction);
    const made = await transaction
      .insertInto('price_book')
      .values({ tenant, id, source_key: rows[0]?.source_key ?? 0 })
      .returning('price_book_key')
      .executeTakeFirstOrThrow();
    return made.price_book_key;
  });

const hasVersions = async (db: Kysely<Database>, bookKey: number): Promise<boolean> =>
  (await db
    .selectFrom('price_book_version')
    .select('revision')
    .where('price_book_key', '=', bookKey)
    .limit(1)
    .executeTakeFirst()) !== undefined;

/** Takes back the list of a retired book of the same name, and what waits of it: a new book begins without prices. */
const emptyPrivateList = async (
  transaction: Transaction<Database>,
  { tenant, id }: PriceBookKey,
  revision: number,
): Promise<void> => {
  const sourceId = priceBookSource(tenant, id);
  const ofBook = sql`source_key = (select source_key from catalog_source where id = ${sourceId})`;
  await sql`
    insert into price_amount (price_key, source_key, currency, valid_from, revision, state, amount, upfront, observed_at, provenance_key, flags, is_open)
    select price_key, source_key, currency, valid_from, ${revision}, 'void', null, 0, observed_at, provenance_key, flags, false
    from (select distinct on (price_key, currency, valid_from) * from price_amount where ${ofBook}
      order by price_key, currency, valid_from, revision desc) newest
    where state <> 'void'`.execute(transaction);
  await sql`update price_amount set is_open = false where is_open and ${ofBook}`.execute(transaction);
  await sql`update price_quarantine set state = 'superseded' where state = 'waiting' and source_id = ${sourceId}`.execute(
    transaction,
  );
};

/**
 * Makes the next version: `body` replaces all but the private list, and undefined retires the book. The same again changes nothing.
 * @param check sees what is there, under the catalog's lock, and throws to refuse.
 * @returns the new revision, or undefined when nothing changed.
 */
export const writePriceBook = async (
  db: Kysely<Database>,
  key: PriceBookKey,
  body: PriceBookBody | undefined,
  author: Author,
  check: (before: StoredPriceBook | undefined) => void,
): Promise<number | undefined> => {
  const bookKey = await ensureBook(db, key);
  const { actor, requestId, bodySha256 } = author;
  const reason = body === undefined ? 'Price book retired' : 'Price book written';
  const change = {
    sourceId: priceBookSource(key.tenant, key.id),
    actor,
    reason,
    contentSha256: contentSha256(author, `${reason}: ${key.id}`),
  };
  return inNewRevision(db, change, async ({ transaction, revision }) => {
    // The number just taken is no version yet.
    const before = await findPriceBook(transaction, key, revision - 1);
    check(before);
    if (body === undefined ? before === undefined : isDeepStrictEqual(before?.body, body)) return 0;
    if (before === undefined && (await hasVersions(transaction, bookKey))) {
      await emptyPrivateList(transaction, key, revision);
    }
    const kept = body ?? before?.body;
    await transaction
      .insertInto('price_book_version')
      .values({
        price_book_key: bookKey,
        revision,
        state: body === undefined ? 'retired' : 'stated',
        body: JSON.stringify(kept),
      })
      .execute();
    await transaction
      .insertInto('audit_event')
      .values({
        tenant: key.tenant,
        actor,
        action: body === undefined ? 'price_book_retired' : 'price_book_written',
        subject: `price-book/${key.id}`,
        revision,
        body_sha256: bodySha256,
        request_id: requestId,
      })
      .execute();
    return 1;
  });
};

/** Books kept ready: the same object for the same revision, so that what was computed from it is found again. */
const MOST_KEPT = 100;

interface ListInMemory {
  readonly columns: PriceColumns;
  readonly upTo: number;
  /** Number of the last price confirmation that the columns contain. */
  readonly confirmed: number;
}

/** Price books as estimates use them. */
export class PriceBooks {
  readonly #database: Connections;
  readonly #books = new Map<string, PriceBook>();
  /** By source; each is only ever added to, and all revisions of a book read the same. */
  readonly #lists = new Map<number, ListInMemory>();
  readonly #reading = new Map<number, Promise<unknown>>();

  constructor(database: Connections) {
    this.#database = database;
  }

  /** @returns undefined where the tenant had no such book at that revision. */
  async find(key: PriceBookKey, revision?: number): Promise<PriceBook | undefined> {
    const found = await findPriceBook(this.#database.db, key, revision);
    if (found === undefined) return undefined;
    const name = `${found.sourceKey}@${found.revision}`;
    // Read again for a known book too, since its list may have been confirmed meanwhile.
    const list = found.listRevision === null ? null : await this.#list(found.sourceKey, found.listRevision);
    const book = this.#books.get(name) ?? {
      id: found.id,
      revision: found.revision,
      committedAt: found.committedAt,
      discounts: found.body.discounts,
      contracts: found.body.contracts,
      exchangeRates: found.body.exchangeRates,
      purchases: found.body.purchases,
      privateList: list,
    };
    // Two may have asked at once; all get the first one's.
    const kept = this.#books.get(name) ?? book;
    remember(this.#books, name, kept);
    return kept;
  }

  async #list(sourceKey: number, revision: number): Promise<PrivateList> {
    const before = this.#reading.get(sourceKey);
    const reading = (async () => {
      await before?.catch(() => undefined); // its own caller hears of it
      const known = this.#lists.get(sourceKey) ?? { columns: new PriceColumns(), upTo: 0, confirmed: 0 };
      if (known.upTo < revision) {
        await addPrices(this.#database.pool, known.columns, { since: known.upTo, revision, sourceKey });
      }
      const confirmed = await addConfirmations(this.#database.db, known.columns, known.confirmed, sourceKey);
      const list = { columns: known.columns, upTo: Math.max(known.upTo, revision), confirmed };
      remember(this.#lists, sourceKey, list);
      return list.columns;
    })();
    this.#reading.set(sourceKey, reading);
    try {
      return privateList(await reading, revision);
    } finally {
      if (this.#reading.get(sourceKey) === reading) this.#reading.delete(sourceKey);
    }
  }
}

/** The last used stays longest. */
const remember = <K, V>(map: Map<K, V>, key: K, value: V): void => {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MOST_KEPT) break;
    map.delete(oldest);
  }
};

const privateList = (columns: PriceColumns, revision: number): PrivateList => {
  const reading = new PriceReading(columns, revision);
  return {
    pricesOfOffer: (offerId, at, currency = 'USD') => reading.ofOffer(offerId, Date.parse(at), currency),
    foreignCounts: (at) => reading.foreignCounts(Date.parse(at), () => true),
    lastPriceChange: (at) => {
      const changedAtMs = reading.lastChangeMs(Date.parse(at));
      return changedAtMs === undefined ? null : new Date(changedAtMs).toISOString();
    },
  };
};
