/** Objectives are limits on the figures that are reported, at the percentile asked for. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencyLimits } from '../../../src/domain/inference/latency-objectives.ts';
import { Replica } from '../../../src/domain/inference/load/replica.ts';
import { replicasFor } from '../../../src/domain/inference/load/replicas.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';
import { sampleDevicesFor } from '../../../src/domain/inference/sample/load.ts';
import { chat, serve } from './fixtures.ts';
import { estimate, feasible, H100, infeasible } from './seeded-estimates.ts';

const CHAT_70B: InferenceRequest = { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, device: H100 };
/** Floating point orders products differently. */
const ROUNDING = 1 + 1e-9;

const languageQuestions: fc.Arbitrary<InferenceRequest> = fc.record({
  model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-70B', 'Qwen/Qwen3-30B-A3B'),
  requestsPerDay: fc.double({ min: 1, max: 1e7, noNaN: true }),
  device: fc.constantFrom(
    H100,
    'nvidia-h200-sxm5-141gb',
    'nvidia-a100-sxm4-80gb',
    'nvidia-l40s-48gb',
    'nvidia-l4-24gb',
  ),
  promptTokens: fc.record({ mean: fc.integer({ min: 10, max: 8000 }) }),
  outputTokens: fc.record({ mean: fc.integer({ min: 2, max: 2000 }) }),
  objectives: fc.record(
    {
      ttftMsP95: fc.double({ min: 20, max: 5000, noNaN: true }),
      timePerOutputTokenMsP95: fc.double({ min: 5, max: 200, noNaN: true }),
      endToEndMsP95: fc.double({ min: 500, max: 60_000, noNaN: true }),
    },
    { requiredKeys: [] },
  ),
});

const sampleQuestions: fc.Arbitrary<InferenceRequest> = fc.record({
  model: fc.constantFrom('resnet50-v1.5', 'retinanet', 'bert-large', 'sdxl', 'whisper', 'dlrm-v2'),
  requestsPerDay: fc.double({ min: 1, max: 1e9, noNaN: true }),
  device: fc.constantFrom(H100, 'nvidia-l4-24gb', 'nvidia-t4-16gb', 'intel-xeon-8592plus'),
  traffic: fc.record({ arrivalVariability: fc.constantFrom(0, 0.5, 1, 4) }),
});

describe('a latency objective', () => {
  it('holds for the median of the figure that a language model reports', () => {
    let held = 0;
    fc.assert(
      fc.property(languageQuestions, (request) => {
        const answer = estimate(request);
        if (answer.status === 'infeasible') {
          for (const reason of answer.reasons) {
            if (reason.required !== null && reason.unit === 'ms') {
              expect(reason.actual).toBeGreaterThan(reason.required);
            }
          }
          return;
        }
        if (answer.performance.kind !== 'language') throw new Error('a language model answers as one');
        const { ttftMs, timePerOutputTokenMs, endToEndMs } = answer.performance;
        const { ttftMsP95, timePerOutputTokenMsP95, endToEndMsP95 } = request.objectives ?? {};
        held++;
        if (ttftMsP95 !== undefined) expect(ttftMs.p95.p50).toBeLessThanOrEqual(ttftMsP95 * ROUNDING);
        if (timePerOutputTokenMsP95 !== undefined)
          expect(timePerOutputTokenMs.p95.p50).toBeLessThanOrEqual(timePerOutputTokenMsP95 * ROUNDING);
        if (endToEndMsP95 !== undefined) expect(endToEndMs.p95.p50).toBeLessThanOrEqual(endToEndMsP95 * ROUNDING);
      }),
      { numRuns: 200 },
    );
    expect(held).toBeGreaterThan(25);
  });

  it('holds for the median of the figure that other models report, however regular the arrivals', () => {
    let held = 0;
    fc.assert(
      fc.property(sampleQuestions, fc.double({ min: 0.5, max: 2, noNaN: true }), (request, share) => {
        const free = estimate(request);
        if (free.status === 'infeasible' || free.performance.kind === 'language') return;
        const limit = Math.max(free.performance.latencyMs.p95.p50 * share, 0.001);
        const answer = estimate({ ...request, objectives: { endToEndMsP95: limit } });
        if (answer.status === 'infeasible' || answer.performance.kind === 'language') return;
        held++;
        expect(answer.performance.latencyMs.p95.p50).toBeLessThanOrEqual(limit * ROUNDING);
      }),
      { numRuns: 200 },
    );
    expect(held).toBeGreaterThan(50);
  });

  it('is loosened in the units it was asked in', () => {
    const asked = 40;
    const answer = feasible({ ...CHAT_70B, objectives: { timePerOutputTokenMsP95: asked } });
    if (answer.performance.kind !== 'language') throw new Error('a language model answers as one');
    expect(answer.performance.timePerOutputTokenMs.p95.p50).toBeLessThanOrEqual(asked);
    const { relaxation } = answer.bindingConstraint;
    if (relaxation?.field === '/objectives/timePerOutputTokenMsP95') {
      expect(relaxation.from).toBe(asked);
      expect(relaxation.to).toBeGreaterThan(asked);
    }
  });

  it('just short of what an idle replica reaches says so, and just beyond takes a finite number', () => {
    const lowest = (ttftMsP95: number) => estimate({ ...CHAT_70B, objectives: { ttftMsP95 } });
    const out = infeasible({ ...CHAT_70B, objectives: { ttftMsP95: 1 } });
    const idle = out.reasons[0]?.actual as number;
    for (const share of [0.9, 0.99, 0.999, 1.001, 1.01, 1.1]) {
      const answer = lowest(idle * share);
      if (share < 1) {
        expect(answer.status).toBe('infeasible');
        if (answer.status === 'infeasible') expect(answer.reasons[0]).toMatchObject({ constraint: 'ttft_p95' });
      } else expect(answer.status, `${share} of ${idle} ms`).toBe('feasible');
    }
  });
});

describe('a plan that no number of replicas carries', () => {
  it('names the objective missed at every limit below what it reports', () => {
    const configuration = serve();
    const load = { requestsPerSecond: 200, arrivalCv2: 1.2 };
    const at = (ttftSeconds: number) =>
      replicasFor(
        new Replica(configuration, chat),
        load,
        { latency: latencyLimits({ ttftMsP95: ttftSeconds * 1000 }), maxUtilization: 0.7 },
        0,
        { ttft: 1.3, tpot: 1 },
      );
    const reached = at(0.001).checks.find(({ objective }) => objective === 'ttft_p95')?.actual as number;
    for (const share of [0.5, 0.9, 0.995, 0.9999]) {
      const plan = at(reached * share);
      expect(plan.replicas).toBeNull();
      expect(
        plan.checks.some(({ met }) => !met),
        `${share}`,
      ).toBe(true);
    }
    expect(at(reached * 1.0001).replicas).not.toBeNull();
  });

  it('buys no devices for a latency that no idle device reaches', () => {
    const serving = { samplesPerSecond: 100, singleStreamSeconds: 0.05 };
    for (const arrivalCv2 of [0, 0.3, 1, 5]) {
      for (const limit of [0.049, 0.05, 0.0500001, 0.051]) {
        const plan = sampleDevicesFor(
          serving,
          { requestsPerSecond: 50, arrivalCv2 },
          { latency: latencyLimits({ endToEndMsP95: limit * 1000 }), maxUtilization: 0.7 },
          0,
        );
        expect(plan.devices ?? 0, `${limit} s, cv2 ${arrivalCv2}`).toBeLessThanOrEqual(300);
        if (limit < 0.05) expect(plan.devices).toBeNull();
      }
    }
  });
});

describe('an objective at another percentile', () => {
  const figures = { ttftMs: 'ttftMs', timePerOutputTokenMs: 'timePerOutputTokenMs', endToEndMs: 'endToEndMs' } as const;
  const shares = ['p50', 'p90', 'p95', 'p99'] as const;

  it('is held by the answer at that percentile, and takes no less hardware the higher the percentile', () => {
    const idle = feasible({ ...CHAT_70B, objectives: { maxUtilization: 0.05 } }).performance;
    if (idle.kind !== 'language') throw new Error('a language model answers as one');
    for (const figure of Object.values(figures)) {
      let devices = 0;
      const limit = Math.ceil(idle[figure].p99.p50 * 1.05);
      for (const share of shares) {
        const answer = feasible({ ...CHAT_70B, objectives: { [`${figure}${share.toUpperCase()}`]: limit } });
        if (answer.performance.kind !== 'language') throw new Error('a language model answers as one');
        expect(answer.performance[figure][share].p50, `${figure} ${share}`).toBeLessThanOrEqual(limit * (1 + 1e-9));
        expect(answer.deployment.devices, `${figure} ${share}`).toBeGreaterThanOrEqual(devices);
        devices = answer.deployment.devices;
      }
    }
  });

  it('stands beside others: all of them hold', () => {
    const { performance } = feasible({
      ...CHAT_70B,
      objectives: { ttftMsP50: 400, ttftMsP99: 3000, timePerOutputTokenMsP90: 80 },
    });
    if (performance.kind !== 'language') throw new Error('a language model answers as one');
    expect(performance.ttftMs.p50.p50).toBeLessThanOrEqual(400);
    expect(performance.ttftMs.p99.p50).toBeLessThanOrEqual(3000);
    expect(performance.timePerOutputTokenMs.p90.p50).toBeLessThanOrEqual(80);
  });

  it('is held by samples too', () => {
    const serving = { samplesPerSecond: 100, singleStreamSeconds: 0.02 };
    const load = { requestsPerSecond: 500, arrivalCv2: 1 };
    let least = 0;
    for (const share of ['P50', 'P90', 'P95', 'P99'] as const) {
      const limits = { latency: latencyLimits({ [`endToEndMs${share}`]: 45 }), maxUtilization: 0.7 };
      const { devices, perDevice } = sampleDevicesFor(serving, load, limits, 0);
      expect(perDevice.latencySeconds[share.toLowerCase() as 'p50']).toBeLessThanOrEqual(0.045);
      expect(devices).toBeGreaterThanOrEqual(least);
      least = devices as number;
    }
  });
});

describe('what the first token waits for', () => {
  it('is part of its time, and grows with the load', () => {
    const at = (maxUtilization: number) => {
      const { performance } = feasible({ ...CHAT_70B, objectives: { maxUtilization } });
      if (performance.kind !== 'language') throw new Error('a language model answers as one');
      return performance;
    };
    const [calm, busy] = [at(0.3), at(0.9)];
    for (const { queueMs, ttftMs } of [calm, busy]) expect(queueMs.p95.p50).toBeLessThan(ttftMs.p95.p50);
    expect(busy.queueMs.p95.p50).toBeGreaterThan(calm.queueMs.p95.p50);
  });
});

describe('a replica of many devices', () => {
  it('splits attention by sequences and experts over all of them', () => {
    const request: InferenceRequest = {
      model: 'deepseek-ai/DeepSeek-V3',
      requestsPerDay: 1_000_000,
      device: 'nvidia-h200-sxm5-141gb',
      serving: { tensorParallel: 1, attentionDataParallel: 8, expertParallel: 8 },
    };
    const answer = feasible(request);
    expect(answer.deployment).toMatchObject({ devicesPerReplica: 8, attentionDataParallel: 8, expertParallel: 8 });
    const dense = infeasible({ ...CHAT_70B, serving: { attentionDataParallel: 2 } });
    expect(dense.reasons[0]?.constraint).toBe('expert_parallel_without_experts');
  });

  it('spans machines over the network it is given', () => {
    const request: InferenceRequest = {
      model: 'meta-llama/Llama-3.1-405B',
      requestsPerDay: 100_000,
      device: H100,
      serving: { weightFormat: 'bf16' },
    };
    infeasible(request);
    const answer = feasible({ ...request, serving: { weightFormat: 'bf16', networkGbPerSecondPerDevice: 50 } });
    expect(answer.deployment.pipelineParallel).toBe(2);
  });
});
