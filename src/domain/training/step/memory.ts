/**
 * Peak memory of one device: states by ZeRO (arXiv 1910.02054), activations, logits, communication buffers and what the
 * runtime takes. Per pipeline rank; the worst decides.
 */
import type { Device } from '../../devices/device.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { componentParameters, storedParameters } from '../../models/parameters.ts';
import { GIB } from '../../units.ts';
import type { TrainingMemory } from '../results.ts';
import type { Cluster, Optimizer, TrainingLayout, TrainingWorkload } from '../workload.ts';
import { KeptActivations, logitsBytes, microBatchesInFlight } from './activations.ts';
import { FUSED_ATTENTION_YEAR } from './constants.ts';
import { hasReference, isAdapterMethod, trainableParameters } from './flops.ts';
import { expertReplicas } from './local-parameters.ts';
import { countableBytes, type MemoryFit, memoryFit, usableBytes } from './memory-fit.ts';

/** Optimizer bytes per parameter: fp32 master copy and moments; 8-bit moments (arXiv 2110.02861), one moment for Muon and SGD. */
const OPTIMIZER_BYTES: Record<Optimizer, number> = { adamw: 12, adamw_8bit: 6, muon: 8, sgd_momentum: 8 };
const WEIGHT_BYTES = 2;
/** Gradients accumulate in fp32. */
const GRADIENT_BYTES = 4;
/**
 * fp16 engines of 2022 (DeepSpeed ZeRO 1, Megatron-LM) accumulate in half precision. Their update copies the gradients to fp32: those of
 * the shard where the optimizer is sharded; else all of them, one by one and then flattened (runtime/fp16/fused_optimizer.py, step). The
 * buckets for reducing and gathering have 5e8 elements each (DeepSpeed configuration, reduce_bucket_size and allgather_bucket_size).
 */
const HALF_GRADIENT_BYTES = 2;
const UPCAST_SHARD_BYTES = 4;
const UPCAST_WHOLE_BYTES = 8;
const BUCKET_BYTES = 2 * 5e8 * 2;
const halvesGradients = ({ precision, software, method }: TrainingWorkload): boolean =>
  precision === 'fp16' && software.year < FUSED_ATTENTION_YEAR && !isAdapterMethod(method);
/** NF4 with double quantization: 4.127 bits (arXiv 2305.14314 §3) and the quantized blocks' padding. */
const NF4_BYTES = 0.53;
/** CUDA or ROCm context, libraries, workspaces. */
const RUNTIME_BYTES = 1.9 * GIB;
/** NCCL buffers: one set per kind of group in use. */
const COMMUNICATION_BYTES_PER_GROUP = 0.6 * GIB;
/** Allocator fragmentation over everything that comes and goes. */
const FRAGMENTATION = 0.05;
/** Host memory beside training states: data loading, framework and file cache of one node. */
const HOST_BYTES_PER_DEVICE = 32 * GIB;

/** Of one pipeline rank, without what micro-batch and recomputation decide. */
interface RankStates {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
  /** Optimizer states in host memory. */
  readonly offloaded: number;
  readonly shareOfLayers: number;
  readonly hasHead: boolean;
}

interface RankBytes extends RankStates {
  readonly activations: number;
  readonly logits: number;
  readonly inFlight: number;
}

function rankStates(workload: TrainingWorkload, layout: TrainingLayout, rank: number): RankStates {
  const { model } = workload;
  const c = componentParameters(model);
  const pp = layout.pipelineParallel;
  const tp = layout.tensorParallel;
  // DualPipe runs from both ends: a rank holds its stage and the opposite one
  const bothWays = layout.schedule === 'dual_pipe';
  const end = rank === 0 || rank === pp - 1;
  const first = bothWays ? end : rank === 0;
  const last = bothWays ? end : rank === pp - 1;

  const share = bothWays
    ? (shareOfLayers(model, pp, rank) + shareOfLayers(model, pp, pp - 1 - rank)) / 2
    : shareOfLayers(model, pp, rank);
  const denseLayers =
    (((c.denseLayers + c.expertLayers) * c.attentionPerLayer +
      c.denseLayers * c.denseFfnPerLayer +
      c.expertLayers * (c.sharedExpertsPerLayer + c.routerPerLayer)) *
      share) /
    tp;
  const embedding = ((first ? c.embedding : 0) + (last && !(first && model.tiedEmbeddings) ? c.logits : 0)) / tp;
  const mtp = last ? (model.mtpLayers * (c.attentionPerLayer + 2 * model.hiddenSize ** 2)) / tp : 0;
  const expertCut = layout.expertParallel > 1 ? layout.expertParallel : tp;
  const experts = ((c.expertLayers * share + (last ? model.mtpLayers : 0)) * c.expert * c.expertsPerLayer) / expertCut;
  const dense = denseLayers + embedding + mtp;

  const { weights, gradients, optimizer } = stateBytes(workload, layout, dense, experts, embedding);
  // the copy of the weights that DualPipe takes (arXiv 2412.19437 table 2, "Parameter 2x")
  const opposite = bothWays
    ? (denseLayers + (c.expertLayers * share * c.expert * c.expertsPerLayer) / expertCut) * WEIGHT_BYTES
    : 0;
  return {
    weights: weights + opposite,
    gradients,
    optimizer: layout.optimizerOffload ? 0 : optimizer,
    offloaded: layout.optimizerOffload ? optimizer : 0,
    shareOfLayers: share,
    hasHead: last,
  };
}

const inFlightOn = (workload: TrainingWorkload, layout: TrainingLayout, rank: number): number => {
  const perRank = workload.globalBatchSequences / (layout.dataParallel * layout.microBatchSequences);
  return microBatchesInFlight(layout, rank, Math.max(1, Math.round(perRank)));
};

const logitsOf = (workload: TrainingWorkload, layout: TrainingLayout, { hasHead }: RankStates): number =>
  hasHead ? logitsBytes(workload, layout) : 0;

function activationBytes(
  workload: TrainingWorkload,
  layout: TrainingLayout,
  inFlight: number,
  { shareOfLayers: share }: RankStates,
  logits: number,
  kept: KeptActivations,
): number {
  const { model } = workload;
  const expertShare = componentParameters(model).expertLayers / model.layers;
  const perLayer = mix(kept, layout, expertShare);
  // the layer that is being recomputed or differentiated is whole for a moment, long after the loss let go of the logits
  const live = layout.recompute === 'full' ? kept.bytes(layout, expertShare > 0, 'none') : 0;
  const transient = Math.max(0, live + unpackedBytes(workload, layout) - logits);
  return inFlight * (model.layers * share) * perLayer + transient;
}

/** Bytes on one pipeline rank, without runtime and buffers. */
function rankBytes(workload: TrainingWorkload, layout: TrainingLayout, rank: number, kept: KeptActivations): RankBytes {
  const states = rankStates(workload, layout, rank);
  const inFlight = inFlightOn(workload, layout, rank);
  const logits = logitsOf(workload, layout, states);
  const activations = activationBytes(workload, layout, inFlight, states, logits, kept);
  return { ...states, activations, logits, inFlight };
}

/**
 * Layers that do not divide evenly are dealt whole: the inner ranks hold as many as each needs, the two ends, which carry embedding and
 * head, what is left (126 layers on 16 stages: 7, 8, ..., 8, 7, arXiv 2407.21783 §3.3.2; 70 on 12: 5, 6, ..., 6, 5, BLOOM).
 */
function shareOfLayers(model: LanguageArchitecture, stages: number, rank: number): number {
  const { layers, mtpLayers } = model;
  if (stages < 3 || layers % stages === 0) return 1 / stages;
  const inner = Math.ceil((layers + mtpLayers) / stages);
  const left = layers - inner * (stages - 2);
  if (left <= 0) return 1 / stages;
  if (rank > 0 && rank < stages - 1) return inner / layers;
  return (rank === 0 ? Math.ceil(left / 2) : Math.floor(left / 2)) / layers;
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
  const optimizerPerParameter = OPTIMIZER_BYTES[workload.optimizer];
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
  const halves = halvesGradients(workload);
  const upcast = layout.sharding === 'none' ? UPCAST_WHOLE_BYTES : UPCAST_SHARD_BYTES;
  const perParameter = optimizerPerParameter + (halves ? upcast : 0);
  const gradient = halves ? HALF_GRADIENT_BYTES : GRADIENT_BYTES;
  return {
    weights: copies * sum(WEIGHT_BYTES, WEIGHT_BYTES),
    gradients: sum(gradient / gradientShard + accumulation, gradient / expertGradientShard + accumulation),
    optimizer: sum(perParameter / optimizerShard, perParameter / expertShard),
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
  fit: MemoryFit = 'fits',
): number {
  const parameters = storedParameters(workload.model);
  const optimizer = optimizerOffload ? 0 : OPTIMIZER_BYTES[workload.optimizer];
  const perParameter = isAdapterMethod(workload.method)
    ? workload.method === 'qlora'
      ? NF4_BYTES
      : WEIGHT_BYTES
    : GRADIENT_BYTES + optimizer;
  return (BOUND_MARGIN * parameters * perParameter) / countableBytes(workload, device, fit);
}

function communicationBytes(workload: TrainingWorkload, cluster: Cluster, layout: TrainingLayout): number {
  if (cluster.devices === 1) return 0;
  const buckets = halvesGradients(workload) && layout.dataParallel > 1 ? BUCKET_BYTES : 0;
  const groups =
    Number(layout.tensorParallel > 1) +
    Number(layout.pipelineParallel > 1) +
    Number(layout.contextParallel > 1) +
    Number(layout.dataParallel > 1) +
    Number(layout.expertParallel > 1);
  return COMMUNICATION_BYTES_PER_GROUP * groups + buckets;
}

const totalOf = (states: RankStates, activations: number, logits: number, communication: number): number =>
  states.weights +
  states.gradients +
  states.optimizer +
  (activations + logits) * (1 + FRAGMENTATION) +
  RUNTIME_BYTES +
  communication;

/**
 * Peak bytes of many layouts of one workload on one cluster, for the search. The states of a rank depend neither on the micro-batch
 * nor on recomputation, and are worked out once for all layouts in a row that differ in nothing else.
 */
export class PeakMemory {
  readonly #workload: TrainingWorkload;
  readonly #cluster: Cluster;
  readonly #kept: KeptActivations;
  #shape: TrainingLayout | null = null;
  #ranks: readonly number[] = [];
  #states: readonly RankStates[] = [];
  #communication = 0;

  constructor(workload: TrainingWorkload, cluster: Cluster) {
    this.#workload = workload;
    this.#cluster = cluster;
    this.#kept = new KeptActivations(workload);
  }

  /** Of the ranks that can need most, the two ends and the first inner one. */
  bytes(layout: TrainingLayout): number {
    if (this.#shape === null || !holdsTheSameStates(this.#shape, layout)) this.#take(layout);
    const workload = this.#workload;
    let peak = 0;
    for (let index = 0; index < this.#ranks.length; index++) {
      const states = this.#states[index] as RankStates;
      const inFlight = inFlightOn(workload, layout, this.#ranks[index] as number);
      const logits = logitsOf(workload, layout, states);
      const activations = activationBytes(workload, layout, inFlight, states, logits, this.#kept);
      const total = totalOf(states, activations, logits, this.#communication);
      if (total > peak) peak = total;
    }
    return peak;
  }

  #take(layout: TrainingLayout): void {
    const stages = layout.pipelineParallel;
    const uneven = this.#workload.model.layers % stages !== 0;
    this.#ranks = stages === 1 ? [0] : uneven ? [0, stages - 1, 1] : [0, stages - 1];
    this.#states = this.#ranks.map((rank) => rankStates(this.#workload, layout, rank));
    this.#communication = communicationBytes(this.#workload, this.#cluster, layout);
    // the caller may go on to change the layout it tries
    this.#shape = { ...layout };
  }
}

const holdsTheSameStates = (a: TrainingLayout, b: TrainingLayout): boolean =>
  a.pipelineParallel === b.pipelineParallel &&
  a.expertParallel === b.expertParallel &&
  a.tensorParallel === b.tensorParallel &&
  a.contextParallel === b.contextParallel &&
  a.dataParallel === b.dataParallel &&
  a.sharding === b.sharding &&
  a.shardingGroup === b.shardingGroup &&
  a.optimizerOffload === b.optimizerOffload &&
  (a.schedule === 'dual_pipe') === (b.schedule === 'dual_pipe');

/** Memory of one device by purpose; a device without stated memory fits nothing. */
export function trainingMemory(workload: TrainingWorkload, cluster: Cluster, layout: TrainingLayout): TrainingMemory {
  const communication = communicationBytes(workload, cluster, layout);
  const kept = new KeptActivations(workload);
  const ranks = Array.from({ length: layout.pipelineParallel }, (_, rank) => rankBytes(workload, layout, rank, kept));
  const totals = ranks.map((bytes) => totalOf(bytes, bytes.activations, bytes.logits, communication));
  let worst = 0;
  totals.forEach((total, rank) => {
    if (total > (totals[worst] as number)) worst = rank;
  });
  const bytes = ranks[worst] as RankBytes;
  const totalBytes = totals[worst] as number;
  const capacityBytes = cluster.device.memoryBytes ?? 0;
  const usable = usableBytes(cluster.device);
  return {
    capacityBytes,
    usableBytes: usable,
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
    headroomBytes: usable - totalBytes,
    fit: memoryFit(workload, cluster.device, totalBytes),
    hostMemoryBytesPerNode: hostMemoryBytesPerNode(cluster, bytes),
  };
}

/** Loading and file cache, one staged copy of the checkpoint shard, offloaded optimizer states. */
const hostMemoryBytesPerNode = ({ devices, devicesPerNode }: Cluster, bytes: RankBytes): number =>
  Math.min(devices, devicesPerNode) * (HOST_BYTES_PER_DEVICE + bytes.weights + bytes.optimizer + bytes.offloaded);
