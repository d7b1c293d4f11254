/** SIGKILL to the service and to the database, in the upload and in the work: all or nothing, and a retry completes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { openCatalog } from '../../../src/catalog/holder.ts';
import { seedCatalog } from '../../../src/catalog/seed/seeding.ts';
import { findOperation } from '../../../src/catalog/sync/operations.ts';
import { defaultSyncSettings, PriceSyncs, type SyncOutcome } from '../../../src/catalog/sync/price-syncs.ts';
import type { Database } from '../../../src/catalog/tables.ts';
import { startEmbedded } from '../../../src/db/embedded/server.ts';
import { migrate, readMigrations } from '../../../src/db/migrate.ts';
import { createDatabase, createPool } from '../../../src/db/pool.ts';
import { migrationsDirectory, useTestDatabase } from '../../helpers/database.ts';
import { startService, stopService } from '../../helpers/service.ts';
import { useTemporaryDirectory } from '../../helpers/temporary-directory.ts';
import { contents } from '../fixtures.ts';
import { csv, fingerprint, request, row } from './syncing.ts';

const database = useTestDatabase('seeded');
const directory = useTemporaryDirectory();

const many = (count: number, deviceId = 'nvidia-l4', name = 'k'): string =>
  csv(
    Array.from({ length: count }, (_, index) =>
      row({ sku: `${name}${index}`, kind: 'instance', deviceId, deviceCount: 1, amount: '3' }),
    ),
  );

it('the service killed in the upload and in the work: the next start leaves it as before, or completes it', async () => {
  const key = 'key-of-the-killed-service';
  const start = () => startService({ DATABASE_URL: database().url, ADMIN_API_KEY: key });
  const { pool } = database();
  const url = (base: string) => `${base}/v1/catalog/price-syncs?source=killed`;
  const headers = (name: string) => ({ 'x-api-key': key, 'content-type': 'text/csv', 'idempotency-key': name });
  const newest = async (column: string): Promise<string> =>
    (await pool.query(`select ${column}::text as it from operation order by created_at desc limit 1`)).rows[0]?.it;

  const first = start();
  const base = await first.ready;
  const before = await fingerprint(database());
  const body = new PassThrough();
  body.write(many(100));
  const broken = fetch(url(base), {
    method: 'POST',
    headers: headers('in-the-upload'),
    body: Readable.toWeb(body) as never,
    duplex: 'half',
  } as RequestInit).catch((error: unknown) => error);
  while ((await newest('state')) !== 'receiving') await sleep(10);
  await stopService(first, 'SIGKILL');
  expect(await broken).toBeInstanceOf(Error);
  expect(await fingerprint(database())).toBe(before);

  const list = many(30_000, 'nvidia-h100-sxm5-80gb');
  const second = start();
  const again = await second.ready;
  while ((await newest('state')) === 'receiving') await sleep(10);
  expect(await newest('state')).toBe('failed');
  const sent = await fetch(url(again), { method: 'POST', headers: headers('in-the-work'), body: list });
  expect(sent.status).toBe(202);
  const { id } = (await sent.json()) as { id: string };
  await stopService(second, 'SIGKILL');

  const third = start();
  const last = await third.ready;
  for (;;) {
    const operation = await findOperation(pool, id);
    if (operation?.finishedAt) break;
    await sleep(20);
  }
  // Whatever became of it, the same list with the same key is done once.
  const retried = await fetch(url(last), { method: 'POST', headers: headers('in-the-work'), body: list });
  expect([201, 202]).toContain(retried.status);
  const retry = (await retried.json()) as { id: string };
  while (!(await findOperation(pool, retry.id))?.finishedAt) await sleep(20);
  const { rows } = await pool.query(
    `select count(*)::int as count, count(distinct revision)::int as revisions from price_amount join catalog_source s using (source_key)
     where s.id = 'killed'`,
  );
  expect(rows).toEqual([{ count: 30_000, revisions: 1 }]);
  await stopService(third);
}, 120_000);

it('the database killed at each stage: the catalog is the one before or the one after, and a retry completes', async () => {
  const server = await startEmbedded({ dataDirectory: directory });
  const pool = createPool({ databaseUrl: server.databaseUrl, size: 6, onIdleError: () => undefined });
  const db = createDatabase<Database>(pool);
  await migrate(pool, await readMigrations(migrationsDirectory));
  await seedCatalog(db, contents());
  const catalog = await openCatalog({ db, pool, databaseUrl: server.databaseUrl, onError: () => undefined });
  const syncs = new PriceSyncs({
    pool,
    catalog,
    now: () => new Date('2026-11-24T12:00:00.000Z'),
    settings: { ...defaultSyncSettings, answeredAtOnceRows: 0, lookedUpRows: 1000 },
    onError: () => undefined,
  });
  const kill = async (): Promise<void> => {
    const [pid] = (await readFile(join(server.dataDirectory, 'postgres/postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGKILL');
  };
  /** What a question answers when the server is back; if it does not come back, the last error says what is wrong. */
  const whenBack = <T>(ask: () => Promise<T>): Promise<T> => vi.waitFor(ask, { timeout: 60_000, interval: 50 });
  const ended = (id: string): Promise<string> =>
    whenBack(async () => {
      const operation = await findOperation(pool, id);
      if (operation?.finishedAt) return operation.state;
      throw new Error(`It goes on: ${operation?.state}, ${operation?.step}.`);
    });
  try {
    for (const stage of ['receiving', 'checking', 'comparing', 'judging', 'writing']) {
      const one = request({ sourceId: `killed-${stage}`, mode: 'full' });
      const list = Buffer.from(many(6000, 'nvidia-l4', stage));
      const submit = (): Promise<SyncOutcome> => syncs.submit(one, Readable.from([list]));
      const before = await fingerprint({ pool });
      if (stage === 'receiving') {
        const body = new PassThrough();
        body.write(list.subarray(0, list.length / 2));
        const broken = syncs.submit(one, body).catch((error: unknown) => error);
        while (((await pool.query('select from pg_stat_progress_copy')).rowCount ?? 0) === 0) await sleep(5);
        await kill();
        // Its children end a moment later; one that was still there could take the rest of the list.
        await Promise.race([broken, sleep(1000)]);
        body.end(list.subarray(list.length / 2));
        expect(await broken).toBeInstanceOf(Error);
        expect(await whenBack(() => fingerprint({ pool }))).toBe(before);
        // Without a retry, too, its operation says what became of it.
        const { rows } = await pool.query<{ id: string }>(
          'select operation_id as id from operation order by created_at desc limit 1',
        );
        expect(await ended(String(rows[0]?.id))).toBe('failed');
      } else {
        const outcome = await submit();
        if (outcome.kind !== 'accepted') throw new Error('It should be in the background.');
        for (;;) {
          const operation = await findOperation(pool, outcome.id);
          if (operation?.step === stage || operation?.finishedAt) break;
        }
        await kill();
        const state = await ended(outcome.id);
        const after = await whenBack(() => fingerprint({ pool }));
        expect(after === before, `${stage}: ${state}`).toBe(state !== 'succeeded');
      }
      for (;;) {
        const again = await whenBack(submit);
        if (again.kind === 'done' || (await ended(again.id)) === 'succeeded') break;
      }
      const { rows } = await pool.query(
        `select count(*)::int as count, count(distinct revision)::int as revisions from price_amount join catalog_source s using (source_key)
         where s.id = $1`,
        [one.sourceId],
      );
      expect(rows, stage).toEqual([{ count: 6000, revisions: 1 }]);
    }
  } finally {
    await syncs.close();
    await catalog.close();
    await pool.end();
    await server.stop();
  }
});
