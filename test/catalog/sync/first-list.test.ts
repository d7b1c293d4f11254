/** The first list of a source is taken in the order of its ids, without much of what later ones need: the same comes out of it. */
import { describe, expect, it } from 'vitest';
import type { CanonicalRow } from '../../../src/catalog/sync/canonical-row.ts';
import { defaultSyncSettings, PriceSyncs } from '../../../src/catalog/sync/price-syncs.ts';
import { listQuarantine } from '../../../src/catalog/sync/quarantine.ts';
import { listDryRunDifferences, listRejections, listRevisionDifferences } from '../../../src/catalog/sync/records.ts';
import { createPool } from '../../../src/db/pool.ts';
import { row, type Syncing, send, useSyncing } from './syncing.ts';

const syncing = useSyncing();

/** The same service, to which also the shortest list is a long one. */
const ofLongLists = (): Syncing => {
  const { pool, catalog, at } = syncing();
  const settings = { ...defaultSyncSettings, lookedUpRows: -1 };
  return {
    ...syncing(),
    syncs: new PriceSyncs({
      pool,
      catalog,
      now: () => at,
      settings,
      onError: (message, error) => expect.fail(`${message} ${error}`),
    }),
  };
};

const offer = (sku: string, over: Partial<CanonicalRow> = {}): Partial<CanonicalRow> =>
  row({ sku, kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 1, amount: '2', ...over });
const spot = { category: 'spot' } as const;

const lists: Readonly<Record<string, readonly Partial<CanonicalRow>[]>> = {
  'sound rows': [
    offer('b', { amount: '1.50' }),
    row({ ...spot, sku: 'a', amount: '0.7' }),
    offer('a', { observedAt: '2026-11-20', source: 'https://example.com/a', vcpus: 4 }),
    offer('a-1', { category: 'committed', termMonths: 12, payment: 'all_upfront', amount: '0', upfront: '9000' }),
    offer('a', { region: 'me-central-1', validFrom: '2026-12-01', flags: 'seen checked' }),
    offer('c', { amount: '', mode: 'capacity_block_only', category: 'capacity_block' }),
    offer('d', { amount: '', state: 'withdrawn' }),
  ],
  'rows that wait': [
    offer('b'),
    offer('a', { ...spot, amount: '2.2' }),
    offer('a'),
    offer('z', { ...spot, amount: '2.1' }),
    offer('z'),
  ],
  'rows that are wrong': [
    offer('b', { amount: '1,5' }),
    offer('a'),
    offer('c', { deviceId: 'nvidia-l44' }),
    offer('d', { amount: '' }),
  ],
  'a price twice': [offer('a'), offer('b'), offer('a'), offer('b', { amount: '3' }), offer('c')],
  'a price in two currencies': [offer('a'), offer('a', { currency: 'EUR' }), offer('b')],
  'a price from two dates on': [offer('b'), offer('a'), offer('a', { validFrom: '2027-01-01', amount: '2.2' })],
  'prices that others have': [row({ amount: '60' }), offer('a'), row({ region: 'me-central-1', amount: '600' })],
};

/** What became of a list: its report and all that it left, with the name of the source taken out. */
const outcome = async (at: Syncing, source: string, rows: readonly Partial<CanonicalRow>[], over: object = {}) => {
  const ofSource = rows.map((one) => (one.sku === 'p5.48xlarge' ? one : { ...one, sku: `${source}-${one.sku}` }));
  const record = await send(at, ofSource, { sourceId: source, mode: 'full', ...over });
  const { pool } = at;
  const entries = await pool.query(
    'select id, state, body from catalog_entry where revision = $1 order by id collate "C"',
    [record.revision],
  );
  const amounts = await pool.query(
    `select i.id, i.offer_id, i.category, i.term_months, i.payment, i.tier_from, i.unit, a.currency, a.valid_from, a.state, a.amount, a.upfront,
       a.observed_at, a.flags, a.is_open, p.source, p.confidence
     from price_amount a join price_identity i using (price_key) join price_provenance p using (provenance_key)
     where a.revision = $1 order by i.id collate "C", a.currency, a.valid_from`,
    [record.revision],
  );
  const said = {
    counts: record.counts,
    rejections: await listRejections(pool, record.id, [0, 0], 100),
    changes:
      record.revision === null
        ? []
        : (await listRevisionDifferences(pool, record.revision, '', 100)).map(({ position: _, ...one }) => one),
    would: (await listDryRunDifferences(pool, record.id, '', 100)).map(({ position: _, ...one }) => one),
    quarantined: (await listQuarantine(pool, { tenant: 'house', sourceId: source, limit: 100 })).map(
      ({ id: _id, priceSyncId: _sync, createdAt: _at, ...one }) => one,
    ),
    entries: entries.rows,
    amounts: amounts.rows,
    classes: (
      await pool.query(
        'select category, c.last_change_at is not null as changed from catalog_source_class c join catalog_source using (source_key) where id = $1 order by 1',
        [source],
      )
    ).rows,
    confirmed: (
      await pool.query(
        `select category, c.observed_at, cardinality(c.held_back) as held from price_confirmation c join catalog_source using (source_key) where id = $1 order by 1`,
        [source],
      )
    ).rows,
  };
  return JSON.parse(JSON.stringify(said).replaceAll(source, 'source'));
};

describe.each(Object.entries(lists))('a first list of %s', (name, rows) => {
  const index = Object.keys(lists).indexOf(name);
  it('is taken as a short one is', async () => {
    expect(await outcome(ofLongLists(), `long-${index}`, rows)).toEqual(
      await outcome(syncing(), `else-${index}`, rows),
    );
  });

  it('is told of in a dry run', async () => {
    const over = { dryRun: true };
    expect(await outcome(ofLongLists(), `long-dry-${index}`, rows, over)).toEqual(
      await outcome(syncing(), `else-dry-${index}`, rows, over),
    );
  });

  it('says nothing new when it is sent again', async () => {
    const at = ofLongLists();
    const again = await outcome(at, `long-${index}`, rows);
    expect(again).toMatchObject({ counts: { inserted: 0, changed: 0, closed: 0, offersAdded: 0 }, changes: [] });
    expect(again.counts).toEqual((await outcome(syncing(), `else-${index}`, rows)).counts);
  });
});

describe('the first list of all, larger than the catalog', () => {
  const alone = useSyncing({ lookedUpRows: -1 });
  const readMeanwhile = useSyncing({ lookedUpRows: -1 });
  const notOurs = useSyncing({ lookedUpRows: -1 });
  const many = (count: number): readonly Partial<CanonicalRow>[] =>
    Array.from({ length: count }, (_, index) => offer(`${index}`, { amount: (1.5 + index / 10_000).toFixed(4) }));
  const keys = async ({ pool }: Syncing): Promise<readonly object[]> =>
    (
      await pool.query(
        `select conrelid::regclass::text as of, conname, contype, convalidated, pg_get_constraintdef(c.oid), pg_get_indexdef(conindid),
           i.indisvalid, i.indisready
         from pg_constraint c left join pg_index i on i.indexrelid = c.conindid
         where conrelid in ('catalog_entry'::regclass, 'price_identity'::regclass, 'price_amount'::regclass) order by 1, 2`,
      )
    ).rows;
  /** Indexes made since are other files. */
  const files = async ({ pool }: Syncing): Promise<readonly unknown[]> =>
    (
      await pool.query(
        `select relfilenode from pg_class where relname in ('catalog_entry_pkey', 'price_identity_pkey', 'price_identity_id_key', 'price_amount_pkey') order by 1`,
      )
    ).rows;
  const takes = async (at: Syncing, count: number, sourceId: string): Promise<void> => {
    expect(await send(at, many(count), { sourceId })).toMatchObject({
      counts: { inserted: count, quarantined: 0 },
    });
  };

  it('has its keys built anew, as they were; the next one does not', async () => {
    const at = alone();
    const before = await keys(at);
    const filesBefore = await files(at);
    expect(filesBefore).toHaveLength(4);
    await takes(at, 1000, 'first');
    const filesAfter = await files(at);
    expect(filesAfter).not.toEqual(filesBefore);
    expect(await keys(at)).toEqual(before);
    const { rows } = await at.pool.query(
      `select count(*)::int as count, count(distinct price_key)::int as keys from price_amount join catalog_source s using (source_key)
       where s.id = 'first'`,
    );
    expect(rows[0]).toEqual({ count: 1000, keys: 1000 });
    await takes(at, 4000, 'second');
    expect(await files(at)).toEqual(filesAfter);
  });

  it('leaves the keys while somebody reads', async () => {
    const at = readMeanwhile();
    const before = await files(at);
    const reader = await at.pool.connect();
    await reader.query('begin; select from price_amount limit 1');
    await takes(at, 1000, 'first');
    await reader.query('rollback');
    reader.release();
    expect(await files(at)).toEqual(before);
  });

  it('leaves the keys of tables that belong to another role', async () => {
    const at = notOurs();
    const before = await files(at);
    const url = new URL(at.url);
    const [{ database, role }] = (
      await at.pool.query<{ database: string; role: string }>(
        `select current_database() as database, 'guest_' || current_database() as role`,
      )
    ).rows as [{ database: string; role: string }];
    await at.pool.query(
      `create role ${role} login password '${role}' nosuperuser;
       grant create, temporary on database ${database} to ${role};
       grant all on all tables in schema public, price_sync_stage, price_sync_memory to ${role};
       grant all on all sequences in schema public to ${role};
       grant all on schema price_sync_stage, price_sync_memory to ${role}`,
    );
    url.username = role;
    url.password = role;
    const pool = createPool({ databaseUrl: url.href, size: 4, onIdleError: () => undefined });
    try {
      const syncs = new PriceSyncs({
        pool,
        catalog: at.catalog,
        now: () => at.at,
        settings: { ...defaultSyncSettings, lookedUpRows: -1 },
        onError: (message, error) => expect.fail(`${message} ${error}`),
      });
      await takes({ ...at, syncs }, 1000, 'first');
      expect(await files(at)).toEqual(before);
    } finally {
      await pool.end();
      await at.pool.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

it('leaves no pages of which the indexes over revisions know nothing', async () => {
  const rows = Array.from({ length: 6000 }, (_, index) => offer(`summary-${index}`));
  await send(ofLongLists(), rows, { sourceId: 'summary', mode: 'full' });
  const { rows: left } = await syncing().pool.query(
    `select brin_summarize_new_values('catalog_entry_revision') as entries, brin_summarize_new_values('price_amount_revision') as amounts`,
  );
  expect(left).toEqual([{ entries: 0, amounts: 0 }]);
});
