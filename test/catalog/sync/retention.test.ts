/** What is kept of old syncs, and what is not. */
import { expect, it } from 'vitest';
import { findOperation } from '../../../src/catalog/sync/operations.ts';
import { findSync, listRejections, prune } from '../../../src/catalog/sync/records.ts';
import { row, send, useSyncing } from './syncing.ts';

const syncing = useSyncing();

it('reports and their operations go after their time; prices, revisions, the audit and what waits stay', async () => {
  const { pool, catalog } = syncing();
  const count = async (table: string) => (await pool.query(`select count(*)::int as n from ${table}`)).rows[0]?.n;
  const old = await send(syncing(), [row({ amount: '55' }), row({ sku: 'unknown' })]);
  const waiting = await send(syncing(), [row({ amount: '5500' })]);
  const young = await send(syncing(), [row({ amount: '56' })]);
  expect(waiting.counts?.quarantined).toBe(1);
  for (const { id } of [old, waiting]) {
    await pool.query(`update operation set finished_at = now() - interval '31 days' where operation_id = $1`, [id]);
  }
  const kept = ['catalog_revision', 'audit_event', 'price_quarantine', 'price_amount'];
  const before = await Promise.all(kept.map(count));
  await prune(pool, 32);
  expect(await findSync(pool, old.id)).toBeDefined();
  await prune(pool, 30);
  for (const { id } of [old, waiting]) {
    expect(await findSync(pool, id)).toBeUndefined();
    expect(await findOperation(pool, id)).toBeUndefined();
    expect(await listRejections(pool, id, [0, 0], 10)).toEqual([]);
  }
  expect(await findSync(pool, young.id)).toBeDefined();
  expect(await Promise.all(kept.map(count))).toEqual(before);
  await catalog.refresh();
  const price = catalog.current().priceAt('aws/us-east-1/p5.48xlarge/on_demand', '2027-01-01T00:00:00Z');
  expect(price?.amount).toBe('56');
});
