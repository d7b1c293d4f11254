/** What several components use together is paid for and emitted once: machines, and the traffic that an account has free. */
import { describe, expect, it } from 'vitest';
import { devicePower } from '../../../src/domain/energy/index.ts';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import type { PlacementRequest } from '../../../src/domain/placement/request.ts';
import type { FeasiblePlacement } from '../../../src/domain/placement/result.ts';
import { AT, snapshot, tools } from './tools.ts';

async function plan(request: PlacementRequest): Promise<FeasiblePlacement> {
  const answer = await placeDeployment(snapshot, request, AT, tools);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  expect(Number(answer.costPerMonth.total.amount.amount)).toBeCloseTo(answer.proof?.objective ?? 0, 2);
  return answer;
}
const totalOf = ({ costPerMonth }: FeasiblePlacement) => Number(costPerMonth.total.amount.amount);
const linesOf = ({ costPerMonth }: FeasiblePlacement, pattern: RegExp) =>
  costPerMonth.lineItems
    .filter(({ id }) => pattern.test(id))
    .reduce((sum, { amount }) => sum + Number(amount.amount), 0);

describe('a machine that two components share', () => {
  const device = 'nvidia-jetson-agx-orin-64gb';
  const component = (id: string, model: string) => ({
    id,
    model,
    requestsPerDay: 200_000,
    dataClasses: ['public'],
    objectives: { spareReplicas: 0 },
  });
  const see = component('see', 'ultralytics/yolov8s');
  const read = component('read', 'ultralytics/yolov8n');
  const request: PlacementRequest = {
    components: [see, read],
    userGroups: [{ country: 'AE', accessNetwork: 'ethernet-lan' }],
    sites: [{ id: 'box', kind: 'edge_box', pue: 1.5, devices: [{ device, stock: 2 }] }],
  };

  it('is made and draws its idle power once', async () => {
    const [both, one, other] = [
      await plan(request),
      await plan({ ...request, components: [see] }),
      await plan({ ...request, components: [read] }),
    ];
    expect(both.machines).toMatchObject([{ machines: 1, sharedBy: ['see', 'read'] }]);
    const asked = one.placements[0]?.estimateRequest;
    if (asked == null) throw new Error('A model has an estimate.');
    const estimate = estimateInference(snapshot, asked, AT);
    const energy = estimate.status === 'feasible' ? estimate.energyPerMonth : null;
    const board = snapshot.device(device);
    const power = board === undefined ? null : devicePower(board, snapshot.systemsOfDevice(device), 'inference');
    if (energy === null || power === null) throw new Error('Its power is known.');
    const idle = power.idleWatts.value / energy.averageWattsPerDevice;
    expect(idle).toBeGreaterThan(0.5);
    const once = energy.embodiedCarbonKilograms.p50 + energy.carbonKilograms.p50 * idle;
    expect(both.carbonKilogramsPerMonth).toBeCloseTo(
      (one.carbonKilogramsPerMonth ?? 0) + (other.carbonKilogramsPerMonth ?? 0) - once,
      6,
    );
    // what it costs, too: the machine once, and its idle power once
    const electricity = /electricity|cooling/;
    expect(linesOf(both, electricity)).toBeCloseTo(
      linesOf(one, electricity) * (1 - idle) + linesOf(other, electricity),
      2,
    );
    expect(linesOf(both, /compute/)).toBeCloseTo(linesOf(one, /compute/), 2);
  });

  it('keeps a cap on carbon that the components alone would break together', async () => {
    const [both, one, other] = [
      await plan(request),
      await plan({ ...request, components: [see] }),
      await plan({ ...request, components: [read] }),
    ];
    const apart = (one.carbonKilogramsPerMonth ?? 0) + (other.carbonKilogramsPerMonth ?? 0);
    const cap = ((both.carbonKilogramsPerMonth ?? 0) + apart) / 2;
    const capped = await plan({ ...request, policies: { carbonKilogramsPerMonth: cap } });
    expect(capped.carbonKilogramsPerMonth).toBeLessThanOrEqual(cap);
  });
});

describe('traffic that an account has free', () => {
  const calls = { callsPerDay: 10_000, requestKilobytes: 260 };
  const gigabytes = (10_000 * 260 * 1000 * (365 / 12)) / 1e9;
  const at = (id: string, site: string) => ({
    id,
    model: 'ultralytics/yolov8n',
    requestsPerDay: 10_000,
    dataClasses: ['public'],
    sites: [site],
  });
  const request: PlacementRequest = {
    components: [at('a', 'aws'), at('b', 'aws'), at('c', 'azure')],
    edges: [{ from: 'a', to: 'c', ...calls }],
    userGroups: [{ country: 'DE' }],
    sites: [
      { id: 'aws', kind: 'cloud_region', region: 'aws/eu-central-1' },
      { id: 'azure', kind: 'cloud_region', region: 'azure/germanywestcentral' },
    ],
  };

  it('is free for one edge and not for each of two', async () => {
    expect(gigabytes).toBeGreaterThan(50);
    expect(gigabytes).toBeLessThan(100);
    const one = await plan(request);
    expect(linesOf(one, /network/)).toBe(0);
    const two = await plan({ ...request, edges: [...(request.edges ?? []), { from: 'b', to: 'c', ...calls }] });
    expect(linesOf(two, /^aws:network\.beyond_free/)).toBeCloseTo((2 * gigabytes - 100) * 0.09, 2);
    expect(totalOf(two) - totalOf(one)).toBeCloseTo((2 * gigabytes - 100) * 0.09, 2);
  });

  it('is not free twice for answers to users and for an edge', async () => {
    const [a, ...others] = request.components;
    if (a === undefined) throw new Error('There is one.');
    const answers = { ...a, responseKilobytes: 260 };
    const both = await plan({ ...request, components: [answers, ...others] });
    expect(linesOf(both, /^aws:network\.beyond_free/)).toBeCloseTo((2 * gigabytes - 100) * 0.09, 2);
    // alone it costs what its own estimate says
    const alone = await plan({ ...request, components: [answers], edges: [] });
    const estimate = estimateInference(snapshot, alone.placements[0]?.estimateRequest as never, AT);
    if (estimate.status !== 'feasible') throw new Error(estimate.summary);
    expect(alone.costPerMonth.total.amount.amount).toBe(estimate.costPerMonth.total.amount.amount);
  });

  it('draws components together where being apart costs more than it seemed', async () => {
    const many = Array.from({ length: 8 }, (_, index) => ({ from: index % 2 === 0 ? 'a' : 'b', to: 'c', ...calls }));
    const free = request.components.map(({ sites: _sites, ...component }) => component);
    const { traffic, costPerMonth } = await plan({ ...request, components: free, edges: many });
    const apart = await plan({ ...request, edges: many });
    expect(Number(costPerMonth.total.amount.amount)).toBeLessThanOrEqual(totalOf(apart));
    expect(traffic.every(({ fromSite, toSite }) => fromSite === toSite)).toBe(true);
  });
});

describe('prices of a provider 30 % up and down', () => {
  it('move its machines and its traffic, and not the lines of the users', async () => {
    const answer = await plan({
      components: [
        { id: 'see', model: 'ultralytics/yolov8n', requestsPerDay: 500_000, requestKilobytes: 20, sites: ['aws'] },
        { id: 'say', model: 'ultralytics/yolov8s', requestsPerDay: 500_000, responseKilobytes: 5, sites: ['azure'] },
      ],
      edges: [{ from: 'see', to: 'say', callsPerDay: 500_000, requestKilobytes: 50, responseKilobytes: 10 }],
      userGroups: [{ country: 'AE', accessNetwork: 'lte', units: 10, uplinkUsdPerGb: 1.5 }],
      sites: [
        { id: 'aws', kind: 'cloud_region', region: 'aws/me-central-1' },
        { id: 'azure', kind: 'cloud_region', region: 'azure/uaenorth' },
      ],
      policies: { acceptNeedsCounsel: true, acceptApprovals: true },
      include: ['flips'],
    });
    const traffic = linesOf(answer, />.*network$/);
    expect(traffic).toBeGreaterThan(50);
    const own = linesOf(answer, /last_mile/);
    expect(own).toBeGreaterThan(50);
    for (const [words, factor] of [
      ['more', 1.3],
      ['less', 0.7],
    ] as const) {
      const flip = answer.beyond.flips?.find(({ change }) => change.endsWith(`cost 30 % ${words}`));
      expect(Number(flip?.usdPerMonth), words).toBeCloseTo((totalOf(answer) - own) * factor + own, 1);
    }
  });
});
