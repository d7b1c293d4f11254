import { describe, expect, it } from 'vitest';
import { closedLoop } from '../../../../src/domain/inference/load/operating-point.ts';
import { adapterWork, distinctAdapters } from '../../../../src/domain/inference/step/adapters.ts';
import { servingMemory } from '../../../../src/domain/inference/step/memory.ts';
import { chat, fixed, llama8b, mixtral, serve } from '../fixtures.ts';
import { feasible, H100 } from '../seeded-estimates.ts';

describe('adapters of rank 16 on Llama 3.1 8B', () => {
  const adapters = { resident: 16, rank: 16 };

  it('have the 41.9 M parameters that PEFT counts on all linear layers', () => {
    // q, k, v, o, gate, up, down: 16 x (8192 + 5120 + 5120 + 8192 + 3 x 18432) x 32
    expect(adapterWork(serve({ adapters }))?.elements).toBe(41_943_040);
  });

  it('take memory by the adapter, and time by the adapter that a step reads', () => {
    const plain = servingMemory(serve(), chat);
    const with16 = servingMemory(serve({ adapters }), chat);
    expect(with16.weightsBytes - plain.weightsBytes).toBe(16 * 41_943_040 * 2);
    const tpot = (resident: number) =>
      closedLoop(serve({ adapters: { resident, rank: 16 } }), 32, fixed(500, 200)).tpotSeconds;
    const none = closedLoop(serve(), 32, fixed(500, 200)).tpotSeconds;
    expect(tpot(1)).toBeGreaterThan(none);
    expect(tpot(32)).toBeGreaterThan(tpot(1));
    // beyond the batch, more adapters change little: a step reads one for each sequence at most
    expect(tpot(10_000) / tpot(320)).toBeLessThan(1.05);
  });

  it('are read once however many sequences use them', () => {
    expect(distinctAdapters({ resident: 1 }, 64)).toBe(1);
    expect(distinctAdapters({ resident: 8 }, 1)).toBeCloseTo(1, 12);
    expect(distinctAdapters({ resident: 8 }, 1000)).toBeCloseTo(8, 6);
  });

  it('adapt attention alone where the feed-forward layers are experts', () => {
    const dense = adapterWork(serve({ adapters }))?.elements as number;
    const experts = adapterWork(serve({ adapters, model: mixtral }))?.elements as number;
    expect(dense - experts).toBe(16 * 3 * (llama8b.hiddenSize + llama8b.ffnHiddenSize) * 32);
  });

  it('cost devices, never save any', () => {
    const request = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 20_000_000, device: H100 };
    const plain = feasible(request);
    const adapted = feasible({ ...request, serving: { adapters: { resident: 64, rank: 64 } } });
    expect(adapted.deployment.devices).toBeGreaterThan(plain.deployment.devices);
    expect(adapted.memory?.weightsBytes).toBeGreaterThan(plain.memory?.weightsBytes as number);
  });
});
