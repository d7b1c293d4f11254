/** What crosses a line is paid for once, and waited for. */
import { describe, expect, it } from 'vitest';
import { accessNetworkDelay } from '../../../src/domain/network/index.ts';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import { prepare } from '../../../src/domain/placement/prepare.ts';
import type { PlacementComponent, PlacementRequest } from '../../../src/domain/placement/request.ts';
import type { FeasiblePlacement } from '../../../src/domain/placement/result.ts';
import type { PlaceableSite } from '../../../src/domain/placement/scenario.ts';
import { AT, snapshot, tools } from './tools.ts';

const UPLINK_USD_PER_GB = 2;
/** Beyond what the cloud lets out for nothing. */
const HARD_A_DAY = 500_000;
const component: PlacementComponent = {
  id: 'detect',
  model: 'Qwen/Qwen3-VL-32B-Instruct',
  promptTokens: { mean: 1500 },
  outputTokens: { mean: 60 },
  accuracy: 0.98,
  requestsPerDay: HARD_A_DAY * 10,
  requestKilobytes: 100,
  responseKilobytes: 10,
  accuracyFloor: 0.9,
  dataClasses: ['public'],
  split: {
    kind: 'hard_cases',
    small: { model: 'ultralytics/yolov8n' },
    points: [{ hardShare: 0.1, accuracy: 0.94 }],
    hardRequestKilobytes: 40,
  },
};
const request: PlacementRequest = {
  components: [component],
  userGroups: [{ id: 'cameras', country: 'AE', accessNetwork: 'lte', units: 20, uplinkUsdPerGb: UPLINK_USD_PER_GB }],
  sites: [
    {
      id: 'on-board',
      kind: 'device_fleet',
      installationUsdPerDevice: 0,
      visitsPerDeviceYear: 0,
      connectivityUsdPerDeviceMonth: 0,
      devices: [{ device: 'hailo-8', purchase: { usdPerDeviceHour: '0.0001' } }],
    },
    { id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth', devices: [{ device: 'nvidia-a100-sxm4-80gb' }] },
  ],
};

async function plan(): Promise<FeasiblePlacement> {
  const answer = await placeDeployment(snapshot, request, AT, tools);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

describe('a hard case that leaves the device', () => {
  it('is paid for once on the line of the device, both ways, and once to the cloud', async () => {
    const { placements, traffic, costPerMonth } = await plan();
    expect(placements.map(({ stage, siteId }) => `${stage}@${siteId}`)).toEqual([
      'detect/small@on-board',
      'detect/hard-10@uae',
    ]);
    const gigabytes = (kilobytes: number) => (HARD_A_DAY * kilobytes * 1000 * (365 / 12)) / 1e9;
    const [up, down] = ['detect/hard-10', 'detect/small'].map((to) => traffic.find(({ toStage }) => toStage === to));
    expect(Number(up?.usdPerMonth)).toBeCloseTo(gigabytes(40) * UPLINK_USD_PER_GB, 2);
    expect(Number(down?.usdPerMonth)).toBeGreaterThan(gigabytes(10) * UPLINK_USD_PER_GB);
    const network = costPerMonth.lineItems.filter(({ category }) => category === 'network');
    expect(network.map(({ id }) => id).filter((id) => !id.includes('>') && !/updates|connectivity/.test(id))).toEqual(
      [],
    );
  });

  it('waits for the access network on its way', async () => {
    const within = { ...request, components: [{ ...component, latency: { milliseconds: 20_000 } }] };
    const { placement, scenario } = await prepare(snapshot, within, AT, tools);
    const [device, cloud] = ['on-board', 'uae'].map((site) => scenario.sites.findIndex(({ id }) => id === site));
    const [path] = placement.instance.paths;
    const wide = scenario.roundTrip(
      { ...(scenario.sites[device as number] as PlaceableSite).point, country: 'AE', city: 'on-board' },
      {
        ...(scenario.sites[cloud as number] as PlaceableSite).point,
        country: 'AE',
        city: 'uae',
        regionId: 'azure/uaenorth',
      },
    );
    const access = accessNetworkDelay('lte')?.p95Ms ?? 0;
    expect(access).toBeGreaterThan(20);
    expect(path?.roundTripMs(device as number, cloud as number)).toBeCloseTo(wide.p95Ms + access, 6);
  });
});
