/** What a first list adds is read into memory while it is merged: nobody sees it before it is there, nor any of it when it never is. */
import { describe, expect, it } from 'vitest';
import type { CatalogHolder, ComingRevision } from '../../../src/catalog/holder.ts';
import { readSnapshotParts } from '../../../src/catalog/queries/snapshot-parts.ts';
import { buildSnapshot, type CatalogView } from '../../../src/catalog/snapshot.ts';
import type { CanonicalRow } from '../../../src/catalog/sync/canonical-row.ts';
import { defaultSyncSettings, PriceSyncs } from '../../../src/catalog/sync/price-syncs.ts';
import { row, type Syncing, send, useSyncing } from './syncing.ts';

const syncing = useSyncing();

type Seen = { readonly coming: ComingRevision[]; readonly at: Syncing };

/** The same service, to which the shortest list is a long one; `change` is what its catalog is told to expect. */
const ofLongLists = (change: (coming: ComingRevision) => ComingRevision = (coming) => coming): Seen => {
  const { pool, catalog, at } = syncing();
  const coming: ComingRevision[] = [];
  const expectingCatalog: Pick<CatalogHolder, 'current' | 'refresh' | 'expect'> = {
    current: () => catalog.current(),
    refresh: () => catalog.refresh(),
    expect: (revision) => {
      if (revision !== undefined) coming.push(revision);
      catalog.expect(revision && change(revision));
    },
  };
  const settings = { ...defaultSyncSettings, lookedUpRows: -1 };
  const syncs = new PriceSyncs({ pool, catalog: expectingCatalog, now: () => at, settings, onError: () => undefined });
  return { coming, at: { ...syncing(), syncs } };
};

const offer = (sku: string, over: Partial<CanonicalRow> = {}): Partial<CanonicalRow> =>
  row({ sku, kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 1, amount: '2', ...over });

/** Offers in the order of no id, some with several prices, one that waits. */
const list = (name: string): readonly Partial<CanonicalRow>[] => [
  offer(`${name}-b`, { amount: '1.50' }),
  offer(`${name}-a`, { observedAt: '2026-11-20', vcpus: 4 }),
  offer(`${name}-a`, { category: 'spot', amount: '0.7' }),
  offer(`${name}-c`, { category: 'spot', amount: '2.5' }),
  offer(`${name}-c`),
  offer(`${name}-a-1`, { category: 'committed', termMonths: 12, payment: 'all_upfront', amount: '0', upfront: '9000' }),
  offer(`${name}-d`, { amount: '', state: 'withdrawn' }),
];

const OFFER = 'aws/us-east-1';
const NOW = '2026-11-24T12:00:00.000Z';

/** Everything that a view says of offers and prices. */
const said = (view: CatalogView): unknown => ({
  offers: view.list('offer').map(({ id, ...rest }) => [id, rest, view.origin('offer', id)]),
  prices: [...view.priceIds()].map((id) => [
    view.priceIdentity(id),
    view.priceRevision(id),
    view.priceHistory(id),
    view.priceAt(id, NOW),
  ]),
  ofOffers: view.list('offer').map(({ id }) => view.priceIdentitiesOfOffer(id)),
});

const saidAnew = async (): Promise<unknown> => {
  const { revision } = syncing().catalog.current();
  const parts = await readSnapshotParts(syncing(), revision);
  if (parts === undefined) throw new Error(`Revision ${revision} is missing.`);
  return said(buildSnapshot(parts));
};

describe('a first list', () => {
  it('is in memory as it is read from the database', async () => {
    const { at, coming } = ofLongLists();
    for (const name of ['one', 'two']) {
      const { counts } = await send(at, list(name), { sourceId: `ahead-${name}`, mode: 'full' });
      expect(counts).toMatchObject({ inserted: 5, closed: 1, quarantined: 1 });
    }
    expect(coming.map(({ revision }) => revision)).toEqual([2, 3]);
    expect(said(syncing().catalog.current())).toEqual(await saidAnew());
  });

  it('is taken as it was read ahead', async () => {
    const more = ({ entries, ...rest }: ComingRevision): ComingRevision => ({
      ...rest,
      entries: entries.replace('o.body', `o.body || '{"vcpus": 77}'`),
    });
    await send(ofLongLists(more).at, list('taken'), { sourceId: 'ahead-taken', mode: 'full' });
    expect(syncing().catalog.current().entry('offer', `${OFFER}/taken-b`)?.vcpus).toBe(77);
  });

  it.each(['entries', 'identities'] as const)(
    'that could not be read ahead is read when it is there: %s',
    async (what) => {
      const broken = (coming: ComingRevision): ComingRevision => ({ ...coming, [what]: 'select from nowhere' });
      await send(ofLongLists(broken).at, list(what), { sourceId: `ahead-${what}`, mode: 'full' });
      expect(syncing().catalog.current().entry('offer', `${OFFER}/${what}-b`)?.vcpus).toBeNull();
      expect([...syncing().catalog.current().priceIds()]).toContain(`${OFFER}/${what}-b/on_demand`);
    },
  );

  it('that is not what came is not taken', async () => {
    const other = ({ entries, ...rest }: ComingRevision): ComingRevision => ({
      ...rest,
      entries: entries.replace('o.body', `o.body || '{"vcpus": 77}'`),
      isMade: async () => false,
    });
    await send(ofLongLists(other).at, list('other'), { sourceId: 'ahead-other', mode: 'full' });
    expect(syncing().catalog.current().entry('offer', `${OFFER}/other-b`)?.vcpus).toBeNull();
    expect(syncing().catalog.current().priceAt(`${OFFER}/other-b/on_demand`, NOW)?.amount).toBe('1.5');
  });
});

describe('a first list that fails while it is merged', () => {
  const failing = async (work: () => Promise<unknown>): Promise<void> => {
    const { pool } = syncing();
    await pool.query(`
      create function refuse() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); raise 'refused'; end $$;
      create trigger refused before insert on price_amount for each statement execute function refuse()`);
    await work().finally(() => pool.query('drop trigger refused on price_amount; drop function refuse'));
  };

  it('leaves nothing behind, and its keys to the prices that come next', async () => {
    const { catalog } = syncing();
    const { at, coming } = ofLongLists();
    const before = said(catalog.current());
    await failing(async () => {
      await expect(send(at, list('failed'), { sourceId: 'ahead-failed', mode: 'full' })).rejects.toThrow('refused');
    });
    await catalog.refresh();
    expect(coming).toHaveLength(1);
    expect(said(catalog.current())).toEqual(before);
    expect(catalog.current().priceIdentity(`${OFFER}/failed-b/on_demand`)).toBeUndefined();

    // A short list, of which nothing is read ahead, takes the keys.
    await send(syncing(), [offer('next-z'), offer('next-y')], { sourceId: 'ahead-next', mode: 'full' });
    expect(catalog.current().priceAt(`${OFFER}/next-z/on_demand`, NOW)?.amount).toBe('2');
    expect(catalog.current().priceIdentity(`${OFFER}/failed-b/on_demand`)).toBeUndefined();

    await send(at, list('failed'), { sourceId: 'ahead-failed', mode: 'full' });
    expect(coming).toHaveLength(2);
    expect(catalog.current().priceAt(`${OFFER}/failed-b/on_demand`, NOW)?.amount).toBe('1.5');
  });
});
