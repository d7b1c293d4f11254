import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LineItem } from '../../../src/domain/economics/line-item.ts';
import { changedRequest } from '../../../src/domain/estimate/changed-request.ts';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import { moneyInWords } from '../../../src/domain/estimate/words.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';
import { snapshot } from '../seed.ts';
import { estimate, feasible, H100, infeasible } from './seeded-estimates.ts';

const CHAT_70B: InferenceRequest = { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, device: H100 };

const sumOf = (items: readonly LineItem[]) =>
  items.reduce((sum, { amount }) => sum.plus(amount.amount), new Decimal(0)).toFixed(4);

const requests: fc.Arbitrary<InferenceRequest> = fc.record(
  {
    model: fc.constantFrom(
      'meta-llama/Llama-3.1-8B',
      'meta-llama/Llama-3.1-70B',
      'Qwen/Qwen3-30B-A3B',
      'deepseek-ai/DeepSeek-V3',
    ),
    requestsPerDay: fc.double({ min: 1, max: 1e8, noNaN: true }),
    device: fc.constantFrom(
      H100,
      'nvidia-h200-sxm5-141gb',
      'nvidia-a100-sxm4-80gb',
      'amd-mi300x-192gb',
      'nvidia-l40s-48gb',
    ),
    promptTokens: fc.record({ mean: fc.integer({ min: 1, max: 16_000 }) }),
    outputTokens: fc.record({ mean: fc.integer({ min: 1, max: 4000 }) }),
    objectives: fc.record(
      {
        ttftMsP95: fc.integer({ min: 50, max: 20_000 }),
        timePerOutputTokenMsP95: fc.integer({ min: 5, max: 500 }),
        maxUtilization: fc.double({ min: 0.2, max: 0.9, noNaN: true }),
        spareReplicas: fc.integer({ min: 0, max: 3 }),
      },
      { requiredKeys: [] },
    ),
    surcharges: fc.record(
      { supportPercent: fc.integer({ min: 0, max: 20 }), taxPercent: fc.integer({ min: 0, max: 30 }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['model', 'requestsPerDay', 'device'] },
);

describe('an inference estimate', () => {
  it('sums its line items exactly, brackets every figure and repeats itself, whatever is asked', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const answer = estimate(request);
        expect(estimate(request)).toEqual(answer);
        if (answer.status === 'infeasible') {
          expect(answer.reasons.length).toBeGreaterThan(0);
          return;
        }
        const { lineItems, total } = answer.costPerMonth;
        expect(total.amount.amount).toBe(sumOf(lineItems));
        expect(total.band.p10).toBeLessThanOrEqual(total.band.p50);
        expect(total.band.p50).toBeLessThanOrEqual(total.band.p90);
        if (answer.performance.kind !== 'language') throw new Error('a language model answers as one');
        for (const percentiles of [
          answer.performance.ttftMs,
          answer.performance.timePerOutputTokenMs,
          answer.performance.endToEndMs,
        ]) {
          expect(percentiles.p50.p50).toBeLessThanOrEqual(percentiles.p95.p50);
          expect(percentiles.p95.p50).toBeLessThanOrEqual(percentiles.p99.p50);
          for (const figure of Object.values(percentiles)) {
            expect(figure.p10).toBeGreaterThan(0);
            expect(figure.p10).toBeLessThanOrEqual(figure.p50);
            expect(figure.p50).toBeLessThanOrEqual(figure.p90);
          }
        }
        const { servingReplicas, spareReplicas, devicesPerReplica, devices, devicesPaid } = answer.deployment;
        expect((servingReplicas + spareReplicas) * devicesPerReplica).toBe(devices);
        expect(devicesPaid).toBeGreaterThanOrEqual(devices);
      }),
      { numRuns: 150 },
    );
  });

  it('says what the highest cap saves where no cap gives way to something else', () => {
    const request: InferenceRequest = {
      ...CHAT_70B,
      requestsPerDay: 10_000_000,
      device: 'amd-mi300x-192gb',
      location: { country: 'AE' },
    };
    const { bindingConstraint, deployment } = feasible(request);
    expect(bindingConstraint).toMatchObject({ constraint: 'utilization_cap', relaxation: null });
    const saved = /No cap up to 0\.95.*; 0\.95 saves (\d+) of/.exec(bindingConstraint.explanation)?.[1];
    const highest = feasible({ ...request, objectives: { maxUtilization: 0.95 } });
    expect(highest.bindingConstraint.constraint).toBe('utilization_cap');
    expect(deployment.devicesPaid - highest.deployment.devicesPaid).toBe(Number(saved));
  });

  it('binds elsewhere once its relaxation is applied', () => {
    let relaxed = 0;
    fc.assert(
      fc.property(requests, (request) => {
        const answer = estimate(request);
        if (answer.status === 'infeasible') return;
        const { constraint, relaxation } = answer.bindingConstraint;
        if (relaxation === null) return;
        relaxed++;
        const after = estimate(changedRequest(request, relaxation.field, relaxation.to));
        if (after.status === 'infeasible')
          throw new Error(`${relaxation.field} to ${relaxation.to} made it infeasible`);
        const binds = after.bindingConstraint.constraint;
        expect(binds, `${constraint} still binds at ${relaxation.field} = ${relaxation.to}`).not.toBe(constraint);
      }),
      { numRuns: 300 },
    );
    expect(relaxed).toBeGreaterThan(20);
  });

  const bound: InferenceRequest = {
    ...CHAT_70B,
    requestsPerDay: 2_000_000,
    objectives: { timePerOutputTokenMsP95: 25 },
  };

  it.each([
    bound,
    { ...bound, surcharges: { taxPercent: 15, supportPercent: 15 } },
    { ...bound, surcharges: { softwareLicenceUsdPerDeviceYear: 4500 }, purchase: { category: 'owned' } },
    { model: 'resnet-50', requestsPerDay: 2_000_000_000, device: 'nvidia-l4-24gb', surcharges: { taxPercent: 20 } },
    { model: 'resnet-50', requestsPerDay: 2_000_000_000, device: 'nvidia-l4-24gb', purchase: { category: 'owned' } },
  ] satisfies InferenceRequest[])('saves by its relaxation what the bills say: %j', (request: InferenceRequest) => {
    const before = feasible(request);
    const { relaxation } = before.bindingConstraint;
    if (relaxation === null) throw new Error('A limit should bind.');
    const after = feasible(changedRequest(request, relaxation.field, relaxation.to));
    const saved = Number(before.costPerMonth.total.amount.amount) - Number(after.costPerMonth.total.amount.amount);
    expect(saved).toBeGreaterThan(0);
    expect(relaxation.effect).toContain(`${moneyInWords(saved, 'USD')} a month`);
  });

  it('costs more for more requests and never less for a tighter objective', () => {
    const costs = [1e5, 1e6, 1e7].map((requestsPerDay) =>
      Number(feasible({ ...CHAT_70B, requestsPerDay }).costPerMonth.total.amount.amount),
    );
    expect(costs[0]).toBeLessThan(costs[1] as number);
    expect(costs[1]).toBeLessThan(costs[2] as number);
    const loose = feasible({ ...CHAT_70B, objectives: { timePerOutputTokenMsP95: 200 } });
    const tight = feasible({ ...CHAT_70B, objectives: { timePerOutputTokenMsP95: 40 } });
    expect(tight.deployment.devices).toBeGreaterThanOrEqual(loose.deployment.devices);
  });

  it('needs no more than a model and a load, and lists every default it used with the field that overrides it', () => {
    const answer = feasible({ model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 50_000 });
    expect(answer.selection.rule).toContain('No device was named');
    expect(answer.selection.alternatives).toHaveLength(2);
    const fields = answer.assumptions.map(({ field }) => field);
    for (const field of [
      '/promptTokens/mean',
      '/outputTokens/mean',
      '/traffic/peakToMeanRatio',
      '/objectives/maxUtilization',
      '/serving/engine',
    ]) {
      expect(fields).toContain(field);
    }
    for (const assumption of answer.assumptions) {
      expect(assumption.source).not.toBe('');
      expect(assumption.field).toMatch(/^\//);
    }
  });

  it('names no cheaper device than the one it chose when each is asked for by name', () => {
    const request = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 3_000_000, location: { provider: 'azure' } };
    const chosen = feasible(request);
    const best = Number(chosen.costPerMonth.total.amount.amount);
    for (const device of snapshot.devices) {
      const named = estimate({ ...request, device: device.id });
      // what is only sold is asked for by name as owned, which the comparison of rentals leaves out
      if (named.status === 'infeasible' || named.deployment.ownership === 'owned') continue;
      expect(Number(named.costPerMonth.total.amount.amount), device.id).toBeGreaterThanOrEqual(best - 0.01);
    }
  });

  it('counts only the defaults that the caller left open', () => {
    const given = feasible({
      ...CHAT_70B,
      promptTokens: { mean: 800, coefficientOfVariation: 0.5 },
      traffic: { peakToMeanRatio: 3 },
    });
    const fields = given.assumptions.map(({ field }) => field);
    expect(fields).not.toContain('/promptTokens/mean');
    expect(fields).not.toContain('/promptTokens/coefficientOfVariation');
    expect(fields).not.toContain('/traffic/peakToMeanRatio');
    expect(given.workload.peakRequestsPerSecond).toBeCloseTo((3 * 1e6) / 86_400, 6);
  });

  it('tells old versions of an engine from new ones, and says which it took', () => {
    const request = { ...CHAT_70B, serving: { engine: 'tensorrt_llm' as const } };
    const newest = feasible(request);
    const assumed = newest.assumptions.find(({ field }) => field === '/serving/engineVersion');
    expect(assumed?.value).toBe('1.2');
    expect(newest.deployment.softwareEra).toBe('tensorrt_llm_2026');

    const older = feasible({ ...request, serving: { engine: 'tensorrt_llm', engineVersion: '0.14.0' } });
    expect(older.deployment.softwareEra).toBe('tensorrt_llm_engine');
    expect(older.assumptions.map(({ field }) => field)).not.toContain('/serving/engineVersion');
    const tpot = ({ performance }: typeof older) =>
      performance.kind === 'language' ? performance.timePerOutputTokenMs.p50.p50 : Number.NaN;
    expect(tpot(older)).not.toBe(tpot(newest));
    expect(feasible({ ...request, serving: { engine: 'tensorrt_llm', engineVersion: '1.2.0' } }).performance).toEqual(
      newest.performance,
    );
  });

  it.each([
    [{ engineVersion: '0.15.1' }, 'name serving.engine'],
    [{ engine: 'vllm' as const, engineVersion: 'latest' }, 'is not a version'],
  ])('refuses %o with a sentence', (serving, detail) => {
    expect(() => estimate({ ...CHAT_70B, serving })).toThrow(RequestFaultError);
    expect(() => estimate({ ...CHAT_70B, serving })).toThrow(detail);
  });

  it('reads a histogram of lengths as its mean', () => {
    const answer = feasible({
      ...CHAT_70B,
      promptTokens: {
        histogram: [
          { tokens: 100, share: 3 },
          { tokens: 2000, share: 1 },
        ],
      },
    });
    expect(answer.workload.promptTokensMean).toBeCloseTo(575, 6);
  });

  it('takes a chip announced yesterday as a few numbers, at the price the caller gives', () => {
    const answer = feasible({
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 1_000_000,
      customDevice: {
        name: 'Next GPU',
        memoryGib: 288,
        memoryBandwidthGbPerSecond: 8000,
        densePeakTflops: { bf16: 2500, fp8: 5000 },
        tdpWatts: 1400,
        linkGbPerSecond: 900,
      },
      purchase: { usdPerDeviceHour: '4.00' },
    });
    expect(answer.deployment.deviceName).toBe('Next GPU');
    const { devicesPaid } = answer.deployment;
    expect(answer.costPerMonth.total.amount.amount).toBe((devicesPaid * 730 * 4).toFixed(4));
  });

  it('prices owned hardware with electricity and cooling, and a rental without', () => {
    const owned = feasible({ ...CHAT_70B, location: { country: 'SA' }, purchase: { category: 'owned' } });
    const categories = owned.costPerMonth.lineItems.map(({ category }) => category);
    expect(categories).toContain('electricity');
    expect(categories).toContain('cooling');
    const rented = feasible(CHAT_70B);
    expect(rented.costPerMonth.lineItems.map(({ category }) => category)).toEqual(['compute']);
    expect(rented.energyPerMonth?.facilityKilowattHours.p50).toBeGreaterThan(0);
  });

  it('pays for the active hours and the cold starts only, when it scales to zero', () => {
    const always = feasible({ ...CHAT_70B, traffic: { activeHoursPerDay: 8 } });
    const scaled = feasible({ ...CHAT_70B, traffic: { activeHoursPerDay: 8 }, scaling: { mode: 'scale_to_zero' } });
    const ratio = Number(scaled.costPerMonth.total.amount.amount) / Number(always.costPerMonth.total.amount.amount);
    expect(ratio).toBeGreaterThan(8 / 24);
    expect(ratio).toBeLessThan(9 / 24);
  });

  it.each([{ category: 'committed', termMonths: 36 }, { category: 'capacity_block' }, { category: 'owned' }] as const)(
    'scaling to zero saves nothing of what is paid for all month: $category',
    (purchase) => {
      const asked = { ...CHAT_70B, device: 'nvidia-h100-sxm5-80gb', purchase, traffic: { activeHoursPerDay: 8 } };
      const always = feasible(asked);
      const scaled = feasible({ ...asked, scaling: { mode: 'scale_to_zero' } });
      expect(scaled.costPerMonth.total.amount).toEqual(always.costPerMonth.total.amount);
      expect(scaled.energyPerMonth?.averageWattsPerDevice).toBe(always.energyPerMonth?.averageWattsPerDevice);
      expect(scaled.assumptions.map(({ id }) => id)).toContain('scaling.paid_all_month');
    },
  );

  it('devices that stand through the night draw less on average than through a day of work', () => {
    const around = feasible({ ...CHAT_70B, device: 'nvidia-h100-sxm5-80gb', traffic: { peakToMeanRatio: 3 } });
    // the same peak, and the same requests: in eight hours without a peak rather than around the clock with one
    const eight = feasible({
      ...CHAT_70B,
      device: 'nvidia-h100-sxm5-80gb',
      traffic: { peakToMeanRatio: 1, activeHoursPerDay: 8 },
    });
    expect(eight.energyPerMonth?.averageWattsPerDevice).toBeCloseTo(
      around.energyPerMonth?.averageWattsPerDevice as number,
      6,
    );
  });
});

describe('an infeasible inference question', () => {
  it('says that the device is not offered there, and where it is', () => {
    const answer = infeasible({ ...CHAT_70B, location: { country: 'SA' } });
    expect(answer.reasons[0]?.constraint).toBe('not_offered');
    expect(answer.elsewhere.length).toBeGreaterThan(0);
    const [nearest] = answer.elsewhere;
    expect(nearest?.distanceKm).toBeGreaterThan(0);
    feasible({ ...CHAT_70B, location: { region: nearest?.regionId as string } });
  });

  it('names a narrower format that makes the model fit, and it does', () => {
    const request: InferenceRequest = {
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 1000,
      device: 'nvidia-jetson-orin-nano-8gb',
      purchase: { category: 'owned' },
    };
    const answer = infeasible(request);
    expect(answer.relaxation?.field).toBe('/serving/weightFormat');
    feasible(changedRequest(request, answer.relaxation?.field as string, answer.relaxation?.to as string));
  });

  it('says by how much an objective is out of reach', () => {
    const answer = infeasible({ ...CHAT_70B, objectives: { timePerOutputTokenMsP95: 1 } });
    const [reason] = answer.reasons;
    expect(reason?.constraint).toBe('tpot_p95');
    expect(reason?.actual).toBeGreaterThan(reason?.required as number);
  });

  it('refuses prompts beyond the context of the model, with both numbers', () => {
    const answer = infeasible({ ...CHAT_70B, promptTokens: { mean: 200_000 } });
    expect(answer.reasons[0]).toMatchObject({ constraint: 'context_exceeds_model', actual: 131_072 });
  });
});

describe('a request that cannot be taken', () => {
  const faultOf = (request: InferenceRequest) => {
    try {
      estimate(request);
    } catch (error) {
      if (error instanceof RequestFaultError) return error.faults[0];
      throw error;
    }
    throw new Error('The request was taken.');
  };

  it.each([
    [{ ...CHAT_70B, model: 'llama-9000' }, '/model', 'unknown_id'],
    [{ ...CHAT_70B, device: 'h9000' }, '/device', 'unknown_id'],
    [{ ...CHAT_70B, location: { region: 'aws/atlantis-1' } }, '/location/region', 'unknown_id'],
    [{ ...CHAT_70B, location: { provider: 'nobody' } }, '/location/provider', 'unknown_id'],
    [{ ...CHAT_70B, location: { region: 'azure/uaenorth', country: 'US' } }, '/location/country', 'contradiction'],
    [{ ...CHAT_70B, purchase: { category: 'spot', termMonths: 12 } }, '/purchase/termMonths', 'contradiction'],
    [{ ...CHAT_70B, promptTokens: { mean: 10, histogram: [{ tokens: 1, share: 1 }] } }, '/promptTokens', 'exclusive'],
    [{ ...CHAT_70B, promptTokens: { mean: 1000, p95: 10 } }, '/promptTokens/p95', 'minimum'],
    [{ ...CHAT_70B, promptTokens: { mean: 1000, p95: 3900 } }, '/promptTokens/p95', 'maximum'],
    [{ model: 'resnet50-v1.5', requestsPerDay: 1, promptTokens: { mean: 1 } }, '/promptTokens', 'contradiction'],
    [{ model: 'dlrm-v2', requestsPerDay: 1, promptTokens: { mean: 1 } }, '/promptTokens', 'contradiction'],
    [{ model: 'bert-large', requestsPerDay: 1, promptTokens: { mean: 600 } }, '/promptTokens', 'maximum'],
    [{ model: 'bert-large', requestsPerDay: 1, audioSecondsPerRequest: 5 }, '/audioSecondsPerRequest', 'contradiction'],
    [{ ...CHAT_70B, denoisingSteps: 20 }, '/denoisingSteps', 'contradiction'],
    [{ model: 'sdxl', requestsPerDay: 1, serving: { weightFormat: 'int4' } }, '/serving/weightFormat', 'choice'],
    [{ model: 'whisper', requestsPerDay: 1, objectives: { ttftMsP95: 5 } }, '/objectives/ttftMsP95', 'contradiction'],
    [{ requestsPerDay: 1 }, '', 'required'],
    [
      { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1, purchase: { usdPerDeviceHour: '1' } },
      '/device',
      'required',
    ],
  ] as [InferenceRequest, string, string][])('%j is refused at %s by %s', (request, pointer, rule) => {
    expect(faultOf(request)).toMatchObject({ pointer, rule });
  });
});
