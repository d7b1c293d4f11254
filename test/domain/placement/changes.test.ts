/** What a failed check says would have to change makes it pass when it is changed. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyChanges } from '../../../src/domain/placement/apply-changes.ts';
import { failuresOf } from '../../../src/domain/placement/check.ts';
import { prepare } from '../../../src/domain/placement/prepare.ts';
import type { PlacementRequest } from '../../../src/domain/placement/request.ts';
import { AT, snapshot, tools } from './tools.ts';

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
type Given<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };
const given = <T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;

const question: fc.Arbitrary<PlacementRequest> = fc
  .record({
    model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'Qwen/Qwen2.5-7B-Instruct', 'ultralytics/yolov8s', 'BAAI/bge-m3'),
    requestsPerDay: fc.integer({ min: 1000, max: 5_000_000 }),
    latency: maybe(fc.record({ milliseconds: fc.integer({ min: 5, max: 3000 }) })),
    offlineToleranceHours: maybe(fc.constantFrom(8, 48)),
    accuracy: maybe(fc.constantFrom(0.8, 0.95)),
    accuracyFloor: maybe(fc.constant(0.9)),
    dataClasses: fc.constantFrom(['public'], ['personal'], ['health'], ['personal', 'financial'], ['government']),
    country: fc.constantFrom('AE', 'SA', 'DE', 'PK'),
    powerKilowatts: maybe(fc.constantFrom(0.005, 5)),
    ambientCelsius: maybe(fc.constantFrom(25, 45, 69)),
    stock: maybe(fc.integer({ min: 0, max: 3 })),
    leadTimeDays: maybe(fc.constantFrom(10, 90)),
    rackKilowatts: maybe(fc.constantFrom(3, 40)),
    coolingClass: maybe(fc.constantFrom('air' as const, 'direct_liquid' as const)),
    racks: maybe(fc.constantFrom(0, 2)),
    islandHours: maybe(fc.constantFrom(4, 100)),
    budgetUsdPerMonth: maybe(fc.constantFrom('50', '20000')),
    carbonKilogramsPerMonth: maybe(fc.constantFrom(5, 5000)),
    readyWithinDays: maybe(fc.constantFrom(30, 60)),
    operatorCountries: maybe(fc.constantFrom(['AE'], ['US', 'AE'])),
    countries: maybe(fc.constantFrom(['AE'], ['DE', 'SA'])),
    acceptSafeguards: maybe(fc.constant(false)),
    gpuWatts: maybe(fc.constantFrom(30, 100)),
    spot: fc.boolean(),
  })
  .map((it) => ({
    components: [
      given({
        id: 'it',
        model: it.model,
        requestsPerDay: it.requestsPerDay,
        latency: it.latency,
        offlineToleranceHours: it.offlineToleranceHours,
        accuracy: it.accuracy,
        accuracyFloor: it.accuracyFloor,
        dataClasses: it.dataClasses,
      }),
    ],
    userGroups: [{ country: it.country, accessNetwork: 'fibre' }],
    sites: [
      given({
        id: 'box',
        kind: 'edge_box' as const,
        islandHours: it.islandHours,
        powerKilowatts: it.powerKilowatts,
        ambientCelsius: it.ambientCelsius,
        devices: [
          given({ device: 'nvidia-jetson-orin-nano-8gb', stock: it.stock, leadTimeDays: it.leadTimeDays }),
          given({ device: 'nvidia-jetson-agx-orin-64gb', stock: it.stock, powerLimitWatts: 30 }),
        ],
      }),
      // the same devices in another enclosure
      given({
        id: 'cabinet',
        kind: 'edge_box' as const,
        ambientCelsius: it.ambientCelsius,
        fullPowerAmbientCelsius: 55,
        throttleCelsius: 70,
        devices: [
          given({ device: 'nvidia-jetson-orin-nano-8gb', stock: it.stock }),
          given({ device: 'nvidia-jetson-agx-orin-64gb', stock: it.stock, powerLimitWatts: 30 }),
          given({ device: 'nvidia-l4-24gb', stock: it.stock, powerLimitWatts: it.gpuWatts }),
        ],
      }),
      given({
        id: 'room',
        kind: 'room' as const,
        powerKilowatts: it.powerKilowatts,
        rackKilowatts: it.rackKilowatts,
        coolingClass: it.coolingClass,
        racks: it.racks,
        devices: [given({ device: 'nvidia-h100-sxm5-80gb', stock: it.stock, leadTimeDays: it.leadTimeDays })],
      }),
      { id: 'uae', kind: 'cloud_region' as const, region: 'azure/uaenorth', devices: [{ device: 'nvidia-a10-24gb' }] },
      {
        id: 'frankfurt',
        kind: 'cloud_region' as const,
        region: 'aws/eu-central-1',
        devices: [{ device: 'nvidia-l4-24gb' }],
      },
    ],
    policies: given({
      budgetUsdPerMonth: it.budgetUsdPerMonth,
      carbonKilogramsPerMonth: it.carbonKilogramsPerMonth,
      readyWithinDays: it.readyWithinDays,
      operatorCountries: it.operatorCountries,
      countries: it.countries,
      acceptSafeguards: it.acceptSafeguards,
      ...(it.spot && { purchases: [{ category: 'spot' as const }] }),
    }),
  }));

it('makes the check pass', { timeout: 120_000 }, async () => {
  const tried = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(question, async (request) => {
      const { options, scenario } = await prepare(snapshot, request, AT, tools);
      for (const option of options[0]?.rejected ?? []) {
        const failures = failuresOf(option.checks);
        expect(failures.length, option.id).toBeGreaterThan(0);
        for (const { id, rule, change, margin } of failures) {
          if (margin !== null) expect(margin, `${option.id} ${id}`).toBeLessThan(0);
          if (change === null) continue;
          expect(change.field, `${option.id} ${id}`).toMatch(/^\//);
          const site = request.sites?.[option.site]?.id ?? '';
          // the same question, of this option alone
          const alone = [
            { field: '/components/0/sites', to: [site] },
            { field: '/components/0/devices', to: [option.device.device.id] },
          ];
          const changed = await prepare(snapshot, applyChanges(request, [change, ...alone]), AT, tools, scenario);
          const all = [...(changed.options[0]?.feasible ?? []), ...(changed.options[0]?.rejected ?? [])];
          const same = all.find((it) => it.id === option.id);
          if (same === undefined) throw new Error(`${option.id} is gone after ${JSON.stringify(change)}.`);
          const still = failuresOf(same.checks).filter((it) => it.id === id && it.rule === rule);
          expect(still, `${option.id}: ${JSON.stringify(change)}`).toEqual([]);
          tried.set(id, (tried.get(id) ?? 0) + 1);
        }
      }
    }),
    { numRuns: 20, seed: 11 },
  );
  for (const check of [
    'latency',
    'round_trip',
    'memory',
    'offline',
    'accuracy',
    'stock',
    'lead_time',
    'budget',
    'carbon',
    'site_power',
    'device_power',
    'thermal',
    'policy',
    'spot',
    'law',
  ])
    expect(tried.get(check) ?? 0, check).toBeGreaterThan(0);
});

it('names no field of a site that nobody described', async () => {
  const { options } = await prepare(
    snapshot,
    {
      components: [{ id: 'it', model: 'BAAI/bge-m3', requestsPerDay: 20_000_000, dataClasses: ['public'] }],
      userGroups: [{ country: 'AE', accessNetwork: 'lte' }],
    },
    AT,
    tools,
  );
  const failures = (options[0]?.rejected ?? []).flatMap(({ checks }) => failuresOf(checks));
  expect(failures.some(({ id }) => id === 'stock')).toBe(true);
  for (const { change } of failures) if (change !== null) expect(change.field).toMatch(/^\//);
});
