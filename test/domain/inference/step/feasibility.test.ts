import { describe, expect, it } from 'vitest';
import {
  candidateConfigurations,
  defaultEngine,
  preferredFormats,
} from '../../../../src/domain/inference/language/candidates.ts';
import { checkConfiguration } from '../../../../src/domain/inference/step/feasibility.ts';
import {
  computePeak,
  halfPeakFlops,
  languageHalfPeakFlops,
  runnableWeightFormats,
} from '../../../../src/domain/inference/step/formats.ts';
import {
  a100,
  chat,
  deepseek,
  edgeTpu,
  fixed,
  h100,
  l4,
  llama8b,
  llama70b,
  mixtral,
  orin,
  serve,
  t4,
} from '../fixtures.ts';

const codes = (...settings: Parameters<typeof serve>) =>
  checkConfiguration(serve(...settings), chat).map(({ code }) => code);

/** What is tried by itself can be loaded. */
it('tries no group that cannot share the heads of keys and values', () => {
  const phi = { ...llama8b, attention: { type: 'gqa', heads: 40, kvHeads: 10, headDim: 128 } } as const;
  const options = { weightFormats: null, maxDevices: null, everyGroup: true };
  const groups = candidateConfigurations(phi, h100, chat, {}, options).map(
    ({ configuration }) => configuration.tensorParallel,
  );
  expect(new Set(groups)).toEqual(new Set([1, 2]));
});

describe('number formats', () => {
  it('run where there are units or kernels for them', () => {
    expect(runnableWeightFormats(h100)).toEqual(['bf16', 'fp16', 'fp8', 'int8', 'int4', 'mxfp4']);
    expect(runnableWeightFormats(a100)).toEqual(['bf16', 'fp16', 'int8', 'int4', 'mxfp4']);
    expect(runnableWeightFormats(t4)).toEqual(['fp16', 'int8', 'int4']);
    expect(runnableWeightFormats(h100, 'llama_cpp')).not.toContain('fp8');
  });

  it('weight-only formats compute in 16 bits', () => {
    expect(computePeak(h100, 'int4')).toEqual({ format: 'bf16', flops: 989e12 });
    expect(computePeak(h100, 'fp8')).toEqual({ format: 'fp8', flops: 1978e12 });
    expect(computePeak(h100, 'mxfp4')).toEqual({ format: 'bf16', flops: 989e12 });
  });

  it('boards run 16 bits on their matrix units', () => {
    expect(halfPeakFlops(orin)).toBe(137.5e12 / 2);
  });

  it('language models run on the graphics of a board, without its deep-learning accelerators', () => {
    // 170 sparse TOPS of the 275
    expect(languageHalfPeakFlops(orin)).toBeCloseTo(170e12 / 4, -12);
    expect(computePeak(orin, 'int8')?.flops).toBeCloseTo(170e12 / 2, -12);
    expect(languageHalfPeakFlops(h100)).toBe(halfPeakFlops(h100));
  });
});

describe('a configuration that cannot run', () => {
  it('names the formats the device runs', () => {
    const [refusal] = checkConfiguration(serve({ device: a100, weightFormat: 'fp8' }), chat);
    expect(refusal?.code).toBe('format_not_runnable');
    expect(refusal?.alternatives).toContain('int8');
  });

  it('names the claims that are missing', () => {
    const refusals = checkConfiguration(
      serve({ device: { ...edgeTpu, id: 'a-unit-without-figures' }, engine: 'llama_cpp', weightFormat: 'int8' }),
      chat,
    );
    expect(refusals.map(({ alternatives }) => alternatives[0])).toEqual(['memory', 'memory_bandwidth']);
  });

  it('says by how many tokens the context is too long', () => {
    const [refusal] = checkConfiguration(serve(), fixed(140_000, 1000));
    expect(refusal).toMatchObject({ code: 'context_exceeds_model', required: 141_000, actual: 131_072, margin: -9928 });
  });

  it('says by how many bytes it does not fit', () => {
    const [refusal] = checkConfiguration(serve({ model: llama70b }), chat);
    expect(refusal?.code).toBe('memory');
    expect(refusal?.margin).toBeLessThan(-60e9);
    expect(refusal?.alternatives).toEqual(['2 devices at this weight format']);
  });

  it('checks the shape of the group', () => {
    expect(codes({ tensorParallel: 3 })).toContain('tensor_parallel_divides');
    // 40 query heads on 10 of keys and values (Phi-4): four ranks share the first alone
    const phi = { ...llama8b, attention: { type: 'gqa', heads: 40, kvHeads: 10, headDim: 128 } } as const;
    expect(codes({ model: phi, tensorParallel: 4 })).toContain('tensor_parallel_divides');
    expect(codes({ model: phi, tensorParallel: 2 })).not.toContain('tensor_parallel_divides');
    expect(codes({ model: { ...phi, attention: { ...phi.attention, kvHeads: 2 } }, tensorParallel: 8 })).toEqual([]);
    expect(codes({ pipelineParallel: 33 })).toContain('parallelism_exceeds_layers');
    expect(codes({ expertParallel: 2 })).toContain('expert_parallel_without_experts');
    expect(codes({ model: mixtral, tensorParallel: 2, expertParallel: 3 })).toContain('expert_parallel_divides');
    expect(codes({ model: llama70b, tensorParallel: 16 })).toContain('parallelism_exceeds_link_domain');
    expect(codes({ model: llama70b, tensorParallel: 16, networkBytesPerSecondPerDevice: 50e9 })).toEqual([]);
  });

  it('is silent about one that can', () => {
    expect(codes()).toEqual([]);
    expect(
      codes({ model: deepseek, weightFormat: 'fp8', tensorParallel: 16, networkBytesPerSecondPerDevice: 50e9 }),
    ).toEqual([]);
  });
});

describe('candidates', () => {
  const shapes = (...[model, device, base]: [typeof llama8b, typeof h100, Parameters<typeof serve>[0]?]) =>
    candidateConfigurations(model, device, chat, base).map(({ configuration }) => [
      configuration.weightFormat,
      configuration.tensorParallel,
      configuration.pipelineParallel,
    ]);

  it('start with the smallest group that has room for a batch', () => {
    expect(shapes(llama8b, h100)).toEqual([
      ['bf16', 1, 1],
      ['bf16', 2, 1],
    ]);
    expect(shapes(llama70b, h100)).toEqual([
      ['bf16', 4, 1],
      ['bf16', 8, 1],
    ]);
  });

  it('keep the published format, and narrow it only where nothing else fits', () => {
    expect(preferredFormats(deepseek, h100, 'vllm')[0]).toBe('fp8');
    expect(shapes(llama70b, l4, { networkBytesPerSecondPerDevice: null })[0]?.[0]).toBe('bf16');
    const [narrow] = candidateConfigurations(llama70b, orin, chat);
    expect(narrow?.configuration.weightFormat).toBe('int4');
  });

  it('cross the node by pipeline where there is a network', () => {
    expect(shapes(deepseek, h100, { weightFormat: 'fp8' })).toEqual([]);
    expect(shapes(deepseek, h100, { networkBytesPerSecondPerDevice: 50e9 })[0]).toEqual(['fp8', 8, 2]);
  });

  it('are all runnable', () => {
    for (const [model, device] of [
      [llama8b, h100],
      [llama70b, a100],
      [llama8b, l4],
      [mixtral, h100],
      [llama8b, t4],
      [llama8b, orin],
    ] as const) {
      const candidates = candidateConfigurations(model, device, chat);
      expect(candidates.length).toBeGreaterThan(0);
      for (const { configuration } of candidates) expect(checkConfiguration(configuration, chat)).toEqual([]);
    }
  });

  it('use the engine of the device', () => {
    expect(defaultEngine(h100)).toBe('vllm');
    expect(defaultEngine(orin)).toBe('llama_cpp');
    expect(candidateConfigurations(llama8b, edgeTpu, chat)).toEqual([]);
  });
});
