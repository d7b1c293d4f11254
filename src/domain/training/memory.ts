/**
 * Peak memory of one device: states by ZeRO (arXiv 1910.02054), activations, logits, communication buffers and what the
 * runtime takes. Per pipeline rank; the worst decides.
 */
import type { Device } from '../devices/device.ts';
import { componentParameters, storedParameters } from '../models/parameters.ts';
import { GIB } from '../units.ts';
import { KeptActivations, logitsBytes, microBatchesInFlight } from './activations.ts';
import { hasReference, isAdapterMethod, trainableParameters } from './flops.ts';
import { expertReplicas } from './local-parameters.ts';
import type { TrainingMemory } from './results.ts';
import type { Cluster, Optimizer, TrainingLayout, TrainingWorkload } from './workload.ts';

/** Optimizer bytes per parameter: fp32 master copy and moments; 8-bit moments (arXiv 2110.02861), one moment for Muon and SGD. */
const OPTIMIZER_BYTES: Record<Optimizer, number> = { adamw: 12, adamw_8bit: 6, muon: 8, sgd_momentum: 8 };
const WEIGHT_BYTES = 2;
/** Gradients accumulate in fp32. */
const GRADIENT_BYTES = 4;
/** NF4 with double quantization: 4.127 bits (arXiv 2305.14314 §3) and the quantized blocks' padding. */
const NF4_BYTES = 0.53;
/** CUDA or ROCm context, libraries, workspaces. */
const RUNTIME_BYTES = 1.9 * GIB;
/** NCCL buffers: one set per kind of group in use. */
const COMMUNICATION_BYTES_PER_GROUP = 0.6 * GIB;
/** Allocator fragmentation over everything that comes and goes. */
const FRAGMENTATION = 0.05;
/** What a layout may fill before a run becomes unsafe. */
export const MEMORY_UTILIZATION = 0.94;
/** Host memory beside training states: data loading, framework and file cache of one node. */
const HOST_BYTES_PER_DEVICE = 32 * GIB;

interface RankBytes {
  weights: number;
  gradients: number;
  optimizer: number;
  activations: number;
  logits: number;
  inFlight: number;
}

/** Bytes on one pipeline rank, without runtime and buffers. */
function rankBytes(workload: TrainingWorkload, layout: TrainingLayout, rank: number, kept: KeptActivations): RankBytes {
  const { model } = workload;
  const c = componentParameters(model);
  const pp = layout.pipelineParallel;
  const tp = layout.tensorParallel;
  const first = rank === 0;
  const last = rank === pp - 1;

  const denseLayers =
    ((c.denseLayers + c.expertLayers) * c.attentionPerLayer +
      c.denseLayers * c.denseFfnPerLayer +
      c.expertLayers * (c.sharedExpertsPerLayer + c.routerPerLayer)) /
    pp /
    tp;
  const embedding = ((first ? c.embedding : 0) + (last && !(first && model.tiedEmbeddings) ? c.logits : 0)) / tp;
  const mtp = last ? (model.mtpLayers * (c.attentionPerLayer + 2 * model.hiddenSize ** 2)) / tp : 0;
  const expertCut = layout.expertParallel > 1 ? layout.expertParallel : tp;
  const experts = ((c.expertLayers / pp + (last ? model.mtpLayers : 0)) * c.expert * c.expertsPerLayer) / expertCut;
  const dense = denseLayers + embedding + mtp;

  const states = stateBytes(workload, layout, dense, experts, embedding);
  const layers = model.layers / pp;
  const expertShare = c.expertLayers / model.layers;
  const perLayer = mix(kept, layout, expertShare);
  const microBatches = Math.max(
    1,
    Math.round(workload.globalBatchSequences / (layout.dataParallel * layout.microBatchSequences)),
  );
  const inFlight = microBatchesInFlight(layout, rank, microBatches);
  const logits = last ? logitsBytes(workload, layout) : 0;
  // the layer that is being recomputed or differentiated is whole for a moment, long after the loss let go of the logits
  const whole = layout.recompute === 'full' ? kept.bytes(layout, expertShare > 0, 'none') : 0;
  const transient = Math.max(0, whole + unpackedBytes(workload, layout) - logits);
  return { ...states, activations: inFlight * layers * perLayer + transient, logits, inFlight };
}

/** A quantized matrix is unpacked whole for its product. */
const unpackedBytes = ({ method, model }: TrainingWorkload, layout: TrainingLayout): number =>
  method === 'qlora'
    ? (WEIGHT_BYTES * model.hiddenSize * Math.max(model.ffnHiddenSize, model.hiddenSize)) / layout.tensorParallel
    : 0;

function mix(kept: KeptActivations, layout: TrainingLayout, expertShare: number): number {
  const dense = expertShare < 1 ? (1 - expertShare) * kept.bytes(layout, false, layout.recompute) : 0;
  const experts = expertShare > 0 ? expertShare * kept.bytes(layout, true, layout.recompute) : 0;
  return dense + experts;
}

function stateBytes(
  workload: TrainingWorkload,
  layout: TrainingLayout,
  dense: number,
  experts: number,
  embedding: number,
): { weights: number; gradients: number; optimizer: number } {
  const { model, method } = workload;
  const ranks = layout.dataParallel * layout.contextParallel;
  const group = layout.sharding === 'zero3' && layout.shardingGroup > 0 ? Math.min(layout.shardingGroup, ranks) : ranks;
  const expertRanks = Math.min(expertReplicas(layout), group);
  const optimizerPerParameter = layout.optimizerOffload ? 0 : OPTIMIZER_BYTES[workload.optimizer];
  const shardedLayers = layout.sharding === 'zero3';
  const layersOnRank = model.layers / layout.pipelineParallel;

  if (isAdapterMethod(method)) {
    const frozen =
      method === 'qlora'
        ? (dense + experts - embedding) * NF4_BYTES + embedding * WEIGHT_BYTES
        : (dense + experts) * WEIGHT_BYTES;
    const trained = trainableParameters(model, workload) / layout.pipelineParallel / layout.tensorParallel;
    const gathered = shardedLayers ? ((2 * (dense + experts - embedding)) / layersOnRank) * WEIGHT_BYTES : 0;
    return {
      weights: (shardedLayers ? frozen / group : frozen) + gathered + trained * WEIGHT_BYTES,
      gradients: trained * WEIGHT_BYTES,
      optimizer: trained * optimizerPerParameter,
    };
  }
  const sum = (perDense: number, perExpert: number) => dense * perDense + experts * perExpert;
  // the frozen reference of DPO and GRPO in full is a second copy of the weights; with adapters the base serves as one
  const copies = hasReference(method) ? 2 : 1;
  if (shardedLayers) {
    // fp32 master shard inside the optimizer bytes; two layers and the root module are gathered in bf16
    const layer = (dense + experts - embedding) / layersOnRank;
    // with a pipeline the gathered weights stay from micro-batch to micro-batch
    const gathered = layout.pipelineParallel > 1 ? dense + experts : 2 * layer + embedding;
    return {
      weights: gathered * WEIGHT_BYTES + (copies - 1) * sum(WEIGHT_BYTES / group, WEIGHT_BYTES / expertRanks),
      gradients: sum(GRADIENT_BYTES / group, GRADIENT_BYTES / expertRanks) + layer * GRADIENT_BYTES,
      optimizer: sum(optimizerPerParameter / group, optimizerPerParameter / expertRanks),
    };
  }
  const optimizerShard = layout.sharding === 'none' ? 1 : ranks;
  const expertShard = layout.sharding === 'none' ? 1 : expertRanks;
  const gradientShard = layout.sharding === 'zero2' ? ranks : 1;
  const expertGradientShard = layout.sharding === 'zero2' ? expertRanks : 1;
  // stacks without a fused accumulation keep the bf16 gradients beside their fp32 sums
  const accumulation = workload.software.framework === 'megatron' || layout.sharding === 'zero2' ? 0 : WEIGHT_BYTES;
  return {
    weights: copies * sum(WEIGHT_BYTES, WEIGHT_BYTES),
    gradients: sum(GRADIENT_BYTES / gradientShard + accumulation, GRADIENT_BYTES / expertGradientShard + accumulation),
    optimizer: sum(optimizerPerParameter / optimizerShard, optimizerPerParameter / expertShard),
  };
}

/** Rounding and layers that do not divide evenly, so that the bound holds. */
const BOUND_MARGIN = 0.9;

/**
 * Devices below which no layout holds the training states, were they cut without any remainder: frozen weights, or gradients
 * and optimizer states of every parameter. Infinite where the device states no memory.
 */
export function leastDevices(
  workload: TrainingWorkload,
  device: Device,
  optimizerOffload: boolean,
  memoryUtilization: number = MEMORY_UTILIZATION,
): number {
  const parameters = storedParameters(workload.model);
  const optimizer = optimizerOffload ? 0 : OPTIMIZER_BYTES[workload.optimizer];
  const perParameter = isAdapterMethod(workload.method)
    ? workload.method === 'qlora'
      ? NF4_BYTES
      : WEIGHT_BYTES
    : GRADIENT_BYTES + optimizer;
  return (BOUND_MARGIN * parameters * perParameter) / ((device.memoryBytes ?? 0) * memoryUtilization);
}

function communicationBytes(cluster: Cluster, layout: TrainingLayout): number {
  if (cluster.devices === 1) return 0;
  const groups =
    Number(layout.tensorParallel > 1) +
    Number(layout.pipelineParallel > 1) +
    Number(layout.contextParallel > 1) +
    Number(layout.dataParallel > 1) +
    Number(layout.expertParallel > 1);
  return COMMUNICATION_BYTES_PER_GROUP * groups;
}

const totalOf = (bytes: RankBytes, communication: number): number =>
  bytes.weights +
  bytes.gradients +
  bytes.optimizer +
  (bytes.activations + bytes.logits) * (1 + FRAGMENTATION) +
  RUNTIME_BYTES +
  communication;

/** Total of the first and the last rank, the only ones that can be worst; for the search. */
export function peakMemoryBytes(
  workload: TrainingWorkload,
  cluster: Cluster,
  layout: TrainingLayout,
  kept: KeptActivations = new KeptActivations(workload),
): number {
  const communication = communicationBytes(cluster, layout);
  const first = totalOf(rankBytes(workload, layout, 0, kept), communication);
  if (layout.pipelineParallel === 1) return first;
  return Math.max(first, totalOf(rankBytes(workload, layout, layout.pipelineParallel - 1, kept), communication));
}

/** Memory of one device by purpose; a device without stated memory fits nothing. */
export function trainingMemory(
  workload: TrainingWorkload,
  cluster: Cluster,
  layout: TrainingLayout,
  memoryUtilization: number = MEMORY_UTILIZATION,
): TrainingMemory {
  const communication = communicationBytes(cluster, layout);
  const kept = new KeptActivations(workload);
  const ranks = Array.from({ length: layout.pipelineParallel }, (_, rank) => rankBytes(workload, layout, rank, kept));
  const totals = ranks.map((bytes) => totalOf(bytes, communication));
  let worst = 0;
  totals.forEach((total, rank) => {
    if (total > (totals[worst] as number)) worst = rank;
  });
  const bytes = ranks[worst] as RankBytes;
  const totalBytes = totals[worst] as number;
  const capacityBytes = cluster.device.memoryBytes ?? 0;
  const usableBytes = capacityBytes * memoryUtilization;
  return {
    capacityBytes,
    usableBytes,
    worstPipelineRank: worst,
    weightsBytes: bytes.weights,
    gradientsBytes: bytes.gradients,
    optimizerBytes: bytes.optimizer,
    activationBytes: bytes.activations,
    logitsBytes: bytes.logits,
    communicationBytes: communication,
    overheadBytes: RUNTIME_BYTES + (bytes.activations + bytes.logits) * FRAGMENTATION,
    runtimeBytes: RUNTIME_BYTES,
    totalBytes,
    byPipelineRankBytes: totals,
    microBatchesInFlight: bytes.inFlight,
    headroomBytes: usableBytes - totalBytes,
    fits: totalBytes <= usableBytes,
    hostMemoryBytesPerNode: hostMemoryBytesPerNode(workload, cluster, layout, bytes),
  };
}

/** Loading and file cache, one staged copy of the checkpoint shard, offloaded optimizer states. */
function hostMemoryBytesPerNode(
  workload: TrainingWorkload,
  cluster: Cluster,
  layout: TrainingLayout,
  bytes: RankBytes,
): number {
  const offloaded = layout.optimizerOffload ? (bytes.weights / WEIGHT_BYTES) * OPTIMIZER_BYTES[workload.optimizer] : 0;
  const staged = bytes.weights + bytes.optimizer;
  return cluster.devicesPerNode * (HOST_BYTES_PER_DEVICE + staged + offloaded);
}
