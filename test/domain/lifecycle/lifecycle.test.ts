import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import { staffDefault } from '../../../src/domain/lifecycle/defaults.ts';
import { estimateLifecycle } from '../../../src/domain/lifecycle/estimate.ts';
import type { FeasibleLifecycle } from '../../../src/domain/lifecycle/estimate-result.ts';
import type { LifecycleRequest } from '../../../src/domain/lifecycle/request.ts';
import type { Money } from '../../../src/domain/money.ts';
import { estimateTraining } from '../../../src/domain/training/estimate.ts';
import { AT, snapshot } from '../seed.ts';

const H100 = 'nvidia-h100-sxm5-80gb';
const SMALL: LifecycleRequest = {
  model: 'meta-llama/Llama-3.1-8B',
  requestsPerDay: 1_000_000,
  training: { tokens: 1e9, method: 'lora' },
  monteCarlo: { draws: 50 },
};

const estimate = (request: LifecycleRequest) => estimateLifecycle(snapshot, request, AT);

function feasible(request: LifecycleRequest): FeasibleLifecycle {
  const answer = estimate(request);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

const sumOf = (amounts: readonly Money[]) =>
  amounts.reduce((sum, { amount }) => sum.plus(amount), new Decimal(0)).toFixed(4);

const purchases = [
  undefined,
  { category: 'spot' },
  { category: 'committed', termMonths: 12 },
  { category: 'committed', termMonths: 36 },
  { category: 'owned' },
] as const;

const requests: fc.Arbitrary<LifecycleRequest> = fc
  .record({
    model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-70B'),
    requestsPerDay: fc.integer({ min: 1000, max: 50_000_000 }),
    trained: fc.boolean(),
    purchase: fc.constantFrom(...purchases),
    horizonMonths: fc.integer({ min: 12, max: 60 }),
    growth: fc.record({
      percentPerYear: fc.integer({ min: -30, max: 150 }),
      seasonality: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 12, maxLength: 12 }),
    }),
    everyMonths: fc.integer({ min: 3, max: 24 }),
    rollout: fc.boolean(),
  })
  .map(({ trained, purchase, everyMonths, rollout, ...rest }) => ({
    ...rest,
    inference: { device: H100, ...(purchase !== undefined && { purchase }) },
    ...(trained && { training: { tokens: 1e8, method: 'lora' as const, device: H100 }, retraining: { everyMonths } }),
    ...(rollout && {
      rollouts: [
        { name: 'fp8', fromMonth: 7, inference: { serving: { weightFormat: 'fp8' as const } }, oneTimeUsd: '5000' },
      ],
    }),
    monteCarlo: { draws: 50 },
  }));

describe('identities', () => {
  it('lines, sides, months and years each sum to the total, whatever is asked', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { total, lines, training, serving, months, years } = feasible(request);
        const whole = total.amount.amount;
        expect(sumOf(lines.map(({ cost }) => cost.amount))).toBe(whole);
        expect(sumOf([training.amount, serving.amount])).toBe(whole);
        expect(sumOf(months.flatMap((month) => [month.training, month.serving]))).toBe(whole);
        expect(sumOf(years.flatMap((year) => [year.training, year.serving]))).toBe(whole);
        expect(months.at(-1)?.cumulativeTotal.amount.amount).toBe(whole);
        for (const { devices, devicesPaid, month } of months)
          if (month > 0) expect(devicesPaid).toBeGreaterThanOrEqual(devices);
      }),
      { numRuns: 20 },
    );
  });

  it('cumulative series never fall, and their bands are in order', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { months } = feasible(request);
        for (const [index, month] of months.entries()) {
          const before = months[index - 1];
          const { band } = month.cumulativeTotal;
          expect(band.p10).toBeLessThanOrEqual(band.p50);
          expect(band.p50).toBeLessThanOrEqual(band.p90);
          if (before === undefined) continue;
          expect(Number(month.cumulativeServing.amount.amount)).toBeGreaterThanOrEqual(
            Number(before.cumulativeServing.amount.amount),
          );
          expect(band.p50).toBeGreaterThanOrEqual(before.cumulativeTotal.band.p50);
        }
      }),
      { numRuns: 10 },
    );
  });

  it.each(purchases)('the first month of a flat load is the month of the inference estimate (%o)', (purchase) => {
    const inference = {
      device: H100,
      responseKilobytes: 4,
      surcharges: { supportPercent: 3, taxPercent: 5, dutyPercent: 5 },
      ...(purchase !== undefined && { purchase }),
    };
    const asked = { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 3_000_000 };
    const alone = estimateInference(snapshot, { ...asked, ...inference }, AT);
    if (alone.status !== 'feasible') throw new Error(alone.summary);
    const { months } = feasible({ ...asked, inference, staff: { engineers: 0 }, monteCarlo: { draws: 50 } });
    const first = Number(months[1]?.serving.amount);
    expect(first / Number(alone.costPerMonth.total.amount.amount)).toBeCloseTo(1, 6);
    expect(months[1]?.devices).toBe(alone.deployment.devices);
    expect(months[1]?.devicesPaid).toBe(alone.deployment.devicesPaid);
  });

  it('training before the launch is the bill of the training estimate', () => {
    const alone = estimateTraining(snapshot, { model: SMALL.model as string, tokens: 1e9, method: 'lora' }, AT);
    if (alone.status !== 'feasible') throw new Error(alone.summary);
    const { months, training } = feasible(SMALL);
    expect(Number(months[0]?.training.amount)).toBeCloseTo(Number(alone.cost.total.amount.amount), 2);
    expect(training.amount.amount).toBe(months[0]?.training.amount);
  });

  it('is the same for the same seed and another for another', () => {
    expect(feasible(SMALL)).toEqual(feasible(SMALL));
    expect(feasible({ ...SMALL, monteCarlo: { draws: 50, seed: 2 } }).total.band).not.toEqual(
      feasible(SMALL).total.band,
    );
    expect(feasible({ ...SMALL, monteCarlo: { draws: 50, seed: 2 } }).total.amount).toEqual(
      feasible(SMALL).total.amount,
    );
  });
});

describe('directions', () => {
  const total = (change: Partial<LifecycleRequest>) =>
    Number(feasible({ ...SMALL, requestsPerDay: 20_000_000, ...change }).total.amount.amount);

  it('costs more with growth, with a longer horizon, and the more often it is trained', () => {
    expect(total({ growth: { percentPerYear: 50 } })).toBeGreaterThan(total({}));
    expect(total({ growth: { percentPerYear: 50, maximumRequestsPerDay: 22_000_000 } })).toBeLessThan(
      total({ growth: { percentPerYear: 50 } }),
    );
    expect(total({ horizonMonths: 48 })).toBeGreaterThan(total({}));
    expect(total({ retraining: { everyMonths: 3 } })).toBeGreaterThan(total({ retraining: { everyMonths: 6 } }));
  });

  it('costs less the faster hardware gets cheaper, and no less later than today where prices stand', () => {
    const stands = feasible({ ...SMALL, hardwarePrices: { declinePercentPerYear: 0 } });
    expect(total({ hardwarePrices: { declinePercentPerYear: 30 } })).toBeLessThan(
      total({ hardwarePrices: { declinePercentPerYear: 0 } }),
    );
    expect(stands.months[1]?.serving).toEqual(stands.months.at(-1)?.serving);
  });

  it('a commitment is paid to its end: what the peak took stays when the season goes', () => {
    const seasonality = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9];
    const inference = { device: H100, purchase: { category: 'committed', termMonths: 12 } as const };
    const { months } = feasible({
      ...SMALL,
      requestsPerDay: 20_000_000,
      inference,
      launchOn: '2026-12-01',
      growth: { percentPerYear: 0, seasonality },
      horizonMonths: 24,
    });
    const paid = months.map(({ devicesPaid }) => devicesPaid);
    expect(paid.slice(1, 13).every((devices) => devices === paid[1])).toBe(true);
    expect(months[2]?.devices).toBeLessThan(paid[2] as number);
  });

  it('owned hardware that is replaced costs less the second time', () => {
    const { months } = feasible({
      ...SMALL,
      inference: { device: H100, purchase: { category: 'owned', owned: { usefulLifeYears: 3 } } },
      horizonMonths: 48,
    });
    expect(Number(months[36]?.serving.amount)).toBe(Number(months[1]?.serving.amount));
    expect(Number(months[37]?.serving.amount)).toBeLessThan(Number(months[36]?.serving.amount));
  });

  it('a roll-out changes what follows and nothing before', () => {
    const plain = feasible({ ...SMALL, requestsPerDay: 30_000_000 });
    const rolled = feasible({
      ...SMALL,
      requestsPerDay: 30_000_000,
      rollouts: [{ name: 'leaner', fromMonth: 10, deviceTimeFactor: 0.5, oneTimeUsd: '1000' }],
    });
    expect(rolled.months[9]?.serving).toEqual(plain.months[9]?.serving);
    expect(Number(rolled.months[11]?.serving.amount)).toBeLessThan(0.8 * Number(plain.months[11]?.serving.amount));
    expect(rolled.lines.find(({ id }) => id === 'rollouts')?.cost.amount.amount).toBe('1000.0000');
  });
});

it('committed devices serve on after a roll-out that fits into them, whatever the size of instances it would take by itself', () => {
  const request: LifecycleRequest = {
    model: 'meta-llama/Llama-3.1-70B',
    requestsPerDay: 1_000_000,
    inference: {
      device: H100,
      location: { provider: 'gcp' },
      purchase: { category: 'committed', termMonths: 12 },
    },
    staff: { engineers: 0 },
    horizonMonths: 12,
    monteCarlo: { draws: 50 },
  };
  const fp8 = { name: 'fp8', fromMonth: 7, inference: { serving: { weightFormat: 'fp8' as const } } };
  const [plain, rolled] = [feasible(request), feasible({ ...request, rollouts: [fp8] })];
  expect(rolled.months[7]?.devices).toBeLessThan(plain.months[7]?.devices as number);
  expect(rolled.months[12]?.devicesPaid).toBe(plain.months[12]?.devicesPaid);
  expect(rolled.total.amount).toEqual(plain.total.amount);
  // a replica that needs more devices than an instance has takes its own
  const launch = { ...request.inference, serving: { weightFormat: 'fp8' as const } };
  const bf16 = { name: 'bf16', fromMonth: 7, inference: { serving: { weightFormat: 'bf16' as const } } };
  const { months } = feasible({ ...request, inference: launch, rollouts: [bf16] });
  expect(months[7]?.devicesPaid).toBe((months[6]?.devicesPaid as number) + (plain.months[1]?.devicesPaid as number));
});

describe('the day serving overtakes training', () => {
  it('is where the cumulative series cross', () => {
    const { crossing, months } = feasible(SMALL);
    const month = Math.ceil((crossing?.day as number) / (730 / 24));
    expect(Number(months[month]?.cumulativeServing.amount.amount)).toBeGreaterThanOrEqual(
      Number(months[month]?.cumulativeTraining.amount.amount),
    );
    expect(Number(months[month - 1]?.cumulativeServing.amount.amount)).toBeLessThan(
      Number(months[month - 1]?.cumulativeTraining.amount.amount),
    );
    expect(crossing?.probability).toBe(1);
  });

  it('is null without training, and never comes where the load is too small', () => {
    const { training: _training, ...untrained } = SMALL;
    expect(feasible(untrained)).toMatchObject({ crossing: null, hardwareCrossing: null });
    const never = feasible({
      ...SMALL,
      requestsPerDay: 1000,
      training: { tokens: 1e12, device: H100 },
      staff: { engineers: 0 },
    });
    expect(never.crossing).toMatchObject({ day: null, date: null, p50: null });
  });
});

describe('what has no answer', () => {
  it('is told in the fields of this question', () => {
    const answer = estimate({
      ...SMALL,
      inference: { device: 'nvidia-a10-24gb', location: { region: 'azure/uaecentral' } },
    });
    expect(answer.status).toBe('infeasible');
    expect(answer.summary).not.toMatch(/(^|\s)\/(?!inference\/)/);
  });
});

describe('levers and sensitivities', () => {
  it('each saves what setting its field saves, also where a roll-out says otherwise for itself', () => {
    const request: LifecycleRequest = {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 5_000_000,
      inference: { device: H100 },
      staff: { engineers: 2 },
      rollouts: [
        { name: 'fp8', fromMonth: 7, inference: { serving: { weightFormat: 'fp8' } } },
        { name: 'student', fromMonth: 20, model: 'meta-llama/Llama-3.1-8B' },
      ],
      monteCarlo: { draws: 50 },
    };
    const levers = feasible(request).levers.filter(({ id }) => id.startsWith('weights.') || id === 'device');
    expect(levers.length).toBeGreaterThan(2);
    for (const { id, to, total } of levers) {
      const inference =
        id === 'device' ? { device: to as string } : { device: H100, serving: { weightFormat: to as 'fp8' } };
      expect(Number(total.amount)).toBeCloseTo(Number(feasible({ ...request, inference }).total.amount.amount), 0);
    }
  });

  it('a lever saves what asking for it saves', () => {
    const staffed = { ...SMALL, staff: { engineers: 0.5 } };
    const answer = feasible(staffed);
    const lever = answer.levers.find(({ id }) => id === 'weights.fp8');
    const taken = feasible({ ...staffed, inference: { serving: { weightFormat: 'fp8' } } });
    expect(Number(lever?.total.amount)).toBeCloseTo(Number(taken.total.amount.amount), 0);
  });

  it('are ranked, and the band lies about the best estimate', () => {
    const { sensitivities, levers, total } = feasible(SMALL);
    const swings = sensitivities.map(({ swing }) => Number(swing.amount));
    expect(swings).toEqual(swings.toSorted((a, b) => b - a));
    const savings = levers.map(({ saving }) => Number(saving.amount));
    expect(savings).toEqual(savings.toSorted((a, b) => b - a));
    expect(total.band.p10).toBeLessThan(Number(total.amount.amount));
    expect(total.band.p90).toBeGreaterThan(Number(total.amount.amount));
  });
});

describe('people', () => {
  const service: LifecycleRequest = {
    model: 'meta-llama/Llama-3.1-70B',
    requestsPerDay: 2_500_000,
    inference: { device: H100 },
    monteCarlo: { draws: 50 },
  };
  const staffIn = (request: LifecycleRequest) =>
    Number(feasible(request).lines.find(({ part }) => part === 'staff')?.cost.amount.amount);

  it('grow with the load where their number is not given', () => {
    const flat = staffIn(service);
    expect(staffIn({ ...service, growth: { percentPerYear: 200 } })).toBeGreaterThan(flat);
    const given = { ...service, staff: { engineers: 3 } };
    expect(staffIn({ ...given, growth: { percentPerYear: 200 } })).toBe(staffIn(given));
  });

  it('come by no cent of cost', () => {
    let before = staffDefault(1).value;
    for (let usd = 1; usd < 1e9; usd *= 1.01) {
      const engineers = staffDefault(usd).value;
      expect(engineers).toBeGreaterThanOrEqual(before);
      expect(engineers / before).toBeLessThan(1.02);
      before = engineers;
    }
    expect(staffDefault(30_000).value).toBeCloseTo(1, 6);
  });

  it('stay where a lever makes the hardware cheaper', () => {
    const { levers, lines, total } = feasible(service);
    const staff = Number(lines.find(({ part }) => part === 'staff')?.cost.amount.amount);
    for (const { saving } of levers) {
      expect(Number(saving.amount)).toBeLessThanOrEqual(Number(total.amount.amount) - staff + 1);
    }
  });
});

describe('money later', () => {
  it('a value per request is drawn with the load it comes from', () => {
    const asked = {
      ...SMALL,
      valueUsdPerRequest: '0.002',
      growth: { percentPerYear: 20, lowPercentPerYear: -20, highPercentPerYear: 80 },
    };
    const { netPresentValue: net, presentValue } = feasible(asked);
    const band = net?.band as { p10: number; p50: number; p90: number };
    expect(band.p10).toBeLessThan(Number(net?.amount.amount));
    expect(band.p90).toBeGreaterThan(Number(net?.amount.amount));
    // what is worth more than it costs is worth the more the more it is used
    expect(band.p90 - band.p10).toBeGreaterThan(presentValue.band.p90 - presentValue.band.p10);
  });

  it('is worth less: present value below the total, equal at no rate, and value less cost is the net', () => {
    const answer = feasible({ ...SMALL, valueUsdPerRequest: '0.002' });
    expect(Number(answer.presentValue.amount.amount)).toBeLessThan(Number(answer.total.amount.amount));
    const flat = feasible({ ...SMALL, discountRatePercent: 0, valueUsdPerRequest: '0.002' });
    expect(Number(flat.presentValue.amount.amount)).toBeCloseTo(Number(flat.total.amount.amount), 1);
    expect(Number(flat.netPresentValue?.amount.amount)).toBeCloseTo(
      flat.requests * 0.002 - Number(flat.presentValue.amount.amount),
      0,
    );
  });
});

describe('what cannot be', () => {
  it('is said with the part it concerns', () => {
    const answer = estimate({
      model: 'meta-llama/Llama-3.1-405B',
      requestsPerDay: 1000,
      inference: { device: 'nvidia-t4-16gb' },
    });
    expect(answer).toMatchObject({ status: 'infeasible', part: '/inference' });
  });

  it.each([
    [{ ...SMALL, retraining: { everyMonths: 6 }, training: undefined }, '/retraining'],
    [{ ...SMALL, growth: { lowPercentPerYear: 5 } }, '/growth/percentPerYear'],
    [{ ...SMALL, growth: { percentPerYear: 5, highPercentPerYear: 1 } }, '/growth/highPercentPerYear'],
    [{ ...SMALL, growth: { maximumRequestsPerDay: 5 } }, '/growth/maximumRequestsPerDay'],
    [{ ...SMALL, rollouts: [{ name: 'late', fromMonth: 99 }] }, '/rollouts/0/fromMonth'],
    [
      {
        ...SMALL,
        rollouts: [
          { name: 'b', fromMonth: 9 },
          { name: 'a', fromMonth: 3 },
        ],
      },
      '/rollouts/1/fromMonth',
    ],
    [{ ...SMALL, inference: { device: 'h100' } }, '/inference/device'],
    [{ ...SMALL, training: { tokens: 1e9, images: 5 } }, '/training/images'],
    [{ ...SMALL, model: 'no-such-model' }, '/model'],
  ] as [LifecycleRequest, string][])('refuses %j at %s', (request, pointer) => {
    const { training, ...rest } = request;
    try {
      estimate(training === undefined ? rest : request);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RequestFaultError);
      expect((error as RequestFaultError).faults[0]?.pointer).toBe(pointer);
    }
  });
});

describe('a service on the devices of its users', () => {
  it('costs its operator no device, and offers no decision that contradicts it', () => {
    const request: LifecycleRequest = {
      model: 'meta-llama/Llama-3.2-1B',
      requestsPerDay: 1_000_000,
      inference: { device: 'qualcomm-snapdragon-8-gen-3', userDevices: { batteryWattHours: 18 } },
      growth: { percentPerYear: 50 },
      monteCarlo: { draws: 50 },
    };
    for (const training of [undefined, { tokens: 1e8, method: 'lora' as const, device: H100 }]) {
      const answer = feasible({ ...request, ...(training !== undefined && { training }) });
      const devices = answer.lines.filter(({ id }) => id.startsWith('serving.compute'));
      expect(sumOf(devices.map(({ cost }) => cost.amount))).toBe('0.0000');
      expect(answer.months.every(({ devicesPaid }) => devicesPaid === 0)).toBe(true);
      expect(answer.levers.filter(({ id }) => id.startsWith('purchase'))).toEqual([]);
    }
  });
});
