/**
 * `npm run bench:catalog -- [prices]`: what a catalog of a million prices costs in memory, to load, and to keep up to date. On a
 * temporary embedded PostgreSQL. Figures of this machine; what must hold is that a refresh costs what has changed.
 */

import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CatalogHolder, openCatalog } from '../../src/catalog/holder.ts';
import { inSlices } from '../../src/catalog/slices.ts';
import type { Database } from '../../src/catalog/tables.ts';
import { startEmbedded } from '../../src/db/embedded/server.ts';
import { migrate, readMigrations } from '../../src/db/migrate.ts';
import { createDatabase, createPool } from '../../src/db/pool.ts';
import { cheapestOption, type RentalPreference } from '../../src/domain/economics/price-selection.ts';
import { preparingRentals } from '../../src/domain/economics/rental-offers.ts';

const PRICES = Number(process.argv[2] ?? 1_000_000);
/** On demand, spot and two commitments of each offer. */
const PRICES_OF_AN_OFFER = 4;
const offers = Math.ceil(PRICES / PRICES_OF_AN_OFFER);

const dataDirectory = join(tmpdir(), `planner-bench-${randomBytes(6).toString('hex')}`);
const server = await startEmbedded({ dataDirectory, durable: false });
const pool = createPool({ databaseUrl: server.databaseUrl, size: 4, onIdleError: console.error });
const db = createDatabase<Database>(pool);

const newRevision = (revision: number): Promise<unknown> =>
  pool.query(
    `insert into catalog_revision values ($1, now(), (select source_key from catalog_source where id = 'seed'), 'bench', 'bench', sha256(''))`,
    [revision],
  );

async function fill(): Promise<void> {
  await migrate(pool, await readMigrations(join(import.meta.dirname, '../../migrations')));
  await newRevision(1);
  await pool.query(`insert into price_provenance (source, confidence) values ('https://example.com/list', 'vendor')`);
  const source = `(select source_key from catalog_source where id = 'seed')`;
  await pool.query(
    `insert into catalog_entry select 'provider', 'provider-' || p, ${source}, 1, 'stated',
       jsonb_build_object('name', 'P' || p, 'kind', 'hyperscaler', 'headquartersCountry', null) from generate_series(0, 9) p`,
  );
  await pool.query(
    `insert into catalog_entry select 'region', 'provider-' || p || '/region-' || r, ${source}, 1, 'stated',
       jsonb_build_object('providerId', 'provider-' || p, 'code', 'region-' || r, 'name', 'R', 'city', 'C', 'country', 'AE',
         'latitude', 1, 'longitude', 1, 'partition', 'public', 'status', 'ga', 'zones', 3, 'deviceIds', '[]'::jsonb)
     from generate_series(0, 9) p, generate_series(0, 39) r`,
  );
  const offerId = `'provider-' || o % 10 || '/region-' || (o / 10) % 40 || '/type-' || o / 400 || '.16xlarge'`;
  await pool.query(
    `insert into catalog_entry select 'offer', ${offerId}, ${source}, 1, 'stated',
       jsonb_build_object('providerId', 'provider-' || o % 10, 'regionId', 'provider-' || o % 10 || '/region-' || (o / 10) % 40,
         'zone', null, 'sku', 'type-' || o / 400 || '.16xlarge', 'kind', 'instance', 'deviceId', 'nvidia-l4', 'modelId', null,
         'deviceCount', 8, 'vcpus', 192, 'memoryBytes', 2e12, 'mode', 'open', 'leadTimeDays', null)
     from generate_series(0, ${offers - 1}) o`,
  );
  await pool.query(
    `insert into price_identity (id, offer_id, category, term_months, payment, tier_from, unit, revision)
     select ${offerId} || '/' || k.suffix, ${offerId}, k.category, k.months, k.payment, 0, 'hour', 1
     from generate_series(0, ${offers - 1}) o, (values ('on_demand', 'on_demand', 0, 'none'), ('spot', 'spot', 0, 'none'),
       ('committed-12m-no_upfront', 'committed', 12, 'no_upfront'), ('committed-36m-no_upfront', 'committed', 36, 'no_upfront'))
       k (suffix, category, months, payment)`,
  );
  await pool.query(
    `insert into price_amount (price_key, source_key, currency, valid_from, revision, state, amount, observed_at, provenance_key, is_open)
     select price_key, ${source}, 'USD', '2026-01-01', 1, 'in_force', round((1 + price_key % 9973 / 100.0)::numeric, 4), '2026-01-01',
       1, true from price_identity`,
  );
  await pool.query('analyze');
}

async function change(revision: number, prices: number): Promise<void> {
  await newRevision(revision);
  await pool.query(
    `insert into price_amount (price_key, source_key, currency, valid_from, revision, state, amount, observed_at, provenance_key, is_open)
     select price_key, source_key, 'USD', '2026-06-01', $1, 'in_force', 5.5, '2026-06-01', 1, false
     from price_amount where revision = 1 and price_key % $2 = 0 limit $3`,
    [revision, Math.floor(PRICES / prices), prices],
  );
}

const megabytes = (): { readonly held: number; readonly resident: number } => {
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { held: (heapUsed + arrayBuffers) / 1e6, resident: rss / 1e6 };
};

async function timed(name: string, work: () => unknown): Promise<void> {
  // The longest that anything else has to wait while this goes on.
  let latest = 0;
  let turn = performance.now();
  const watch = setInterval(() => {
    latest = Math.max(latest, performance.now() - turn);
    turn = performance.now();
  }, 1);
  const start = performance.now();
  await work();
  const took = performance.now() - start;
  clearInterval(watch);
  latest = Math.max(latest, performance.now() - turn);
  console.log(
    `  ${name.padEnd(52)} ${took.toFixed(1).padStart(9)} ms   held up others ${latest.toFixed(0)} ms at most`,
  );
}

try {
  await fill();
  console.log(`${PRICES} prices of ${offers} offers:`);
  const before = megabytes();
  const options = { db, pool, databaseUrl: server.databaseUrl, pollIntervalMs: 3_600_000, onError: console.error };
  let opened: CatalogHolder | undefined;
  await timed('loaded', async () => {
    opened = await openCatalog(options);
  });
  const catalog = opened as unknown as CatalogHolder;
  const after = megabytes();
  console.log(
    `  memory held ${(after.held - before.held).toFixed(0)} MB (process ${after.resident.toFixed(0)} MB resident${globalThis.gc === undefined ? '; run node with --expose-gc for a true figure' : ''})`,
  );
  await timed('looked for a newer revision, there is none', () => catalog.refresh());
  const AT = '2026-11-24T00:00:00.000Z';
  const list = (wanted: (offer: { readonly providerId: string }) => boolean) =>
    inSlices(catalog.current().pricesAt(AT, { offer: wanted, kind: () => true, quote: () => true }));
  await timed('all prices in force counted, first time', () => list(() => true));
  await timed('all prices in force counted, again', () => list(() => true));
  await timed('those of one provider', () => list(({ providerId }) => providerId === 'provider-3'));
  const cheapest = (preference: RentalPreference) => () =>
    cheapestOption(catalog.current(), { deviceId: 'nvidia-l4', at: AT, devices: 8, preference });
  await timed('prices of one device that all offers have put in rank', () =>
    inSlices(preparingRentals(catalog.current(), 'nvidia-l4', AT)),
  );
  await timed('cheapest of it, first time', cheapest({ category: 'on_demand' }));
  await timed('cheapest of it, again', cheapest({ category: 'on_demand' }));
  for (const [revision, prices] of [
    [2, 1],
    [3, 100],
    [4, 10_000],
    [5, 100_000],
  ] as const) {
    await change(revision, prices);
    await timed(`${prices} changed, refreshed`, () => catalog.refresh());
  }
  await newRevision(6);
  await pool.query(
    `insert into catalog_entry select kind, id, source_key, 6, state, body || '{"leadTimeDays": 9}' from catalog_entry
     where kind = 'offer' order by id limit 1`,
  );
  await timed('1 offer changed, refreshed', () => catalog.refresh());
  await timed('an earlier revision read', () => catalog.at(1));
  console.log(`  memory held ${(megabytes().held - before.held).toFixed(0)} MB`);
  await catalog.close();
} finally {
  await pool.end();
  await server.stop();
  await rm(dataDirectory, { recursive: true, force: true });
}
