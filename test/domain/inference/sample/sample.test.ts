import { describe, expect, it } from 'vitest';
import { estimateInference } from '../../../../src/domain/inference/estimate.ts';
import type { FeasibleInference, SamplePerformanceReport } from '../../../../src/domain/inference/estimate-result.ts';
import type { InferenceRequest } from '../../../../src/domain/inference/request.ts';
import {
  diffusionTransformerFlops,
  imageDecoderFlops,
  imageFlops,
  unetFlops,
} from '../../../../src/domain/models/diffusion-flops.ts';
import type { DiffusionArchitecture, SpeechArchitecture } from '../../../../src/domain/models/sample-architecture.ts';
import { sampleArchitecture } from '../../../../src/domain/models/sample-architecture.ts';
import {
  encoderFlops,
  recommendationFlops,
  speechDecoderFlops,
  speechEncoderFlops,
} from '../../../../src/domain/models/sample-flops.ts';
import { snapshot } from '../../seed.ts';

const SDXL_UNET = {
  denoiser: 'unet',
  blockChannels: [320, 640, 1280],
  transformerLayers: [0, 2, 10],
  resnetsPerBlock: 2,
  crossAttentionDim: 2048,
} as const;
const SDXL: DiffusionArchitecture = {
  kind: 'text_to_image',
  denoiser: SDXL_UNET,
  textEncoderParameters: 817e6,
  contextTokens: 77,
  forwardsPerStep: 2,
  imageHeight: 1024,
  imageWidth: 1024,
  denoisingSteps: 20,
};
const WHISPER_LARGE: SpeechArchitecture = {
  kind: 'speech_to_text',
  encoderLayers: 32,
  decoderLayers: 32,
  hiddenSize: 1280,
  audioContext: 1500,
  vocabularySize: 51_866,
};

describe('arithmetic of one sample', () => {
  it('SDXL: 2.99 TMAC a forward pass as published, which leaves out the products of attention', () => {
    const flops = unetFlops(SDXL_UNET, 77, 1024, 1024);
    const attentionProducts = 10 * 4 * 4096 ** 2 * 640 + 60 * 4 * 1024 ** 2 * 1280;
    expect((flops - attentionProducts) / 2 / 1e12).toBeCloseTo(2.99, 1);
  });

  it('Stable Diffusion 1.5: 0.34 TMAC a forward pass without the products of attention', () => {
    const unet = {
      denoiser: 'unet',
      blockChannels: [320, 640, 1280, 1280],
      transformerLayers: [1, 1, 1, 0],
      resnetsPerBlock: 2,
      crossAttentionDim: 768,
    } as const;
    const attentionProducts = 5 * 4 * (4096 ** 2 * 320 + 1024 ** 2 * 640 + 256 ** 2 * 1280);
    expect((unetFlops(unet, 77, 512, 512) - attentionProducts) / 2 / 1e12).toBeCloseTo(0.34, 2);
  });

  it('an image is its steps, two passes each with guidance, and one decoding', () => {
    const at = (steps: number) => imageFlops(SDXL, { height: 1024, width: 1024, steps });
    expect(at(30) - at(20)).toBeCloseTo(20 * unetFlops(SDXL_UNET, 77, 1024, 1024), -6);
    expect(at(1)).toBeGreaterThan(imageDecoderFlops(1024, 1024));
  });

  it('a diffusion transformer grows faster than its tokens', () => {
    const flux = { denoiser: 'transformer', layers: 57, hiddenSize: 3072, patchPixels: 16 } as const;
    const small = diffusionTransformerFlops(flux, 512, 512, 512);
    const large = diffusionTransformerFlops(flux, 512, 1024, 1024);
    expect(large / small).toBeGreaterThan((4096 + 512) / (1024 + 512));
  });

  it('an encoder does two FLOP per weight and token, and attention on top', () => {
    const bertLarge = { layers: 24, hiddenSize: 1024, ffnHiddenSize: 4096 };
    const weights = 24 * 12 * 1024 ** 2;
    expect(encoderFlops(bertLarge, 384)).toBe(2 * weights * 384 + 24 * 4 * 384 ** 2 * 1024);
  });

  it('Whisper spends most on the audio: 2.3 TFLOP a window, 1.9 GFLOP a token', () => {
    expect(speechEncoderFlops(WHISPER_LARGE) / 1e12).toBeCloseTo(2.27, 1);
    const perToken = speechDecoderFlops(WHISPER_LARGE, 1, 101) - speechDecoderFlops(WHISPER_LARGE, 1, 100);
    expect(perToken / 1e9).toBeCloseTo(1.85, 1);
  });

  it('DLRM v2 pays for its cross network', () => {
    const common = {
      kind: 'recommendation',
      denseFeatures: 13,
      bottomMlp: [512, 256, 128],
      topMlp: [1024, 1024, 512, 256, 1],
      embeddingTables: 26,
      embeddingDim: 128,
    } as const;
    const v1 = recommendationFlops({ ...common, lookupsPerPair: 26, crossLayers: 0, crossRank: 0 });
    const v2 = recommendationFlops({ ...common, lookupsPerPair: 214, crossLayers: 3, crossRank: 512 });
    expect(v1 / 1e6).toBeCloseTo(4.82, 1);
    expect(v2 / 1e6).toBeCloseTo(32.1, 0);
  });

  it('names what an architecture lacks', () => {
    const bare = {
      kind: 'encoder',
      family: 'bert',
      parametersTotal: 1,
      flopsPerSample: null,
      attributes: { layers: 2 },
    };
    expect(sampleArchitecture(bare as Parameters<typeof sampleArchitecture>[0])).toEqual({
      missing: ['hiddenSize', 'ffnHiddenSize', 'maxContextTokens'],
    });
  });
});

const AT = '2026-09-01T00:00:00.000Z';

function answered(request: Omit<InferenceRequest, 'requestsPerDay'>, requestsPerDay = 100_000) {
  const answer = estimateInference(snapshot, { ...request, requestsPerDay }, AT);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  const { performance } = answer;
  if (performance.kind !== 'sample') throw new Error('not a model that works by the sample');
  return { answer: answer as FeasibleInference, performance: performance as SamplePerformanceReport };
}
const on = (device: string) => ({ device, purchase: { usdPerDeviceHour: '2' } });
const H100 = on('nvidia-h100-sxm5-80gb');

describe('estimates of models that work by the sample', () => {
  it('an embedding costs by its tokens', () => {
    const short = answered({ model: 'bert-large', promptTokens: { mean: 128 }, ...H100 });
    const long = answered({ model: 'bert-large', promptTokens: { mean: 512 }, ...H100 });
    const rate = (of: typeof short) => of.performance.samplesPerSecondPerDevice.p50;
    expect(rate(short) / rate(long)).toBeGreaterThan(3);
    expect(long.performance.unit).toBe('sequence');
    expect(long.answer.workload.promptTokensMean).toBe(512);
    expect(long.answer.costPerMillionTokens).not.toBeNull();
    expect(long.answer.costPerMillionOutputTokens).toBeNull();
  });

  it('a transcription pads its last window and says that its latency is a formula', () => {
    const flops = (seconds: number) =>
      answered({ model: 'whisper', audioSecondsPerRequest: seconds, outputTokens: { mean: 100 }, ...H100 }).performance
        .flopsPerSample;
    expect(flops(31)).toBe(flops(59));
    expect(flops(31)).toBeGreaterThan(flops(30));
    const { performance } = answered({ model: 'whisper', ...H100 });
    expect(performance.latencyEvidence).toBe('formula');
    expect(performance.singleStreamMs.basis.kind).toBe('assumed');
  });

  it('transcribes on a board as slowly as its runtimes do: 20 s of speech on Jetson Orin Nano (WhisperTRT, README)', () => {
    const board = on('nvidia-jetson-orin-nano-8gb');
    for (const [model, seconds] of [
      ['whisper-tiny', 0.64],
      ['whisper-base', 0.86],
    ] as const) {
      const { singleStreamMs } = answered({ model, audioSecondsPerRequest: 20, ...board }).performance;
      expect(singleStreamMs.p50 / 1000 / seconds, model).toBeGreaterThan(0.85);
      expect(singleStreamMs.p50 / 1000 / seconds, model).toBeLessThan(1.15);
    }
  });

  it('gives what a summary of MLPerf reports, and does not call it measured: SDXL on an H100, 20 steps', () => {
    const { performance } = answered({ model: 'sdxl', ...H100 }, 1000);
    expect(performance.evidence).toBe('reported');
    expect(performance.samplesPerSecondPerDevice.basis.kind).toBe('assumed');
    expect(performance.samplesPerSecondPerDevice.p50).toBeCloseTo(2.26, 1);
  });

  it('an image takes as long as its steps, alone and under load', () => {
    const seconds = (denoisingSteps: number) =>
      answered({ model: 'sdxl', denoisingSteps, ...on('nvidia-l4-24gb') }, 1000).performance.singleStreamMs.p50;
    expect(seconds(60) / seconds(30)).toBeCloseTo(2, 0);
  });

  it.each(['nvidia-h100-sxm5-80gb', 'nvidia-rtx-6000-ada-48gb', 'nvidia-rtx-4090-24gb', 'apple-m2'])(
    'keeps the pace that %s was measured at, or its class, whatever the steps',
    (device) => {
      const paces = [4, 8, 10, 12, 18, 20, 22, 25, 28, 30, 40, 50].map((denoisingSteps) => {
        const { performance } = answered({ model: 'sdxl', denoisingSteps, ...on(device) }, 1000);
        return performance.samplesPerSecondPerDevice.p50 * performance.flopsPerSample;
      });
      expect(Math.max(...paces) / Math.min(...paces)).toBeLessThan(1.02);
    },
  );

  it('is less sure of another number of steps, and does not call it measured', () => {
    const at = (denoisingSteps: number) =>
      answered({ model: 'sdxl', denoisingSteps, ...on('nvidia-l4-24gb') }, 1000).performance;
    const width = ({ samplesPerSecondPerDevice: { p10, p90 } }: SamplePerformanceReport) => p90 / p10;
    expect(at(20).evidence).toBe('measured');
    expect(at(50).evidence).toBe('scaled');
    expect(width(at(50))).toBeGreaterThan(1.5 * width(at(20)));
  });

  it('no sequence is faster than its weights are read', () => {
    const { singleStreamMs } = answered({ model: 'bert-large', promptTokens: { mean: 1 }, ...H100 }).performance;
    const weightBytes = 24 * 12 * 1024 ** 2 * 2;
    expect(singleStreamMs.p50).toBeGreaterThan((0.85 * weightBytes * 1000) / 3.35e12);
  });

  it('another length of audio or sequence goes on from the measured one', () => {
    const clips = (audioSecondsPerRequest: number) =>
      answered({ model: 'whisper', audioSecondsPerRequest, ...on('nvidia-l4-24gb') }).performance;
    expect(clips(23).evidence).toBe('measured');
    expect(clips(30).evidence).toBe('scaled');
    const slower = clips(23).samplesPerSecondPerDevice.p50 / clips(30).samplesPerSecondPerDevice.p50;
    // the window of the encoder is the same, the text is longer
    expect(slower).toBeGreaterThan(1.1);
    expect(slower).toBeLessThan(30 / 23);
  });

  it('a ranking query costs by its candidates', () => {
    const rate = (candidatesPerRequest: number) =>
      answered({ model: 'dlrm-v2', candidatesPerRequest, ...H100 }).performance.samplesPerSecondPerDevice.p50;
    expect(rate(100) / rate(1000)).toBeGreaterThan(5);
  });

  it.each([
    ['tables beyond the memory', 'dlrm-v2', 'nvidia-t4-16gb', 'memory'],
    ['a processor for vision alone', 'bert-large', 'google-coral-edge-tpu', 'operators_unsupported'],
  ])('%s are a result with reasons', (_what, model, device, constraint) => {
    const answer = estimateInference(snapshot, { model, requestsPerDay: 10, ...on(device) }, AT);
    expect(answer).toMatchObject({ status: 'infeasible', reasons: [{ constraint }] });
  });

  it('the same request gives the same answer, and a thousand samples cost a thousand requests', () => {
    const request = { model: 'BAAI/bge-base-en-v1.5', ...H100 };
    const { answer } = answered(request);
    expect(answered(request).answer).toEqual(answer);
    const each = Number(answer.costPerRequest.amount.amount);
    expect(Number(answer.costPerThousandSamples?.amount.amount)).toBeCloseTo(1000 * each, 4);
  });
});
