/** Work in the background, as the database knows it: where it stands, and what became of it. */
import type pg from 'pg';
import { isAfter, positionOf } from './position.ts';
import { OWNER_LOCK } from './session.ts';

type OperationState = 'receiving' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

interface OperationFailure {
  readonly code: string;
  readonly detail: string;
}

export interface OperationRecord {
  readonly id: string;
  readonly kind: string;
  readonly state: OperationState;
  readonly step: string;
  /** 0 to 1. */
  readonly progress: number;
  readonly unitCount: number | null;
  readonly cancelRequested: boolean;
  readonly failure: OperationFailure | null;
  readonly actor: string;
  readonly tenant: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
  /** Place in a list that is sorted newest first (position.ts). */
  readonly position: string;
}

const COLUMNS = `operation_id as id, kind, state, step, progress, unit_count::float8 as "unitCount",
  cancel_requested_at is not null as "cancelRequested", failure, actor, tenant, created_at as "createdAt", updated_at as "updatedAt",
  finished_at as "finishedAt", ${positionOf('operation_id')} as position`;

type Queryable = Pick<pg.ClientBase, 'query'> | Pick<pg.Pool, 'query'>;

const query = async <Row extends pg.QueryResultRow>(db: Queryable, text: string, values: readonly unknown[] = []) =>
  (db as pg.Pool).query<Row>(text, [...values]);

export const createOperation = async (
  db: Queryable,
  id: string,
  kind: string,
  { actor, tenant }: Pick<OperationRecord, 'actor' | 'tenant'>,
): Promise<void> => {
  await query(
    db,
    `insert into operation (operation_id, kind, state, step, actor, tenant) values ($1, $2, 'receiving', 'receiving', $3, $4)`,
    [id, kind, actor, tenant],
  );
};

export const findOperation = async (db: Queryable, id: string): Promise<OperationRecord | undefined> =>
  (await query<OperationRecord>(db, `select ${COLUMNS} from operation where operation_id = $1`, [id])).rows[0];

interface OperationFilter {
  readonly tenant: string;
  readonly kind?: string | undefined;
  readonly state?: OperationState | undefined;
  /** Position of the last operation on the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The newest first. */
export const listOperations = async (
  db: Queryable,
  { tenant, kind, state, after, limit }: OperationFilter,
): Promise<readonly OperationRecord[]> =>
  (
    await query<OperationRecord>(
      db,
      `select ${COLUMNS} from operation
       where tenant = $1 and ($2::text is null or kind = $2) and ($3::text is null or state = $3)
         and ${isAfter('operation_id', '$4')}
       order by created_at desc, operation_id desc limit $5`,
      [tenant, kind ?? null, state ?? null, after ?? null, limit],
    )
  ).rows;

/** SQL on pg_locks: the lock that whoever works on an operation holds (session.ts). @param id SQL for its id, as text */
const isLockOf = (
  id: string,
): string => `locktype = 'advisory' and granted and objsubid = 2 and classid = ${OWNER_LOCK}::bigint::oid
  and objid = (hashtext(${id})::bigint & 4294967295)::oid and database = (select oid from pg_database where datname = current_database())`;

/** Unfinished ones that nobody works on: their instance or its connection ended. The oldest first. */
export const leftOperations = async (db: Queryable, kind: string): Promise<readonly OperationRecord[]> =>
  (
    await query<OperationRecord>(
      db,
      `select ${COLUMNS} from operation where finished_at is null and kind = $1 and not exists (select from pg_locks where ${isLockOf('operation_id::text')}) order by created_at`,
      [kind],
    )
  ).rows;

/** @returns whether somebody wants it to stop. */
export const tellProgress = async (
  db: Queryable,
  id: string,
  { state, step, progress, unitCount }: Pick<OperationRecord, 'state' | 'step' | 'progress'> & { unitCount?: number },
): Promise<boolean> => {
  const { rows } = await query<{ stop: boolean }>(
    db,
    `update operation set state = $2, step = $3, progress = $4, unit_count = coalesce($5, unit_count), updated_at = clock_timestamp()
     where operation_id = $1 and finished_at is null returning cancel_requested_at is not null as stop`,
    [id, state, step, progress, unitCount ?? null],
  );
  return rows[0]?.stop ?? false;
};

/** Work that was taken up so often without ending probably crashes the process each time. */
const MOST_ATTEMPTS = 5;

/**
 * Counts that an instance takes up an operation that another left unfinished.
 * @returns false where it has ended, or that has happened too often: the operation has then failed, and no later start tries it again.
 */
export const takeUp = async (db: Queryable, id: string): Promise<boolean> => {
  const { rows } = await query<{ attempts: number }>(
    db,
    'update operation set attempts = attempts + 1 where operation_id = $1 and finished_at is null returning attempts',
    [id],
  );
  const [taken] = rows;
  if (taken === undefined) return false;
  if (taken.attempts <= MOST_ATTEMPTS) return true;
  await finishOperation(db, id, 'failed', {
    code: 'given_up',
    detail: `The service or its database ended ${MOST_ATTEMPTS} times while it worked on this, so it is not tried again; nothing was changed. Send something smaller, or tell whoever runs the service.`,
  });
  return false;
};

/**
 * Ends an operation once; what has ended stays as it ended.
 * @returns whether it was this call that ended it.
 */
export const finishOperation = async (
  db: Queryable,
  id: string,
  state: 'succeeded' | 'failed' | 'cancelled',
  failure: OperationFailure | null = null,
): Promise<boolean> => {
  const { rowCount } = await query(
    db,
    `update operation set state = $2, step = $2, progress = case when $2 = 'succeeded' then 1 else progress end, failure = $3,
       updated_at = clock_timestamp(), finished_at = clock_timestamp() where operation_id = $1 and finished_at is null`,
    [id, state, failure === null ? null : JSON.stringify(failure)],
  );
  return rowCount === 1;
};

/**
 * Asks for an end: work between two steps sees the request, a statement under way is cancelled, wherever the instance is that does it.
 * @returns false when it has ended already.
 */
export const requestCancel = async (db: Queryable, id: string): Promise<boolean> => {
  const { rowCount } = await query(
    db,
    `update operation set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()) where operation_id = $1 and finished_at is null`,
    [id],
  );
  if (rowCount === 0) return false;
  await query(db, `select pg_cancel_backend(pid) from pg_locks where ${isLockOf('$1')}`, [id]);
  return true;
};
