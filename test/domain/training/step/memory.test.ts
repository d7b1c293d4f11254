import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trainingMemory } from '../../../../src/domain/training/index.ts';
import { leastDevices, PeakMemory } from '../../../../src/domain/training/step/memory.ts';
import { countableBytes, decidingBytes } from '../../../../src/domain/training/step/memory-fit.ts';
import { memoryCases, stepCases } from '../../../validation/training/cases.ts';
import { predictPeakBytes } from '../../../validation/training/predictions.ts';
import { h100, layout, llama8b, workload } from '../fixtures.ts';

const bytes = (overrides: Partial<typeof llama8b.layout>) =>
  trainingMemory(llama8b.workload, llama8b.cluster, { ...llama8b.layout, ...overrides }).totalBytes;

test('the parts sum to the total of the worst rank', () => {
  const memory = trainingMemory(llama8b.workload, llama8b.cluster, llama8b.layout);
  const parts =
    memory.weightsBytes +
    memory.gradientsBytes +
    memory.optimizerBytes +
    memory.activationBytes +
    memory.logitsBytes +
    memory.communicationBytes +
    memory.overheadBytes;
  expect(parts / memory.totalBytes).toBeCloseTo(1, 9);
  expect(Math.max(...memory.byPipelineRankBytes)).toBe(memory.totalBytes);
  expect(memory.byPipelineRankBytes[memory.worstPipelineRank]).toBe(memory.totalBytes);
  expect(memory.headroomBytes).toBeCloseTo(memory.usableBytes - memory.totalBytes, 0);
});

describe('monotone', () => {
  test('in micro-batch and sequence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 64 }), (micro, kilotokens) => {
        const at = (microBatchSequences: number, sequenceLength: number) =>
          trainingMemory({ ...llama8b.workload, sequenceLength }, llama8b.cluster, {
            ...llama8b.layout,
            microBatchSequences,
          }).totalBytes;
        expect(at(micro + 1, kilotokens * 1024)).toBeGreaterThan(at(micro, kilotokens * 1024));
        expect(at(micro, kilotokens * 1024 + 1024)).toBeGreaterThan(at(micro, kilotokens * 1024));
      }),
      { numRuns: 100 },
    );
  });

  test('more sharding and more recomputation need less', () => {
    const sharding = (['none', 'zero1', 'zero2', 'zero3'] as const).map((name) =>
      bytes({ tensorParallel: 1, pipelineParallel: 1, dataParallel: 64, sharding: name }),
    );
    expect(sharding).toEqual([...sharding].sort((a, b) => b - a));
    expect(bytes({ recompute: 'none' })).toBeGreaterThan(bytes({ recompute: 'selective' }));
    expect(bytes({ recompute: 'selective' })).toBeGreaterThan(bytes({ recompute: 'full' }));
  });

  test('offloaded and 8-bit optimizers need less', () => {
    const eight = trainingMemory({ ...llama8b.workload, optimizer: 'adamw_8bit' }, llama8b.cluster, llama8b.layout);
    expect(eight.totalBytes).toBeLessThan(bytes({}));
    const offloaded = { ...llama8b.layout, optimizerOffload: true };
    const memory = trainingMemory(llama8b.workload, llama8b.cluster, offloaded);
    expect(memory.optimizerBytes).toBe(0);
    const nodes = Math.ceil(llama8b.cluster.devices / llama8b.cluster.devicesPerNode);
    // whole on the hosts together, by however many ranks they are held
    expect(memory.hostMemoryBytesPerNode * nodes).toBeGreaterThan(12 * 8e9);
    const one = {
      ...llama8b.layout,
      tensorParallel: 1,
      pipelineParallel: 1,
      dataParallel: 8,
      sharding: 'zero3' as const,
    };
    const onOneNode = trainingMemory(workload('llama-3-8b'), h100(8), { ...one, optimizerOffload: true });
    expect(onOneNode.hostMemoryBytesPerNode).toBeGreaterThan(12 * 8e9 + 8 * 32 * 2 ** 30);
  });
});

test('interleaving holds more micro-batches than 1F1B, never fewer', () => {
  const held = (virtualStages: number) =>
    trainingMemory(llama8b.workload, llama8b.cluster, {
      ...llama8b.layout,
      pipelineParallel: 4,
      dataParallel: 8,
      virtualStages,
      schedule: virtualStages > 1 ? 'interleaved' : '1f1b',
    }).microBatchesInFlight;
  expect(held(1)).toBe(4);
  expect(held(2)).toBeGreaterThan(4);
});

test('peaks asked for one after the other are those of each layout by itself, and of its worst rank', () => {
  const shapes = [
    {},
    { schedule: 'dual_pipe' },
    { pipelineParallel: 4, dataParallel: 8 },
    { pipelineParallel: 3, dataParallel: 10 },
    { tensorParallel: 4, dataParallel: 8 },
    { contextParallel: 2, dataParallel: 8 },
    { sharding: 'zero3' },
    { sharding: 'zero3', shardingGroup: 8 },
    { optimizerOffload: true },
  ] as const;
  const one = fc.record({
    shape: fc.constantFrom(...shapes),
    recompute: fc.constantFrom('none', 'selective', 'full'),
    microBatchSequences: fc.constantFrom(1, 2, 4),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 2 }), (asked) => {
      const peaks = new PeakMemory(llama8b.workload, llama8b.cluster);
      for (const { shape, ...rest } of asked) {
        const tried = { ...llama8b.layout, ...shape, ...rest };
        const peak = peaks.bytes(tried);
        expect(peak).toBe(new PeakMemory(llama8b.workload, llama8b.cluster).bytes(tried));
        expect(peak).toBe(trainingMemory(llama8b.workload, llama8b.cluster, tried).totalBytes);
      }
    }),
  );
});

test('a model that does not fit says so instead of answering 194 GB on 80', () => {
  const memory = trainingMemory(workload('llama-3-8b'), h100(8), layout({ dataParallel: 8, recompute: 'none' }));
  expect(memory.totalBytes).toBeGreaterThan(memory.capacityBytes);
  expect(memory.fit).toBeNull();
  expect(memory.headroomBytes).toBeLessThan(0);
});

test('a LoRA of 7 B at 8k tokens: logits dominate (Qwen README: 36.6 GB)', () => {
  const entry = memoryCases().find(({ id }) => id === 'qwen-7b-lora-s8192-mem');
  if (entry === undefined) throw new Error('No such case.');
  const memory = trainingMemory(entry.workload, entry.cluster, entry.layout);
  expect(memory.totalBytes / entry.peakBytes).toBeCloseTo(1, 0.9);
  expect(memory.logitsBytes).toBeGreaterThan(memory.activationBytes);
});

describe('the decision whether a run fits', () => {
  const pretraining = memoryCases().filter(({ workload: { method } }) => method === 'pretraining');

  test('never under-predicts a measured peak of pretraining by more than 10 %', () => {
    expect(pretraining.length).toBeGreaterThan(70);
    const under = pretraining.filter(
      (entry) => decidingBytes(entry.workload, predictPeakBytes(entry), 'fits') < 0.9 * entry.peakBytes,
    );
    expect(under.map(({ id }) => id)).toEqual([]);
  });

  test('rests on a count of bytes that is nowhere more than 15 % too low', () => {
    for (const entry of pretraining) expect(predictPeakBytes(entry) / entry.peakBytes).toBeGreaterThan(0.85);
  });

  test('refuses no published run whose recomputation is documented', () => {
    const documented =
      /^(llmfoundry|bloomprequel|seqsel|megatron21|megascale|titan|primus|simumax|nanotron|llama3-405b|tinyllama|mpt)/;
    const runs = stepCases().filter(
      ({ id, layoutGiven, workload: { method } }) => layoutGiven && method === 'pretraining' && documented.test(id),
    );
    expect(runs.length).toBeGreaterThan(200);
    const sureness = (entry: (typeof runs)[number]) => trainingMemory(entry.workload, entry.cluster, entry.layout).fit;
    expect(runs.filter((entry) => sureness(entry) === null).map(({ id }) => id)).toEqual([]);
    expect(runs.filter((entry) => sureness(entry) === 'unlikely').length / runs.length).toBeLessThan(0.03);
  });
});

test('no measured case fits on fewer devices than its states take at the least', () => {
  for (const { workload: job, cluster, layout: cut } of [...memoryCases(), ...stepCases()]) {
    const { totalBytes } = trainingMemory(job, cluster, cut);
    const { device, devices } = cluster;
    const holding = {
      ...device,
      memoryBytes: (totalBytes * 1e12) / countableBytes(job, { ...device, memoryBytes: 1e12 }, 'fits'),
    };
    expect(leastDevices(job, holding, cut.optimizerOffload)).toBeLessThanOrEqual(devices);
  }
});
