/** Lists compared with what is remembered of the one before: the same answers as without a memory, and few rows looked at. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { CURRENCIES } from '../../../src/catalog/currencies.ts';
import { writeEntry, writePrice } from '../../../src/catalog/operator-writes.ts';
import type { CanonicalRow } from '../../../src/catalog/sync/canonical-row.ts';
import { defaultSyncSettings, PriceSyncs } from '../../../src/catalog/sync/price-syncs.ts';
import { decide, listQuarantine } from '../../../src/catalog/sync/quarantine.ts';
import { row, send, useSyncing } from './syncing.ts';

// Also the shortest list counts as a long one.
const syncing = useSyncing({ lookedUpRows: -1 });

const operator = { actor: 'operator', requestId: 'test', bodySha256: null };

let source = '';
beforeEach(() => {
  source = `s-${randomUUID()}`;
});

const list = (amounts: readonly (string | number)[], over: Partial<CanonicalRow> = {}) =>
  amounts.map((amount, index) =>
    row({
      sku: `${source}-${index}`,
      kind: 'instance',
      deviceId: 'nvidia-l4',
      deviceCount: 1,
      amount: String(amount),
      ...over,
    }),
  );
const full = (rows: readonly Partial<CanonicalRow>[], over: object = {}) =>
  send(syncing(), rows, { sourceId: source, mode: 'full', ...over });
const priceOf = (index: number) =>
  syncing().catalog.current().priceAt(`aws/us-east-1/${source}-${index}/on_demand`, syncing().at.toISOString())?.amount;

/** Of each remembered price of the source, whether it has a print. */
const remembered = async (): Promise<readonly boolean[]> => {
  const { pool } = syncing();
  const { rows } = await pool.query('select source_key from catalog_source where id = $1', [source]);
  const memory = await pool.query(
    `select first_print is not null as printed from price_sync_memory.source_${rows[0]?.source_key} order by price_key`,
  );
  return memory.rows.map(({ printed }) => printed);
};

/** The memory is exactly the open rows, with what they say. */
const differencesFromOpenRows = async (): Promise<number> => {
  const { pool } = syncing();
  const { rows } = await pool.query('select source_key from catalog_source where id = $1', [source]);
  const { rowCount } = await pool.query(
    `select from (select * from price_amount where is_open and source_key = ${rows[0]?.source_key}) o
     full join price_sync_memory.source_${rows[0]?.source_key} m using (price_key, currency)
     where o.price_key is null or m.price_key is null or (o.valid_from, o.state = 'withdrawn', o.amount, o.upfront, o.provenance_key)
       is distinct from (m.valid_from, m.withdrawn, m.amount, m.upfront, m.provenance_key)`,
  );
  const reach = await pool.query('select row_count from price_sync_memory.reach where source_key = $1', [
    rows[0]?.source_key,
  ]);
  const counted = await pool.query(`select count(*) from price_sync_memory.source_${rows[0]?.source_key}`);
  expect(reach.rows[0]?.row_count).toBe(counted.rows[0]?.count);
  return rowCount ?? 0;
};

it('keeps a print of each price that a row stands for, and changes those of changed rows', async () => {
  await full(list([1, 2, 3]));
  expect(await remembered()).toEqual([true, true, true]);
  expect(await differencesFromOpenRows()).toBe(0);
  expect((await full(list([1, 2, 3]))).counts).toMatchObject({ rows: 3, unchanged: 3 });
  expect((await full(list([1, 2.1, 3]))).counts).toMatchObject({ rows: 3, unchanged: 2, changed: 1 });
  expect(await remembered()).toEqual([true, true, true]);
  expect(await differencesFromOpenRows()).toBe(0);
  expect((await full(list([1, 2.1, 3]))).counts).toMatchObject({ unchanged: 3 });
});

it('the same said in other words is unchanged', async () => {
  await full(list([1, 2]));
  const again = list(['1.00', '2.0'], { notes: 'New words.' });
  expect(await full(again)).toMatchObject({ revision: null, counts: { unchanged: 2, changed: 0 } });
  expect((await full(again)).counts).toMatchObject({ unchanged: 2 });
});

it('the same read on another day is set aside: its print has no dates', async () => {
  const prints = async () => {
    const { pool } = syncing();
    const { rows } = await pool.query('select source_key from catalog_source where id = $1', [source]);
    return (await pool.query(`select ctid, first_print from price_sync_memory.source_${rows[0]?.source_key}`)).rows;
  };
  await full(list([1, 2], { observedAt: '2026-11-20', sourceDate: '2026-11-20' }));
  const before = await prints();
  expect(before).toHaveLength(2);
  const later = list([1, 2], { observedAt: '2026-11-23T10:00:00Z', sourceDate: '2026-11-23' });
  expect(await full(later)).toMatchObject({ revision: null, counts: { unchanged: 2 } });
  expect(await prints()).toEqual(before);
  const { rows } = await syncing().pool.query(
    `select max(observed_at) as seen from price_confirmation join catalog_source using (source_key) where id = $1`,
    [source],
  );
  expect(rows[0]?.seen).toEqual(new Date('2026-11-23T10:00:00Z'));
  // A date that cannot be is told all the same, and so is a row that is there twice.
  for (const wrong of [{ observedAt: '2126-11-24' }, { observedAt: 'yesterday' }, { sourceDate: '24.11.2026' }]) {
    const misdated = [...list([1]), ...list([1, 2], wrong).slice(1)];
    expect((await full(misdated)).counts).toMatchObject({ unchanged: 1, rejected: 1, closed: 0 });
  }
  const twice = [...list([1, 2]), ...list([1], { observedAt: '2026-11-22' })];
  expect((await full(twice)).counts).toMatchObject({ rows: 3, unchanged: 2, rejected: 1 });
  expect(await differencesFromOpenRows()).toBe(0);
});

it('what a full list leaves out ends, and comes back', async () => {
  await full(list([1, 2, 3, 4, 5, 6]));
  expect((await full(list([1, 2, 3, 4, 5]))).counts).toMatchObject({ unchanged: 5, closed: 1, quarantined: 0 });
  expect(await differencesFromOpenRows()).toBe(0);
  expect((await full(list([1, 2, 3, 4, 5]))).counts).toMatchObject({ unchanged: 5, closed: 0 });
  expect((await full(list([1, 2, 3, 4, 5, 6]))).counts).toMatchObject({ unchanged: 5, inserted: 1 });
  expect(priceOf(5)).toBe('6');
  expect(await differencesFromOpenRows()).toBe(0);
});

describe('a price named twice', () => {
  it('by the same row: the first counts', async () => {
    const rows = list([1, 2]);
    await full(rows);
    const sync = await full([...rows, ...rows.slice(0, 1)]);
    expect(sync.counts).toMatchObject({ rows: 3, unchanged: 2, rejected: 1 });
  });

  it('by a row as before and another one: none is taken', async () => {
    const rows = list([1, 2]);
    await full(rows);
    const sync = await full([...rows, ...list([1.5])]);
    expect(sync.counts).toMatchObject({ rows: 3, unchanged: 1, rejected: 2, changed: 0, closed: 0 });
    expect(priceOf(0)).toBe('1');
    expect((await full(rows)).counts).toMatchObject({ unchanged: 2, rejected: 0 });
  });

  it('by a row as before and one of a later date: both stand', async () => {
    const rows = list([1, 2]);
    await full(rows);
    const later = list([1.5], { validFrom: '2027-01-01' });
    expect((await full([...rows, ...later])).counts).toMatchObject({ rows: 3, unchanged: 2, inserted: 0, changed: 1 });
    expect((await full([...rows, ...later])).counts).toMatchObject({ unchanged: 3 });
    expect((await full(rows)).counts).toMatchObject({ unchanged: 2, takenBack: 1 });
    expect(await differencesFromOpenRows()).toBe(0);
  });
});

describe('what happened in between', () => {
  it('in a short list, which is not remembered', async () => {
    const rows = list([1, 2, 3]);
    await full(rows);
    const { pool, catalog, at } = syncing();
    const syncs = new PriceSyncs({
      pool,
      catalog,
      now: () => at,
      settings: defaultSyncSettings,
      onError: () => undefined,
    });
    const delta = await send({ ...syncing(), syncs }, list([1.2]), { sourceId: source, mode: 'delta' });
    expect(delta.counts).toMatchObject({ changed: 1 });
    expect(await differencesFromOpenRows()).toBe(1);
    expect((await full(rows)).counts).toMatchObject({ changed: 1, unchanged: 2 });
    expect(priceOf(0)).toBe('1');
    expect(await differencesFromOpenRows()).toBe(0);
  });

  it('a row back to what it was takes its other amount out of quarantine', async () => {
    const rows = list([1, 2, 3]);
    await full(rows);
    expect((await full(list([9, 2, 3]))).counts).toMatchObject({ quarantined: 1, unchanged: 2 });
    expect((await full(rows)).counts).toMatchObject({ unchanged: 3, quarantined: 0 });
    expect(
      await listQuarantine(syncing().pool, { tenant: 'house', sourceId: source, state: 'waiting', limit: 9 }),
    ).toEqual([]);
  });

  it('an approval from quarantine', async () => {
    const rows = list([1, 2, 3]);
    await full(rows);
    await full(list([9, 2, 3]));
    const [item] = await listQuarantine(syncing().pool, {
      tenant: 'house',
      sourceId: source,
      state: 'waiting',
      limit: 9,
    });
    await decide(syncing().pool, item?.id ?? '', {
      decision: 'approve',
      reason: 'Asked.',
      actor: 'buyer',
      tenant: 'house',
      requestId: 'test',
      bodySha256: null,
    });
    expect((await full(list([9, 2, 3]))).counts).toMatchObject({ unchanged: 3, quarantined: 0 });
    expect((await full(rows)).counts).toMatchObject({ unchanged: 2, quarantined: 1 });
  });

  it('an amount of an operator, which wins and is not what the source says', async () => {
    const rows = list([1, 2]);
    await full(rows);
    const { db, catalog } = syncing();
    const offerId = `aws/us-east-1/${source}-0`;
    const id = `${offerId}/on_demand`;
    const statement = {
      source: 'a contract',
      sourceDate: null,
      confidence: 'vendor',
      licence: null,
      notes: null,
    } as const;
    await writePrice(
      db,
      { id, offerId, category: 'on_demand', termMonths: 0, payment: 'none', tierFrom: 0, unit: 'hour' },
      [
        {
          validFrom: '2026-11-01T00:00:00.000Z',
          state: 'in_force',
          amount: {
            ...statement,
            priceId: id,
            amount: '5',
            upfront: '0',
            currency: 'USD',
            observedAt: '2026-11-01T00:00:00.000Z',
            flags: [],
          },
        },
      ],
      operator,
      () => undefined,
    );
    expect(await full(rows)).toMatchObject({ revision: null, counts: { unchanged: 2 } });
    await catalog.refresh();
    expect(priceOf(0)).toBe('5');
    expect((await full(list([5, 2]))).counts).toMatchObject({ unchanged: 1, quarantined: 1 });
  });

  it('a list that failed', async () => {
    const rows = list([1, 2]);
    await full(rows);
    await expect(full(list([1.1, 2.1]), { ifMatch: '"x.0"' })).rejects.toThrow(/has changed since/);
    expect((await full(rows)).counts).toMatchObject({ unchanged: 2 });
    expect((await full(list([1.1, 2]))).counts).toMatchObject({ unchanged: 1, changed: 1 });
  });

  it('the end of an offer, which ends no amount', async () => {
    const rows = list([1, 2]);
    await full(rows);
    const id = `aws/us-east-1/${source}-0`;
    await writeEntry(
      syncing().db,
      { kind: 'offer', id },
      operator,
      ({ entry }) => ({ state: 'retired', body: entry ?? null }) as never,
    );
    expect((await full(rows)).counts).toMatchObject({ unchanged: 2, rejected: 0 });
  });

  it('a crash that emptied it', async () => {
    const rows = list([1, 2, 3]);
    await full(rows);
    await syncing().pool.query(
      'delete from price_sync_memory.reach where source_key = (select source_key from catalog_source where id = $1)',
      [source],
    );
    expect((await full(list([1, 2, 3.1]))).counts).toMatchObject({ unchanged: 2, changed: 1 });
    expect(await remembered()).toEqual([true, true, true]);
    expect(await differencesFromOpenRows()).toBe(0);
  });
});

it('another scope judges each row anew', async () => {
  const rows = [...list([1, 2]), ...list([3], { region: 'me-central-1' })];
  await full(rows);
  const scope = { providers: [], regions: ['us-east-1'], categories: [] };
  expect((await full(rows, { scope })).counts).toMatchObject({ unchanged: 2, rejected: 1, closed: 0 });
  // What is outside of the scope is remembered as it was.
  expect((await full(rows)).counts).toMatchObject({ unchanged: 3, closed: 0, rejected: 0 });
});

it('a version with other rules judges each row anew', async () => {
  const rows = list([1, 2], { currency: 'EUR' });
  await full(rows);
  const known = CURRENCIES as string[];
  const place = known.indexOf('EUR');
  known.splice(place, 1);
  try {
    expect((await full(rows)).counts).toMatchObject({ unchanged: 0, rejected: 2, closed: 0 });
  } finally {
    known.splice(place, 0, 'EUR');
  }
  expect((await full(rows)).counts).toMatchObject({ unchanged: 2, rejected: 0 });
});

it('a delta sets aside what it repeats, and what it does not name stays remembered', async () => {
  await full(list([1, 2, 3]));
  expect((await full(list([1, 2.1]), { mode: 'delta' })).counts).toMatchObject({ rows: 2, unchanged: 1, changed: 1 });
  expect(await remembered()).toEqual([true, true, true]);
  expect(await differencesFromOpenRows()).toBe(0);
  expect((await full(list([1, 2.1, 3]))).counts).toMatchObject({ unchanged: 3, closed: 0 });
});

it('an earlier time than that of what is remembered compares in full', async () => {
  const { at } = syncing();
  await full(list([1, 2]));
  syncing().at = new Date(at.getTime() - 86_400_000);
  try {
    expect((await full(list([1, 2]))).counts).toMatchObject({ unchanged: 0 });
  } finally {
    syncing().at = at;
  }
});

it('a dry run remembers nothing', async () => {
  await full(list([1, 2]));
  expect((await full(list([1, 2.1]), { dryRun: true })).counts).toMatchObject({ unchanged: 1, changed: 1 });
  expect(await differencesFromOpenRows()).toBe(0);
  expect((await full(list([1, 2.1]))).counts).toMatchObject({ unchanged: 1, changed: 1 });
});
