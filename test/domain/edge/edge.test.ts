import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssumptionLog, exactly } from '../../../src/domain/economics/assumption.ts';
import { bill } from '../../../src/domain/economics/line-item.ts';
import {
  edgeFleetCost,
  offlineBuffer,
  powerModes,
  speedAtPower,
  speedInMode,
  sustainableWatts,
  thermalState,
  updateTraffic,
  uploadSaving,
} from '../../../src/domain/edge/index.ts';
import { seed } from '../../catalog/seed/seed.ts';

const ORIN = { id: 'nvidia-jetson-agx-orin-64gb', tdpWatts: 60 };
const BOX = { fullPowerAmbientCelsius: 40, throttleCelsius: 95 };

describe('power modes', () => {
  it('are those of devices in the catalog, up to the rated power, in order', () => {
    const devices = seed.devices.filter(({ class: kind }) => kind === 'edge');
    const named = devices.filter((device) => powerModes(device).length > 1);
    expect(named.length).toBeGreaterThanOrEqual(7);
    for (const device of named) {
      const modes = powerModes(device);
      expect(modes.at(-1), device.id).toMatchObject({ watts: device.tdpWatts, computeShare: 1, bandwidthShare: 1 });
      for (const [index, mode] of modes.entries()) {
        expect(mode.watts).toBeGreaterThan(modes[index - 1]?.watts ?? 0);
        expect(mode.computeShare).toBeGreaterThanOrEqual(modes[index - 1]?.computeShare ?? 0);
      }
    }
  });

  it('leave memory-bound work more of its speed than arithmetic', () => {
    const mode = powerModes(ORIN).find(({ id }) => id === '30w');
    if (!mode) throw new Error('no 30 W mode');
    expect(speedInMode(mode, 0)).toBe(1);
    expect(speedInMode(mode, 1)).toBeCloseTo((4 * 612) / (8 * 1300.5), 3);
  });

  it('are one where the maker names none, and none where nothing is known', () => {
    expect(powerModes({ id: 'hailo-8', tdpWatts: 2.5 })).toMatchObject([{ id: 'full', watts: 2.5 }]);
    expect(powerModes({ id: 'unknown', tdpWatts: null })).toEqual([]);
  });

  it('give about the measured half of the speed of Orin at a quarter of its dynamic power', () => {
    // MLPerf Inference: ResNet-50 Offline, 3,463 samples/s at 22.7 W against 6,438 at 60 W, idle 9.2 W
    expect(Math.abs(speedAtPower(22.7, 9.2, 60) / (3463 / 6438) - 1)).toBeLessThan(0.15);
  });
});

describe('heat', () => {
  it('allows full power up to the rating, none at the throttling temperature, a line between', () => {
    expect(sustainableWatts(60, 25, BOX)).toBe(60);
    expect(sustainableWatts(60, 40, BOX)).toBe(60);
    expect(sustainableWatts(60, 67.5, BOX)).toBeCloseTo(30, 9);
    expect(sustainableWatts(60, 100, BOX)).toBe(0);
  });

  it('picks the fastest mode that can be sustained in a Gulf summer', () => {
    const modes = powerModes(ORIN);
    expect(thermalState(modes, 6.2, 30, BOX, 1).mode?.id).toBe('full');
    const hot = thermalState(modes, 6.2, 48, BOX, 1);
    expect(hot.mode?.id).toBe('50w');
    expect(hot.marginCelsius).toBe(-8);
    expect(thermalState(modes, 6.2, 48, BOX, 1, 35).mode?.id).toBe('30w');
    expect(thermalState(modes, 6.2, 94, BOX, 1)).toMatchObject({ mode: null, speedShare: 0 });
  });

  it('slows a device with one setting by degrees', () => {
    const modes = powerModes({ id: 'x', tdpWatts: 20 });
    const state = thermalState(modes, 4, 67.5, BOX, 1);
    expect(state.watts).toBeCloseTo(10, 9);
    expect(state.speedShare).toBeCloseTo(Math.sqrt(6 / 16), 9);
  });

  it('never speeds up as it gets hotter', () => {
    const celsius = fc.double({ min: -20, max: 110, noNaN: true });
    fc.assert(
      fc.property(celsius, celsius, fc.double({ min: 0, max: 1, noNaN: true }), (one, other, fraction) => {
        const [cool, hot] = one < other ? [one, other] : [other, one];
        const at = (ambient: number) => thermalState(powerModes(ORIN), 6.2, ambient, BOX, fraction).speedShare;
        expect(at(hot)).toBeLessThanOrEqual(at(cool) + 1e-12);
      }),
    );
  });
});

describe('the line of a site', () => {
  it('saves what is not uploaded', () => {
    // 200 cameras of 4 Mbit/s, 1 % sent, 160 B/s of events
    const saving = uploadSaving({ rawBytesPerSecond: 200 * 500_000, sentShare: 0.01, eventBytesPerSecond: 160 });
    expect(saving.rawMegabitsPerSecond).toBe(800);
    expect(saving.sentBytesPerSecond).toBe(1_000_160);
    expect(saving.savedShare).toBeCloseTo(0.99, 4);
    expect(saving.savedGigabytesPerMonth).toBeCloseTo(((99_999_840 - 1_000_000) * 2_628_000) / 1e9, 3);
  });

  it('keeps what it cannot send, and catches up', () => {
    const plan = {
      offlineHours: 24,
      keptBytesPerSecond: 1000,
      storageBytes: 100e6,
      uplinkMegabitsPerSecond: 1,
      liveBytesPerSecond: 25_000,
    };
    const buffer = offlineBuffer(plan);
    expect(buffer).toMatchObject({ neededBytes: 86_400_000, fits: true, marginBytes: 13_600_000 });
    expect(buffer.hoursCovered).toBeCloseTo(27.78, 2);
    expect(buffer.catchUpHours).toBeCloseTo(86_400_000 / 100_000 / 3600, 9);
    expect(offlineBuffer({ ...plan, liveBytesPerSecond: 125_000 }).catchUpHours).toBeNull();
  });

  it('carries updates once per link', () => {
    const plan = {
      devices: 200,
      updateBytes: 2e9,
      updatesPerMonth: 4,
      changedShare: 0.5,
      devicesPerLink: 50,
      downlinkMegabitsPerSecond: 80,
    };
    expect(updateTraffic(plan).gigabytesPerMonth).toBe(16);
    expect(updateTraffic(plan).hoursPerUpdate).toBeCloseTo(100 / 3600, 9);
  });
});

describe('edgeFleetCost', () => {
  it('spreads purchase and installation over the life and adds visits and lines', () => {
    const log = new AssumptionLog();
    const items = edgeFleetCost(
      {
        devices: 100,
        months: 12,
        pricePerDevice: '1000',
        price: null,
        maxWattsPerDevice: exactly(60, 'W'),
        usefulLifeYears: 5,
        residualPercent: 0,
        sparePercent: 0,
        financingRatePercent: 0,
        maintenancePercentPerYear: 0,
        installationUsdPerDevice: 150,
        visitsPerDeviceYear: 0.5,
        usdPerVisit: 100,
        connectivityUsdPerDeviceMonth: 10,
      },
      log,
    );
    const total = bill(items, 'USD');
    // 100,000 / 5 + 15,000 / 5 + 100 x 0.5 x 100 + 100 x 12 x 10
    expect(Number(total.total.amount)).toBeCloseTo(20_000 + 3_000 + 5_000 + 12_000, 2);
    expect(log.list()).toEqual([]);
  });

  it('says what it assumed', () => {
    const log = new AssumptionLog();
    edgeFleetCost(
      { devices: 1, months: 1, pricePerDevice: '999', price: null, maxWattsPerDevice: exactly(60, 'W') },
      log,
    );
    expect(log.list().map(({ id }) => id)).toEqual(
      expect.arrayContaining(['edge.installation_usd', 'edge.visits_per_device_year', 'owned.useful_life_years']),
    );
  });
});
