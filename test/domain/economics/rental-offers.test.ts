import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSeed } from '../../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../../src/catalog/seed/snapshot-from-seed.ts';
import type { Offer, PriceAmount, PriceCategory, PriceIdentity } from '../../../src/domain/catalog/offers.ts';
import type { CatalogSnapshot } from '../../../src/domain/catalog/snapshot.ts';
import { cheapestOption, type PriceQuery, selectPrices } from '../../../src/domain/economics/price-selection.ts';
import { isStale } from '../../../src/domain/economics/price-use.ts';
import { purchaseOptions } from '../../../src/domain/economics/purchase-price.ts';
import { effectiveHourly, type PublishedPrice } from '../../../src/domain/economics/rental.ts';
import { preparingRentals, rentalsOf } from '../../../src/domain/economics/rental-offers.ts';
import { divideUnitAmount } from '../../../src/domain/money.ts';
import { atOnce } from '../../../src/domain/steps.ts';

const seed = loadSeed();
const AT = '2026-11-24T00:00:00.000Z';
const L4 = 'nvidia-l4-24gb';
const regions = seed.regions.slice(0, 6);
const [sample] = seed.priceAmounts;

interface Row {
  readonly amount: string | null;
  readonly upfront: string;
  readonly devices: number;
  readonly region: number;
  readonly kind: 'on_demand' | 'spot' | 'committed';
  readonly months: number;
  readonly currency: string;
  readonly observedAt: string;
  readonly validFrom: string;
}

const row: fc.Arbitrary<Row> = fc.record({
  // few different ones, and some that differ beyond the twelfth digit
  amount: fc.constantFrom('1', '2', '2.4', '0.4', '3.000000000001', '3.0000000000014', '7', null),
  upfront: fc.constantFrom('0', '100', '1234.56'),
  devices: fc.constantFrom(1, 2, 3, 6, 7, 8, 0.5),
  region: fc.nat({ max: regions.length - 1 }),
  kind: fc.constantFrom('on_demand', 'spot', 'committed'),
  months: fc.constantFrom(12, 36),
  currency: fc.constantFrom('USD', 'USD', 'EUR'),
  observedAt: fc.constantFrom('2026-11-20T00:00:00.000Z', '2026-10-20T00:00:00.000Z', '2024-01-01T00:00:00.000Z'),
  validFrom: fc.constantFrom('2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'),
});

function catalogOf(rows: readonly Row[]): CatalogSnapshot {
  const offers: Offer[] = [];
  const identities: PriceIdentity[] = [];
  const amounts: PriceAmount[] = [];
  rows.forEach(({ amount, upfront, devices, region, kind, months, currency, observedAt, validFrom }, index) => {
    const place = regions[region] as (typeof regions)[number];
    const sku = `type-${(index * 7) % rows.length}-${index}`;
    const id = `${place.id}/${sku}`;
    offers.push({
      id,
      providerId: place.providerId,
      regionId: place.id,
      zone: null,
      sku,
      kind: index % 5 === 0 ? 'accelerator' : 'instance',
      deviceId: L4,
      modelId: null,
      deviceCount: devices,
      vcpus: null,
      memoryBytes: null,
      mode: 'open',
      leadTimeDays: null,
    });
    const terms = kind === 'committed' ? [months, 48 - months] : [0];
    for (const termMonths of terms) {
      const payment = termMonths > 0 ? 'partial_upfront' : 'none';
      const suffix = termMonths > 0 ? `committed-${termMonths}m-partial_upfront` : kind;
      const priceId = `${id}/${suffix}`;
      identities.push({ id: priceId, offerId: id, category: kind, termMonths, payment, tierFrom: 0, unit: 'hour' });
      amounts.push({
        ...(sample as PriceAmount),
        priceId,
        amount,
        upfront: termMonths > 0 ? upfront : '0',
        currency,
        observedAt,
        validFrom,
        validTo: null,
        flags: [],
      });
    }
    if (index % 3 !== 0) return;
    const priceId = `${id}/purchase`;
    identities.push({
      id: priceId,
      offerId: id,
      category: 'purchase',
      termMonths: 0,
      payment: 'none',
      tierFrom: 0,
      unit: 'each',
    });
    amounts.push({ ...(sample as PriceAmount), priceId, amount, currency, observedAt, validTo: null, flags: [] });
  });
  return snapshotFromSeed({
    ...seed,
    offers,
    priceIdentities: identities,
    priceAmounts: amounts,
  });
}

/** Every price made and all of them sorted. */
function naively(snapshot: CatalogSnapshot, category: PriceCategory) {
  return snapshot
    .offersOfDevice(L4)
    .flatMap((offer) => snapshot.pricesOfOffer(offer.id, AT).map((price) => ({ offer, price })))
    .filter(
      ({ offer, price }) =>
        price.unit === 'hour' && price.category === category && price.amount !== null && offer.deviceCount >= 1,
    )
    .map(({ offer, price }) => ({
      id: price.id,
      offerId: offer.id,
      perDeviceHour: Number(divideUnitAmount(effectiveHourly(price as PublishedPrice), offer.deviceCount)),
      stale: isStale(price, AT),
    }))
    .sort(
      (a, b) =>
        Number(a.stale) - Number(b.stale) ||
        a.perDeviceHour - b.perDeviceHour ||
        (a.offerId === b.offerId ? (a.id < b.id ? -1 : 1) : a.offerId < b.offerId ? -1 : 1),
    );
}

describe('rentals that are made when they are asked for', () => {
  it('stand in the order of all of them made and sorted, as is chosen from them at any place', () => {
    const places = [
      {},
      { regionId: regions[2]?.id },
      { country: regions[0]?.country },
      { providerId: regions[0]?.providerId },
      { country: 'PK' },
    ];
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.constantFrom(1, 5, 9), (rows, devices) => {
        const snapshot = catalogOf(rows);
        const offerByOffer: CatalogSnapshot = { ...snapshot, priceFigures: undefined };
        const prepared: CatalogSnapshot = { ...snapshot };
        atOnce(preparingRentals(prepared, L4, AT));
        for (const category of ['on_demand', 'spot', 'committed'] as const) {
          const ranked = [...rentalsOf(snapshot, L4, AT).ranked(category)];
          expect(ranked.map(({ price }) => price.id)).toEqual(naively(snapshot, category).map(({ id }) => id));
          expect([...rentalsOf(prepared, L4, AT).ranked(category)]).toEqual(ranked);
          for (const place of places) {
            const query: PriceQuery = {
              deviceId: L4,
              at: AT,
              ...place,
              preference: { category },
              devices,
              devicesInOneNode: 2,
            };
            const selection = selectPrices(snapshot, query);
            expect(cheapestOption(snapshot, query)?.price.id).toBe(selection.options[0]?.price.id);
            expect(selectPrices(offerByOffer, query)).toEqual(selection);
            expect(selectPrices(prepared, query)).toEqual(selection);
          }
        }
        expect(purchaseOptions(offerByOffer, L4, AT, devices)).toEqual(purchaseOptions(snapshot, L4, AT, devices));
      }),
      { numRuns: 40 },
    );
  });

  it('are the same as of a later time, ranked before it or then', () => {
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(
          '2026-11-24T18:00:00.000Z',
          '2026-11-30T00:00:00.000Z',
          '2026-12-02T00:00:00.000Z',
          '2027-06-01T00:00:00.000Z',
        ),
        (rows, later) => {
          const snapshot = catalogOf(rows);
          const ranked: CatalogSnapshot = { ...snapshot };
          atOnce(preparingRentals(ranked, L4, AT));
          atOnce(preparingRentals(ranked, L4, later));
          for (const category of ['on_demand', 'spot', 'committed'] as const) {
            const asked = rentalsOf(ranked, L4, later).ranked(category);
            const expected = rentalsOf(snapshot, L4, later).ranked(category);
            expect([...asked]).toEqual([...expected]);
            expect(asked.byShape.map((part) => [...part])).toEqual(expected.byShape.map((part) => [...part]));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keep their ranks until a price starts, or one becomes too old', () => {
    const fresh: Row = {
      amount: '2',
      upfront: '0',
      devices: 8,
      region: 0,
      kind: 'spot',
      months: 12,
      currency: 'USD',
      observedAt: '2026-11-20T00:00:00.000Z',
      validFrom: '2024-01-01T00:00:00.000Z',
    };
    const ranked = (rows: readonly Row[]) => {
      const snapshot = catalogOf(rows);
      atOnce(preparingRentals(snapshot, L4, AT));
      return rentalsOf(snapshot, L4, AT);
    };
    expect(ranked([fresh]).asOf('2026-12-20T00:00:00.000Z')?.ranked('spot').length).toBe(1);
    expect(ranked([fresh]).asOf('2026-12-21T00:00:00.000Z')).toBeUndefined();
    const announced = ranked([fresh, { ...fresh, validFrom: '2026-12-01T00:00:00.000Z' }]);
    expect(announced.asOf('2026-11-30T00:00:00.000Z')?.ranked('spot').length).toBe(1);
    expect(announced.asOf('2026-12-01T00:00:00.000Z')).toBeUndefined();
  });
});
