/** What is told beyond the optimum is what the changed question answers. */
import { describe, expect, it } from 'vitest';
import { applyChanges } from '../../../src/domain/placement/apply-changes.ts';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import type { PlacementRequest } from '../../../src/domain/placement/request.ts';
import type { FeasiblePlacement } from '../../../src/domain/placement/result.ts';
import { AT, snapshot, tools } from './tools.ts';

const request: PlacementRequest = {
  components: [
    { id: 'chat', model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000, dataClasses: ['public'] },
    { id: 'see', model: 'ultralytics/yolov8s', requestsPerDay: 2_000_000, dataClasses: ['public'] },
  ],
  edges: [{ from: 'see', to: 'chat', callsPerDay: 100_000, requestKilobytes: 200 }],
  userGroups: [{ country: 'AE', accessNetwork: 'fibre' }],
  sites: [
    { id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth' },
    { id: 'bahrain', kind: 'cloud_region', region: 'aws/me-south-1' },
    { id: 'germany', kind: 'cloud_region', region: 'aws/eu-central-1' },
    { id: 'sweden', kind: 'cloud_region', region: 'azure/swedencentral' },
  ],
  limits: { gapPercent: 0 },
};

const ask = async (asked: PlacementRequest): Promise<FeasiblePlacement> => {
  const answer = await placeDeployment(snapshot, asked, AT, tools);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
};
const usd = ({ costPerMonth }: FeasiblePlacement) => Number(costPerMonth.total.amount.amount);

const answered = ask({ ...request, include: ['pareto', 'insist', 'flips', 'failover'] });

describe('the front', () => {
  it('gets dearer and better from point to point, without a point that another beats', async () => {
    const { pareto } = (await answered).beyond;
    expect(pareto?.map(({ against }) => against)).toEqual(['carbon', 'latency']);
    for (const { against, points } of pareto ?? []) {
      expect(points.length, against).toBeGreaterThan(1);
      const measure = (index: number) =>
        (against === 'carbon' ? points[index]?.carbonKilogramsPerMonth : points[index]?.p95Ms) ?? 0;
      for (let index = 1; index < points.length; index++) {
        const [before, here] = [Number(points[index - 1]?.usdPerMonth), Number(points[index]?.usdPerMonth)];
        expect(here).toBeGreaterThanOrEqual(before);
        expect(measure(index)).toBeLessThan(measure(index - 1));
        expect(points[index]?.slope).toBeCloseTo((here - before) / (measure(index - 1) - measure(index)), 3);
      }
    }
  });

  it('has the plan of each cap on carbon', async () => {
    const carbon = (await answered).beyond.pareto?.[0]?.points ?? [];
    for (const { usdPerMonth, carbonKilogramsPerMonth } of carbon) {
      const capped = await ask(
        applyChanges(request, [
          { field: '/policies/carbonKilogramsPerMonth', to: (carbonKilogramsPerMonth ?? 0) * 1.000001 },
        ]),
      );
      expect(usd(capped)).toBeCloseTo(Number(usdPerMonth), 2);
    }
  });
});

describe('the price of insisting', () => {
  it('is what the question costs with that option alone', async () => {
    const base = await answered;
    expect(base.beyond.insist?.length).toBeGreaterThan(2);
    for (const { stage, optionId, extraUsdPerMonth } of (base.beyond.insist ?? []).slice(0, 6)) {
      const index = request.components.findIndex(({ id }) => id === stage);
      const [site = '', device = ''] = optionId.slice(optionId.indexOf('@') + 1).split('/');
      const forced = await ask(
        applyChanges(request, [
          { field: `/components/${index}/sites`, to: [site] },
          { field: `/components/${index}/devices`, to: [device] },
        ]),
      );
      expect(usd(forced) - usd(base), optionId).toBeCloseTo(Number(extraUsdPerMonth), 2);
    }
  });
});

describe('flips and failover', () => {
  it('are the answers of the changed question', async () => {
    const { beyond, placements } = await answered;
    const doubled = await ask({
      ...request,
      components: request.components.map((component) => ({
        ...component,
        requestsPerDay: component.requestsPerDay * 2,
      })),
      edges: (request.edges ?? []).map((edge) => ({ ...edge, callsPerDay: edge.callsPerDay * 2 })),
    });
    const load = beyond.flips?.find(({ change }) => change === 'twice the load');
    expect(Number(load?.usdPerMonth)).toBeCloseTo(usd(doubled), 1);
    const lost = placements[0]?.siteId ?? '';
    const without = await ask(applyChanges(request, [{ field: '/policies/excluded', to: [lost] }]));
    const failover = beyond.failover?.find(({ lostSite }) => lostSite === lost);
    expect(Number(failover?.usdPerMonth)).toBeCloseTo(usd(without), 1);
    expect(failover?.choices.some(({ optionId }) => optionId.includes(`@${lost}/`))).toBe(false);
  });

  it('tell what hardware of one’s own, the grid and cooling change', async () => {
    const owned: PlacementRequest = {
      components: [{ id: 'see', model: 'ultralytics/yolov8s', requestsPerDay: 2_000_000, dataClasses: ['public'] }],
      userGroups: [{ country: 'AE', accessNetwork: 'fibre' }],
      sites: [
        {
          id: 'room',
          kind: 'room',
          country: 'AE',
          pue: 1.5,
          gridGramsCo2ePerKwh: 400,
          devices: [{ device: 'nvidia-l4-24gb', stock: 8 }],
        },
      ],
      policies: { exportLicence: true, acceptNeedsCounsel: true },
    };
    const base = await ask({ ...owned, include: ['flips'] });
    const flip = (pattern: RegExp) => base.beyond.flips?.find(({ change }) => pattern.test(change));
    // hardware's share moves by as much, the rest stays
    const hardware = base.costPerMonth.lineItems
      .filter(({ category }) => category === 'compute' || category === 'facility')
      .reduce((sum, { amount }) => sum + Number(amount.amount), 0);
    const dearer = Number(flip(/own and its upkeep cost 30 % more/)?.usdPerMonth) - usd(base);
    expect(dearer).toBeCloseTo(0.3 * hardware, 1);
    const [grid] = owned.sites ?? [];
    const dirtier = await ask({ ...owned, sites: grid === undefined ? [] : [{ ...grid, gridGramsCo2ePerKwh: 480 }] });
    expect(flip(/grid 20 % dirtier/)?.carbonKilogramsPerMonth).toBeCloseTo(dirtier.carbonKilogramsPerMonth ?? 0, 1);
    const hotter = await ask({ ...owned, sites: grid === undefined ? [] : [{ ...grid, pue: 1.6 }] });
    expect(Number(flip(/cooling takes 20 %/)?.usdPerMonth)).toBeCloseTo(usd(hotter), 1);
  });

  it('tell of no move where nothing changes', async () => {
    const { beyond } = await answered;
    for (const { status, moves } of beyond.flips ?? []) expect(moves.length === 0).toBe(status !== 'other_plan');
  });
});
