/** A small catalog on a real database, and price lists sent to it. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll } from 'vitest';
import { type CatalogHolder, openCatalog } from '../../../src/catalog/holder.ts';
import { seedCatalog } from '../../../src/catalog/seed/seeding.ts';
import { type CanonicalRow, CSV_HEADER, csvLine } from '../../../src/catalog/sync/canonical-row.ts';
import { defaultSyncSettings, PriceSyncs, type SyncSettings } from '../../../src/catalog/sync/price-syncs.ts';
import type { SyncRecord } from '../../../src/catalog/sync/records.ts';
import type { SyncRequest } from '../../../src/catalog/sync/sync-request.ts';
import { type TestDatabase, useTestDatabase } from '../../helpers/database.ts';
import { contents } from '../fixtures.ts';

export interface Syncing extends TestDatabase {
  readonly catalog: CatalogHolder;
  readonly syncs: PriceSyncs;
  /** What undated rows hold from; tests move it on. */
  at: Date;
}

export const csv = (rows: readonly Partial<CanonicalRow>[]): string =>
  [CSV_HEADER, ...rows.map((row) => csvLine(row as CanonicalRow))].join('\n');

export const request = (over: Partial<SyncRequest> = {}): SyncRequest => ({
  actor: 'buyer',
  tenant: 'house',
  idempotencyKey: randomUUID(),
  requestId: 'test',
  sourceId: 'acme',
  mode: 'delta',
  dryRun: false,
  scope: { providers: [], regions: [], categories: [] },
  ifMatch: undefined,
  format: { mediaType: 'text/csv', gzip: false },
  ...over,
});

export const useSyncing = (settings: Partial<SyncSettings> = {}): (() => Syncing) => {
  const database = useTestDatabase('migrated');
  let syncing: Syncing | undefined;
  beforeAll(async () => {
    const { pool, db, url } = database();
    await seedCatalog(db, contents());
    const catalog = await openCatalog({ db, pool, databaseUrl: url, onError: () => undefined });
    const now = (): Date => syncing?.at ?? new Date(0);
    const syncs = new PriceSyncs({
      pool,
      catalog,
      now,
      settings: { ...defaultSyncSettings, ...settings },
      onError: (message, error) => console.warn(message, error),
    });
    syncing = { ...database(), catalog, syncs, at: new Date('2026-11-24T12:00:00.000Z') };
  });
  afterAll(async () => {
    await syncing?.syncs.close();
    await syncing?.catalog.close();
  });
  return () => {
    if (syncing === undefined) throw new Error('The database exists only inside hooks and tests.');
    return syncing;
  };
};

export const send = async (
  { syncs }: Syncing,
  rows: readonly Partial<CanonicalRow>[] | string,
  over: Partial<SyncRequest> = {},
): Promise<SyncRecord> => {
  const text = typeof rows === 'string' ? rows : csv(rows);
  const outcome = await syncs.submit(request(over), Readable.from([Buffer.from(text)]));
  if (outcome.kind === 'accepted') throw new Error('Too long for an answer at once.');
  return outcome.record;
};

/** Everything in the catalog and of its sources, for telling whether it is the same as before. */
export const fingerprint = async ({ pool }: Pick<TestDatabase, 'pool'>): Promise<string> => {
  const { rows } = await pool.query<{ print: string }>(`
    select md5(concat_ws('|',
      (select string_agg(md5(r::text), ',' order by revision) from catalog_revision r),
      (select string_agg(md5(e::text), ',' order by kind, id, source_key, revision) from catalog_entry e),
      (select string_agg(md5(i::text), ',' order by price_key) from price_identity i),
      (select string_agg(md5(a::text), ',' order by price_key, source_key, currency, valid_from, revision) from price_amount a))) as print`);
  return rows[0]?.print ?? '';
};

export const row = (over: Partial<CanonicalRow> = {}): Partial<CanonicalRow> => ({
  provider: 'aws',
  region: 'us-east-1',
  sku: 'p5.48xlarge',
  category: 'on_demand',
  unit: 'hour',
  amount: '55.04',
  currency: 'USD',
  ...over,
});
