import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  closedLoop,
  prefillTime,
  saturation,
  stallsOf,
} from '../../../../src/domain/inference/load/operating-point.ts';
import { servingMemory } from '../../../../src/domain/inference/step/memory.ts';
import { stepModel } from '../../../../src/domain/inference/step/step.ts';
import { chat, deepseek, fixed, h100, llama70b, serve } from '../fixtures.ts';

const batch = fc.integer({ min: 1, max: 512 });
const tokens = fc.integer({ min: 16, max: 8000 });

describe('a replica at fixed concurrency', () => {
  it('is never slower on more bandwidth', () => {
    fc.assert(
      fc.property(
        batch,
        tokens,
        tokens,
        fc.double({ min: 1, max: 4, noNaN: true }),
        (concurrency, prompt, output, factor) => {
          const faster = { ...h100, memoryBandwidthBytesPerSecond: 3.35e12 * factor };
          const lengths = fixed(prompt, output);
          const base = closedLoop(serve(), concurrency, lengths);
          const wide = closedLoop(serve({ device: faster }), concurrency, lengths);
          expect(wide.requestsPerSecond).toBeGreaterThanOrEqual(base.requestsPerSecond * (1 - 1e-9));
        },
      ),
    );
  });

  it('is never slower on a higher peak', () => {
    fc.assert(
      fc.property(batch, tokens, tokens, (concurrency, prompt, output) => {
        const faster = { ...h100, densePeakFlops: { ...h100.densePeakFlops, bf16: 2 * 989e12 } };
        const lengths = fixed(prompt, output);
        const base = closedLoop(serve(), concurrency, lengths);
        const strong = closedLoop(serve({ device: faster }), concurrency, lengths);
        expect(strong.tpotSeconds).toBeLessThanOrEqual(base.tpotSeconds * (1 + 1e-9));
      }),
    );
  });

  it('gives more requests per second with more in flight, and each takes longer', () => {
    fc.assert(
      fc.property(batch, tokens, fc.integer({ min: 64, max: 4000 }), (concurrency, prompt, output) => {
        const lengths = fixed(prompt, output);
        const base = closedLoop(serve(), concurrency, lengths);
        const fuller = closedLoop(serve(), concurrency * 2, lengths);
        expect(fuller.requestsPerSecond).toBeGreaterThan(base.requestsPerSecond * 0.999);
        expect(fuller.tpotSeconds).toBeGreaterThan(base.tpotSeconds);
      }),
    );
  });

  it('takes longer per token on longer contexts', () => {
    fc.assert(
      fc.property(batch, tokens, (concurrency, prompt) => {
        const short = closedLoop(serve(), concurrency, fixed(prompt, 200));
        const long = closedLoop(serve(), concurrency, fixed(prompt * 2, 200));
        expect(long.tpotSeconds).toBeGreaterThan(short.tpotSeconds);
        expect(long.ttftSeconds).toBeGreaterThan(short.ttftSeconds);
      }),
    );
  });

  it('saves what the prefix cache holds', () => {
    const cold = closedLoop(serve(), 64, fixed(4000, 200));
    const warm = closedLoop(serve({ prefixCacheHitRate: 0.75 }), 64, fixed(4000, 200));
    expect(warm.ttftSeconds).toBeLessThan(cold.ttftSeconds * 0.6);
    expect(warm.requestsPerSecond).toBeGreaterThan(cold.requestsPerSecond);
  });

  it('integrates many chunks as it sums few', () => {
    const lengths = fixed(60_000, 100);
    const few = closedLoop(serve({ maxBatchedTokens: 16_384 }), 2, lengths).ttftSeconds;
    const many = closedLoop(serve({ maxBatchedTokens: 4096 }), 2, lengths).ttftSeconds;
    expect(many / few).toBeGreaterThan(0.95);
    expect(many / few).toBeLessThan(1.3);
  });

  it('shares of time sum to one', () => {
    const { shares } = closedLoop(serve({ tensorParallel: 4 }), 100, chat);
    expect(Object.values(shares).reduce((total, share) => total + share, 0)).toBeCloseTo(1, 9);
  });

  it('crosses to another node at the network figure', () => {
    const inside = closedLoop(serve({ model: llama70b, tensorParallel: 8 }), 64, chat);
    const across = closedLoop(
      serve({ model: llama70b, tensorParallel: 16, networkBytesPerSecondPerDevice: 50e9 }),
      64,
      chat,
    );
    expect(across.shares.communication).toBeGreaterThan(inside.shares.communication);
  });
});

describe('saturation', () => {
  it('names memory where more sequences would still pay', () => {
    const configuration = serve({ model: llama70b, weightFormat: 'fp8' });
    const memory = servingMemory(configuration, chat);
    expect(memory.maxConcurrentSequences).toBeLessThan(20);
    expect(saturation(configuration, memory, chat).boundBy).toBe('memory_capacity');
  });

  it('names the engine limit where that stops the batch', () => {
    const configuration = serve({ maxSequences: 4 });
    expect(saturation(configuration, servingMemory(configuration, chat), chat).boundBy).toBe('max_sequences');
  });

  it('names compute for long prompts and short answers', () => {
    const configuration = serve();
    const lengths = fixed(8000, 8);
    expect(saturation(configuration, servingMemory(configuration, lengths), lengths).boundBy).toBe('compute');
  });
});

describe('attention ranks that step together', () => {
  it('wait for prompts on any of them, fewer at once the rarer prompts are', () => {
    expect(stallsOf(0.3, 1)).toEqual({ factor: 1, ranks: 1 });
    // every step of every rank has prompts: nothing more to wait for
    expect(stallsOf(1, 8)).toEqual({ factor: 1, ranks: 8 });
    expect(stallsOf(2.5, 8)).toEqual({ factor: 1, ranks: 8 });
    // prompts so rare that no two meet: each rank waits for those of all
    expect(stallsOf(1e-9, 8).factor).toBeCloseTo(8, 5);
    expect(stallsOf(1e-9, 8).ranks).toBeCloseTo(1, 5);
    const half = stallsOf(0.5, 2);
    expect(half.factor).toBeCloseTo(1.5, 12);
    expect(half.ranks).toBeCloseTo(4 / 3, 12);
  });

  it('lose more decoding to prompts than one rank with the same share of them', () => {
    const lengths = fixed(4000, 400);
    const ranks = serve({ model: deepseek, weightFormat: 'fp8', attentionDataParallel: 8, expertParallel: 8 });
    const { prefillSecondsPerToken } = closedLoop(ranks, 64, lengths);
    const context = 4000 + 400 / 2;
    const { addedSeconds } = prefillTime(ranks, stepModel(ranks), 4000, 7, context, undefined, 1, 1);
    // 7 other sequences of the rank, and those of the other ranks that seldom coincide with them
    expect((prefillSecondsPerToken * 399) / (7 * addedSeconds)).toBeGreaterThan(7);
    expect((prefillSecondsPerToken * 399) / (7 * addedSeconds)).toBeLessThan(8.5);
    const { factor } = stallsOf(7 / 400, 8);
    expect(factor).toBeGreaterThan(7);
  });
});
