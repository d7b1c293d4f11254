/** A model on the devices of its users: fit, speed, battery, and a bill of nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPhone } from '../../../../src/domain/devices/phone.ts';
import { changedRequest } from '../../../../src/domain/estimate/changed-request.ts';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import type { OnDeviceReport } from '../../../../src/domain/inference/estimate-result.ts';
import type { InferenceRequest } from '../../../../src/domain/inference/request.ts';
import { GIB } from '../../../../src/domain/units.ts';
import { snapshot } from '../../seed.ts';
import { estimate, feasible, infeasible } from '../seeded-estimates.ts';

const PHONE = 'qualcomm-snapdragon-8-elite';
const asked = (
  userDevices: InferenceRequest['userDevices'] = {},
  more: Partial<InferenceRequest> = {},
): InferenceRequest => ({
  model: 'meta-llama/Llama-3.2-3B',
  device: PHONE,
  requestsPerDay: 1_000_000,
  userDevices,
  ...more,
});
const reportOf = (request: InferenceRequest): OnDeviceReport => {
  const { onDevice } = feasible(request);
  if (onDevice === undefined) throw new Error('An answer on the devices of users has their report.');
  return onDevice;
};

describe('a model on the devices of its users', () => {
  it('costs the operator nothing, and says so in its line', () => {
    const answer = feasible(asked({ count: 100_000 }));
    expect(answer.costPerMonth.lineItems).toHaveLength(1);
    expect(answer.costPerMonth.lineItems[0]).toMatchObject({ id: 'user_devices', amount: { amount: '0.0000' } });
    expect(answer.costPerMonth.total.amount.amount).toBe('0.0000');
    expect(answer.deployment).toMatchObject({ ownership: 'users', devices: 100_000, devicesPaid: 0 });
    expect(answer.energyPerMonth).toBeNull();
    expect(answer.summary).toContain('cost their operator nothing');
  });

  it('takes 4-bit weights unless told otherwise, and the share of the memory that an app may take', () => {
    const report = reportOf(asked());
    expect(report.memoryForAppBytes).toBe(6 * GIB);
    expect(report.memoryNeededBytes).toBeLessThan(report.memoryForAppBytes);
    expect(reportOf(asked({ memoryGib: 16, appMemoryPercent: 25 })).memoryForAppBytes).toBe(4 * GIB);
    expect(feasible(asked()).deployment.weightFormat).toBe('int4');
    expect(feasible(asked({}, { serving: { weightFormat: 'int8' } })).deployment.weightFormat).toBe('int8');
  });

  it('lists the defaults that it rests on, and none of what is given', () => {
    const ids = ({ assumptions }: { assumptions: readonly { id: string }[] }) => assumptions.map(({ id }) => id);
    const given = { count: 9e4, memoryGib: 8, appMemoryPercent: 60, wattsWhileAnswering: 6, batteryWattHours: 13 };
    expect(ids(feasible(asked())).filter((id) => id.startsWith('user_devices.'))).toHaveLength(5);
    expect(ids(feasible(asked(given))).filter((id) => id.startsWith('user_devices.'))).toEqual([]);
  });

  it('takes from the battery what the answer draws for its time', () => {
    const { answerSeconds, energyPerAnswerJoules, batteryPercentPerAnswer, batteryPercentPerDay } = reportOf(
      asked({ count: 100_000, wattsWhileAnswering: 5, batteryWattHours: 10 }),
    );
    expect(energyPerAnswerJoules?.p50).toBeCloseTo(5 * answerSeconds.p50, 9);
    expect(batteryPercentPerAnswer?.p50).toBeCloseTo((100 * 5 * answerSeconds.p50) / 36_000, 9);
    expect(batteryPercentPerDay?.p50).toBeCloseTo(10 * (batteryPercentPerAnswer?.p50 ?? 0), 9);
  });

  it('knows no power of a laptop that nobody measured', () => {
    const report = reportOf(asked({}, { device: 'apple-m4' }));
    expect(report.energyPerAnswerJoules).toBeNull();
    expect(report.heat).toBeNull();
  });

  it('names a share or a size of memory that the model fits into, and it does', () => {
    for (const [device, model] of [
      ['apple-a17-pro-neural-engine', 'meta-llama/Llama-3.1-8B'],
      [PHONE, 'Qwen/Qwen2.5-14B-Instruct'],
    ] as const) {
      const request = asked({}, { device, model });
      const { relaxation, reasons } = infeasible(request);
      expect(reasons[0]?.constraint).toBe('memory');
      if (relaxation === null) throw new Error(`${device} has no way to hold ${model}.`);
      expect(estimate(changedRequest(request, relaxation.field, relaxation.to)).status).toBe('feasible');
    }
    expect(infeasible(asked({}, { model: 'meta-llama/Llama-3.1-70B' })).relaxation).toBeNull();
  });

  it('refuses more requests than a device answers, and names a count that carries them', () => {
    const fault = (request: InferenceRequest) => {
      try {
        estimate(request);
      } catch (error) {
        if (error instanceof RequestFaultError) return error.faults[0];
        throw error;
      }
      throw new Error('Not refused.');
    };
    const refused = fault(asked({ count: 10 }));
    expect(refused?.pointer).toBe('/userDevices/count');
    const least = Number(/Count at least ([\d,]+)/.exec(refused?.detail ?? '')?.[1]?.replaceAll(',', ''));
    expect(estimate(asked({ count: least })).status).toBe('feasible');
    expect(fault(asked({}, { purchase: { category: 'owned' } }))?.pointer).toBe('/purchase');
    expect(fault(asked({}, { location: { country: 'AE' } }))?.pointer).toBe('/location');
    const { device: _unnamed, ...anything } = asked();
    expect(fault(anything)?.pointer).toBe('/device');
    expect(fault(asked({}, { model: 'openai/whisper-large-v3' }))?.pointer).toBe('/userDevices');
  });

  it('gives finite figures in order below what the bandwidth allows, on every phone and for any memory', () => {
    const phones = snapshot.devices.filter(
      (device) => isPhone(device) && device.memoryBandwidthBytesPerSecond !== null,
    );
    expect(phones.length).toBeGreaterThan(3);
    fc.assert(
      fc.property(
        fc.constantFrom(...phones),
        fc.constantFrom('Qwen/Qwen3-0.6B', 'meta-llama/Llama-3.2-1B', 'meta-llama/Llama-3.2-3B'),
        fc.integer({ min: 3, max: 24 }),
        (device, model, memoryGib) => {
          const answer = estimate(asked({ memoryGib }, { device: device.id, model }));
          if (answer.status === 'infeasible') return;
          const {
            outputTokensPerSecond: rate,
            batteryPercentPerAnswer,
            downloadGigabytes,
          } = answer.onDevice as OnDeviceReport;
          expect(rate.p10).toBeGreaterThan(0);
          expect(rate.p90).toBeGreaterThanOrEqual(rate.p50);
          const bound = (device.memoryBandwidthBytesPerSecond ?? 0) / (downloadGigabytes * 1e9);
          expect(rate.p50).toBeLessThan(bound);
          expect(batteryPercentPerAnswer?.p50).toBeGreaterThan(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each<[string, Partial<InferenceRequest>]>([
    ['so little memory', { serving: { memoryUtilization: 0.1 } }],
    ['answers so long', { outputTokens: { mean: 150, coefficientOfVariation: 10 } }],
  ])('with %s that no change helps is infeasible, after each was tried once', (_what, more) => {
    const answer = infeasible(asked({ count: 100_000 }, { device: 'apple-a17-pro-neural-engine', ...more }));
    expect(answer.reasons.some(({ constraint }) => constraint === 'memory')).toBe(true);
  });
});
