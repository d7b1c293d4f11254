import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RelaxationAdvice } from '../../../src/domain/estimate/answer.ts';
import { changedRequest, fieldOf } from '../../../src/domain/estimate/changed-request.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { TrainingEstimateRequestSchema } from '../../../src/http/schemas/estimates/training/request.ts';
import { AT } from '../seed.ts';
import { estimate, H100, infeasible } from './seeded-estimates.ts';

/** The request with the advice followed to the letter, and the date of the prices it then has. */
function followed(request: TrainingRequest, { field, to }: RelaxationAdvice): [TrainingRequest, string] {
  if (field === '/pricingAt') return [request, String(to)];
  return [changedRequest(request, field, to), AT];
}

/** Top-level names of the contract, and those below layout and cluster. */
const contractFields = new Set(
  Object.entries(TrainingEstimateRequestSchema.properties as Record<string, object>).map(([name]) => name),
);
const LAYOUT = ['tensorParallel', 'pipelineParallel', 'contextParallel', 'expertParallel', 'virtualStages'];
const layoutFields = new Set([...LAYOUT, 'microBatchSequences', 'sharding', 'recompute', 'schedule']);

function expectGoodAdvice(request: TrainingRequest, advice: RelaxationAdvice): void {
  const [, first = '', second = ''] = advice.field.split('/');
  expect(contractFields).toContain(first);
  if (first === 'layout') expect(layoutFields).toContain(second);
  expect(advice.to).not.toBe(advice.from);
  const present = fieldOf(request, advice.field);
  if (present !== undefined) expect(String(advice.from)).toBe(String(present));
  const [relaxed, at] = followed(request, advice);
  const answer = estimate(relaxed, at);
  if (answer.status === 'feasible') return;
  // where two reasons stand against a run, the change removes the one that was named and says so
  expect(advice.effect).toMatch(/^this reason then falls away/);
  const before = infeasible(request).reasons[0];
  expect(answer.reasons[0]?.constraint).not.toBe(before?.constraint);
}

describe('the change named for an infeasible run', () => {
  const LLAMA_8B = 'meta-llama/Llama-3.1-8B';
  const base: TrainingRequest = { model: LLAMA_8B, tokens: 1e11, device: H100 };
  it.each<[string, TrainingRequest, string]>([
    [
      'a batch that the ranks do not divide',
      {
        ...base,
        cluster: { devices: 64 },
        sequenceLength: 8192,
        globalBatchTokens: 8192 * 100,
        layout: { tensorParallel: 1, pipelineParallel: 1, contextParallel: 1 },
      },
      '/globalBatchTokens',
    ],
    [
      'a batch below the data-parallel degree',
      {
        ...base,
        cluster: { devices: 4096 },
        globalBatchTokens: 8192,
        layout: { tensorParallel: 1, pipelineParallel: 1, contextParallel: 1 },
      },
      '/globalBatchTokens',
    ],
    [
      'more devices than a machine has, where fewer are likely to hold it',
      { model: LLAMA_8B, tokens: 1e7, method: 'lora', sequenceLength: 2048, device: 'nvidia-rtx-4090-24gb' },
      '/cluster/devices',
    ],
    ['a precision that the device lacks', { ...base, cluster: { devices: 64 }, precision: 'nvfp4' }, '/precision'],
    ['QLoRA in fp8', { ...base, method: 'qlora', precision: 'fp8', tokens: 1e8 }, '/precision'],
    [
      'a layout larger than the cluster',
      { ...base, cluster: { devices: 64 }, layout: { tensorParallel: 8, pipelineParallel: 32 } },
      '/cluster/devices',
    ],
    [
      'heads that do not divide',
      { ...base, cluster: { devices: 64 }, layout: { tensorParallel: 3 } },
      '/layout/tensorParallel',
    ],
    [
      'experts of a dense model',
      { ...base, cluster: { devices: 64 }, layout: { expertParallel: 8 } },
      '/layout/expertParallel',
    ],
    [
      'a micro-batch that splits pairs',
      { ...base, method: 'dpo', tokens: 1e8, layout: { microBatchSequences: 3 } },
      '/layout/microBatchSequences',
    ],
    [
      'too few devices for the model',
      { model: 'meta-llama/Llama-3.1-405B', tokens: 1e12, device: H100, cluster: { devices: 16 } },
      '/cluster/devices',
    ],
    ['a deadline', { ...base, tokens: 15e12, cluster: { devices: 8 }, deadlineDays: 30 }, '/deadlineDays'],
    ['a deadline that no cluster keeps', { ...base, tokens: 15e12, deadlineDays: 0.001 }, '/deadlineDays'],
    ['a budget', { ...base, budgetUsd: '100', cluster: { devices: 64 } }, '/budgetUsd'],
    ['device-hours', { ...base, budgetDeviceHours: 10, cluster: { devices: 64 } }, '/budgetDeviceHours'],
    ['a region without the device', { ...base, location: { region: 'oci/me-dubai-1' } }, '/location/region'],
    [
      'a country without any accelerator',
      { model: LLAMA_8B, tokens: 1e10, location: { country: 'PK' } },
      '/location/country',
    ],
  ])('%s', (_title, request, field) => {
    const { relaxation, reasons } = infeasible(request);
    expect(reasons.length).toBeGreaterThan(0);
    if (relaxation === null) throw new Error('no change was named');
    expect(relaxation.field).toBe(field);
    expectGoodAdvice(request, relaxation);
    expect(relaxation.effect).not.toMatch(/falls away/);
  });

  it('moves a batch that no fitting layout shares out as little as needed', () => {
    const { relaxation } = infeasible({
      model: 'meta-llama/Llama-3.1-405B',
      tokens: 1e13,
      device: H100,
      cluster: { devices: 16_384 },
      sequenceLength: 8192,
      globalBatchTokens: 8192 * 1953,
    });
    expect(relaxation?.field).toBe('/globalBatchTokens');
    expect(Math.abs(Number(relaxation?.to) / (8192 * 1953) - 1)).toBeLessThan(0.02);
  });

  it('says from which deadline to which, and takes the least of the devices that miss it', () => {
    const { relaxation } = infeasible({ ...base, tokens: 15e12, cluster: { devices: 8 }, deadlineDays: 30 });
    expect(relaxation?.from).toBe(30);
  });

  const requests: fc.Arbitrary<TrainingRequest> = fc.record(
    {
      model: fc.constantFrom(LLAMA_8B, 'meta-llama/Llama-3.1-70B', 'Qwen/Qwen3-30B-A3B'),
      tokens: fc.constantFrom(1e8, 1e11, 1e13),
      device: fc.constantFrom(H100, 'nvidia-a100-sxm4-80gb', 'nvidia-l4-24gb'),
      method: fc.constantFrom('pretraining' as const, 'lora' as const, 'qlora' as const, 'dpo' as const),
      precision: fc.constantFrom('bf16' as const, 'fp8' as const, 'nvfp4' as const),
      globalBatchTokens: fc.constantFrom(8192, 100_000, 4_194_304),
      deadlineDays: fc.constantFrom(0.01, 1, 90),
      budgetUsd: fc.constantFrom('10', '100000'),
      cluster: fc.record({ devices: fc.constantFrom(1, 6, 8, 100, 512) }),
      layout: fc.record(
        {
          tensorParallel: fc.constantFrom(1, 3, 8, 64),
          pipelineParallel: fc.constantFrom(1, 5, 16),
          microBatchSequences: fc.constantFrom(1, 3, 8),
          expertParallel: fc.constantFrom(2, 7),
        },
        { requiredKeys: [] },
      ),
      location: fc.constantFrom<NonNullable<TrainingRequest['location']>>(
        { country: 'AE' },
        { country: 'PK' },
        { provider: 'aws' },
      ),
    },
    { requiredKeys: ['model', 'tokens', 'device', 'cluster'] },
  );

  it('makes it feasible, whatever was asked', () => {
    let named = 0;
    fc.assert(
      fc.property(requests, (request) => {
        const answer = estimate(request);
        if (answer.status === 'feasible' || answer.relaxation === null) return;
        named++;
        expectGoodAdvice(request, answer.relaxation);
      }),
      { numRuns: 60 },
    );
    expect(named).toBeGreaterThan(10);
  });
});
