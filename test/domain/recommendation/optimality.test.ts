/** Small random catalogs: the winner is the best of all that brute force finds with the estimate alone; and what may not get worse does not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PriceCategory } from '../../../src/domain/catalog/offers.ts';
import type { CatalogSnapshot } from '../../../src/domain/catalog/snapshot.ts';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import type { FeasibleInference } from '../../../src/domain/inference/estimate-result.ts';
import { draftCostFraction } from '../../../src/domain/inference/optimization/drafting.ts';
import { formatQuality } from '../../../src/domain/inference/optimization/quantization.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import { toNumber } from '../../../src/domain/money.ts';
import { optionId } from '../../../src/domain/recommendation/option.ts';
import { paretoFront, ranked } from '../../../src/domain/recommendation/ranking.ts';
import { recommendHardware } from '../../../src/domain/recommendation/recommend.ts';
import type { InferenceRecommendationRequest } from '../../../src/domain/recommendation/request.ts';
import { AT, aCatalog, anOffer, aPrice, aProvider, aRegion } from '../catalog-fixture.ts';
import { snapshot as seed } from '../seed.ts';
import { noPause, feasible as seeded } from './seeded.ts';

const DEVICES = [
  'nvidia-h100-sxm5-80gb',
  'nvidia-a100-sxm4-80gb',
  'nvidia-l4-24gb',
  'nvidia-l40s-48gb',
  'amd-mi300x-192gb',
];
const REGIONS = [
  aRegion('one/west', 'US', 40, -100),
  aRegion('one/east', 'DE', 50, 10),
  aRegion('two/north', 'SE', 60, 15),
];

interface Market {
  readonly device: string;
  readonly region: string;
  readonly count: number;
  readonly category: PriceCategory;
  readonly cents: number;
}

const markets = fc.array(
  fc.record({
    device: fc.constantFrom(...DEVICES),
    region: fc.constantFrom(...REGIONS.map(({ id }) => id)),
    count: fc.constantFrom(1, 2, 4, 8),
    category: fc.constantFrom<PriceCategory>('on_demand', 'spot', 'committed'),
    cents: fc.integer({ min: 30, max: 900 }),
  }),
  { minLength: 1, maxLength: 10 },
);

function catalogOf(list: readonly Market[], cheaper = 1): CatalogSnapshot {
  const offers = list.map(({ device, region, count }, index) =>
    anOffer(`${region}/sku-${index}`, device, { deviceCount: count }),
  );
  return {
    ...aCatalog({
      devices: DEVICES.flatMap((id) => seed.device(id) ?? []),
      providers: [aProvider('one'), aProvider('two')],
      regions: REGIONS,
      offers,
      prices: list.map(({ category, count, cents }, index) =>
        aPrice(offers[index]?.id ?? '', category, ((cents * count * cheaper) / 100).toFixed(6), {
          ...(category === 'committed' && { termMonths: 12, payment: 'no_upfront' as const }),
        }),
      ),
    }),
    model: (id) => seed.model(id),
  };
}

const requests = fc.record({
  inference: fc.record({
    model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'Qwen/Qwen2.5-32B-Instruct'),
    requestsPerDay: fc.integer({ min: 5000, max: 3_000_000 }),
    objectives: fc.constantFrom({}, { ttftMsP95: 1000 }, { timePerOutputTokenMsP95: 40 }, { endToEndMsP95: 12_000 }),
  }),
  constraints: fc.constantFrom<NonNullable<InferenceRecommendationRequest['constraints']>>(
    {},
    { countries: ['DE', 'SE'] },
    { excludedProviders: ['two'] },
    { monthlyBudgetUsd: '20000' },
  ),
  purchase: fc.constantFrom<NonNullable<InferenceRecommendationRequest['purchase']>>(
    {},
    { accept: ['on_demand', 'spot', 'committed'] },
    { accept: ['spot'] },
  ),
});

/** Every device, parallelism, region and way of paying, each by an estimate of its own. */
function bruteForce(
  catalog: CatalogSnapshot,
  { inference, constraints = {}, purchase = {} }: InferenceRecommendationRequest,
  changed: Partial<InferenceRequest> = {},
): number {
  let best = Number.POSITIVE_INFINITY;
  for (const device of DEVICES) {
    for (const { id: region, country, providerId } of REGIONS) {
      if (constraints.countries !== undefined && !constraints.countries.includes(country)) continue;
      if (constraints.excludedProviders?.includes(providerId) === true) continue;
      for (const category of purchase.accept ?? ['on_demand']) {
        for (const tensorParallel of [1, 2, 4, 8]) {
          const answer = estimateInference(
            catalog,
            {
              ...inference,
              ...changed,
              device,
              location: { region },
              purchase: { category },
              serving: { ...changed.serving, tensorParallel },
            },
            AT,
          );
          if (answer.status !== 'feasible') continue;
          best = Math.min(best, toNumber(answer.costPerMonth.total.amount));
        }
      }
    }
  }
  return best <= Number(constraints.monthlyBudgetUsd ?? Number.POSITIVE_INFINITY) ? best : Number.POSITIVE_INFINITY;
}

const costOf = async (catalog: CatalogSnapshot, request: InferenceRecommendationRequest): Promise<number> => {
  const answer = await recommendHardware(catalog, { ...request, maxOptions: 1 }, AT, noPause);
  if (answer.status === 'infeasible') return Number.POSITIVE_INFINITY;
  const estimate: FeasibleInference | undefined = answer.options[0]?.estimate;
  return toNumber(estimate?.costPerMonth.total.amount ?? { amount: 'NaN', currency: 'USD' });
};

describe('on random catalogs', () => {
  it('the winner costs what brute force finds, and nothing where it finds nothing', async () => {
    await fc.assert(
      fc.asyncProperty(markets, requests, async (list, request) => {
        const catalog = catalogOf(list);
        const best = bruteForce(catalog, request);
        const found = await costOf(catalog, request);
        if (best === Number.POSITIVE_INFINITY) expect(found).toBe(best);
        else expect(found).toBeCloseTo(best, 3);
      }),
      { numRuns: 25, seed: 25 },
    );
  }, 60_000);

  it('more budget, looser objectives, more ways of paying and cheaper prices never cost more', async () => {
    await fc.assert(
      fc.asyncProperty(markets, requests, async (list, request) => {
        const catalog = catalogOf(list);
        const base = await costOf(catalog, request);
        const { constraints, inference, purchase } = request;
        const noMore = async (changed: InferenceRecommendationRequest, market = catalog) =>
          expect(await costOf(market, changed)).toBeLessThanOrEqual(base + 1e-3);
        await noMore({ ...request, constraints: { ...constraints, monthlyBudgetUsd: '999999999' } });
        const objectives = Object.fromEntries(
          Object.entries(inference.objectives).map(([name, value]) => [name, (value as number) * 1.5]),
        );
        await noMore({ ...request, inference: { ...inference, objectives } });
        await noMore({ ...request, purchase: { ...purchase, accept: ['on_demand', 'spot', 'committed'] } });
        await noMore(request, catalogOf(list, 0.9));
        await noMore({ ...request, constraints: { ...constraints, minAccuracyPercent: 95 } });
      }),
      { numRuns: 15, seed: 15 },
    );
  }, 60_000);
});

describe('optimizations on random catalogs', () => {
  // what the presets stand for, written out as requests for an estimate
  const presets: Readonly<Record<string, (model: string) => Partial<InferenceRequest>>> = {
    prefix_caching: () => ({ traffic: { prefixCacheHitRate: 0.563 } }),
    speculative_decoding: (model) => {
      const costFraction = draftCostFraction(seed.model(model)?.architecture as LanguageArchitecture, 3);
      return {
        serving: { speculative: { draftTokens: 3, acceptedTokens: 1.52, draftCostFraction: costFraction } },
      };
    },
    quantized_kv: () => ({ serving: { kvCacheFormat: 'fp8' } }),
    disaggregated: () => ({ serving: { disaggregated: true } }),
  };
  const formats = ['fp8', 'int8', 'int4', 'fp4'] as const;

  it('lose nothing by pruning: each saves what brute force finds, and no bound lies above it', async () => {
    let pruned = 0;
    let saving = 0;
    await fc.assert(
      fc.asyncProperty(markets, requests, async (list, request) => {
        const catalog = catalogOf(list);
        const base = bruteForce(catalog, request);
        const answer = await recommendHardware(catalog, { ...request, maxOptions: 1 }, AT, noPause);
        fc.pre(answer.status === 'feasible');
        if (answer.status !== 'feasible') return;
        for (const report of answer.byOptimization) {
          if (report.status !== 'saves' && report.status !== 'saves_nothing') continue;
          const changes =
            report.id === 'quantized_weights'
              ? formats.map((weightFormat) => ({ serving: { weightFormat } }))
              : report.id === 'distilled'
                ? []
                : [presets[report.id]?.(request.inference.model) ?? {}];
          if (changes.length === 0) continue;
          const best = Math.min(...changes.map((change) => bruteForce(catalog, request, change)));
          pruned += report.pruned;
          if (best < base - 1e-3) {
            saving++;
            expect(report.status, report.id).toBe('saves');
            expect(Number(report.cheapest?.total.amount), report.id).toBeCloseTo(best, 3);
            expect(report.savingUsdPerMonth).toBeCloseTo(base - best, 2);
          } else expect(report.status, report.id).toBe('saves_nothing');
          expect(report.atLeastUsdPerMonth ?? 0).toBeLessThanOrEqual(best + 1e-3);
        }
      }),
      { numRuns: 12, seed: 12 },
    );
    expect(pruned).toBeGreaterThan(0);
    expect(saving).toBeGreaterThan(0);
  }, 60_000);

  it('are compared by the figure that ranks: each is as good as if it were accepted', async () => {
    const inference = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 300_000 };
    let better = 0;
    for (const by of ['latency', 'carbon'] as const) {
      const rankBy = [{ by }];
      const figure = ({
        point,
        carbonKilograms,
      }: {
        point: { endToEndMsP95: number };
        carbonKilograms: number | null;
      }) => (by === 'latency' ? point.endToEndMsP95 : (carbonKilograms ?? Number.NaN));
      const plain = await seeded({ inference, rankBy, maxOptions: 1 });
      const winner = plain.options[0]?.option;
      if (winner === undefined) throw new Error('No option.');
      for (const id of ['prefix_caching', 'speculative_decoding', 'disaggregated'] as const) {
        const report = plain.byOptimization.find((one) => one.id === id)?.better ?? null;
        const accepted = await seeded({ inference, rankBy, maxOptions: 1, optimizations: { accept: [id] } });
        const best = accepted.options[0]?.option ?? winner;
        if (report === null) expect(figure(best)).toBe(figure(winner));
        else {
          better++;
          expect([report.from, report.to]).toEqual([figure(winner), figure(best)]);
        }
      }
    }
    expect(better).toBeGreaterThan(0);
  }, 30_000);

  it('win where they are accepted and cost less, and never cost more', async () => {
    await fc.assert(
      fc.asyncProperty(markets, requests, async (list, request) => {
        const catalog = catalogOf(list);
        const base = bruteForce(catalog, request);
        for (const id of ['prefix_caching', 'disaggregated'] as const) {
          const best = Math.min(base, bruteForce(catalog, request, presets[id]?.(request.inference.model)));
          const found = await costOf(catalog, { ...request, optimizations: { accept: [id] } });
          if (best === Number.POSITIVE_INFINITY) expect(found).toBe(best);
          else expect(found).toBeCloseTo(best, 3);
        }
      }),
      { numRuns: 8, seed: 8 },
    );
  }, 60_000);

  it('keep the accuracy floor, whether accepted or not', async () => {
    const inference = { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 };
    const accepted = await seeded({
      inference,
      constraints: { minAccuracyPercent: 99 },
      optimizations: { accept: ['quantized_kv', 'distilled'] },
      maxOptions: 1000,
    });
    for (const { option } of accepted.options) expect(option.point.accuracyPercent ?? 100).toBeGreaterThanOrEqual(99);
    expect(accepted.options.every(({ option }) => option.point.preset === null)).toBe(true);
    expect(accepted.leftOut.groups.map(({ constraint }) => constraint)).toContain('accuracy');
    const plain = await seeded({ inference });
    const narrower = plain.byOptimization.find(({ id }) => id === 'quantized_weights');
    const format = narrower?.cheapest?.option.point.serving.weightFormat ?? 'bf16';
    expect(narrower?.change).toEqual({ field: '/constraints/minAccuracyPercent', to: formatQuality(format)?.low });
  });

  it('that are not accepted are left out by name, with what they cost at least', async () => {
    const inference = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 500_000 };
    const { leftOut, byOptimization, options } = await seeded({
      inference,
      leftOut: { constraint: 'optimization', limit: 500 },
    });
    const families = leftOut.items;
    expect(families.length).toBe(leftOut.groups.find(({ constraint }) => constraint === 'optimization')?.count);
    expect(families.length).toBeGreaterThan(100);
    for (const { id, atLeastUsdPerMonth } of byOptimization) {
      const ofPreset = families.filter(({ familyId }) => familyId.endsWith(`+${id}`));
      if (ofPreset.length === 0) continue;
      const least = Math.min(...ofPreset.map(({ cheapestUsdPerMonth }) => cheapestUsdPerMonth ?? 0));
      expect(least).toBeCloseTo(atLeastUsdPerMonth ?? 0, 6);
    }
    const winner = options[0]?.option.usdPerMonth ?? 0;
    const cheapestWith = (familyId: string): number => {
      const report = byOptimization.find(({ id }) => familyId.endsWith(`+${id}`));
      return Math.min(winner, report?.cheapest?.option.usdPerMonth ?? winner);
    };
    for (const { familyId, options: count, cheapestUsdPerMonth } of families) {
      // what was pruned costs at least as much as the best that was found
      if (count === 0) expect(cheapestUsdPerMonth, familyId).toBeGreaterThanOrEqual(cheapestWith(familyId));
    }
  });

  it('that cannot be had are refused where they are accepted, each with what to change', async () => {
    const inference = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 500_000 };
    const refused = (request: InferenceRecommendationRequest) =>
      recommendHardware(seed, request, AT, noPause).then(
        () => '',
        (error: { faults?: { pointer: string }[] }) => error.faults?.[0]?.pointer ?? String(error),
      );
    const accept = ['prefix_caching'] as const;
    const sharing = { ...inference, traffic: { prefixCacheHitRate: 0 } };
    expect(await refused({ inference: sharing, optimizations: { accept } })).toBe('/optimizations/accept/0');
    const classifier = { model: 'torchvision/resnet50', requestsPerDay: 1000 };
    expect(await refused({ inference: classifier, optimizations: { accept } })).toBe('/optimizations/accept/0');
    for (const distilledModel of ['nobody/nothing', 'torchvision/resnet50']) {
      expect(await refused({ inference, optimizations: { distilledModel } })).toBe('/optimizations/distilledModel');
    }
  });
});

describe('ranking', () => {
  const request = { inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 400_000 }, maxOptions: 1000 };

  it('is lexicographic: what is within the tolerance goes by the next figure, all else by the first', async () => {
    const options = (await seeded(request)).options.map(({ option }) => option);
    const order = ranked(options, [{ by: 'cost', withinPercent: 100 }, { by: 'latency' }]);
    const cheapest = Math.min(...options.map(({ usdPerMonth }) => usdPerMonth));
    const first = order.filter(({ usdPerMonth }) => usdPerMonth <= cheapest * 2);
    expect(first.length).toBeGreaterThan(1);
    expect(order.slice(0, first.length)).toEqual(first);
    const latencies = first.map(({ point }) => point.endToEndMsP95);
    expect(latencies).toEqual([...latencies].sort((a, b) => a - b));
    expect([...order].map(optionId).sort()).toEqual(options.map(optionId).sort());
  });

  it('has a Pareto front that nothing beats, and that beats everything else', async () => {
    const options = (await seeded(request)).options.map(({ option }) => option);
    const front = paretoFront(options, ['cost', 'latency']);
    const beats = (a: (typeof options)[number], b: (typeof options)[number]) =>
      a.usdPerMonth <= b.usdPerMonth && a.point.endToEndMsP95 <= b.point.endToEndMsP95;
    for (const option of options) {
      if (front.includes(option)) expect(front.filter((other) => beats(other, option))).toEqual([option]);
      else expect(front.some((other) => beats(other, option))).toBe(true);
    }
  });

  it('names both ends of a front that is too long to name, in its order', async () => {
    const accept = ['on_demand', 'spot', 'committed', 'owned'] as const;
    const fastest = await seeded({ ...request, purchase: { accept }, rankBy: [{ by: 'latency' }], maxOptions: 25 });
    const front = fastest.paretoFront.map(({ option }) => option);
    expect(front).toHaveLength(25);
    expect(new Set(front).size).toBe(25);
    expect(ranked(front, [{ by: 'cost' }])).toEqual(front);
    const least = (figure: (option: (typeof front)[number]) => number) => Math.min(...front.map(figure));
    for (const { option } of fastest.options) {
      expect(least((one) => one.point.endToEndMsP95)).toBeLessThanOrEqual(option.point.endToEndMsP95);
      expect(least((one) => one.usdPerMonth)).toBeLessThanOrEqual(option.usdPerMonth);
    }
  });
});

describe('the runner-up', () => {
  const request = {
    inference: {
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 5_000_000,
      objectives: { timePerOutputTokenMsP95: 60 },
    },
  };

  it('wins at the price, the load and the objective named', async () => {
    const answer = await seeded(request);
    const { runnerUp, options } = answer;
    const winner = options[0]?.option;
    const other = options.find(({ option }) => optionId(option) === runnerUp?.optionId)?.option;
    if (runnerUp === null || winner === undefined || other === undefined) throw new Error('No runner-up.');
    const { price, load, objectives, gapUsdPerMonth } = runnerUp.breakEvens;
    expect(gapUsdPerMonth).toBeCloseTo(other.usdPerMonth - winner.usdPerMonth, 6);
    expect(Number(price?.to) * other.devicesPaid * 730).toBeLessThan(winner.usdPerMonth);
    expect(Number(price?.to) * other.devicesPaid * 730).toBeGreaterThan(winner.usdPerMonth * 0.999);
    const cheapestOn = async (deviceId: string, changed: InferenceRecommendationRequest) =>
      Math.min(
        ...(await seeded({ ...changed, constraints: { devices: [deviceId] }, maxOptions: 1 })).options.map(
          ({ option }) => option.usdPerMonth,
        ),
      );
    const tried: InferenceRecommendationRequest[] = [
      ...[load.below, load.above].flatMap((requestsPerDay) =>
        requestsPerDay === null ? [] : [{ inference: { ...request.inference, requestsPerDay } }],
      ),
      ...objectives.flatMap(({ tighter, looser }) =>
        [tighter, looser].flatMap((value) =>
          value === null
            ? []
            : [{ inference: { ...request.inference, objectives: { timePerOutputTokenMsP95: value } } }],
        ),
      ),
    ];
    expect(tried.length).toBeGreaterThan(0);
    for (const changed of tried) {
      const theirs = await cheapestOn(other.point.device.id, changed);
      // the winner as it was served and paid: other ways of serving it may still be cheaper
      const same = await seeded({
        ...changed,
        inference: { ...changed.inference, serving: winner.point.serving },
        constraints: { devices: [winner.point.device.id] },
        maxOptions: 1000,
      }).catch(() => null);
      const ours = same?.options.map(({ option }) => option.usdPerMonth) ?? [];
      expect(theirs).toBeLessThan(Math.min(Number.POSITIVE_INFINITY, ...ours) + 1e-6);
    }
  });

  it('is compared inside the bands: the ratio of costs lies around that of the point estimates', async () => {
    const { runnerUp, options } = await seeded(request);
    const other = options.find(({ option }) => optionId(option) === runnerUp?.optionId)?.option;
    const { costRatio, verdict } = runnerUp?.stability ?? { costRatio: null, verdict: '' };
    if (costRatio === null) throw new Error('Both cost something.');
    const ratio = (options[0]?.option.usdPerMonth ?? 0) / (other?.usdPerMonth ?? 1);
    expect(costRatio.p10).toBeLessThan(ratio);
    expect(costRatio.p90).toBeGreaterThan(ratio);
    expect(verdict === 'nine_in_ten').toBe(costRatio.p90 < 1);
    const byLatency = await seeded({ ...request, rankBy: [{ by: 'latency' }] });
    expect(byLatency.options[0]?.option.usdPerMonth ?? 0).toBeGreaterThan(2 * (options[0]?.option.usdPerMonth ?? 0));
    expect(byLatency.runnerUp?.stability.costRatio?.p10).toBeGreaterThan(0);
  });

  it('is remembered for the day: the same workload asked later that day gives the same figures', async () => {
    const at = (time: string) => recommendHardware(seed, request, time, noPause);
    const [morning, evening] = [await at('2026-11-24T06:00:00.000Z'), await at('2026-11-24T18:00:00.000Z')];
    expect(JSON.stringify(evening)).toBe(JSON.stringify(morning));
  });
});
