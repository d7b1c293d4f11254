/** A recommendation and the estimate of the same configuration are one model: every figure agrees. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import { toNumber } from '../../../src/domain/money.ts';
import { estimateRequestOf } from '../../../src/domain/recommendation/estimate-request.ts';
import { optionId } from '../../../src/domain/recommendation/option.ts';
import type { InferenceRecommendationRequest } from '../../../src/domain/recommendation/request.ts';
import { AT, snapshot } from '../seed.ts';
import { feasible, judgedSearch } from './seeded.ts';

const questions = fc.record({
  inference: fc.oneof(
    fc.record(
      {
        model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-70B', 'openai/gpt-oss-20b'),
        requestsPerDay: fc.integer({ min: 1000, max: 20_000_000 }),
        objectives: fc.constantFrom(
          {},
          { ttftMsP95: 2000 },
          { timePerOutputTokenMsP95: 60 },
          { endToEndMsP95: 30_000 },
        ),
        responseKilobytes: fc.constantFrom(0, 4),
        surcharges: fc.constantFrom(
          {},
          { taxPercent: 5, supportPercent: 3, softwareLicenceUsdPerDeviceYear: 4500, dutyPercent: 5 },
        ),
        scaling: fc.constantFrom({}, { mode: 'scale_to_zero' as const }),
        traffic: fc.constantFrom({}, { activeHoursPerDay: 10, peakToMeanRatio: 1.5 }),
      },
      { requiredKeys: ['model', 'requestsPerDay'] },
    ),
    fc.record({
      model: fc.constantFrom('torchvision/resnet50', 'openai/whisper-large-v3', 'BAAI/bge-base-en-v1.5'),
      requestsPerDay: fc.integer({ min: 1000, max: 50_000_000 }),
    }),
  ),
  constraints: fc.constantFrom<NonNullable<InferenceRecommendationRequest['constraints']>>(
    {},
    { countries: ['AE'] },
    { minAccuracyPercent: 97 },
    { availabilityPercent: 99.99 },
  ),
  purchase: fc.constantFrom<NonNullable<InferenceRecommendationRequest['purchase']>>({}, { managedPlatforms: true }),
  optimizations: fc.constantFrom<NonNullable<InferenceRecommendationRequest['optimizations']>>(
    {},
    { accept: ['prefix_caching', 'quantized_kv'] },
    { accept: ['disaggregated'] },
    { accept: ['speculative_decoding', 'distilled'], acceptedDraftTokens: 2 },
  ),
});

describe('every option of a search', () => {
  it('costs, serves, draws and emits what the estimate of it says', async () => {
    await fc.assert(
      fc.asyncProperty(questions, fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), async (request, picks) => {
        const { judged } = await judgedSearch(request);
        for (const pick of judged.length === 0 ? [] : picks) {
          const { option } = judged[pick % judged.length] as (typeof judged)[number];
          const estimate = estimateInference(snapshot, estimateRequestOf(request, option), AT);
          if (estimate.status !== 'feasible') throw new Error(`${optionId(option)}: ${estimate.summary}`);
          const { deployment, performance, costPerMonth, energyPerMonth, memory, prices } = estimate;
          const { point } = option;
          expect(deployment.devices, optionId(option)).toBe(point.devices);
          expect(deployment.devicesPaid).toBe(option.devicesPaid);
          expect([deployment.servingReplicas, deployment.spareReplicas]).toEqual([
            point.servingReplicas,
            point.spareReplicas,
          ]);
          expect(deployment.regionId ?? null).toBe(option.regionId);
          if (option.price !== null) expect(prices.map(({ priceId }) => priceId)).toEqual([option.price.price.id]);
          // floats rank, decimals are billed: they differ by rounding to four decimals alone
          expect(Math.abs(option.usdPerMonth - toNumber(costPerMonth.total.amount))).toBeLessThan(
            1e-3 + 1e-9 * option.usdPerMonth,
          );
          if (performance.kind === 'language') {
            expect(performance.ttftMs.p95.p50).toBeCloseTo(point.ttftMsP95 as number, 6);
            expect(performance.timePerOutputTokenMs.p95.p50).toBeCloseTo(point.timePerOutputTokenMsP95 as number, 6);
            expect(performance.endToEndMs.p95.p50).toBeCloseTo(point.endToEndMsP95, 6);
            const headroom = (100 * (memory?.headroomBytes ?? 0)) / (memory?.usableBytes ?? 1);
            expect(headroom).toBeCloseTo(point.memoryHeadroomPercent as number, 6);
          } else {
            expect(performance.latencyMs.p95.p50).toBeCloseTo(point.endToEndMsP95, 6);
          }
          expect(performance.utilizationAtPeak.p50).toBeCloseTo(point.utilizationAtPeak, 9);
          if (energyPerMonth === null) expect(option.facilityKilowattHours).toBeNull();
          else {
            const { pue, averageWattsPerDevice, gramsCo2ePerKwh } = energyPerMonth;
            const kilowattHours = (option.devicesPaid * point.paidHours * averageWattsPerDevice * pue) / 1000;
            const closeTo = (actual: number | null, wanted: number) =>
              expect(Math.abs((actual ?? Number.NaN) / wanted - 1), optionId(option)).toBeLessThan(1e-9);
            closeTo(option.facilityKilowattHours, kilowattHours);
            closeTo(option.carbonKilograms, (kilowattHours * gramsCo2ePerKwh) / 1000);
          }
        }
      }),
      { numRuns: 12, seed: 6 },
    );
  }, 60_000);
});

describe('a ranked option', () => {
  it('carries the estimate that its request gives, and its spending adds up', async () => {
    const request = { inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 300_000 }, maxOptions: 8 };
    const { options } = await feasible(request);
    expect(options).toHaveLength(8);
    for (const { estimate, estimateRequest, spending, option } of options) {
      expect(estimateInference(snapshot, estimateRequest, AT)).toEqual(estimate);
      const { hardware, ...parts } = spending;
      const sum = Object.values(parts).reduce((all, { amount }) => all + Number(amount), 0);
      expect(sum).toBeCloseTo(toNumber(hardware), 4);
      for (const { amount } of Object.values(parts)) expect(Number(amount)).toBeGreaterThanOrEqual(-1e-3);
      expect(toNumber(hardware)).toBeCloseTo(option.hardwareUsdPerMonth, 3);
    }
  });
});

describe('the device that a search takes', () => {
  const onDevice = async (
    inference: InferenceRecommendationRequest['inference'],
    device: string,
    freshPricesOnly: boolean,
  ): Promise<{ searched: number; estimated: number }> => {
    const { judged } = await judgedSearch({
      inference,
      constraints: { devices: [device], freshPricesOnly },
      purchase: { accept: ['on_demand'] },
    });
    const costs = judged.filter(({ failures }) => failures.length === 0).map(({ option }) => option.usdPerMonth);
    const answer = estimateInference(snapshot, { ...inference, device }, AT);
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    return { searched: Math.min(...costs), estimated: toNumber(answer.costPerMonth.total.amount) };
  };

  it('is estimated at the same cost when it is named, be the group large for latency or tight in memory', async () => {
    const objectives = { timePerOutputTokenMsP95: 4, ttftMsP95: 5000 };
    const fast = await onDevice(
      { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 20_000, objectives },
      'nvidia-h100-sxm5-80gb',
      true,
    );
    expect(fast.estimated).toBeCloseTo(fast.searched, 2);
    const tight = await onDevice(
      {
        model: 'deepseek-ai/DeepSeek-V3',
        requestsPerDay: 20_000,
        promptTokens: { mean: 4900 },
        serving: { weightFormat: 'int8' },
        objectives: { timePerOutputTokenMsP95: 100, ttftMsP95: 5000 },
      },
      'aws-trainium2',
      false,
    );
    expect(tight.estimated).toBeCloseTo(tight.searched, 2);
  });
});
