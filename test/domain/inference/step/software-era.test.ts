import { describe, expect, it } from 'vitest';
import { SERVING_ENGINES } from '../../../../src/domain/inference/step/configuration.ts';
import { INFERENCE_CONSTANTS } from '../../../../src/domain/inference/step/efficiency.ts';
import { eraFactor, eraOf, eraOfVersion, SOFTWARE_ERAS } from '../../../../src/domain/inference/step/software-era.ts';
import { StepModel } from '../../../../src/domain/inference/step/step.ts';
import { serve } from '../fixtures.ts';

describe('software eras', () => {
  it.each([
    ['vllm', '0.11.2', 'vllm_2025'],
    ['vllm', 'v0.15.0', 'vllm_2026'],
    ['vllm', '0.19.0+cu130', 'vllm_2026'],
    ['vllm', '1', 'vllm_2026'],
    ['sglang', '0.5.1.post1', 'sglang_2025'],
    ['sglang', '0.5.10', 'sglang_2026'],
    ['tensorrt_llm', '0.14.0', 'tensorrt_llm_engine'],
    ['tensorrt_llm', '0.20', 'tensorrt_llm_pytorch'],
    ['tensorrt_llm', '1.0.0rc3', 'tensorrt_llm_pytorch'],
    ['tensorrt_llm', '1.2.0rc6.post2', 'tensorrt_llm_2026'],
    ['llama_cpp', '4000', 'llama_cpp'],
  ] as const)('%s %s is of %s', (engine, version, era) => {
    expect(eraOfVersion(engine, version)?.id).toBe(era);
  });

  it('knows no era of what is not a version', () => {
    for (const version of ['', 'nightly', 'latest', '-1', 'v']) expect(eraOfVersion('vllm', version)).toBeNull();
  });

  it('is the newest where none is named; the constants are of the newest of vLLM', () => {
    for (const engine of SERVING_ENGINES) {
      const configuration = serve({ engine });
      expect(eraOf(configuration)).toBe(SOFTWARE_ERAS[engine].at(-1));
    }
    expect(eraFactor(serve({ engine: 'vllm' }), INFERENCE_CONSTANTS)).toBe(1);
  });

  it('has a fitted factor for every other era, which scales what does not grow with the batch', () => {
    for (const engine of SERVING_ENGINES) {
      if (engine === 'llama_cpp') continue;
      for (const { id } of SOFTWARE_ERAS[engine]) {
        if (id === 'vllm_2026') continue;
        const older = serve({ engine, softwareEra: id, tensorParallel: 2 });
        const factor = eraFactor(older, INFERENCE_CONSTANTS);
        expect(factor).toBe((INFERENCE_CONSTANTS.softwareEra[engine] as Record<string, number>)[id]);
        // launches alone: the host's work may hide behind the device's
        const idle = { ...INFERENCE_CONSTANTS.engine[engine], stepSeconds: 0, sequenceSeconds: 0 };
        const launches = { ...INFERENCE_CONSTANTS, engine: { ...INFERENCE_CONSTANTS.engine, [engine]: idle } };
        const model = new StepModel(older, launches);
        const constants = {
          ...launches,
          softwareEra: { vllm: {}, sglang: {}, tensorrt_llm: {}, llama_cpp: {} },
        };
        const newest = new StepModel(older, constants);
        const run = (step: StepModel, sequences: number) => step.run(0, 0, sequences, 500, sequences);
        const fixed = (step: StepModel) => 2 * run(step, 1) - run(step, 2);
        expect(Math.sign(run(model, 1) - run(newest, 1))).toBe(Math.sign(factor - 1));
        expect(run(model, 2) - run(model, 1)).toBeCloseTo(run(newest, 2) - run(newest, 1), 12);
        expect(fixed(model) - fixed(newest)).toBeCloseTo(run(model, 64) - run(newest, 64), 9);
      }
    }
  });
});
