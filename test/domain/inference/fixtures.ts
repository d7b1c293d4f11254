/** Devices and models with round public figures, for hand computation. */
import type { Device } from '../../../src/domain/devices/device.ts';
import { SERVING_DEFAULTS, type ServingConfiguration } from '../../../src/domain/inference/step/configuration.ts';
import { fixedLength, type RequestLengths } from '../../../src/domain/inference/step/lengths.ts';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import { GIB } from '../../../src/domain/units.ts';

export const h100: Device = {
  id: 'nvidia-h100-sxm5-80gb',
  name: 'H100 SXM5 80GB',
  vendor: 'NVIDIA',
  class: 'datacenter_gpu',
  releaseYear: 2022,
  aliases: [],
  formFactor: 'SXM5',
  densePeakFlops: { fp32: 66.9e12, tf32: 494.5e12, bf16: 989e12, fp16: 989e12, fp8: 1978e12, int8: 1978e12 },
  memoryBytes: 80 * GIB,
  memoryBandwidthBytesPerSecond: 3.35e12,
  tdpWatts: 700,
  idleWatts: 110,
  provisionedWatts: null,
  linkTopology: 'nvlink_switch',
  linkBytesPerSecond: 450e9,
  linkDomainDevices: 8,
  pcieGeneration: 5,
  devicesPerNode: 8,
  notes: null,
  claims: [],
};

export const a100: Device = {
  ...h100,
  id: 'nvidia-a100-sxm4-80gb',
  name: 'A100 SXM4 80GB',
  releaseYear: 2020,
  densePeakFlops: { fp32: 19.5e12, bf16: 312e12, fp16: 312e12, int8: 624e12 },
  memoryBandwidthBytesPerSecond: 2.039e12,
  linkBytesPerSecond: 300e9,
  pcieGeneration: 4,
};

export const l4: Device = {
  ...h100,
  id: 'nvidia-l4-24gb',
  name: 'L4 24GB',
  class: 'inference_gpu',
  releaseYear: 2023,
  densePeakFlops: { fp32: 30.3e12, bf16: 121e12, fp16: 121e12, fp8: 242e12, int8: 242e12 },
  memoryBytes: 24 * GIB,
  memoryBandwidthBytesPerSecond: 300e9,
  linkTopology: 'pcie',
  linkBytesPerSecond: 32e9,
  linkDomainDevices: 8,
  pcieGeneration: 4,
};

export const t4: Device = {
  ...l4,
  id: 'nvidia-t4-16gb',
  name: 'T4 16GB',
  releaseYear: 2018,
  densePeakFlops: { fp32: 8.1e12, fp16: 64.8e12, int8: 130e12, int4: 260e12 },
  memoryBytes: 16 * GIB,
  memoryBandwidthBytesPerSecond: 320e9,
  pcieGeneration: 3,
};

/** A board that publishes one figure only. */
export const edgeTpu: Device = {
  ...l4,
  id: 'google-coral-edge-tpu',
  name: 'Coral Edge TPU',
  vendor: 'Google',
  class: 'edge',
  densePeakFlops: { int8: 4e12 },
  memoryBytes: null,
  memoryBandwidthBytesPerSecond: null,
  linkTopology: 'none',
  linkBytesPerSecond: null,
  linkDomainDevices: 1,
  pcieGeneration: null,
  devicesPerNode: 1,
};

export const orin: Device = {
  ...edgeTpu,
  id: 'nvidia-jetson-agx-orin-64gb',
  name: 'Jetson AGX Orin 64GB',
  vendor: 'NVIDIA',
  densePeakFlops: { fp32: 5.3e12, fp16: 10.65e12, int8: 137.5e12 },
  memoryBytes: 64 * GIB,
  memoryBandwidthBytesPerSecond: 204.8e9,
};

export const llama8b: LanguageArchitecture = {
  kind: 'language',
  family: 'llama',
  layers: 32,
  hiddenSize: 4096,
  ffnHiddenSize: 14336,
  gatedFfn: true,
  vocabularySize: 128256,
  maxContextTokens: 131072,
  tiedEmbeddings: false,
  attention: { type: 'gqa', heads: 32, kvHeads: 8, headDim: 128 },
  layerPattern: { full: 32, sliding: 0, slidingWindow: 0, linear: 0 },
  mixtureOfExperts: null,
  mtpLayers: 0,
  parametersTotal: 8.03e9,
  parametersActive: 8.03e9,
  nativeWeightFormat: null,
};

export const llama70b: LanguageArchitecture = {
  ...llama8b,
  layers: 80,
  hiddenSize: 8192,
  ffnHiddenSize: 28672,
  attention: { type: 'gqa', heads: 64, kvHeads: 8, headDim: 128 },
  layerPattern: { full: 80, sliding: 0, slidingWindow: 0, linear: 0 },
  parametersTotal: 70.554e9,
  parametersActive: 70.554e9,
};

export const mixtral: LanguageArchitecture = {
  ...llama8b,
  family: 'mixtral',
  vocabularySize: 32000,
  maxContextTokens: 32768,
  mixtureOfExperts: {
    experts: 8,
    activeExperts: 2,
    expertHiddenSize: 14336,
    sharedExperts: 0,
    sharedExpertHiddenSize: 0,
    denseLayers: 0,
  },
  parametersTotal: 46.7e9,
  parametersActive: 12.9e9,
};

export const deepseek: LanguageArchitecture = {
  ...llama8b,
  family: 'deepseek_v3',
  layers: 61,
  hiddenSize: 7168,
  ffnHiddenSize: 18432,
  vocabularySize: 129280,
  maxContextTokens: 163840,
  attention: {
    type: 'mla',
    heads: 128,
    queryLoraRank: 1536,
    kvLoraRank: 512,
    nopeHeadDim: 128,
    ropeHeadDim: 64,
    valueHeadDim: 128,
  },
  layerPattern: { full: 61, sliding: 0, slidingWindow: 0, linear: 0 },
  mixtureOfExperts: {
    experts: 256,
    activeExperts: 8,
    expertHiddenSize: 2048,
    sharedExperts: 1,
    sharedExpertHiddenSize: 2048,
    denseLayers: 3,
  },
  parametersTotal: 671.026e9,
  parametersActive: 37.552e9,
  nativeWeightFormat: 'fp8',
};

export const chat: RequestLengths = {
  promptTokens: { mean: 1000, coefficientOfVariation: 1 },
  outputTokens: { mean: 250, coefficientOfVariation: 0.8 },
};

export const fixed = (promptTokens: number, outputTokens: number): RequestLengths => ({
  promptTokens: fixedLength(promptTokens),
  outputTokens: fixedLength(outputTokens),
});

export const serve = (settings: Partial<ServingConfiguration> = {}): ServingConfiguration => ({
  ...SERVING_DEFAULTS,
  model: llama8b,
  device: h100,
  weightFormat: 'bf16',
  ...settings,
});
