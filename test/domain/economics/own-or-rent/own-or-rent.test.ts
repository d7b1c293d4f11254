import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEvenMonth, cashYears, presentValues } from '../../../../src/domain/economics/own-or-rent/cash.ts';
import { estimateOwnOrRent } from '../../../../src/domain/economics/own-or-rent/estimate.ts';
import { replacementYear, replacementYears } from '../../../../src/domain/economics/own-or-rent/replacement.ts';
import type { OwnOrRentRequest } from '../../../../src/domain/economics/own-or-rent/request.ts';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
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

  it('comes sooner the dearer the rent, and never where rent is below the running costs', () => {
    const at = (usdPerDeviceHour: string) =>
      estimate({ ...H100, usdPerDeviceHour }).rentals.find(({ id }) => id === 'own_rate');
    expect(at('8')?.breakEvenMonth).toBeLessThan(at('4')?.breakEvenMonth as number);
    expect(at('0.5')).toMatchObject({ breakEvenMonth: null, breakEvenUtilization: null });
  });

  it('in cash is the first month in which the sums meet', () => {
    const plan = { capitalUsd: 1000, runningUsdPerMonth: 10, residualUsd: 100, lifeMonths: 60 };
    const month = breakEvenMonth(plan, 60, 0.2) as number;
    const owned = (m: number) => 1000 + 10 * m;
    const rented = (m: number) => Array.from({ length: m }, (_, i) => 60 * 0.8 ** (i / 12)).reduce((a, b) => a + b, 0);
    expect(owned(month)).toBeLessThanOrEqual(rented(month));
    expect(owned(month - 1)).toBeGreaterThan(rented(month - 1));
    expect(cashYears(plan, 60, 0.2).at(-1)?.rented).toBeCloseTo(rented(60), 6);
  });

  it('present values are the sums where money keeps its worth', () => {
    const plan = { capitalUsd: 1000, runningUsdPerMonth: 10, residualUsd: 100, lifeMonths: 60 };
    expect(presentValues(plan, 60, 0, 0)).toEqual({ owned: 1000 + 600 - 100, rented: 3600 });
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
