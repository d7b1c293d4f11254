/** Prices with a book laid over them are ranked by figures; these are the figures of the exact prices. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadSeed } from '../../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../../src/catalog/seed/snapshot-from-seed.ts';
import type { Price } from '../../../src/domain/catalog/offers.ts';
import { collectingPriceFigures, type PriceFigures } from '../../../src/domain/catalog/price-figures.ts';
import type { CatalogSnapshot } from '../../../src/domain/catalog/snapshot.ts';
import type { Contract, Discount, PriceBook, PriceSelector } from '../../../src/domain/economics/price-book.ts';
import { withPriceBook } from '../../../src/domain/economics/price-layers.ts';
import { atOnce } from '../../../src/domain/steps.ts';
import { AT } from '../catalog-fixture.ts';

const snapshot = snapshotFromSeed(loadSeed());
const DEVICES = ['nvidia-h100-sxm5-80gb', 'nvidia-l4-24gb', 'google-tpu-v5e'];
const offers = DEVICES.flatMap((id) => snapshot.offersOfDevice(id)).map(({ id }) => id);

const dated = fc.constantFrom(
  { validFrom: '2024-01-01T00:00:00.000Z', validTo: null },
  { validFrom: '2024-01-01T00:00:00.000Z', validTo: '2025-01-01T00:00:00.000Z' },
);
const selector: fc.Arbitrary<PriceSelector> = fc.record(
  {
    providers: fc.constantFrom(['aws'], ['gcp', 'azure']),
    devices: fc.constantFrom(['nvidia-l4-24gb'], DEVICES),
    categories: fc.constantFrom(['on_demand'] as const, ['spot', 'committed'] as const),
    offers: fc.constantFrom(offers.slice(0, 3), offers.slice(3, 40)),
  },
  { requiredKeys: [] },
);
const discount = fc.tuple(
  dated,
  selector,
  fc.boolean(),
  fc.oneof(
    fc.record({ percent: fc.constantFrom('12.5', '50', '0.1') }),
    fc.record({
      amountOff: fc.constantFrom('0.25', '1.1', '400'),
      currency: fc.constantFrom('USD', 'EUR'),
      per: fc.constantFrom('device' as const, 'offer' as const),
    }),
  ),
);
const contract = fc.record({
  dated,
  selector,
  category: fc.constantFrom('on_demand' as const, 'committed' as const),
  amount: fc.constantFrom('1.5', '2.25'),
  currency: fc.constantFrom('USD', 'EUR'),
  unit: fc.constantFrom('hour' as const, 'hour' as const, 'each' as const),
});

const pricesOf = (offerId: string): readonly Price[] => snapshot.pricesOfOffer(offerId, AT);

const book: fc.Arbitrary<PriceBook> = fc
  .record({
    discounts: fc.array(discount, { maxLength: 4 }),
    contracts: fc.array(contract, { maxLength: 2 }),
    hasRate: fc.boolean(),
    privateOffers: fc.subarray(offers.slice(0, 6)),
    buys: fc.boolean(),
  })
  .map(
    ({ discounts, contracts, hasRate, privateOffers, buys }): PriceBook => ({
      id: 'deal',
      revision: 7,
      committedAt: '2026-01-02T00:00:00.000Z',
      discounts: discounts.map(
        ([dates, about, onPrivateList, off], index) =>
          ({ ...dates, id: `d${index}`, selector: about, onPrivateList, ...off }) as Discount,
      ),
      contracts: contracts.map(
        ({ dated: dates, selector: about, category, amount, currency, unit }, index): Contract => ({
          ...dates,
          id: `c${index}`,
          selector: about,
          category,
          termMonths: category === 'committed' ? 12 : 0,
          payment: category === 'committed' ? 'no_upfront' : 'none',
          unit,
          amount,
          upfront: '0',
          currency,
          per: 'device',
          source: 'Frame contract',
        }),
      ),
      exchangeRates: hasRate
        ? [
            {
              base: 'USD',
              quote: 'EUR',
              rate: '0.9',
              source: 'a bank',
              validFrom: '2024-01-01T00:00:00.000Z',
              validTo: null,
            },
          ]
        : [],
      purchases: buys
        ? [
            {
              validFrom: '2024-01-01T00:00:00.000Z',
              validTo: null,
              id: 'l4-boards',
              deviceId: 'nvidia-l4-24gb',
              supplier: 'a-reseller',
              devicesPerUnit: 1,
              includesServer: false,
              tiers: [
                { fromUnits: 0, unitPrice: '2500' },
                { fromUnits: 16, unitPrice: '2300' },
              ],
              currency: 'EUR',
              leadTimeDays: null,
              warrantyMonths: null,
              usefulLifeYears: null,
              residualPercent: null,
              source: 'Quotation',
            },
          ]
        : [],
      privateList: {
        pricesOfOffer: (offerId) =>
          privateOffers.includes(offerId)
            ? pricesOf(offerId)
                .filter(({ amount }) => amount !== null)
                .slice(0, 2)
                .map((price) => ({ ...price, amount: '0.75' }))
            : [],
        lastPriceChange: () => '2024-01-01T00:00:00.000Z',
        foreignCounts: () => new Map(),
      },
    }),
  );

const described = (figures: PriceFigures) =>
  Array.from({ length: figures.length }, (_, index) => ({
    price: figures.price(index),
    offer: figures.offer(index).id,
    kind: [figures.category(index), figures.termMonths(index), figures.payment(index), figures.currency(index)],
    amount: figures.amount(index),
    upfront: figures.upfront(index),
    seen: [figures.observedAtMs(index), figures.lastSeenAtMs(index)],
    isAgreed: figures.isAgreed(index),
  })).sort((a, b) => (a.price.id < b.price.id ? -1 : 1));

it('figures of layered prices are those of the prices themselves', () => {
  const offerByOffer: CatalogSnapshot = { ...snapshot, priceFigures: undefined };
  fc.assert(
    fc.property(
      book,
      fc.constantFrom(...DEVICES),
      fc.constantFrom('hour' as const, 'each' as const),
      fc.constantFrom('USD', 'EUR'),
      (deal, device, unit, currency) => {
        const of = (list: CatalogSnapshot): PriceFigures =>
          atOnce(collectingPriceFigures(withPriceBook(list, deal), device, AT, (kind) => kind.unit === unit, currency));
        const quick = described(of(snapshot));
        const exact = described(of(offerByOffer));
        expect(quick.map(({ amount: _amount, upfront: _upfront, ...rest }) => rest)).toEqual(
          exact.map(({ amount: _amount, upfront: _upfront, ...rest }) => rest),
        );
        quick.forEach(({ amount, upfront }, index) => {
          if (Number.isNaN(exact[index]?.amount)) expect(amount).toBeNaN();
          else expect(amount).toBeCloseTo(exact[index]?.amount ?? 0, 10);
          expect(upfront).toBeCloseTo(exact[index]?.upfront ?? 0, 6);
        });
      },
    ),
    { numRuns: 60 },
  );
});
