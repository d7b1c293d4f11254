import { expect, it } from 'vitest';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import type { Offer, PriceAmount, PriceIdentity } from '../../src/domain/catalog/offers.ts';
import { rankingLargeDevices } from '../../src/domain/economics/large-devices.ts';
import { rankPrices } from '../../src/http/ranked-prices.ts';

const AT = '2026-11-24T00:00:00.000Z';
const L4 = 'nvidia-l4-24gb';

const withManyOffers = () => {
  const seed = loadSeed();
  const [sample] = seed.offers.filter(({ deviceId }) => deviceId === L4) as [Offer];
  const [amount] = seed.priceAmounts as [PriceAmount];
  const offers = Array.from({ length: 20_000 }, (_, index): Offer => ({ ...sample, id: `${sample.id}-${index}` }));
  const priceIdentities = offers.map(
    ({ id }): PriceIdentity => ({
      id: `${id}/on_demand`,
      offerId: id,
      category: 'on_demand',
      termMonths: 0,
      payment: 'none',
      tierFrom: 0,
      unit: 'hour',
    }),
  );
  const priceAmounts = priceIdentities.map(({ id }, index) => ({
    ...amount,
    priceId: id,
    amount: `${1 + (index % 100)}`,
    currency: 'USD',
    validFrom: '2024-01-01T00:00:00.000Z',
    validTo: null,
  }));
  return snapshotFromSeed({ ...seed, offers, priceIdentities, priceAmounts });
};

const isInRank = (snapshot: ReturnType<typeof withManyOffers>): boolean =>
  rankingLargeDevices(snapshot, AT).next().done === true;

it('ranks once for all who wait, and lets others have their turn meanwhile', async () => {
  const snapshot = withManyOffers();
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await Promise.all([rankPrices(snapshot, AT, L4), rankPrices(snapshot, AT, undefined), rankPrices(snapshot, AT, L4)]);
  clearImmediate(next);
  expect(isInRank(snapshot)).toBe(true);
  expect(turns).toBeGreaterThan(2);
});

it('ranks nothing for the sake of a device that is not asked about', async () => {
  const snapshot = withManyOffers();
  await rankPrices(snapshot, AT, 'nvidia-h100-sxm5-80gb');
  expect(isInRank(snapshot)).toBe(false);
});
