import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer, Price } from '../../../../src/domain/catalog/offers.ts';
import type { CatalogSnapshot } from '../../../../src/domain/catalog/snapshot.ts';
import { estimateBuildOrBuy } from '../../../../src/domain/economics/build-or-buy/estimate.ts';
import type { Way } from '../../../../src/domain/economics/build-or-buy/estimate-result.ts';
import type { BuildOrBuyRequest } from '../../../../src/domain/economics/build-or-buy/request.ts';
import { tokenApiCost } from '../../../../src/domain/economics/build-or-buy/token-api-cost.ts';
import { bill } from '../../../../src/domain/economics/line-item.ts';
import { selectPrices } from '../../../../src/domain/economics/price-selection.ts';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import { estimateInference } from '../../../../src/domain/inference/estimate.ts';
import { AT, snapshot } from '../../seed.ts';

const CHAT: BuildOrBuyRequest = {
  model: 'meta-llama/Llama-3.1-70B',
  requestsPerDay: 1_000_000,
  promptTokens: { mean: 1000, coefficientOfVariation: 1 },
  outputTokens: { mean: 200, coefficientOfVariation: 1 },
};
const estimate = (request: BuildOrBuyRequest) => estimateBuildOrBuy(snapshot, request, AT);
const usd = ({ costPerMonth }: Way) => Number(costPerMonth.total.amount.amount);

describe('ways', () => {
  const { ways } = estimate(CHAT);

  it('are listed cheapest first, each with lines that sum to its total', () => {
    expect(ways.map(usd)).toEqual(ways.map(usd).toSorted((a, b) => a - b));
    for (const { costPerMonth } of ways) {
      const sum = costPerMonth.lineItems.reduce((total, item) => total.plus(item.amount.amount), new Decimal(0));
      expect(sum.toFixed(4)).toBe(costPerMonth.total.amount.amount);
    }
    expect(new Set(ways.map(({ kind }) => kind))).toEqual(
      new Set(['token_api', 'managed_platform', 'on_demand', 'spot', 'committed', 'owned']),
    );
  });

  it('tokens cost tokens x price', () => {
    const way = ways.find(({ offerId }) => offerId === 'nebius/global/meta-llama-Llama-3.3-70B-Instruct');
    const million = (1_000_000 * 730) / 24 / 1e6;
    expect(usd(way as Way)).toBeCloseTo(million * (1000 * 0.25 + 200 * 0.75), 2);
  });

  it('a deployment costs what the inference estimate says', () => {
    const { buying: _buying, ...question } = CHAT;
    const alone = estimateInference(snapshot, question, AT);
    if (alone.status !== 'feasible') throw new Error(alone.summary);
    const way = ways.find(({ kind }) => kind === 'on_demand');
    expect(way?.costPerMonth.total.amount).toEqual(alone.costPerMonth.total.amount);
  });

  it('of one’s own say how many people they leave out of the bill', () => {
    for (const { kind, caveats } of ways) {
      if (kind === 'token_api' || kind === 'managed_platform') continue;
      expect(caveats[0]).toMatch(/^People to run it .* about [\d.,]+ engineers, [\d.,]+ (M )?USD a month\.$/);
    }
  });

  it('spot pays for its interruptions and is still cheaper than on demand on the same device', () => {
    const pinned = estimate({ ...CHAT, device: 'nvidia-h100-sxm5-80gb' });
    const spot = pinned.ways.find(({ kind }) => kind === 'spot');
    const demand = pinned.ways.find(({ kind }) => kind === 'on_demand');
    expect(spot?.costPerMonth.lineItems.map(({ id }) => id)).toContain('interruptions');
    expect(usd(spot as Way)).toBeLessThan(usd(demand as Way));
  });
});

it('prompts that end far below the bound of long ones are not said to reach it', () => {
  const [way] = estimate({
    ...CHAT,
    promptTokens: { mean: 2000, coefficientOfVariation: 0.5 },
    buying: { alternativeOffers: ['google-gemini/global/gemini-2.5-pro'] },
  }).ways.filter(({ offerId }) => offerId === 'google-gemini/global/gemini-2.5-pro') as [Way];
  expect(way.costPerMonth.lineItems.map(({ id }) => id)).toEqual(['tokens.input', 'tokens.output']);
  expect(way.caveats.join(' ')).not.toContain('long prompts');
});

describe('surcharges', () => {
  const plain = estimate(CHAT).ways;
  const taxed = estimate({ ...CHAT, surcharges: { taxPercent: 20, supportPercent: 10 } }).ways;
  const of = (ways: readonly Way[], { kind, label }: Way) =>
    ways.find((one) => one.kind === kind && one.label === label);

  it('are charged on every way alike: tax on tokens too, support on whole instances of a platform', () => {
    for (const way of plain) {
      const factor = way.kind === 'token_api' ? 1.2 : 1.1 * 1.2;
      if (way.kind === 'owned') continue;
      expect(usd(of(taxed, way) as Way) / usd(way), way.label).toBeCloseTo(factor, 4);
    }
  });

  it('a platform is paid for the hours that the deployment runs', () => {
    const night = { ...CHAT, traffic: { activeHoursPerDay: 8, peakToMeanRatio: 1 } };
    const [fixed, scaled] = [night, { ...night, scaling: { mode: 'scale_to_zero' as const } }].map((request) => {
      const platform = estimate(request).ways.find(({ kind }) => kind === 'managed_platform') as Way;
      return usd(platform);
    }) as [number, number];
    expect(scaled / fixed).toBeGreaterThan(8 / 24);
    expect(scaled / fixed).toBeLessThan(9 / 24);
  });
});

describe('managed platforms', () => {
  const { ways } = estimate({ ...CHAT, model: 'meta-llama/Llama-3.1-8B', device: 'nvidia-l4-24gb' });
  const platforms = ways.filter(({ kind }) => kind === 'managed_platform');

  it('are listed one by one, the cheapest of each provider, by what they add to the machine alone', () => {
    expect(platforms.map(({ providerId }) => providerId).toSorted()).toEqual(['aws', 'gcp']);
    for (const { caveats } of platforms) expect(caveats[0]).toMatch(/the same machine without the platform/);
  });

  it('never stand in for a machine that is rented', () => {
    for (const { kind, offerId } of ways) {
      if (kind !== 'on_demand' && kind !== 'spot' && kind !== 'committed') continue;
      expect(snapshot.offer(offerId ?? '')?.kind).not.toBe('managed_platform');
    }
    const h100 = { deviceId: 'nvidia-h100-sxm5-80gb', at: AT, regionId: 'gcp/us-central1' };
    const { options, excluded } = selectPrices(snapshot, { ...h100, preference: { category: 'on_demand' } });
    expect(options.every(({ offer }) => offer.kind !== 'managed_platform')).toBe(true);
    expect(excluded.map(({ reason }) => reason)).toContain('managed_platform');
    // the rate of the accelerator alone buys no machine, on a platform either
    const platform = estimate({ ...CHAT, device: h100.deviceId, location: { region: h100.regionId } }).ways.find(
      ({ kind }) => kind === 'managed_platform',
    );
    expect(platform?.offerId).not.toContain('training');
  });
});

describe('tokens', () => {
  it('of the model are not for sale beyond its context', () => {
    const { ways, unavailable } = estimate({ ...CHAT, promptTokens: { mean: 250_000 } });
    expect(ways.filter(({ kind }) => kind === 'token_api')).toEqual([]);
    expect(unavailable.find(({ kind }) => kind === 'token_api')?.detail).toMatch(/context/);
  });

  const nebius = (change: Partial<BuildOrBuyRequest>) =>
    usd(estimate({ ...CHAT, ...change }).ways.find(({ offerId }) => offerId === 'openai/global/gpt-4.1-mini') as Way);
  const buying = { alternativeOffers: ['openai/global/gpt-4.1-mini'] };

  it('cost half in batches and less where the cache has them', () => {
    const plain = nebius({ buying });
    expect(nebius({ buying: { ...buying, batchShare: 1 } })).toBeCloseTo(plain / 2, 2);
    expect(nebius({ buying, traffic: { prefixCacheHitRate: 0.5 } })).toBeLessThan(plain);
  });

  it('in batches cost the batch price of the catalog, or half where the provider says so, which is told', () => {
    const wayOf = (offerId: string) =>
      estimate({ ...CHAT, buying: { alternativeOffers: [offerId], batchShare: 1 } }).ways.find(
        (way) => way.offerId === offerId,
      ) as Way;
    const listed = wayOf('openai/global/gpt-4.1-mini');
    expect(listed.costPerMonth.lineItems.map(({ priceId }) => priceId)).toEqual([
      'openai/global/gpt-4.1-mini/token-million_batch_input_tokens',
      'openai/global/gpt-4.1-mini/token-million_batch_output_tokens',
    ]);
    expect(listed.caveats.join(' ')).not.toMatch(/half/);
    expect(wayOf('mistral/global/codestral').caveats.join(' ')).toMatch(/half/);
  });

  it('of long prompts cost what the tier says, as far as prompts reach it', () => {
    const offer = 'google-gemini/global/gemini-2.5-pro';
    const costAt = (mean: number, coefficientOfVariation: number) =>
      usd(
        estimate({
          ...CHAT,
          promptTokens: { mean, coefficientOfVariation },
          outputTokens: { mean: 1000, coefficientOfVariation: 0 },
          buying: { alternativeOffers: [offer] },
        }).ways.find(({ offerId }) => offerId === offer) as Way,
      );
    const million = (1_000_000 * 730) / 24 / 1e6;
    const short = (prompt: number) => million * (prompt * 1.25 + 1000 * 10);
    const long = (prompt: number) => million * (prompt * 2.5 + 1000 * 15);
    expect(costAt(100_000, 0) / short(100_000)).toBeCloseTo(1, 6);
    expect(costAt(200_000, 0) / long(200_000)).toBeCloseTo(1, 6);
    const mixed = costAt(100_000, 1);
    expect(mixed).toBeGreaterThan(short(100_000));
    expect(mixed).toBeLessThan(long(100_000));
  });

  it('in volume tiers each cost what their tier says, and never less in all for more', () => {
    const offer = snapshot.offer('openai/global/gpt-4.1-mini') as Offer;
    const [any] = snapshot.pricesOfOffer(offer.id, AT) as [Price];
    const tier = (unit: Price['unit'], tierFrom: number, amount: string): Price => ({
      ...any,
      id: `${unit}-${tierFrom}`,
      unit,
      tierFrom,
      amount,
    });
    const tiered = [
      tier('million_output_tokens', 0, '4'),
      tier('million_input_tokens', 500, '0.5'),
      tier('million_input_tokens', 0, '1'),
      tier('million_input_tokens', 100, '0.8'),
    ];
    const catalog: CatalogSnapshot = Object.create(snapshot, { pricesOfOffer: { value: () => tiered } });
    const costOf = (promptMillions: number) => {
      const cost = tokenApiCost(
        catalog,
        offer,
        {
          promptMillions,
          outputMillions: 10,
          promptTokens: { mean: 1000, coefficientOfVariation: 0 },
          cachedShare: 0,
          batchShare: 0,
        },
        AT,
      );
      return bill(cost?.drafts ?? [], 'USD');
    };
    expect(Number(costOf(1000).total.amount)).toBe(100 * 1 + 400 * 0.8 + 500 * 0.5 + 10 * 4);
    expect(Number(costOf(60).total.amount)).toBe(60 + 40);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 2000, noNaN: true }),
        fc.double({ min: 0, max: 500, noNaN: true }),
        (a, b) => {
          expect(Number(costOf(a + b).total.amount)).toBeGreaterThanOrEqual(Number(costOf(a).total.amount) - 1e-3);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('of another model, or of no place, are said to be something else', () => {
    const { ways } = estimate({ ...CHAT, buying, location: { country: 'AE' } });
    const other = ways.find(({ offerId }) => offerId === buying.alternativeOffers[0]);
    expect(other?.caveats[0]).toContain('Another model');
    for (const way of ways) if (way.kind === 'token_api') expect(way.comparability).toBe('other_place');
  });

  it('of no place are not called the cheapest without a word about the place', () => {
    const { ways, summary } = estimate({ ...CHAT, location: { country: 'AE' } });
    expect(ways[0]?.comparability).toBe('other_place');
    expect(summary).toContain('nothing says that requests stay in AE');
  });
});

describe('the break-even', () => {
  it('is where the two cost the same: below it tokens are cheaper, above it the deployment', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('deepseek-ai/DeepSeek-V3', 'meta-llama/Llama-3.1-70B', 'meta-llama/Llama-3.1-8B'),
        (model) => {
          // said, because a named device is not held to the pace that otherwise goes without saying
          const paced = { ...CHAT, model, objectives: { timePerOutputTokenMsP95: 100 } };
          const { breakEvens } = estimate({ ...paced, requestsPerDay: 10_000_000 });
          for (const even of breakEvens) {
            if (even.requestsPerDay === null || even.build.includes('spot')) continue;
            const device = snapshot.devices.find(({ name }) => even.build.endsWith(` x ${name}`))?.id as string;
            const costsAt = (requestsPerDay: number) => {
              const { ways } = estimate({ ...paced, device, requestsPerDay });
              const kind = even.build.split(':')[0] as string;
              const build = ways.find(({ label }) => label.startsWith(`${kind}:`)) as Way;
              const buy = ways.find(({ offerId }) => offerId === even.buyOfferId) as Way;
              return usd(build) / usd(buy);
            };
            expect(costsAt(even.requestsPerDay * 0.8)).toBeGreaterThan(1);
            expect(costsAt(even.requestsPerDay * 1.001)).toBeLessThan(1.35);
            expect(even.utilization).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});

it('from the break-even on building costs less at every load, also where one more replica is added', () => {
  const asked: BuildOrBuyRequest = {
    ...CHAT,
    model: 'Qwen/Qwen2.5-72B',
    device: 'nvidia-h100-sxm5-80gb',
    purchase: { usdPerDeviceHour: '0.5' },
  };
  const { breakEvens } = estimate(asked);
  const [even] = breakEvens;
  const load = even?.requestsPerDay as number;
  const ratioAt = (requestsPerDay: number) => {
    const { ways } = estimate({ ...asked, requestsPerDay });
    const build = ways.find(({ kind }) => kind === 'own_rate') as Way;
    return usd(build) / usd(ways.find(({ offerId }) => offerId === even?.buyOfferId) as Way);
  };
  expect(ratioAt(load * 0.99)).toBeGreaterThan(1);
  for (let factor = 1.01; factor < 3; factor += 0.05) expect(ratioAt(load * factor), `${factor}`).toBeLessThan(1);
  // it does so sooner where the devices are nearly full, and no more where a replica is added
  const first = Number(/From ([\d,]+) on it does so while/.exec(even?.statement ?? '')?.[1]?.replaceAll(',', ''));
  expect(first).toBeLessThan(load);
  expect(ratioAt(first * 1.005)).toBeLessThan(1);
});

describe('what cannot be', () => {
  it.each([
    [{ ...CHAT, model: 'resnet50' }, '/model'],
    [{ ...CHAT, buying: { alternativeOffers: ['openai/global/gpt-99'] } }, '/buying/alternativeOffers/0'],
    [{ ...CHAT, buying: { alternativeOffers: ['aws/us-east-1/p5.48xlarge'] } }, '/buying/alternativeOffers/0'],
    [{ ...CHAT, device: 'h100' }, '/device'],
  ] as [BuildOrBuyRequest, string][])('refuses %j at %s', (request, pointer) => {
    try {
      estimate({ ...request, ...(request.model === 'resnet50' && { promptTokens: {} }) });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(RequestFaultError);
      expect((error as RequestFaultError).faults[0]?.pointer).toBe(pointer);
    }
  });

  it('a model of one’s own is sold by nobody, and the answer says so', () => {
    const answer = estimate({
      customLanguageModel: {
        name: 'our-13b',
        layers: 40,
        hiddenSize: 5120,
        ffnHiddenSize: 13_824,
        vocabularySize: 128_256,
        attentionHeads: 40,
        kvHeads: 8,
      },
      requestsPerDay: 500_000,
    });
    expect(answer.unavailable.map(({ kind }) => kind)).toContain('token_api');
    expect(answer.breakEvens).toEqual([]);
    expect(answer.ways.length).toBeGreaterThan(0);
  });
});
