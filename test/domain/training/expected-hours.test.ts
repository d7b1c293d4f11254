import { describe, expect, it } from 'vitest';
import { computeItems } from '../../../src/domain/training/budget-report.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { feasible, H100, infeasible } from './seeded-estimates.ts';

const RATE = 2;
const H100_BF16_FLOPS = 989.4e12;
const asked: TrainingRequest[] = [
  { model: 'meta-llama/Llama-3.1-8B', tokens: 1e12, device: H100, cluster: { devices: 64 } },
  { model: 'mistralai/Mixtral-8x7B-v0.1', tokens: 1e12, device: H100, cluster: { devices: 512 } },
  { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, method: 'lora', device: H100, cluster: { devices: 8 } },
  { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, method: 'grpo', device: H100, cluster: { devices: 64 } },
  { model: 'resnet50-v1.5', images: 115_000_000, device: H100, cluster: { devices: 8 } },
];
const runs = asked.map((run) => ({ ...run, purchase: { usdPerDeviceHour: String(RATE) } }));

describe.each(runs)('$model, $method', (run) => {
  const { run: hours, cost } = feasible(run);

  it('costs the rate times the hours that are shown', () => {
    const compute = computeItems(cost).reduce((sum, { amount }) => sum + Number(amount.amount), 0);
    expect(compute / (RATE * hours.deviceHours.p50)).toBeCloseTo(1, 5);
  });

  it('spends them on its clean hours, stages and interruptions', () => {
    const { cleanHours, stageFactor, goodput, wallClockDays } = hours;
    expect((cleanHours * stageFactor) / goodput / 24 / wallClockDays.p50).toBeCloseTo(1, 5);
  });

  it('shows a step whose parts, rate and utilization agree', () => {
    const { step, flops, cluster, workload } = feasible(run);
    if (step === null || workload.globalBatchTokens === null) return;
    const { seconds, split, tokensPerSecondPerDevice: rate, mfu } = step;
    expect(Object.values(split).reduce((sum, part) => sum + part, 0) / seconds.p50).toBeCloseTo(1, 6);
    expect(workload.globalBatchTokens / cluster.devices / seconds.p50 / rate.p50).toBeCloseTo(1, 6);
    expect((rate.p50 * flops.modelFlopsPerToken) / H100_BF16_FLOPS / mfu).toBeCloseTo(1, 2);
  });

  it('keeps a deadline by the days that are shown', () => {
    const days = hours.wallClockDays.p50;
    expect(feasible({ ...run, deadlineDays: days * 1.001 }).run.wallClockDays.p50).toBeCloseTo(days, 6);
    expect(infeasible({ ...run, deadlineDays: days * 0.999 }).reasons[0]).toMatchObject({
      constraint: 'deadline',
      actual: expect.closeTo(days, 6),
    });
  });
});
