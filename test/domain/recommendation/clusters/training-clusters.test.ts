/** Training clusters on the seed: what the estimate says, ranked; owned against rented with a break-even that holds when applied. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInferenceOnly } from '../../../../src/domain/devices/inference-only.ts';
import { toNumber } from '../../../../src/domain/money.ts';
import type { TrainingClusterRequest } from '../../../../src/domain/recommendation/clusters/training-cluster-request.ts';
import {
  commitmentOf,
  type FeasibleTrainingClusters,
  recommendTrainingClusters,
} from '../../../../src/domain/recommendation/clusters/training-clusters.ts';
import { estimateTraining } from '../../../../src/domain/training/estimate.ts';
import { AT, snapshot } from '../../seed.ts';
import { noPause } from '../seeded.ts';

const ask = (request: TrainingClusterRequest) => recommendTrainingClusters(snapshot, request, AT, noPause);

async function clusters(request: TrainingClusterRequest): Promise<FeasibleTrainingClusters> {
  const answer = await ask(request);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

const NOTHING = { amount: 'NaN', currency: 'USD' } as const;
const training = { model: 'meta-llama/Llama-3.1-8B', tokens: 100e9, deadlineDays: 20 };

describe('training clusters', () => {
  it('keep the deadline, are the estimates of their requests, and come cheapest first', async () => {
    const { options } = await clusters({ training, accept: ['on_demand', 'spot', 'committed'], maxOptions: 9 });
    expect(options.length).toBeGreaterThan(3);
    for (const { estimate, estimateRequest } of options) {
      expect(estimate.run.wallClockDays.p50).toBeLessThanOrEqual(20);
      expect(estimateTraining(snapshot, estimateRequest, AT)).toEqual(estimate);
    }
    const usd = options.map(({ hardware }) => toNumber(hardware));
    expect(usd).toEqual([...usd].sort((a, b) => a - b));
  });

  it('are the cheapest of all devices at all sizes of whole nodes: the bounds that rule devices out lose none', async () => {
    const small = { model: 'meta-llama/Llama-3.2-1B', tokens: 5e9, deadlineDays: 10 };
    const accept = ['on_demand', 'owned'] as const;
    const { options, byPurchase, leftOut } = await clusters({ training: small, accept, maxOptions: 4 });
    const hardware = (category: (typeof accept)[number], device: string, devices?: number): number | null => {
      const cluster = devices === undefined ? {} : { cluster: { devices } };
      const answer = estimateTraining(snapshot, { ...small, ...cluster, device, purchase: { category } }, AT);
      if (answer.status !== 'feasible') return null;
      const parts = ['compute', 'electricity', 'cooling', 'facility'];
      return answer.cost.lineItems
        .filter((item) => parts.includes(item.category))
        .reduce((sum, { amount }) => sum + toNumber(amount), 0);
    };
    const all: { readonly category: string; readonly usd: number }[] = [];
    for (const category of accept) {
      for (const device of snapshot.devices) {
        if (device.class === 'edge' || device.class === 'cpu' || isInferenceOnly(device)) continue;
        const costs = [undefined, 16].flatMap((devices) => hardware(category, device.id, devices) ?? []);
        if (costs.length > 0) all.push({ category, usd: Math.min(...costs) });
      }
    }
    const sorted = all.map(({ usd }) => usd).sort((a, b) => a - b);
    for (const [index, option] of options.entries()) {
      expect(toNumber(option.hardware), `${index}`).toBeLessThanOrEqual((sorted[index] ?? 0) + 0.01);
    }
    for (const { category, hardware: paid } of byPurchase) {
      const ofCategory = all.filter((one) => one.category === category).map(({ usd }) => usd);
      if (ofCategory.length > 0) expect(toNumber(paid)).toBeLessThanOrEqual(Math.min(...ofCategory) + 0.01);
    }
    const dearer = leftOut.filter(({ constraint }) => constraint === 'dearer');
    expect(dearer.length).toBeGreaterThan(0);
    for (const { required, actual } of dearer) expect(actual ?? 0).toBeGreaterThanOrEqual(required ?? 0);
  });

  it('that end first are the fastest of all devices, each at its own best size', async () => {
    const small = { model: 'meta-llama/Llama-3.2-1B', tokens: 5e9, budgetUsd: '20000' };
    const { options, leftOut } = await clusters({ training: small, goal: 'fastest', maxOptions: 4 });
    const days = snapshot.devices.flatMap((device) => {
      if (device.class === 'edge' || device.class === 'cpu' || isInferenceOnly(device)) return [];
      const cluster = { objective: 'fastest' as const };
      const purchase = { category: 'on_demand' as const };
      const answer = estimateTraining(snapshot, { ...small, cluster, purchase, device: device.id }, AT);
      return answer.status === 'feasible' ? [answer.run.wallClockDays.p50] : [];
    });
    days.sort((a, b) => a - b);
    expect(options.map(({ estimate }) => estimate.run.wallClockDays.p50)).toEqual(days.slice(0, 4));
    const onDemand = leftOut.filter(({ category }) => category === 'on_demand');
    expect(onDemand.find(({ constraint }) => constraint === 'slower')?.count).toBe(days.length - 4);
  });

  it('keep to the devices asked for and to so many of them, which never ends sooner or costs less', async () => {
    const run = { model: 'meta-llama/Llama-3.1-8B', tokens: 1e12 };
    for (const goal of ['cheapest', 'fastest'] as const) {
      const free = await clusters({ training: run, goal, maxOptions: 1 });
      const constraints = { vendors: ['amd', 'google'], maxDevices: 100 };
      const limited = await clusters({ training: run, goal, constraints, maxOptions: 15 });
      for (const { estimate, estimateRequest } of limited.options) {
        const vendor = snapshot.device(estimate.cluster.deviceId)?.vendor.toLowerCase() ?? '';
        expect(constraints.vendors).toContain(vendor);
        expect(estimate.cluster.devices).toBeLessThanOrEqual(100);
        expect(estimateTraining(snapshot, estimateRequest, AT)).toEqual(estimate);
      }
      const figure = ({ options: [first] }: FeasibleTrainingClusters) =>
        goal === 'fastest' ? first?.estimate.run.wallClockDays.p50 : toNumber(first?.hardware ?? NOTHING);
      expect(figure(limited)).toBeGreaterThanOrEqual(figure(free) ?? Number.NaN);
    }
    const answer = await ask({ training: { ...run, deadlineDays: 10 }, constraints: { maxDevices: 8 } });
    expect(answer.status).toBe('infeasible');
    const tooMany = answer.leftOut.find(({ constraint }) => constraint === 'max_devices');
    expect(tooMany?.actual).toBeGreaterThan(tooMany?.required ?? Number.POSITIVE_INFINITY);
  });

  it('take a size between two doublings where that keeps a deadline, a limit or a budget that neither doubling does', async () => {
    const run = { model: 'meta-llama/Llama-3.1-8B', tokens: 1e12, deadlineDays: 24 };
    const device = 'nvidia-h100-sxm5-80gb';
    const at = (devices: number) =>
      estimateTraining(snapshot, { ...run, device, cluster: { devices }, purchase: { category: 'spot' } }, AT);
    expect(at(64).status).toBe('infeasible');
    const between = at(96);
    if (between.status !== 'feasible') throw new Error(between.summary);
    const request = { training: run, accept: ['spot'] as const, constraints: { devices: [device], maxDevices: 96 } };
    const [limited] = (await clusters(request)).options;
    expect(limited?.estimate.cluster.devices).toBeLessThanOrEqual(96);
    expect(toNumber(limited?.hardware ?? NOTHING)).toBeLessThanOrEqual(toNumber(between.cost.total.amount));
    const doubled = at(128);
    if (doubled.status !== 'feasible') throw new Error(doubled.summary);
    const paid = doubled.cost.lineItems.find(({ id }) => id === 'compute');
    const budgetUsd = (toNumber(paid?.amount ?? NOTHING) - 1).toFixed(2);
    const [unlimited] = (await clusters({ training: { ...run, budgetUsd }, accept: ['spot'] })).options;
    expect(toNumber(unlimited?.hardware ?? NOTHING)).toBeLessThanOrEqual(Number(budgetUsd));
    const few = await ask({ ...request, constraints: { devices: [device], maxDevices: 64 } });
    if (few.status === 'feasible') throw new Error('feasible on 64');
    expect(few.limitChanges.find(({ field }) => field === '/constraints/maxDevices')?.to).toBe(72);
    expect(few.leftOut.find(({ constraint }) => constraint === 'max_devices')?.actual).toBe(72);
  });

  it('that are owned pay for the power of the country that a region lies in', async () => {
    const asked = async (location: TrainingClusterRequest['location']) =>
      (await clusters({ training, accept: ['owned'], ...(location !== undefined && { location }) })).options[0]
        ?.hardware;
    expect(await asked({ region: 'gcp/europe-west3' })).toEqual(await asked({ country: 'DE' }));
    expect(await asked({ country: 'DE' })).not.toEqual(await asked(undefined));
    const own = (location: { region: string } | { country: string }) => {
      const request = {
        ...training,
        device: 'nvidia-h100-sxm5-80gb',
        location,
        purchase: { category: 'owned' as const },
      };
      const estimate = estimateTraining(snapshot, request, AT);
      return estimate.status === 'feasible' ? estimate.cost.total.amount : null;
    };
    expect(own({ region: 'gcp/europe-west3' })).toEqual(own({ country: 'DE' }));
    expect(own({ country: 'DE' })).not.toBeNull();
  });

  it('that end first use the number of devices allowed, not the doubling below it', async () => {
    const run = { model: 'meta-llama/Llama-3.1-8B', tokens: 1e12 };
    const ends = async (maxDevices: number) =>
      (
        await clusters({
          training: run,
          goal: 'fastest',
          accept: ['spot'],
          constraints: { devices: ['nvidia-h100-sxm5-80gb'], maxDevices },
        })
      ).options[0]?.estimate.run.wallClockDays.p50 ?? Number.NaN;
    const [half, nearly, full] = [await ends(512), await ends(1000), await ends(1024)];
    expect(nearly).toBeLessThan(0.75 * half);
    expect(nearly).toBeGreaterThanOrEqual(full);
  });

  it('on a commitment say what is agreed to over the whole term', async () => {
    const { options } = await clusters({ training, accept: ['committed'], maxOptions: 1 });
    const [option] = options as [(typeof options)[number]];
    const commitment = commitmentOf(option);
    const hours = option.estimate.run.wallClockDays.p50 * 24;
    expect(commitment?.termMonths).toBeGreaterThanOrEqual(12);
    expect((commitment?.usd ?? 0) / toNumber(option.hardware)).toBeCloseTo(
      ((commitment?.termMonths ?? 0) * 730) / hours,
      6,
    );
  });

  it('a looser deadline and more ways of paying never cost more', async () => {
    const least = async (request: TrainingClusterRequest) =>
      toNumber((await clusters(request)).options[0]?.hardware ?? { amount: 'NaN', currency: 'USD' });
    const base = await least({ training });
    expect(await least({ training: { ...training, deadlineDays: 60 } })).toBeLessThanOrEqual(base);
    expect(await least({ training, accept: ['on_demand', 'spot'] })).toBeLessThanOrEqual(base);
  });

  it('take interruptions of spot capacity from the caller, who says them of nothing else', async () => {
    const often = { ...training, run: { spotInterruptionsPerNodeDay: 1 } };
    const { byPurchase } = await clusters({ training: often, accept: ['on_demand', 'spot'] });
    const spot = byPurchase.find(({ category }) => category === 'spot');
    const { nodes } = spot?.estimate.cluster ?? { nodes: 0 };
    const days = spot?.estimate.run.wallClockDays.p50 ?? 0;
    expect(spot?.estimate.run.expectedInterruptions).toBeGreaterThan(0.8 * nodes * days);
  });

  it('spot trains through interruptions: checkpoints more often and takes longer on the same cluster', async () => {
    const { byPurchase } = await clusters({ training, accept: ['on_demand', 'spot'] });
    const spot = byPurchase.find(({ category }) => category === 'spot');
    if (spot === undefined) throw new Error('No spot.');
    const { devices, deviceId } = spot.estimate.cluster;
    const steady = estimateTraining(
      snapshot,
      { ...spot.estimateRequest, device: deviceId, cluster: { devices }, purchase: { category: 'on_demand' } },
      AT,
    );
    if (steady.status !== 'feasible') throw new Error(steady.summary);
    expect(spot.estimate.run.expectedInterruptions).toBeGreaterThan(steady.run.expectedInterruptions);
    expect(spot.estimate.run.checkpointIntervalMinutes).toBeLessThan(steady.run.checkpointIntervalMinutes);
    expect(spot.estimate.run.goodput).toBeLessThan(steady.run.goodput);
  });

  it('owned hardware at its break-even utilization costs what the rental does, whatever the run', async () => {
    const runs = fc.record({
      model: fc.constantFrom('meta-llama/Llama-3.2-1B', 'meta-llama/Llama-3.1-8B', 'Qwen/Qwen2.5-32B-Instruct'),
      tokens: fc.constantFrom(2e9, 3e10, 4e11),
      method: fc.constantFrom('pretraining' as const, 'lora' as const),
      deadlineDays: fc.constantFrom(20, 90),
    });
    const terms = fc.record({
      utilizationPercent: fc.integer({ min: 20, max: 95 }),
      usefulLifeYears: fc.constantFrom(3, 4, 6),
      residualPercent: fc.constantFrom(0, 15),
    });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(runs, terms, async (run, owned) => {
        const answer = await ask({ training: run, owned, accept: ['on_demand', 'owned'], maxOptions: 1 });
        if (answer.status === 'infeasible' || answer.ownedAgainstRented === null) return;
        const { owned: own, rented, utilizationPercent, breakEvenPercent } = answer.ownedAgainstRented;
        expect(utilizationPercent).toBeCloseTo(owned.utilizationPercent, 6);
        if (!(breakEvenPercent > 0.1 && breakEvenPercent <= 100)) return;
        compared++;
        const purchase = { category: 'owned' as const, owned: { ...owned, utilizationPercent: breakEvenPercent } };
        const at = estimateTraining(snapshot, { ...own.estimateRequest, purchase }, AT);
        if (at.status !== 'feasible') throw new Error(at.summary);
        const hardware = at.cost.lineItems
          .filter(({ category }) => ['compute', 'electricity', 'cooling', 'facility'].includes(category))
          .reduce((sum, { amount }) => sum + toNumber(amount), 0);
        expect(hardware / toNumber(rented.hardware)).toBeCloseTo(1, 3);
      }),
      { numRuns: 6, seed: 6 },
    );
    expect(compared).toBeGreaterThan(2);
  }, 60_000);

  it('owned hardware never costs less than the bound that rules it out, whatever its terms', async () => {
    const terms = fc.record({
      utilizationPercent: fc.integer({ min: 20, max: 100 }),
      usefulLifeYears: fc.constantFrom(2, 5, 15),
      residualPercent: fc.constantFrom(0, 20, 40),
      serverMultiplier: fc.constantFrom(1, 1.64, 2),
    });
    const runs = fc.record({
      model: fc.constantFrom('meta-llama/Llama-3.2-1B', 'meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-70B'),
      tokens: fc.constantFrom(1e9, 2e10, 3e11),
      method: fc.constantFrom('pretraining' as const, 'full_fine_tuning' as const),
      deadlineDays: fc.constantFrom(15, 120),
    });
    const own = snapshot.devices.filter(
      (device) => device.class !== 'edge' && device.class !== 'cpu' && !isInferenceOnly(device),
    );
    await fc.assert(
      fc.asyncProperty(runs, terms, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), async (run, owned, picks) => {
        const answer = await ask({ training: run, owned, accept: ['owned'], maxOptions: 1 });
        const dearer = answer.leftOut.find(
          ({ category, constraint }) => category === 'owned' && constraint === 'dearer',
        );
        if (answer.status === 'infeasible' || dearer === undefined) return;
        const winner = toNumber(answer.options[0]?.hardware ?? NOTHING);
        expect(dearer.actual).toBeGreaterThanOrEqual(winner * (1 - 1e-6));
        for (const pick of picks) {
          const device = own[pick % own.length]?.id ?? '';
          for (const size of [{}, { cluster: { devices: 8 } }]) {
            const one = estimateTraining(
              snapshot,
              { ...run, ...size, device, purchase: { category: 'owned', owned } },
              AT,
            );
            if (one.status !== 'feasible') continue;
            const paid = one.cost.lineItems
              .filter(({ category }) => ['compute', 'electricity', 'cooling', 'facility'].includes(category))
              .reduce((sum, { amount }) => sum + toNumber(amount), 0);
            expect(paid, device).toBeGreaterThanOrEqual(winner - 0.01);
          }
        }
      }),
      { numRuns: 6, seed: 15 },
    );
  }, 60_000);

  it('a fine-tune of a 7B model for 50 dollars is possible, within minutes to hours, on a device or a few', async () => {
    const { options } = await clusters({
      training: {
        model: 'Qwen/Qwen2.5-7B-Instruct',
        tokens: 20_000_000,
        method: 'lora',
        budgetUsd: '50',
        people: { engineers: 0 },
      },
      goal: 'fastest',
    });
    const [first] = options;
    expect(toNumber(first?.hardware ?? { amount: 'NaN', currency: 'USD' })).toBeLessThanOrEqual(50);
    expect(first?.estimate.run.wallClockDays.p50 ?? 0).toBeLessThan(1);
    expect(first?.estimate.cluster.devices ?? 0).toBeLessThanOrEqual(64);
  });

  it('what is impossible is answered with reasons and margins', async () => {
    const answer = await ask({ training: { ...training, tokens: 15e12, deadlineDays: 1, budgetUsd: '1000' } });
    expect(answer.status).toBe('infeasible');
    expect(answer.leftOut.length).toBeGreaterThan(0);
    expect(answer.leftOut.some(({ required, actual }) => required !== null && actual !== null)).toBe(true);
  });

  it('stay within the budget by their whole bill, owned hardware too', async () => {
    const budgetUsd = '12000';
    for (const goal of ['cheapest', 'fastest'] as const) {
      const { byPurchase } = await clusters({
        training: { ...training, budgetUsd, deadlineDays: 60 },
        accept: ['owned', 'spot'],
        goal,
      });
      expect(byPurchase.some(({ category }) => category === 'owned')).toBe(true);
      for (const { hardware } of byPurchase) expect(toNumber(hardware)).toBeLessThanOrEqual(Number(budgetUsd));
    }
  });

  it.each<TrainingClusterRequest>([
    { training, constraints: { deviceClasses: ['tpu'], vendors: ['nvidia'] } },
    { training, constraints: { maxDevices: 1 }, goal: 'fastest' },
    { training, location: { country: 'PK' } },
    { training, constraints: { devices: ['nvidia-h100-sxm5-80gb'], excludedDevices: ['nvidia-h100-sxm5-80gb'] } },
  ])('limits that leave nothing name what to change, and the change helps when it is applied: %j', async (request) => {
    const answer = await ask(request);
    if (answer.status === 'feasible') throw new Error('nothing was expected to be left');
    expect(answer.limitChanges.length).toBeGreaterThan(0);
    for (const { field, to, option } of answer.limitChanges) {
      const [, of, name] = field.split('/');
      const changed: TrainingClusterRequest =
        of === 'accept'
          ? { ...request, accept: [to as 'owned'] }
          : { ...request, constraints: { ...request.constraints, [name as string]: to ?? undefined } };
      const { constraints, ...rest } = changed;
      const { options } = await clusters(
        constraints === undefined ? rest : { ...rest, constraints: JSON.parse(JSON.stringify(constraints)) },
      );
      expect(options[0]?.estimate.cluster).toEqual(option.estimate.cluster);
    }
  });

  it.each<TrainingClusterRequest>([
    { training: { ...training, deadlineDays: 6 }, constraints: { maxDevices: 4 } },
    { training: { ...training, budgetUsd: '60000' }, constraints: { maxDevices: 2, vendors: ['amd', 'nvidia'] } },
    { training: { model: 'meta-llama/Llama-3.1-70B', tokens: 1e9 }, constraints: { maxDevices: 1 } },
    { training, constraints: { maxDevices: 2 }, goal: 'fastest' },
  ])(
    'of a limit on devices the least number that works is named: with one less nothing is found: %j',
    async (request) => {
      const answer = await ask(request);
      if (answer.status === 'feasible') throw new Error('nothing was expected to be left');
      const least = answer.limitChanges.find(({ field }) => field === '/constraints/maxDevices');
      const devices = Number(least?.to);
      const at = (maxDevices: number) => ask({ ...request, constraints: { ...request.constraints, maxDevices } });
      const { options } = (await at(devices)) as FeasibleTrainingClusters;
      expect(options[0]?.estimate.cluster).toEqual(least?.option.estimate.cluster);
      expect((await at(devices - 1)).status).toBe('infeasible');
    },
  );
});
