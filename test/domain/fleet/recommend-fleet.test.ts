/** Mixed fleets on the seed: what is promised of each pool holds, mixing never costs more, and the split by the hour is the best. */

import { describe, expect, it } from 'vitest';
import { AssumptionLog } from '../../../src/domain/economics/assumption.ts';
import { resolveServedModel } from '../../../src/domain/estimate/resolve-model.ts';
import { hourlyPlan } from '../../../src/domain/fleet/hourly-plan.ts';
import { LoadTable } from '../../../src/domain/fleet/load-table.ts';
import { MachineBuilder, machineTypes } from '../../../src/domain/fleet/machine-types.ts';
import { sizePool } from '../../../src/domain/fleet/pool-capacity.ts';
import { prefillDecode } from '../../../src/domain/fleet/prefill-decode.ts';
import { type FeasibleFleet, recommendMixedFleet } from '../../../src/domain/fleet/recommend-fleet.ts';
import type { MixedFleetRequest } from '../../../src/domain/fleet/request.ts';
import { normalized, sizesOf } from '../../../src/domain/fleet/request-sizes.ts';
import { solveFleet } from '../../../src/domain/fleet/solve-fleet.ts';
import { leastUsdPerHour, solvePlaces } from '../../../src/domain/fleet/solve-places.ts';
import { languageQuestion } from '../../../src/domain/inference/language/estimate-language.ts';
import { latencyLimits } from '../../../src/domain/inference/latency-objectives.ts';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import { toNumber } from '../../../src/domain/money.ts';
import type { SolveProgram } from '../../../src/domain/optimization/integer-program.ts';
import { withChange } from '../../../src/domain/recommendation/smallest-change.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';
import { noPause } from '../recommendation/seeded.ts';
import { AT, snapshot } from '../seed.ts';

const solveProgram = await loadSolver();

const solve: SolveProgram = async (program, limits, start) =>
  solveProgram({ program: programArrays(program), limits, start });

async function fleet(request: MixedFleetRequest): Promise<FeasibleFleet> {
  const answer = await recommendMixedFleet(snapshot, request, AT, noPause, solve);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

const inference = {
  model: 'meta-llama/Llama-3.1-8B',
  requestsPerDay: 2_000_000,
  objectives: { timePerOutputTokenMsP95: 80, spareReplicas: 0 },
};
const sizes = [
  { promptTokens: 70, outputTokens: 200, share: 60 },
  { promptTokens: 400, outputTokens: 300, share: 20 },
  { promptTokens: 4000, outputTokens: 260, share: 20 },
];
const hourlyLoad = [2, 1, 1, 1, 1, 2, 4, 6, 8, 10, 10, 9, 9, 10, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2];
const question = () => {
  const model = snapshot.model(inference.model)?.architecture as LanguageArchitecture;
  return languageQuestion(snapshot, inference, model, AT, new AssumptionLog()).question;
};

describe('what a mix is not priced or counted by', () => {
  it.each([
    ['/inference/surcharges', { inference: { ...inference, surcharges: { taxPercent: 20 } } }],
    ['/inference/scaling/mode', { inference: { ...inference, scaling: { mode: 'scale_to_zero' as const } } }],
    ['/constraints/availabilityPercent', { inference, constraints: { availabilityPercent: 99.99 } }],
  ])('%s is refused, not passed over', async (pointer, request) => {
    const refused = recommendMixedFleet(snapshot, request, AT, noPause, solve);
    await expect(refused).rejects.toMatchObject({ faults: [{ pointer, rule: 'unsupported_in_mix' }] });
  });
});

describe('a mixed fleet', () => {
  it('serves every size, within the objectives, in pools that their own queue does not overrun', async () => {
    const { pools, solved, requestsPerSecond, total, singles, savingPercent } = await fleet({ inference, sizes });
    for (const shares of solved.shares) expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(pools.reduce((sum, { pool }) => sum + pool.requestsPerSecond, 0)).toBeCloseTo(requestsPerSecond, 6);
    for (const { pool, machine, replicas, total: part } of pools) {
      const needed = sizePool(machine.configuration, pool.sizes, pool.requestsPerSecond, question()).replicas;
      expect(replicas).toBeGreaterThanOrEqual(needed ?? Number.NaN);
      expect((pool.sizing.reached?.('tpot_p95') ?? 1) * 1000).toBeLessThanOrEqual(80);
      expect(toNumber(part)).toBeCloseTo(pool.machines * 730 * machine.usdPerHour, 2);
    }
    expect(toNumber(total)).toBeCloseTo(
      pools.reduce((sum, pool) => sum + toNumber(pool.total), 0),
      4,
    );
    // the best single type is one of the mixes
    expect(savingPercent).toBeGreaterThanOrEqual(0);
    expect(toNumber(total)).toBeLessThanOrEqual(toNumber(singles[0]?.total ?? total));
  });

  it('keeps the steady share beside spot, and a commitment or spot accepted never costs more', async () => {
    const request = { inference, sizes, regions: 'any' as const };
    const steady = await fleet(request);
    const mixed = await fleet({ ...request, purchase: { accept: ['on_demand', 'spot'] }, steadySharePercent: 50 });
    const share = mixed.pools.filter(({ machine }) => machine.steady).reduce((sum, { pool }) => sum + pool.share, 0);
    expect(share).toBeGreaterThanOrEqual(0.5 - 1e-9);
    expect(mixed.pools.some(({ machine }) => !machine.steady)).toBe(true);
    // within the gap that the optimizer was asked for
    expect(toNumber(mixed.total)).toBeLessThanOrEqual(toNumber(steady.total) * 1.005);
  });

  it('is the same twice, and asks for language models', async () => {
    const request = { inference, sizes };
    expect(JSON.stringify(await fleet(request))).toBe(JSON.stringify(await fleet(request)));
    await expect(fleet({ inference: { model: 'torchvision/resnet50', requestsPerDay: 1e6 } })).rejects.toMatchObject({
      faults: [expect.objectContaining({ pointer: '/inference/model' })],
    });
  });
});

describe('where a mixed fleet stands', () => {
  const accept = ['on_demand', 'spot', 'owned'] as const;

  it('is one region unless it may span several, which never costs more', async () => {
    for (const requestsPerDay of [300_000, 2_000_000]) {
      const request = { inference: { ...inference, requestsPerDay }, sizes, purchase: { accept } };
      const one = await fleet(request);
      const places = one.pools.map(
        ({ machine: { option } }) => `${option.providerId} ${option.regionId} ${option.country}`,
      );
      expect(new Set(places).size).toBe(1);
      // proved: what was not solved costs no less
      expect(one.places.restAtLeastUsdPerHour ?? 0).toBeGreaterThanOrEqual(one.solved.usdPerHour * (1 - 1e-9));
      const { place } = one;
      expect(places[0]).toBe(`${place.providerId} ${place.regionId} ${place.country}`);
      const any = await fleet({ ...request, regions: 'any' });
      expect(toNumber(any.total)).toBeLessThanOrEqual(toNumber(one.total) * 1.005);
      expect(any.places.compared).toBe(1);
    }
  });

  it('is the cheapest: no other place does for less, by its own best fleet or by the bound that ruled it out', async () => {
    const asked = question();
    const context = { snapshot, at: AT, log: new AssumptionLog(), pause: noPause };
    const request = { inference, sizes, purchase: { accept: ['on_demand'] as const } };
    const model = resolveServedModel(snapshot, inference);
    if (model.kind !== 'language') throw new Error('A language model is one.');
    const shares = normalized(sizes);
    const { places } = await machineTypes(context, request, new MachineBuilder(context, request, model), shares, false);
    const loads = new LoadTable(shares, asked, noPause);
    const limits = { maximumNodes: 500, maximumSimplexIterations: 20_000, relativeGap: 0, maximumWallClockMs: 20_000 };
    const common = {
      serving: asked,
      sizes: shares,
      requestsPerSecond: asked.load.arrivals.requestsPerSecond,
      slices: 2,
      spareReplicas: 1,
      steadyShare: 0,
      maxTypes: null,
      limits,
    };
    const some = places.filter((_, index) => index % 11 === 0);
    const found = await solvePlaces(some, common, loads, solve, noPause);
    let least = Number.POSITIVE_INFINITY;
    for (const place of some) {
      const solved = await solveFleet({ ...common, types: place.machines }, solve, noPause, loads);
      if (solved === null) continue;
      for (const kind of ['least', 'exact'] as const) {
        const bound = await leastUsdPerHour(place, common, (configuration) => loads[kind](configuration));
        expect(bound, `${place.id} ${kind}`).toBeLessThanOrEqual(solved.usdPerHour + 1e-9);
      }
      least = Math.min(least, solved.usdPerHour);
    }
    expect(some.length).toBeGreaterThan(8);
    expect(found.solved).toBeLessThan(some.length);
    expect(found.best?.solved.usdPerHour).toBeCloseTo(least, 6);
  });

  it('may be the hall of the owner, with machines that no price pays for', async () => {
    const owned = await fleet({
      inference,
      sizes,
      purchase: { accept: ['owned'] },
      constraints: { countries: ['DE'], deviceClasses: ['datacenter_gpu', 'inference_gpu'] },
    });
    expect(owned.place.country).toBe('DE');
    for (const { machine, total, pool } of owned.pools) {
      expect(machine.price).toBeNull();
      const { hardwareUsdPerMonth, devicesPaid } = machine.option;
      const perDevice = hardwareUsdPerMonth / devicesPaid;
      expect(toNumber(total)).toBeCloseTo(perDevice * pool.machines * machine.devicesPerMachine, 0);
    }
  });
});

describe('prefill and decode on pools of their own', () => {
  it('stand in one region, keep the objectives, and no pair of one kind costs less', async () => {
    const objectives = { timePerOutputTokenMsP95: 50, ttftMsP95: 1500, spareReplicas: 0 };
    const long = { promptTokens: { mean: 4000 }, outputTokens: { mean: 200 } };
    const { prefillDecode: pair } = await fleet({ inference: { ...inference, ...long, objectives } });
    if (pair === null) throw new Error('No pair.');
    const { prefill, decode } = pair;
    expect(prefill.machine.option.regionId).toBe(decode.machine.option.regionId);
    expect(prefill.machine.option.providerId).toBe(decode.machine.option.providerId);
    expect(pair.ttftMsP95).toBeLessThanOrEqual(1500);
    expect(pair.timePerOutputTokenMs).toBeLessThanOrEqual(50);
    for (const { utilization } of [prefill, decode]) expect(utilization).toBeLessThanOrEqual(0.7 + 1e-9);
    expect(pair.usdPerHour).toBeCloseTo(
      prefill.machines * prefill.machine.usdPerHour + decode.machines * decode.machine.usdPerHour,
      9,
    );
    const model = snapshot.model(inference.model)?.architecture as LanguageArchitecture;
    const { question: asked } = languageQuestion(
      snapshot,
      { ...inference, ...long, objectives },
      model,
      AT,
      new AssumptionLog(),
    );
    const rate = asked.load.arrivals.requestsPerSecond;
    for (const { machine } of [prefill, decode]) {
      const alike = await prefillDecode([machine], asked, rate, noPause);
      expect(alike?.usdPerHour ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(pair.usdPerHour - 1e-9);
    }
    // a looser first token takes no more machines
    const looser = await prefillDecode(
      [prefill.machine, decode.machine],
      {
        ...asked,
        load: {
          ...asked.load,
          objectives: { ...asked.load.objectives, latency: latencyLimits({ ttftMsP95: 10_000 }) },
        },
      },
      rate,
      noPause,
    );
    expect(looser?.usdPerHour ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(pair.usdPerHour + 1e-9);
  });
});

describe('sizes cut out of distributions', () => {
  it('keep the means and add up to all requests', () => {
    const lengths = {
      promptTokens: { mean: 1155, coefficientOfVariation: 0.96 },
      outputTokens: { mean: 211, coefficientOfVariation: 0.77 },
    };
    const cut = sizesOf(lengths);
    const mean = (tokens: (size: (typeof cut)[number]) => number) =>
      cut.reduce((sum, size) => sum + size.share * tokens(size), 0);
    expect(mean(() => 1)).toBeCloseTo(1, 9);
    expect(mean(({ promptTokens }) => promptTokens)).toBeCloseTo(1155, 6);
    expect(mean(({ outputTokens }) => outputTokens)).toBeCloseTo(211, 6);
  });
});

describe('the plan by the hour', () => {
  it('costs no more than any other number of committed machines, and less than the peak all month', async () => {
    const { traffic, ...rest } = { ...inference, traffic: {} };
    const purchase = { accept: ['on_demand', 'committed'] } as const;
    const answer = await fleet({ inference: { ...rest, ...traffic }, sizes, purchase, hourlyLoad });
    const found = answer.pools.find(({ hourly }) => hourly !== null);
    if (found === undefined || found.hourly === null) throw new Error('No pool has a plan.');
    expect(found.hourly.usdPerMonth).toBeLessThan(found.hourly.flatUsdPerMonth);
    const { pool } = found;
    const profile = hourlyLoad.map((load) => load / 10);
    const prices = { usdPerHour: 1, committedUsdPerHour: 0.45 };
    const plan = hourlyPlan(pool, profile, question(), 0, prices);
    const most = Math.max(...plan.machines);
    for (let committed = 0; committed <= most; committed++) {
      const above = plan.machines.reduce((sum, count) => sum + Math.max(count - committed, 0), 0);
      // without the starts, which only add
      const least = committed * 730 * 0.45 + above * (730 / 24);
      expect(plan.usdPerMonth).toBeLessThanOrEqual(least * 1.02);
    }
    // a machine is committed where it works for more than 45 % of the hours
    const kth = [...plan.machines].sort((a, b) => b - a);
    expect(Math.abs(plan.committed - (kth[Math.floor(0.45 * 24)] as number))).toBeLessThanOrEqual(1);
    const without = hourlyPlan(pool, profile, question(), 0, { ...prices, committedUsdPerHour: null });
    expect(without.committed).toBe(0);
    expect(without.usdPerMonth).toBeGreaterThanOrEqual(plan.usdPerMonth);
  });
});

describe('limits that leave no mix', () => {
  it.each<MixedFleetRequest>([
    { inference, sizes, constraints: { monthlyBudgetUsd: '100' } },
    { inference, sizes, purchase: { accept: ['spot'] }, steadySharePercent: 50 },
    { inference, sizes, constraints: { deviceClasses: ['tpu'], vendors: ['nvidia'] } },
  ])('name changes with which a mix serves every size within the budget: %j', async (request) => {
    const answer = await recommendMixedFleet(snapshot, request, AT, noPause, solve);
    if (answer.status === 'feasible') throw new Error('nothing was expected to be left');
    expect(answer.smallestChanges.length).toBeGreaterThan(0);
    const [{ changes, total }] = answer.smallestChanges as [(typeof answer.smallestChanges)[0]];
    const changed = changes.reduce<MixedFleetRequest>(withChange, request);
    const found = await fleet(changed);
    expect(found.total).toEqual(total);
    const budget = changed.constraints?.monthlyBudgetUsd;
    if (budget !== undefined) expect(Number(total.amount)).toBeLessThanOrEqual(Number(budget));
  });
});
