/**
 * Price lists in bulk: received, checked, compared, judged and merged. One sync is one operation; docs/adr/0005-price-syncs.md says why it
 * survives what it survives.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isConnectionLost } from '../../db/away.ts';
import { whenBack } from '../../db/when-back.ts';
import type { CatalogHolder } from '../holder.ts';
import type { CatalogView } from '../snapshot.ts';
import { SyncFailure } from './failure.ts';
import { rememberRows } from './memory.ts';
import {
  createOperation,
  findOperation,
  finishOperation,
  takeUp,
  tellProgress,
  unfinishedOperations,
} from './operations.ts';
import { type Leave, Places } from './places.ts';
import { createStagingTable, hashOfList, ListBytes, type ListFormat, receiveList, stagingTable } from './receive.ts';
import { findSync, findSyncByKey, freeKey, prune, type SyncRecord } from './records.ts';
import type { SyncScope } from './row-rules.ts';
import type { SyncMode, SyncRun } from './run.ts';
import { openSession, type Session } from './session.ts';
import { workOff } from './work-off.ts';

export interface SyncRequest {
  readonly actor: string;
  /** Whose the report is. */
  readonly tenant: string;
  readonly idempotencyKey: string;
  readonly requestId: string;
  readonly sourceId: string;
  readonly mode: SyncMode;
  readonly dryRun: boolean;
  readonly scope: SyncScope;
  readonly ifMatch: string | undefined;
  readonly format: ListFormat;
}

export interface SyncSettings {
  /** Longest list, unpacked. */
  readonly limitBytes: number;
  /** Lists up to this long are answered at once. */
  readonly answeredAtOnceRows: number;
  /** In lists up to this long each row is looked up by index; of longer ones it is remembered what they said. */
  readonly lookedUpRows: number;
  /** Lists received and worked off at once, each with a connection of its own. */
  readonly atOnce: number;
  /** How long a list waits for its turn before its sender is told to come again. */
  readonly waitForTurnMs: number;
  /** Reports and their operations are removed after so many days. */
  readonly retentionDays: number;
}

export const defaultSyncSettings: SyncSettings = {
  limitBytes: 4 * 2 ** 30,
  answeredAtOnceRows: 20_000,
  lookedUpRows: 20_000,
  atOnce: 5,
  waitForTurnMs: 30_000,
  retentionDays: 365,
};

export type SyncOutcome =
  | { readonly kind: 'done'; readonly record: SyncRecord; readonly replayed: boolean }
  | { readonly kind: 'accepted'; readonly id: string };

interface PriceSyncsOptions {
  readonly pool: pg.Pool;
  readonly catalog: Pick<CatalogHolder, 'current' | 'refresh'>;
  readonly now: () => Date;
  readonly settings: SyncSettings;
  readonly onError: (message: string, error: unknown) => void;
}

/** How often to try to take back the lock of work whose database connection was lost. */
const ATTEMPTS_TO_OWN = 6;

/** Between two searches for reports that are too old. */
const PRUNE_EVERY_MS = 6 * 60 * 60 * 1000;

export class PriceSyncs {
  readonly #options: PriceSyncsOptions;
  readonly #background = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #places: Places;
  #pruning: NodeJS.Timeout | undefined;

  constructor(options: PriceSyncsOptions) {
    this.#options = options;
    this.#places = new Places(options.settings.atOnce);
  }

  /**
   * Receives a list and works it off, at once or, when it is long, in the background.
   * @throws SyncFailure with a sentence for the sender; the catalog is then as it was.
   */
  async submit(request: SyncRequest, body: Readable): Promise<SyncOutcome> {
    const { pool, settings } = this.#options;
    const list = new ListBytes(body, request.format.gzip, settings.limitBytes);
    const earlier = await findSyncByKey(pool, request.actor, request.idempotencyKey);
    const turn = AbortSignal.any([AbortSignal.timeout(settings.waitForTurnMs), this.#closing.signal]);
    const session = await this.#open(request.tenant, turn);
    if (session === undefined) {
      throw new SyncFailure(
        'too_many',
        'As many lists as this instance takes at once are being worked off; nothing was changed. Send the list again with the same key.',
      );
    }
    let handedOn = false;
    try {
      if (earlier !== undefined) {
        const answer = await this.#answerOfEarlier(session, earlier, request, list);
        if (answer !== undefined) return answer;
      }
      const id = randomUUID();
      await session.own(id);
      await this.#register(session, id, request);
      try {
        const rowCount = await this.#receive(session, id, request, list);
        if (rowCount > settings.answeredAtOnceRows) {
          handedOn = true;
          this.#inBackground(this.#workOffAndEnd(session, id));
          return { kind: 'accepted', id };
        }
        await this.#work(session, id);
      } catch (error) {
        throw await this.#fail(id, error);
      }
      const record = await findSync(pool, id);
      if (record === undefined) throw new Error(`Sync ${id} is done and not there.`);
      return { kind: 'done', record, replayed: false };
    } finally {
      if (!handedOn) session.end();
    }
  }

  /** What was left unfinished when its instance or its database ended: worked off where the list is still there, else failed. */
  async recover(): Promise<void> {
    const { pool, onError } = this.#options;
    this.#pruning ??= setInterval(() => void this.#prune(), PRUNE_EVERY_MS).unref();
    await this.#prune();
    for (const { id, kind } of await unfinishedOperations(pool)) {
      if (kind !== 'price_sync') continue;
      // The start of the service does not wait for lists that wait for a place.
      const recovered = this.#recoverOne(id);
      if (this.#places.areFree) await recovered;
      else
        this.#inBackground(
          recovered.then(
            () => undefined,
            (error: unknown) => onError(`Sync ${id} could not be taken up; the next start will.`, error),
          ),
        );
    }
  }

  async #prune(): Promise<void> {
    const { pool, settings, onError } = this.#options;
    await prune(pool, settings.retentionDays).catch((error: unknown) =>
      onError('Old syncs could not be removed.', error),
    );
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#pruning);
    await Promise.all(this.#background);
  }

  #inBackground(work: Promise<void>): void {
    this.#background.add(work);
    void work.finally(() => this.#background.delete(work));
  }

  /** A session that holds a place until it ends; undefined where no place came free in time. */
  async #open(tenant: string | undefined, until: AbortSignal): Promise<Session | undefined> {
    const leave: Leave | undefined = await this.#places.take(tenant, until);
    if (leave === undefined) return undefined;
    try {
      const session = await openSession(this.#options.pool);
      const end = (): void => {
        session.end();
        leave();
      };
      return { ...session, end };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Undefined: the earlier attempt changed nothing and its key is free again. */
  async #answerOfEarlier(
    session: Session,
    earlier: SyncRecord,
    request: SyncRequest,
    list: ListBytes,
  ): Promise<SyncOutcome | undefined> {
    const { pool } = this.#options;
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
        return this.#answerOfEarlier(session, earlier, request, list);
      }
      await this.#dropStage(earlier.id);
      await finishOperation(pool, earlier.id, 'failed', INTERRUPTED);
    }
    await freeKey(pool, earlier.id);
    return undefined;
  }

  async #register({ client }: Session, id: string, request: SyncRequest): Promise<void> {
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
          this.#options.now(),
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
  }

  async #receive({ client }: Session, id: string, { format }: SyncRequest, list: ListBytes): Promise<number> {
    const table = stagingTable(id);
    await createStagingTable(client, table);
    const { rowCount, leftOut, bodySha256 } = await receiveList(client, table, list, format);
    await client.query(
      'update price_sync set body_sha256 = $2, row_count = $3, left_out = $4 where price_sync_id = $1',
      [id, bodySha256, rowCount, leftOut === null ? null : JSON.stringify(leftOut)],
    );
    await tellProgress(client, id, { state: 'queued', step: 'received', progress: 0.3, unitCount: rowCount });
    return rowCount;
  }

  async #work(session: Session, id: string): Promise<void> {
    const { pool, catalog, settings } = this.#options;
    const record = await findSync(session.client, id);
    if (record === undefined) throw new Error(`There is no sync ${id}.`);
    if (await hasNewNames(session.client, catalog.current())) await catalog.refresh();
    const { run, revision } = await workOff(session, record, catalog.current(), {
      lookedUpRows: settings.lookedUpRows,
      tell: async (step, progress) => {
        const stop = await tellProgress(pool, id, { state: 'running', step, progress });
        if (stop) throw new SyncFailure('cancelled', 'The sync was cancelled; nothing was changed.');
      },
    });
    const tidied = async (): Promise<void> => {
      if (!record.dryRun) await this.#remember(run, revision);
      await session.client.query(`drop table if exists ${stagingTable(id)}`);
      // The source is free for the next list.
      session.end();
    };
    // The sender reads what it wrote once the catalog has taken it in, which need not wait for what only the next list needs.
    await Promise.all([tidied(), catalog.refresh()]);
  }

  /** The sync is done and answered; without this the next one takes longer, that is all. */
  async #remember(run: SyncRun, revision: number): Promise<void> {
    try {
      await rememberRows(run, revision);
    } catch (error) {
      this.#options.onError(`What '${run.sourceId}' said could not be kept for the next comparison.`, error);
    }
  }

  /** For the background: ends the session, and tries again what failed with the database. */
  async #workOffAndEnd(session: Session, id: string): Promise<void> {
    try {
      await this.#work(session, id);
    } catch (error) {
      session.end();
      // What was lost with the connection may still be done; the list is staged.
      if (isConnectionLost(error)) await this.#recoverWhenBack(id);
      else await this.#fail(id, error);
    }
  }

  /** Waits until the database is back; it may hold the lock of the lost connection for some seconds more. */
  async #recoverWhenBack(id: string): Promise<void> {
    const { signal } = this.#closing;
    const onAway = (error: unknown): void => this.#options.onError(`Sync ${id} waits for the database.`, error);
    try {
      for (let attempt = 1; attempt <= ATTEMPTS_TO_OWN && !signal.aborted; attempt += 1) {
        await sleep(500 * attempt, undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
        if ((await whenBack(() => this.#recoverOne(id), { signal, onAway })) !== false) return;
      }
    } catch (error) {
      this.#options.onError(`Sync ${id} could not be taken up again; the next start will.`, error);
    }
  }

  /** @returns false where another instance holds the lock, or this one is closing. */
  async #recoverOne(id: string): Promise<boolean> {
    const { pool } = this.#options;
    const session = await this.#open(undefined, this.#closing.signal);
    if (session === undefined) return false;
    try {
      const isOurs = await session.own(id);
      const [operation, record] = await Promise.all([findOperation(pool, id), findSync(pool, id)]);
      const isOver = operation === undefined || operation.finishedAt !== null || record === undefined;
      if (isOver || !isOurs) {
        session.end();
        return isOver;
      }
      const isWhole = record.rowCount !== null && (await stagedRows(pool, id)) === record.rowCount;
      if (isWhole && (await takeUp(pool, id))) {
        this.#inBackground(this.#workOffAndEnd(session, id));
        return true;
      }
      await this.#dropStage(id);
      await finishOperation(pool, id, 'failed', INTERRUPTED);
    } catch (error) {
      session.end();
      throw error;
    }
    session.end();
    return true;
  }

  async #dropStage(id: string): Promise<void> {
    await this.#options.pool.query(`drop table if exists ${stagingTable(id)}`);
  }

  /** Writes down why it failed, and gives the error for the sender. */
  async #fail(id: string, error: unknown): Promise<unknown> {
    const failure = asFailure(error);
    const { pool, onError } = this.#options;
    try {
      if (failure instanceof SyncFailure) {
        const state = failure.code === 'cancelled' ? 'cancelled' : 'failed';
        await finishOperation(pool, id, state, { code: failure.code, detail: failure.message });
      } else {
        onError(`Sync ${id} failed.`, error);
        // Not finished when it was committed and only the word of it was lost.
        await finishOperation(pool, id, 'failed', {
          code: 'internal',
          detail: 'Something failed inside the service; nothing was changed. Send the list again with the same key.',
        });
      }
      await this.#dropStage(id);
    } catch (cause) {
      onError(`Sync ${id} could not be ended; the next start will.`, cause);
    }
    return failure;
  }
}

/**
 * Whether something was said of the names that a list may use since `view` was taken. A million prices on their way into memory, with
 * their offers, are no reason to wait.
 */
const hasNewNames = async (client: pg.ClientBase, view: CatalogView): Promise<boolean> => {
  const { rows } = await client.query<{ exist: boolean }>(
    `select exists (select from catalog_entry where kind in ('provider', 'region', 'device', 'model') and revision > $1) as exist`,
    [view.revision],
  );
  return rows[0]?.exist === true;
};

const INTERRUPTED = {
  code: 'interrupted',
  detail: 'The service or its database ended meanwhile; nothing was changed. Send the list again with the same key.',
};

/** Errors of the database that the sender can be told of: 57014 cancelled, 53100 disk full. */
const asFailure = (error: unknown): unknown => {
  const { code } = error as { code?: string };
  if (code === '57014') {
    return new SyncFailure('cancelled', 'The sync was cancelled; nothing was changed.', { cause: error });
  }
  if (code === '53100') {
    return new SyncFailure(
      'no_space',
      'The disk of the database is full; nothing was changed. Send the list again with the same key when there is space.',
      { cause: error },
    );
  }
  return error;
};

/** Undefined when the staged list is gone. */
const stagedRows = async (pool: pg.Pool, id: string): Promise<number | undefined> => {
  const { rows } = await pool.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    stagingTable(id),
  ]);
  if (rows[0]?.there !== true) return undefined;
  const counted = await pool.query<{ count: string }>(`select count(*) from ${stagingTable(id)}`);
  return Number(counted.rows[0]?.count);
};

/** Of all that decides what a sync does, apart from its list. */
const requestSha256 = ({ sourceId, mode, dryRun, scope, format: { mediaType, conversion } }: SyncRequest): Buffer => {
  const decides = [sourceId, mode, dryRun, scope.providers, scope.regions, scope.categories, mediaType];
  const file = conversion && [conversion.options.date, conversion.options.region, conversion.knownSkusOnly];
  return createHash('sha256')
    .update(JSON.stringify(file === undefined ? decides : [...decides, ...file]))
    .digest();
};
