/** A question without an answer names the reason, the nearest places and one change that was tried and helps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedRequest } from '../../../src/domain/estimate/changed-request.ts';
import type { InfeasibleInference } from '../../../src/domain/inference/estimate-result.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';
import { AT, snapshot } from '../seed.ts';
import { estimate, feasible, H100, infeasible } from './seeded-estimates.ts';

const CHAT_70B: InferenceRequest = { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 };
const VISION: InferenceRequest = { model: 'resnet50-v1.5', requestsPerDay: 1_000_000 };
const LONG_AGO = '2015-01-01T00:00:00.000Z';

/** Applies the change that was advised and asks again. */
function afterAdvice(request: InferenceRequest, { relaxation }: InfeasibleInference, at = AT) {
  if (relaxation === null) throw new Error('a change was expected');
  return relaxation.field === '/pricingAt'
    ? feasible(request, String(relaxation.to))
    : feasible(changedRequest(request, relaxation.field, relaxation.to), at);
}

describe('a place that offers nothing', () => {
  it('on the terms asked for is said with those terms', () => {
    const answer = infeasible({
      ...CHAT_70B,
      device: H100,
      location: { region: 'gcp/us-central1' },
      purchase: { category: 'committed', termMonths: 12, payment: 'all_upfront' },
    });
    expect(answer.summary).toContain('under a commitment of 12 months, all of it paid upfront in gcp/us-central1');
  });

  it.each([
    ['PK', CHAT_70B],
    ['KW', CHAT_70B],
    ['QA', CHAT_70B],
    ['ZZ', CHAT_70B],
    ['PK', VISION],
    ['ZZ', VISION],
  ])('%s: says so, names the nearest places that do, and other terms', (country, question) => {
    const request = { ...question, location: { country } };
    const answer = infeasible(request);
    expect(answer.reasons[0]).toMatchObject({ constraint: 'not_offered' });
    expect(answer.reasons[0]?.count).toBeGreaterThan(100);
    expect(answer.elsewhere.length).toBeGreaterThan(0);
    for (const { regionId, deviceId } of answer.elsewhere) {
      feasible({ ...question, device: deviceId, location: { region: regionId } });
    }
    expect(answer.relaxation).toMatchObject({ field: '/purchase/category', to: 'owned' });
    afterAdvice(request, answer);
  });

  it('names the places nearest first', () => {
    const { elsewhere } = infeasible({ ...CHAT_70B, location: { country: 'QA' } });
    const distances = elsewhere.map(({ distanceKm }) => distanceKm ?? Number.NaN);
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
    expect(distances[0]).toBeLessThan(300);
  });
});

describe('a device that nobody rents out', () => {
  it.each([
    ['nvidia-jetson-agx-orin-64gb', { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100 }],
    ['apple-m2-ultra', { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100 }],
    ['nvidia-jetson-agx-orin-64gb', VISION],
    ['google-coral-edge-tpu', VISION],
  ])('%s: is taken as owned, and says so', (device, question) => {
    const answer = feasible({ ...question, device });
    expect(answer.assumptions).toContainEqual(
      expect.objectContaining({ id: 'purchase.category', field: '/purchase/category', value: 'owned' }),
    );
    const said = feasible({ ...question, device, purchase: { category: 'owned' } });
    expect(answer.costPerMonth).toEqual(said.costPerMonth);
    expect(said.assumptions.map(({ id }) => id)).not.toContain('purchase.category');
  });

  it('stays a question of terms where they are given', () => {
    const request: InferenceRequest = {
      ...VISION,
      device: 'google-coral-edge-tpu',
      purchase: { category: 'on_demand' },
    };
    const answer = infeasible(request);
    expect(answer.relaxation).toMatchObject({ field: '/purchase/category', from: 'on_demand', to: 'owned' });
    afterAdvice(request, answer);
  });
});

describe('a date before the first price', () => {
  it.each([CHAT_70B, { ...CHAT_70B, device: H100 }, VISION])('%j: names one that has prices', (request) => {
    const answer = infeasible(request, LONG_AGO);
    expect(answer.reasons[0]).toMatchObject({ constraint: 'not_offered' });
    expect(answer.relaxation).toMatchObject({ field: '/pricingAt', from: LONG_AGO });
    afterAdvice(request, answer);
  });
});

describe('an advised change', () => {
  const questions: InferenceRequest[] = [
    { ...CHAT_70B, objectives: { ttftMsP95: 10 } },
    { ...CHAT_70B, objectives: { timePerOutputTokenMsP95: 0.5 } },
    { ...CHAT_70B, device: H100, objectives: { timePerOutputTokenMsP95: 1 } },
    { ...CHAT_70B, device: H100, location: { country: 'SA' } },
    { ...CHAT_70B, device: H100, location: { country: 'AE' }, purchase: { category: 'spot' } },
    { ...CHAT_70B, device: H100, serving: { weightFormat: 'fp4' } },
    { ...CHAT_70B, device: H100, serving: { tensorParallel: 3 } },
    { ...CHAT_70B, device: H100, promptTokens: { mean: 200_000 } },
    { ...CHAT_70B, device: H100, serving: { memoryUtilization: 0.1 } },
    { ...CHAT_70B, device: H100, serving: { maxSequences: 100_000 } },
    { ...CHAT_70B, device: H100, serving: { attentionDataParallel: 8 } },
    { ...CHAT_70B, device: 'google-coral-edge-tpu' },
    { model: 'bert-large', requestsPerDay: 100, device: 'google-coral-edge-tpu' },
    { ...VISION, objectives: { endToEndMsP95: 0.01 } },
    { ...VISION, device: 'nvidia-t4-16gb', serving: { weightFormat: 'fp8' } },
    { model: 'meta-llama/Llama-3.1-405B', requestsPerDay: 1e5, device: H100, serving: { weightFormat: 'bf16' } },
  ];

  it.each(questions)('makes it possible, with as many devices as it says: %j', (request) => {
    const answer = infeasible(request);
    const after = afterAdvice(request, answer);
    expect(answer.relaxation?.effect).toContain(
      `${after.deployment.devices.toLocaleString('en-US')} x ${after.deployment.deviceName} then carry the load`,
    );
  });

  it('adds stages where the model is too large for one machine', () => {
    const answer = infeasible(questions.at(-1) as InferenceRequest);
    expect(answer.relaxation).toMatchObject({ field: '/serving/pipelineParallel', to: 2 });
  });

  it('loosens an objective for the device that comes closest, not for the first', () => {
    const request: InferenceRequest = { ...CHAT_70B, objectives: { timePerOutputTokenMsP95: 0.5 } };
    const advised = infeasible(request).relaxation?.to as number;
    const ofEach = snapshot.devices.flatMap(({ id }) => {
      const named = estimate({ ...request, device: id });
      const { relaxation = null } = named.status === 'infeasible' ? named : {};
      return relaxation?.field === '/objectives/timePerOutputTokenMsP95' ? [relaxation.to as number] : [];
    });
    expect(ofEach.length).toBeGreaterThan(10);
    expect(advised).toBe(Math.min(...ofEach));
  });
});

const questions: fc.Arbitrary<InferenceRequest> = fc.record(
  {
    model: fc.constantFrom(
      'meta-llama/Llama-3.1-8B',
      'meta-llama/Llama-3.1-405B',
      'deepseek-ai/DeepSeek-V3',
      'resnet50-v1.5',
      'whisper',
      'bert-large',
    ),
    requestsPerDay: fc.constantFrom(10, 1e5, 1e8),
    device: fc.constantFrom(...snapshot.devices.map(({ id }) => id)),
    location: fc.record(
      {
        country: fc.constantFrom('AE', 'SA', 'PK', 'QA', 'US', 'ZZ'),
        provider: fc.constantFrom('aws', 'azure', 'gcp'),
      },
      { requiredKeys: [] },
    ),
    purchase: fc.record({ category: fc.constantFrom('on_demand', 'spot', 'committed', 'owned') }),
    objectives: fc.record({ endToEndMsP95: fc.constantFrom(0.5, 20, 5000) }),
    serving: fc.record({ weightFormat: fc.constantFrom('bf16', 'fp8', 'int8') }),
  },
  { requiredKeys: ['model', 'requestsPerDay'] },
) as fc.Arbitrary<InferenceRequest>;

describe('any question without an answer', () => {
  it('says why, and what it advises helps', () => {
    let advised = 0;
    fc.assert(
      fc.property(questions, (request) => {
        const answer = estimate(request);
        if (answer.status === 'feasible') return;
        expect(answer.reasons.length).toBeGreaterThan(0);
        expect(answer.summary.length).toBeGreaterThan(40);
        // two things may stand against it at once
        if (answer.relaxation === null) return;
        advised++;
        afterAdvice(request, answer);
      }),
      { numRuns: 120 },
    );
    expect(advised).toBeGreaterThan(20);
  });
});

describe('the words of a reason', () => {
  it('have the name of the device once', () => {
    for (const { id, name } of snapshot.devices) {
      const answer = estimate({ ...CHAT_70B, device: id, serving: { weightFormat: 'fp4' } });
      if (answer.status !== 'infeasible') continue;
      const [first] = answer.reasons;
      expect(first?.detail.split(name), first?.detail).toHaveLength(2);
    }
  });
});
