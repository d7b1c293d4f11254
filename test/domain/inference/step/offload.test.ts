import { describe, expect, it } from 'vitest';
import { closedLoop } from '../../../../src/domain/inference/load/operating-point.ts';
import type { InferenceRequest } from '../../../../src/domain/inference/request.ts';
import { servingMemory } from '../../../../src/domain/inference/step/memory.ts';
import { GIB } from '../../../../src/domain/units.ts';
import { snapshot } from '../../seed.ts';
import { chat, fixed, llama70b, serve } from '../fixtures.ts';
import { feasible, infeasible } from '../seeded-estimates.ts';

describe('weights in host memory', () => {
  it('make room for the KV cache, and cost a PCIe transfer in every step', () => {
    const plain = serve();
    const offloading = serve({ offloadedBytes: 4 * GIB });
    const room = servingMemory(offloading, chat).kvCacheBytes - servingMemory(plain, chat).kvCacheBytes;
    expect(room).toBe(4 * GIB);
    const extra =
      closedLoop(offloading, 1, fixed(100, 100)).tpotSeconds - closedLoop(plain, 1, fixed(100, 100)).tpotSeconds;
    // generation 5, four fifths of 63 GB/s; the host's own work hides behind the longer step
    expect(extra / ((4 * GIB) / (0.8 * 63e9))).toBeCloseTo(1, 3);
  });

  it('are never more than there are', () => {
    const memory = servingMemory(serve({ offloadedBytes: 1e15 }), chat);
    expect(memory.weightsBytes).toBe(0);
    expect(memory.offloadedBytes).toBeLessThan(20e9);
  });

  it('let one card hold what it cannot, slowly', () => {
    const configuration = serve({ model: llama70b });
    expect(servingMemory(configuration, fixed(1000, 100)).fits).toBe(false);
    expect(servingMemory({ ...configuration, offloadedBytes: 80 * GIB }, fixed(1000, 100)).fits).toBe(true);
    const request: InferenceRequest = {
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 10,
      device: 'nvidia-t4-16gb',
      promptTokens: { mean: 200 },
      serving: { tensorParallel: 1 },
    };
    const tight = infeasible({ ...request });
    expect(tight.reasons[0]?.constraint).toBe('memory');
    const answer = feasible({ ...request, serving: { tensorParallel: 1, offloadGibPerDevice: 8 } });
    expect(answer.memory?.offloadedBytes).toBe(8 * GIB);
    if (answer.performance.kind !== 'language') throw new Error('a language model answers as one');
    expect(answer.performance.timePerOutputTokenMs.p50.p50).toBeGreaterThan(300);
  });

  it('stay on machines that have as much memory', () => {
    const request: InferenceRequest = {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 1000,
      device: 'nvidia-l4-24gb',
      serving: { tensorParallel: 1, offloadGibPerDevice: 130 },
    };
    const answer = feasible(request);
    const offer = snapshot.offers.find(({ id }) => id === answer.prices[0]?.offerId);
    expect((offer?.memoryBytes ?? 0) / (offer?.deviceCount ?? 1)).toBeGreaterThan(120 * GIB);

    const beyond = infeasible({
      ...request,
      model: 'moonshotai/Kimi-K3',
      device: 'nvidia-t4-16gb',
      serving: { offloadGibPerDevice: 329 },
    });
    expect(beyond.reasons[0]?.constraint).toBe('host_memory');
    expect(infeasible({ ...request, model: 'moonshotai/Kimi-K3', serving: {} }).relaxation?.field).not.toBe(
      '/serving/offloadGibPerDevice',
    );
  });

  it('mean nothing where device and host share their memory', () => {
    const answer = infeasible({
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 10,
      device: 'apple-m2-ultra',
      purchase: { category: 'owned' },
      serving: { offloadGibPerDevice: 4 },
    });
    expect(answer.reasons[0]?.constraint).toBe('engine_device');
  });
});
