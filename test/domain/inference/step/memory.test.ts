import { describe, expect, it } from 'vitest';
import {
  servingMemory,
  smallestFittingDevices,
  weightBytesPerDevice,
} from '../../../../src/domain/inference/step/memory.ts';
import { COMPILED_ENGINES } from '../../../../src/domain/inference/step/software-era.ts';
import { GIB } from '../../../../src/domain/units.ts';
import { chat, deepseek, fixed, h100, l4, llama8b, llama70b, mixtral, serve } from '../fixtures.ts';

describe('memory of a replica', () => {
  // vLLM 0.11 start-up log, H100 with 79.18 GiB usable: KV = 0.9 x 79.18 - weights - activation - context
  const logged = { ...h100, memoryBytes: 79.18 * GIB };

  it('reproduces a vLLM start-up log', () => {
    const memory = servingMemory(serve({ device: logged }), chat);
    expect(memory.weightsBytes / GIB).toBeCloseTo(14.99, 1);
    expect(memory.activationBytes / GIB).toBeCloseTo(4.76, 1);
    expect(memory.kvCacheBytes / GIB).toBeCloseTo(51.38, 0);
  });

  it('splits fp8 weights over two ranks and leaves embeddings wide', () => {
    const memory = servingMemory(
      serve({ device: logged, model: llama70b, weightFormat: 'fp8', tensorParallel: 2 }),
      chat,
    );
    expect(memory.weightsBytes / GIB).toBeCloseTo(33.88, 0);
  });

  it('sets logits aside for the largest batch a compiled engine was built for, more of them in a group', () => {
    const compiled = (tensorParallel: number, maxSequences: number, softwareEra: string | null = COMPILED_ENGINES) =>
      servingMemory(serve({ engine: 'tensorrt_llm', softwareEra, model: llama70b, tensorParallel, maxSequences }), chat)
        .activationBytes;
    const logits = 4 * llama70b.vocabularySize;
    expect(compiled(1, 2048) - compiled(1, 1024)).toBeCloseTo(3 * 1024 * logits, -3);
    expect(compiled(8, 2048) - compiled(8, 1024)).toBeGreaterThan(2 * (compiled(1, 2048) - compiled(1, 1024)));
    expect(compiled(8, 2048, null)).toBe(compiled(8, 1024, null));
  });

  it('counts keys and values of every layer per token', () => {
    const memory = servingMemory(serve(), fixed(1000, 1000));
    expect(memory.kvBytesPerToken).toBe(32 * 2 * 8 * 128 * 2);
    expect(memory.maxConcurrentSequences).toBe(Math.floor(memory.kvCacheBytes / (memory.kvBytesPerToken * 2000)));
  });

  it('keeps latent keys on every rank', () => {
    const one = servingMemory(serve({ model: deepseek, weightFormat: 'fp8', tensorParallel: 8 }), chat);
    expect(one.kvBytesPerToken).toBe(61 * (512 + 64) * 2);
  });

  it('quantizes every layer of a dense model in MXFP4, and the experts of a mixture alone', () => {
    const weights = (settings: Parameters<typeof serve>[0]) => servingMemory(serve(settings), chat).weightsBytes;
    const head = 128_256 * 8192 * 2 * 2;
    const layers = weights({ model: llama70b }) - head;
    expect((weights({ model: llama70b, weightFormat: 'mxfp4' }) - head) / layers).toBeCloseTo(0.53125 / 2, 3);
    const attention =
      weights({ model: mixtral, weightFormat: 'mxfp4' }) - weights({ model: mixtral, weightFormat: 'int4' });
    expect(attention).toBeGreaterThan(1e9);
  });

  it('caps what sliding layers keep', () => {
    const sliding = { ...llama8b, layerPattern: { full: 16, sliding: 16, slidingWindow: 128, linear: 0 } };
    const memory = servingMemory(serve({ model: sliding }), fixed(10_000, 100));
    const full = servingMemory(serve(), fixed(10_000, 100));
    expect(memory.maxConcurrentSequences).toBeGreaterThan(1.9 * full.maxConcurrentSequences);
    expect(memory.stateBytesPerSequence).toBe(16 * 2 * 8 * 128 * 2 * 128);
  });

  it('says by how much a model does not fit and which group would hold it', () => {
    const configuration = serve({ model: llama70b });
    const memory = servingMemory(configuration, chat);
    expect(memory.fits).toBe(false);
    expect(memory.headroomBytes).toBeLessThan(0);
    expect(smallestFittingDevices(configuration, chat)).toBe(2);
    expect(memory.maxConcurrentSequences).toBe(0);
  });

  it('finds the largest context of one sequence', () => {
    const memory = servingMemory(serve({ device: l4, maxSequences: 64 }), fixed(500, 100));
    expect(memory.largestContextTokens).toBe(Math.floor(memory.kvCacheBytes / memory.kvBytesPerToken));
    expect(servingMemory(serve(), chat).largestContextTokens).toBe(llama8b.maxContextTokens);
  });

  it('reserves more for outputs that vary', () => {
    const steady = servingMemory(serve(), fixed(1000, 500)).maxConcurrentSequences;
    const varied = servingMemory(serve(), {
      promptTokens: { mean: 1000, coefficientOfVariation: 0 },
      outputTokens: { mean: 500, coefficientOfVariation: 1 },
    }).maxConcurrentSequences;
    expect(varied / steady).toBeCloseTo(1500 / 2000, 1);
  });

  it('spreads layers over pipeline stages and experts over all ranks', () => {
    const whole = weightBytesPerDevice(serve({ model: deepseek, weightFormat: 'fp8', tensorParallel: 8 }));
    const staged = weightBytesPerDevice(
      serve({ model: deepseek, weightFormat: 'fp8', tensorParallel: 8, pipelineParallel: 2 }),
    );
    const spread = weightBytesPerDevice(
      serve({ model: deepseek, weightFormat: 'fp8', tensorParallel: 1, attentionDataParallel: 8, expertParallel: 8 }),
    );
    expect(staged / whole).toBeCloseTo(0.51, 1);
    expect(spread).toBeGreaterThan(whole);
    expect(spread).toBeLessThan(1.3 * whole);
  });
});
