import { describe, expect, test } from 'vitest';
import { checkLayout } from '../../../../src/domain/training/index.ts';
import { nearestDivisor } from '../../../../src/domain/training/layout/check-layout.ts';
import { h100, layout, llama8b, llama405b, workload } from '../fixtures.ts';

const reasons = (overrides: Partial<typeof llama8b.layout>, batch = 512) =>
  checkLayout({ ...llama8b.workload, globalBatchSequences: batch }, llama8b.cluster, {
    ...llama8b.layout,
    ...overrides,
  });

test('published layouts are accepted', () => {
  expect(checkLayout(llama405b.workload, llama405b.cluster, llama405b.layout)).toEqual([]);
  expect(reasons({})).toEqual([]);
});

describe('each reason names field, figures and the nearest value that would do', () => {
  test.each([
    ['tensor_parallel_divides', { tensorParallel: 3 }, 'layout.tensorParallel', 2],
    ['tensor_parallel_exceeds_link_domain', { tensorParallel: 16 }, 'layout.tensorParallel', 8],
    [
      'pipeline_exceeds_layers',
      { pipelineParallel: 64, dataParallel: 1, tensorParallel: 1 },
      'layout.pipelineParallel',
      32,
    ],
    ['virtual_stages_divide', { virtualStages: 40 }, 'layout.virtualStages', 16],
    ['expert_parallel_without_experts', { expertParallel: 8 }, 'layout.expertParallel', 1],
    ['layout_exceeds_cluster', { dataParallel: 32 }, 'layout.dataParallel', 16],
    ['layout_does_not_fill_cluster', { dataParallel: 8 }, 'layout.dataParallel', 16],
    ['schedule_needs_pipeline', { pipelineParallel: 1, dataParallel: 32, virtualStages: 2 }, 'layout.schedule', 2],
    ['invalid_number', { microBatchSequences: 0 }, 'layout.microBatchSequences', 1],
    ['invalid_number', { tensorParallel: 1.5 }, 'layout.tensorParallel', 2],
  ] as const)('%s', (code, overrides, field, nearest) => {
    const found = reasons(overrides).find((reason) => reason.code === code);
    expect(found).toMatchObject({ code, field, nearestFeasible: nearest });
    expect(found?.message).toMatch(/\.$/);
  });

  test('batch below and not a multiple of the data-parallel degree', () => {
    expect(reasons({}, 8)).toMatchObject([
      { code: 'batch_below_data_parallel', required: 16, actual: 8, margin: -8, nearestFeasible: 16 },
    ]);
    expect(reasons({}, 500)).toMatchObject([{ code: 'batch_does_not_divide', nearestFeasible: 496 }]);
  });

  test('experts that do not divide', () => {
    const moe = workload('qwen3-235b-a22b', { globalBatchSequences: 64, sequenceLength: 4096 });
    const cut = layout({ tensorParallel: 1, dataParallel: 64, expertParallel: 24 });
    expect(checkLayout(moe, h100(64), cut)).toMatchObject([{ code: 'expert_parallel_divides', nearestFeasible: 16 }]);
    expect(
      checkLayout(moe, h100(64), { ...cut, dataParallel: 32, pipelineParallel: 2, expertParallel: 64 }),
    ).toMatchObject([{ code: 'expert_parallel_divides', nearestFeasible: 32 }]);
  });

  test('a precision the device does not compute in', () => {
    const found = checkLayout({ ...llama8b.workload, precision: 'nvfp4' }, llama8b.cluster, llama8b.layout);
    expect(found).toMatchObject([{ code: 'precision_unknown', field: 'workload.precision' }]);
    expect(found[0]?.message).toContain('bf16');
  });

  test('a sequence that does not split, a context that is exceeded, a cluster without network', () => {
    const odd = { ...llama8b.workload, sequenceLength: 8190 };
    expect(checkLayout(odd, llama8b.cluster, { ...llama8b.layout, contextParallel: 2, dataParallel: 8 })).toMatchObject(
      [{ code: 'context_parallel_divides' }],
    );
    const short = { ...llama8b.workload, method: 'lora' as const, loraRank: 8 };
    const model = { ...short.model, maxContextTokens: 4096 };
    expect(checkLayout({ ...short, model }, llama8b.cluster, llama8b.layout)).toMatchObject([
      { code: 'sequence_exceeds_context', nearestFeasible: 4096 },
    ]);
    const torus = { ...llama8b.cluster, fabric: 'ici' as const };
    expect(checkLayout(llama8b.workload, torus, llama8b.layout)).toMatchObject([{ code: 'fabric_unknown' }]);
    const alone = { ...llama8b.cluster, networkBytesPerSecondPerDevice: 0 };
    expect(checkLayout(llama8b.workload, alone, llama8b.layout)).toMatchObject([{ code: 'network_missing' }]);
  });

  test('QLoRA in fp8', () => {
    const found = checkLayout(
      { ...llama8b.workload, method: 'qlora', precision: 'fp8' },
      llama8b.cluster,
      llama8b.layout,
    );
    expect(found).toMatchObject([{ code: 'method_precision' }]);
  });
});

test('accepting the nearest value clears the reason', () => {
  const wrong = { ...llama8b.layout, tensorParallel: 3 };
  const [reason] = checkLayout(llama8b.workload, llama8b.cluster, wrong);
  const right = { ...wrong, tensorParallel: reason?.nearestFeasible as number };
  expect(checkLayout(llama8b.workload, llama8b.cluster, right)).toEqual([]);
});

test('nearest divisor', () => {
  expect([nearestDivisor(32, 3), nearestDivisor(32, 100), nearestDivisor(7, 5), nearestDivisor(1, 9)]).toEqual([
    2, 32, 7, 1,
  ]);
});
