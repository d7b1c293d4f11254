/** Senders that take their time hold a connection each: never all of them, nor all that one tenant's senders could leave to others. */
import { PassThrough, Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { Places } from '../../../src/catalog/sync/places.ts';
import { defaultSyncSettings, PriceSyncs } from '../../../src/catalog/sync/price-syncs.ts';
import { csv, request, row, useSyncing } from './syncing.ts';

const syncing = useSyncing();
const never = new AbortController().signal;

it('slow uploads leave connections to everybody else, and a place to other tenants', async () => {
  const { pool, catalog, at } = syncing();
  const settings = { ...defaultSyncSettings, atOnce: 3, waitForTurnMs: 300 };
  const syncs = new PriceSyncs({ pool, catalog, now: () => at, settings, onError: () => undefined });
  const slow = Array.from({ length: 10 }, (_, index) => {
    const body = new PassThrough();
    body.write(`${csv([row()])}\n`);
    return { body, outcome: syncs.submit(request({ sourceId: `slow${index}` }), body) };
  });
  const outcomes = Promise.allSettled(slow.map(({ outcome }) => outcome));
  // Eight connections are all there are.
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  const list = Readable.from([Buffer.from(csv([row({ amount: '54' })]))]);
  expect(await syncs.submit(request({ sourceId: 'quick', tenant: 'other' }), list)).toMatchObject({ kind: 'done' });
  await expect(Promise.all(slow.map(({ outcome }) => outcome))).rejects.toMatchObject({ code: 'too_many' });
  for (const { body } of slow) body.end();
  const ended = await outcomes;
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  // Those turned away left nothing behind, and their keys are free.
  const { rows } = await pool.query(`select from price_sync where source_id like 'slow%'`);
  expect(rows).toHaveLength(2);
  await syncs.close();
});

it('places are taken in order, given back once, and left to others by the tenant that has the most', async () => {
  const places = new Places(2);
  const first = await places.take('a', never);
  const order: string[] = [];
  const take = async (tenant: string | undefined, name: string) => {
    const leave = await places.take(tenant, never);
    order.push(name);
    return leave;
  };
  const second = take('a', 'a2');
  const third = take('b', 'b');
  const fourth = take(undefined, 'anybody');
  (await third)?.();
  (await fourth)?.();
  first?.();
  first?.();
  (await second)?.();
  expect(order).toEqual(['b', 'anybody', 'a2']);
  const impatient = new AbortController();
  const held = [await places.take('a', never), await places.take('b', never)];
  const late = places.take('c', impatient.signal);
  impatient.abort();
  expect(await late).toBeUndefined();
  for (const leave of held) leave?.();
  expect(places.areFree).toBe(true);
  expect(await places.take('c', impatient.signal)).toBeUndefined();
});
