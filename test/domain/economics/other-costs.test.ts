import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssumptionLog, estimated, exactly } from '../../../src/domain/economics/assumption.ts';
import { dataItems } from '../../../src/domain/economics/data-cost.ts';
import { bill, type DraftItem, lineItem } from '../../../src/domain/economics/line-item.ts';
import { egressItem, egressPriceFor, tieredEgressUsd } from '../../../src/domain/economics/network-cost.ts';
import { peopleItem, waitingItem } from '../../../src/domain/economics/people-cost.ts';
import { cheapestOption } from '../../../src/domain/economics/price-selection.ts';
import { priceFactor } from '../../../src/domain/economics/price-uncertainty.ts';
import { priceUse } from '../../../src/domain/economics/price-use.ts';
import { customRentalItem, rentalItem } from '../../../src/domain/economics/rental-cost.ts';
import { storageItem } from '../../../src/domain/economics/storage-cost.ts';
import { type SurchargeQuery, surchargeItems } from '../../../src/domain/economics/surcharges.ts';
import { toNumber } from '../../../src/domain/money.ts';
import { assumedFactor } from '../../../src/domain/uncertainty/band.ts';
import { AT, aCatalog, anOffer, aPrice } from '../catalog-fixture.ts';

const log = () => new AssumptionLog();
const amount = (item: DraftItem): number => toNumber(item.amount);

describe('rental', () => {
  it('is device-hours times the price per device-hour, with the price named', () => {
    const catalog = aCatalog({
      offers: [anOffer('aws/eu-central-1/p5', 'h100')],
      prices: [aPrice('aws/eu-central-1/p5', 'on_demand', '55.04')],
    });
    const option = cheapestOption(catalog, { deviceId: 'h100', at: AT, preference: { category: 'on_demand' } });
    if (option === null) throw new Error('The fixture has a price.');
    const use = priceUse(option.offer, option.price, AT);
    const item = rentalItem({ deviceHours: exactly(8 * 730, 'device-hours') }, option, use, priceFactor(use));
    expect(amount(item)).toBeCloseTo(55.04 * 730, 4);
    expect(item.priceId).toBe('aws/eu-central-1/p5/on_demand');
    expect(bill([item], 'USD').band.p10).toBeCloseTo(55.04 * 730 * 0.97, 3);
  });

  it("at the caller's own price is certain", () => {
    const item = customRentalItem({ deviceHours: exactly(100, 'device-hours') }, '2.10', 'USD');
    expect(item).toMatchObject({ amount: { amount: '210.0000' }, factors: [], priceId: null, assumptionIds: [] });
  });
});

describe('egress', () => {
  it('follows the tiers: 100 GB free, then 0.09, 0.085, 0.07 and 0.05 USD at AWS', () => {
    const price = egressPriceFor({ regionId: 'aws/us-east-1' });
    if (price === undefined) throw new Error('The table has AWS us-east-1.');
    expect(tieredEgressUsd(price, 50)).toBe(0);
    expect(tieredEgressUsd(price, 1100)).toBeCloseTo(90, 9);
    // 10,140 x 0.09 + 40,960 x 0.085 + 102,400 x 0.07 + 46,400 x 0.05
    expect(tieredEgressUsd(price, 200_000)).toBeCloseTo(912.6 + 3481.6 + 7168 + 2320, 6);
  });

  it('knows the Gulf: dear at Azure, cheap at Oracle', () => {
    const per = (place: Parameters<typeof egressPriceFor>[0]) =>
      amount(egressItem(exactly(1e4, 'GB'), place, log())) / 1e4;
    expect(per({ regionId: 'azure/uaenorth' })).toBeCloseTo(0.179, 3);
    expect(per({ regionId: 'aws/me-central-1' })).toBeCloseTo(0.1089, 9);
    expect(per({ regionId: 'gcp/me-central2' })).toBeCloseTo(0.181, 3);
    expect(per({ providerId: 'oci', country: 'AE' })).toBe(0);
    expect(amount(egressItem(exactly(20_240, 'GB'), { providerId: 'oci', country: 'AE' }, log()))).toBeCloseTo(500, 6);
  });

  it('assumes a price, and says so, where it knows none', () => {
    const assumptions = log();
    const item = egressItem(exactly(1000, 'GB'), { providerId: 'nebula' }, assumptions);
    expect(amount(item)).toBe(50);
    expect(assumptions.list().map(({ id }) => id)).toEqual(['network.egress_usd_per_gb']);
    expect(amount(egressItem(exactly(1000, 'GB'), { regionId: 'aws/us-east-1', usdPerGb: 0.02 }, log()))).toBe(20);
    expect(amount(egressItem(exactly(0, 'GB'), { regionId: 'aws/us-east-1' }, log()))).toBe(0);
  });

  it('never falls with volume', () => {
    const volume = fc.double({ min: 0, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom('aws/us-east-1', 'azure/uaenorth', 'gcp/europe-west1'),
        volume,
        volume,
        (regionId, a, b) => {
          const price = egressPriceFor({ regionId });
          if (price === undefined) return;
          expect(tieredEgressUsd(price, Math.min(a, b))).toBeLessThanOrEqual(tieredEgressUsd(price, Math.max(a, b)));
        },
      ),
    );
  });
});

describe('storage', () => {
  it('45 TB in object storage for six months: 45,000 x 6 x 0.023', () => {
    const stored = {
      id: 'storage.dataset',
      label: 'Data set',
      bytes: exactly(45e12, 'bytes'),
      copies: exactly(1, 'copies'),
      months: exactly(6, 'months'),
    };
    const item = storageItem(stored, log());
    expect(amount(item)).toBeCloseTo(6210, 6);
    const own = { ...stored, usdPerGbMonth: 0.01 };
    expect(amount(storageItem(own, log()))).toBeCloseTo(2700, 6);
  });
});

describe('data', () => {
  it('cleaning 15 T tokens costs about what FineWeb took: 480,000 USD', () => {
    const [item] = dataItems({ tokensToClean: exactly(15e12, 'tokens'), labelKind: 'text' }, log());
    expect(item && amount(item)).toBe(480_000);
  });

  it('labels only when asked for, and acquisition only when given', () => {
    const none = { tokensToClean: null, labelKind: 'image' as const };
    expect(dataItems(none, log())).toEqual([]);
    expect(
      dataItems({ ...none, labels: 10_000, acquisitionUsd: '2500' }, log()).map((item) => [item.id, amount(item)]),
    ).toEqual([
      ['data.acquisition', 2500],
      ['data.labelling', 600],
    ]);
    expect(dataItems({ ...none, labels: 100, usdPerLabel: 2 }, log()).map(amount)).toEqual([200]);
  });
});

describe('people', () => {
  const query = { runMonths: exactly(2, 'months'), computeUsd: 3e6 };

  it('are engineers x months x salary', () => {
    const item = peopleItem({ ...query, engineers: 10, preparationMonths: 4, usdPerEngineerYear: 240_000 }, log());
    expect(amount(item)).toBe(1_200_000);
    expect(item.factors).toEqual([]);
  });

  it('are by default 29-49 % of compute and people for runs of a million and more (Epoch AI)', () => {
    for (const [computeUsd, months] of [
      [1e6, 1],
      [3e6, 1],
      [1e7, 1.5],
      [3e7, 2],
      [1e8, 2.5],
      [3e8, 3],
    ] as const) {
      const people = amount(peopleItem({ runMonths: exactly(months, 'months'), computeUsd }, log()));
      const share = people / (people + computeUsd);
      expect(share, `${computeUsd}`).toBeGreaterThan(0.29);
      expect(share, `${computeUsd}`).toBeLessThan(0.49);
    }
  });

  it('grow with the price of the same run without a jump', () => {
    const people = (computeUsd: number) => amount(peopleItem({ runMonths: exactly(2, 'months'), computeUsd }, log()));
    for (let computeUsd = 1e6; computeUsd < 1e9; computeUsd *= 1.1) {
      const step = people(computeUsd * 1.1) / people(computeUsd);
      expect(step, `${computeUsd}`).toBeGreaterThanOrEqual(1);
      expect(step, `${computeUsd}`).toBeLessThan(1.25);
    }
  });

  it('wait at the price given', () => {
    expect(amount(waitingItem('5000', exactly(12.5, 'days')))).toBe(62_500);
  });
});

describe('surcharges', () => {
  const line = (id: string, category: DraftItem['category'], usd: string, p90 = 1.2): DraftItem =>
    lineItem({
      id,
      label: id,
      category,
      formula: '',
      quantity: 1,
      unitAmount: usd,
      currency: 'USD',
      inputs: { x: estimated(1, '', 'model', [assumedFactor(`factor/${id}`, 0.9, p90, 'test')]) },
    });
  const items = [
    line('compute.devices', 'compute', '1000'),
    line('electricity', 'electricity', '200'),
    line('people', 'people', '5000'),
  ];
  const query: SurchargeQuery = { devices: exactly(8, 'devices'), years: exactly(0.5, 'years'), ownership: 'owned' };
  const lines = (fields: Partial<SurchargeQuery>) =>
    Object.fromEntries(surchargeItems(items, { ...query, ...fields }, 'USD').map((item) => [item.id, amount(item)]));

  it('are none unless asked for', () => {
    expect(lines({})).toEqual({});
  });

  it('are charged on what is bought: not on people, duty on owned hardware only, tax on all of it', () => {
    const all = { softwareLicenceUsdPerDeviceYear: 4500, supportPercent: 3, dutyPercent: 5, taxPercent: 10 };
    expect(lines(all)).toEqual({
      licence: 18_000,
      support: 30,
      duty: 50,
      tax: (1000 + 200 + 18_000 + 30 + 50) / 10,
    });
    expect(lines({ ...all, ownership: 'rented' })).not.toHaveProperty('duty');
  });

  it('are as uncertain as their base, and move with it', () => {
    const compute = [line('compute.devices', 'compute', '1000', 1.5)];
    const [support] = surchargeItems(compute, { ...query, supportPercent: 10 }, 'USD');
    if (support === undefined) throw new Error('Support was asked for.');
    const { items: billed, band, total } = bill([...compute, support], 'USD');
    expect(billed[1]?.band.p90).toBeCloseTo(150, 6);
    expect(total.amount).toBe('1100.0000');
    expect(band.p90).toBeCloseTo(1650, 6);
  });

  it('on several lines have the band of their sum', () => {
    const [tax] = surchargeItems(items, { ...query, taxPercent: 10 }, 'USD');
    if (tax === undefined) throw new Error('Tax was asked for.');
    const base = bill(items.slice(0, 2), 'USD').band;
    const [, , taxed] = bill([...items.slice(0, 2), tax], 'USD').items;
    expect((taxed?.band.p90 ?? 0) / (base.p90 / 10)).toBeCloseTo(1, 3);
  });
});
