/** What is kept of each sync: the request, what became of it, and its lists. */
import type pg from 'pg';
import type { SyncNote } from './notes.ts';
import { isAfter, momentInUtc, positionOf } from './position.ts';
import type { LeftOut } from './receive.ts';
import type { SyncScope } from './row-rules.ts';
import type { SyncMode } from './run.ts';

export interface SyncCounts {
  readonly rows: number;
  readonly inserted: number;
  readonly changed: number;
  readonly closed: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly quarantined: number;
  /** Announcements of dates to come that a full list leaves out. */
  readonly takenBack: number;
  readonly offersAdded: number;
}

export interface SyncRecord {
  readonly id: string;
  readonly actor: string;
  readonly tenant: string;
  readonly requestSha256: Buffer;
  readonly bodySha256: Buffer | null;
  readonly sourceId: string;
  readonly mode: SyncMode;
  readonly dryRun: boolean;
  readonly scope: SyncScope;
  readonly ifMatch: string | null;
  readonly requestId: string;
  readonly effectiveAt: Date;
  readonly rowCount: number | null;
  readonly counts: SyncCounts | null;
  /** Of a converted file. */
  readonly leftOut: LeftOut | null;
  readonly notes: readonly SyncNote[];
  readonly revision: number | null;
  readonly etag: string | null;
  readonly createdAt: Date;
  /** Place in a list that is sorted newest first (position.ts). */
  readonly position: string;
}

const COLUMNS = `price_sync_id as id, actor, tenant, request_sha256 as "requestSha256", body_sha256 as "bodySha256", source_id as "sourceId", mode,
  dry_run as "dryRun", scope, if_match as "ifMatch", request_id as "requestId", effective_at as "effectiveAt", row_count::float8 as "rowCount",
  counts, left_out as "leftOut", notes, revision, etag, created_at as "createdAt", ${positionOf('price_sync_id')} as position`;

/** A pool, or one connection of it. */
type Queryable = { readonly query: pg.Pool['query'] };

export const findSync = async (db: Queryable, id: string): Promise<SyncRecord | undefined> =>
  (await db.query<SyncRecord>(`select ${COLUMNS} from price_sync where price_sync_id = $1`, [id])).rows[0];

export const findSyncByKey = async (db: Queryable, actor: string, key: string): Promise<SyncRecord | undefined> =>
  (
    await db.query<SyncRecord>(`select ${COLUMNS} from price_sync where actor = $1 and idempotency_key = $2`, [
      actor,
      key,
    ])
  ).rows[0];

export const listSyncs = async (
  db: Queryable,
  filter: {
    readonly tenant: string;
    readonly sourceId?: string | undefined;
    /** Position of the last sync on the page before. */
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly SyncRecord[]> =>
  (
    await db.query<SyncRecord>(
      `select ${COLUMNS} from price_sync where tenant = $4 and ($1::text is null or source_id = $1) and ${isAfter('price_sync_id', '$2')}
       order by created_at desc, price_sync_id desc limit $3`,
      [filter.sourceId ?? null, filter.after ?? null, filter.limit, filter.tenant],
    )
  ).rows;

/** The key may be used again, for anything. */
export const freeKey = async (db: Queryable, id: string): Promise<void> => {
  await db.query('update price_sync set idempotency_key = null where price_sync_id = $1', [id]);
};

/**
 * Keys are kept for a week after their sync, lists of dry runs and of rejected rows for a quarter, reports and their operations for
 * `retentionDays`. The audit, revisions and what was decided of quarantined rows stay.
 */
export const prune = async (db: Queryable, retentionDays: number): Promise<void> => {
  await db.query(
    `update price_sync set idempotency_key = null where idempotency_key is not null and created_at < now() - interval '7 days'`,
  );
  await db.query(
    `delete from price_sync_rejection using price_sync s where s.price_sync_id = price_sync_rejection.price_sync_id
       and s.created_at < now() - interval '90 days'`,
  );
  await db.query(
    `delete from operation using price_sync s where s.price_sync_id = operation_id and finished_at < now() - make_interval(days => $1)`,
    [retentionDays],
  );
  await db.query(
    `delete from price_sync_difference using price_sync s where s.price_sync_id = price_sync_difference.price_sync_id
       and s.created_at < now() - interval '90 days'`,
  );
};

interface Rejection {
  readonly rowNumber: number;
  readonly field: string;
  readonly rule: string;
  readonly detail: string;
  readonly ordinal: number;
}

export const listRejections = async (
  db: Queryable,
  id: string,
  after: readonly [number, number],
  limit: number,
): Promise<readonly Rejection[]> =>
  (
    await db.query<Rejection>(
      `select row_number::float8 as "rowNumber", field, rule, detail, ordinal from price_sync_rejection
       where price_sync_id = $1 and (row_number, ordinal) > ($2, $3) order by row_number, ordinal limit $4`,
      [id, after[0], after[1], limit],
    )
  ).rows;

export interface Difference {
  /** What the next page begins after. */
  readonly position: string;
  readonly change: 'inserted' | 'changed' | 'closed' | 'taken_back';
  readonly priceId: string;
  readonly currency: string;
  readonly validFrom: Date;
  readonly oldAmount: string | null;
  readonly oldUpfront: string | null;
  readonly amount: string | null;
  readonly upfront: string | null;
}

export const listDryRunDifferences = async (
  db: Queryable,
  id: string,
  after: string,
  limit: number,
): Promise<readonly Difference[]> =>
  (
    await db.query<Difference>(
      `select ordinal::text as position, change, price_id as "priceId", currency, valid_from as "validFrom", old_amount as "oldAmount",
         old_upfront as "oldUpfront", amount, upfront
       from price_sync_difference where price_sync_id = $1 and ordinal > $2 and rules = '{}' order by ordinal limit $3`,
      [id, after === '' ? '0' : after, limit],
    )
  ).rows;

/** A change that waits in quarantine or, in a dry run, would wait there. */
export interface WaitingChange extends Difference {
  /** Null for a price that the list leaves out. */
  readonly rowNumber: number | null;
  readonly rules: readonly string[];
  readonly detail: string;
}

export const listWaitingChanges = async (
  db: Queryable,
  id: string,
  after: string,
  limit: number,
): Promise<readonly WaitingChange[]> =>
  (
    await db.query<WaitingChange>(
      `select ordinal::text as position, change, price_id as "priceId", currency, valid_from as "validFrom", old_amount as "oldAmount",
         old_upfront as "oldUpfront", amount, upfront, row_number::float8 as "rowNumber", rules, detail
       from price_sync_difference where price_sync_id = $1 and ordinal > $2 and rules <> '{}' order by ordinal limit $3`,
      [id, after === '' ? '0' : after, limit],
    )
  ).rows;

/**
 * What a revision did to prices: each of its statements beside what the same source said for that date before. `after` is the position of the
 * last one seen, or empty.
 */
export const listRevisionDifferences = async (
  db: Queryable,
  revision: number,
  after: string,
  limit: number,
): Promise<readonly Difference[]> => {
  const [key = '', currency = '', validFrom = ''] = after === '' ? ['0', '', '-infinity'] : after.split('|');
  const { rows } = await db.query<Difference>(
    `select concat_ws('|', a.price_key, a.currency,
         ${momentInUtc('a.valid_from')}) as position,
       case when a.state = 'void' then 'taken_back' when a.state = 'withdrawn' then 'closed'
         when o.state = 'in_force' then 'changed' else 'inserted' end as change,
       i.id as "priceId", a.currency, a.valid_from as "validFrom", o.amount as "oldAmount", o.upfront as "oldUpfront",
       case when a.state = 'in_force' then a.amount end as amount, case when a.state = 'in_force' then a.upfront end as upfront
     from (select * from price_amount where revision = $1 and (price_key, currency, valid_from) > ($2::integer, $3, $4::timestamptz)
       order by price_key, currency, valid_from limit $5) a
     join price_identity i using (price_key)
     left join lateral (
       select s.* from (select distinct on (p.valid_from) p.* from price_amount p
         where p.price_key = a.price_key and p.source_key = a.source_key and p.currency = a.currency and p.revision < $1
           and p.valid_from <= a.valid_from order by p.valid_from desc, p.revision desc) s
       where s.state <> 'void' order by s.valid_from desc limit 1) o on true
     order by a.price_key, a.currency, a.valid_from`,
    [revision, key, currency, validFrom, limit],
  );
  return rows;
};
