/** The shelf of devices that is considered where no site is described. */
import { describe, expect, it } from 'vitest';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import type { PlacementRequest } from '../../../src/domain/placement/request.ts';
import { AT, snapshot, tools } from './tools.ts';

const asked = (userGroup: Partial<PlacementRequest['userGroups'][number]>): PlacementRequest => ({
  components: [
    {
      id: 'pose',
      function: { name: 'pose', gigaflopsPerCall: 8 },
      requestsPerDay: 3_000_000,
      requestKilobytes: 30,
      latency: { milliseconds: 90 },
      dataClasses: ['non-personal'],
    },
  ],
  userGroups: [{ country: 'US', ...userGroup }],
});

async function shelfOf(request: PlacementRequest) {
  const found = await placeDeployment(snapshot, request, AT, tools);
  if (found.status !== 'feasible') throw new Error(found.summary);
  const assumptions = new Map(found.assumptions.map(({ id, value }) => [id, value]));
  return { found, assumptions, placed: found.placements[0], edge: found.edge[0] };
}

describe('with users somewhere in a country', () => {
  it('stands in a city of it, is reached over the wide area and saves none of their lines', async () => {
    const { found, assumptions, placed, edge } = await shelfOf(asked({}));
    expect(placed?.siteId).toBe('edge/us');
    expect(placed?.network).not.toContain('the local network alone');
    expect(edge?.upload).toMatchObject({ savedGigabytesPerMonth: 0, savedShare: 0 });
    expect(found.stages[0]?.explanation).not.toContain('need no line');
    expect(assumptions.get('users.place.us')).toBe('39.0, -97.5');
    expect(assumptions.get('site.edge_place.us')).toBe('in their country');
  });
});

describe('with users on one local network', () => {
  it('stands with them: their data needs no line', async () => {
    const { found, assumptions, placed, edge } = await shelfOf(
      asked({ accessNetwork: 'ethernet-lan', latitude: 41.9, longitude: -87.6 }),
    );
    expect(placed?.siteId).toBe('edge/us');
    expect(edge?.upload.savedShare).toBe(1);
    expect(found.stages[0]?.explanation).toContain('need no line');
    expect(assumptions.has('users.place.us')).toBe(false);
  });
});
