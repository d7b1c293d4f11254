import { describe, expect, it } from 'vitest';
import priors from '../../../../scripts/fit/inference-priors.json' with { type: 'json' };
import decode from '../../../../src/domain/calibration/decode-constants.json' with { type: 'json' };
import {
  groupLinkBytesPerSecond,
  INFERENCE_CONSTANTS,
  withDecodeConstants,
} from '../../../../src/domain/inference/step/efficiency.ts';
import { COMPILED_ENGINES } from '../../../../src/domain/inference/step/software-era.ts';
import { StepModel, stepTime } from '../../../../src/domain/inference/step/step.ts';
import { deepseek, h100, l4, llama8b, mixtral, serve } from '../fixtures.ts';

const constants = withDecodeConstants(priors.constants, decode);
/** Of the bandwidth, what the prototype's attention reads the cache at. */
const REFERENCE_SHARE = 70.7 / 100;

describe('one engine step', () => {
  it.each([
    // [prefill, cached, decoding, context, seconds]: a published prototype of the same formulas, H100, bf16, TensorRT-LLM
    [0, 0, 32, 1500, 0.009027881375970076],
    [1024, 0, 0, 0, 0.02374033351727234],
    [2048, 4096, 64, 2000, 0.06301034252513482],
  ])(
    'agrees with the reference formulas: %i prompt tokens on %i, %i sequences at %i',
    (...[prefill, cached, decoding, context, seconds]) => {
      // the prototype runs prompts as if they were captured in a graph, and its engine is the C++ runtime
      const { tensorrt_llm } = constants.engine;
      const host = { ...tensorrt_llm, promptLayerSeconds: 0, sequenceSeconds: 4.24e-6 };
      const model = new StepModel(serve({ engine: 'tensorrt_llm', softwareEra: COMPILED_ENGINES }), {
        ...constants,
        engine: { ...constants.engine, tensorrt_llm: host },
        hostCodeFactor: {},
        attention: { ...constants.attention, bandwidthShare: REFERENCE_SHARE, halfBytes: 2.06e6 },
      });
      expect(model.run(prefill, cached, decoding, context, prefill + decoding)).toBeCloseTo(seconds, 4);
    },
  );

  it('streams the weights once where one sequence decodes', () => {
    const model = new StepModel(serve(), constants);
    model.run(0, 0, 1, 1, 1);
    const weights = 32 * 2 * (4096 * (32 + 16) * 128 + 4096 * 4096 + 3 * 4096 * 14336);
    const bandwidth = 3.35e12 * constants.gemm.hopper.mbu.half;
    expect(model.memorySeconds / (weights / bandwidth)).toBeCloseTo(1, 2);
    expect(model.headSeconds / ((2 * 4096 * 128256) / bandwidth)).toBeCloseTo(1, 2);
  });

  it('hides the host behind the device where the engine overlaps them, and not where it does not', () => {
    const engineShare = (softwareEra: string, sequences: number) => {
      const model = new StepModel(serve({ softwareEra }), constants);
      model.run(0, 0, sequences, 2000, sequences);
      return (
        model.engineSeconds / (constants.engine.vllm.stepSeconds + sequences * constants.engine.vllm.sequenceSeconds)
      );
    };
    expect(engineShare('vllm_2025', 64)).toBeCloseTo(1, 9);
    expect(engineShare('vllm_2026', 64)).toBeLessThan(0.5);
    expect(engineShare('vllm_2026', 64)).toBeGreaterThan(0);
  });

  it('hides nothing in a pipeline, whose batches wait for their own tokens', () => {
    const engineSeconds = (pipelineParallel: number) => {
      const model = new StepModel(serve({ softwareEra: 'vllm_2026', pipelineParallel }), constants);
      model.run(0, 0, 64, 2000, 64);
      return model.engineSeconds;
    };
    const host = constants.engine.vllm.stepSeconds + 64 * constants.engine.vllm.sequenceSeconds;
    expect(engineSeconds(1)).toBeLessThan(0.5 * host);
    expect(engineSeconds(2)).toBeCloseTo(2 * host, 9);
  });

  it('runs a full pipeline at the pace of the stage with the head', () => {
    const seconds = (pipelineParallel: number, sequences: number) => {
      const model = new StepModel(serve({ pipelineParallel, softwareEra: 'vllm_2025' }), constants);
      const total = model.run(0, 0, sequences, 500, sequences);
      return { total, atEachStage: model.headSeconds + model.engineSeconds };
    };
    const whole = seconds(1, 8);
    expect(seconds(4, 8).atEachStage / whole.atEachStage).toBeCloseTo(4, 9);
    expect(seconds(4, 8).total - whole.total).toBeCloseTo(3 * whole.atEachStage + 3 * 10e-6, 9);
    // one sequence alone passes the head once
    expect(seconds(4, 1).atEachStage).toBeCloseTo(seconds(1, 1).atEachStage, 12);
  });

  it('pays more for the code of the engine on an Arm host', () => {
    const engine = (formFactor: string) => {
      const model = new StepModel(serve({ device: { ...h100, formFactor }, softwareEra: 'vllm_2025' }), constants);
      model.run(0, 0, 16, 500, 16);
      return model.engineSeconds;
    };
    expect(engine('superchip') / engine('SXM5')).toBeCloseTo(constants.armHostFactor, 9);
  });

  it('shares PCIe among the devices of a group', () => {
    const pcie = { ...h100, linkTopology: 'pcie' as const };
    const rate = (ranks: number) => groupLinkBytesPerSecond(pcie, ranks, null) ?? Number.NaN;
    expect(rate(2)).toBe(36e9);
    expect(rate(4) / rate(2)).toBeCloseTo(0.78, 9);
    expect(rate(8) / rate(2)).toBeCloseTo(0.78 ** 2, 9);
  });

  it('reads the distinct experts a batch touches', () => {
    // requests for an expert are negative binomial: Mixtral asks for 2 of its 8
    const shape = constants.experts.popularityShape;
    const touched = (tokens: number) => Math.max(2, 8 * (1 - (1 + (tokens * 2) / (8 * shape)) ** -shape));
    const seconds = (sequences: number) => {
      const model = new StepModel(serve({ model: mixtral }), constants);
      model.run(0, 0, sequences, 1, sequences);
      const dense = new StepModel(
        serve({ model: { ...mixtral, mixtureOfExperts: null, ffnHiddenSize: 1 } }),
        constants,
      );
      dense.run(0, 0, sequences, 1, sequences);
      return model.memorySeconds - dense.memorySeconds;
    };
    expect(seconds(8) / seconds(1) / (touched(8) / touched(1))).toBeCloseTo(1, 1);
    expect(touched(1)).toBe(2);
    expect(touched(10_000)).toBeGreaterThan(7.9);
  });

  it('splits its time into terms that sum to the whole', () => {
    for (const configuration of [
      serve({ tensorParallel: 4 }),
      serve({ model: deepseek, weightFormat: 'fp8', tensorParallel: 8, expertParallel: 8 }),
      serve({ device: l4, weightFormat: 'int4' }),
    ]) {
      const { seconds, ...terms } = stepTime(configuration, {
        prefillTokens: 512,
        cachedTokens: 100,
        decodeSequences: 16,
        meanContextTokens: 900,
      });
      expect(Object.values(terms).reduce((total, term) => total + term, 0)).toBeCloseTo(seconds, 12);
      expect(Object.values(terms).every((term) => term >= 0)).toBe(true);
    }
  });

  it('reads a sliding window, not the whole context, where layers slide', () => {
    const sliding = { ...llama8b, layerPattern: { full: 0, sliding: 32, slidingWindow: 128, linear: 0 } };
    const attention = (model: typeof llama8b, context: number) => {
      const step = new StepModel(serve({ model }));
      step.run(0, 0, 64, context, 64);
      return step.attentionSeconds;
    };
    expect(attention(sliding, 32_000)).toBeCloseTo(attention(sliding, 128), 12);
    expect(attention(llama8b, 32_000)).toBeGreaterThan(10 * attention(sliding, 32_000));
  });

  it('charges drafted tokens as rows and yields accepted ones', () => {
    const plain = new StepModel(serve()).run(0, 0, 4, 500, 4);
    const drafted = new StepModel(
      serve({ speculative: { draftTokens: 3, acceptedTokens: 1.5, draftCostFraction: 0.05 } }),
    ).run(0, 0, 4, 500, 4);
    expect(drafted).toBeGreaterThan(plain * 1.05);
    expect(drafted).toBeLessThan(plain * 1.2);
  });

  it('has constants for every kernel class', () => {
    for (const { mfu, mbu } of Object.values(INFERENCE_CONSTANTS.gemm)) {
      for (const share of [...Object.values(mfu), ...Object.values(mbu)]) {
        expect(share).toBeGreaterThan(0.05);
        expect(share).toBeLessThan(1);
      }
    }
  });

  it('halves the weight time with half the width, on units that run it', () => {
    const memory = (weightFormat: 'bf16' | 'fp8') => {
      const model = new StepModel(serve({ weightFormat, device: h100 }), constants);
      model.run(0, 0, 1, 1, 1);
      return model.memorySeconds;
    };
    const expected = 2 / constants.gemm.hopper.mbu.half / (1 / constants.gemm.hopper.mbu.eight);
    expect(memory('bf16') / memory('fp8')).toBeCloseTo(expected, 1);
  });
});
