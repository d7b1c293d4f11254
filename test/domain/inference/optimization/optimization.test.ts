import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedRequest } from '../../../../src/domain/estimate/changed-request.ts';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import { OPTIMIZATIONS } from '../../../../src/domain/inference/optimization/options.ts';
import type { OptimizationReport } from '../../../../src/domain/inference/optimization/report.ts';
import { optimizationReport } from '../../../../src/domain/inference/optimization/report.ts';
import { Laboratory } from '../../../../src/domain/inference/optimization/trial.ts';
import { qualityOf, trialWith } from '../../../../src/domain/inference/optimization/waterfall.ts';
import type { InferenceRequest } from '../../../../src/domain/inference/request.ts';
import type { LanguageArchitecture } from '../../../../src/domain/models/architecture.ts';
import { AT, snapshot } from '../../seed.ts';
import { estimate, feasible, H100 } from '../seeded-estimates.ts';

const CHAT: InferenceRequest = {
  model: 'meta-llama/Llama-3.1-70B',
  requestsPerDay: 10_000_000,
  device: H100,
  location: { country: 'AE' },
};

const report = (request: InferenceRequest): OptimizationReport =>
  optimizationReport(snapshot, request, feasible(request), AT);

const optionOf = ({ options }: OptimizationReport, id: string) => {
  const option = options.find((one) => one.id === id);
  if (option === undefined) throw new Error(`There is no option ${id}.`);
  return option;
};

describe('each option alone', () => {
  const chat = report(CHAT);

  it.each([
    'quantization.fp8',
    'quantization.int4',
    'caching.prefix',
    'speculative_decoding',
    'distillation',
    'right_sizing',
    'disaggregation',
  ])('%s: asking for its changes costs what it says', (id) => {
    const option = optionOf(chat, id);
    const asked = feasible(option.changes.reduce((request, { field, to }) => changedRequest(request, field, to), CHAT));
    expect(Number(asked.costPerMonth.total.amount.amount)).toBeCloseTo(option.usdPerMonth as number, 2);
  });

  it('says why what cannot be had cannot be had', () => {
    for (const { status, detail, factors } of chat.options) {
      if (status !== 'not_available') continue;
      expect(detail).toMatch(/\.$/);
      expect(factors).toBeNull();
    }
  });

  it('shows what the request has already by what it would cost without', () => {
    const served = report({ ...CHAT, serving: { weightFormat: 'fp8' }, traffic: { prefixCacheHitRate: 0.4 } });
    for (const id of ['quantization.fp8', 'caching.prefix', 'batching.continuous', 'batching.any']) {
      const { status, factors } = optionOf(served, id);
      expect(status).toBe('applied');
      expect(factors?.cost).toBeLessThan(0.9);
    }
  });

  it('no option beats the peak of the arithmetic it uses', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('meta-llama/Llama-3.1-8B', 'Qwen/Qwen3-32B', 'meta-llama/Llama-3.1-70B'),
        fc.constantFrom(H100, 'nvidia-a100-sxm4-80gb', 'nvidia-l40s-48gb'),
        fc.integer({ min: 64, max: 4000 }),
        fc.integer({ min: 16, max: 1000 }),
        (model, device, prompt, output) => {
          const request = {
            model,
            device,
            requestsPerDay: 5_000_000,
            promptTokens: { mean: prompt, coefficientOfVariation: 0 },
            outputTokens: { mean: output, coefficientOfVariation: 0 },
          };
          const base = estimate(request);
          if (base.status !== 'feasible' || base.performance.kind !== 'language') return;
          const { deployment, performance } = base;
          const perDevice = performance.saturationRequestsPerSecondPerReplica.p50 / deployment.devicesPerReplica;
          const architecture = snapshot.model(model)?.architecture as LanguageArchitecture;
          const peaks = snapshot.device(device)?.densePeakFlops ?? {};
          const embeddings = architecture.vocabularySize * architecture.hiddenSize * 2;
          const flops = 2 * (architecture.parametersActive - embeddings);
          for (const { id, factors } of optimizationReport(snapshot, request, base, AT).options) {
            if (factors === null || !/^(quantization|pruning.2_4|speculative)/.test(id)) continue;
            const narrow = id.endsWith('fp8') ? peaks.fp8 : id.endsWith('int8') ? peaks.int8 : peaks.bf16;
            const peak = (narrow ?? peaks.bf16 ?? 0) * (id === 'pruning.2_4' ? 2 : 1);
            expect(perDevice * factors.throughputPerDevice * flops * (prompt + output)).toBeLessThan(peak);
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('the gain of weight-only formats and of drafts', () => {
  it.each(['meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-70B'])('vanishes at large batch on %s', (model) => {
    // short contexts: with long ones drafts also save reading the KV cache, at any batch
    const short = { promptTokens: { mean: 64 }, outputTokens: { mean: 128 } };
    const { batchGains } = report({ ...CHAT, ...short, model });
    const int4 = batchGains.map((row) => row.int4 as number);
    expect(int4[0]).toBeGreaterThan(1.5);
    expect(int4.at(-1)).toBeLessThan(1.06);
    expect(int4).toEqual(int4.toSorted((a, b) => b - a));
    const drafts = batchGains.map((row) => row.speculativeDecoding);
    expect(drafts[0]).toBeGreaterThan(1.5);
    expect(drafts.at(-1)).toBeLessThan(1);
    expect(drafts).toEqual(drafts.toSorted((a, b) => b - a));
    // no more than the tokens a step yields, and than the bytes that are not read and the arithmetic that is wider
    expect(Math.max(...drafts)).toBeLessThan(2.52);
    expect(Math.max(...int4)).toBeLessThan(4);
    for (const { fp8, int8 } of batchGains) {
      expect(fp8).toBeLessThan(2.05);
      expect(int8).toBeLessThan(2.05);
    }
  });

  it('falls below that of fp8, which computes in fp8 too', () => {
    const last = report(CHAT).batchGains.at(-1);
    expect(last?.fp8).toBeGreaterThan(1.2 * (last?.int4 as number));
  });
});

describe('the waterfall', () => {
  it.each([90, 98, 100])('keeps the floor of %i %% and multiplies to its end', (qualityFloorPercent) => {
    const { best, bestWithAssumedTraffic, usdPerMonth } = report({ ...CHAT, optimization: { qualityFloorPercent } });
    for (const fall of [best, bestWithAssumedTraffic]) {
      expect(fall.qualityPercent).toBeGreaterThanOrEqual(qualityFloorPercent);
      const product = fall.steps.reduce((cost, { costFactor }) => cost * costFactor, usdPerMonth);
      expect(product).toBeCloseTo(fall.usdPerMonth, 4);
      expect(fall.savingPercent).toBeCloseTo(100 * (1 - fall.usdPerMonth / usdPerMonth), 6);
    }
    expect(bestWithAssumedTraffic.usdPerMonth).toBeLessThanOrEqual(best.usdPerMonth + 1e-6);
  });

  it('saves at least as much as any one option that keeps the floor, and more the lower the floor', () => {
    const floors = [100, 98, 85].map((qualityFloorPercent) =>
      report({ ...CHAT, optimization: { qualityFloorPercent } }),
    );
    const saved = floors.map(({ best }) => best.savingPercent);
    expect(saved).toEqual(saved.toSorted((a, b) => a - b));
    const [, middle] = floors;
    for (const option of middle?.options ?? []) {
      if (option.status !== 'available' || option.restsOnAssumedTraffic || option.quality.typical < 98) continue;
      expect(middle?.best.usdPerMonth).toBeLessThanOrEqual(option.usdPerMonth as number);
    }
  });

  it('says that 50 to 90 % hold for a large service and not for one that a replica carries', () => {
    expect(report(CHAT).verdict).toMatchObject({ holds: 'yes' });
    const small = report({ model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 2000 });
    expect(small.verdict.savingPercent).toBeLessThan(50);
    expect(small.verdict.holds).not.toBe('yes');
    expect(small.verdict.statement).toContain('50 to 90 %');
  });

  it('splits prefill from decode where prompts stall the tokens of others, and not where they do not', () => {
    const strict = report({
      ...CHAT,
      requestsPerDay: 3_000_000,
      location: {},
      promptTokens: { mean: 16_000 },
      outputTokens: { mean: 100 },
      objectives: { timePerOutputTokenMsP95: 25 },
    });
    const pools = optionOf(strict, 'disaggregation');
    expect(pools.factors?.cost).toBeLessThan(0.5);
    expect(pools.detail).toMatch(/read prompts/);
    expect(strict.best.steps.map(({ optionId }) => optionId)).toContain('disaggregation');
    expect(report(CHAT).best.steps.map(({ optionId }) => optionId)).not.toContain('disaggregation');
    // one replica would carry it, and two pools are at least two
    const little = { ...CHAT, requestsPerDay: 1000, serving: { tensorParallel: 4 } };
    expect(optionOf(report(little), 'disaggregation').factors?.cost).toBeGreaterThan(1.9);
  });

  it.each([
    ['chat', { ...CHAT, location: {} }],
    ['long answers', { ...CHAT, location: {}, promptTokens: { mean: 200 }, outputTokens: { mean: 2000 } }],
  ] as const)('is the cheapest of all sets that keep the floor, but for noise (%s)', (_, request) => {
    const { best, options } = report(request);
    const context = { snapshot, at: AT, request, wishes: {}, base: feasible(request) };
    const laboratory = new Laboratory(snapshot, AT);
    const available = OPTIMIZATIONS.filter(
      (option) =>
        optionOf({ options } as OptimizationReport, option.id).status === 'available' && !option.rests(context),
    );
    let sets: (typeof available)[] = [[]];
    for (const members of Map.groupBy(available, ({ group }) => group).values()) {
      sets = sets.flatMap((set) => [set, ...members.map((member) => [...set, member])]);
    }
    const costs = sets
      .filter((set) => qualityOf(set) >= 98)
      .map((set) => laboratory.run(trialWith(context, set)))
      .flatMap((outcome) => (outcome.status === 'done' ? [outcome.metrics.usdPerMonth] : []));
    expect(costs.length).toBeGreaterThan(30);
    expect(best.usdPerMonth / Math.min(...costs)).toBeLessThan(1.02);
  });

  it('takes nothing that touches the answers for next to nothing', () => {
    const fp8 = { serving: { weightFormat: 'fp8' as const }, purchase: { category: 'owned' as const } };
    for (const { optionId, costFactor } of report({ ...CHAT, location: {}, ...fp8 }).best.steps) {
      if (/pruning|distillation/.test(optionId)) expect(costFactor).toBeLessThan(0.996);
    }
  });

  it('takes figures of the caller for known and published ones for assumed', () => {
    const assumed = report(CHAT);
    const known = report({ ...CHAT, optimization: { responseCacheHitRate: 0.4 } });
    expect(optionOf(assumed, 'caching.response').restsOnAssumedTraffic).toBe(true);
    expect(optionOf(known, 'caching.response').restsOnAssumedTraffic).toBe(false);
    expect(known.best.steps.map(({ optionId }) => optionId)).toContain('caching.response');
    expect(assumed.best.steps.map(({ optionId }) => optionId)).not.toContain('caching.response');
  });

  it('answers for models that work by the sample', () => {
    const vision = report({ model: 'resnet50', requestsPerDay: 500_000_000, device: 'nvidia-l4-24gb' });
    expect(vision.batchGains).toEqual([]);
    expect(vision.options.find(({ id }) => id === 'speculative_decoding')?.status).toBe('not_available');
    expect(vision.verdict.savingPercentAgainstNaive).toBeNull();
  });
});

describe('odd requests', () => {
  it('hardware for nothing saves nothing', () => {
    const free = report({ ...CHAT, location: {}, purchase: { usdPerDeviceHour: '0' } });
    expect(free.verdict.savingPercent).toBe(0);
    for (const { factors } of free.options) expect(Number.isFinite(factors?.cost ?? 1)).toBe(true);
  });

  it.each(['no-such-model', 'resnet50'])(
    'a distilled model that cannot take over is refused (%s)',
    (distilledModel) => {
      expect(() => report({ ...CHAT, optimization: { distilledModel } })).toThrow(RequestFaultError);
    },
  );
});
