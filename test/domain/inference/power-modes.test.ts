import { describe, expect, it } from 'vitest';
import { powerModesOf } from '../../../src/domain/devices/power-modes.ts';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';
import { snapshot } from '../seed.ts';
import { estimate, feasible } from './seeded-estimates.ts';

const BOARDS = snapshot.devices.filter((device) => powerModesOf(device).length > 0);
const chat = (device: string, powerWatts?: number): InferenceRequest => ({
  model: 'meta-llama/Llama-3.2-1B',
  requestsPerDay: 200,
  device,
  purchase: { category: 'owned' },
  serving: { weightFormat: 'int4', ...(powerWatts !== undefined && { powerWatts }) },
});
const vision = (device: string, powerWatts?: number): InferenceRequest => ({
  model: 'resnet50-v1.5',
  requestsPerDay: 1000,
  device,
  purchase: { category: 'owned' },
  ...(powerWatts !== undefined && { serving: { powerWatts } }),
});

function tokenMs(request: InferenceRequest): number {
  const { performance } = feasible(request);
  if (performance.kind !== 'language') throw new Error('a language model answers as one');
  return performance.timePerOutputTokenMs.p50.p50;
}

function imagesPerSecond(request: InferenceRequest): number {
  const { performance } = feasible(request);
  if (performance.kind !== 'vision') throw new Error('a vision model answers as one');
  return performance.imagesPerSecondPerDevice.p50;
}

describe('a board in a power mode', () => {
  it('is never faster than with its clocks released', () => {
    expect(BOARDS.length).toBeGreaterThan(4);
    for (const board of BOARDS) {
      const free = { token: tokenMs(chat(board.id)), rate: imagesPerSecond(vision(board.id)) };
      for (const { watts, gpu, memory, accelerators } of powerModesOf(board)) {
        for (const share of [gpu, memory, accelerators]) {
          expect(share).toBeGreaterThan(0);
          expect(share).toBeLessThanOrEqual(1);
        }
        expect(tokenMs(chat(board.id, watts)), `${board.id} at ${watts} W`).toBeGreaterThanOrEqual(free.token);
        expect(imagesPerSecond(vision(board.id, watts))).toBeLessThanOrEqual(free.rate);
      }
    }
  });

  it('draws no more than its budget, and is priced as the board it is', () => {
    const id = 'nvidia-jetson-agx-orin-64gb';
    const free = feasible(vision(id));
    const capped = feasible(vision(id, 15));
    expect(capped.energyPerMonth?.averageWattsPerDevice).toBeLessThan(
      free.energyPerMonth?.averageWattsPerDevice as number,
    );
    expect(capped.deployment.deviceName).toContain('at 15 W');
    expect(capped.deployment.deviceId).toBe(id);
    if (capped.performance.kind !== 'vision') throw new Error('images');
    expect(capped.performance.evidence).toBe('scaled');
    expect(capped.performance.imagesPerSecondPerDevice.basis.kind).toBe('assumed');
  });

  it('Orin Nano Super at 25 W writes a third to a half more tokens than at 15 W, as eight small models did', () => {
    // smolhub.com, llama.cpp on JetPack 36.4.7: 36 to 47 % more output tokens/s
    const id = 'nvidia-jetson-orin-nano-super-8gb';
    const gain = tokenMs(chat(id, 15)) / tokenMs(chat(id, 25));
    expect(gain).toBeGreaterThan(1.3);
    expect(gain).toBeLessThan(1.55);
  });

  it.each([
    [chat('nvidia-jetson-agx-orin-64gb', 33)],
    [{ ...chat('nvidia-l4-24gb', 30), purchase: {} }],
    [{ model: 'resnet50-v1.5', requestsPerDay: 10, serving: { powerWatts: 15 } }],
  ] as [InferenceRequest][])('%j is refused at /serving/powerWatts', (request) => {
    try {
      estimate(request);
    } catch (error) {
      if (!(error instanceof RequestFaultError)) throw error;
      expect(error.faults[0]?.pointer).toBe('/serving/powerWatts');
      return;
    }
    throw new Error('The mode was taken.');
  });
});
