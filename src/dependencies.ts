/** What the HTTP application needs from outside. main.ts builds the real one; tests build theirs. */
import type { FastifyBaseLogger } from 'fastify';
import type { Kysely } from 'kysely';
import type pg from 'pg';
import type { CatalogHolder } from './catalog/holder.ts';
import type { Database } from './catalog/tables.ts';
import type { InterruptibleSolve } from './solver/solver.ts';

export interface HttpSettings {
  /** Bodies larger than this are refused with 413. */
  readonly bodyLimitBytes: number;
  /** Price lists longer than this, unpacked, are refused with 413. */
  readonly priceListLimitBytes: number;
  /** Price lists of more rows are worked off in the background. */
  readonly priceListRowsAtOnce: number;
  /** Reports and operations of price syncs are removed after so many days. */
  readonly priceSyncRetentionDays: number;
  /** Requests a minute and client address. */
  readonly rateLimitPerMinute: number;
  /** The same for clients on the machine itself. */
  readonly rateLimitPerMinuteLoopback: number;
  /** Answers 503 while the event loop is later than this; 0 turns it off. */
  readonly maxEventLoopDelayMs: number;
  /** How long a client may take to send its headers and body. */
  readonly requestTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Closes a connection on which nothing moves; 0 turns it off. */
  readonly connectionTimeoutMs: number;
  /** Trust X-Forwarded-For from a proxy in front. */
  readonly trustProxy: boolean;
}

export const defaultHttpSettings: HttpSettings = {
  bodyLimitBytes: 256 * 1024,
  priceListLimitBytes: 4 * 1024 ** 3,
  priceListRowsAtOnce: 20_000,
  priceSyncRetentionDays: 365,
  rateLimitPerMinute: 600,
  rateLimitPerMinuteLoopback: 1_000_000,
  maxEventLoopDelayMs: 1000,
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 72_000,
  connectionTimeoutMs: 60_000,
  trustProxy: false,
};

/** The catalog in memory, as routes see it; `refresh` is for those that write. */
export type CatalogAccess = Pick<CatalogHolder, 'current' | 'at' | 'ageSeconds' | 'sources' | 'refresh' | 'expect'>;

export interface DatabaseState {
  readonly reachable: boolean;
  /** False while the schema lacks a migration that this version needs; null when the database is away. */
  readonly migrationsCurrent: boolean | null;
}

export interface Dependencies {
  readonly settings: HttpSettings;
  readonly catalog: CatalogAccess;
  /** For writing, and for reading what is not in memory. */
  readonly db: Kysely<Database>;
  /** Connections of one's own, for price lists that stream into the database. */
  readonly pool: pg.Pool;
  /** The optimizer, outside of the main thread; rejects with SolverBusy when its queue is full. */
  readonly solve: InterruptibleSolve;
  /** Asks the database; never rejects. */
  readonly databaseState: () => Promise<DatabaseState>;
  readonly now: () => Date;
  readonly logger: FastifyBaseLogger;
}
