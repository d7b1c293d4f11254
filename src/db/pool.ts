/** Connections to PostgreSQL: the pool, and Kysely on top of it. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

interface PoolOptions {
  readonly databaseUrl: string;
  readonly size: number;
  /** Called when an idle connection breaks; the pool replaces it by itself. */
  readonly onIdleError: (error: Error) => void;
}

/** A connection that breaks emits 'error', and one that nobody listens to would end the process. */
export function createPool({ databaseUrl, size, onIdleError }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: size,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'ai-infrastructure-planner',
  });
  // A connection in use when it breaks: its query rejects, which is where the error is dealt with.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (error) => {
    if (!pool.ending) onIdleError(error); // while it ends, a server that stops as well is no news
  });
  return pool;
}

/** `numeric` and `bigint` stay strings, as pg returns them: money and revisions never pass through a float by accident. */
export function createDatabase<Tables>(pool: pg.Pool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** "host:port/database" of a connection string, for messages: never the user's password. */
export function databaseLabel(databaseUrl: string): string {
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `${hostname || 'localhost'}:${port || '5432'}${pathname}`;
}
