/** Training clusters on the seed: what the estimate says, ranked; owned against rented with a break-even that holds when applied. */
import { describe, expect, it } from 'vitest';
import { isInferenceOnly } from '../../../src/domain/devices/inference-only.ts';
import { toNumber } from '../../../src/domain/money.ts';
import {
  type FeasibleTrainingClusters,
  recommendTrainingClusters,
  type TrainingClusterRequest,
} from '../../../src/domain/recommendation/training-clusters.ts';
import { estimateTraining } from '../../../src/domain/training/estimate.ts';
import { AT, noPause, snapshot } from './seeded.ts';

const ask = (request: TrainingClusterRequest) => recommendTrainingClusters(snapshot, request, AT, noPause);

async function clusters(request: TrainingClusterRequest): Promise<FeasibleTrainingClusters> {
  const answer = await ask(request);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

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

  it('are the cheapest of all devices at all sizes: the bounds that rule devices out lose none', async () => {
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
        const costs = [undefined, 4].flatMap((devices) => hardware(category, device.id, devices) ?? []);
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

  it('a looser deadline and more ways of paying never cost more', async () => {
    const least = async (request: TrainingClusterRequest) =>
      toNumber((await clusters(request)).options[0]?.hardware ?? { amount: 'NaN', currency: 'USD' });
    const base = await least({ training });
    expect(await least({ training: { ...training, deadlineDays: 60 } })).toBeLessThanOrEqual(base);
    expect(await least({ training, accept: ['on_demand', 'spot'] })).toBeLessThanOrEqual(base);
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

  it('owned hardware at its break-even utilization costs what the rental does', async () => {
    const { ownedAgainstRented } = await clusters({ training });
    if (ownedAgainstRented === null) throw new Error('Nothing to compare.');
    const { owned, rented, utilizationPercent, breakEvenPercent } = ownedAgainstRented;
    expect(utilizationPercent).toBeGreaterThan(0);
    expect(breakEvenPercent).toBeGreaterThan(0);
    expect(breakEvenPercent).toBeLessThan(100);
    const { estimateRequest } = owned;
    const at = estimateTraining(
      snapshot,
      { ...estimateRequest, purchase: { category: 'owned', owned: { utilizationPercent: breakEvenPercent } } },
      AT,
    );
    if (at.status !== 'feasible') throw new Error(at.summary);
    const hardware = at.cost.lineItems
      .filter(({ category }) => ['compute', 'electricity', 'cooling', 'facility'].includes(category))
      .reduce((sum, { amount }) => sum + toNumber(amount), 0);
    expect(hardware / toNumber(rented.hardware)).toBeCloseTo(1, 3);
  });

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
});
