import { describe, expect, test } from 'vitest';
import type { Device } from '../../../../src/domain/devices/device.ts';
import { achievableMatmulFlops, clusterOf, generationOf } from '../../../../src/domain/training/index.ts';
import { deviceOf } from '../../../validation/training/cases.ts';

const named = (name: string, overrides: Partial<Device> = {}): Device => ({
  ...deviceOf('h100-sxm'),
  id: name.toLowerCase().replaceAll(' ', '-'),
  name,
  ...overrides,
});

describe('generation by product name', () => {
  test.each([
    ['A100 SXM4 80GB', 'ampere'],
    ['H200 NVL 141GB', 'hopper'],
    ['GB300 (per GPU, NVL72)', 'blackwell'],
    ['Instinct MI455X 432GB', 'cdna'],
    ['TPU7x Ironwood (per chip)', 'tpu'],
    ['Gaudi 3 128GB (OAM air)', 'gaudi'],
    ['AWS Trainium2', 'trainium'],
    ['V100 SXM2 16GB', 'volta'],
    ['L40S 48GB', 'workstation'],
    ['T4 16GB', 'workstation'],
    ['Cerebras WSE-3 (CS-3)', 'unknown'],
    ["Tomorrow's chip", 'unknown'],
  ])('%s: %s', (name, generation) => {
    expect(generationOf(named(name))).toBe(generation);
  });

  test('an edge device is none of them', () => {
    expect(generationOf(named('Google Coral Edge TPU', { class: 'edge' }))).toBe('unknown');
  });
});

test('achievable rates: H100 794 of 989 TFLOP/s; less power, less rate; no peak, no rate', () => {
  expect(achievableMatmulFlops(deviceOf('h100-sxm'), 'bf16')).toBeCloseTo(794e12, -13);
  const limited = named('H100 500 W', { tdpWatts: 500 });
  expect(achievableMatmulFlops(limited, 'bf16')).toBeLessThan(achievableMatmulFlops(deviceOf('h100-sxm'), 'bf16') ?? 0);
  expect(achievableMatmulFlops(deviceOf('h100-sxm'), 'nvfp4')).toBeNull();
});

describe('clusters', () => {
  test('one node needs no network, several get the usual fabric', () => {
    expect(clusterOf(deviceOf('h100-sxm'), 8)).toMatchObject({ fabric: 'none', networkBytesPerSecondPerDevice: 0 });
    expect(clusterOf(deviceOf('h100-sxm'), 64)).toMatchObject({
      fabric: 'infiniband_400g',
      networkBytesPerSecondPerDevice: 50e9,
    });
    expect(clusterOf(deviceOf('a100-80gb'), 64).networkBytesPerSecondPerDevice).toBe(25e9);
  });

  test('the link of a TPU spans the pod', () => {
    expect(clusterOf(deviceOf('tpu-v5p'), 512)).toMatchObject({ fabric: 'ici', linkDomainDevices: 8960 });
  });

  test('overrides win; a device without a link uses PCIe', () => {
    expect(clusterOf(deviceOf('h100-sxm'), 64, { fabric: 'ethernet_800g' }).networkBytesPerSecondPerDevice).toBe(85e9);
    expect(clusterOf(deviceOf('a10g'), 4).linkBytesPerSecond).toBe(26e9);
  });
});
