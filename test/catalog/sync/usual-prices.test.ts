/** The gate for first prices against the seed's own: each provider's prices held against those of all the others, right and wrong ones. */
import { beforeAll, expect, it } from 'vitest';
import { loadSeed } from '../../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../../src/catalog/seed/snapshot-from-seed.ts';
import type { CatalogView } from '../../../src/catalog/snapshot.ts';
import { usualPrices } from '../../../src/catalog/sync/usual-prices.ts';
import type { Offer } from '../../../src/domain/catalog/offers.ts';
import { HOURS_PER_MONTH } from '../../../src/domain/units.ts';

const AT = '2026-11-01T00:00:00.000Z';

interface Judged {
  readonly what: 'device' | 'model' | 'tokens' | 'processor';
  readonly parts: number;
  readonly hourly: number;
  readonly low: number;
  readonly high: number;
}

const subjectOf = ({ deviceId, deviceCount, modelId, kind, vcpus }: Offer) => {
  if (deviceId !== null) return { what: 'device', name: `device ${deviceId}`, parts: deviceCount } as const;
  if (modelId !== null) return { what: 'model', name: `model ${modelId}`, parts: 1 } as const;
  if (kind === 'token') return { what: 'tokens', name: 'tokens', parts: 1 } as const;
  return { what: 'processor', name: 'processor', parts: vcpus ?? 0 } as const;
};

/** All prices of the seed that others have the like of, each with its limits according to all providers but its own. */
const judgeAll = async (view: CatalogView): Promise<readonly Judged[]> => {
  const judged: Judged[] = [];
  for (const offers of Map.groupBy(view.offers, (offer) => offer.providerId).values()) {
    const own = new Set(offers.map(({ id }) => id));
    const others: CatalogView = {
      ...view,
      figuresOfOffer: (id, at) => (own.has(id) ? [] : view.figuresOfOffer(id, at)),
    };
    const subjects = [...new Set(offers.map((offer) => subjectOf(offer).name))];
    const usual = await usualPrices({ view: others, effectiveAt: AT }, subjects);
    const limits = new Map(usual.map((it) => [`${it.subject} ${it.unit} ${it.currency}`, it]));
    for (const offer of offers) {
      const { what, name, parts } = subjectOf(offer);
      for (const { kind, currency, amount, upfront } of view.figuresOfOffer(offer.id, AT)) {
        const limit = limits.get(`${name} ${kind.unit} ${currency}`);
        if (limit === undefined || !(amount >= 0) || parts === 0) continue;
        const hourly = amount + (kind.termMonths > 0 ? upfront / (kind.termMonths * HOURS_PER_MONTH) : 0);
        const low = kind.category === 'spot' ? limit.lowest : limit.low;
        judged.push({ what, parts, hourly, low, high: limit.high });
      }
    }
  }
  return judged;
};

let judged: readonly Judged[] = [];

const of = (what: Judged['what']): readonly Judged[] => judged.filter((it) => it.what === what);
const held = (prices: readonly Judged[], mistake: (price: Judged) => number): number =>
  prices.filter((it) => {
    const each = mistake(it) / it.parts;
    return each < it.low || each > it.high;
  }).length;
const share = (prices: readonly Judged[], mistake: (price: Judged) => number): number =>
  held(prices, mistake) / prices.length;

beforeAll(async () => {
  judged = await judgeAll(snapshotFromSeed(loadSeed()));
});

it('lets real prices pass, but for few', () => {
  expect(of('device').length).toBeGreaterThan(4500);
  expect(share(judged, ({ hourly }) => hourly)).toBeLessThan(0.005);
});

it('finds prices by another unit', () => {
  const devices = of('device');
  expect(share(devices, ({ hourly }) => hourly * HOURS_PER_MONTH)).toBeGreaterThan(0.999);
  expect(held(devices, ({ hourly }) => hourly / 1000)).toBe(devices.length);
  expect(share(devices, ({ hourly }) => hourly * 100)).toBeGreaterThan(0.9);
  expect(share(devices, ({ hourly }) => hourly / 100)).toBeGreaterThan(0.9);
  // A whole machine's price for one device, and the other way round: real prices differ almost as much.
  const [single, several] = [devices.filter(({ parts }) => parts === 1), devices.filter(({ parts }) => parts >= 4)];
  expect(share(single, ({ hourly }) => hourly * 8)).toBeGreaterThan(0.45);
  expect(share(several, ({ hourly, parts }) => hourly / parts)).toBeGreaterThan(0.25);
  for (const tokens of [of('model'), of('tokens')]) {
    expect(held(tokens, ({ hourly }) => hourly / 1_000_000)).toBe(tokens.length);
  }
});

it('has more room below for what is sold below list prices', async () => {
  const view = snapshotFromSeed(loadSeed());
  const found = await usualPrices({ view, effectiveAt: AT }, ['device nvidia-h100-sxm5-80gb']);
  const hourly = found.find(({ unit }) => unit === 'hour');
  expect(hourly?.known).toBeGreaterThan(400);
  expect(hourly?.lowest).toBeCloseTo(0.3 * (hourly?.low ?? 0), 9);
});
