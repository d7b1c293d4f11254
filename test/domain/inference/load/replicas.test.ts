import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencyLimits } from '../../../../src/domain/inference/latency-objectives.ts';
import { latencyUnderLoad } from '../../../../src/domain/inference/load/latency.ts';
import { Replica } from '../../../../src/domain/inference/load/replica.ts';
import { replicasFor } from '../../../../src/domain/inference/load/replicas.ts';
import type { Objectives } from '../../../../src/domain/inference/request.ts';
import type { ServingConfiguration } from '../../../../src/domain/inference/step/configuration.ts';
import { chat, llama70b, serve } from '../fixtures.ts';

const plan = (
  requestsPerSecond: number,
  objectives: Objectives = {},
  configuration: ServingConfiguration = serve({ maxSequences: 256 }),
  arrivalCv2 = 1,
) =>
  replicasFor(
    new Replica(configuration, chat),
    { requestsPerSecond, arrivalCv2 },
    { latency: latencyLimits(objectives), maxUtilization: 0.7 },
    1,
  );

describe('replicas for a load', () => {
  it('keep utilization below its cap with the fewest, plus spares', () => {
    const result = plan(200);
    const each = result.saturation.requestsPerSecond * 0.7;
    expect(result.servingReplicas).toBe(Math.ceil(200 / each));
    expect(result.replicas).toBe((result.servingReplicas as number) + 1);
    expect(result.perReplica.utilization).toBeLessThanOrEqual(0.7);
    expect(result.bindingConstraint).toBe('utilization_cap');
  });

  it('are one for a trickle, bound by nothing', () => {
    const result = plan(0.001);
    expect(result.servingReplicas).toBe(1);
    expect(result.bindingConstraint).toBe('single_replica');
    expect(result.relaxation).toBeNull();
  });

  it('hold every objective, and one fewer would break one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 20, max: 2000, noNaN: true }),
        fc.double({ min: 0.012, max: 0.06, noNaN: true }),
        fc.double({ min: 0.08, max: 1, noNaN: true }),
        (rate, tpotP95Seconds, ttftP95Seconds) => {
          const objectives = { timePerOutputTokenMsP95: tpotP95Seconds * 1000, ttftMsP95: ttftP95Seconds * 1000 };
          const result = plan(rate, objectives);
          fc.pre(result.servingReplicas !== null && result.servingReplicas > 1);
          expect(result.checks.every((check) => check.met)).toBe(true);
          const fewer = (result.servingReplicas as number) - 1;
          const configuration = serve({ maxSequences: 256 });
          const crowded = latencyUnderLoad(new Replica(configuration, chat), {
            requestsPerSecond: rate / fewer,
            arrivalCv2: 1,
          });
          const kept =
            crowded.utilization <= 0.7 &&
            crowded.tpotSeconds.p95 <= tpotP95Seconds &&
            crowded.ttftSeconds.p95 <= ttftP95Seconds;
          expect(kept).toBe(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('fall when the binding limit is relaxed, and then another limit binds', () => {
    const tight = plan(400, { timePerOutputTokenMsP95: 12 });
    expect(tight.bindingConstraint).toBe('tpot_objective');
    const relaxation = tight.relaxation;
    expect(relaxation?.parameter).toBe('tpot_p95');
    const after = plan(400, { timePerOutputTokenMsP95: 1000 * (relaxation?.to as number) });
    expect(after.servingReplicas).toBe(relaxation?.replicasAfter);
    expect(after.servingReplicas).toBeLessThan(tight.servingReplicas as number);
    expect(after.bindingConstraint).not.toBe('tpot_objective');
  });

  it('name the least change that saves some', () => {
    const tight = plan(400, { timePerOutputTokenMsP95: 12 });
    const saving = tight.nextSaving;
    expect(saving?.to).toBeGreaterThan(0.012);
    expect(saving?.to).toBeLessThan(tight.relaxation?.to as number);
    expect(plan(400, { timePerOutputTokenMsP95: 1000 * (saving?.to as number) }).servingReplicas).toBe(
      saving?.replicasAfter,
    );
  });

  it('do not exist for an objective that an idle replica misses, and it says what would do', () => {
    const result = plan(10, { ttftMsP95: 1 });
    expect(result.replicas).toBeNull();
    expect(result.bindingConstraint).toBe('ttft_objective');
    const relaxed = plan(10, { ttftMsP95: 1000 * (result.relaxation?.to as number) });
    expect(relaxed.replicas).not.toBeNull();
  });

  it('do not exist where nothing fits', () => {
    const result = plan(10, {}, serve({ model: llama70b }));
    expect(result.replicas).toBeNull();
    expect(result.bindingConstraint).toBe('memory_capacity');
  });

  it('grow with the rate and with burstiness', () => {
    const objectives = { ttftMsP95: 150 };
    let last = 0;
    for (const rate of [1, 10, 100, 1000, 10_000]) {
      const count = plan(rate, objectives).servingReplicas as number;
      expect(count).toBeGreaterThanOrEqual(last);
      last = count;
    }
    expect(plan(100, objectives, undefined, 9).servingReplicas).toBeGreaterThanOrEqual(
      plan(100, objectives).servingReplicas as number,
    );
  });

  it('answers astronomical traffic', () => {
    const result = plan(1e9);
    expect(result.servingReplicas).toBeGreaterThan(1e6);
    expect(Number.isFinite(result.servingReplicas)).toBe(true);
  });
});
