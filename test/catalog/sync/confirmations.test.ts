/** What a full list says again is as old as that list; what it says otherwise, or what nobody sends again, is not. */
import { describe, expect, it } from 'vitest';
import { openCatalog } from '../../../src/catalog/holder.ts';
import { addConfirmations } from '../../../src/catalog/queries/read-prices.ts';
import { readSnapshotParts } from '../../../src/catalog/queries/snapshot-parts.ts';
import { buildSnapshot } from '../../../src/catalog/snapshot.ts';
import { isStale } from '../../../src/domain/economics/price-use.ts';
import { row, type Syncing, send, useSyncing } from './syncing.ts';

const syncing = useSyncing();

const ID = 'aws/us-east-1/p5.48xlarge/on_demand';
const SPOT = 'aws/us-east-1/p5.48xlarge/spot';
const LATER = '2027-06-01T00:00:00.000Z';
const seenAt = ({ catalog }: Syncing, id = ID, at = LATER) => {
  const price = catalog.current().priceAt(id, at);
  return [price?.observedAt.slice(0, 10), price?.confirmedAt?.slice(0, 10)];
};
const full = (sourceId: string) => ({ mode: 'full' as const, sourceId });

describe('a price that its source says again', () => {
  it('is confirmed without a revision and without a row of its own', async () => {
    const it = syncing();
    const list = (observedAt: string) => [row({ observedAt }), row({ category: 'spot', amount: '21', observedAt })];
    const first = await send(it, list('2026-03-01'), full('again'));
    expect(seenAt(it)).toEqual(['2026-03-01', undefined]);
    const { rows: before } = await it.pool.query('select count(*) from price_amount');
    const again = await send(it, list('2026-11-20'), full('again'));
    expect(again.revision).toBeNull();
    expect(again.etag).toBe(first.etag);
    expect(seenAt(it)).toEqual(['2026-03-01', '2026-11-20']);
    expect(seenAt(it, SPOT)).toEqual(['2026-03-01', '2026-11-20']);
    expect((await it.pool.query('select count(*) from price_amount')).rows).toEqual(before);
    const [observation] = it.catalog
      .current()
      .newestObservations()
      .filter(({ sourceId, category }) => sourceId === 'again' && category === 'spot');
    expect(new Date(observation?.observedAtMs ?? 0).toISOString()).toBe('2026-11-20T00:00:00.000Z');
    // stale by its own date, not by the last confirmation
    const price = it.catalog.current().priceAt(ID, '2027-01-01T00:00:00Z');
    if (price === undefined) throw new Error('There is no price.');
    expect(isStale(price, '2027-01-01T00:00:00Z')).toBe(false);
    const { confirmedAt: _confirmedAt, ...unconfirmed } = price;
    expect(isStale(unconfirmed, '2027-01-01T00:00:00Z')).toBe(true);
  });

  it('counts for answers from then on: those for earlier times stay as they were', async () => {
    const it = syncing();
    const before = new Date(Date.now() - 60_000).toISOString();
    expect(seenAt(it, ID, before)).toEqual(['2026-03-01', undefined]);
    const changed = it.catalog.current().lastPriceChange(LATER);
    expect(changed !== null && changed > before).toBe(true);
  });

  it('is not made younger by an old list sent again', async () => {
    const it = syncing();
    await send(it, [row({ observedAt: '2026-02-01' }), row({ category: 'spot', amount: '21' })], full('again'));
    expect(seenAt(it)).toEqual(['2026-03-01', '2026-11-20']);
    const [, confirmed] = seenAt(it, SPOT);
    expect(confirmed).toBe('2026-11-24');
  });

  it('is told once a day, however often it is sent', async () => {
    const it = syncing();
    const count = async () => (await it.pool.query('select count(*) from price_confirmation')).rows;
    const before = await count();
    await send(
      it,
      [row({ observedAt: '2026-11-20T09:00:00Z' }), row({ category: 'spot', amount: '21', observedAt: '2026-11-20' })],
      full('again'),
    );
    expect(await count()).toEqual(before);
  });

  it('is not confirmed by a row that was rejected or waits, nor by a list of another scope or a delta', async () => {
    const it = syncing();
    const list = ['us-east-1', 'me-central-1'].map((region) => ({
      ...row({ region, sku: 'scoped', observedAt: '2026-03-01' }),
      ...{ kind: 'instance' as const, deviceId: 'nvidia-h100-sxm5-80gb', deviceCount: 8 },
    }));
    const east = 'aws/us-east-1/scoped/on_demand';
    const gulf = 'aws/me-central-1/scoped/on_demand';
    expect((await send(it, list, full('scoped'))).counts).toMatchObject({ inserted: 2, rejected: 0 });
    const now = { observedAt: '2026-11-21' };
    await send(
      it,
      list.map((one) => ({ ...one, ...now })),
      { sourceId: 'scoped' },
    );
    expect(seenAt(it, east)).toEqual(['2026-03-01', undefined]);
    const narrow = { ...full('scoped'), scope: { providers: ['aws'], regions: ['us-east-1'], categories: [] } };
    await send(it, [{ ...list[0], ...now }], narrow);
    expect(seenAt(it, east)).toEqual(['2026-03-01', '2026-11-21']);
    expect(seenAt(it, gulf)).toEqual(['2026-03-01', undefined]);
    const next = { observedAt: '2026-11-22' };
    const { counts } = await send(
      it,
      [
        { ...list[0], ...next, amount: '5504' },
        { ...list[1], ...next },
      ],
      full('scoped'),
    );
    expect(counts).toMatchObject({ quarantined: 1, unchanged: 1 });
    expect(seenAt(it, east)).toEqual(['2026-03-01', '2026-11-21']);
    expect(seenAt(it, gulf)).toEqual(['2026-03-01', '2026-11-22']);
    const last = { observedAt: '2026-11-23' };
    await send(
      it,
      [
        { ...list[0], ...last, amount: 'dear' },
        { ...list[1], ...last },
      ],
      full('scoped'),
    );
    expect(seenAt(it, east)).toEqual(['2026-03-01', '2026-11-21']);
    expect(seenAt(it, gulf)).toEqual(['2026-03-01', '2026-11-23']);
  });

  it('is heard of by other instances, and read by those that start later and at older revisions', async () => {
    const it = syncing();
    const { revision } = it.catalog.current();
    const other = await openCatalog({
      db: it.db,
      pool: it.pool,
      databaseUrl: it.url,
      pollIntervalMs: 3_600_000,
      onError: () => undefined,
    });
    try {
      expect(other.current().priceAt(ID, LATER)?.confirmedAt).toBe('2026-11-20T00:00:00.000Z');
      await new Promise((resolve) => setTimeout(resolve, 50)); // so that it listens
      await send(it, [row({ observedAt: '2026-11-23' }), row({ category: 'spot', amount: '21' })], full('again'));
      await expect
        .poll(() => other.current().priceAt(ID, LATER)?.confirmedAt, { timeout: 5000 })
        .toBe('2026-11-23T00:00:00.000Z');
      expect(other.current().revision).toBe(revision);
    } finally {
      await other.close();
    }
    const { revision: stated = 0 } = it.catalog.current().priceAt(ID, LATER) ?? {};
    const parts = await readSnapshotParts(it, stated);
    if (parts === undefined) throw new Error('There is no such revision.');
    await addConfirmations(it.db, parts.prices, 0);
    expect(buildSnapshot(parts).priceAt(ID, LATER)?.confirmedAt).toBe('2026-11-23T00:00:00.000Z');
  });

  it('is not confirmed from before it was said', async () => {
    const it = syncing();
    it.at = new Date('2030-01-01T00:00:00.000Z');
    await send(
      it,
      [row({ observedAt: '2026-11-24', amount: '54' }), row({ category: 'spot', amount: '21' })],
      full('again'),
    );
    const price = it.catalog.current().priceAt(ID, '2030-02-01T00:00:00Z');
    expect([price?.amount, price?.confirmedAt]).toEqual(['54', undefined]);
  });
});
