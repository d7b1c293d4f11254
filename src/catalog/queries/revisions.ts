/** Revisions: one number per committed change, in commit order. */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { PriceCategory } from '../../domain/catalog/offers.ts';
import type { RevisionRecord } from '../snapshot.ts';
import type { Database, SourceKind } from '../tables.ts';

/** Channel on which the number of each new revision is announced at commit. */
export const REVISION_CHANNEL = 'catalog_revision';

/** Any constant that every release shares: "catalog" in ASCII. Held from handing out a number to commit. */
const revisionLockKey = '27973175172951911';

interface Change {
  readonly sourceId: string;
  /** Who did it: the label of a key, or the service itself. */
  readonly actor: string;
  readonly reason: string;
  readonly contentSha256: Buffer;
}

export interface OpenRevision {
  readonly transaction: Transaction<Database>;
  readonly revision: number;
  readonly sourceKey: number;
}

/** Thrown inside the transaction to roll it back: a change that changes nothing makes no revision. */
class NothingChanged extends Error {}

const sourceOf = async (db: Kysely<Database>, sourceId: string) =>
  db.selectFrom('catalog_source').selectAll().where('id', '=', sourceId).executeTakeFirstOrThrow();

/** Of all changes, those of price books included; what the next number is counted from. */
const lastNumber = async (db: Kysely<Database>): Promise<number> => {
  const { head } = await db
    .selectFrom('catalog_revision')
    .select(sql<number>`coalesce(max(revision), 0)`.as('head'))
    .executeTakeFirstOrThrow();
  return head;
};

/** The newest revision of the catalog that everybody reads. Numbers that price books took are no revisions of it. */
export const headRevision = async (db: Kysely<Database>): Promise<number> => {
  const found = await db
    .selectFrom('catalog_revision as r')
    .innerJoin('catalog_source as s', 's.source_key', 'r.source_key')
    .select('r.revision')
    .where('s.kind', '<>', 'price_book')
    .orderBy('r.revision', 'desc')
    .limit(1)
    .executeTakeFirst();
  return found?.revision ?? 0;
};

/**
 * Runs `write` in one transaction under the catalog lock and gives its rows the next revision. `write` returns how many versions
 * it added; with none the transaction is rolled back and the result is undefined.
 */
export const inNewRevision = async (
  db: Kysely<Database>,
  change: Change,
  write: (open: OpenRevision) => Promise<number>,
): Promise<number | undefined> => {
  try {
    return await db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.raw(revisionLockKey)})`.execute(transaction);
      const { source_key: sourceKey } = await sourceOf(transaction, change.sourceId);
      const revision = (await lastNumber(transaction)) + 1;
      await transaction
        .insertInto('catalog_revision')
        .values({
          revision,
          committed_at: sql`greatest(clock_timestamp(), (select max(committed_at) from catalog_revision))`,
          source_key: sourceKey,
          actor: change.actor,
          reason: change.reason,
          content_sha256: change.contentSha256,
        })
        .execute();
      if ((await write({ transaction, revision, sourceKey })) === 0) throw new NothingChanged();
      await transaction
        .updateTable('catalog_source')
        .set({ last_attempt_at: sql`now()`, last_success_at: sql`now()`, last_change_at: sql`now()` })
        .set({ last_content_sha256: change.contentSha256 })
        .where('source_key', '=', sourceKey)
        .execute();
      await sql`select pg_notify(${REVISION_CHANNEL}, ${String(revision)})`.execute(transaction);
      return revision;
    });
  } catch (error) {
    if (!(error instanceof NothingChanged)) throw error;
    await noteUnchanged(db, change);
    return undefined;
  }
};

/** The source was asked and had nothing new: a success without a change. */
export const noteUnchanged = async (
  db: Kysely<Database>,
  { sourceId, contentSha256 }: Pick<Change, 'sourceId' | 'contentSha256'>,
): Promise<void> => {
  await db
    .updateTable('catalog_source')
    .set({ last_attempt_at: sql`now()`, last_success_at: sql`now()`, last_content_sha256: contentSha256 })
    .where('id', '=', sourceId)
    .execute();
};

/** Whether the source delivered exactly this the last time. */
export const isLastContent = async (
  db: Kysely<Database>,
  { sourceId, contentSha256 }: Pick<Change, 'sourceId' | 'contentSha256'>,
): Promise<boolean> => (await sourceOf(db, sourceId)).last_content_sha256?.equals(contentSha256) ?? false;

/** Whether this source has ever made a revision of exactly this. */
export const hasDelivered = async (
  db: Kysely<Database>,
  { sourceId, contentSha256 }: Pick<Change, 'sourceId' | 'contentSha256'>,
): Promise<boolean> => {
  const found = await db
    .selectFrom('catalog_revision as r')
    .innerJoin('catalog_source as s', 's.source_key', 'r.source_key')
    .select('r.revision')
    .where('s.id', '=', sourceId)
    .where('r.content_sha256', '=', contentSha256)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
};

export interface SourceFreshness {
  readonly id: string;
  readonly kind: SourceKind;
  /** The lowest wins. */
  readonly precedence: number;
  readonly lastAttemptAt: string | null;
  readonly lastSuccessAt: string | null;
  readonly lastChangeAt: string | null;
  readonly maxAgeSeconds: number | null;
  /** Of the classes of prices that its lists have spoken of. */
  readonly classes: readonly ClassFreshness[];
}

interface ClassFreshness {
  readonly category: PriceCategory;
  readonly lastSuccessAt: string;
  readonly lastChangeAt: string | null;
}

/** All sources that everybody sees, with the times that tell how fresh they are, the strongest first. */
export const listSources = async (db: Kysely<Database>): Promise<readonly SourceFreshness[]> => {
  const rows = await db
    .selectFrom('catalog_source')
    .select(['id', 'kind', 'precedence', 'last_attempt_at', 'last_success_at', 'last_change_at'])
    .select(sql<number | null>`extract(epoch from max_age)::float8`.as('max_age_seconds'))
    .where('kind', '<>', 'price_book')
    .orderBy('precedence')
    .execute();
  const classes = await db
    .selectFrom('catalog_source_class as c')
    .innerJoin('catalog_source as s', 's.source_key', 'c.source_key')
    .select(['s.id', 'c.category', 'c.last_success_at', 'c.last_change_at'])
    .where('s.kind', '<>', 'price_book')
    .orderBy('c.category')
    .execute();
  const classesOf = Map.groupBy(classes, ({ id }) => id);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    precedence: row.precedence,
    lastAttemptAt: row.last_attempt_at?.toISOString() ?? null,
    lastSuccessAt: row.last_success_at?.toISOString() ?? null,
    lastChangeAt: row.last_change_at?.toISOString() ?? null,
    maxAgeSeconds: row.max_age_seconds,
    classes: (classesOf.get(row.id) ?? []).map(({ category, last_success_at, last_change_at }) => ({
      category,
      lastSuccessAt: last_success_at.toISOString(),
      lastChangeAt: last_change_at?.toISOString() ?? null,
    })),
  }));
};

/** The revisions of the public catalog after `since` up to `until`, oldest first. */
export const readRevisions = async (
  db: Kysely<Database>,
  since: number,
  until: number,
): Promise<readonly RevisionRecord[]> => {
  const rows = await db
    .selectFrom('catalog_revision as r')
    .innerJoin('catalog_source as s', 's.source_key', 'r.source_key')
    .select(['r.revision', 'r.committed_at', 's.id as source_id', 'r.actor', 'r.reason', 'r.content_sha256'])
    .where('r.revision', '>', since)
    .where('r.revision', '<=', until)
    .where('s.kind', '<>', 'price_book')
    .orderBy('r.revision')
    .execute();
  return rows.map((row) => ({
    revision: row.revision,
    committedAt: row.committed_at.toISOString(),
    sourceId: row.source_id,
    actor: row.actor,
    reason: row.reason,
    contentSha256: row.content_sha256.toString('hex'),
  }));
};
