/** Accelerators on a baseboard are bought, powered and racked by the whole node. */
import { describe, expect, it } from 'vitest';
import type { FeasibleInference } from '../../../src/domain/inference/estimate-result.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';
import { toNumber } from '../../../src/domain/money.ts';
import { feasible as recommendation } from '../recommendation/seeded.ts';
import { feasible, H100 } from './seeded-estimates.ts';

const bestRecommended = async (...asked: Parameters<typeof recommendation>) => {
  const { options } = await recommendation(...asked);
  return options[0] as (typeof options)[number];
};

const OWNED: InferenceRequest = {
  model: 'meta-llama/Llama-3.1-8B',
  requestsPerDay: 10_000,
  device: H100,
  location: { country: 'SA' },
  purchase: { category: 'owned' },
};

const amountOf = ({ costPerMonth }: FeasibleInference) => Number(costPerMonth.total.amount.amount);

describe('owned hardware', () => {
  it('of two H100 SXM is a machine of eight, in price, racks and power', () => {
    const answer = feasible(OWNED);
    expect(answer.deployment).toMatchObject({ devices: 2, devicesPaid: 8 });
    const full = feasible({ ...OWNED, objectives: { spareReplicas: 7 } });
    expect(full.deployment).toMatchObject({ devices: 8, devicesPaid: 8 });
    expect(amountOf(answer) / amountOf(full)).toBeGreaterThan(0.99);
    expect(answer.racks?.kilowattsPerRack).toBe(full.racks?.kilowattsPerRack);
    expect(answer.summary).toContain('8 devices are paid for');
  });

  it('draws idle power where it does not work', () => {
    const answer = feasible(OWNED);
    const itHours = answer.energyPerMonth?.itKilowattHours.p50 as number;
    // eight idle H100 of 110 W and more with their share of the server
    expect(itHours).toBeGreaterThan((8 * 110 * 730) / 1000);
  });

  it('does not fit a rack that cannot power the whole node', () => {
    const answer = feasible({ ...OWNED, site: { rackKilowatts: 5 } });
    expect(answer.racks?.fits).toBe(false);
  });

  it('of cards is as many as are needed', () => {
    const answer = feasible({ ...OWNED, device: 'nvidia-l4-24gb' });
    expect(answer.deployment.devicesPaid).toBe(answer.deployment.devices);
  });

  it('of the callers own device comes in the nodes that it says', () => {
    const { device: _device, ...open } = OWNED;
    const custom = (devicesPerNode: number) =>
      feasible({
        ...open,
        customDevice: {
          name: 'Next GPU',
          memoryGib: 192,
          memoryBandwidthGbPerSecond: 8000,
          densePeakTflops: { bf16: 2000 },
          tdpWatts: 1000,
          linkGbPerSecond: 900,
          devicesPerNode,
        },
        purchase: { category: 'owned', owned: { purchasePricePerDevice: '40000' } },
      }).deployment.devicesPaid;
    expect(custom(1)).toBe(2);
    expect(custom(4)).toBe(4);
  });
});

describe('labels', () => {
  it('a device without bf16 keeps an fp16 KV cache', () => {
    const answer = feasible({ model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1000, device: 'nvidia-t4-16gb' });
    expect(answer.deployment).toMatchObject({ weightFormat: 'fp16', kvCacheFormat: 'fp16' });
    const noted = answer.assumptions.find(({ field }) => field === '/serving/kvCacheFormat');
    expect(noted?.value).toBe('fp16');
    feasible({
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 1000,
      device: 'nvidia-t4-16gb',
      serving: { kvCacheFormat: 'fp16' },
    });
  });
});

describe('of several devices', () => {
  const chosen = (request: InferenceRequest) => feasible({ ...request, purchase: { category: 'owned' } });
  const questions: InferenceRequest[] = [
    { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 5_000_000 },
    { model: 'mistralai/Mixtral-8x7B-v0.1', requestsPerDay: 1_000_000, location: { country: 'AE' } },
    { model: 'torchvision/resnet50', requestsPerDay: 200_000_000 },
  ];

  it.each(questions)('the one that costs its owner least is taken: $model', async (request) => {
    const answer = chosen(request);
    const { location, ...inference } = request;
    const recommended = await bestRecommended({
      inference,
      purchase: { accept: ['owned'] },
      ...(location?.country !== undefined && { constraints: { countries: [location.country] } }),
    });
    expect(answer.deployment.deviceId).toBe(recommended.option.point.device.id);
    expect(amountOf(answer)).toBeCloseTo(toNumber(recommended.estimate.costPerMonth.total.amount), 2);
  });

  it('the next ones are told with what their own bills say', () => {
    for (const request of [
      ...questions,
      { ...questions[0], traffic: { activeHoursPerDay: 8 }, scaling: { mode: 'scale_to_zero' } } as InferenceRequest,
    ]) {
      for (const purchase of [{ category: 'owned' }, { category: 'spot' }, { category: 'on_demand' }] as const) {
        const { selection } = feasible({ ...request, purchase, location: {} });
        for (const { deviceId, weightFormat, usdPerMonth } of selection.alternatives) {
          const named = feasible({
            ...request,
            purchase,
            location: {},
            device: deviceId,
            serving: { weightFormat },
          } as InferenceRequest);
          expect(usdPerMonth, `${deviceId} ${purchase.category}`).toBeCloseTo(amountOf(named), 2);
        }
      }
    }
  });
});
