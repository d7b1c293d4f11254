import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import { latencyUnderLoad, utilizationOf } from '../../../../src/domain/inference/load/latency.ts';
import { kvLink } from '../../../../src/domain/inference/load/pools.ts';
import { Replica } from '../../../../src/domain/inference/load/replica.ts';
import { replicasFor } from '../../../../src/domain/inference/load/replicas.ts';
import type { InferenceRequest } from '../../../../src/domain/inference/request.ts';
import { chat, deepseek, fixed, h100, serve } from '../fixtures.ts';
import { estimate, feasible, H100, infeasible } from '../seeded-estimates.ts';

const pooled = (settings: Parameters<typeof serve>[0] = {}, lengths = chat) =>
  new Replica(serve({ disaggregated: true, networkBytesPerSecondPerDevice: 50e9, ...settings }), lengths);
const poolsOf = (replica: Replica) => {
  if (replica.pools === null) throw new Error('No pools.');
  return replica.pools;
};

describe('pools of prefill and decode', () => {
  it('gives each pool replicas in proportion to its work, at least one, and never leaves the busier one busier than need be', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30_000 }),
        fc.integer({ min: 2, max: 4000 }),
        fc.integer({ min: 2, max: 300 }),
        (prompt, output, replicas) => {
          const pools = poolsOf(pooled({}, fixed(prompt, output)));
          const { prefill, decode } = pools.split(replicas);
          expect(prefill + decode).toBe(replicas);
          expect(Math.min(prefill, decode)).toBeGreaterThanOrEqual(1);
          const busier = (first: number) =>
            Math.max(pools.prefill.secondsPerRequest / first, pools.decode.secondsPerRequest / (replicas - first));
          for (let first = 1; first < replicas; first++) {
            expect(busier(prefill)).toBeLessThanOrEqual(busier(first) * (1 + 1e-12));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('decodes without interruption, and shows the first token after the cache has crossed', () => {
    const lengths = fixed(8000, 200);
    const shared = new Replica(serve(), lengths);
    const apart = pooled({}, lengths);
    const rate = { requestsPerSecond: 0.5 * shared.limit.requestsPerSecond, arrivalCv2: 1 };
    expect(apart.limit.tpotSeconds).toBeLessThan(shared.limit.tpotSeconds);
    const together = latencyUnderLoad(shared, rate);
    const alone = latencyUnderLoad(apart, { ...rate, replicas: 4 });
    expect(alone.tpotSeconds.p95).toBeLessThan(together.tpotSeconds.p95);

    const pools = poolsOf(apart);
    // 8,000 tokens of 2 x 8 heads x 128 x 2 bytes over 32 layers
    expect(pools.transferBytes).toBeCloseTo(8000 * 32 * 2 * 8 * 128 * 2, -3);
    expect(pools.transferSeconds).toBeCloseTo(pools.transferBytes / 50e9, 9);
    const slow = latencyUnderLoad(pooled({ networkBytesPerSecondPerDevice: 1e9 }, lengths), { ...rate, replicas: 4 });
    expect(slow.ttftSeconds.p50 - alone.ttftSeconds.p50).toBeCloseTo(49 * pools.transferSeconds, 2);
    expect(slow.tpotSeconds).toEqual(alone.tpotSeconds);
  });

  it('is as busy as its busier pool, and saturates with it', () => {
    const replica = pooled();
    const pools = poolsOf(replica);
    for (const replicas of [2, 3, 7, 40]) {
      const { prefill, decode } = pools.split(replicas);
      const requestsPerSecond = 0.4 * replica.limit.requestsPerSecond;
      const whole = requestsPerSecond * replicas;
      expect(utilizationOf(replica, { requestsPerSecond, arrivalCv2: 1, replicas })).toBeCloseTo(
        Math.max(
          (whole * pools.prefill.secondsPerRequest) / prefill,
          (whole * pools.decode.secondsPerRequest) / decode,
        ),
        9,
      );
    }
    const many = { arrivalCv2: 1, replicas: 1000 };
    expect(utilizationOf(replica, { ...many, requestsPerSecond: replica.limit.requestsPerSecond })).toBeCloseTo(1, 2);
    expect(
      latencyUnderLoad(replica, { ...many, requestsPerSecond: 1.1 * replica.limit.requestsPerSecond }).stable,
    ).toBe(false);
  });

  it('needs two replicas for the smallest load and a spare in each pool', () => {
    const plan = replicasFor(
      pooled(),
      { requestsPerSecond: 0.01, arrivalCv2: 1 },
      { latency: [], maxUtilization: 0.7 },
      1,
    );
    expect(plan.servingReplicas).toBe(2);
    expect(plan.spareReplicas).toBe(2);
    expect(plan.devices).toBe(4);
    expect(plan.bindingConstraint).toBe('single_replica');
  });

  it('takes the network that is given, else the links of the devices where both replicas are in their domain', () => {
    expect(kvLink(serve({ networkBytesPerSecondPerDevice: 25e9 }))).toEqual({ bytesPerSecond: 25e9, basis: 'network' });
    expect(kvLink(serve({ tensorParallel: 4 }))).toEqual({
      bytesPerSecond: h100.linkBytesPerSecond,
      basis: 'device_link',
    });
    expect(kvLink(serve({ tensorParallel: 8 }))).toEqual({ bytesPerSecond: 50e9, basis: 'assumed_network' });
  });

  it('counts prompts of every attention rank', () => {
    const ranks = pooled({ model: deepseek, weightFormat: 'fp8', attentionDataParallel: 8, expertParallel: 8 });
    const one = pooled({ model: deepseek, weightFormat: 'fp8', tensorParallel: 8 });
    expect(poolsOf(ranks).prefill.secondsPerRequest).toBeLessThan(poolsOf(one).prefill.secondsPerRequest);
  });
});

describe('an estimate with pools', () => {
  const request: InferenceRequest = {
    model: 'meta-llama/Llama-3.1-70B',
    requestsPerDay: 3_000_000,
    device: H100,
    promptTokens: { mean: 6000 },
    outputTokens: { mean: 300 },
    serving: { weightFormat: 'fp8', disaggregated: true },
  };

  it('says how many replicas each pool has, what crosses between them and over what', () => {
    const { deployment, assumptions } = feasible(request);
    const { pools } = deployment;
    if (pools === null) throw new Error('No pools.');
    expect(pools.prefillReplicas + pools.decodeReplicas).toBe(deployment.servingReplicas);
    expect(deployment.devices).toBe(
      (deployment.servingReplicas + deployment.spareReplicas) * deployment.devicesPerReplica,
    );
    expect(deployment.spareReplicas % 2).toBe(0);
    expect(pools.kvMegabytesPerRequest).toBeCloseTo((6000 * 80 * 2 * 8 * 128) / 1e6, 3);
    expect(pools.kvTransferMs).toBeCloseTo(
      pools.kvMegabytesPerRequest / deployment.tensorParallel / pools.linkGbPerSecondPerDevice,
      6,
    );
    expect(assumptions.map(({ id }) => id)).toContain('serving.pool_matching');
    const network = feasible({ ...request, serving: { ...request.serving, networkGbPerSecondPerDevice: 25 } });
    expect(network.deployment.pools?.linkBasis).toBe('network');
    expect(feasible({ ...request, serving: { weightFormat: 'fp8' } }).deployment.pools).toBeNull();
  });

  it('keeps the objectives it is sized for', () => {
    const objectives = { timePerOutputTokenMsP95: 30, ttftMsP95: 2000 };
    const answer = feasible({ ...request, objectives });
    if (answer.performance.kind !== 'language') throw new Error('Not a language model.');
    expect(answer.performance.timePerOutputTokenMs.p95.p50).toBeLessThanOrEqual(30);
    expect(answer.performance.ttftMs.p95.p50).toBeLessThanOrEqual(2000);
  });

  it('has none on llama.cpp, and is no field of other models', () => {
    const { reasons } = infeasible({ ...request, serving: { engine: 'llama_cpp', disaggregated: true } });
    expect(reasons.map(({ detail }) => detail).join(' ')).toContain('pools');
    expect(() => estimate({ model: 'resnet50', requestsPerDay: 1e6, serving: { disaggregated: true } })).toThrow(
      RequestFaultError,
    );
  });
});
