/** Training jobs among the components: the training estimate's own figures, a deadline, and the law of their data. */
import { describe, expect, it } from 'vitest';
import { failuresOf } from '../../../src/domain/placement/check.ts';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import type { PlacementRequest } from '../../../src/domain/placement/request.ts';
import { estimateTraining } from '../../../src/domain/training/estimate.ts';
import { placementExamples } from '../../../src/http/schemas/deployment-placements/examples.ts';
import { AT, snapshot, tools } from './tools.ts';

const RUNS_A_MONTH = 365 / 12;
const base = placementExamples.nightlyFineTuning.value as PlacementRequest;
const places: PlacementRequest['sites'] = [
  { id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth', devices: [{ device: 'nvidia-h100-nvl-94gb' }] },
  {
    id: 'room',
    kind: 'room',
    country: 'AE',
    devices: [{ device: 'nvidia-rtx-4090-24gb', stock: 8 }],
  },
];
const job = { id: 'learn', model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1 };
const training = { method: 'lora', tokens: 20_000_000 } as const;
const users: PlacementRequest['userGroups'] = [{ country: 'AE', accessNetwork: 'fibre' }];

const plan = async (request: PlacementRequest) => {
  const answer = await placeDeployment(snapshot, request, AT, tools);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  expect(Number(answer.costPerMonth.total.amount.amount)).toBeCloseTo(answer.proof?.objective ?? 0, 1);
  return answer;
};

describe('a model that learns every night', () => {
  it('is placed under its law and deadline, at the training estimate’s price for each run', async () => {
    const answer = await plan(base);
    const learn = answer.placements.find(({ stage }) => stage === 'learn');
    expect(learn?.country).toBe('AE');
    expect(learn?.law.map(({ regimeId }) => regimeId)).toContain('ae-pdpl');
    const deadline = learn?.checks.find(({ id }) => id === 'deadline');
    expect(deadline).toMatchObject({ ok: true, required: 6, unit: 'h' });
    const estimate = estimateTraining(snapshot, learn?.trainingRequest ?? {}, AT);
    if (estimate.status !== 'feasible') throw new Error('The estimate fits too.');
    expect(learn?.devices).toBe(estimate.cluster.devices);
    expect(Number(learn?.usdPerMonth)).toBeCloseTo(Number(estimate.cost.total.amount.amount) * RUNS_A_MONTH, 1);
    expect((learn?.serviceMs.p50 ?? 0) / 86_400_000).toBeCloseTo(estimate.run.wallClockDays.p50, 9);
    expect(answer.stages.find(({ stage }) => stage === 'learn')?.explanation).toMatch(
      /^learn: Trains .*6 h are allowed/,
    );
  });

  it('takes more devices for a shorter night', async () => {
    const devices = async (deadlineHours: number) => {
      const component = { ...job, training: { ...training, deadlineHours } };
      const sites = places.slice(0, 1);
      return (await plan({ components: [component], userGroups: users, sites })).placements[0]?.devices ?? 0;
    };
    expect(await devices(0.4)).toBeGreaterThan(await devices(12));
  });

  it('pays for a machine of one’s own by the month, however short the runs', async () => {
    const sites = places.slice(1);
    const policies = { exportLicence: true };
    const cost = async (requestsPerDay: number) => {
      const component = { ...job, requestsPerDay, training };
      const answer = await plan({ components: [component], userGroups: users, sites, policies });
      const depreciation = answer.costPerMonth.lineItems.filter(({ id }) => id === 'learn:compute.devices');
      return depreciation.reduce((sum, { amount }) => sum + Number(amount.amount), 0);
    };
    expect(await cost(1)).toBeCloseTo(await cost(0.25), 0);
  });

  it('that cannot end in time says by how much, and in what time it would', async () => {
    const component = { ...job, training: { ...training, deadlineHours: 0.0001 } };
    const answer = await placeDeployment(
      snapshot,
      { components: [component], userGroups: users, sites: places.slice(0, 1) },
      AT,
      tools,
    );
    if (answer.status !== 'infeasible') throw new Error(answer.summary);
    const failures = failuresOf(answer.stages[0]?.rejected[0]?.failures ?? []);
    expect(failures.map(({ id }) => id)).toContain('deadline');
    expect(answer.changes.map(({ field }) => field)).toEqual(['/components/0/training/deadlineHours']);
    expect(answer.verified).toBe(true);
  });
});
