/** A price that its source states for the first time is held against what its device costs elsewhere. */
import { describe, expect, it } from 'vitest';
import { listQuarantine } from '../../../src/catalog/sync/quarantine.ts';
import { row, send, useSyncing } from './syncing.ts';

const syncing = useSyncing();

const waiting = (sourceId: string) =>
  listQuarantine(syncing().pool, { tenant: 'house', sourceId, state: 'waiting', limit: 1000 });
const priceOf = (id: string) => syncing().catalog.current().priceAt(id, syncing().at.toISOString());

describe('the first price of an offer', () => {
  const h100 = (sku: string, over: object) =>
    row({ sku, kind: 'instance', deviceId: 'nvidia-h100-sxm5-80gb', deviceCount: 8, ...over });

  it('waits where it is far from what the device costs elsewhere', async () => {
    const sourceId = 'made-up';
    const rows = [
      h100('made-up', { amount: '0.17' }),
      h100('real', { amount: '21.5' }),
      h100('dear', { amount: '40000' }),
    ];
    const sync = await send(syncing(), rows, { sourceId });
    expect(sync.counts).toMatchObject({ inserted: 1, quarantined: 2, offersAdded: 1 });
    expect(await waiting(sourceId)).toMatchObject([
      {
        priceId: 'aws/us-east-1/made-up/on_demand',
        rules: ['out_of_device_range'],
        detail:
          'It comes to 0.02125 USD an hour for one nvidia-h100-sxm5-80gb. Of the 2 known prices of nvidia-h100-sxm5-80gb nearly all lie between 6.88 and 7.5625; a first price passes from 0.688 to 75.625.',
      },
      { priceId: 'aws/us-east-1/dear/on_demand', rules: ['out_of_device_range'] },
    ]);
    expect(priceOf('aws/us-east-1/made-up/on_demand')).toBeUndefined();
  });

  it('also of an offer that others have priced, by another category', async () => {
    const sync = await send(syncing(), [row({ category: 'spot', amount: '0.17' })], { sourceId: 'made-up-spot' });
    expect(sync.counts).toMatchObject({ inserted: 0, quarantined: 1 });
    expect(await waiting('made-up-spot')).toMatchObject([{ rules: ['out_of_device_range'] }]);
  });

  it('and of a price that another source has stated', async () => {
    await send(syncing(), [row({ category: 'spot', amount: '20' })], { sourceId: 'spot-first' });
    const sync = await send(syncing(), [row({ category: 'spot', amount: '0.18' })], { sourceId: 'spot-second' });
    expect(sync.counts).toMatchObject({ quarantined: 1 });
  });

  it('passes where nothing is known to compare it with', async () => {
    const rows = [
      h100('dirhams', { amount: '0.17', currency: 'AED' }),
      row({ sku: 'host', kind: 'instance', amount: '900', vcpus: 4 }),
    ];
    const sync = await send(syncing(), rows, { sourceId: 'incomparable' });
    expect(sync.counts).toMatchObject({ inserted: 2, quarantined: 0 });
  });
});
