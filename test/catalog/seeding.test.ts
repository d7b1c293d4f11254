import { describe, expect, test } from 'vitest';
import { readSnapshotParts } from '../../src/catalog/queries/snapshot-parts.ts';
import { seedCatalog } from '../../src/catalog/seed/seeding.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import { buildSnapshot, type CatalogView } from '../../src/catalog/snapshot.ts';
import { useTestDatabase } from '../helpers/database.ts';
import { amount, contents, device } from './fixtures.ts';

const database = useTestDatabase('migrated');

const snapshotAt = async (revision: number): Promise<CatalogView> => {
  const parts = await readSnapshotParts(database(), revision);
  if (parts === undefined) throw new Error(`No revision ${revision}.`);
  return buildSnapshot(parts);
};

const everything = (snapshot: CatalogView) => ({
  lists: [snapshot.devices, snapshot.systems, snapshot.models, snapshot.providers, snapshot.regions, snapshot.offers],
  places: [snapshot.grids, snapshot.tariffs, snapshot.pueFacts, snapshot.regimes],
  prices: [...snapshot.priceIds()].map((id) => snapshot.priceHistory(id)),
});

describe('seeding', () => {
  test('the first seed is one revision, and the database gives the snapshot that the seed gives without one', async () => {
    expect(await seedCatalog(database().db, contents())).toBe(1);
    expect(everything(await snapshotAt(1))).toEqual(everything(snapshotFromSeed(contents())));
  });

  test('the same seed again makes no revision', async () => {
    expect(await seedCatalog(database().db, contents())).toBeUndefined();
  });

  test('an upgrade makes one revision: changed, added and left-out rows; the old revision reads as before', async () => {
    const before = everything(await snapshotAt(1));
    const upgrade = contents({
      devices: [device('nvidia-l4', { name: 'L4 (corrected)' }), device('nvidia-b200')],
      priceAmounts: [
        amount('aws/us-east-1/p5.48xlarge/on_demand', { validFrom: '2025-06-23T00:00:00.000Z', amount: '44.00' }),
      ],
    });
    expect(await seedCatalog(database().db, upgrade)).toBe(2);
    const after = await snapshotAt(2);
    expect(after.devices.map(({ id, name }) => [id, name])).toEqual([
      ['nvidia-b200', 'NVIDIA-B200'],
      ['nvidia-l4', 'L4 (corrected)'],
    ]);
    expect(everything(after)).toEqual(everything(snapshotFromSeed(upgrade, { revision: 2 })));
    expect(everything(await snapshotAt(1))).toEqual(before);
  });

  test('an older version that starts again while a newer one is being rolled out changes nothing', async () => {
    expect(await seedCatalog(database().db, contents())).toBeUndefined();
    const { rows } = await database().pool.query('select max(revision) as revision from catalog_revision');
    expect(rows).toEqual([{ revision: 2 }]);
  });

  test('one open row per price that is still quoted', async () => {
    const { rows } = await database().pool.query(
      'select amount from price_amount where is_open order by price_key, valid_from',
    );
    expect(rows).toEqual([{ amount: '44.00' }]);
  });

  test('a seed that names a price twice from one date on is refused with the row', async () => {
    const twice = contents({
      priceAmounts: [amount('aws/us-east-1/p5.48xlarge/on_demand'), amount('aws/us-east-1/p5.48xlarge/on_demand')],
    });
    await expect(seedCatalog(database().db, twice)).rejects.toThrow(/more than once.*us-east-1/);
  });

  test('versions can be neither changed nor removed', async () => {
    for (const sql of [
      `update catalog_entry set body = '{}'`,
      'delete from catalog_entry',
      'update price_amount set amount = 1',
      'delete from price_amount',
      'delete from catalog_revision',
      'update catalog_source set precedence = 1 where id = $$seed$$',
    ]) {
      await expect(database().pool.query(sql)).rejects.toThrow(/never changed or removed/);
    }
  });
});
