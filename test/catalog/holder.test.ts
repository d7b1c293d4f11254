/** The holder keeps up with the database, and does without it. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keySha256 } from '../../src/access/keys.ts';
import { type CatalogHolder, openCatalog, UnknownRevisionError } from '../../src/catalog/holder.ts';
import { addEntryVersions } from '../../src/catalog/queries/entry-versions.ts';
import { inNewRevision } from '../../src/catalog/queries/revisions.ts';
import { seedCatalog } from '../../src/catalog/seed/seeding.ts';
import type { Database } from '../../src/catalog/tables.ts';
import { createDatabase, createPool } from '../../src/db/pool.ts';
import { type CuttableProxy, proxyTo } from '../helpers/cuttable-proxy.ts';
import { useTestDatabase } from '../helpers/database.ts';
import { problemOf, testApp } from '../http/application.ts';
import { contents } from './fixtures.ts';

const database = useTestDatabase('migrated');

const write = (name: string): Promise<number | undefined> =>
  inNewRevision(
    database().db,
    { sourceId: 'operator', actor: 'test', reason: name, contentSha256: createHash('sha256').digest() },
    (open) =>
      addEntryVersions(open, [
        {
          kind: 'provider',
          id: 'changing',
          state: 'stated',
          body: { name, kind: 'on_prem', headquartersCountry: null },
        },
      ]),
  );

/** Waits for what comes by notification; the test's own time limit ends it. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(20);
};

const nameIn = (catalog: CatalogHolder): string | undefined => catalog.current().provider('changing')?.name;

describe('with a database', () => {
  let catalog: CatalogHolder;
  beforeAll(async () => {
    const { db, pool, url } = database();
    catalog = await openCatalog({ db, pool, databaseUrl: url, pollIntervalMs: 3_600_000, onError: () => undefined });
  });
  afterAll(() => catalog.close());

  it('starts on an empty catalog as revision 0', () => {
    expect(catalog.current()).toMatchObject({ revision: 0, devices: [], revisions: [] });
  });

  it('hears of what other instances write, without polling', async () => {
    await seedCatalog(database().db, contents());
    await until(() => catalog.current().revision === 1);
    await write('one');
    await until(() => nameIn(catalog) === 'one');
    expect(catalog.current().devices).toHaveLength(2);
    expect(catalog.current().revisions.map(({ reason }) => reason)).toEqual(['Seed shipped with this version', 'one']);
  });

  it('gives older revisions, each loaded once, and refuses those that never were', async () => {
    for (const name of ['two', 'three', 'four', 'five', 'six', 'seven']) await write(name);
    await catalog.refresh();
    expect((await catalog.at(2)).provider('changing')?.name).toBe('one');
    expect((await catalog.at(1)).provider('changing')).toBeUndefined();
    expect(await catalog.at(2)).toBe(await catalog.at(2));
    for (let revision = 1; revision <= 8; revision += 1) expect((await catalog.at(revision)).revision).toBe(revision);
    expect(await catalog.at(8)).toBe(catalog.current());
    for (const revision of [0, -1, 9, 999_999]) {
      await expect(catalog.at(revision)).rejects.toThrow(UnknownRevisionError);
    }
  });

  it('finds a revision that another instance has just made', async () => {
    const revision = await write('just made');
    expect((await catalog.at(revision ?? 0)).provider('changing')?.name).toBe('just made');
  });

  it('says over HTTP which revision was the newest at a moment, page by page', async () => {
    const app = await testApp({ catalog });
    const get = async (query: string) => (await app.inject(`/v1/catalog/revisions${query}`)).json();
    try {
      const { items, total } = await get('');
      expect(items.map(({ revision }: { revision: number }) => revision)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
      expect(total).toBe(9);
      const first = await get('?pageSize=4');
      const second = await get(`?pageSize=50&pageToken=${first.nextPageToken}`);
      expect([...first.items, ...second.items]).toEqual(items);
      expect(second).not.toHaveProperty('nextPageToken');
      const then = await get(`?pageSize=1&committedUntil=${items[4].committedAt}`);
      expect(then.items).toEqual([items[4]]);
      expect((await get('?committedUntil=2000-01-01')).items).toEqual([]);
      for (const query of ['?committedUntil=then', '?pageToken=x', '?pageToken=MA', '?revision=1']) {
        expect((await get(query)).status).toBe(400);
      }
    } finally {
      await app.close();
    }
  });

  it('gives the same catalog however it came to it', async () => {
    const grown = catalog.current();
    const { db, pool, url } = database();
    const fresh = await openCatalog({ db, pool, databaseUrl: url, onError: () => undefined });
    try {
      for (const key of ['revisions', 'devices', 'providers', 'offers'] as const) {
        expect(fresh.current()[key]).toEqual(grown[key]);
      }
      expect([...fresh.current().priceIds()]).toEqual([...grown.priceIds()]);
      for (const id of grown.priceIds()) {
        expect(fresh.current().priceHistory(id)).toEqual(grown.priceHistory(id));
      }
    } finally {
      await fresh.close();
    }
  });
});

describe('when the database goes away and comes back', () => {
  it('reading goes on, writing and unloaded revisions answer 503 with Retry-After, and all recovers by itself', async () => {
    const proxy: CuttableProxy = await proxyTo(database().url);
    const pool = createPool({ databaseUrl: proxy.url, size: 2, onIdleError: () => undefined });
    const db = createDatabase<Database>(pool);
    const heard: string[] = [];
    await db
      .insertInto('api_key')
      .values({ label: 'ops', key_sha256: keySha256('ops-key'), scopes: ['admin'] })
      .execute();
    const catalog = await openCatalog({
      db,
      pool,
      databaseUrl: proxy.url,
      pollIntervalMs: 50,
      onError: (message) => heard.push(message),
    });
    const app = await testApp({ catalog, db });
    const put = (name: string) =>
      app.inject({
        method: 'PUT',
        url: '/v1/catalog/providers/changing',
        headers: { 'x-api-key': 'ops-key' },
        payload: { name, source: 'test', sourceDate: null, confidence: 'vendor' },
      });
    try {
      expect((await put('before')).statusCode).toBe(200);
      const revision = catalog.current().revision;

      proxy.cut();
      await until(() => heard.length > 0);
      const read = await app.inject('/v1/catalog/providers/changing');
      expect([read.statusCode, read.json().name]).toEqual([200, 'before']);
      const writing = await put('meanwhile');
      expect(writing.statusCode).toBe(503);
      expect(writing.headers['retry-after']).toMatch(/^\d+$/);
      expect(problemOf(writing).type).toBe('/problems/database-unavailable');
      const older = await app.inject('/v1/catalog/devices?revision=1');
      expect([older.statusCode, older.headers['retry-after']]).toEqual([503, '5']);
      const future = await app.inject(`/v1/catalog/devices?revision=${revision + 1}`);
      expect(future.statusCode).toBe(503);
      const age = catalog.ageSeconds();
      await sleep(60);
      expect(catalog.ageSeconds()).toBeGreaterThan(age);

      const missed = await write('while away');
      proxy.restore();
      await until(() => catalog.current().revision === missed);
      expect(nameIn(catalog)).toBe('while away');
      await until(async () => (await put('after')).statusCode === 200);
      expect((await app.inject('/v1/catalog/devices?revision=1')).statusCode).toBe(200);
      await until(() => catalog.ageSeconds() < age);
    } finally {
      await app.close();
      await catalog.close();
      await pool.end();
      await proxy.close();
    }
  });

  it('a connection that is ended by the server is made anew, and nothing is missed', async () => {
    const { db, url, pool } = database();
    const catalog = await openCatalog({
      db,
      pool,
      databaseUrl: url,
      pollIntervalMs: 3_600_000,
      onError: () => undefined,
    });
    const listeners = `select pid from pg_stat_activity where datname = current_database() and application_name like '%listen'`;
    try {
      await until(async () => (await pool.query(listeners)).rowCount === 1);
      await pool.query(`select pg_terminate_backend(pid) from (${listeners}) l`);
      const revision = await write('during the gap');
      await until(() => catalog.current().revision === revision);
    } finally {
      await catalog.close();
    }
  });

  it('does not start without a first reading', async () => {
    const pool = createPool({ databaseUrl: 'postgresql://127.0.0.1:1/absent', size: 1, onIdleError: () => undefined });
    await expect(
      openCatalog({
        db: createDatabase<Database>(pool),
        pool,
        databaseUrl: 'postgresql://127.0.0.1:1/absent',
        onError: () => undefined,
      }),
    ).rejects.toThrow();
    await pool.end();
  });
});
