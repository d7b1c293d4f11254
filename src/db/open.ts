/** The database of this process: the one that DATABASE_URL names, or an embedded one; migrated and ready for queries. */
import type { Kysely } from 'kysely';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../catalog/tables.ts';
import type { Config } from '../config.ts';
import type { DatabaseState } from '../dependencies.ts';
import { StartFailure } from '../start-failure.ts';
import { startEmbedded } from './embedded/server.ts';
import { type Migration, migrate, migrationsCurrent } from './migrate.ts';
import { createDatabase, createPool, databaseLabel } from './pool.ts';
import { waitForDatabase } from './wait.ts';

const stateTimeoutMs = 2000;

interface OpenDatabase {
  readonly databaseUrl: string;
  readonly pool: pg.Pool;
  readonly db: Kysely<Database>;
  /** For people: where the data is. */
  readonly place: string;
  /** Asks the database how it is; never rejects and takes two seconds at most. */
  readonly state: () => Promise<DatabaseState>;
  /** An error that this database caused, as a sentence where there is one. */
  readonly explain: (error: unknown) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** StartFailure when there is no database to be had. Whatever was opened before a failure is closed again. */
export async function openDatabase(
  config: Config,
  migrations: readonly Migration[],
  log: Logger,
  signal: AbortSignal,
): Promise<OpenDatabase> {
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbedded({
          dataDirectory: config.dataDirectory,
          onLog: (line) => log.debug({ postgres: line }, 'embedded PostgreSQL'),
          onCrash: (reason) => log.error(reason),
        })
      : undefined;
  const databaseUrl = config.databaseUrl ?? embedded?.databaseUrl ?? '';
  const label = databaseLabel(databaseUrl);
  const pool = createPool({
    databaseUrl,
    size: config.databasePoolSize,
    onIdleError: (error) => log.warn(`Lost a connection to the database ${label}: ${error.message}`),
  });
  const close = async (): Promise<void> => {
    await pool.end();
    await embedded?.stop();
  };
  const explain = async (error: unknown): Promise<unknown> =>
    (await embedded?.explain(error)) ?? databaseFailure(error, label);

  try {
    await waitForDatabase(pool, {
      label,
      timeoutMs: config.databaseConnectTimeoutMs,
      signal,
      onRetry: (reason, delayMs) =>
        log.warn(`The database ${label} cannot be reached (${reason}); trying again in ${delayMs / 1000} s.`),
    });
    for (const name of await migrate(pool, migrations)) log.info(`Applied migration ${name}.`);
  } catch (error) {
    const explained = await explain(error);
    await close();
    throw explained;
  }
  return {
    databaseUrl,
    pool,
    db: createDatabase<Database>(pool),
    place: embedded ? `${embedded.dataDirectory} (embedded PostgreSQL)` : label,
    state: () => databaseState(pool, migrations),
    explain,
    close,
  };
}

async function databaseState(pool: pg.Pool, migrations: readonly Migration[]): Promise<DatabaseState> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error('No answer in time.')), stateTimeoutMs);
  try {
    const current = await Promise.race([migrationsCurrent(pool, migrations), timeout.promise]);
    return { reachable: true, migrationsCurrent: current };
  } catch {
    return { reachable: false, migrationsCurrent: null };
  } finally {
    clearTimeout(timer);
  }
}

/** Errors with a remedy, by SQLSTATE; other errors as they are. */
function databaseFailure(error: unknown, label: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const sentences: Record<string, string> = {
    '25006': `The database ${label} is read-only, as a replica is; let DATABASE_URL name the primary.`,
    '42501': `The database role may not create the planner's tables in ${label}; grant it "create" on the schema public, or make it the owner of the database.`,
    '53100': `The disk of the database ${label} is full; free some space.`,
    '53300': `The database ${label} has no connection left; raise its max_connections, or lower DATABASE_POOL_SIZE.`,
  };
  const sentence = sentences[String(code)];
  return sentence === undefined ? error : new StartFailure(sentence, { cause: error });
}
