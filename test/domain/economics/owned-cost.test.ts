import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssumptionLog, estimated, exactly } from '../../../src/domain/economics/assumption.ts';
import { bill } from '../../../src/domain/economics/line-item.ts';
import { type OwnedQuery, ownedCost } from '../../../src/domain/economics/owned-cost.ts';
import { toNumber } from '../../../src/domain/money.ts';

/** Every term given, so that each line can be worked out by hand. */
const query = (fields: Partial<OwnedQuery> = {}): OwnedQuery => ({
  deviceHours: exactly(8760, 'device-hours'),
  utilization: exactly(1, 'share'),
  deviceClass: 'datacenter_gpu',
  pricePerDevice: '30000',
  price: null,
  includesServer: true,
  clustered: false,
  maxWattsPerDevice: exactly(1000, 'W per device'),
  usefulLifeYears: 5,
  residualPercent: 10,
  financingRatePercent: 8,
  colocationUsdPerKwMonth: 200,
  maintenancePercentPerYear: 5,
  sparePercent: 4,
  ...fields,
});
const amounts = (fields: Partial<OwnedQuery> = {}): Record<string, number> =>
  Object.fromEntries(
    ownedCost(query(fields), new AssumptionLog()).items.map((item) => [item.id, toNumber(item.amount)]),
  );
const total = (fields: Partial<OwnedQuery> = {}): number =>
  toNumber(bill(ownedCost(query(fields), new AssumptionLog()).items, 'USD').total);

describe('a year of one owned device', () => {
  it('costs what pencil and paper say', () => {
    expect(amounts()).toEqual({
      'compute.devices': 5400, // 30,000 x 0.9 / 5
      'compute.spares': 216, // 4 % of it
      'compute.financing': 1372.8, // 31,200 x 0.55 x 8 %
      'compute.maintenance': 1560, // 31,200 x 5 %
      facility: 2400, // 1 kW x 12 x 200
    });
  });

  it('needs no default when all terms are given, and lists each where they are not', () => {
    const given = new AssumptionLog();
    ownedCost(query(), given);
    expect(given.list()).toEqual([]);
    const open = new AssumptionLog();
    ownedCost(
      {
        deviceHours: exactly(8760, 'device-hours'),
        utilization: exactly(1, 'share'),
        deviceClass: 'datacenter_gpu',
        pricePerDevice: '30000',
        price: null,
        includesServer: false,
        clustered: true,
        maxWattsPerDevice: exactly(1000, 'W per device'),
      },
      open,
    );
    expect(open.list().map(({ id }) => id)).toEqual([
      'owned.useful_life_years',
      'owned.residual_percent',
      'owned.spare_percent',
      'owned.financing_percent',
      'owned.maintenance_percent',
      'owned.server_multiplier',
      'owned.interconnect_percent',
      'owned.colocation_usd_per_kw_month',
    ]);
  });

  it('adds server and network markups to a bare device: 1.64 / (1 - 0.19)', () => {
    const cost = ownedCost(query({ includesServer: false, clustered: true, sparePercent: 0 }), new AssumptionLog());
    expect(cost.bought.capitalPerDevice).toBeCloseTo((30_000 * 1.64) / 0.81, 6);
    const lines = Object.fromEntries(cost.items.map((item) => [item.id, toNumber(item.amount)]));
    expect(lines['compute.servers']).toBeCloseTo(5400 * 0.64, 4);
    expect(lines['compute.network']).toBeCloseTo((5400 * 1.64 * 0.19) / 0.81, 4);
  });

  it('gives an edge device neither hall nor markups', () => {
    expect(Object.keys(amounts({ deviceClass: 'edge', includesServer: false, clustered: true }))).toEqual([
      'compute.devices',
      'compute.spares',
      'compute.financing',
      'compute.maintenance',
    ]);
  });

  it('bears the idle time too', () => {
    expect(total({ utilization: exactly(0.5, 'share') })).toBeCloseTo(2 * total(), 2);
  });
});

describe('properties', () => {
  const percent = fc.double({ min: 0, max: 50, noNaN: true });
  const arbitrary = fc.record({
    hours: fc.double({ min: 0, max: 1e9, noNaN: true }),
    pricePerDevice: fc.integer({ min: 0, max: 1e7 }),
    utilization: fc.double({ min: 0.01, max: 1, noNaN: true }),
    usefulLifeYears: fc.double({ min: 0.5, max: 20, noNaN: true }),
    residualPercent: percent,
    financingRatePercent: percent,
    sparePercent: percent,
  });
  const of = ({
    hours,
    pricePerDevice,
    utilization,
    ...terms
  }: {
    hours: number;
    pricePerDevice: number;
    utilization: number;
    usefulLifeYears: number;
    residualPercent: number;
    financingRatePercent: number;
    sparePercent: number;
  }): number =>
    total({
      ...terms,
      deviceHours: exactly(hours, 'device-hours'),
      pricePerDevice: pricePerDevice.toString(),
      utilization: exactly(utilization, 'share'),
    });

  it('costs are finite and not negative, more with price and hours, less with utilization', () => {
    fc.assert(
      fc.property(arbitrary, (terms) => {
        const cost = of(terms);
        expect(Number.isFinite(cost)).toBe(true);
        expect(cost).toBeGreaterThanOrEqual(0);
        expect(of({ ...terms, pricePerDevice: terms.pricePerDevice * 2 })).toBeGreaterThanOrEqual(cost);
        expect(of({ ...terms, hours: terms.hours * 2 })).toBeGreaterThanOrEqual(cost);
        expect(of({ ...terms, utilization: Math.min(1, terms.utilization * 2) })).toBeLessThanOrEqual(cost);
      }),
      { numRuns: 60 },
    );
  });

  it('carries the uncertainty of hours, life and price into every line', () => {
    const {
      items,
      band,
      total: sum,
    } = bill(
      ownedCost(
        query({ deviceHours: estimated(8760, 'device-hours', 'model', []), usefulLifeYears: undefined }),
        new AssumptionLog(),
      ).items,
      'USD',
    );
    const devices = items.find(({ id }) => id === 'compute.devices');
    // 4 to 6 years around 5, under the fraction bar
    expect(devices?.band.p10).toBeCloseTo(5400 * (5 / 6), 6);
    expect(devices?.band.p90).toBeCloseTo(5400 * (5 / 4), 6);
    expect(band.p10).toBeLessThan(toNumber(sum));
    expect(band.p90).toBeGreaterThan(toNumber(sum));
  });
});
