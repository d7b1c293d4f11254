/**
 * Price lists in bulk: received, checked, compared, judged and merged. One sync is one operation; docs/adr/0005-price-syncs.md says why it
 * survives what it survives.
 */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isConnectionLost } from '../../db/away.ts';
import { whenBack } from '../../db/when-back.ts';
import type { CatalogHolder } from '../holder.ts';
import type { CatalogView } from '../snapshot.ts';
import { asFailure, endFailed, endInterrupted } from './ending.ts';
import { SyncFailure } from './failure.ts';
import { answerOfEarlier, register } from './idempotency.ts';
import { ListBytes } from './list-bytes.ts';
import { rememberRows } from './memory.ts';
import { findOperation, leftOperations, takeUp, tellProgress } from './operations.ts';
import { type Leave, Places } from './places.ts';
import { receiveList } from './receive.ts';
import { findSync, findSyncByKey, prune, type SyncRecord } from './records.ts';
import type { SyncRun } from './run.ts';
import { openSession, type Session } from './session.ts';
import { createStagingTable, dropStagingTable, stagedOperations, stagedRows, stagingTable } from './staging.ts';
import type { SyncRequest } from './sync-request.ts';
import { workOff } from './work-off.ts';

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
  /** Between two searches for lists that another instance left unfinished when it ended. */
  readonly takeUpEveryMs: number;
  /** What is under way when the service stops may take so long to end; after that it is broken off, and goes on at the next start. */
  readonly stopWithinMs: number;
}

export const defaultSyncSettings: SyncSettings = {
  limitBytes: 4 * 2 ** 30,
  answeredAtOnceRows: 20_000,
  lookedUpRows: 20_000,
  atOnce: 5,
  waitForTurnMs: 30_000,
  retentionDays: 365,
  takeUpEveryMs: 60_000,
  stopWithinMs: 5000,
};

export type SyncOutcome =
  | { readonly kind: 'done'; readonly record: SyncRecord; readonly replayed: boolean }
  | { readonly kind: 'accepted'; readonly id: string };

interface PriceSyncsOptions {
  readonly pool: pg.Pool;
  readonly catalog: Pick<CatalogHolder, 'current' | 'refresh' | 'expect'>;
  readonly now: () => Date;
  readonly settings: SyncSettings;
  readonly onError: (message: string, error: unknown) => void;
}

/** Between two attempts to take back the lock of work whose database connection was lost. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** Between two searches for reports that are too old. */
const PRUNE_EVERY_MS = 6 * 60 * 60 * 1000;

export class PriceSyncs {
  readonly #options: PriceSyncsOptions;
  readonly #background = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  /** Of the work in the background, until it ends or is broken off. */
  readonly #working = new Set<Session>();
  readonly #places: Places;
  readonly #timers: NodeJS.Timeout[] = [];
  /** Left by others, and waiting for a place. */
  readonly #takingUp = new Set<string>();

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
        const answer = await answerOfEarlier(pool, session, earlier, request, list);
        if (answer !== undefined) return answer;
      }
      const id = randomUUID();
      await session.own(id);
      await register(session.client, id, request, this.#options.now());
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

  /**
   * What was left unfinished when its instance or its database ended: worked off where the list is still there, else failed. The list of what was
   * done just before is dropped. Afterwards again and again: the other instances of a service may never start again.
   */
  async recover(): Promise<void> {
    const { pool, settings } = this.#options;
    if (this.#timers.length === 0) {
      this.#timers.push(
        setInterval(() => void this.#prune(), PRUNE_EVERY_MS).unref(),
        setInterval(() => void this.#takeUpLeft(), settings.takeUpEveryMs).unref(),
      );
    }
    await this.#prune();
    await this.#takeUpLeft();
    await this.#takeUpAll(await stagedOperations(pool));
  }

  async #takeUpLeft(): Promise<void> {
    const { pool, onError } = this.#options;
    try {
      const left = await leftOperations(pool, 'price_sync');
      await this.#takeUpAll(left.map(({ id }) => id));
    } catch (error) {
      onError('Unfinished syncs could not be looked for.', error);
    }
  }

  /** Does not wait for those that wait for a place: the start of the service would wait with them. */
  async #takeUpAll(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      if (this.#closing.signal.aborted) return;
      if (this.#takingUp.has(id)) continue;
      this.#takingUp.add(id);
      const taken = this.#recoverOne(id)
        .then(
          () => undefined,
          (error: unknown) => this.#options.onError(`Sync ${id} could not be taken up yet.`, error),
        )
        .finally(() => this.#takingUp.delete(id));
      if (this.#places.areFree) await taken;
      else this.#inBackground(taken);
    }
  }

  async #prune(): Promise<void> {
    const { pool, settings, onError } = this.#options;
    await prune(pool, settings.retentionDays).catch((error: unknown) =>
      onError('Old syncs could not be removed.', error),
    );
  }

  /** Waits for what ends soon; what takes longer would outlive the time that a service has to stop. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const timer of this.#timers) clearInterval(timer);
    const ended = Promise.all(this.#background);
    const patience = new AbortController();
    const { signal } = patience;
    const isOver = sleep(this.#options.settings.stopWithinMs, undefined, { signal }).catch(() => undefined); // aborted: all has ended
    await Promise.race([ended, isOver]).finally(() => patience.abort());
    for (const session of this.#working) {
      this.#working.delete(session);
      session.end();
    }
    await ended;
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
      onComing: (rows) =>
        catalog.expect({ ...rows, isMade: async () => (await findSync(pool, id))?.revision === rows.revision }),
    }).catch((error: unknown) => {
      catalog.expect(undefined);
      throw error;
    });
    // The sender reads what it wrote once the catalog has taken it in; what only the next list needs comes after that.
    await catalog.refresh();
    if (!record.dryRun) await this.#remember(run, revision);
    await dropStagingTable(session.client, id);
    session.end();
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
    this.#working.add(session);
    try {
      await this.#work(session, id);
      this.#working.delete(session);
    } catch (error) {
      const isBrokenOff = !this.#working.delete(session);
      const isLost = isBrokenOff || isConnectionLost(error);
      // While its session rests, whose end would drop the same tables at the same time.
      if (!isLost) await this.#fail(id, error);
      session.end();
      // What was lost with the connection may still be done; the list is staged.
      if (isLost) await this.#recoverWhenBack(id);
    }
  }

  /** Writes down why it failed, now or when the database is back, and gives the error for the sender. */
  async #fail(id: string, error: unknown): Promise<unknown> {
    const { pool, onError } = this.#options;
    const failure = asFailure(error);
    if (!(failure instanceof SyncFailure)) onError(`Sync ${id} failed.`, error);
    try {
      await endFailed(pool, id, failure);
    } catch (cause) {
      onError(`Sync ${id} could not be ended yet.`, cause);
      this.#inBackground(this.#recoverWhenBack(id));
    }
    return failure;
  }

  /** Until it is taken up or over. A database that is back may hold the lock of the lost connection for a while, or another instance has it. */
  async #recoverWhenBack(id: string): Promise<void> {
    const { signal } = this.#closing;
    const onAway = (error: unknown): void => this.#options.onError(`Sync ${id} waits for the database.`, error);
    try {
      for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
        if ((await whenBack(() => this.#recoverOne(id), { signal, onAway })) !== false) return;
      }
    } catch (error) {
      this.#options.onError(`Sync ${id} could not be taken up again yet.`, error);
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
        // Left where the connection was lost after the last step.
        if (isOurs) await dropStagingTable(pool, id);
        session.end();
        return isOver;
      }
      const isWhole = record.rowCount !== null && (await stagedRows(pool, id)) === record.rowCount;
      if (isWhole && (await takeUp(pool, id))) {
        this.#inBackground(this.#workOffAndEnd(session, id));
        return true;
      }
      await endInterrupted(pool, id);
    } catch (error) {
      session.end();
      throw error;
    }
    session.end();
    return true;
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
