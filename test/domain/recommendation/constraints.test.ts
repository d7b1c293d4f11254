/** Each limit: what passes keeps it, what it rules out says so with the margin, and lifting it as advised lets it in. */
import { describe, expect, it } from 'vitest';
import { AssumptionLog } from '../../../src/domain/economics/assumption.ts';
import type { HardwareOption } from '../../../src/domain/recommendation/option.ts';
import { optionId } from '../../../src/domain/recommendation/option.ts';
import type { InferenceRecommendationRequest } from '../../../src/domain/recommendation/request.ts';
import { withChange } from '../../../src/domain/recommendation/smallest-change.ts';
import { feasible, type JudgedOption, judgedSearch, recommend } from './seeded.ts';

type Constraints = NonNullable<InferenceRecommendationRequest['constraints']>;

const inference = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 200_000 };
const everyWay = {
  accept: ['on_demand', 'spot', 'committed', 'capacity_block', 'owned'],
} as const satisfies InferenceRecommendationRequest['purchase'];
const search = (request: InferenceRecommendationRequest) => judgedSearch(request);
type Search = Awaited<ReturnType<typeof judgedSearch>>;

const CASES: readonly (readonly [string, Constraints, (option: HardwareOption) => boolean])[] = [
  ['devices', { devices: ['nvidia-l4-24gb'] }, ({ point }) => point.device.id === 'nvidia-l4-24gb'],
  ['excluded_devices', { excludedDevices: ['nvidia-l4-24gb'] }, ({ point }) => point.device.id !== 'nvidia-l4-24gb'],
  ['device_classes', { deviceClasses: ['inference_gpu'] }, ({ point }) => point.device.class === 'inference_gpu'],
  ['vendors', { vendors: ['AMD'] }, ({ point }) => point.device.vendor.toLowerCase() === 'amd'],
  ['excluded_vendors', { excludedVendors: ['nvidia'] }, ({ point }) => point.device.vendor.toLowerCase() !== 'nvidia'],
  ['providers', { providers: ['aws'] }, ({ providerId }) => providerId === null || providerId === 'aws'],
  ['excluded_providers', { excludedProviders: ['aws'] }, ({ providerId }) => providerId !== 'aws'],
  [
    'regions',
    { regions: ['aws/us-east-1'] },
    ({ regionId, category }) => category === 'owned' || regionId === 'aws/us-east-1',
  ],
  ['excluded_regions', { excludedRegions: ['aws/us-east-1'] }, ({ regionId }) => regionId !== 'aws/us-east-1'],
  ['countries', { countries: ['AE', 'SA'] }, ({ country }) => country === 'AE' || country === 'SA'],
  [
    'excluded_countries',
    { excludedCountries: ['US'] },
    ({ country, category }) => category === 'owned' || (country !== 'US' && country !== null),
  ],
  [
    'provider_countries',
    { providerCountries: ['US'] },
    ({ providerCountry, category }) => category === 'owned' || providerCountry === 'US',
  ],
  [
    'excluded_provider_countries',
    { excludedProviderCountries: ['US'] },
    ({ providerCountry, category }) => category === 'owned' || (providerCountry !== 'US' && providerCountry !== null),
  ],
  ['edge_devices', { maxEdgeDevices: 20 }, ({ point }) => point.device.class !== 'edge' || point.devices <= 20],
  ['monthly_budget', { monthlyBudgetUsd: '2000' }, ({ usdPerMonth }) => usdPerMonth <= 2000],
  ['upfront_budget', { upfrontBudgetUsd: '0' }, ({ upfrontUsd }) => upfrontUsd === 0],
  ['lead_time', { maxLeadTimeDays: 30 }, ({ leadTime }) => (leadTime.days ?? Number.NaN) <= 30],
  ['memory_headroom', { minMemoryHeadroomPercent: 40 }, ({ point }) => (point.memoryHeadroomPercent ?? 0) >= 40],
  ['carbon', { maxCarbonKilogramsPerMonth: 300 }, ({ carbonKilograms }) => (carbonKilograms ?? Number.NaN) <= 300],
  [
    'energy',
    { maxKilowattHoursPerMonth: 800 },
    ({ facilityKilowattHours }) => (facilityKilowattHours ?? Number.NaN) <= 800,
  ],
  ['stale_price', { freshPricesOnly: true }, ({ stalePrice }) => !stalePrice],
  ['facility_power', { facility: { maxKilowatts: 1 } }, ({ racks }) => racks === null || racks.facilityKilowatts <= 1],
  ['rack_space', { facility: { maxRacks: 0 } }, ({ racks }) => racks === null || racks.racks === 0],
  [
    'cooling',
    { facility: { coolingClasses: ['passive'] } },
    ({ racks }) => racks === null || racks.coolingClass === 'passive',
  ],
];

describe('lead times', () => {
  const accept = ['on_demand', 'capacity_block', 'owned'] as const;
  const judgedWith = async (purchase: Omit<NonNullable<InferenceRecommendationRequest['purchase']>, 'accept'>) => {
    const log = new AssumptionLog();
    const request = { inference, purchase: { accept, ...purchase }, constraints: { maxLeadTimeDays: 90 } };
    const { judged } = await judgedSearch(request, false, log);
    return { judged, assumptions: log.list() };
  };
  const late = ({ failures }: JudgedOption) => failures.some(({ constraint }) => constraint === 'lead_time');

  it('are told with who says so, and an unknown one keeps no limit', async () => {
    const { judged, assumptions } = await judgedWith({});
    expect(judged.map(({ option }) => option.category)).toEqual(expect.arrayContaining([...accept]));
    for (const one of judged) {
      const { leadTime, category } = one.option;
      if (category === 'on_demand') expect([leadTime.basis, late(one)]).toEqual(['terms', false]);
      if (category === 'capacity_block') expect([leadTime.basis, late(one)]).toEqual(['unknown', true]);
      if (category === 'owned') expect(['published', 'unknown']).toContain(leadTime.basis);
      if (leadTime.basis === 'unknown') expect(leadTime.days).toBeNull();
      else expect(leadTime.source).not.toBeNull();
    }
    const h100 = judged.find(
      ({ option }) => option.category === 'owned' && option.point.device.id.includes('h100-sxm'),
    );
    expect(h100?.option.leadTime).toMatchObject({ basis: 'published', confidence: 'low', leastDays: 56, days: 364 });
    expect(h100 !== undefined && late(h100)).toBe(true);
    // that rentals are there today is no promise: it is said
    expect(assumptions.map(({ field }) => field)).toContain('/constraints/maxLeadTimeDays');
  });

  it('of the caller come before any other', async () => {
    const { judged } = await judgedWith({
      ownedLeadTimeDays: 60,
      leadTimes: [
        { days: 120, purchases: ['on_demand'], providers: ['aws'] },
        { days: 14, purchases: ['capacity_block'] },
      ],
    });
    for (const one of judged) {
      const { leadTime, category, providerId } = one.option;
      if (category === 'owned') expect(leadTime.days).toBe(60);
      if (category === 'capacity_block') expect(leadTime.days).toBe(14);
      if (category === 'on_demand') expect(late(one)).toBe(providerId === 'aws');
    }
  });
});

describe('managed platforms', () => {
  const managed = ({ judged }: Search) =>
    judged.filter(({ option }) => option.price?.offer.kind === 'managed_platform').length;

  it('compete only where they are admitted: their price pays for more than the machine', async () => {
    expect(managed(await search({ inference }))).toBe(0);
    const classifier = { model: 'torchvision/resnet50', requestsPerDay: 200_000 };
    const admitted = await search({ inference: classifier, purchase: { managedPlatforms: true } });
    expect(managed(admitted)).toBeGreaterThan(0);
  });
});

describe('limits', () => {
  it.each(CASES)('%s', async (constraint, constraints, holds) => {
    const request: InferenceRecommendationRequest = { inference, constraints, purchase: everyWay };
    const { feasible, judged, leftOut } = await search(request);
    for (const option of feasible) expect(holds(option), optionId(option)).toBe(true);
    for (const { option, failures } of judged) {
      if (!failures.some((failure) => failure.constraint === constraint)) {
        expect(holds(option), optionId(option)).toBe(true);
      }
    }
    const families = leftOut.filter(({ failures }) => failures.some((failure) => failure.constraint === constraint));
    expect(families.length).toBeGreaterThan(0);
    for (const { failures, detail } of families) {
      expect(detail.length).toBeGreaterThan(20);
      for (const { required, actual, margin } of failures) {
        if (typeof required !== 'number' || typeof actual !== 'number') continue;
        expect(margin).toBeCloseTo(actual - required, 6);
      }
    }
  });

  it.each(CASES.filter(([constraint]) => constraint !== 'lead_time'))(
    'lifted as advised, %s no longer rules the nearest option out',
    async (constraint, constraints) => {
      const request: InferenceRecommendationRequest = { inference, constraints, purchase: everyWay };
      const { judged } = await judgedSearch(request, true);
      const single = judged
        .filter(({ failures }) => failures.length === 1 && failures[0]?.constraint === constraint)
        .sort((a, b) => (a.failures[0]?.excess ?? 0) - (b.failures[0]?.excess ?? 0))
        .find(({ failures }) => failures[0]?.change !== null);
      expect(single).toBeDefined();
      const change = single?.failures[0]?.change;
      if (single === undefined || change === undefined || change === null) return;
      const { feasible } = await search(withChange(request, change));
      expect(feasible.map(optionId)).toContain(optionId(single.option));
    },
  );

  it('terms: a way of paying that is not accepted, and commitments that are too long', async () => {
    const { feasible, judged } = await search({
      inference,
      purchase: { accept: ['committed'], longestCommitmentMonths: 12 },
    });
    expect(feasible.length).toBeGreaterThan(0);
    for (const { category, termMonths } of feasible) expect([category, termMonths]).toEqual(['committed', 12]);
    const failed = new Set(judged.flatMap(({ failures }) => failures.map(({ constraint }) => constraint)));
    // boards that are no server farm aside
    expect([...failed].sort()).toEqual(['commitment', 'edge_devices', 'purchase']);
  });

  it('accuracy: narrower formats come in at their measured floor, and save', async () => {
    const formats = async (minAccuracyPercent: number | undefined) => {
      const constraints = minAccuracyPercent === undefined ? {} : { minAccuracyPercent };
      const { feasible } = await search({ inference, constraints });
      return {
        formats: [...new Set(feasible.map(({ point }) => point.serving.weightFormat))].sort(),
        usd: Math.min(...feasible.map(({ usdPerMonth }) => usdPerMonth)),
      };
    };
    const published = await formats(undefined);
    expect(published.formats).toEqual(['bf16', 'fp16']);
    expect((await formats(100)).formats).toEqual(['bf16', 'fp16']);
    const fp8 = await formats(99);
    expect(fp8.formats).toEqual(['bf16', 'fp16', 'fp8']);
    const int8 = await formats(97);
    expect(int8.formats).toEqual(['bf16', 'fp16', 'fp8', 'int8']);
    expect(fp8.usd).toBeLessThanOrEqual(published.usd);
    expect(int8.usd).toBeLessThanOrEqual(fp8.usd);
  });

  it('availability: a higher target takes more spares, and spot capacity misses what steady capacity keeps', async () => {
    const at = async (availabilityPercent: number) => {
      const request = { inference: { ...inference, requestsPerDay: 3_000_000 }, constraints: { availabilityPercent } };
      return search({ ...request, purchase: { accept: ['on_demand', 'spot'] } });
    };
    const spares = ({ feasible }: Search) =>
      feasible.find(({ point }) => point.id === 'nvidia-l4-24gb/vllm/bf16/tp1')?.point.spareReplicas ?? Number.NaN;
    const [low, high, highest] = [await at(90), await at(99.9), await at(99.9999)];
    expect(spares(high)).toBeGreaterThan(spares(low));
    expect(spares(highest)).toBeGreaterThan(spares(high));
    const missed = highest.judged.filter(({ failures }) =>
      failures.some(({ constraint }) => constraint === 'availability'),
    );
    expect(missed.length).toBeGreaterThan(0);
    for (const { option } of missed) expect(option.category).toBe('spot');
  });

  it('engines are compared where asked for', async () => {
    const { feasible } = await search({ inference, engines: ['vllm', 'sglang', 'tensorrt_llm'] });
    expect([...new Set(feasible.map(({ point }) => point.serving.engine))].sort()).toEqual([
      'sglang',
      'tensorrt_llm',
      'vllm',
    ]);
  });
});

describe('ids and contradictions', () => {
  it.each([
    [{ constraints: { devices: ['no-such-device'] } }, '/constraints/devices/0'],
    [{ constraints: { excludedRegions: ['aws/us-east-1', 'nowhere'] } }, '/constraints/excludedRegions/1'],
    [{ constraints: { providers: ['nobody'] } }, '/constraints/providers/0'],
    [{ constraints: { vendors: ['nobody'] } }, '/constraints/vendors/0'],
    [{ purchase: { owned: { usefulLifeYears: 3 } } }, '/purchase/owned'],
    [{ engines: ['vllm'], inference: { ...inference, serving: { engine: 'sglang' } } }, '/engines'],
    [
      { constraints: { availabilityPercent: 99 }, inference: { ...inference, objectives: { spareReplicas: 2 } } },
      '/constraints/availabilityPercent',
    ],
  ])('%j is refused at %s', async (part, pointer) => {
    await expect(recommend({ inference, ...part } as InferenceRecommendationRequest)).rejects.toMatchObject({
      faults: [expect.objectContaining({ pointer })],
    });
  });
});

describe('terms that the request leaves out', () => {
  const vision = { model: 'yolov8n', requestsPerDay: 864_000 };

  it('are owned for boards that are asked for, and said', async () => {
    const { options, assumptions } = await feasible({ inference: vision, constraints: { deviceClasses: ['edge'] } });
    expect(new Set(options.map(({ option }) => option.category))).toEqual(new Set(['owned']));
    expect(assumptions).toContainEqual(expect.objectContaining({ field: '/purchase/accept', value: 'owned' }));
  });

  it('are on demand where nothing is said of devices, and where all are rented', async () => {
    for (const constraints of [{}, { devices: ['nvidia-l4-24gb'] }]) {
      const { options, assumptions } = await feasible({ inference: vision, constraints });
      expect(new Set(options.map(({ option }) => option.category))).toEqual(new Set(['on_demand']));
      expect(assumptions.filter(({ field }) => field === '/purchase/accept')).toEqual([]);
    }
  });

  it('stay as they are said', async () => {
    const answer = await recommend({
      inference: vision,
      constraints: { deviceClasses: ['edge'] },
      purchase: { accept: ['on_demand'] },
    });
    expect(answer.status).toBe('infeasible');
  });
});
