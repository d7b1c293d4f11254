/**
 * Holds the newest snapshot in memory and keeps it fresh: LISTEN on a connection of its own tells of new revisions at once, a
 * slow poll stands behind it. When the database is away the last snapshot is served on, and its age says so.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { rankingLargeDevices } from '../domain/economics/large-devices.ts';
import { askedDevices } from '../domain/economics/rental-offers.ts';
import { NO_ENTRIES } from './entry-table.ts';
import { PriceColumns } from './price-columns.ts';
import { addConfirmations } from './queries/read-prices.ts';
import { headRevision, listSources, REVISION_CHANNEL, type SourceFreshness } from './queries/revisions.ts';
import {
  type ComingRows,
  type Connections,
  type PartsAhead,
  readAhead,
  readEarlierParts,
  readPartsSince,
} from './queries/snapshot-parts.ts';
import { inSlices } from './slices.ts';
import { buildSnapshot, type CatalogView, preparing, type SnapshotParts } from './snapshot.ts';

/** Older revisions kept in memory beside the newest one. */
const OLDER_REVISIONS_KEPT = 4;
const DEFAULT_POLL_INTERVAL_MS = 30_000;
const MOST_CHANGES_AHEAD = 2;
const FIRST_RECONNECT_DELAY_MS = 250;
const LONGEST_RECONNECT_DELAY_MS = 30_000;

/** The caller pinned a revision that the catalog never had. */
export class UnknownRevisionError extends Error {
  readonly revision: number;
  readonly newest: number;
  constructor(revision: number, newest: number) {
    super(`The catalog has no revision ${revision}; the newest is ${newest}.`);
    this.name = 'UnknownRevisionError';
    this.revision = revision;
    this.newest = newest;
  }
}

/** What an older revision needs is in the database, and that does not answer. */
export class CatalogUnavailableError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'CatalogUnavailableError';
  }
}

export interface CatalogHolder {
  current(): CatalogView;
  /**
   * @throws UnknownRevisionError when there is no such revision.
   * @throws CatalogUnavailableError when it is not in memory and the database is away.
   */
  at(revision: number): Promise<CatalogView>;
  /** Seconds since the database last confirmed that current() is the newest revision. */
  ageSeconds(): number;
  /** Who feeds the catalog and how fresh each is, the strongest first; as of the last look at the database. */
  sources(): readonly SourceFreshness[];
  /** Looks for a newer revision now; writers call it so that they read what they wrote. */
  refresh(): Promise<void>;
  /** Reads what a writer is about to state, so that little is left to be read when it is there; undefined when nothing will come of it. */
  expect(coming: ComingRevision | undefined): void;
  close(): Promise<void>;
}

/** A revision under way. */
export interface ComingRevision extends ComingRows {
  /** Whether the revision of this number that is there is this one. */
  readonly isMade: () => Promise<boolean>;
}

interface CatalogHolderOptions extends Connections {
  /** For LISTEN: a direct connection, since a pooler in transaction mode would lose it. */
  readonly databaseUrl: string;
  readonly pollIntervalMs?: number;
  readonly onError: (message: string, error: unknown) => void;
}

/** Loads the newest revision, then listens. Rejects when the first load fails. */
export const openCatalog = async (options: CatalogHolderOptions): Promise<CatalogHolder> => {
  const holder = new DatabaseCatalogHolder(options);
  await holder.refresh();
  holder.start();
  return holder;
};

/** A holder of one snapshot that never changes, for tests, benchmarks and scripts. */
export const fixedCatalog = (snapshot: CatalogView): CatalogHolder => ({
  current: () => snapshot,
  at: async (revision) => {
    if (revision !== snapshot.revision) throw new UnknownRevisionError(revision, snapshot.revision);
    return snapshot;
  },
  ageSeconds: () => 0,
  sources: () => sourcesOf(snapshot),
  refresh: async () => undefined,
  expect: () => undefined,
  close: async () => undefined,
});

/** What the revisions alone say of their sources. */
const sourcesOf = ({ revisions }: CatalogView): readonly SourceFreshness[] =>
  [...new Map(revisions.map(({ sourceId, committedAt }) => [sourceId, committedAt]))].map(([id, committedAt]) => ({
    id,
    kind: id === 'operator' ? 'operator' : 'seed',
    precedence: id === 'operator' ? 100 : 10_000,
    lastAttemptAt: committedAt,
    lastSuccessAt: committedAt,
    lastChangeAt: committedAt,
    maxAgeSeconds: null,
    classes: [],
  }));

class DatabaseCatalogHolder implements CatalogHolder {
  readonly #options: CatalogHolderOptions;
  readonly #closing = new AbortController();
  /** Least recently used first. */
  readonly #older = new Map<number, Promise<CatalogView>>();
  #parts: SnapshotParts = {
    revision: 0,
    committedAt: new Date(0).toISOString(),
    entries: NO_ENTRIES,
    prices: new PriceColumns(),
  };
  #current: CatalogView = buildSnapshot(this.#parts);
  #sources: readonly SourceFreshness[] = [];
  /** Number of the last price confirmation that the columns contain. */
  #lastConfirmation = 0;
  #confirmedAtMs = performance.now();
  #refreshing: Promise<void> | undefined;
  #refreshAgain = false;
  #coming: ComingRevision | undefined;
  /** What was read of it. */
  #partsAhead: PartsAhead | undefined;
  #ranking: Promise<void> | undefined;
  #rankAgain = false;
  #listening: Promise<void> | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(options: CatalogHolderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#listening = this.#listen();
    this.#poll = setInterval(() => this.#refreshQuietly(), this.#options.pollIntervalMs ?? DEFAULT_POLL_INTERVAL_MS);
    this.#poll.unref();
  }

  current(): CatalogView {
    return this.#current;
  }

  sources(): readonly SourceFreshness[] {
    return this.#sources;
  }

  ageSeconds(): number {
    return (performance.now() - this.#confirmedAtMs) / 1000;
  }

  async at(revision: number): Promise<CatalogView> {
    if (revision === this.#current.revision) return this.#current;
    // A revision newer than ours may have been made by another instance a moment ago.
    if (revision > this.#current.revision) await this.#askDatabase(() => this.refresh());
    if (revision === this.#current.revision) return this.#current;
    if (revision < 1 || revision > this.#current.revision) {
      throw new UnknownRevisionError(revision, this.#current.revision);
    }
    const known = this.#older.get(revision);
    const loading = known ?? this.#askDatabase(() => this.#load(revision));
    this.#older.delete(revision);
    this.#older.set(revision, loading);
    for (const oldest of this.#older.keys()) {
      if (this.#older.size <= OLDER_REVISIONS_KEPT) break;
      this.#older.delete(oldest);
    }
    try {
      return await loading;
    } catch (error) {
      this.#older.delete(revision);
      throw error;
    }
  }

  /** One reading at a time; a call during a reading makes another one follow, because the first may have missed the news. */
  async refresh(): Promise<void> {
    if (this.#refreshing !== undefined) {
      this.#refreshAgain = true;
      return this.#refreshing;
    }
    this.#refreshing = (async () => {
      do {
        this.#refreshAgain = false;
        await this.#refreshOnce();
      } while (this.#refreshAgain);
    })().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  expect(coming: ComingRevision | undefined): void {
    this.#coming = coming;
    this.#partsAhead = undefined;
    if (coming !== undefined) this.#refreshQuietly();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#poll);
    await this.#listening;
    await this.#refreshing?.catch(() => undefined); // reported where it was started
    await this.#ranking;
  }

  async #refreshOnce(): Promise<void> {
    const askedAtMs = performance.now();
    const [head, sources] = await Promise.all([headRevision(this.#options.db), listSources(this.#options.db)]);
    if (head > this.#parts.revision) {
      const parts = await readPartsSince(this.#options, this.#parts, head, await this.#takeAhead(head));
      if (parts !== undefined) {
        await inSlices(preparing(parts));
        const next = buildSnapshot(parts);
        // Those of other devices are ranked after it, so that whoever sent a list need not wait for them.
        const asked = askedDevices(this.#current);
        await inSlices(rankingLargeDevices(next, new Date().toISOString(), (id) => asked.has(id)));
        this.#current = next;
        this.#parts = parts;
      }
    }
    // Before anything that waits for the tables into which it is being written.
    const isAhead = this.#partsAhead !== undefined || this.#parts.revision === 0;
    if (this.#coming !== undefined && !isAhead) await this.#readAhead(this.#coming);
    this.#lastConfirmation = await addConfirmations(this.#options.db, this.#parts.prices, this.#lastConfirmation);
    this.#sources = sources;
    this.#confirmedAtMs = askedAtMs;
    this.#rankAgain = true;
    this.#ranking ??= this.#rankAhead().finally(() => {
      this.#ranking = undefined;
    });
  }

  /** What fails here is read when it is there. Others add to the catalog in memory only after this. */
  async #readAhead(coming: ComingRevision): Promise<void> {
    try {
      const parts = await readAhead(this.#options.pool, this.#parts, coming);
      if (this.#coming === coming) this.#partsAhead = parts;
    } catch (error) {
      if (this.#coming === coming) this.#coming = undefined;
      this.#options.onError('A list under way could not be read ahead.', error);
    }
  }

  /** Where what was read ahead is what the revision after those in memory states. */
  async #takeAhead(head: number): Promise<PartsAhead | undefined> {
    const [coming, ahead] = [this.#coming, this.#partsAhead];
    this.#coming = undefined;
    this.#partsAhead = undefined;
    const isOfNext = ahead !== undefined && ahead.since === this.#parts.revision && ahead.revision <= head;
    return isOfNext && (await coming?.isMade()) === true ? ahead : undefined;
  }

  /**
   * Ranks prices as they are, and as they will be when the next ones start or end, a confirmation begins to count, or the day changes;
   * anew when there is news meanwhile, of which most has been ranked by then.
   */
  async #rankAhead(): Promise<void> {
    while (this.#rankAgain) {
      this.#rankAgain = false;
      const now = Date.now();
      const until = now + 2 * (this.#options.pollIntervalMs ?? DEFAULT_POLL_INTERVAL_MS);
      const changes = this.#parts.prices.moments.between(now, until).slice(0, MOST_CHANGES_AHEAD);
      for (const atMs of [now, ...changes, until]) {
        if (this.#closing.signal.aborted || this.#rankAgain) break;
        await inSlices(rankingLargeDevices(this.#current, new Date(atMs).toISOString()));
      }
      if (this.#closing.signal.aborted) return;
    }
  }

  #refreshQuietly(): void {
    this.refresh().catch((error: unknown) => this.#options.onError('The catalog could not be refreshed.', error));
  }

  async #load(revision: number): Promise<CatalogView> {
    const parts = await readEarlierParts(this.#options.db, this.#parts, revision);
    if (parts === undefined) throw new UnknownRevisionError(revision, this.#current.revision);
    await inSlices(preparing(parts));
    return buildSnapshot(parts);
  }

  async #askDatabase<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof UnknownRevisionError) throw error;
      throw new CatalogUnavailableError('The database that holds this revision does not answer.', error);
    }
  }

  /** Connects again with growing pauses for as long as the holder is open. */
  async #listen(): Promise<void> {
    const { signal } = this.#closing;
    let delayMs = FIRST_RECONNECT_DELAY_MS;
    while (!signal.aborted) {
      try {
        await this.#listenOnce(() => {
          delayMs = FIRST_RECONNECT_DELAY_MS;
        });
      } catch (error) {
        if (!signal.aborted) this.#options.onError('The connection that hears of new revisions is lost.', error);
      }
      await sleep(delayMs, undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
      delayMs = Math.min(delayMs * 2, LONGEST_RECONNECT_DELAY_MS);
    }
  }

  /** Resolves when the holder closes, rejects when the connection breaks. */
  async #listenOnce(onConnected: () => void): Promise<void> {
    const { signal } = this.#closing;
    const client = new pg.Client({
      connectionString: this.#options.databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      application_name: 'ai-infrastructure-planner listen',
    });
    const ended = new Promise<void>((resolve, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('The server closed the connection.')));
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    ended.catch(() => undefined); // awaited below, but it may reject before that
    client.on('notification', () => this.#refreshQuietly());
    try {
      await client.connect();
      await client.query(`listen ${REVISION_CHANNEL}`);
      onConnected();
      // What was announced while nobody listened is caught up with here.
      this.#refreshQuietly();
      await ended;
    } finally {
      await client.end().catch(() => undefined); // a broken connection has nothing left to end
    }
  }
}
