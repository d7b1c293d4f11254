import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencyUnderLoad } from '../../../../src/domain/inference/load/latency.ts';
import { Replica } from '../../../../src/domain/inference/load/replica.ts';
import { percentile, percentiles, queueWait } from '../../../../src/domain/inference/load/wait.ts';
import { chat, fixed, l4, llama70b, serve } from '../fixtures.ts';
import { simulateServing } from './serving-simulation.ts';

const atLoad = (configuration = serve({ maxSequences: 256 }), lengths = chat) => {
  const replica = new Replica(configuration, lengths);
  const { memory, limit } = replica;
  return {
    memory,
    limit,
    latency: (utilization: number, arrivalCv2 = 1) =>
      latencyUnderLoad(replica, {
        requestsPerSecond: utilization * limit.requestsPerSecond,
        arrivalCv2,
      }),
  };
};

describe('latency against a discrete-event simulation', () => {
  const heavy = {
    promptTokens: { mean: 2000, coefficientOfVariation: 1.2 },
    outputTokens: { mean: 200, coefficientOfVariation: 1 },
  };
  const cases = [
    ['8B on one H100, chat', serve({ maxSequences: 256 }), chat],
    ['70B on four, heavy prompts', serve({ model: llama70b, tensorParallel: 4, maxSequences: 256 }), heavy],
    ['8B on an L4, fixed lengths', serve({ device: l4, weightFormat: 'fp8', maxSequences: 32 }), fixed(300, 300)],
  ] as const;

  it.each(cases)(
    '%s: medians within 20 % (first tokens at most a quarter too long), tails at most 40 % too short and twice too long up to 70 % load',
    (_, configuration, lengths) => {
      const { memory, limit, latency } = atLoad(configuration, lengths);
      for (const utilization of [0.2, 0.5, 0.7]) {
        const simulated = simulateServing(
          configuration,
          lengths,
          utilization * limit.requestsPerSecond,
          memory.maxConcurrentSequences,
          4000,
        );
        const predicted = latency(utilization);
        const within = (ratio: number, share: number, above = share) => {
          expect(ratio).toBeGreaterThan(1 - share);
          expect(ratio).toBeLessThan(1 + above);
        };
        within(predicted.meanConcurrency / simulated.meanConcurrency, 0.2);
        within(predicted.ttftSeconds.p50 / simulated.ttftSeconds.p50, 0.2, 0.25);
        within(predicted.tpotSeconds.p50 / simulated.tpotSeconds.p50, 0.2);
        within(predicted.endToEndSeconds.p50 / simulated.endToEndSeconds.p50, 0.2);
        within(predicted.endToEndSeconds.p95 / simulated.endToEndSeconds.p95, 0.25);
        within(predicted.ttftSeconds.p95 / simulated.ttftSeconds.p95, 0.4, 1);
        within(predicted.tpotSeconds.p95 / simulated.tpotSeconds.p95, 0.45);
      }
    },
  );

  it('saturates within 15 % of the simulated capacity', () => {
    for (const [, configuration, lengths] of cases) {
      const { memory, limit } = atLoad(configuration, lengths);
      const simulated = simulateServing(
        configuration,
        lengths,
        3 * limit.requestsPerSecond,
        memory.maxConcurrentSequences,
        4000,
      );
      expect(Math.abs(limit.requestsPerSecond / simulated.finishedPerSecond - 1)).toBeLessThan(0.15);
    }
  });
});

describe('latency under load', () => {
  const { latency, memory } = atLoad();

  it('grows with the rate and with burstiness', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.9, noNaN: true }), (utilization) => {
        const light = latency(utilization);
        const heavier = latency(utilization * 1.1);
        expect(heavier.ttftSeconds.p95).toBeGreaterThanOrEqual(light.ttftSeconds.p95 * 0.999);
        expect(heavier.tpotSeconds.mean).toBeGreaterThanOrEqual(light.tpotSeconds.mean * 0.999);
        expect(heavier.meanConcurrency).toBeGreaterThan(light.meanConcurrency);
        expect(latency(utilization, 4).ttftSeconds.p95).toBeGreaterThanOrEqual(light.ttftSeconds.p95 * 0.999);
      }),
    );
  });

  it('orders its percentiles and parts', () => {
    for (const utilization of [0.1, 0.6, 0.95]) {
      const result = latency(utilization);
      for (const { p50, p95, p99 } of [
        result.ttftSeconds,
        result.tpotSeconds,
        result.endToEndSeconds,
        result.queueWaitSeconds,
      ]) {
        expect(p50).toBeLessThanOrEqual(p95);
        expect(p95).toBeLessThanOrEqual(p99);
      }
      expect(result.ttftSeconds.p95).toBeGreaterThanOrEqual(result.queueWaitSeconds.p95);
      expect(result.endToEndSeconds.p50).toBeGreaterThan(result.ttftSeconds.p50);
    }
  });

  it('promises nothing above 80 % of capacity, and says why', () => {
    expect(latency(0.79).promise).toEqual({ ok: true, reason: null });
    expect(latency(0.85).promise.ok).toBe(false);
    expect(latency(0.85).promise.reason).toContain('capacity');
  });

  it('is unstable at and beyond saturation', () => {
    for (const utilization of [1, 1.0001, 50, 1e12]) {
      const result = latency(utilization);
      expect(result.stable).toBe(false);
      expect(result.ttftSeconds.p50).toBe(Number.POSITIVE_INFINITY);
      expect(result.meanConcurrency).toBe(memory.maxConcurrentSequences);
      expect(result.promise.ok).toBe(false);
    }
  });

  it('of an idle replica is its service time', () => {
    const idle = latency(1e-9);
    expect(idle.queueWaitSeconds.p99).toBe(0);
    expect(idle.meanConcurrency).toBeLessThan(1e-3);
  });
});

describe('waits', () => {
  it('of a single exponential server match M/M/1', () => {
    // M/M/1, rho 0.5, service 1 s: P(wait > t) = 0.5 exp(-t / 2)
    const wait = queueWait(1, 0.5, 1, 1, 1);
    expect(wait).toEqual({ probability: 0.5, conditionalMeanSeconds: 2 });
    const { mean, p95 } = percentiles(
      wait,
      { probability: 0, conditionalMeanSeconds: 0 },
      { meanSeconds: 0, varianceSeconds2: 0 },
    );
    expect(mean).toBeCloseTo(1, 9);
    expect(p95).toBeCloseTo(2 * Math.log(0.5 / 0.05), 2);
  });

  it('of two equal exponential queues convolve', () => {
    const both = { probability: 1, conditionalMeanSeconds: 1 };
    // Erlang-2: P(t) = (1 + t) exp(-t) = 0.05 at 4.744
    const { p95 } = percentiles(both, both, { meanSeconds: 0, varianceSeconds2: 0 });
    expect(p95).toBeCloseTo(4.744, 1);
  });
});

describe('a percentile that only has to be told from a limit', () => {
  const wait = fc.record({
    probability: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
    conditionalMeanSeconds: fc.double({ min: 1e-4, max: 10, noNaN: true }),
  });
  const service = fc.record({
    meanSeconds: fc.double({ min: 1e-3, max: 10, noNaN: true }),
    varianceSeconds2: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 10, noNaN: true })),
  });

  it('is on the same side of it as one that is worked out in full', () => {
    fc.assert(
      fc.property(
        wait,
        wait,
        service,
        fc.constantFrom(0.5, 0.95, 0.99),
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        fc.double({ min: 0.2, max: 3, noNaN: true }),
        (first, second, work, probability, scale, share) => {
          const full = percentile(first, second, work, probability) * scale;
          for (const limit of [full, full * share, full * (1 + (share - 1) / 1000)]) {
            const near = percentile(first, second, work, probability, scale, limit) * scale;
            expect(near <= limit).toBe(full <= limit);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('percentiles under waits that are rare and long', () => {
  const waits = fc.record({
    probability: fc.double({ min: 1e-6, max: 0.3, noNaN: true }),
    conditionalMeanSeconds: fc.double({ min: 0.01, max: 100, noNaN: true }),
  });
  const services = fc.record({
    meanSeconds: fc.double({ min: 0.01, max: 2, noNaN: true }),
    varianceSeconds2: fc.double({ min: 0, max: 0.01, noNaN: true }),
  });

  it('rise with their share, however short the service is beside the wait', () => {
    fc.assert(
      fc.property(waits, services, (wait, service) => {
        const { p50, p90, p95, p99 } = percentiles(wait, { probability: 0, conditionalMeanSeconds: 0 }, service);
        expect(p50).toBeLessThanOrEqual(p90);
        expect(p90).toBeLessThanOrEqual(p95);
        expect(p95).toBeLessThanOrEqual(p99);
      }),
    );
  });

  it('are met within a thousandth: without spread a wait is exponential', () => {
    const wait = { probability: 0.05001, conditionalMeanSeconds: 70 };
    const service = { meanSeconds: 0.09, varianceSeconds2: 0 };
    const exact = 0.09 + 70 * Math.log(0.05001 / 0.05);
    expect(percentiles(wait, { probability: 0, conditionalMeanSeconds: 0 }, service).p95 / exact).toBeCloseTo(1, 2.9);
  });
});
