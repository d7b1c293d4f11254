/** What components wait for each other on machines that they share. */
import { describe, expect, it } from 'vitest';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import type { PlacementRequest } from '../../../src/domain/placement/request.ts';
import { sharedResponse } from '../../../src/domain/placement/shared-queue.ts';
import { AT, snapshot, tools } from './tools.ts';

const camera = {
  requestsPerSecond: 20,
  busyServers: 0.024,
  alone: { p50: 1.2, p95: 1.2, p99: 1.2 },
  steps: null,
};
const model = (activeDevices: number) => ({
  requestsPerSecond: 0.0116,
  busyServers: 0.013,
  alone: { p50: 10_000, p95: 30_000, p99: 50_000 },
  steps: { activeDevices, milliseconds: 60 },
});

/** Calls at even times; the model is at its steps for spells, a share of the time. Calls go before the next step. */
function simulated(activeShare: number, calls: number): { p95: number; p99: number } {
  let seed = 7;
  const random = () => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return seed / 2 ** 32;
  };
  const waits = Array.from({ length: calls }, () => (random() < activeShare ? random() * 60 : 0)).sort((a, b) => a - b);
  const at = (share: number) => 1.2 + (waits[Math.floor(share * calls)] as number);
  return { p95: at(0.95), p99: at(0.99) };
}

describe('a camera beside a language model', () => {
  it.each([0.03, 0.15, 0.6])('waits for the rest of a step, the model writing %d of the time', (active) => {
    const [call] = sharedResponse([camera, model(active)], 1);
    const expected = simulated(active, 200_000);
    expect(Math.abs((call?.p95 ?? 0) - expected.p95)).toBeLessThan(1.5);
    expect(Math.abs((call?.p99 ?? 0) - expected.p99)).toBeLessThan(1.5);
  });

  it('finds another machine free of it', () => {
    const [one] = sharedResponse([camera, model(0.15)], 1);
    const [two] = sharedResponse([camera, model(0.15)], 2);
    expect(two?.p95).toBeLessThan(one?.p95 as number);
    expect(two?.p95).toBeCloseTo(1.2, 1);
  });

  it('leaves the model the rest of the time', () => {
    const [, writes] = sharedResponse([camera, model(0.15)], 1);
    expect(writes?.p95).toBeCloseTo(30_000 / (1 - 0.024), 6);
  });
});

it('two models take turns; machines that are not enough give no time', () => {
  expect(sharedResponse([model(0.15), model(0.4)], 1).map(({ p50 }) => p50)).toEqual([14_000, 11_500]);
  expect(sharedResponse([camera, { ...model(1), busyServers: 0.98 }], 1)[0]?.p95).toBe(Number.POSITIVE_INFINITY);
});

it('a loop of 30 ms does not share its machine with a model that writes a seventh of the time', async () => {
  const request: PlacementRequest = {
    components: [
      {
        id: 'loop',
        model: 'ultralytics/yolov8n',
        requestsPerDay: 20 * 10 * 86_400,
        traffic: { peakToMeanRatio: 1, arrivalVariability: 0 },
        latency: { milliseconds: 30 },
        offlineToleranceHours: 24,
        dataClasses: ['non-personal'],
      },
      { id: 'plan', model: 'Qwen/Qwen2.5-7B-Instruct', requestsPerDay: 5000, dataClasses: ['non-personal'] },
    ],
    userGroups: [{ id: 'robots', country: 'DE', accessNetwork: 'private-5g', units: 10 }],
    sites: [
      {
        id: 'robot',
        kind: 'device_fleet',
        devices: [{ device: 'nvidia-jetson-agx-thor-t5000', stock: 1 }, { device: 'nvidia-jetson-orin-nano-8gb' }],
      },
    ],
  };
  const found = await placeDeployment(snapshot, request, AT, tools);
  if (found.status !== 'feasible') throw new Error(found.summary);
  const [loop, plan] = found.placements;
  expect(plan?.deviceId).toBe('nvidia-jetson-agx-thor-t5000');
  expect(loop?.deviceId).toBe('nvidia-jetson-orin-nano-8gb');
  expect(loop?.latencyMs.p95).toBeLessThan(30);
});
