/** A battery feeds what it feeds: a module with power modes takes the one that fits, and is as slow as that makes it. */
import { describe, expect, it } from 'vitest';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import { prepare } from '../../../src/domain/placement/prepare.ts';
import type { Site, Work } from '../../../src/domain/placement/request.ts';
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

const AGX = 'nvidia-jetson-agx-orin-64gb';

async function servedBy(work: Work, site: Partial<Site>, device: object = { device: AGX }) {
  const { options } = await prepare(
    snapshot,
    {
      components: [
        { id: 'it', requestsPerDay: 4000, traffic: { peakToMeanRatio: 1 }, objectives: { spareReplicas: 0 }, ...work },
      ],
      userGroups: [{ country: 'AE' }],
      sites: [{ id: 'there', kind: 'device_fleet', country: 'AE', ...site, devices: [device] }],
    },
    AT,
    tools,
  );
  const [option] = [...(options[0]?.feasible ?? []), ...(options[0]?.rejected ?? [])];
  if (option?.served == null) throw new Error('nothing was served');
  return option.served;
}

const electricityOf = ({ items }: Awaited<ReturnType<typeof servedBy>>) =>
  items.find(({ category }) => category === 'electricity');
const averageWattsOf = (served: Awaited<ReturnType<typeof servedBy>>) =>
  Number(electricityOf(served)?.inputs.find(({ name }) => name === 'wattsPerDevice')?.value);

describe('a module in a power mode', () => {
  const yolo = { model: 'yolov8n' };
  const llama = { model: 'meta-llama/Llama-3.2-1B' };
  const limited = { device: AGX, powerLimitWatts: 15 };

  it.each([yolo, llama])('draws no more than the mode, and less than at full power: $model', async (work) => {
    const full = await servedBy(work, {});
    const low = await servedBy(work, {}, limited);
    expect(averageWattsOf(low)).toBeLessThan(15);
    expect(averageWattsOf(low)).toBeLessThan(averageWattsOf(full));
    expect(low.carbonKilograms).toBeLessThan(full.carbonKilograms ?? 0);
    expect(low.idleShare).toBeLessThan(1);
    expect(low.serviceMs.p50).toBeGreaterThan(full.serviceMs.p50);
  });

  it('has the speed, cost and energy of the estimate in that mode, whether heat or supply sets it', async () => {
    const low = await servedBy(llama, {}, { device: AGX, powerLimitWatts: 30 });
    const hot = await servedBy(llama, { ambientCelsius: 60 });
    if (low.estimateRequest === null) throw new Error('no request');
    expect(low.estimateRequest.serving?.powerWatts).toBe(30);
    const estimate = estimateInference(snapshot, low.estimateRequest, AT);
    if (estimate.status !== 'feasible' || estimate.performance.kind !== 'language') throw new Error('not served');
    const { energyPerMonth, performance } = estimate;
    for (const served of [low, hot]) {
      expect(served.serviceMs.p95).toBe(performance.endToEndMs.p95.p50);
      expect(served.carbonKilograms).toBe(
        (energyPerMonth?.carbonKilograms.p50 ?? 0) + (energyPerMonth?.embodiedCarbonKilograms.p50 ?? 0),
      );
    }
  });

  it('runs a program on the power of the mode too', async () => {
    const work = { function: { name: 'planner', gigaflopsPerCall: 5 } };
    const [full, low] = [await servedBy(work, {}), await servedBy(work, {}, limited)];
    expect(averageWattsOf(low)).toBeLessThan(averageWattsOf(full));
    expect(low.serviceMs.p50).toBeGreaterThan(full.serviceMs.p50);
  });
});

describe('servers that come whole', () => {
  const hall = { kind: 'room' } as const;
  const h100 = { device: 'nvidia-h100-sxm5-80gb' };

  it('need the power of all their devices, as the racks of the estimate do', async () => {
    const served = await servedBy({ model: 'meta-llama/Llama-3.1-8B' }, hall, h100);
    expect(served.devices).toBeLessThan(8);
    expect(served.facilityKilowatts).toBeCloseTo(served.rack?.facilityKilowatts ?? 0, 6);
  });

  it('are powered whole by a program, in the hours with traffic and beside them', async () => {
    const work = { function: { name: 'planner', gigaflopsPerCall: 50_000 } };
    const served = await servedBy(work, hall, h100);
    const hours = electricityOf(served)?.inputs.find(({ name }) => name === 'deviceHours')?.value;
    expect(hours).toBe(8 * 730);
    expect(served.facilityKilowatts).toBeCloseTo(served.rack?.facilityKilowatts ?? 0, 6);
    const inEightHours = await servedBy({ ...work, traffic: { activeHoursPerDay: 8 } } as Work, hall, h100);
    expect(averageWattsOf(inEightHours)).toBeCloseTo(averageWattsOf(served), 6);
  });
});
