/** The shelf of devices that is considered where no site is described. */
import { describe, expect, it } from 'vitest';
import { failuresOf } from '../../../src/domain/placement/check.ts';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import { prepare } from '../../../src/domain/placement/prepare.ts';
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

  it('sends and receives no more than its line carries', async () => {
    const linesWith = async (sizes: Partial<PlacementRequest['components'][number]>) => {
      const request = asked({});
      const components = request.components.map((component) => ({ ...component, ...sizes }));
      const { options, scenario } = await prepare(snapshot, { ...request, components }, AT, tools);
      const onShelf = options[0]?.rejected.filter(({ site }) => scenario.sites[site]?.id === 'edge/us') ?? [];
      return onShelf.flatMap(({ checks }) => failuresOf(checks).filter(({ id }) => id === 'line'));
    };
    expect(await linesWith({ responseKilobytes: 200 })).toEqual([]); // 55.6 Mbit/s
    expect((await linesWith({ responseKilobytes: 300 }))[0]).toMatchObject({
      required: 59.5,
      actual: expect.closeTo((3e6 * 300e3 * 8) / 86_400 / 1e6, 6),
    });
    expect((await linesWith({ requestKilobytes: 500 }))[0]).toMatchObject({
      required: 118.6,
      change: { field: '/components/0/requestKilobytes', from: 500, to: 423 },
    });
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
