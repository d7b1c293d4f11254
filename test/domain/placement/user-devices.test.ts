/** Phones of the users as places: free for the operator, with the memory that one app may take. */
import { describe, expect, it } from 'vitest';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import type { PlacementRequest, SiteDevice } from '../../../src/domain/placement/request.ts';
import { AT, snapshot, tools } from './tools.ts';

const USERS = 20_000;
const asked = (model: string, phone: Partial<SiteDevice> = { userDevices: {} }): PlacementRequest => ({
  userGroups: [{ id: 'app', country: 'AE', accessNetwork: 'lte', units: USERS }],
  components: [
    { id: 'writer', model, requestsPerDay: 10 * USERS, promptTokens: { mean: 400 }, outputTokens: { mean: 100 } },
  ],
  sites: [
    {
      id: 'phones',
      kind: 'device_fleet',
      units: USERS,
      devices: [{ device: 'qualcomm-snapdragon-8-elite', ...phone }],
    },
    { id: 'cloud', kind: 'cloud_region', region: 'azure/uaenorth' },
  ],
});
const place = (request: PlacementRequest) => placeDeployment(snapshot, request, AT, tools);

describe('phones of the users', () => {
  it('carry what fits into an app, at no cost', async () => {
    const answer = await place(asked('meta-llama/Llama-3.2-3B'));
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    const [writer] = answer.placements;
    expect(writer).toMatchObject({ siteId: 'phones', units: USERS, purchaseCategory: 'user_devices' });
    expect(answer.stages[0]?.explanation).toContain('which belong to the users: 0 USD');
    expect(Number(answer.costPerMonth.total.amount.amount)).toBe(0);
    const request = writer?.estimateRequest;
    expect(request).toMatchObject({ userDevices: { count: 1 }, requestsPerDay: 10 });
    if (!request) throw new Error('The placement names the question of one unit.');
    expect(estimateInference(snapshot, request, AT).status).toBe('feasible');
  });

  it('load new weights over lines of their own, also where the price of mobile data is known', async () => {
    const { userGroups, ...rest } = asked('meta-llama/Llama-3.2-1B');
    const answer = await place({ ...rest, userGroups: userGroups.map((group) => ({ ...group, country: 'US' })) });
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    expect(answer.placements[0]?.siteId).toBe('phones');
    expect(Number(answer.costPerMonth.total.amount.amount)).toBe(0);
    expect(answer.edge[0]?.updates.usdPerMonth).toBeNull();
  });

  it('do not carry what fits into the phone but into no app on it: the cloud does', async () => {
    const answer = await place(asked('Qwen/Qwen2.5-14B-Instruct'));
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    expect(answer.placements[0]?.siteId).toBe('cloud');
    const memory = answer.stages[0]?.failedChecks.find(({ check }) => check === 'memory');
    expect(memory?.count).toBeGreaterThan(0);
  });

  it('belong to users of a fleet, who pay for them', async () => {
    await expect(
      place({ ...asked('meta-llama/Llama-3.2-3B', { userDevices: {}, purchase: { category: 'owned' } }) }),
    ).rejects.toThrow(/paid for by their users/);
    const boxed = asked('meta-llama/Llama-3.2-3B');
    const [phones, cloud] = boxed.sites ?? [];
    if (!phones || !cloud) throw new Error('Two sites.');
    const { units: _one, ...box } = phones;
    await expect(place({ ...boxed, sites: [{ ...box, kind: 'edge_box' }, cloud] })).rejects.toThrow(/device_fleet/);
  });
});
