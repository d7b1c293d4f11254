import { describe, expect, test } from 'vitest';
import type { ComputeFormat, Device } from '../../../src/domain/devices/device.ts';
import { coresOf } from '../../../src/domain/devices/processor-cores.ts';
import { exceptFor, NOTHING, seed } from './seed.ts';

const device = (id: string): Device => {
  const found = seed.devices.find((one) => one.id === id);
  if (found === undefined) throw new Error(`No device ${id}.`);
  return found;
};

/** Next format down runs at most twice as fast on the same tensor units; more means that a sparse rate slipped in. */
const STEPS: readonly [slower: ComputeFormat, faster: ComputeFormat][] = [
  ['bf16', 'fp8'],
  ['fp16', 'fp8'],
  ['fp8', 'fp4'],
  ['int8', 'int4'],
  ['fp16', 'bf16'],
];
const DOUBLE = 2.1;

describe('devices', () => {
  test('every device that the product speaks of', () => {
    const ids = seed.devices.map(({ id }) => id).join(' ');
    for (const name of [
      'h100',
      'a100',
      't4',
      'a10',
      'xeon',
      'epyc',
      'jetson',
      'coral-edge-tpu',
      'movidius',
      'neural-engine',
    ]) {
      expect(ids).toContain(name);
    }
    for (const tpu of ['v2', 'v3', 'v4', 'v5e', 'v5p', 'v6e', 'v7']) expect(ids).toContain(`google-tpu-${tpu}`);
    for (const name of ['inferentia1', 'inferentia2', 'trainium1', 'trainium2', 'trainium3', 'cerebras-wse-3'])
      expect(ids).toContain(name);
  });

  test('peaks are dense: each step down in format at most doubles', () => {
    const steep = seed.devices.flatMap(({ id, densePeakFlops: peak }) =>
      STEPS.filter(([slower, faster]) => (peak[faster] ?? 0) > DOUBLE * (peak[slower] ?? Number.POSITIVE_INFINITY)).map(
        ([slower, faster]) => `${id} ${slower}-${faster}`,
      ),
    );
    expect(exceptFor(steep, STEEP_STEPS)).toEqual(NOTHING);
  });

  test('dense and sparse are never mixed: a sparse claim is about twice the dense one and never wins', () => {
    const sparse = seed.devices.flatMap((one) =>
      one.claims.filter(({ sparsity }) => sparsity === 'sparse').map((claim) => ({ one, claim })),
    );
    expect(sparse.length).toBeGreaterThan(10);
    for (const { one, claim } of sparse) {
      const dense = one.claims.filter(({ format, sparsity }) => format === claim.format && sparsity === 'dense');
      const ratios = dense.map(({ value }) => claim.value / value);
      expect(Math.min(...ratios), one.id).toBeGreaterThan(1.85);
      expect(Math.min(...ratios), one.id).toBeLessThan(2.1);
      expect(one.densePeakFlops[claim.format ?? 'fp16'], one.id).toBeLessThan(claim.value);
    }
  });

  test('the winning figure is one of the claims', () => {
    for (const one of seed.devices) {
      for (const [metric, value] of [
        ['memory', one.memoryBytes],
        ['memory_bandwidth', one.memoryBandwidthBytesPerSecond],
        ['tdp', one.tdpWatts],
        ['link_bandwidth', one.linkBytesPerSecond],
      ] as const) {
        if (value !== null)
          expect(one.claims.some((claim) => claim.metric === metric && claim.value === value)).toBe(true);
      }
    }
  });

  test('memory as the driver reports it lies within a tenth below what the name says', () => {
    for (const one of seed.devices) {
      const printed = /-(\d+)gb$/.exec(one.id)?.[1];
      if (printed === undefined || one.memoryBytes === null) continue;
      const share = one.memoryBytes / (Number(printed) * 2 ** 30);
      expect(share, one.id).toBeGreaterThan(0.9);
      expect(share, one.id).toBeLessThanOrEqual(1.001);
    }
  });

  test('links: one direction, and a domain only where there is a link', () => {
    expect(device('nvidia-h100-sxm5-80gb')).toMatchObject({
      linkBytesPerSecond: 450e9,
      linkDomainDevices: 8,
      devicesPerNode: 8,
    });
    expect(device('nvidia-gb200-nvl72')).toMatchObject({
      linkBytesPerSecond: 900e9,
      linkDomainDevices: 72,
      devicesPerNode: 4,
    });
    expect(device('google-tpu-v5e')).toMatchObject({ linkBytesPerSecond: 200e9, linkDomainDevices: 256 });
    for (const one of seed.devices) {
      if (one.linkTopology === 'none')
        expect(one, one.id).toMatchObject({ linkDomainDevices: 1, linkBytesPerSecond: null });
    }
  });

  test('known errors of other catalogs are not repeated', () => {
    expect(device('amd-mi325x-256gb').memoryBytes).toBe(256 * 2 ** 30);
    expect(device('nvidia-b300-sxm-288gb').densePeakFlops.int8).toBe(153.5e12);
    expect(device('nvidia-h100-sxm5-80gb').densePeakFlops.fp16).toBe(989e12);
    expect(device('nvidia-a10g-24gb').densePeakFlops.fp16).toBe(70e12);
  });

  test('GeForce cards of one architecture have one ratio of fp4 to fp32', () => {
    const blackwell = seed.devices.filter(({ id }) => /^nvidia-rtx-50[6-9]0-/.test(id));
    expect(blackwell.length).toBeGreaterThan(4);
    for (const { id, densePeakFlops: peak } of blackwell)
      expect((peak.fp4 ?? 0) / (peak.fp32 ?? 1), id).toBeCloseTo(16, 1);
    // 1,801 AI TOPS on the box are fp4 with sparsity
    expect(device('nvidia-rtx-5080-16gb').densePeakFlops.fp4).toBeCloseTo(1801e12 / 2, -12);
  });

  test('a server processor does at least 16 fp32 operations a cycle and core, at 1.5 GHz or more', () => {
    for (const one of seed.devices.filter((any) => any.class === 'cpu' && any.formFactor === 'socket')) {
      expect(one.densePeakFlops.fp32, one.id).toBeGreaterThanOrEqual((coresOf(one) ?? 1) * 1.5e9 * 16);
    }
  });

  test('systems hold whole numbers of known devices, and their power is at least that of the devices at idle', () => {
    for (const system of seed.systems) {
      expect(system.deviceCount).toBeGreaterThan(0);
      const { idle, max } = system.nodePowerWatts;
      if (idle !== null && max !== null) expect(idle, system.id).toBeLessThan(max);
    }
    expect(seed.systems.filter(({ deviceId }) => deviceId === null).map(({ id }) => id)).toEqual(
      SYSTEMS_WITHOUT_DEVICE,
    );
  });
});

/** Published as such by the makers. */
const STEEP_STEPS = [
  'aws-trainium3 bf16-fp8',
  'aws-trainium3 fp16-fp8',
  'intel-gaudi3-128gb fp16-bf16',
  'intel-gaudi3-128gb fp16-fp8',
  'nvidia-b300-sxm-288gb fp8-fp4',
  'nvidia-gb300-nvl72 fp8-fp4',
  'nvidia-rtx-5060-ti-16gb fp8-fp4',
  'nvidia-rtx-5070-12gb fp8-fp4',
  'nvidia-rtx-5070-ti-16gb fp8-fp4',
  'nvidia-rtx-5080-16gb fp8-fp4',
  'nvidia-rtx-5090-32gb fp8-fp4',
  'tenstorrent-wormhole-n300 fp16-fp8',
];

/** Boards around processors that the catalog does not hold. */
const SYSTEMS_WITHOUT_DEVICE = [
  'dgx-2',
  'raspberry-pi-4',
  'sima-mlsoc-dualm-2-kit',
  'thundercomm-heimdall-ai-100-dm-2e',
];
