/** A battery feeds what it feeds: a module with power modes takes the one that fits, and is as slow as that makes it. */
import { describe, expect, it } from 'vitest';
import { prepare } from '../../../src/domain/placement/prepare.ts';
import { AT, snapshot, tools } from './tools.ts';

const robot = async (powerKilowatts: number | undefined, powerLimitWatts?: number) => {
  const { options } = await prepare(
    snapshot,
    {
      components: [{ id: 'detector', model: 'yolov8n', requestsPerDay: 86_400 }],
      userGroups: [{ country: 'AE' }],
      sites: [
        {
          id: 'robot',
          kind: 'device_fleet',
          ...(powerKilowatts !== undefined && { powerKilowatts }),
          devices: [
            { device: 'nvidia-jetson-agx-orin-64gb', ...(powerLimitWatts !== undefined && { powerLimitWatts }) },
          ],
        },
      ],
    },
    AT,
    tools,
  );
  const [option] = [...(options[0]?.feasible ?? []), ...(options[0]?.rejected ?? [])];
  const check = (id: string) => option?.checks.find((it) => it.id === id);
  return { speed: option?.speed, site: check('site_power')?.ok, mode: check('device_power')?.ok };
};

describe('the power of a robot', () => {
  it('sets the mode of its module, as a limit that is given does', async () => {
    const fed = await robot(0.025);
    expect(fed).toEqual(await robot(0.025, 25));
    expect(fed).toMatchObject({ site: true, mode: true });
    expect(fed.speed).toBeLessThan(1);
  });

  it('sets none where it feeds the module in full, or none of its modes', async () => {
    expect(await robot(0.1)).toMatchObject({ site: true, mode: undefined, speed: 1 });
    expect(await robot(0.005)).toMatchObject({ site: false, mode: undefined, speed: 1 });
  });
});
