import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageWatts, devicePower } from '../../../src/domain/energy/power.ts';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import { aDevice, aSystem } from '../catalog-fixture.ts';
import { AT, snapshot } from '../seed.ts';

const h100 = aDevice('h100');
const watts = (power: Partial<{ max: number; typicalTraining: number; inferenceMean: number; idle: number }>) => ({
  max: null,
  typicalTraining: null,
  inferenceMean: null,
  idle: null,
  ...power,
});

describe('devicePower', () => {
  it('takes metered nodes where the catalog has them: the middle one, with the spread of all', () => {
    const systems = [
      aSystem('dgx', 'h100', { nodePowerWatts: watts({ max: 10_200, typicalTraining: 7500 }) }),
      aSystem('immersion', 'h100', { nodePowerWatts: watts({ typicalTraining: 6950, idle: 2200 }) }),
      aSystem('xe9680', 'h100', { nodePowerWatts: watts({ typicalTraining: 7080, idle: 2600 }) }),
    ];
    const power = devicePower(h100, systems, 'training');
    expect(power?.busyWatts.value).toBe(885);
    expect(power?.busyWatts.source).toContain('xe9680');
    expect(power?.busyWatts.factors[0]?.p10).toBeCloseTo((6950 / 7080) * 0.9, 9);
    expect(power?.busyWatts.factors[0]?.p90).toBeCloseTo((7500 / 7080) * 1.1, 9);
    expect(power?.maxWatts.value).toBe(1275);
    expect(power?.idleWatts.value).toBe(325);
  });

  it('else a ratio of the class: 1.24 x TDP for an H100 in training, within 10 % of the metered 856-895 W', () => {
    const power = devicePower(h100, [], 'training');
    expect(power?.busyWatts.value).toBeCloseTo(868, 9);
    for (const metered of [856, 895]) expect(Math.abs(868 / metered - 1)).toBeLessThan(0.1);
    const b200 = devicePower(aDevice('b200', { tdpWatts: 1000 }), [], 'training');
    for (const metered of [1198, 1256]) expect(Math.abs((b200?.busyWatts.value ?? 0) / metered - 1)).toBeLessThan(0.1);
  });

  it('does not believe node figures of another unit', () => {
    const tray = aSystem('nvl72', 'h100', { deviceCount: 72, nodePowerWatts: watts({ max: 7500 }) });
    expect(devicePower(h100, [tray], 'training')?.maxWatts.value).toBeCloseTo(700 * 1.82, 9);
  });

  it('does not take a power-limited run for what the supply must be laid out for', () => {
    const limited = aSystem('maxq', 'h100', { nodePowerWatts: watts({ max: 6390, inferenceMean: 5340 }) });
    const power = devicePower(h100, [limited], 'inference');
    expect(power?.maxWatts.value).toBeCloseTo(700 * 1.82, 9);
    expect(power?.busyWatts.value).toBe(667.5);
  });

  it('does not spread the host of a single card over it where eight share one', () => {
    const l4 = aDevice('l4', { class: 'inference_gpu', tdpWatts: 72 });
    const single = aSystem('xr5610', 'l4', { deviceCount: 1, nodePowerWatts: watts({ inferenceMean: 637 }) });
    expect(devicePower(l4, [single], 'inference')?.busyWatts.value).toBeCloseTo(72 + 80 + 100 / 8, 9);
  });

  it('adds the host to a PCIe card instead of multiplying its TDP: within 20 % of every metered node', () => {
    for (const [cards, tdpWatts, nodeWatts] of [
      [1, 60, 265],
      [1, 165, 296],
      [2, 150, 571],
      [3, 165, 940],
      [4, 450, 2080],
      [4, 300, 1717],
    ] as const) {
      const card = aDevice('card', { class: 'inference_gpu', tdpWatts, devicesPerNode: cards });
      const busy = devicePower(card, [], 'inference')?.busyWatts.value ?? 0;
      expect(Math.abs((busy * cards) / nodeWatts - 1), `${cards} x ${tdpWatts} W`).toBeLessThan(0.2);
    }
  });

  it('ignores systems of other devices', () => {
    const other = aSystem('other', 'a100', { nodePowerWatts: watts({ typicalTraining: 9000 }) });
    expect(devicePower(h100, [other], 'training')?.busyWatts.value).toBeCloseTo(868, 9);
  });

  it('has no answer without TDP and metering', () => {
    expect(devicePower(aDevice('x', { tdpWatts: null }), [], 'inference')).toBeNull();
  });

  it('keeps idle below busy below max, for every class and any TDP', () => {
    const classes = fc.constantFrom('datacenter_gpu', 'inference_gpu', 'asic', 'tpu', 'cpu', 'edge');
    fc.assert(
      fc.property(
        classes,
        fc.double({ min: 0.5, max: 25_000, noNaN: true }),
        fc.constantFrom('training', 'inference'),
        (deviceClass, tdpWatts, activity) => {
          const power = devicePower(aDevice('x', { class: deviceClass, tdpWatts }), [], activity);
          expect(power).not.toBeNull();
          const { idleWatts, busyWatts, maxWatts } = power as NonNullable<typeof power>;
          expect(idleWatts.value).toBeLessThanOrEqual(busyWatts.value);
          expect(busyWatts.value).toBeLessThanOrEqual(maxWatts.value);
          expect(idleWatts.value).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('a chip whose maker does not say what it draws', () => {
  const power = (id: string) => {
    const device = snapshot.device(id);
    if (device === undefined) throw new Error(`The catalog has no ${id}.`);
    return devicePower(device, snapshot.systemsOfDevice(id), 'inference');
  };

  it.each([
    ['google-tpu-v6e', 390],
    ['google-tpu-v5p', 325],
    ['aws-trainium1', 250],
    ['aws-inferentia2', 200],
    ['aws-trainium3', 1000],
  ])('%s is estimated from what is said of its neighbours, and says so', (id, watts) => {
    expect(snapshot.device(id)?.tdpWatts).toBeNull();
    const busy = power(id)?.busyWatts;
    expect(busy?.value).toBeCloseTo(1.1 * watts, 6);
    expect(busy?.source).toContain('an estimate');
    expect(busy?.factors[0]?.basis.kind).toBe('assumed');
  });

  it('has a wider band than its class, also where the estimate is one of the catalog', () => {
    const width = (id: string) => {
      const [factor] = power(id)?.busyWatts.factors ?? [];
      return (factor?.p90 ?? 0) / (factor?.p10 ?? 1);
    };
    expect(width('google-tpu-v5e')).toBeGreaterThan(width('google-tpu-v4') * 1.05);
    expect(width('google-tpu-v6e')).toBeGreaterThan(width('google-tpu-v4') * 1.05);
    expect(width('aws-inferentia2')).toBeGreaterThan(2.5);
  });

  it('gives the two derivations of TPU v6e within a percent of each other', () => {
    const peak = (id: string, format: 'bf16' | 'fp8') => snapshot.device(id)?.densePeakFlops[format] ?? Number.NaN;
    const tdp = (id: string) => snapshot.device(id)?.tdpWatts ?? Number.NaN;
    const rate = peak('google-tpu-v6e', 'bf16');
    const fromBefore = rate / ((1.67 * peak('google-tpu-v5e', 'bf16')) / tdp('google-tpu-v5e'));
    const fromAfter = rate / (peak('google-tpu-v7', 'fp8') / tdp('google-tpu-v7') / 2);
    expect(fromBefore / fromAfter).toBeCloseTo(1, 1);
    expect(fromBefore / 390).toBeCloseTo(1, 2);
    expect(fromAfter / 390).toBeCloseTo(1, 2);
  });

  it('is told as an assumption of the estimate that rests on it', () => {
    const answer = estimateInference(
      snapshot,
      { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000, device: 'google-tpu-v6e' },
      AT,
    );
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    expect(answer.energyPerMonth?.carbonKilograms.p50).toBeGreaterThan(0);
    expect(answer.assumptions.find(({ id }) => id === 'energy.design_power')?.value).toBe(390);
  });
});

describe('averageWatts', () => {
  const power = devicePower(h100, [], 'inference') as NonNullable<ReturnType<typeof devicePower>>;

  it('goes from idle to busy in a straight line', () => {
    expect(averageWatts(power, 0).value).toBe(power.idleWatts.value);
    expect(averageWatts(power, 1).value).toBe(power.busyWatts.value);
    expect(averageWatts(power, 0.5).value).toBeCloseTo((power.idleWatts.value + power.busyWatts.value) / 2, 9);
    expect(averageWatts(power, 7).value).toBe(power.busyWatts.value);
    expect(averageWatts(power, -1).value).toBe(power.idleWatts.value);
  });
});
