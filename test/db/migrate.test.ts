import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate, migrationsCurrent, readMigrations } from '../../src/db/migrate.ts';
import { createPool } from '../../src/db/pool.ts';
import { migrationsDirectory, useTestDatabase } from '../helpers/database.ts';

const first = '-- compatible\ncreate table thing (id int primary key);\n';
const second = '-- breaking: thing.name is required from here on\nalter table thing add name text not null;\n';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrations-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function files(contents: Record<string, string>) {
  for (const [name, sql] of Object.entries(contents)) await writeFile(join(directory, name), sql);
  return readMigrations(directory);
}

describe('reading migration files', () => {
  it('orders them by number and reads the mark in the first line', async () => {
    const migrations = await files({ '0002_name.sql': second, '0001_thing.sql': first, 'schema.sql': 'a dump' });
    expect(migrations.map(({ name, breaking }) => [name, breaking])).toEqual([
      ['0001_thing.sql', false],
      ['0002_name.sql', true],
    ]);
  });

  it('refuses a file without a mark', async () => {
    await expect(files({ '0001_thing.sql': 'create table thing ();' })).rejects.toThrow(
      'The first line of 0001_thing.sql must begin "-- compatible" or "-- breaking".',
    );
  });

  it.each(['0002_gap.sql', '1_short.sql', '0001-dash.sql'])('refuses the name %s', async (name) => {
    await expect(files({ [name]: first })).rejects.toThrow(`Migration ${name} must be named 0001_name.sql.`);
  });

  it("accepts the project's own", async () => {
    expect((await readMigrations(migrationsDirectory)).length).toBeGreaterThan(0);
  });
});

describe('applying them', () => {
  const database = useTestDatabase('empty');
  beforeEach(() => database().pool.query('drop schema public cascade; create schema public'));

  it('applies each file once and then nothing', async () => {
    const migrations = await files({ '0001_thing.sql': first, '0002_name.sql': second });
    expect(await migrate(database().pool, migrations)).toEqual(['0001_thing.sql', '0002_name.sql']);
    expect(await migrate(database().pool, migrations)).toEqual([]);
    expect(await migrationsCurrent(database().pool, migrations)).toBe(true);
  });

  it('applies each file once when five instances start together', async () => {
    const migrations = await files({ '0001_thing.sql': first, '0002_name.sql': second });
    const pools = Array.from({ length: 5 }, () =>
      createPool({ databaseUrl: database().url, size: 1, onIdleError: () => undefined }),
    );
    const applied = await Promise.all(pools.map((pool) => migrate(pool, migrations)));
    expect(applied.flat().sort()).toEqual(['0001_thing.sql', '0002_name.sql']);
    await Promise.all(pools.map((pool) => pool.end()));
  });

  it('keeps what came before a file that fails, and applies the mended file later', async () => {
    const broken = await files({ '0001_thing.sql': first, '0002_name.sql': '-- compatible\nalter table nothing;\n' });
    await expect(migrate(database().pool, broken)).rejects.toThrow(/^Migration 0002_name.sql failed: /);
    expect(await migrationsCurrent(database().pool, broken)).toBe(false);
    const mended = await files({ '0002_name.sql': second });
    expect(await migrate(database().pool, mended)).toEqual(['0002_name.sql']);
  });

  it('works on a database with a newer compatible migration', async () => {
    const newer = await files({ '0001_thing.sql': first, '0002_more.sql': '-- compatible\ncreate table more ();\n' });
    await migrate(database().pool, newer);
    expect(await migrate(database().pool, newer.slice(0, 1))).toEqual([]);
    expect(await migrationsCurrent(database().pool, newer.slice(0, 1))).toBe(true);
  });

  it('refuses a database that is past a breaking migration it does not know', async () => {
    const newer = await files({ '0001_thing.sql': first, '0002_name.sql': second });
    await migrate(database().pool, newer);
    await expect(migrate(database().pool, newer.slice(0, 1))).rejects.toThrow(
      'The database has the breaking migration 0002_name.sql, which this version does not know; run a newer version of the planner.',
    );
  });

  it('refuses an applied migration that was edited', async () => {
    await migrate(database().pool, await files({ '0001_thing.sql': first }));
    await expect(migrate(database().pool, await files({ '0001_thing.sql': `${first}-- edited\n` }))).rejects.toThrow(
      'Migration 0001_thing.sql was changed after it had been applied',
    );
  });
});

describe("the project's own", () => {
  const database = useTestDatabase('empty');

  it('take away the index of prices by their offer where it was left for an older release', async () => {
    const { pool } = database();
    const migrations = await readMigrations(migrationsDirectory);
    const upTo = (name: string) => migrations.slice(0, migrations.findIndex((it) => it.name.startsWith(name)) + 1);
    await migrate(pool, upTo('0005'));
    await pool.query(
      `insert into catalog_source (id, kind, precedence) values ('list', 'price_list', 1);
       insert into catalog_revision (revision, committed_at, source_key, actor, reason, content_sha256)
       select 1, now(), source_key, 'buyer', 'Price list', sha256('') from catalog_source where id = 'list';
       insert into price_identity (id, offer_id, category, term_months, payment, tier_from, unit, revision)
       values ('a/b/c/on_demand', 'a/b/c', 'on_demand', 0, 'none', 0, 'hour', 1)`,
    );
    await migrate(pool, upTo('0011'));
    const left = () =>
      pool.query(`select indexdef from pg_indexes where tablename = 'price_identity' and indexdef like '%(offer_id%'`);
    expect((await left()).rows).toHaveLength(1);
    await migrate(pool, migrations);
    expect((await left()).rows).toHaveLength(0);
  });
});
