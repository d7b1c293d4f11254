/**
 * One connection for one sync. Staging, temporary tables, locks and the transaction live on it, so when it ends, for whatever reason,
 * PostgreSQL cleans up by itself. Advisory locks of a session need a connection that is really ours: no pooler in transaction mode.
 */
import { type Kysely, Kysely as KyselyInstance, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { Database } from '../tables.ts';
import { SyncFailure } from './failure.ts';

/** First keys of our two-part advisory locks. */
export const OWNER_LOCK = 1_886_547_820;
export const SOURCE_LOCK = 1_886_547_821;

/** Memory for the temporary tables of a long list; PostgreSQL takes it only as the tables fill. */
const TEMPORARY_TABLES = '256MB';

export interface Session {
  readonly client: pg.PoolClient;
  /** Kysely on this connection alone. */
  readonly db: Kysely<Database>;
  /** Takes the lock that says that this work has a living owner; false when somebody else holds it. */
  readonly own: (operationId: string) => Promise<boolean>;
  /**
   * Takes the lock of a source, that of its one writer, and holds it until the connection ends.
   * @param within how long it waits, in PostgreSQL's words: "60s"
   * @throws SyncFailure where another writer holds it for longer
   */
  readonly lockSource: (sourceId: string, within: string) => Promise<void>;
  /** Ends the connection and with it its locks and temporary tables; further calls do nothing. */
  readonly end: () => void;
}

export const openSession = async (pool: pg.Pool): Promise<Session> => {
  const client = await pool.connect();
  const single = { query: client.query.bind(client), release: () => undefined };
  const dialect = new PostgresDialect({ pool: { connect: async () => single, end: async () => undefined } as never });
  // A server notices within seconds that the service behind a long query is gone.
  let isOver = false;
  await client.query(
    `set timezone = 'UTC'; set jit = off; set temp_buffers = '${TEMPORARY_TABLES}'; set client_connection_check_interval = '2s'`,
  );
  return {
    client,
    db: new KyselyInstance<Database>({ dialect }),
    own: async (operationId) => {
      const { rows } = await client.query<{ owned: boolean }>(
        'select pg_try_advisory_lock($1, hashtext($2)) as owned',
        [OWNER_LOCK, operationId],
      );
      return rows[0]?.owned === true;
    },
    lockSource: (sourceId, within) => lockSource(client, sourceId, within),
    end: () => {
      if (!isOver) client.release(true);
      isOver = true;
    },
  };
};

const lockSource = async (client: pg.ClientBase, sourceId: string, within: string): Promise<void> => {
  await client.query(`set lock_timeout = '${within}'`);
  try {
    await client.query('select pg_advisory_lock($1, hashtext($2))', [SOURCE_LOCK, sourceId]);
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error;
    throw new SyncFailure(
      'source_busy',
      `Another change of '${sourceId}' is under way. Send this again when it is done.`,
    );
  } finally {
    await client.query('reset lock_timeout').catch(() => undefined); // the connection itself may be what failed
  }
};
