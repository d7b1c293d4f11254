/** Nothing satisfies everything: what conflicts, and a change that was tried and works. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChanges } from '../../../src/domain/placement/apply-changes.ts';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import type { PlacementRequest, Policies, Site } from '../../../src/domain/placement/request.ts';
import { AT, snapshot, tools } from './tools.ts';

const sites: readonly Site[] = [
  {
    id: 'uae',
    kind: 'cloud_region',
    region: 'azure/uaenorth',
    devices: [{ device: 'nvidia-a10-24gb' }, { device: 'nvidia-a100-sxm4-80gb' }],
  },
  { id: 'germany', kind: 'cloud_region', region: 'aws/eu-central-1', devices: [{ device: 'nvidia-l4-24gb' }] },
];

const two = (change: Partial<PlacementRequest> = {}, policies: Policies = {}): PlacementRequest => ({
  components: [
    { id: 'chat', model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 50_000, dataClasses: ['public'] },
    { id: 'see', model: 'ultralytics/yolov8s', requestsPerDay: 500_000, dataClasses: ['public'] },
  ],
  userGroups: [{ country: 'AE', accessNetwork: 'fibre' }],
  sites,
  policies,
  ...change,
});

const cases: Readonly<
  Record<string, { readonly request: PlacementRequest; readonly names: RegExp; readonly field: string }>
> = {
  'a budget that covers each but not both': {
    request: two({}, { budgetUsdPerMonth: '2000' }),
    names: /budget/,
    field: '/policies/budgetUsdPerMonth',
  },
  'a cap on carbon': {
    request: two({}, { carbonKilogramsPerMonth: 60 }),
    names: /carbon/,
    field: '/policies/carbonKilogramsPerMonth',
  },
  'a quota': {
    request: two(
      { sites: [{ ...(sites[0] as Site), devices: [{ device: 'nvidia-a10-24gb' }] }] },
      { quotas: [{ device: 'nvidia-a10-24gb', mostDevices: 1 }] },
    ),
    names: /quota/,
    field: '/policies/quotas/0/mostDevices',
  },
  'the power of a box': {
    request: two({
      sites: [
        { id: 'box', kind: 'edge_box', powerKilowatts: 0.31, devices: [{ device: 'nvidia-jetson-agx-orin-64gb' }] },
      ],
      components: [
        { id: 'a', model: 'ultralytics/yolov8s', requestsPerDay: 60_000_000, dataClasses: ['public'] },
        { id: 'b', model: 'ultralytics/yolov8m', requestsPerDay: 52_000_000, dataClasses: ['public'] },
      ],
    }),
    names: /power box/,
    field: '/sites/0/powerKilowatts',
  },
  'three countries where there are two': {
    request: two({}, { leastCountries: 3 }),
    names: /number of countries/,
    field: '/policies/leastCountries',
  },
  'a chain with no time': {
    request: two({ paths: [{ components: ['see', 'chat'], milliseconds: 200 }] }),
    names: /path latency/,
    field: '/paths/0/milliseconds',
  },
  'an availability that two sites do not reach': {
    request: two({
      components: [
        {
          id: 'see',
          model: 'ultralytics/yolov8s',
          requestsPerDay: 500_000,
          dataClasses: ['public'],
          availability: 0.999999999,
        },
      ],
      sites: [
        { ...(sites[0] as Site), availability: 0.99 },
        { ...(sites[1] as Site), availability: 0.99 },
      ],
    }),
    names: /availability/,
    field: '/components/0/availability',
  },
  'a round trip across the world': {
    request: two({
      components: [
        {
          id: 'see',
          model: 'ultralytics/yolov8s',
          requestsPerDay: 500_000,
          dataClasses: ['public'],
          latency: { milliseconds: 40 },
        },
      ],
      sites: [sites[1] as Site],
    }),
    names: /see: (latency|round_trip)/,
    field: '/components/0/latency/milliseconds',
  },
  'offline hours and a budget at once': {
    request: two(
      {
        components: [
          {
            id: 'see',
            model: 'ultralytics/yolov8s',
            requestsPerDay: 500_000,
            dataClasses: ['public'],
            offlineToleranceHours: 12,
          },
          { id: 'chat', model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 50_000, dataClasses: ['public'] },
        ],
      },
      { budgetUsdPerMonth: '100' },
    ),
    names: /see: /,
    field: '/components/0/offlineToleranceHours',
  },
};

describe.each(Object.entries(cases))('%s', (_name, { request, names, field }) => {
  it('names the conflict and a change after which there is a plan', async () => {
    const answer = await placeDeployment(snapshot, request, AT, tools);
    if (answer.status !== 'infeasible') throw new Error(`It is ${answer.status}: ${answer.summary}`);
    expect(answer.conflict.requirements.join()).toMatch(names);
    expect(answer.changes.map((change) => change.field)).toContain(field);
    expect(answer.verified).toBe(true);
    const changed = await placeDeployment(snapshot, applyChanges(request, answer.changes), AT, tools);
    if (changed.status !== 'feasible') throw new Error(changed.summary);
    expect(changed.costPerMonth.total.amount.amount).toBe(answer.usdPerMonthThen);
    if (answer.elsewhere === null) return;
    const withMore = await placeDeployment(snapshot, applyChanges(request, answer.elsewhere.changes), AT, tools);
    if (withMore.status !== 'feasible') throw new Error(withMore.summary);
    expect(withMore.costPerMonth.total.amount.amount).toBe(answer.elsewhere.usdPerMonth);
  });
});

/** Requirements at random, several of which cannot hold together. */
const tangle: fc.Arbitrary<PlacementRequest> = fc
  .record({
    models: fc.tuple(
      fc.constantFrom('meta-llama/Llama-3.1-8B', 'ultralytics/yolov8s', 'BAAI/bge-m3'),
      fc.constantFrom('ultralytics/yolov8m', 'openai/whisper-small'),
    ),
    requestsPerDay: fc.integer({ min: 1000, max: 3_000_000 }),
    milliseconds: fc.integer({ min: 5, max: 1500 }),
    offlineToleranceHours: fc.constantFrom(0, 48),
    dataClass: fc.constantFrom('public', 'personal', 'health', 'government'),
    country: fc.constantFrom('AE', 'SA', 'PK', 'DE'),
    powerKilowatts: fc.constantFrom(0.05, 5),
    stock: fc.integer({ min: 0, max: 3 }),
    budgetUsdPerMonth: fc.constantFrom('100', '30000'),
    carbonKilogramsPerMonth: fc.constantFrom(20, 5000),
    leastCountries: fc.integer({ min: 1, max: 3 }),
    availability: fc.constantFrom(0.99, 0.9999999),
    pathMs: fc.constantFrom(50, 3000),
    ambientCelsius: fc.constantFrom(30, 92),
    mostDevices: fc.constantFrom(0, 9),
  })
  .map((it) => ({
    components: [
      {
        id: 'a',
        model: it.models[0],
        requestsPerDay: it.requestsPerDay,
        latency: { milliseconds: it.milliseconds },
        offlineToleranceHours: it.offlineToleranceHours,
        dataClasses: [it.dataClass],
      },
      {
        id: 'b',
        model: it.models[1],
        requestsPerDay: it.requestsPerDay / 10,
        dataClasses: ['public'],
        availability: it.availability,
      },
    ],
    userGroups: [{ country: it.country, accessNetwork: 'fibre' }],
    paths: [{ components: ['a', 'b'], milliseconds: it.pathMs }],
    sites: [
      {
        id: 'box',
        kind: 'edge_box' as const,
        powerKilowatts: it.powerKilowatts,
        ambientCelsius: it.ambientCelsius,
        devices: [{ device: 'nvidia-jetson-agx-orin-64gb', stock: it.stock }],
      },
      ...sites,
    ],
    policies: {
      budgetUsdPerMonth: it.budgetUsdPerMonth,
      carbonKilogramsPerMonth: it.carbonKilogramsPerMonth,
      leastCountries: it.leastCountries,
      quotas: [{ device: 'nvidia-a10-24gb', mostDevices: it.mostDevices }],
    },
  }));

it('tangled requirements are untied by changes that were tried', { timeout: 60_000 }, async () => {
  let infeasible = 0;
  await fc.assert(
    fc.asyncProperty(tangle, async (request) => {
      const answer = await placeDeployment(snapshot, request, AT, tools);
      expect(answer.status).not.toBe('undecided');
      if (answer.status !== 'infeasible') return;
      infeasible++;
      expect(answer.conflict.requirements.length).toBeGreaterThan(0);
      expect(answer.verified, JSON.stringify(answer.changes)).toBe(true);
    }),
    { numRuns: 12, seed: 3 },
  );
  expect(infeasible).toBeGreaterThan(6);
});

it('asks for no more than the cheapest option needs, and says which sites are missing', async () => {
  const request: PlacementRequest = {
    components: [{ id: 'vision', model: 'ultralytics/yolov8s', requestsPerDay: 1000, dataClasses: ['public'] }],
    userGroups: [{ country: 'AE' }],
  };
  const broke = await placeDeployment(snapshot, { ...request, policies: { budgetUsdPerMonth: '0' } }, AT, tools);
  if (broke.status !== 'infeasible') throw new Error(broke.summary);
  expect(broke.verified).toBe(true);
  expect(Number(broke.changes[0]?.to)).toBeLessThan(2 * Number(broke.usdPerMonthThen));
  const [vision] = request.components;
  const nowhere = { ...request, components: vision === undefined ? [] : [{ ...vision, sites: [] }] };
  expect((await placeDeployment(snapshot, nowhere, AT, tools)).summary).toContain(
    'No site of this question has a device',
  );
});

it('rents nothing to an end user under an embargo without counsel', async () => {
  const request: PlacementRequest = {
    components: [{ id: 'vision', model: 'ultralytics/yolov8s', requestsPerDay: 1000, dataClasses: ['public'] }],
    userGroups: [{ country: 'AE' }],
    policies: { endUserCountry: 'KP' },
  };
  const answer = await placeDeployment(snapshot, request, AT, tools);
  if (answer.status !== 'infeasible') throw new Error(answer.summary);
  expect(answer.conflict.requirements).toEqual(['vision: export_control']);
});

describe('a site that the question does not name', () => {
  const imaging: PlacementRequest = {
    components: [
      {
        id: 'read',
        model: 'mlperf/3d-unet-kits19',
        requestsPerDay: 500,
        latency: { milliseconds: 60_000 },
        dataClasses: ['health', 'personal'],
        sites: ['germany'],
      },
    ],
    userGroups: [{ country: 'SA', accessNetwork: 'fibre' }],
    sites: [sites[1] as Site],
    policies: { countries: ['SA'] },
  };

  it('is named where all else may stay as it is: a region at home for data that must not leave', async () => {
    const answer = await placeDeployment(snapshot, imaging, AT, tools);
    if (answer.status !== 'infeasible' || answer.elsewhere === null) throw new Error(answer.summary);
    const [site, list] = answer.elsewhere.changes;
    const { id } = (site?.to ?? {}) as Site;
    expect(site?.field).toBe('/sites/1');
    expect(list?.field).toBe('/components/0/sites');
    const changed = await placeDeployment(snapshot, applyChanges(imaging, answer.elsewhere.changes), AT, tools);
    if (changed.status !== 'feasible') throw new Error(changed.summary);
    expect(changed.costPerMonth.total.amount.amount).toBe(answer.elsewhere.usdPerMonth);
    expect(changed.placements.map(({ country }) => country)).toEqual(['SA']);
    expect(answer.summary).toContain(`With ${id} besides the sites given`);
  });

  it('is one where one is enough: another country, not fewer countries', async () => {
    const answer = await placeDeployment(
      snapshot,
      two({ sites: [sites[0] as Site] }, { leastCountries: 2 }),
      AT,
      tools,
    );
    if (answer.status !== 'infeasible') throw new Error(answer.summary);
    expect(answer.elsewhere?.changes.map(({ field }) => field)).toEqual(['/sites/1']);
    const added = answer.elsewhere?.changes[0]?.to as Site;
    expect(snapshot.region(added.region ?? '')?.country ?? added.country).not.toBe('AE');
  });
});

it('falls back on options of which everything is known: an approval and a budget, not a chain of guesses', async () => {
  const university: PlacementRequest = {
    components: [{ id: 'tutor', model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 60_000, dataClasses: ['personal'] }],
    userGroups: [{ country: 'EG' }],
    policies: { budgetUsdPerMonth: '5000' },
  };
  const answer = await placeDeployment(snapshot, university, AT, tools);
  if (answer.status !== 'infeasible') throw new Error(answer.summary);
  expect(answer.verified).toBe(true);
  const changed = await placeDeployment(snapshot, applyChanges(university, answer.changes), AT, tools);
  if (changed.status !== 'feasible') throw new Error(changed.summary);
  expect(changed.costPerMonth.total.amount.amount).toBe(answer.usdPerMonthThen);
});

it('names the budget where nothing else is in the way, however small the one that was given', async () => {
  const question: PlacementRequest = {
    components: [{ id: 'a', model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1000 }],
    userGroups: [{ country: 'AE' }],
    policies: { budgetUsdPerMonth: '10', acceptNeedsCounsel: true },
  };
  const found = await placeDeployment(snapshot, question, AT, tools);
  if (found.status !== 'infeasible') throw new Error(found.summary);
  expect(found.changes.map(({ field }) => field)).toEqual(['/policies/budgetUsdPerMonth']);
  expect(found.verified).toBe(true);
});

it('calls an option the closest only where a change of the request helps it, if there is one', async () => {
  const question: PlacementRequest = {
    components: [{ id: 'a', model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 5000, dataClasses: ['public'] }],
    userGroups: [{ country: 'AE' }],
    policies: { operatorCountries: ['AE'] },
  };
  const found = await placeDeployment(snapshot, question, AT, tools);
  if (found.status !== 'infeasible') throw new Error(found.summary);
  expect(found.conflict.requirements).toEqual(['a: policy']);
  expect(found.changes.map(({ field }) => field)).toEqual(['/policies/operatorCountries']);
});

it('names no change that another makes needless: each is needed, and no limit is lowered', async () => {
  const questions: readonly PlacementRequest[] = [
    {
      components: [
        {
          id: 'a',
          model: 'meta-llama/Llama-3.1-8B',
          requestsPerDay: 500_000,
          latency: { milliseconds: 1500, measure: 'time_to_first_token' },
          offlineToleranceHours: 24,
          dataClasses: ['non-personal'],
        },
      ],
      userGroups: [{ country: 'PK' }],
      sites: [
        { id: 'region', kind: 'cloud_region', region: 'aws/eu-central-1' },
        {
          id: 'box',
          kind: 'edge_box',
          devices: [{ device: 'nvidia-jetson-orin-nano-8gb', stock: 2, leadTimeDays: 30 }],
          powerKilowatts: 0.05,
          ambientCelsius: 48,
        },
      ],
      policies: { countries: ['US'] },
    },
    {
      components: [
        {
          id: 'a',
          model: 'meta-llama/Llama-3.1-8B',
          requestsPerDay: 10_000,
          latency: { milliseconds: 400, measure: 'time_to_first_token' },
          dataClasses: ['government'],
        },
      ],
      userGroups: [{ country: 'SA', accessNetwork: 'geo' }],
      policies: { countries: ['AE'], budgetUsdPerMonth: '500' },
    },
  ];
  for (const question of questions) {
    const found = await placeDeployment(snapshot, question, AT, tools);
    if (found.status !== 'infeasible') throw new Error(found.summary);
    expect(found.verified).toBe(true);
    expect(found.changes.length).toBeGreaterThan(1);
    for (const change of found.changes) {
      if (change.field === '/policies/budgetUsdPerMonth')
        expect(Number(change.to)).toBeGreaterThan(Number(change.from));
      const others = applyChanges(
        question,
        found.changes.filter((it) => it !== change),
      );
      expect((await placeDeployment(snapshot, others, AT, tools)).status, change.field).toBe('infeasible');
    }
  }
});
