import { describe, expect, it } from 'vitest';
import type { TrainingRequest } from '../../../../src/domain/training/request.ts';
import { estimate, feasible, H100, infeasible } from '../seeded-estimates.ts';

const LLAMA_8B: TrainingRequest = {
  model: 'meta-llama/Llama-3.1-8B',
  tokens: 1e12,
  device: H100,
  purchase: { usdPerDeviceHour: '2' },
};

describe('the smallest cluster that keeps a deadline', () => {
  it.each<TrainingRequest>([
    { ...LLAMA_8B, stages: [{ tokens: 4e11, sequenceLength: 32_768 }] },
    { ...LLAMA_8B, stages: [{ tokens: 2e12, sequenceLength: 65_536 }] },
    { ...LLAMA_8B, run: { stageFactor: 20 } },
    { ...LLAMA_8B, purchase: { category: 'spot' } },
  ])('is found for every deadline that a longer one and a shorter one have: $stages $run $purchase', (request) => {
    let before = Number.POSITIVE_INFINITY;
    for (const deadlineDays of [2.5, 5, 11, 20, 28, 30, 32, 40, 80, 220]) {
      const answer = estimate({ ...request, deadlineDays });
      if (answer.status === 'infeasible') {
        expect(before).toBe(Number.POSITIVE_INFINITY);
        continue;
      }
      const { devices } = answer.cluster;
      expect(answer.run.wallClockDays.p50).toBeLessThanOrEqual(deadlineDays * (1 + 1e-9));
      expect(devices).toBeLessThanOrEqual(before);
      before = devices;
      const half = estimate({ ...request, deadlineDays, cluster: { devices: devices / 2 } });
      expect(half.status === 'feasible' && half.memory?.fit === 'fits').toBe(false);
    }
  });

  it('is told with the fastest there is where none keeps it: interruptions take more than further devices give', () => {
    const request: TrainingRequest = { ...LLAMA_8B, purchase: { category: 'spot' } };
    const { relaxation, reasons } = infeasible({ ...request, deadlineDays: 0.01 });
    expect(relaxation?.field).toBe('/deadlineDays');
    for (const devices of [512, 4096, 32_768, 131_072]) {
      const { p50 } = feasible({ ...request, cluster: { devices } }).run.wallClockDays;
      expect(p50).toBeGreaterThanOrEqual(Number(reasons[0]?.actual) * (1 - 1e-9));
    }
  });
});

it.each(['smallest', 'fastest'] as const)(
  'advises the least budget of all devices, looking for the %s',
  (objective) => {
    const { device: _device, purchase: _purchase, ...open } = LLAMA_8B;
    const request: TrainingRequest = { ...open, budgetUsd: '20', cluster: { objective } };
    const { relaxation } = infeasible(request);
    expect(relaxation?.field).toBe('/budgetUsd');
    expect(estimate({ ...request, budgetUsd: String(relaxation?.to) }).status).toBe('feasible');
    expect(estimate({ ...request, budgetUsd: String(Math.floor(Number(relaxation?.to) * 0.98)) }).status).toBe(
      'infeasible',
    );
  },
);
