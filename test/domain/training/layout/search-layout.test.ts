import { describe, expect, test } from 'vitest';
import { checkLayout, clusterOf, layoutDevices, searchLayout } from '../../../../src/domain/training/index.ts';
import { clusterFor, deviceOf, stepCases } from '../../../validation/training/cases.ts';
import { h100, llama8b, llama405b, workload } from '../fixtures.ts';

describe('what the search finds', () => {
  test.each([
    ['llama-3-8b', 'h100-sxm', 8, 64],
    ['llama-3-8b', 'a100-80gb', 64, 512],
    ['llama-3-70b', 'h100-sxm', 512, 1024],
    ['llama-3.1-405b', 'h100-sxm', 16_384, 2048],
    ['deepseek-v3', 'h800-sxm', 2048, 15_360],
    ['qwen3-235b-a22b', 'gb200', 256, 8192],
    ['gpt-3-175b', 'mi355x', 256, 1536],
    ['llama-3-70b', 'tpu-v5p', 512, 1024],
    ['llama-3-8b', 'tpu-v7', 64, 512],
  ])('%s on %s x %i is feasible, fits and divides', (model, device, devices, batch) => {
    const job = workload(model, { globalBatchSequences: batch, sequenceLength: 4096 });
    const cluster = clusterFor(device, devices);
    const { status, best, runnersUp } = searchLayout(job, cluster);
    expect(status).toBe('ok');
    expect(checkLayout(job, cluster, (best as NonNullable<typeof best>).layout)).toEqual([]);
    for (const candidate of [best as NonNullable<typeof best>, ...runnersUp]) {
      expect(candidate.memory.fit).toBe('fits');
      expect(layoutDevices(candidate.layout)).toBe(devices);
    }
    expect(best?.whyNotBest).toBe('');
    for (const candidate of runnersUp) {
      expect(candidate.slowdown).toBeGreaterThanOrEqual(1);
      expect(candidate.whyNotBest).toMatch(/% slower: /);
    }
  });

  test('is at least as fast as the published layouts that fit', () => {
    const published = stepCases().filter(
      ({ layoutGiven, cluster, family }) => layoutGiven && family === 'bridge' && cluster.devices >= 64,
    );
    for (const entry of published.slice(0, 12)) {
      const free = searchLayout(entry.workload, entry.cluster);
      const fixed = searchLayout(entry.workload, entry.cluster, { fixed: entry.layout });
      if (fixed.best === null) continue;
      expect(free.best?.step.seconds).toBeLessThanOrEqual(fixed.best.step.seconds * 1.05);
    }
  });
});

test('finds the published layout of DeepSeek-V3 (arXiv 2412.19437 §3.2): 16 stages, 64-way experts, dispatch hidden', () => {
  const job = workload('deepseek-v3', {
    globalBatchSequences: 15_360,
    sequenceLength: 4096,
    precision: 'fp8',
    software: { framework: 'megatron', year: 2026 },
  });
  const { best } = searchLayout(job, clusterFor('h800-sxm', 2048));
  expect(best?.layout).toMatchObject({
    tensorParallel: 1,
    pipelineParallel: 16,
    expertParallel: 64,
    schedule: 'dual_pipe',
    recompute: 'selective',
  });
  // a whole recomputation leaves nothing to hide the dispatch behind
  const free = searchLayout(job, clusterFor('h800-sxm', 2048), { runnersUp: 20 });
  for (const { layout } of free.runnersUp) {
    expect(layout.schedule === 'dual_pipe' && layout.recompute === 'full').toBe(false);
  }
});

test('what the caller fixed stays', () => {
  const { best } = searchLayout(llama8b.workload, llama8b.cluster, {
    fixed: { tensorParallel: 4, recompute: 'full', sharding: 'zero1' },
  });
  expect(best?.layout).toMatchObject({ tensorParallel: 4, recompute: 'full', sharding: 'zero1' });
});

describe('nothing fits', () => {
  test('405 B on one node: reason, margin and the smallest cluster, on which it then fits', () => {
    const job = workload('llama-3.1-405b', { globalBatchSequences: 128 });
    const { status, best, refusals, smallestFittingDevices, leastMemory } = searchLayout(job, h100(8));
    expect(status).toBe('infeasible');
    expect(best).toBeNull();
    expect(refusals).toMatchObject([{ code: 'memory', unit: 'bytes', nearestFeasible: smallestFittingDevices }]);
    expect(refusals[0]?.margin).toBeLessThan(0);
    expect(leastMemory?.memory.fit).not.toBe('fits');
    const devices = smallestFittingDevices as number;
    expect(searchLayout({ ...job, globalBatchSequences: devices }, h100(devices)).status).toBe('ok');
  });

  test('a precision the device lacks, a batch too small for the cluster', () => {
    expect(searchLayout({ ...llama8b.workload, precision: 'nvfp4' }, llama8b.cluster).refusals).toMatchObject([
      { code: 'precision_unknown' },
    ]);
    const odd = searchLayout(workload('llama-3-8b', { globalBatchSequences: 7 }), h100(1024), {
      fixed: { tensorParallel: 1, pipelineParallel: 1, contextParallel: 1 },
    });
    expect(odd.refusals).toMatchObject([{ code: 'batch_below_data_parallel', nearestFeasible: 1024 }]);
  });

  test('absurd input is an error', () => {
    expect(() => searchLayout({ ...llama8b.workload, globalBatchSequences: -1 }, llama8b.cluster)).toThrow(RangeError);
    expect(() => searchLayout(llama8b.workload, { ...llama8b.cluster, devices: 1.5 })).toThrow(RangeError);
  });
});

describe('what is left out of the search as too slow', () => {
  // with so many wanted nothing is left out
  const all = { runnersUp: 1e6 };

  test.each([
    ['llama-3-8b', 'h100-sxm', 64, 512, { sequenceLength: 32_768 }],
    ['llama-3-70b', 'a100-80gb', 256, 1024, { software: { framework: 'fsdp', year: 2024 } }],
    ['gpt-3-175b', 'a100-80gb', 1024, 1536, { sequenceLength: 2048, software: { framework: 'megatron', year: 2021 } }],
    ['gpt-3-175b', 'a100-80gb', 96, 1536, { sequenceLength: 2048, software: { framework: 'megatron', year: 2022 } }],
    ['deepseek-v3', 'h800-sxm', 2048, 15_360, { precision: 'fp8', software: { framework: 'megatron', year: 2026 } }],
    ['qwen3-235b-a22b', 'gb200', 256, 8192, { sequenceLength: 32_768 }],
    ['qwen3-235b-a22b', 'h100-sxm', 128, 256, { software: { framework: 'megatron', year: 2026 } }],
    ['llama-3-8b', 'tpu-v7', 64, 512, {}],
    ['llama-3-8b', 'h100-sxm', 8, 64, { method: 'lora', loraRank: 16, software: { framework: 'other', year: 2025 } }],
  ] as const)('is none of the fastest: %s on %s x %i, batch %i, %o', (model, device, devices, batch, overrides) => {
    const job = workload(model, { globalBatchSequences: batch, sequenceLength: 4096, ...overrides });
    const cluster = clusterFor(device, devices);
    const every = searchLayout(job, cluster, all);
    expect(every.best).not.toBeNull();
    for (const runnersUp of [0, 3]) {
      const pruned = searchLayout(job, cluster, { runnersUp });
      expect(pruned.best).toEqual(every.best);
      expect(pruned.runnersUp).toEqual(every.runnersUp.slice(0, runnersUp));
      expect(pruned.candidatesEvaluated).toBeLessThanOrEqual(every.candidatesEvaluated);
    }
  });

  test('is much of what there is, where experts and long sequences make many cuts', () => {
    const job = workload('qwen3-235b-a22b', { globalBatchSequences: 8192, sequenceLength: 32_768 });
    const cluster = clusterFor('gb200', 1024);
    const { candidatesEvaluated } = searchLayout(job, cluster, { runnersUp: 3 });
    expect(candidatesEvaluated).toBeLessThan(searchLayout(job, cluster, all).candidatesEvaluated * 0.75);
  });
});

test('16,384 devices: the enumeration stays small', () => {
  expect(searchLayout(llama405b.workload, llama405b.cluster).candidatesEvaluated).toBeLessThan(5000);
});

test("tomorrow's chip with five public numbers gets an answer from the shrunk prior", () => {
  const chip = {
    ...deviceOf('h100-sxm'),
    id: 'custom',
    name: 'Tomorrow 1',
    vendor: 'custom',
    densePeakFlops: { bf16: 4e15 },
    memoryBytes: 400e9,
    memoryBandwidthBytesPerSecond: 16e12,
    linkBytesPerSecond: 2e12,
    linkDomainDevices: 64,
  };
  const { best } = searchLayout(llama8b.workload, clusterOf(chip, 64));
  expect(best?.step.mfu).toBeGreaterThan(0.2);
  expect(best?.step.mfu).toBeLessThan(0.7);
});
