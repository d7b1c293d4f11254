/** One key, one sync: a request that comes again is answered as the first time, and one that never ended begins anew. */
import type pg from 'pg';
import { endInterrupted } from './ending.ts';
import { SyncFailure } from './failure.ts';
import { hashOfList, type ListBytes } from './list-bytes.ts';
import { createOperation, findOperation } from './operations.ts';
import { findSync, freeKey, type SyncRecord } from './records.ts';
import type { Session } from './session.ts';
import { requestSha256, type SyncRequest } from './sync-request.ts';

interface AnswerOfEarlier {
  readonly kind: 'done';
  readonly record: SyncRecord;
  readonly replayed: true;
}

/** Undefined: the earlier attempt changed nothing and its key is free again. */
export const answerOfEarlier = async (
  pool: pg.Pool,
  session: Session,
  earlier: SyncRecord,
  request: SyncRequest,
  list: ListBytes,
): Promise<AnswerOfEarlier | undefined> => {
  const operation = await findOperation(pool, earlier.id);
  if (operation?.state === 'succeeded') {
    const sameRequest = earlier.requestSha256.equals(requestSha256(request));
    const bodySha256 = await hashOfList(list);
    if (sameRequest && earlier.bodySha256?.equals(bodySha256) === true) {
      return { kind: 'done', record: (await findSync(pool, earlier.id)) ?? earlier, replayed: true };
    }
    throw new SyncFailure(
      'key_reused',
      sameRequest
        ? 'This Idempotency-Key was used for another list. Take a new key for a new list.'
        : 'This Idempotency-Key was used for a sync with other parameters. Take a new key for each sync, also for a dry run and the real one.',
    );
  }
  if (operation !== undefined && operation.finishedAt === null) {
    // Whoever works on it holds the lock; nobody does when that instance is gone.
    if (!(await session.own(earlier.id))) {
      throw new SyncFailure(
        'key_in_flight',
        `A sync with this Idempotency-Key is under way; ask GET /v1/operations/${earlier.id} what became of it.`,
      );
    }
    // It may have ended just before its lock was released.
    if ((await findOperation(pool, earlier.id))?.state === 'succeeded') {
      return answerOfEarlier(pool, session, earlier, request, list);
    }
    await endInterrupted(pool, earlier.id);
  }
  await freeKey(pool, earlier.id);
  return undefined;
};

/** The sync and its operation, with the list still to come. */
export const register = async (client: pg.ClientBase, id: string, request: SyncRequest, now: Date): Promise<void> => {
  await client.query('begin');
  try {
    await createOperation(client, id, 'price_sync', request);
    await client.query(
      `insert into price_sync (price_sync_id, actor, idempotency_key, request_sha256, source_id, mode, dry_run, scope, if_match, request_id,
         effective_at, tenant) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        id,
        request.actor,
        request.idempotencyKey,
        requestSha256(request),
        request.sourceId,
        request.mode,
        request.dryRun,
        JSON.stringify(request.scope),
        request.ifMatch ?? null,
        request.requestId,
        now,
        request.tenant,
      ],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the connection itself may be what failed
    if ((error as { code?: string }).code === '23505') {
      throw new SyncFailure(
        'key_in_flight',
        'A sync with this Idempotency-Key has just begun; ask again for its answer.',
      );
    }
    throw error;
  }
};
