import { describe, expect, it } from 'vitest';
import decode from '../../../../src/domain/calibration/decode-constants.json' with { type: 'json' };
import type { Device } from '../../../../src/domain/devices/device.ts';
import { coresOf } from '../../../../src/domain/devices/processor-cores.ts';
import type { ServingConfiguration, WeightStorage } from '../../../../src/domain/inference/step/configuration.ts';
import {
  deviceLevelKey,
  familyLevelKey,
  INFERENCE_CONSTANTS,
  type InferenceConstants,
  measuredLevel,
} from '../../../../src/domain/inference/step/efficiency.ts';
import { weightBytesPerDevice } from '../../../../src/domain/inference/step/memory.ts';
import { StepModel } from '../../../../src/domain/inference/step/step.ts';
import { uncertainty } from '../../../../src/domain/inference/step/uncertainty.ts';
import { levelsOf } from '../../../validation/inference/decode-levels.ts';
import { edgeTpu, h100, llama8b, mixtral, orin, serve } from '../fixtures.ts';

/** A neural unit of a board, and a desktop card, that nobody measured. */
const unit: Device = {
  ...edgeTpu,
  id: 'unmeasured-unit',
  densePeakFlops: { int8: 40e12, fp16: 10e12 },
  memoryBytes: 16e9,
  memoryBandwidthBytesPerSecond: 60e9,
};
const card: Device = {
  ...h100,
  id: 'unmeasured-card',
  class: 'inference_gpu',
  formFactor: 'PCIe',
  memoryBandwidthBytesPerSecond: 500e9,
};

const plain: InferenceConstants = { ...INFERENCE_CONSTANTS, deviceLevels: {}, familyLevels: {} };
const local = (settings: Partial<ServingConfiguration> = {}) =>
  serve({ engine: 'llama_cpp', weightFormat: 'int4', device: unit, ...settings });
const token = (settings: Partial<ServingConfiguration>, constants = plain, context = 100) =>
  new StepModel(local(settings), constants).run(0, 0, 1, context, 1);

describe('decode on one device', () => {
  it('stands at the level of its device times that of its model family', () => {
    const constants: InferenceConstants = {
      ...plain,
      deviceLevels: { [deviceLevelKey(unit, 'llama_cpp')]: { level: 0.5, measured: 3 } },
      familyLevels: { [familyLevelKey('llama', unit, 'llama_cpp')]: { level: 0.8, measured: 2 } },
    };
    expect(measuredLevel('llama', unit, 'llama_cpp', constants)).toBeCloseTo(0.4, 12);
    expect(measuredLevel('qwen2', unit, 'llama_cpp', constants)).toBe(0.5);
    expect(measuredLevel('llama', card, 'llama_cpp', constants)).toBe(1);
    expect(token({}, constants) / token({})).toBeCloseTo(1 / 0.4, 1);
  });

  it('does not carry the level of one runtime over to another', () => {
    const deviceLevels = { [deviceLevelKey(orin, 'llama_cpp')]: { level: 0.5, measured: 3 } };
    expect(measuredLevel('llama', orin, 'vllm', { ...plain, deviceLevels })).toBe(1);
  });

  it('knows no levels of data-center devices under a serving engine', () => {
    const constants = INFERENCE_CONSTANTS;
    expect(measuredLevel(llama8b.family, h100, 'vllm', constants)).toBe(1);
    for (const { level, measured } of [...Object.values(decode.deviceLevels), ...Object.values(decode.familyLevels)]) {
      expect(level).toBeGreaterThan(0.2);
      expect(level).toBeLessThan(2);
      expect(measured).toBeGreaterThan(0);
    }
  });

  it('slows 4-bit weights of an export with float activations, and no others', () => {
    for (const [weightFormat, slower] of [
      ['int4', true],
      ['int8', false],
      ['bf16', false],
    ] as const) {
      const [float, integer] = [true, false].map((floatActivations) => token({ weightFormat, floatActivations }));
      if (slower) expect(float).toBeGreaterThan(1.1 * (integer as number));
      else expect(float).toBe(integer);
    }
  });

  it('leaves the output projection of a neural unit at 8 bits', () => {
    const step = new StepModel(local(), plain);
    step.run(0, 0, 1, 1, 1);
    const bytesSeconds = (4096 * 128256) / (60e9 * plain.llamaCpp.edge.mbu.four);
    // memory with a little arithmetic
    expect(step.headSeconds / bytesSeconds).toBeGreaterThan(1);
    expect(step.headSeconds / bytesSeconds).toBeLessThan(1.1);
  });

  it('narrows the output projection with the layers on a Rockchip unit', () => {
    const [rockchip, other] = [{ ...unit, vendor: 'Rockchip' }, unit].map((device) => {
      const step = new StepModel(local({ device }), plain);
      step.run(0, 0, 1, 1, 1);
      return step.headSeconds;
    }) as [number, number];
    expect(rockchip / other).toBeCloseTo(0.515, 1);
  });

  it('reads as many bytes as the file has where that is known', () => {
    const stored = (settings: Partial<WeightStorage>, weightFormat: 'int4' | 'bf16' = 'int4') => {
      const step = new StepModel(
        local({ weightFormat, weightStorage: { layerBits: null, headBits: null, besideExperts: null, ...settings } }),
        plain,
      );
      step.run(0, 0, 1, 1, 1);
      return step;
    };
    const usual = stored({});
    expect(stored({ layerBits: 8 }).memorySeconds / stored({ layerBits: 4 }).memorySeconds).toBeCloseTo(2, 1);
    expect(stored({ layerBits: 8 }).headSeconds).toBe(usual.headSeconds);
    expect(stored({ headBits: 4 }).headSeconds / usual.headSeconds).toBeCloseTo(0.5, 1);
    expect(stored({ headBits: 4 }).memorySeconds).toBe(usual.memorySeconds);
  });

  it('reads a mixture at two widths where its file narrows the experts alone', () => {
    const weightStorage: WeightStorage = { layerBits: null, headBits: null, besideExperts: 'bf16' };
    const board = (settings: Partial<ServingConfiguration>) =>
      serve({ engine: 'vllm', weightFormat: 'int4', device: orin, model: mixtral, ...settings });
    const bytes = (settings: Partial<ServingConfiguration>) => weightBytesPerDevice(board(settings));
    expect(bytes({ weightStorage })).toBeGreaterThan(bytes({}));
    expect(bytes({ weightStorage })).toBeLessThan(bytes({ weightFormat: 'bf16' }));
    const seconds = (settings: Partial<ServingConfiguration>) =>
      new StepModel(board(settings), plain).run(0, 0, 1, 1, 1);
    expect(seconds({ weightStorage })).toBeGreaterThan(seconds({}));
  });

  it('pays for a scheduler in Python on the cores of a board, and not for a compiled one', () => {
    const without = { ...plain, boardStepSeconds: 0 };
    const added = (settings: Partial<ServingConfiguration>) => {
      const configuration = serve({ weightFormat: 'int4', device: orin, softwareEra: 'vllm_2025', ...settings });
      const seconds = (constants: InferenceConstants) => new StepModel(configuration, constants).run(0, 0, 1, 1, 1);
      return seconds(plain) - seconds(without);
    };
    expect(added({ engine: 'vllm' })).toBeCloseTo(plain.boardStepSeconds, 9);
    expect(added({ engine: 'tensorrt_llm', softwareEra: null })).toBe(0);
    expect(added({ engine: 'vllm', device: h100 })).toBe(0);
  });

  it('charges each hand-over where layers are spread over several devices', () => {
    const spread = (pipelineParallel: number) => token({ device: card, pipelineParallel });
    expect(spread(3) - spread(2)).toBeCloseTo(spread(2) - spread(1), 9);
    expect(spread(2)).toBeGreaterThanOrEqual(spread(1));
  });

  it('charges layers with recurrent state on top of the rest', () => {
    const kind = plain.llamaCpp.gpu;
    const recurrent = { ...llama8b, layerPattern: { full: 8, sliding: 0, slidingWindow: 0, linear: 24 } };
    const seconds = (linearLayerSeconds: number) =>
      token(
        { device: card, model: recurrent },
        {
          ...plain,
          llamaCpp: {
            ...plain.llamaCpp,
            gpu: { ...kind, linearLayerSeconds },
            gpu_stacked: { ...plain.llamaCpp.gpu_stacked, linearLayerSeconds },
          },
        },
      );
    expect(seconds(1e-4) - seconds(0)).toBeCloseTo(24e-4, 9);
  });

  it('charges a processor for every thread that waits at the end of an operation', () => {
    const processor = (id: string): Device => ({ ...card, id, class: 'cpu', formFactor: 'socket' });
    const [many, few] = ['amd-epyc-9965', 'intel-n150'].map((id) => token({ device: processor(id) })) as [
      number,
      number,
    ];
    expect(many - few).toBeCloseTo(llama8b.layers * (192 - 4) * plain.llamaCpp.cpu.threadSeconds, 9);
    expect(coresOf({ id: 'amd-epyc-9965', class: 'inference_gpu', formFactor: 'socket' })).toBeNull();
    expect(coresOf({ id: 'one-of-a-phone', class: 'cpu', formFactor: 'core' })).toBe(1);
  });

  it('bounds narrow weights on a graphics unit by what widening them takes, and wide ones by memory alone', () => {
    const apple: Device = {
      ...card,
      id: 'unmeasured-apple',
      vendor: 'Apple',
      class: 'edge',
      densePeakFlops: { fp32: 10e12 },
    };
    const slower = { ...apple, densePeakFlops: { fp32: 5e12 } };
    const ratio = (weightFormat: 'int4' | 'fp16') =>
      token({ device: slower, weightFormat }) / token({ device: apple, weightFormat });
    expect(ratio('int4')).toBeGreaterThan(1.15);
    expect(ratio('fp16')).toBeLessThan(1.05);
  });

  it('reads prompts at the level that its device was measured at, and decodes as before', () => {
    const prefillLevels = { [deviceLevelKey(unit, 'llama_cpp')]: { level: 2, measured: 4 } };
    const faster: InferenceConstants = { ...plain, prefillLevels };
    const prompt = (constants: InferenceConstants) => new StepModel(local(), constants).run(2000, 0, 0, 0, 2000);
    const slower: InferenceConstants = { ...plain, prefillLevels: {} };
    expect(prompt(slower) / prompt(faster)).toBeGreaterThan(1.5);
    expect(token({}, slower) / token({}, faster)).toBeCloseTo(1, 1);
  });

  it('bands the time to first token by measured prompts, and the time per token by measured rates', () => {
    const phone = local({ device: { ...unit, id: 'qualcomm-snapdragon-8-elite' } });
    const ttft = uncertainty(phone, 'ttft');
    const tpot = uncertainty(phone, 'tpot');
    expect(ttft.basis.id).toBe('inference/prefill_edge/llama_cpp/edge/measured_device');
    expect(ttft.p90 / ttft.p10).toBeGreaterThan(tpot.p90 / tpot.p10);
  });

  it('slows down with the context that it reads', () => {
    for (const device of [unit, card, orin]) {
      let last = 0;
      for (const context of [1, 1000, 4000, 16_000, 64_000]) {
        const seconds = token({ device }, INFERENCE_CONSTANTS, context);
        expect(seconds, `${device.id} at ${context}`).toBeGreaterThan(last);
        last = seconds;
      }
    }
  });

  it('is faster on more bandwidth and with narrower weights, whatever the class', () => {
    for (const device of [unit, card, orin]) {
      const faster = { ...device, memoryBandwidthBytesPerSecond: 1.5 * (device.memoryBandwidthBytesPerSecond ?? 0) };
      expect(token({ device: faster })).toBeLessThan(token({ device }));
      const [four, eight, half] = (['int4', 'int8', 'bf16'] as const).map((weightFormat) =>
        token({ device, weightFormat }),
      ) as [number, number, number];
      expect(four).toBeLessThan(eight);
      expect(eight).toBeLessThan(half);
    }
  });
});

describe('levels from measured pairs', () => {
  const pair = (device: string, family: string, deviation: number) => ({
    group: `${family} on ${device}`,
    device,
    family,
    kind: 'gpu',
    deviation,
  });
  const pairs = ['a', 'b', 'c', 'd'].flatMap((device, index) =>
    ['x', 'y', 'z'].map((family) => pair(device, family, index === 0 ? -0.5 : 0.02 * index)),
  );

  it('are 1 where every pair agrees with its class', () => {
    const { deviceLevels, familyLevels } = levelsOf(pairs.map((entry) => ({ ...entry, deviation: 0 })));
    for (const { level } of [...Object.values(deviceLevels ?? {}), ...Object.values(familyLevels ?? {})])
      expect(level).toBe(1);
  });

  it('find the slow device, drawn to its class', () => {
    const level = levelsOf(pairs).deviceLevels?.a?.level ?? Number.NaN;
    expect(level).toBeGreaterThan(Math.exp(-0.5));
    expect(level).toBeLessThan(0.75);
  });

  it('are drawn further where fewer pairs speak', () => {
    const fewer = pairs.filter(({ device, family }) => device !== 'a' || family === 'x');
    expect(levelsOf(fewer).deviceLevels?.a?.level).toBeGreaterThan(levelsOf(pairs).deviceLevels?.a?.level ?? 1);
  });

  it('know nothing of a pair that is held out', () => {
    const held = 'x on a';
    const wild = pairs.map((entry) => (entry.group === held ? { ...entry, deviation: 3 } : entry));
    const keep = (entry: { group: string }) => entry.group !== held;
    expect(levelsOf(wild, keep)).toEqual(levelsOf(pairs, keep));
  });

  it('do not depend on the order of the pairs', () => {
    expect(levelsOf(pairs.toReversed())).toEqual(levelsOf(pairs));
  });

  it('are not carried away by one wrong row', () => {
    const wrong = [...pairs, { ...pair('b', 'w', 2), group: 'wrong' }];
    expect(levelsOf(wrong).deviceLevels?.b?.level).toBeLessThan(1.2);
  });
});
