import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewestCopies, nearestSharedBatch } from '../../../../src/domain/training/layout/shared-batch.ts';
import { estimate, feasible, H100, infeasible } from '../seeded-estimates.ts';

describe('a batch that a cluster shares out', () => {
  it('stays where some cut of the cluster divides it', () => {
    expect(nearestSharedBatch(2048, 16_384)).toBe(2048);
    expect(nearestSharedBatch(2048, 24_576)).toBe(2048);
    expect(nearestSharedBatch(2048, 10_000)).toBe(2000);
  });

  it('moves no further than the fewest copies ask for, and keeps what belongs together', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 200_000 }),
        fc.constantFrom(1, 2, 16),
        (sequences, devices, unit) => {
          const batch = nearestSharedBatch(sequences, devices, unit);
          expect(batch % unit).toBe(0);
          const shares = Array.from({ length: 1024 }, (_, index) => index + 1).filter((share) => devices % share === 0);
          expect(shares.some((share) => batch % (devices / share) === 0)).toBe(true);
          expect(batch - sequences).toBeLessThanOrEqual(Math.max(0.25 * sequences, fewestCopies(devices) * unit));
        },
      ),
    );
  });
});

describe('a cluster of a round number of devices', () => {
  const run = { model: 'meta-llama/Llama-3.1-405B', tokens: 15e12, device: H100, purchase: { usdPerDeviceHour: '2' } };

  it.each([3000, 10_000, 20_000, 25_000, 100_000])('trains with the batch chosen for it: %i', (devices) => {
    const { workload, assumptions } = feasible({ ...run, cluster: { devices } });
    const usual = 16_777_216;
    expect(Math.abs(Number(workload.globalBatchTokens) / usual - 1)).toBeLessThanOrEqual(0.25);
    const chosen = assumptions.find(({ id }) => id === 'run.global_batch_tokens');
    expect(chosen?.value).toBe(workload.globalBatchTokens);
  });

  it('tunes on pairs and groups of answers', () => {
    const tuning = { ...run, model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, cluster: { devices: 48 } };
    for (const method of ['dpo', 'grpo'] as const) feasible({ ...tuning, method });
    expect(estimate({ ...tuning, method: 'lora', cluster: { devices: 100 } }).status).toBe('feasible');
  });

  it('says of a batch of the caller that it does not divide, and names one close by that does', () => {
    const asked = 2048 * 8192;
    const { reasons, relaxation } = infeasible({ ...run, cluster: { devices: 10_000 }, globalBatchTokens: asked });
    expect(reasons[0]?.constraint).toBe('batch_does_not_divide');
    expect(relaxation).toMatchObject({ field: '/globalBatchTokens', to: 2000 * 8192 });
  });
});

it('shares out the batch of a long stage after the main one as well', () => {
  const { run } = feasible({
    model: 'meta-llama/Llama-3.1-405B',
    tokens: 15e12,
    device: H100,
    cluster: { devices: 20_000 },
    purchase: { usdPerDeviceHour: '2' },
    stages: [{ tokens: 8e11, sequenceLength: 131_072 }],
  });
  expect(run.stages).toHaveLength(1);
});

it('a number of devices that does not divide is told from one that is too small, with the nearest below that does', () => {
  const { reasons, relaxation } = infeasible({
    model: 'deepseek-ai/DeepSeek-V3',
    tokens: 5e12,
    device: H100,
    cluster: { devices: 25_000 },
    purchase: { usdPerDeviceHour: '2' },
  });
  expect(reasons[0]).toMatchObject({ constraint: 'memory', detail: expect.stringContaining('do not divide') });
  expect(relaxation?.field).toBe('/cluster/devices');
  expect(Number(relaxation?.to)).toBeGreaterThan(25_000 * 0.95);
});
