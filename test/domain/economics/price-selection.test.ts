import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cheapestOption, type PriceQuery, selectPrices } from '../../../src/domain/economics/price-selection.ts';
import { AT, aCatalog, anOffer, aPrice, aProvider, aRegion } from '../catalog-fixture.ts';

const DUBAI = aRegion('azure/uaenorth', 'AE', 25.27, 55.3);
const UAE_AWS = aRegion('aws/me-central-1', 'AE', 24.45, 54.38);
const DOHA = aRegion('azure/qatarcentral', 'QA', 25.29, 51.53);
const FRANKFURT = aRegion('aws/eu-central-1', 'DE', 50.11, 8.68);
const OREGON = aRegion('aws/us-west-2', 'US', 45.52, -122.68);

const catalog = aCatalog({
  providers: [aProvider('aws'), aProvider('azure'), aProvider('nebula', { kind: 'neocloud' })],
  regions: [DUBAI, UAE_AWS, DOHA, FRANKFURT, OREGON],
  offers: [
    anOffer('azure/uaenorth/nd-h100', 'h100'),
    anOffer('aws/eu-central-1/p5', 'h100'),
    anOffer('aws/eu-central-1/p5-small', 'h100', { deviceCount: 1 }),
    anOffer('aws/eu-central-1/p5-slice', 'h100', { kind: 'slice', deviceCount: 0.25 }),
    anOffer('aws/us-west-2/p5', 'h100'),
    anOffer('aws/us-west-2/p5e', 'h100', { mode: 'capacity_block_only' }),
    anOffer('nebula/global/h100', 'h100', { kind: 'accelerator', deviceCount: 1 }),
    anOffer('azure/qatarcentral/nd-h200', 'h200'),
  ],
  prices: [
    aPrice('azure/uaenorth/nd-h100', 'on_demand', '98.32'),
    aPrice('azure/uaenorth/nd-h100', 'committed', '20', {
      termMonths: 12,
      payment: 'partial_upfront',
      upfront: '350400',
    }),
    aPrice('azure/uaenorth/nd-h100', 'committed', '45', { termMonths: 36, payment: 'no_upfront' }),
    aPrice('aws/eu-central-1/p5', 'on_demand', '60.00'),
    aPrice('aws/eu-central-1/p5', 'spot', '20.00'),
    aPrice('aws/eu-central-1/p5-small', 'on_demand', '8.00'),
    aPrice('aws/eu-central-1/p5-slice', 'on_demand', '1.00'),
    aPrice('aws/us-west-2/p5', 'on_demand', '50.00', { validTo: '2026-03-01T00:00:00.000Z' }),
    aPrice('aws/us-west-2/p5', 'on_demand', '55.00', { validFrom: '2026-03-01T00:00:00.000Z' }),
    aPrice('aws/us-west-2/p5', 'spot', '5.50', { flags: ['suspicious_constant_spot_ratio'] }),
    aPrice('aws/us-west-2/p5e', 'on_demand', null),
    aPrice('nebula/global/h100', 'on_demand', '2.49', { currency: 'EUR' }),
    aPrice('azure/qatarcentral/nd-h200', 'on_demand', '120'),
  ],
});

const query = (fields: Partial<PriceQuery> = {}): PriceQuery => ({
  deviceId: 'h100',
  at: AT,
  preference: { category: 'on_demand' },
  ...fields,
});
const offers = (fields: Partial<PriceQuery>) =>
  selectPrices(catalog, query(fields)).options.map((option) => option.offer.id);

describe('selectPrices', () => {
  it('ranks by price per device-hour, whole units counted', () => {
    expect(offers({})).toEqual([
      'aws/eu-central-1/p5-small',
      'aws/us-west-2/p5',
      'aws/eu-central-1/p5',
      'azure/uaenorth/nd-h100',
    ]);
    expect(offers({ devices: 8 })).toEqual([
      'aws/us-west-2/p5',
      'aws/eu-central-1/p5',
      'aws/eu-central-1/p5-small',
      'azure/uaenorth/nd-h100',
    ]);
    const [best] = selectPrices(catalog, query({ devices: 9 })).options;
    expect(best).toMatchObject({ devicesPaid: 9, amountPerDeviceHour: '8', hourlyCost: 72 });
  });

  it('takes the price in force at the date', () => {
    const [early] = selectPrices(catalog, query({ regionId: 'aws/us-west-2', at: '2026-02-01T00:00:00.000Z' })).options;
    expect(early?.amountPerDeviceHour).toBe('6.25');
    const [late] = selectPrices(catalog, query({ regionId: 'aws/us-west-2' })).options;
    expect(late?.amountPerDeviceHour).toBe('6.875');
    const justBefore = query({ regionId: 'aws/us-west-2', at: '2026-02-28T23:59:59.999Z' });
    expect(cheapestOption(catalog, justBefore)?.amountPerDeviceHour).toBe('6.25');
    const onTheDay = query({ regionId: 'aws/us-west-2', at: '2026-03-01T00:00:00.000Z' });
    expect(cheapestOption(catalog, onTheDay)?.amountPerDeviceHour).toBe('6.875');
    const none = selectPrices(catalog, query({ at: '2025-01-01T00:00:00.000Z' }));
    expect(none.options).toEqual([]);
  });

  it('takes a fresh price before a cheaper stale one', () => {
    const made = aCatalog({
      offers: [anOffer('a/global/old', 'd'), anOffer('b/global/new', 'd')],
      prices: [
        aPrice('a/global/old', 'on_demand', '10', { observedAt: '2025-03-31T00:00:00.000Z' }),
        aPrice('b/global/new', 'on_demand', '20'),
      ],
    });
    const { options } = selectPrices(made, query({ deviceId: 'd' }));
    expect(options.map(({ offer, stale }) => [offer.id, stale])).toEqual([
      ['b/global/new', false],
      ['a/global/old', true],
    ]);
  });

  it('spreads an upfront payment over the term', () => {
    const partial = selectPrices(catalog, query({ preference: { category: 'committed', termMonths: 12 } })).options;
    // 20 + 350,400 / (12 x 730) = 60 per hour of eight devices
    expect(partial.map((option) => option.amountPerDeviceHour)).toEqual(['7.5']);
    const any = selectPrices(catalog, query({ preference: { category: 'committed' } })).options;
    expect(any.map((option) => option.price.termMonths)).toEqual([36, 12]);
    expect(offers({ preference: { category: 'committed', payment: 'all_upfront' } })).toEqual([]);
  });

  it('takes no price that holds from a volume on for the first hours', () => {
    const offerId = 'a/global/p5';
    const tier = aPrice(offerId, 'on_demand', '10', { tierFrom: 1e6, id: `${offerId}/on_demand-from-1000000` });
    const made = aCatalog({
      providers: [aProvider('a')],
      offers: [anOffer(offerId, 'd')],
      prices: [aPrice(offerId, 'on_demand', '20'), tier],
    });
    expect(selectPrices(made, query({ deviceId: 'd' })).options.map(({ price }) => price.amount)).toEqual(['20']);
    expect(cheapestOption(made, query({ deviceId: 'd' }))?.price.amount).toBe('20');
  });

  it('leaves out machines too small for the group, and slices', () => {
    const { options, excluded } = selectPrices(catalog, query({ country: 'DE', devicesInOneNode: 8 }));
    expect(options.map((option) => option.offer.id)).toEqual(['aws/eu-central-1/p5']);
    expect(excluded).toContainEqual(
      expect.objectContaining({ offerId: 'aws/eu-central-1/p5-small', reason: 'too_few_devices_in_node' }),
    );
    expect(excluded).toContainEqual(expect.objectContaining({ offerId: 'aws/eu-central-1/p5-slice', reason: 'slice' }));
  });

  it('says why an offer is out: mode, category, currency, placeholder', () => {
    const reasons = (fields: Partial<PriceQuery>) =>
      Object.fromEntries(selectPrices(catalog, query(fields)).excluded.map((offer) => [offer.offerId, offer.reason]));
    expect(reasons({})).toMatchObject({ 'aws/us-west-2/p5e': 'mode', 'nebula/global/h100': 'other_currency' });
    expect(reasons({ preference: { category: 'spot' } })).toMatchObject({
      'azure/uaenorth/nd-h100': 'no_price_of_category',
      'aws/us-west-2/p5': 'placeholder_price',
    });
    expect(offers({ preference: { category: 'spot' } })).toEqual(['aws/eu-central-1/p5']);
    expect(offers({ currency: 'EUR' })).toEqual(['nebula/global/h100']);
  });

  it('names the nearest places where nothing is offered there', () => {
    const { options, elsewhere } = selectPrices(catalog, query({ regionId: 'azure/qatarcentral' }));
    expect(options).toEqual([]);
    expect(elsewhere.map(({ option }) => option.offer.regionId)).toEqual([
      'azure/uaenorth',
      'aws/eu-central-1',
      'aws/us-west-2',
    ]);
    // Doha to Dubai, about 380 km
    expect(elsewhere[0]?.distanceKm).toBeGreaterThan(370);
    expect(elsewhere[0]?.distanceKm).toBeLessThan(390);
    expect(elsewhere[1]?.option.offer.id).toBe('aws/eu-central-1/p5-small');
  });

  it('measures a country from the middle of its regions, and gives no distance where it knows none', () => {
    expect(selectPrices(catalog, query({ country: 'QA' })).elsewhere[0]?.option.offer.regionId).toBe('azure/uaenorth');
    const pakistan = selectPrices(catalog, query({ country: 'PK' })).elsewhere[0];
    expect(pakistan?.option.offer.regionId).toBe('azure/uaenorth');
    // Islamabad to Dubai, about 1,960 km
    expect(Math.abs((pakistan?.distanceKm ?? 0) - 1960)).toBeLessThan(20);
    const unknown = selectPrices(catalog, query({ country: 'ZZ' })).elsewhere;
    expect(unknown[0]).toMatchObject({ distanceKm: null, option: { offer: { id: 'aws/eu-central-1/p5-small' } } });
  });

  it('combines region, country and provider', () => {
    expect(offers({ country: 'AE' })).toEqual(['azure/uaenorth/nd-h100']);
    expect(offers({ country: 'AE', providerId: 'aws' })).toEqual([]);
    expect(offers({ providerId: 'aws', devices: 16 })).toHaveLength(3);
  });
});

describe('cheapestOption', () => {
  it('is the first option of selectPrices for any query', () => {
    const arbitrary = fc.record({
      devices: fc.integer({ min: 1, max: 100 }),
      devicesInOneNode: fc.constantFrom(1, 2, 8),
      country: fc.constantFrom(undefined, 'AE', 'DE', 'QA'),
      category: fc.constantFrom('on_demand' as const, 'spot' as const, 'any' as const),
    });
    fc.assert(
      fc.property(arbitrary, ({ category, ...fields }) => {
        const asked = query({ ...fields, preference: { category } });
        expect(cheapestOption(catalog, asked)).toEqual(selectPrices(catalog, asked).options[0] ?? null);
      }),
    );
  });

  it('agrees with the list for any prices and unit sizes', () => {
    const arbitrary = fc.array(
      fc.record({
        cents: fc.integer({ min: 1, max: 5000 }),
        deviceCount: fc.constantFrom(1, 2, 4, 8, 16),
        stale: fc.boolean(),
        category: fc.constantFrom('on_demand' as const, 'spot' as const),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 1, max: 40 }), (entries, devices) => {
        const made = aCatalog({
          offers: entries.map(({ deviceCount }, i) => anOffer(`p/global/o${i}`, 'd', { deviceCount })),
          prices: entries.map(({ cents, stale, category }, i) =>
            aPrice(`p/global/o${i}`, category, (cents / 100).toString(), {
              observedAt: stale ? '2024-01-01T00:00:00.000Z' : '2026-05-25T00:00:00.000Z',
            }),
          ),
        });
        const asked = query({ deviceId: 'd', devices, preference: { category: 'any' } });
        const best = cheapestOption(made, asked);
        expect(best).toEqual(selectPrices(made, asked).options[0]);
        expect(best?.devicesPaid).toBeGreaterThanOrEqual(devices);
        const fresh = entries.filter(({ stale }) => !stale);
        const least = Math.min(
          ...(fresh.length > 0 ? fresh : entries).map(
            ({ cents, deviceCount }) => (cents / 100) * Math.ceil(devices / deviceCount),
          ),
        );
        expect(best?.hourlyCost).toBeCloseTo(least, 6);
      }),
    );
  });
});
