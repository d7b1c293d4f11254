/** Cameras whose line does not carry their pictures do not send them. */
import { expect, it } from 'vitest';
import { applyChanges } from '../../../src/domain/placement/apply-changes.ts';
import { failuresOf } from '../../../src/domain/placement/check.ts';
import { prepare } from '../../../src/domain/placement/prepare.ts';
import type { PlacementRequest } from '../../../src/domain/placement/request.ts';
import { AT, snapshot, tools } from './tools.ts';

const UNITS = 10;
const request: PlacementRequest = {
  components: [
    {
      id: 'see',
      model: 'ultralytics/yolov8s',
      requestsPerDay: UNITS * 30 * 86_400,
      requestKilobytes: 150,
      dataClasses: ['public'],
    },
  ],
  userGroups: [{ id: 'cameras', country: 'AE', accessNetwork: 'lte', units: UNITS }],
  sites: [
    { id: 'on-board', kind: 'device_fleet', devices: [{ device: 'nvidia-jetson-orin-nano-8gb' }] },
    { id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth', devices: [{ device: 'nvidia-a10-24gb' }] },
  ],
};

it('holds the mean of what each thing sends against its uplink, and says how small it has to be', async () => {
  const { options } = await prepare(snapshot, request, AT, tools);
  expect(options[0]?.feasible.map(({ id }) => id)).toEqual(['see@on-board/nvidia-jetson-orin-nano-8gb']);
  const [failure] = failuresOf(options[0]?.rejected[0]?.checks ?? []);
  expect(failure).toMatchObject({ id: 'line', unit: 'Mbit/s', actual: (30 * 150 * 1000 * 8) / 1e6, required: 14 });
  if (failure?.change == null) throw new Error('It names a change.');
  const changed = await prepare(snapshot, applyChanges(request, [failure.change]), AT, tools);
  expect(changed.options[0]?.feasible).toHaveLength(2);
});
