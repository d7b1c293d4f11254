/** A buyer's own prices over the public list: which layer wins, exactly how much, and what it does to answers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price } from '../../../src/domain/catalog/offers.ts';
import { AssumptionLog, exactly } from '../../../src/domain/economics/assumption.ts';
import { ownedCost } from '../../../src/domain/economics/owned-cost.ts';
import type { Contract, Discount, PriceBook, PurchaseAgreement } from '../../../src/domain/economics/price-book.ts';
import { withPriceBook } from '../../../src/domain/economics/price-layers.ts';
import { cheapestOption, selectPrices } from '../../../src/domain/economics/price-selection.ts';
import { priceFactorWithSources } from '../../../src/domain/economics/price-uncertainty.ts';
import { priceUse } from '../../../src/domain/economics/price-use.ts';
import { purchaseOption } from '../../../src/domain/economics/purchase-price.ts';
import { AT, aCatalog, aDevice, anOffer, aPrice, aProvider, aRegion } from '../catalog-fixture.ts';

const EAST = 'aws/us-east-1/p5.48xlarge';
const GULF = 'aws/me-central-1/p5.48xlarge';
const GONE = 'aws/us-east-1/p5e.48xlarge';

const snapshot = aCatalog({
  devices: [aDevice('h100'), aDevice('h200')],
  providers: [aProvider('aws')],
  regions: [aRegion('aws/us-east-1', 'US', 38, -77), aRegion('aws/me-central-1', 'AE', 24, 54)],
  offers: [anOffer(EAST, 'h100'), anOffer(GULF, 'h100'), anOffer(GONE, 'h200', { mode: 'capacity_block_only' })],
  prices: [
    aPrice(EAST, 'on_demand', '55.04'),
    aPrice(EAST, 'committed', '20', { termMonths: 12, payment: 'partial_upfront', upfront: '87600' }),
    aPrice(GULF, 'on_demand', '220', { currency: 'AED' }),
  ],
});

const FROM = { validFrom: '2026-01-01T00:00:00.000Z', validTo: null };

const aBook = (parts: Partial<PriceBook> = {}): PriceBook => ({
  id: 'deal',
  revision: 7,
  committedAt: '2026-01-02T00:00:00.000Z',
  discounts: [],
  contracts: [],
  exchangeRates: [],
  purchases: [],
  privateList: null,
  ...parts,
});

const percent = (id: string, value: string, parts: Partial<Discount> = {}): Discount =>
  ({ ...FROM, id, selector: {}, onPrivateList: false, percent: value, ...parts }) as Discount;

const aContract = (parts: Partial<Contract> = {}): Contract => ({
  ...FROM,
  id: 'frame',
  selector: { devices: ['h100'] },
  category: 'on_demand',
  termMonths: 0,
  payment: 'none',
  unit: 'hour',
  amount: '3.5',
  upfront: '0',
  currency: 'USD',
  per: 'device',
  source: 'Frame contract 4711',
  ...parts,
});

const aPurchase = (parts: Partial<PurchaseAgreement> = {}): PurchaseAgreement => ({
  ...FROM,
  id: 'dgx',
  deviceId: 'h100',
  supplier: 'reseller',
  devicesPerUnit: 8,
  includesServer: true,
  tiers: [
    { fromUnits: 0, unitPrice: '300000' },
    { fromUnits: 16, unitPrice: '270000' },
  ],
  currency: 'USD',
  leadTimeDays: 45,
  warrantyMonths: 36,
  usefulLifeYears: 4,
  residualPercent: 20,
  source: 'Quotation Q-1',
  ...parts,
});

const listOf = (...prices: Price[]): PriceBook['privateList'] => ({
  pricesOfOffer: (offerId) => prices.filter((price) => price.offerId === offerId),
  lastPriceChange: () => FROM.validFrom,
  foreignCounts: () => new Map(),
});

const priceOf = (book: PriceBook, offerId = EAST, at = AT): Price | undefined =>
  withPriceBook(snapshot, book)
    .pricesOfOffer(offerId, at)
    .find(({ category }) => category === 'on_demand');

describe('layers', () => {
  it('an empty book changes nothing but says so', () => {
    const price = priceOf(aBook());
    expect(price).toMatchObject({ amount: '55.04', layer: { kind: 'list', ruleId: null, listAmount: '55.04' } });
  });

  it('a discount comes off the list price exactly, of several the one that leaves the least', () => {
    const book = aBook({
      discounts: [percent('edp', '33'), percent('h100', '40', { selector: { devices: ['h100'] } })],
    });
    expect(priceOf(book)).toMatchObject({
      amount: '33.024',
      layer: { kind: 'discount', ruleId: 'h100', priceBook: 'deal', priceBookRevision: 7, listAmount: '55.04' },
    });
    expect(priceOf(aBook({ discounts: [percent('edp', '33')] }))?.amount).toBe('36.8768');
  });

  it('an amount off is for a device or for the offer, and takes nothing below zero', () => {
    const off = (amountOff: string, per: 'device' | 'offer'): Discount =>
      ({ ...FROM, id: 'off', selector: {}, onPrivateList: false, amountOff, currency: 'USD', per }) as Discount;
    expect(priceOf(aBook({ discounts: [off('1', 'device')] }))?.amount).toBe('47.04');
    expect(priceOf(aBook({ discounts: [off('1', 'offer')] }))?.amount).toBe('54.04');
    expect(priceOf(aBook({ discounts: [off('100', 'offer')] }))?.amount).toBe('0');
  });

  it('a percentage comes off the upfront part too', () => {
    const prices = withPriceBook(snapshot, aBook({ discounts: [percent('edp', '10')] })).pricesOfOffer(EAST, AT);
    expect(prices.find(({ category }) => category === 'committed')).toMatchObject({ amount: '18', upfront: '78840' });
  });

  it.each([
    [{ providers: ['gcp'] }, false],
    [{ providers: ['aws'] }, true],
    [{ regions: ['aws/me-central-1'] }, false],
    [{ regions: ['aws/us-east-1'] }, true],
    [{ devices: ['h200'] }, false],
    [{ categories: ['spot'] as const }, false],
    [{ categories: ['on_demand'] as const, offers: [EAST] }, true],
    [{ offers: [GULF] }, false],
  ])('the selector %o applies: %s', (selector, applies) => {
    const kind = priceOf(aBook({ discounts: [percent('one', '10', { selector })] }))?.layer?.kind;
    expect(kind).toBe(applies ? 'discount' : 'list');
  });

  it('dates are from and until', () => {
    const book = aBook({ discounts: [percent('q1', '10', { validTo: '2026-04-01T00:00:00.000Z' })] });
    expect(priceOf(book, EAST, '2026-03-31T23:59:59.999Z')?.layer?.kind).toBe('discount');
    expect(priceOf(book, EAST, '2026-04-01T00:00:00.000Z')?.layer?.kind).toBe('list');
    expect(withPriceBook(snapshot, book).lastPriceChange(AT)).toBe('2026-04-01T00:00:00.000Z');
  });

  it('a private price is net: over the list, and a discount comes off it only where it says so', () => {
    const privateList = listOf(aPrice(EAST, 'on_demand', '50', { sourceId: 'price-book:acme:deal' }));
    const half = percent('half', '50');
    expect(priceOf(aBook({ privateList }))).toMatchObject({
      amount: '50',
      layer: { kind: 'private_list', listAmount: '55.04' },
    });
    expect(priceOf(aBook({ privateList, discounts: [half] }))?.amount).toBe('50');
    expect(priceOf(aBook({ privateList, discounts: [{ ...half, onPrivateList: true }] }))?.amount).toBe('25');
  });

  it('a contract wins over all, also when it is dearer, and of two the lower', () => {
    const privateList = listOf(aPrice(EAST, 'on_demand', '20'));
    const book = aBook({ privateList, discounts: [percent('edp', '90')], contracts: [aContract()] });
    expect(priceOf(book)).toMatchObject({
      amount: '28',
      source: 'Frame contract 4711',
      layer: { kind: 'contract', ruleId: 'frame', listAmount: '55.04' },
    });
    const two = aBook({ contracts: [aContract(), aContract({ id: 'lower', amount: '3' })] });
    expect(priceOf(two)).toMatchObject({ amount: '24', layer: { ruleId: 'lower' } });
  });

  it('a contract makes a price where no list has one, for an offer that others get as a capacity block only', () => {
    const query = { deviceId: 'h200', at: AT, preference: { category: 'on_demand' } } as const;
    expect(selectPrices(snapshot, query).options).toEqual([]);
    const book = aBook({ contracts: [aContract({ selector: { offers: [GONE] } })] });
    expect(cheapestOption(withPriceBook(snapshot, book), query)).toMatchObject({ amountPerDeviceHour: '3.5' });
  });

  it('another currency is converted at the rate of the day, the pair turned over where it is quoted the other way', () => {
    const rate = { ...FROM, base: 'USD', quote: 'AED', rate: '3.6725', source: 'Treasury' };
    const query = { deviceId: 'h100', at: AT, country: 'AE', preference: { category: 'on_demand' } } as const;
    expect(cheapestOption(snapshot, query)).toBeNull();
    const option = cheapestOption(withPriceBook(snapshot, aBook({ exchangeRates: [rate] })), query);
    expect(option?.price).toMatchObject({
      currency: 'USD',
      amount: '59.90469707288',
      layer: {
        kind: 'list',
        listAmount: '220',
        listCurrency: 'AED',
        conversion: { from: 'AED', to: 'USD', source: 'Treasury' },
      },
    });
    const newer = { ...rate, base: 'AED', quote: 'USD', rate: '0.25', validFrom: '2026-05-01T00:00:00.000Z' };
    const later = withPriceBook(snapshot, aBook({ exchangeRates: [rate, newer] }));
    expect(cheapestOption(later, query)?.price.amount).toBe('55');
  });
});

describe('volume tiers', () => {
  const SERVER = 'shop/global/server-8x';
  const CHAT = 'api/global/chat';
  const bought = { category: 'purchase', unit: 'each' } as const;
  const long = { category: 'token', unit: 'million_long_input_tokens' } as const;
  const shop = aCatalog({
    devices: [aDevice('h100')],
    providers: [aProvider('shop'), aProvider('api')],
    offers: [
      anOffer(SERVER, 'h100', { kind: 'server', regionId: null }),
      anOffer(CHAT, 'h100', { deviceId: null, deviceCount: 0, regionId: null }),
    ],
    prices: [
      aPrice(SERVER, 'purchase', '285000', bought),
      aPrice(SERVER, 'purchase', '271000', { ...bought, tierFrom: 16 }),
      aPrice(CHAT, 'token', '4', { ...long, tierFrom: 0.2 }),
    ],
  });
  const said = (book: PriceBook, offerId = SERVER) =>
    withPriceBook(shop, book)
      .pricesOfOffer(offerId, AT)
      .map(({ tierFrom, amount, layer }) => [tierFrom, amount, layer?.kind, layer?.listAmount]);
  const contract = aContract({ ...bought, selector: { offers: [SERVER] }, amount: '200000', per: 'offer' });

  it('of the list give way to a contract, which holds for any number', () => {
    const book = aBook({ contracts: [contract] });
    expect(said(book)).toEqual([
      [0, '200000', 'contract', '285000'],
      [16, '200000', 'contract', '271000'],
    ]);
    expect(purchaseOption(withPriceBook(shop, book), 'h100', AT, 128)?.amountPerDevice).toBe('25000');
    const lower = { ...contract, id: 'second', amount: '190000' };
    expect(said(aBook({ contracts: [contract, lower] })).map(([, amount]) => amount)).toEqual(['190000', '190000']);
  });

  it('of the list give way to the private list from its own tiers on', () => {
    const own = (tierFrom: number, amount: string) => aPrice(SERVER, 'purchase', amount, { ...bought, tierFrom });
    expect(said(aBook({ privateList: listOf(own(0, '200000')) }))).toEqual([
      [0, '200000', 'private_list', '285000'],
      [16, '200000', 'private_list', '271000'],
    ]);
    expect(said(aBook({ privateList: listOf(own(32, '250000')) })).map(([, amount]) => amount)).toEqual([
      '285000',
      '271000',
      '250000',
    ]);
    const both = aBook({ contracts: [contract], privateList: listOf(own(0, '210000'), own(32, '180000')) });
    expect(said(both).map(([, amount]) => amount)).toEqual(['200000', '200000', '200000']);
  });

  it('a contract on long prompts holds from the length that the list says, and for no shorter ones', () => {
    const agreed = aContract({ ...long, selector: { offers: [CHAT] }, amount: '3', per: 'offer' });
    expect(said(aBook({ contracts: [agreed] }), CHAT)).toEqual([[0.2, '3', 'contract', '4']]);
  });
});

describe('what is said of a layered price', () => {
  const useOf = (book: PriceBook, at = AT) => {
    const view = withPriceBook(snapshot, book);
    const option = cheapestOption(view, { deviceId: 'h100', at, preference: { category: 'on_demand' } });
    if (option === null) throw new Error('It is offered.');
    const use = priceUse(option.offer, option.price, at);
    return { use, factor: priceFactorWithSources(view, use, at) };
  };

  it('a contract is certain and never stale', () => {
    const { use, factor } = useOf(aBook({ contracts: [aContract()] }), '2028-06-01T00:00:00.000Z');
    expect(use).toMatchObject({ stale: false, layer: { kind: 'contract' } });
    expect([factor.p10, factor.p90]).toEqual([1, 1]);
    expect(useOf(aBook(), '2028-06-01T00:00:00.000Z').use.stale).toBe(true);
  });

  it('the same book over the same snapshot is the same object', () => {
    const book = aBook({ contracts: [aContract()] });
    expect(withPriceBook(snapshot, book)).toBe(withPriceBook(snapshot, book));
    expect(withPriceBook(snapshot, aBook())).not.toBe(withPriceBook(snapshot, book));
  });
});

describe('hardware bought on agreed terms', () => {
  const view = withPriceBook(snapshot, aBook({ purchases: [aPurchase()] }));

  it('has volume tiers, and wins over the list', () => {
    expect(purchaseOption(snapshot, 'h100', AT)).toBeNull();
    expect(purchaseOption(view, 'h100', AT, 8)).toMatchObject({ amountPerDevice: '37500', includesServer: true });
    expect(purchaseOption(view, 'h100', AT, 127)?.amountPerDevice).toBe('33750');
    expect(purchaseOption(view, 'h100', AT, 120)?.amountPerDevice).toBe('37500');
    expect(purchaseOption(view, 'h100', AT, 8)?.offer.leadTimeDays).toBe(45);
    expect(purchaseOption(view, 'h100', '2025-12-31T00:00:00.000Z', 8)).toBeNull();
  });

  it('its life, residual value and warranty are in the cost, with the document named', () => {
    const option = purchaseOption(view, 'h100', AT, 8);
    const query = {
      deviceHours: exactly(8 * 8760, 'device-hours'),
      utilization: exactly(1, 'share'),
      deviceClass: 'datacenter_gpu' as const,
      pricePerDevice: '37500',
      price: null,
      includesServer: true,
      clustered: false,
      maxWattsPerDevice: exactly(1000, 'W'),
      sparePercent: 0,
    };
    const log = new AssumptionLog();
    const agreed = option?.offer.purchaseTerms ?? null;
    const item = (id: string, items: ReturnType<typeof ownedCost>['items']) => items.find((one) => one.id === id);
    const { items } = ownedCost({ ...query, agreed }, log);
    // 8 devices for a year: 300,000 x (1 - 20 %) / 4.
    expect(Number(item('compute.devices', items)?.amount.amount)).toBeCloseTo(60_000, 6);
    // 5 % a year of 300,000 in the one year of four outside of the warranty.
    expect(Number(item('compute.maintenance', items)?.amount.amount)).toBeCloseTo(15_000 / 4, 6);
    expect(log.list().map(({ id }) => id)).not.toContain('owned.useful_life_years');
    const given = ownedCost(
      { ...query, agreed, usefulLifeYears: 5, maintenancePercentPerYear: 5 },
      new AssumptionLog(),
    );
    expect(Number(item('compute.devices', given.items)?.amount.amount)).toBeCloseTo(48_000, 6);
    expect(Number(item('compute.maintenance', given.items)?.amount.amount)).toBeCloseTo(15_000, 6);
  });
});

it('whatever the rules: a contract decides, else the private price, else nothing above the list', () => {
  const rule = fc.record({ percent: fc.integer({ min: 1, max: 99 }), mine: fc.boolean(), ends: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 5 }),
      fc.boolean(),
      fc.option(fc.integer({ min: 1, max: 90 })),
      (rules, hasContract, own) => {
        const discounts = rules.map(({ percent: value, mine, ends }, index) =>
          percent(`r${index}`, String(value), {
            selector: mine ? { devices: ['h100'] } : { devices: ['h200'] },
            validTo: ends ? '2026-02-01T00:00:00.000Z' : null,
          }),
        );
        const privateList = own === null ? null : listOf(aPrice(EAST, 'on_demand', String(own)));
        const price = priceOf(aBook({ discounts, privateList, contracts: hasContract ? [aContract()] : [] }));
        const live = rules.filter(({ mine, ends }) => mine && !ends).map((it) => it.percent);
        const expected = hasContract ? 28 : (own ?? 55.04 * (1 - Math.max(0, ...live) / 100));
        expect(Number(price?.amount)).toBeCloseTo(expected, 9);
      },
    ),
    { numRuns: 200 },
  );
});
