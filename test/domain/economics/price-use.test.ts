import { describe, expect, it } from 'vitest';
import type { Price } from '../../../src/domain/catalog/offers.ts';
import { priceFactor, priceFactorWithSources } from '../../../src/domain/economics/price-uncertainty.ts';
import { ageDays, priceUse, STALE_AFTER_DAYS } from '../../../src/domain/economics/price-use.ts';
import { purchaseOption, purchaseOptions } from '../../../src/domain/economics/purchase-price.ts';
import { AT, aCatalog, anOffer, aPrice } from '../catalog-fixture.ts';

type Published = Price & { readonly amount: string };
const offer = anOffer('aws/eu-central-1/p5', 'h100');
const published = (category: 'on_demand' | 'spot', fields: Partial<Price> = {}): Published => ({
  ...aPrice(offer.id, category, '60'),
  amount: '60',
  ...(fields as Partial<Published>),
});

describe('a price in use', () => {
  it('counts its age from pricingAt', () => {
    expect(ageDays('2026-05-20T00:00:00.000Z', AT)).toBe(12);
    expect(ageDays('2026-07-01T00:00:00.000Z', AT)).toBe(0);
    const use = priceUse(offer, published('on_demand'), AT);
    expect(use).toMatchObject({ ageDays: 12, stale: false, staleAfterDays: 180, deviceCount: 8, amount: '60' });
  });

  it('is stale by its category: a spot price after a month, a list price after half a year', () => {
    const observedAt = '2026-04-01T00:00:00.000Z';
    expect(priceUse(offer, published('spot', { observedAt }), AT).stale).toBe(true);
    expect(priceUse(offer, published('on_demand', { observedAt }), AT).stale).toBe(false);
    expect(STALE_AFTER_DAYS.spot).toBeLessThan(STALE_AFTER_DAYS.on_demand);
  });
});

describe('its uncertainty', () => {
  const factor = (category: 'on_demand' | 'spot', observedAt: string) =>
    priceFactor(priceUse(offer, published(category, { observedAt }), AT));

  it('is wider for spot and for old prices', () => {
    const width = ({ p10, p90 }: { p10: number; p90: number }) => p90 / p10;
    const fresh = '2026-05-30T00:00:00.000Z';
    const old = '2024-05-30T00:00:00.000Z';
    expect(width(factor('on_demand', fresh))).toBeLessThan(width(factor('spot', fresh)));
    expect(width(factor('on_demand', fresh))).toBeLessThan(width(factor('on_demand', old)));
    expect(width(factor('spot', fresh))).toBeLessThan(width(factor('spot', old)));
    expect(factor('on_demand', fresh)).toBe(factor('on_demand', fresh));
  });

  it('widens to what another source says of the same price', () => {
    const winning = published('on_demand');
    const other = { ...winning, amount: '45', sourceId: 'procurement' };
    const use = priceUse(offer, winning, AT);
    const catalog = aCatalog({ offers: [offer], prices: [winning, other] });
    expect(priceFactorWithSources(catalog, use, AT)).toMatchObject({ p10: 0.75, p50: 1, p90: 1.02 });
    const agreeing = aCatalog({ offers: [offer], prices: [winning, { ...other, amount: '60.2' }] });
    expect(priceFactorWithSources(agreeing, use, AT)).toBe(priceFactor(use));
    const ended = aCatalog({ offers: [offer], prices: [winning, { ...other, validTo: '2026-02-01T00:00:00.000Z' }] });
    expect(priceFactorWithSources(ended, use, AT)).toBe(priceFactor(use));
  });
});

describe('purchase prices', () => {
  const server = anOffer('dell/global/xe9680', 'h100', { kind: 'server' });
  const card = anOffer('shop/global/h100', 'h100', { kind: 'accelerator', deviceCount: 1 });
  const catalog = aCatalog({
    offers: [server, card, anOffer('shop/global/l4', 'l4', { deviceCount: 1 })],
    prices: [
      aPrice(server.id, 'purchase', '270000'),
      aPrice(card.id, 'purchase', '30000'),
      aPrice('shop/global/l4', 'purchase', null),
    ],
  });

  it('are per device, cheapest first; a whole system is taken before a bare device', () => {
    expect(purchaseOptions(catalog, 'h100', AT).map((option) => option.amountPerDevice)).toEqual(['30000', '33750']);
    expect(purchaseOption(catalog, 'h100', AT)).toMatchObject({ amountPerDevice: '33750', includesServer: true });
  });

  it('are absent where none is published', () => {
    expect(purchaseOption(catalog, 'l4', AT)).toBeNull();
    expect(purchaseOption(catalog, 'h100', AT, 1, 'EUR')).toBeNull();
  });
});
