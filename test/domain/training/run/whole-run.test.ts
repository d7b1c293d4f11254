import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkpointBytes,
  defaultCluster,
  defaultGlobalBatchTokens,
  defaultPrecision,
  defaultSequenceLength,
  runClass,
  stageFactor,
  stepTime,
  trainingMemory,
  trainingStorage,
  wholeRun,
} from '../../../../src/domain/training/index.ts';
import { CALIBRATED } from '../../../../src/domain/training/step/constants.ts';
import { deviceOf, hoursCases, modelOf } from '../../../validation/training/cases.ts';
import { predictHours } from '../../../validation/training/predictions.ts';
import { llama8b, llama405b, workload } from '../fixtures.ts';

describe('published runs with their documented layout, device-hours within 20 %', () => {
  const documented = hoursCases().filter(({ layout }) => layout !== null);
  test.each(documented.map((entry) => [entry.id, entry] as const))('%s', (_, entry) => {
    const { hours } = predictHours(entry, true, CALIBRATED);
    expect(Math.abs(hours / entry.deviceHours - 1)).toBeLessThan(0.2);
  });

  test('DeepSeek-V3 at $2 per GPU-hour: $5.328 M published for pretraining', () => {
    const entry = documented.find(({ id }) => id === 'deepseek-v3-gpuh');
    if (entry === undefined) throw new Error('No DeepSeek-V3 case.');
    const dollars = predictHours(entry, true, CALIBRATED).hours * 2;
    expect(dollars).toBeGreaterThan(5.328e6 * 0.8);
    expect(dollars).toBeLessThan(5.328e6 * 1.2);
  });
});

const run = (tokens: number) =>
  wholeRun({
    tokens,
    step: stepTime(llama8b.workload, llama8b.cluster, llama8b.layout),
    devices: 64,
    devicesPerNode: 8,
    goodput: {
      failuresPerDay: 0.03,
      meanTimeBetweenInterruptionsSeconds: 2.9e6,
      checkpointSeconds: 5,
      checkpointIntervalSeconds: 3600,
      effectiveTrainingTimeRatio: 0.97,
      goodput: 0.95,
      shares: { checkpointing: 0, lostWork: 0, recovery: 0, reacquisition: 0, slowNodes: 0, evaluation: 0 },
    },
    stageFactor: 1.2,
    batchRampFactor: 1,
    spareShare: 0.03,
    experimentsMultiple: 0.5,
  });

test('doubling tokens doubles hours', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e6, max: 1e14, noNaN: true }), (tokens) => {
      expect(run(2 * tokens).deviceHours / run(tokens).deviceHours).toBeCloseTo(2, 9);
      expect(run(2 * tokens).wallClockHours / run(tokens).wallClockHours).toBeCloseTo(2, 9);
    }),
  );
});

test('device-hours are wall-clock times devices; spares are whole nodes; experiments stand apart', () => {
  const result = run(1e12);
  expect(result.deviceHours).toBeCloseTo(result.wallClockHours * 64, 6);
  expect(result.deviceHoursWithSpares).toBeCloseTo(result.wallClockHours * 72, 6);
  expect(result.programmeDeviceHours).toBeCloseTo(result.deviceHours * 1.5, 6);
  expect(result.wallClockHours).toBeCloseTo((result.cleanHours * 1.2) / 0.95, 6);
});

test('negative or absurd tokens and factors are errors', () => {
  for (const tokens of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => run(tokens)).toThrow(RangeError);
});

test('classes of runs: by method, tokens per parameter and size; every factor starts at 1', () => {
  expect(runClass(workload('llama-3-8b'), 15e12)).toBe('over_trained');
  expect(runClass(workload('llama-3-8b'), 160e9)).toBe('multi_stage');
  expect(runClass(workload('llama-3.1-405b'), 15.6e12)).toBe('large_single_stage');
  expect(runClass(workload('llama-3-8b', { method: 'lora' }), 15e12)).toBe('fine_tuning');
  for (const run of ['large_single_stage', 'multi_stage', 'over_trained', 'fine_tuning'] as const) {
    const { value, factor } = stageFactor(run);
    expect(value).toBeGreaterThanOrEqual(1);
    expect(factor.p10).toBeLessThanOrEqual(factor.p50);
    expect(factor.p90).toBeGreaterThanOrEqual(factor.p50);
  }
});

describe('defaults', () => {
  test('batch law at its anchors: Llama 3 16 M at 15.6 T, within a factor of two of GPT-3 3.2 M at 0.3 T', () => {
    const batch = (tokens: number) => defaultGlobalBatchTokens(modelOf('llama-3-8b'), 'pretraining', tokens).value;
    expect(batch(15.6e12)).toBeGreaterThanOrEqual(8e6);
    expect(batch(15.6e12)).toBeLessThanOrEqual(17e6);
    expect(batch(0.3e12)).toBeGreaterThanOrEqual(1e6);
    expect(batch(0.3e12)).toBeLessThanOrEqual(4.2e6);
    expect(() => batch(-1)).toThrow(RangeError);
  });

  test('sequence is capped by the context; precision by the device', () => {
    expect(defaultSequenceLength({ ...modelOf('llama-3-8b'), maxContextTokens: 2048 }, 'pretraining').value).toBe(2048);
    expect(defaultPrecision(deviceOf('h100-sxm'), null).value).toBe('bf16');
    expect(defaultPrecision(deviceOf('h100-sxm'), modelOf('deepseek-v3')).value).toBe('fp8');
    expect(defaultPrecision(deviceOf('a100-80gb'), modelOf('deepseek-v3')).value).toBe('bf16');
    const { bf16: _, ...peaks } = deviceOf('h100-sxm').densePeakFlops;
    expect(defaultPrecision({ ...deviceOf('h100-sxm'), densePeakFlops: peaks }, null).value).toBe('fp16');
  });

  test('the default cluster meets the deadline, and a tighter deadline never shrinks it', () => {
    const job = workload('llama-3-8b', { globalBatchSequences: 512 });
    const at = (days: number) => defaultCluster(job, 1e12, deviceOf('h100-sxm'), days);
    const relaxed = at(60);
    const best = relaxed.search.best as NonNullable<typeof relaxed.search.best>;
    const days = ((1e12 / best.step.tokensPerStep) * best.step.seconds) / 86_400;
    expect(days).toBeLessThanOrEqual(60 * 0.9);
    expect(at(10).cluster.devices).toBeGreaterThanOrEqual(relaxed.cluster.devices);
  });

  test('a LoRA of 8 B runs on one device', () => {
    const job = workload('llama-3-8b', {
      method: 'lora',
      loraRank: 16,
      sequenceLength: 4096,
      globalBatchSequences: 32,
    });
    expect(defaultCluster(job, 10e6, deviceOf('h100-sxm'), 60).cluster.devices).toBe(1);
  });
});

test('checkpoints: BLOOM 2.3 TB (176 B), LoRA stores the adapters alone', () => {
  expect(checkpointBytes(workload('bloom-176b')) / 2.3e12).toBeCloseTo(1, 0.8);
  const lora = workload('llama-3-70b', { method: 'lora', loraRank: 16 });
  expect(checkpointBytes(lora)).toBeLessThan(5e9);
});

test('storage: data loading follows the rate, writing the interval of checkpoints', () => {
  const step = stepTime(llama405b.workload, llama405b.cluster, llama405b.layout);
  const memory = trainingMemory(llama405b.workload, llama405b.cluster, llama405b.layout);
  const storage = trainingStorage(llama405b.workload, llama405b.cluster, step, memory, 600);
  expect(storage.dataLoadingBytesPerSecond).toBeCloseTo((step.tokensPerStep / step.seconds) * 4, -3);
  expect(storage.checkpointBytesPerSecondNeeded).toBeCloseTo(storage.checkpointBytes / 600, 0);
});
