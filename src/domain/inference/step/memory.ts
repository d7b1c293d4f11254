/**
 * What a replica keeps in device memory, and how many sequences that leaves room for.
 *
 * vLLM: KV = utilization x capacity - weights - activation peak - context, an identity of its start-up log. The peak is the
 * sampler warm-up, 9.7 x maxSequences x vocabulary x 4 bytes (fitted on eight logs of v0.11; one exception published).
 * SGLang reserves utilization x capacity for weights and KV together; TensorRT-LLM gives the KV cache a share of what is
 * free after loading; both leave 2 x tokens x hidden x 10 bytes for activations (aiconfigurator's table). TensorRT-LLM's
 * compiled engines also set the decoder's buffers aside, vocabulary x the largest batch the engine was built for.
 */

import { attendedContext, indexedEntriesPerToken, keptEntriesPerToken } from '../../models/attended-context.ts';
import { wholeLayers } from '../../models/layers.ts';
import { componentParameters } from '../../models/parameters.ts';
import { GIB } from '../../units.ts';
import { adapterWork } from './adapters.ts';
import { cacheEntryBytes, indexKeyBytes, layerStateBytes } from './cache-entry.ts';
import type { ServingConfiguration } from './configuration.ts';
import { lengthQuantile, type RequestLengths } from './lengths.ts';
import type { ServingMemory } from './results.ts';
import { COMPILED_ENGINES, eraOf } from './software-era.ts';
import { sharesHeads } from './tensor-ranks.ts';
import { headWeightBytes, layerFormat, layerWeightBytes } from './weight-storage.ts';

const SAMPLER_PEAK_FACTOR = 9.7;
const LOGIT_BYTES = 4;
const ACTIVATION_WIDTHS = 10;
/** CUDA context and communicator buffers: 0.13 GiB on one device, 0.55 GiB in a group (vLLM logs). */
const CONTEXT_BYTES = 0.13 * GIB;
const GROUP_CONTEXT_BYTES = 0.55 * GIB;
/**
 * How many buffers of the size of the logits (4 bytes x vocabulary x largest batch) TensorRT-LLM's C++ runtime keeps on every device.
 * own: the logits and the sorting space of the sampling layers; received: gathered and transposed parts from the other ranks of a
 * tensor-parallel group. The numbers are those that explain the KV capacity implied by v0.14's published rates, for engines built for
 * 256 to 8,192 sequences (42 rows on one device, 146 in groups). Later benchmarks cap the batch "to avoid decoder buffer size
 * becoming too large" (tensorrt_llm/bench/build/tuning.py).
 */
const DECODER_BUFFERS = { own: 3, received: 9 };
/**
 * Bytes per weight: of embeddings and head, of the experts, and of the rest. Data-centre engines keep embeddings and head in 16 bits
 * and, in MXFP4 checkpoints, everything but the experts. llama.cpp's files quantize these too (Llama 3.1 8B in Q4_K_M takes 4.92 GB,
 * gpt-oss-20b 12.1 GB), as do the runtimes of boards and phones (memory of 42 models on Rockchip boards: airockchip/rknn-llm,
 * benchmark.md).
 */
function storedBytes(configuration: ServingConfiguration) {
  return {
    embedding: headWeightBytes(configuration),
    experts: layerWeightBytes(configuration, configuration.weightFormat),
    rest: layerWeightBytes(configuration, layerFormat(configuration)),
  };
}

/** What the driver keeps of the nominal memory, and the runtime's own workspace. */
const DRIVER_SHARE = 0.03;
const LLAMA_CPP_BUFFER_BYTES = 0.5 * GIB;
/** Sequences are laid out for the whole prompt and output: an engine that admits more preempts them later. */
const FIT_PROBABILITY = 0.95;
const LARGEST_GROUP = 1024;

/** Bytes of weights on the fullest device of the replica. */
export function weightBytesPerDevice(configuration: ServingConfiguration): number {
  const { model, tensorParallel, pipelineParallel, attentionDataParallel } = configuration;
  const bytes = storedBytes(configuration);
  const embedding = model.vocabularySize * model.hiddenSize;
  const embeddings = model.tiedEmbeddings ? embedding : 2 * embedding;
  const { expertLayers, expertsPerLayer, expert } = componentParameters(model);
  const experts = expertLayers * expertsPerLayer * expert;
  const rest = Math.max(model.parametersTotal - embeddings - experts, 0);
  const stageShare = Math.ceil(model.layers / pipelineParallel) / model.layers;
  const drafts = configuration.speculative && model.mtpLayers > 0 ? 1 + model.mtpLayers / wholeLayers(model) : 1;
  const stageEmbeddings = pipelineParallel > 1 ? embedding : embeddings;
  const adapters = adapterWork(configuration);
  return (
    (adapters === null ? 0 : adapters.resident * adapters.bytes) +
    (stageEmbeddings * bytes.embedding) / tensorParallel +
    drafts *
      stageShare *
      ((rest * bytes.rest) / tensorParallel + (experts * bytes.experts) / (tensorParallel * attentionDataParallel))
  );
}

/** Of those, what stays in the memory of the host. */
export const offloadedBytes = (configuration: ServingConfiguration, weights: number): number =>
  Math.min(configuration.offloadedBytes, weights);

interface SequenceBytes {
  readonly fullPerToken: number;
  readonly slidingPerToken: number;
  readonly slidingWindow: number;
  readonly state: number;
}

/** KV bytes of one sequence on each device: per token in full and in sliding layers, and the constant part (linear state, images). */
function sequenceBytes(configuration: ServingConfiguration): SequenceBytes {
  const { model, pipelineParallel } = configuration;
  const entry = cacheEntryBytes(configuration);
  const stage = Math.ceil(model.layers / pipelineParallel) / model.layers;
  const context = attendedContext(model, configuration.imageTokens);
  const kept = keptEntriesPerToken(context) * entry + indexedEntriesPerToken(context) * indexKeyBytes(configuration);
  return {
    fullPerToken: kept * stage,
    slidingPerToken: context.windowLayers * entry * stage,
    slidingWindow: context.windowTokens,
    state: (model.layerPattern.linear * layerStateBytes(configuration) + context.imageEntries * entry) * stage,
  };
}

const bytesAt = (sequence: SequenceBytes, tokens: number): number =>
  sequence.fullPerToken * tokens + sequence.slidingPerToken * Math.min(tokens, sequence.slidingWindow) + sequence.state;

/** Activation peak and context per device, bytes. */
function engineBytes(configuration: ServingConfiguration): { activation: number; overhead: number } {
  const group = configuration.tensorParallel * configuration.attentionDataParallel > 1;
  const context = group ? GROUP_CONTEXT_BYTES : CONTEXT_BYTES;
  switch (configuration.engine) {
    case 'vllm':
      return {
        activation:
          SAMPLER_PEAK_FACTOR *
          Math.ceil(configuration.maxSequences / configuration.attentionDataParallel) *
          configuration.model.vocabularySize *
          LOGIT_BYTES,
        overhead: context,
      };
    case 'sglang':
    case 'tensorrt_llm':
      return {
        activation:
          2 * configuration.maxBatchedTokens * configuration.model.hiddenSize * ACTIVATION_WIDTHS +
          decoderBytes(configuration),
        overhead: context + GIB + DRIVER_SHARE * (configuration.device.memoryBytes ?? 0),
      };
    case 'llama_cpp':
      return { activation: LLAMA_CPP_BUFFER_BYTES, overhead: context };
  }
}

function decoderBytes(configuration: ServingConfiguration): number {
  if (eraOf(configuration).id !== COMPILED_ENGINES) return 0;
  const buffers = DECODER_BUFFERS.own + DECODER_BUFFERS.received * (1 - 1 / configuration.tensorParallel);
  return buffers * LOGIT_BYTES * configuration.maxSequences * configuration.model.vocabularySize;
}

/** KV cache bytes per device; negative where the weights do not fit. */
function kvCacheSpace(configuration: ServingConfiguration, weights: number): number {
  const capacity = configuration.device.memoryBytes ?? 0;
  const { activation, overhead } = engineBytes(configuration);
  if (configuration.engine === 'tensorrt_llm') {
    const free = capacity - weights - activation - overhead;
    return free > 0 ? free * configuration.memoryUtilization : free;
  }
  if (configuration.engine === 'sglang') {
    return Math.min(capacity * configuration.memoryUtilization - weights, capacity - weights - activation - overhead);
  }
  return capacity * configuration.memoryUtilization - weights - activation - overhead;
}

/**
 * Memory of one replica, bytes per device; sequences and tokens per replica. A sequence is counted with its whole
 * prompt and output; long outputs stay longer, so the mean output in flight is mean (1 + cv^2).
 */
export function servingMemory(configuration: ServingConfiguration, lengths: RequestLengths): ServingMemory {
  const capacityBytes = configuration.device.memoryBytes ?? 0;
  const allWeights = weightBytesPerDevice(configuration);
  const offloaded = offloadedBytes(configuration, allWeights);
  const weightsBytes = allWeights - offloaded;
  const { activation, overhead } = engineBytes(configuration);
  const kvBytes = kvCacheSpace(configuration, weightsBytes);
  const sequence = sequenceBytes(configuration);
  const output = lengths.outputTokens;
  const meanTokens = lengths.promptTokens.mean + output.mean * (1 + output.coefficientOfVariation ** 2);
  const meanBytes = bytesAt(sequence, meanTokens);
  const longBytes = bytesAt(sequence, longSequenceTokens(lengths));
  const perRank = meanBytes > 0 ? Math.floor(Math.max(kvBytes, 0) / meanBytes) : configuration.maxSequences;
  const maxConcurrentSequences = Math.min(perRank * configuration.attentionDataParallel, configuration.maxSequences);
  const fits = kvBytes >= longBytes && perRank >= 1;
  return {
    capacityBytes,
    usableBytes: capacityBytes * configuration.memoryUtilization,
    weightsBytes,
    offloadedBytes: offloaded,
    activationBytes: activation,
    overheadBytes: overhead,
    kvCacheBytes: kvBytes,
    kvBytesPerToken: sequence.fullPerToken,
    stateBytesPerSequence: sequence.state + sequence.slidingPerToken * sequence.slidingWindow,
    kvCacheTokens:
      Math.floor(meanBytes > 0 ? (Math.max(kvBytes, 0) / meanBytes) * meanTokens : 0) *
      configuration.attentionDataParallel,
    maxConcurrentSequences,
    largestContextTokens: largestContext(sequence, kvBytes, configuration.model.maxContextTokens),
    headroomBytes: kvBytes - longBytes,
    fits,
  };
}

function largestContext(sequence: SequenceBytes, space: number, modelMaximum: number): number {
  const free = space - sequence.state;
  if (free <= 0) return 0;
  const all = sequence.fullPerToken + sequence.slidingPerToken;
  if (all === 0) return modelMaximum;
  const windowed = sequence.slidingPerToken * sequence.slidingWindow;
  const beyondWindow = free >= all * sequence.slidingWindow;
  const tokens =
    sequence.slidingPerToken > 0 && beyondWindow
      ? sequence.fullPerToken > 0
        ? (free - windowed) / sequence.fullPerToken
        : modelMaximum
      : free / all;
  return Math.floor(Math.min(tokens, modelMaximum));
}

const longSequenceTokens = ({ promptTokens, outputTokens }: RequestLengths): number =>
  lengthQuantile(promptTokens, FIT_PROBABILITY) + lengthQuantile(outputTokens, FIT_PROBABILITY);

/**
 * Smallest power of two of devices, tensor parallel inside the link domain and pipeline parallel beyond, that holds the
 * weights and one long sequence; null where none up to 1,024 does.
 */
export function smallestFittingDevices(configuration: ServingConfiguration, lengths: RequestLengths): number | null {
  const { model, device } = configuration;
  const longTokens = longSequenceTokens(lengths);
  const domain = Math.max(Math.min(device.linkDomainDevices, device.devicesPerNode), 1);
  for (let devices = 1; devices <= LARGEST_GROUP; devices *= 2) {
    let tensor = 1;
    while (tensor * 2 <= Math.min(devices, Math.max(domain, 8)) && sharesHeads(model, tensor * 2)) tensor *= 2;
    const stages = devices / tensor;
    if (stages > model.layers) return null;
    const trial: ServingConfiguration = {
      ...configuration,
      tensorParallel: tensor,
      pipelineParallel: stages,
      attentionDataParallel: 1,
    };
    const weights = weightBytesPerDevice(trial);
    const space = kvCacheSpace(trial, weights - offloadedBytes(trial, weights));
    if (space >= bytesAt(sequenceBytes(trial), longTokens)) return devices;
  }
  return null;
}
