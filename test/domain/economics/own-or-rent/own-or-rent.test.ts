import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEvenMonth, cashYears, presentValues } from '../../../../src/domain/economics/own-or-rent/cash.ts';
import { estimateOwnOrRent } from '../../../../src/domain/economics/own-or-rent/estimate.ts';
import { replacementYear, replacementYears } from '../../../../src/domain/economics/own-or-rent/replacement.ts';
import type { OwnOrRentRequest } from '../../../../src/domain/economics/own-or-rent/request.ts';
import { withPriceBook } from '../../../../src/domain/economics/price-layers.ts';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import { estimateLifecycle } from '../../../../src/domain/lifecycle/estimate.ts';
import { AT, snapshot } from '../../seed.ts';

const H100: OwnOrRentRequest = { device: 'nvidia-h100-sxm5-80gb', devices: 64, clustered: true };
const estimate = (request: OwnOrRentRequest) => estimateOwnOrRent(snapshot, request, AT);
const usd = (cost: { total: { amount: { amount: string } } }) => Number(cost.total.amount.amount);

const requests = fc.record({
  device: fc.constantFrom('nvidia-h100-sxm5-80gb', 'nvidia-a100-sxm4-80gb', 'nvidia-l40s-48gb', 'nvidia-l4-24gb'),
  devices: fc.integer({ min: 1, max: 500 }),
  neededPercent: fc.integer({ min: 1, max: 100 }),
});

describe('the bills', () => {
  it('sum to their totals, and rentals are listed cheapest first', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { owned, rentals } = estimate(request);
        for (const { costPerMonth } of [...rentals, ...(owned === null ? [] : [owned])]) {
          const sum = costPerMonth.lineItems.reduce((total, { amount }) => total.plus(amount.amount), new Decimal(0));
          expect(sum.toFixed(4)).toBe(costPerMonth.total.amount.amount);
        }
        const costs = rentals.map(({ costPerMonth }) => usd(costPerMonth));
        expect(costs).toEqual(costs.toSorted((a, b) => a - b));
      }),
      { numRuns: 25 },
    );
  });

  it('speaks of falling rents only where they fall', () => {
    const { rentals } = estimate({ ...H100, usdPerDeviceHour: '0.01' });
    const statementOf = (id: string) => rentals.find((one) => one.id === id)?.statement;
    expect(statementOf('own_rate')).toMatch(/does not catch up within its 5 years\.$/);
    expect(statementOf('spot')).toMatch(/as rents fall\.$|from month/);
  });

  it('a commitment is paid for all hours, on demand for those needed', () => {
    const whole = estimate(H100).rentals;
    const half = estimate({ ...H100, neededPercent: 50 }).rentals;
    const of = (rentals: typeof whole, id: string) => usd(rentals.find((one) => one.id === id)?.costPerMonth as never);
    expect(of(half, 'on_demand')).toBeCloseTo(of(whole, 'on_demand') / 2, 2);
    expect(of(half, 'committed_36')).toBe(of(whole, 'committed_36'));
  });

  it('capital is devices, servers, network and spares at their prices', () => {
    const { owned } = estimate({
      ...H100,
      owned: { purchasePricePerDevice: '30000', serverMultiplier: 1.5, interconnectPercent: 20, sparePercent: 10 },
    });
    expect(Number(owned?.capital.amount)).toBeCloseTo(64 * 30_000 * 1.5 * 1.25 * 1.1, -1);
  });
});

it('hardware that keeps its price still has to be bought', () => {
  const owned = { purchasePricePerDevice: '30000', residualPercent: 100 };
  const { owned: report } = estimate({ device: 'nvidia-h100-sxm5-80gb', devices: 1, owned });
  expect(Number(report?.capital.amount)).toBeGreaterThan(30_000);
  expect(report?.residual).toEqual(report?.capital);
});

describe('break-even', () => {
  it('by hours is where renting on demand costs what owning does', () => {
    const { rentals } = estimate(H100);
    const share = rentals.find(({ id }) => id === 'on_demand')?.breakEvenUtilization as number;
    expect(share).toBeGreaterThan(0.1);
    const there = estimate({ ...H100, neededPercent: share * 100 });
    const rent = usd(there.rentals.find(({ id }) => id === 'on_demand')?.costPerMonth as never);
    expect(rent / usd(there.owned?.costPerMonth as never)).toBeCloseTo(1, 2);
  });

  it('against a commitment may be a share up to which owning costs less, and is said so', () => {
    const against = (usdPerDevice: number, neededPercent = 50) => {
      const owned = { purchasePricePerDevice: usdPerDevice.toFixed(0) };
      const answer = estimate({ device: 'nvidia-h100-sxm5-80gb', devices: 8, neededPercent, owned });
      const rental = answer.rentals.find(({ id }) => id === 'committed_36');
      return {
        statement: rental?.statement ?? '',
        gap: usd(answer.owned?.costPerMonth as never) - usd(rental?.costPerMonth as never),
      };
    };
    let [low, high] = [1000, 500_000];
    while (high - low > 1)
      [low, high] = against((low + high) / 2).gap < 0 ? [(low + high) / 2, high] : [low, (low + high) / 2];
    const share = Number(/owning costs less up to ([\d.]+) % of the hours/.exec(against(low).statement)?.[1]);
    expect(share).toBeCloseTo(50, 0);
    expect(against(low, share - 10).gap).toBeLessThan(0);
    expect(against(low, share + 10).gap).toBeGreaterThan(0);
  });

  it('comes sooner the dearer the rent, and never where rent is below the running costs', () => {
    const at = (usdPerDeviceHour: string) =>
      estimate({ ...H100, usdPerDeviceHour }).rentals.find(({ id }) => id === 'own_rate');
    expect(at('8')?.breakEvenMonth).toBeLessThan(at('4')?.breakEvenMonth as number);
    expect(at('0.5')).toMatchObject({ breakEvenMonth: null, breakEvenUtilization: null });
  });

  it('in cash is the first month in which the sums meet', () => {
    const plan = { capitalUsd: 1000, runningUsdPerMonth: 10, residualUsd: 100, lifeMonths: 60 };
    const rent = { usdPerMonth: 60, declinePerYear: 0.2, termMonths: 1, upfrontUsd: 0 };
    const month = breakEvenMonth(plan, rent) as number;
    const owned = (m: number) => 1000 + 10 * m;
    const rented = (m: number) => Array.from({ length: m }, (_, i) => 60 * 0.8 ** (i / 12)).reduce((a, b) => a + b, 0);
    expect(owned(month)).toBeLessThanOrEqual(rented(month));
    expect(owned(month - 1)).toBeGreaterThan(rented(month - 1));
    expect(cashYears(plan, rent).at(-1)?.rented).toBeCloseTo(rented(60), 6);
  });

  it('over the whole life is said where it speaks against that of a month', () => {
    const on = (usdPerDeviceHour: string) => {
      const { owned, rentals, summary } = estimate({ device: 'nvidia-h100-sxm5-80gb', devices: 8, usdPerDeviceHour });
      const [rental] = rentals as [(typeof rentals)[number]];
      const month = usd(owned?.costPerMonth as never) < usd(rental.costPerMonth);
      const life = Number(rental.presentValueOwned.amount) < Number(rental.presentValueRented.amount);
      return { apart: month !== life, said: summary.includes('Over its whole life') };
    };
    const rates = ['0.9', '1.3', '1.6', '2', '2.5'].map(on);
    for (const { apart, said } of rates) expect(said).toBe(apart);
    const europe = estimate({ device: 'nvidia-h100-sxm5-80gb', devices: 8, location: { provider: 'runpod' } });
    expect(europe.summary).toMatch(/: owning costs less\. .* Over its whole life renting costs less: [\d,]+ USD owned/);
  });

  it('present values are the sums where money keeps its worth', () => {
    const plan = { capitalUsd: 1000, runningUsdPerMonth: 10, residualUsd: 100, lifeMonths: 60 };
    const rent = { usdPerMonth: 60, declinePerYear: 0, termMonths: 1, upfrontUsd: 0 };
    expect(presentValues(plan, rent, 0)).toEqual({ owned: 1000 + 600 - 100, rented: 3600 });
  });
});

describe('a commitment', () => {
  const plan = { capitalUsd: 1000, runningUsdPerMonth: 10, residualUsd: 0, lifeMonths: 60 };

  it('keeps its price for its term, and is renewed at that of the day', () => {
    const rent = { usdPerMonth: 100, declinePerYear: 0.2, termMonths: 36, upfrontUsd: 0 };
    expect(cashYears(plan, rent).map(({ rented }) => Math.round(rented))).toEqual(
      [0, 1200, 2400, 3600, 3600 + 1200 * 0.8 ** 3, 3600 + 2400 * 0.8 ** 3].map(Math.round),
    );
  });

  it('asks what is paid upfront when a term begins, for the months of it within the life', () => {
    // 1,800 of 3,600 upfront; of the second term 24 of 36 months are looked at
    const rent = { usdPerMonth: 100, declinePerYear: 0, termMonths: 36, upfrontUsd: 1800 };
    expect(cashYears(plan, rent).map(({ rented }) => rented)).toEqual([1800, 2400, 3000, 3600, 5400, 6000]);
    expect(presentValues(plan, rent, 0).rented).toBeCloseTo(6000, 6);
    const later = presentValues(plan, { ...rent, upfrontUsd: 0 }, 0.1).rented;
    expect(presentValues(plan, rent, 0.1).rented).toBeGreaterThan(later);
  });

  it('of the catalog costs in a year twelve times its month', () => {
    const { rentals } = estimate(H100);
    const { cash, costPerMonth } = rentals.find(({ id }) => id === 'committed_36') as (typeof rentals)[number];
    expect(Number(cash[3]?.rented.amount)).toBeCloseTo(36 * usd(costPerMonth), 1);
    expect(Number(cash[4]?.rented.amount)).toBeLessThan(48 * usd(costPerMonth));
  });
});

it('licences are paid whether the devices work or not, on both sides', () => {
  const request = { ...H100, neededPercent: 20, surcharges: { softwareLicenceUsdPerDeviceYear: 4500 } };
  const shareOf = (asked: OwnOrRentRequest) =>
    estimate(asked).rentals.find(({ id }) => id === 'on_demand')?.breakEvenUtilization as number;
  expect(shareOf(request)).toBeCloseTo(shareOf({ ...H100, neededPercent: 20 }), 6);
});

it('devices that come in whole servers are bought in whole servers', () => {
  const four = estimate({ device: 'nvidia-h100-sxm5-80gb', devices: 4 });
  const eight = estimate({ device: 'nvidia-h100-sxm5-80gb', devices: 8 });
  expect(four.owned).toMatchObject({ devicesPaid: 8, capital: eight.owned?.capital });
  expect(four.summary).toContain('for the 8 that come in whole servers');
});

describe('an agreement of a price book', () => {
  const agreed = withPriceBook(snapshot, {
    id: 'acme',
    revision: 1,
    committedAt: '2026-01-01T00:00:00.000Z',
    discounts: [],
    contracts: [],
    exchangeRates: [],
    privateList: null,
    purchases: [
      {
        id: 'servers',
        deviceId: 'nvidia-h100-sxm5-80gb',
        supplier: 'maker',
        devicesPerUnit: 8,
        includesServer: true,
        tiers: [{ fromUnits: 0, unitPrice: '240000' }],
        currency: 'USD',
        leadTimeDays: null,
        warrantyMonths: null,
        usefulLifeYears: 4,
        residualPercent: 20,
        source: 'offer 12',
        validFrom: '2026-01-01T00:00:00.000Z',
        validTo: null,
      },
    ],
  });

  it('says what is spent, over how long, and what is left', () => {
    const { owned } = estimateOwnOrRent(agreed, { device: 'nvidia-h100-sxm5-80gb', devices: 32 }, AT);
    // four servers and 5 % of spares
    expect(Number(owned?.capital.amount)).toBeCloseTo(4 * 240_000 * 1.05, 4);
    expect(Number(owned?.residual.amount)).toBeCloseTo(0.2 * 4 * 240_000 * 1.05, 4);
    expect(owned?.lifeMonths).toBe(48);
  });

  it('decides when a lifecycle buys again', () => {
    const answer = estimateLifecycle(
      agreed,
      {
        model: 'meta-llama/Llama-3.1-70B',
        requestsPerDay: 300_000,
        inference: { device: 'nvidia-h100-sxm5-80gb', purchase: { category: 'owned' } },
      },
      AT,
    );
    expect(answer).toMatchObject({ status: 'feasible', phases: [{ termMonths: 48 }] });
  });
});

describe('replacement', () => {
  it('is never worth it where nothing gets cheaper, and sooner the faster it does', () => {
    const costs = { avoidable: 100, power: 70, capital: 150, switching: 0 };
    expect(replacementYear(replacementYears(costs, 0, 0))).toBeNull();
    const slow = replacementYear(replacementYears(costs, 0.1, 0.1)) as number;
    const fast = replacementYear(replacementYears(costs, 0.3, 0.3)) as number;
    expect(fast).toBeLessThan(slow);
  });

  it('waits the longer the more the swap takes, and a swap as dear as the running costs is never worth it', () => {
    const costs = { avoidable: 100, power: 70, capital: 150 };
    const years = [0, 10, 30].map((switching) => replacementYear(replacementYears({ ...costs, switching }, 0.3, 0.3)));
    expect(years).toEqual(years.toSorted((a, b) => (a as number) - (b as number)));
    expect(years[2]).toBeGreaterThan(years[0] as number);
    expect(replacementYear(replacementYears({ ...costs, switching: 100 }, 0.3, 0.3))).toBeNull();
    const yearOf = (switchingPercent: number) =>
      estimate({ ...H100, replacement: { switchingPercent } }).replacement?.year ?? Number.POSITIVE_INFINITY;
    expect(yearOf(50)).toBeGreaterThan(yearOf(0));
  });
});

describe('what cannot be', () => {
  it('is said: no purchase price, no rental, or neither', () => {
    const sold = estimate({ device: 'google-tpu-v5e', devices: 8 });
    expect(sold.owned).toBeNull();
    expect(sold.unavailable.map(({ id }) => id)).toContain('owned');
    const nowhere = estimate({ device: 'google-tpu-v5e', devices: 8, location: { country: 'PK' } });
    expect(nowhere.status).toBe('infeasible');
    expect(nowhere.summary).toContain('not offered');
  });

  it.each([
    [{ devices: 4 }, ''],
    [{ device: 'h100', devices: 4 }, '/device'],
    [{ ...H100, location: { region: 'azure/atlantis' } }, '/location/region'],
  ] as [OwnOrRentRequest, string][])('refuses %j at %s', (request, pointer) => {
    try {
      estimate(request);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RequestFaultError);
      expect((error as RequestFaultError).faults[0]?.pointer).toBe(pointer);
    }
  });
});
