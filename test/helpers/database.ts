/** A PostgreSQL database of its own for each test file, cloned from a template that is made once per run. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { seedCatalog } from '../../src/catalog/seed/seeding.ts';
import type { Database } from '../../src/catalog/tables.ts';
import { migrate, readMigrations } from '../../src/db/migrate.ts';
import { createDatabase, createPool } from '../../src/db/pool.ts';

/** What a test database starts with: nothing, the tables, or the tables and the catalog that ships with this version. */
type Content = 'empty' | 'migrated' | 'seeded';

export interface TestDatabase {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly db: Kysely<Database>;
}

export const migrationsDirectory = join(import.meta.dirname, '../../migrations');

/**
 * Registers hooks in the calling file (or describe): a database before its tests, dropped after them unless one failed.
 * The returned function gives the database inside hooks and tests.
 */
export function useTestDatabase(content: Content): () => TestDatabase {
  let database: TestDatabase | undefined;
  const name = `test_${randomBytes(6).toString('hex')}`;

  beforeAll(async () => {
    await createNamed(name, content);
    const url = urlOf(name);
    const pool = createPool({ databaseUrl: url, size: 8, onIdleError: () => undefined });
    database = { url, pool, db: createDatabase<Database>(pool) };
  });

  let failed = false;
  afterEach(({ task }) => {
    failed ||= task.result?.state === 'fail';
  });

  afterAll(async () => {
    await database?.pool.end();
    if (failed) {
      console.warn(`Kept the database ${name} for inspection (as long as its server runs).`);
    } else {
      await onServer((client) => client.query(`drop database if exists ${name} with (force)`));
    }
  });

  return () => {
    if (database === undefined) throw new Error('The test database exists only inside hooks and tests.');
    return database;
  };
}

function urlOf(name: string): string {
  const url = new URL(inject('databaseServerUrl'));
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: inject('databaseServerUrl') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function createNamed(name: string, content: Content): Promise<void> {
  await onServer(async (client) => {
    if (content === 'empty') {
      await client.query(`create database ${name}`);
      return;
    }
    const template = `test_template_${content}_${inject('testRunId')}`;
    // Files run in parallel: the first to need a template makes it, the others wait for it.
    await client.query('select pg_advisory_lock(1)');
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount === 0) {
      await client.query(`create database ${template}_unfinished`);
      await fill(urlOf(`${template}_unfinished`), content);
      await client.query(`alter database ${template}_unfinished rename to ${template}`);
    }
    await client.query(`create database ${name} template ${template}`);
  });
}

async function fill(databaseUrl: string, content: Content): Promise<void> {
  const pool = createPool({ databaseUrl, size: 4, onIdleError: () => undefined });
  try {
    await migrate(pool, await readMigrations(migrationsDirectory));
    if (content === 'seeded') await seedCatalog(createDatabase<Database>(pool), loadSeed());
  } finally {
    await pool.end();
  }
}
