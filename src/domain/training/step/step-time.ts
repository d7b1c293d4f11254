/**
 * Seconds of one optimizer step and where they go. Pipeline bubbles: 1F1B and interleaved, Narayanan et al. (arXiv 2104.04473);
 * zero bubble ZB-H1, Qi et al. (arXiv 2401.10241); DualPipe, DeepSeek-V3 (arXiv 2412.19437) table 2.
 * Sharded data parallelism: ZeRO (arXiv 1910.02054), FSDP (arXiv 2304.11277).
 */

import type { Device } from '../../devices/device.ts';
import { componentParameters, layerParameters } from '../../models/parameters.ts';
import { clusterOf } from '../cluster.ts';
import type { StepTime } from '../results.ts';
import { type Rollout, rolloutOf } from '../rollout/rollout.ts';
import {
  type Cluster,
  LAYOUT_DEFAULTS,
  type Recompute,
  type TrainingLayout,
  type TrainingWorkload,
} from '../workload.ts';
import { splitsSequence } from './activations.ts';
import { CALIBRATED, type StepConstants } from './constants.ts';
import { forwardsPerToken, furtherForwards, isAdapterMethod, trainableParameters, trainingFlops } from './flops.ts';
import { halfPrecisionPeak } from './generation.ts';
import { type LayerSeconds, layerSeconds, type Rates, ratesOf } from './layer-time.ts';
import { collectiveBytesPerSecond } from './links.ts';
import { expertReplicas, localParameters } from './local-parameters.ts';
import { rememberedPerRank } from './remembered-per-rank.ts';

/** Logits in fp32 with softmax, loss and gradient: bytes moved per vocabulary entry and token. */
const LOGITS_BYTES = 10;
/** Reading gradients and states, writing states and weights: bytes per parameter of Adam in mixed precision. */
const OPTIMIZER_TRAFFIC_BYTES = 30;

/**
 * One optimizer step on the cluster. The layout must be one that checkLayout accepts.
 * @throws RangeError when the device states no peak for the precision.
 */
export const stepTime = (
  workload: TrainingWorkload,
  cluster: Cluster,
  layout: TrainingLayout,
  constants: StepConstants = CALIBRATED,
): StepTime => new StepTimer(workload, cluster, constants).step(layout);

/** Tokens of a micro-batch so large that what every kernel and layer loses to its launch counts for nothing. */
const ENDLESS_MICRO_BATCH_TOKENS = 1e9;

/**
 * Device-seconds that one token takes whatever the layout: the arithmetic and memory traffic of its layers and of the head
 * at the rates of the model, with nothing exchanged, recomputed or waited for. No step is faster.
 * @throws RangeError when the device states no peak for the precision.
 */
export function leastDeviceSecondsPerToken(
  workload: TrainingWorkload,
  device: Device,
  constants: StepConstants = CALIBRATED,
): number {
  const { model, sequenceLength } = workload;
  const sequences = Math.ceil(ENDLESS_MICRO_BATCH_TOKENS / sequenceLength);
  const layout: TrainingLayout = { ...LAYOUT_DEFAULTS, microBatchSequences: sequences, recompute: 'none' };
  // no bound can rest on waves that happen to be full
  const rates = { ...ratesOf(workload, clusterOf(device, 1), layout, constants), matrixUnits: null };
  const c = componentParameters(model);
  let seconds = headSeconds(workload, layout, rates, c.logits);
  const add = (layers: number, experts: boolean) => {
    if (layers === 0) return;
    const { gemm, attention, elementWise } = layerSeconds(workload, layout, rates, constants, experts);
    seconds += layers * (gemm + attention + elementWise);
  };
  add(c.denseLayers + (c.expertLayers > 0 ? 0 : model.mtpLayers), false);
  add(c.expertLayers + (c.expertLayers > 0 ? model.mtpLayers : 0), true);
  return seconds / (sequences * sequenceLength);
}

/** What one layer takes on one rank, and the rates behind it. */
interface RankWork {
  readonly rates: Rates;
  readonly dense: LayerSeconds | null;
  readonly experts: LayerSeconds | null;
}

interface StepParts {
  readonly rates: Rates;
  readonly layer: LayerSeconds;
  readonly microBatches: number;
  readonly head: number;
  readonly slowestStage: number;
  readonly microBatchSeconds: number;
  readonly bubble: number;
  readonly transfer: number;
  readonly dataParallel: number;
  readonly optimizer: number;
  readonly jitter: number;
  readonly rollout: number;
  readonly reward: number;
  readonly seconds: number;
}

/** Of the schedules only DualPipe changes what a layer takes. */
const KINDS = ['none', 'selective', 'full', 'none dual', 'selective dual', 'full dual'] as const;

const kindOf = ({ schedule }: TrainingLayout, recompute: Recompute): number =>
  KINDS.indexOf(schedule === 'dual_pipe' ? `${recompute} dual` : recompute);

/** Of ranks, by recomputation and schedule, then by the degrees of the cut. */
class KnownWork {
  readonly rank: readonly Map<number, RankWork>[] = KINDS.map(() => new Map());
  /** Seconds of all layers and the head in the mode of recomputation that takes least. */
  readonly least: readonly Map<number, number>[] = KINDS.map(() => new Map());
}

const knownWork = rememberedPerRank<KnownWork>();

/**
 * Step times of many layouts of one workload on one cluster: what a rank does in a layer depends on a few of the layout's
 * values only, and is worked out once for each of their combinations, also where clusters differ in nothing but their size.
 */
export class StepTimer {
  readonly #workload: TrainingWorkload;
  readonly #cluster: Cluster;
  readonly #constants: StepConstants;
  /** Null where nothing is sampled. */
  readonly #rollout: Rollout | null;
  readonly #known: KnownWork;

  constructor(workload: TrainingWorkload, cluster: Cluster, constants: StepConstants = CALIBRATED) {
    this.#workload = workload;
    this.#cluster = cluster;
    this.#constants = constants;
    this.#known = knownWork(workload, cluster, constants, () => new KnownWork());
    this.#rollout = workload.rollout === undefined ? null : rolloutOf(workload, workload.rollout, cluster);
  }

  seconds(layout: TrainingLayout): number {
    return this.#parts(layout).seconds;
  }

  /**
   * Modes are given lightest first. No layout of this shape and micro-batch takes less in any of the modes of recomputation: the layers and the head, spread evenly
   * over the stages, and the bubble; nothing that is exchanged over the network in between, no optimizer.
   */
  leastSeconds(shape: TrainingLayout, microBatchSequences: number, modes: readonly Recompute[]): number {
    const microBatches = microBatchesOf(this.#workload, shape, microBatchSequences);
    const work = this.#leastWorkOfRank(shape, microBatchSequences, modes);
    const clean = ((microBatches + bubbleMicroBatches(shape, microBatches)) * work) / shape.pipelineParallel;
    const jitter = clean * this.#constants.jitterPerDoubling * Math.log2(Math.max(1, this.#cluster.devices));
    return (clean + jitter + (this.#rollout?.seconds ?? 0)) * ROUNDING_SHARE;
  }

  #leastWorkOfRank(shape: TrainingLayout, microBatchSequences: number, modes: readonly Recompute[]): number {
    // one shape is always asked about with the same modes
    const ofKind = this.#known.least[kindOf(shape, 'none')] as Map<number, number>;
    const key = keyOf(shape, microBatchSequences);
    const known = ofKind.get(key);
    if (known !== undefined) return known;
    const { model } = this.#workload;
    const c = componentParameters(model);
    let least = Number.POSITIVE_INFINITY;
    // of the modes that split the sequence alike the lightest takes least
    const { software } = this.#workload;
    const [lightest] = modes;
    const candidates = modes.filter(
      (mode) => mode === lightest || splitsSequence(software, mode) !== splitsSequence(software, lightest ?? mode),
    );
    for (const recompute of candidates) {
      const layout = { ...shape, microBatchSequences, recompute };
      const { rates, dense, experts } = this.#workOfRank(layout);
      const layers = { ...NO_SECONDS };
      addLayers(layers, dense, c.denseLayers + (c.expertLayers > 0 ? 0 : model.mtpLayers));
      addLayers(layers, experts, c.expertLayers + (c.expertLayers > 0 ? model.mtpLayers : 0));
      least = Math.min(least, secondsOfLayers(layers) + headSeconds(this.#workload, layout, rates, c.logits));
    }
    ofKind.set(key, least);
    return least;
  }

  step(layout: TrainingLayout): StepTime {
    const parts = this.#parts(layout);
    const { model, globalBatchSequences, sequenceLength, method } = this.#workload;
    const { device, devices } = this.#cluster;
    const { layer, microBatches, head, seconds } = parts;
    const tokensPerStep = globalBatchSequences * sequenceLength;
    const tokensPerSecondPerDevice = tokensPerStep / seconds / devices;
    const flops = trainingFlops(model, sequenceLength, method, layout.recompute);
    const peak = halfPrecisionPeak(device);
    if (peak === null) throw new RangeError(`${device.name} has no half-precision peak.`);
    return {
      seconds,
      split: {
        gemm: microBatches * layer.gemm,
        attention: microBatches * layer.attention,
        elementWise: microBatches * layer.elementWise,
        logits: (microBatches * head) / layout.pipelineParallel,
        recompute: microBatches * layer.recompute,
        tensorParallel: microBatches * layer.tensorParallel,
        contextParallel: microBatches * layer.contextParallel,
        expertParallel: microBatches * layer.expertParallel,
        pipelineTransfer: parts.transfer,
        dataParallel: parts.dataParallel,
        bubble: parts.bubble + microBatches * (parts.slowestStage - parts.microBatchSeconds),
        optimizer: parts.optimizer,
        jitter: parts.jitter,
        rollout: parts.rollout,
        reward: parts.reward,
      },
      tokensPerStep,
      tokensPerSecondPerDevice,
      microBatches,
      peakFlops: peak.flops,
      peakFormat: peak.format,
      mfuParametersOnly: (tokensPerSecondPerDevice * flops.sixNFlopsPerToken) / peak.flops,
      mfu: (tokensPerSecondPerDevice * flops.modelFlopsPerToken) / peak.flops,
      hfu: (tokensPerSecondPerDevice * flops.hardwareFlopsPerToken) / peak.flops,
      achievablePeakFlops: parts.rates.matmulFlops,
    };
  }

  #workOfRank(layout: TrainingLayout): RankWork {
    const ofKind = this.#known.rank[kindOf(layout, layout.recompute)] as Map<number, RankWork>;
    const key = keyOf(layout, layout.microBatchSequences);
    const known = ofKind.get(key);
    if (known !== undefined) return known;
    const rates = ratesOf(this.#workload, this.#cluster, layout, this.#constants);
    const { denseLayers, expertLayers } = componentParameters(this.#workload.model);
    const layer = (experts: boolean) => layerSeconds(this.#workload, layout, rates, this.#constants, experts);
    const { mtpLayers } = this.#workload.model;
    const work = {
      rates,
      dense: denseLayers > 0 || (expertLayers === 0 && mtpLayers > 0) ? layer(false) : null,
      experts: expertLayers > 0 ? layer(true) : null,
    };
    ofKind.set(key, work);
    return work;
  }

  #parts(layout: TrainingLayout): StepParts {
    const workload = this.#workload;
    const cluster = this.#cluster;
    const constants = this.#constants;
    const { rates, dense, experts } = this.#workOfRank(layout);
    const { model } = workload;
    const pp = layout.pipelineParallel;
    const microBatches = microBatchesOf(workload, layout, layout.microBatchSequences);
    const c = componentParameters(model);
    const layer = { ...NO_SECONDS };
    addLayers(layer, dense, (c.denseLayers + (c.expertLayers > 0 ? 0 : model.mtpLayers)) / pp);
    addLayers(layer, experts, (c.expertLayers + (c.expertLayers > 0 ? model.mtpLayers : 0)) / pp);
    const layersPerMicroBatch = secondsOfLayers(layer);
    const head = headSeconds(workload, layout, rates, c.logits);
    const slowestStage = slowestStageSeconds(model.layers + model.mtpLayers, pp, layersPerMicroBatch * pp, head);
    const microBatchSeconds = layersPerMicroBatch + head / pp;
    const bubble = bubbleMicroBatches(layout, microBatches) * microBatchSeconds;
    const transfer = pipelineTransferSeconds(workload, layout, rates, microBatches) * constants.pipelineExposed;
    const computeSeconds = microBatches * microBatchSeconds;
    const dataParallel = dataParallelSeconds(workload, cluster, layout, rates, constants, microBatches, computeSeconds);
    const optimizer =
      optimizerSeconds(workload, cluster, layout, rates) +
      orthogonalizationSeconds(
        workload,
        workload.globalBatchSequences * workload.sequenceLength,
        microBatches * layer.gemm,
      );

    const reward = rewardSeconds(workload, cluster, rates);
    const clean = microBatches * slowestStage + bubble + transfer + dataParallel + optimizer;
    const jitter = clean * constants.jitterPerDoubling * Math.log2(Math.max(1, cluster.devices));
    return {
      rates,
      layer,
      microBatches,
      head,
      slowestStage,
      microBatchSeconds,
      bubble,
      transfer,
      dataParallel,
      optimizer,
      jitter,
      // the same for every layout: answers are sampled and scored on all devices before they are learned from
      rollout: this.#rollout?.seconds ?? 0,
      reward,
      seconds: clean + jitter + (this.#rollout?.seconds ?? 0) + reward,
    };
  }
}

/** Above the largest degrees that the contract takes, so that each combination has a key of its own. */
const MOST_CONTEXT_RANKS = 2 ** 11;
const MOST_EXPERT_RANKS = 2 ** 13;
const MOST_SEQUENCES_AT_ONCE = 2 ** 17;

const keyOf = (
  { tensorParallel, contextParallel, expertParallel }: TrainingLayout,
  microBatchSequences: number,
): number =>
  ((tensorParallel * MOST_CONTEXT_RANKS + contextParallel) * MOST_EXPERT_RANKS + expertParallel) *
    MOST_SEQUENCES_AT_ONCE +
  microBatchSequences;

const microBatchesOf = (
  { globalBatchSequences }: TrainingWorkload,
  { dataParallel }: TrainingLayout,
  microBatchSequences: number,
): number => Math.max(1, Math.round(globalBatchSequences / (dataParallel * microBatchSequences)));

/** A bound is summed in another order than the step. */
const ROUNDING_SHARE = 1 - 1e-9;

const secondsOfLayers = (layer: LayerSeconds): number =>
  layer.gemm +
  layer.attention +
  layer.elementWise +
  layer.recompute +
  layer.tensorParallel +
  layer.contextParallel +
  layer.expertParallel;

const NO_SECONDS: LayerSeconds = {
  gemm: 0,
  attention: 0,
  elementWise: 0,
  recompute: 0,
  tensorParallel: 0,
  contextParallel: 0,
  expertParallel: 0,
};

function addLayers(sum: LayerSeconds, one: LayerSeconds | null, count: number): void {
  if (one === null || count === 0) return;
  sum.gemm += count * one.gemm;
  sum.attention += count * one.attention;
  sum.elementWise += count * one.elementWise;
  sum.recompute += count * one.recompute;
  sum.tensorParallel += count * one.tensorParallel;
  sum.contextParallel += count * one.contextParallel;
  sum.expertParallel += count * one.expertParallel;
}

/**
 * The stage that sets the pace. Layers that divide evenly are dealt evenly and the last stage carries the head on top;
 * others are dealt whole so that the head counts as the layers it is worth (126 layers on 16 stages, Llama 3).
 */
function slowestStageSeconds(layers: number, stages: number, layersSeconds: number, head: number): number {
  if (stages === 1) return layersSeconds + head;
  const oneLayer = layersSeconds / layers;
  if (layers % stages === 0) return layersSeconds / stages + head;
  const levelled = Math.ceil((layers + head / oneLayer) / stages - 0.25) * oneLayer;
  return Math.max(levelled, (layersSeconds + head) / stages);
}

function headSeconds(workload: TrainingWorkload, layout: TrainingLayout, rates: Rates, logits: number): number {
  const { model } = workload;
  const tokens = (layout.microBatchSequences * workload.sequenceLength) / layout.contextParallel;
  const heads = 1 + model.mtpLayers;
  const passes = forwardsPerToken(workload.method);
  const gemm =
    (passes * 2 * tokens * logits * heads) / layout.tensorParallel / (rates.halfMatmulFlops * rates.gemmEfficiency);
  const traffic = (3 * LOGITS_BYTES * model.vocabularySize * tokens * heads) / layout.tensorParallel;
  return gemm + traffic / rates.memoryBytesPerSecond;
}

/** Idle time in units of one rank's micro-batch time. */
function bubbleMicroBatches(layout: TrainingLayout, microBatches: number): number {
  const pp = layout.pipelineParallel;
  if (pp === 1) return 0;
  const plain = (pp - 1) / layout.virtualStages;
  if (layout.schedule === 'zero_bubble') return Math.min(plain, (pp - 1) / 3);
  // (PP/2 - 1)(F&B + B - 3W) with forward : backward : weight gradient = 1 : 2 : 1, one micro-batch being 3
  if (layout.schedule === 'dual_pipe') return microBatches >= 2 * pp ? ((pp / 2 - 1) * 2) / 3 : (pp - 1) / 2;
  return plain;
}

/** Activations pass to the next stage and gradients back, once per chunk. */
function pipelineTransferSeconds(
  workload: TrainingWorkload,
  layout: TrainingLayout,
  rates: Rates,
  microBatches: number,
): number {
  if (layout.pipelineParallel === 1) return 0;
  const tokens = (layout.microBatchSequences * workload.sequenceLength) / layout.contextParallel;
  const bytes = (2 * workload.model.hiddenSize * tokens) / layout.tensorParallel;
  const stride = layout.tensorParallel * layout.contextParallel;
  const fits = layout.pipelineParallel * stride <= rates.links.domain;
  const bandwidth = fits || rates.links.network <= 0 ? rates.links.link : rates.links.network;
  return (2 * microBatches * layout.virtualStages * bytes) / bandwidth;
}

function dataParallelSeconds(
  workload: TrainingWorkload,
  cluster: Cluster,
  layout: TrainingLayout,
  rates: Rates,
  constants: StepConstants,
  microBatches: number,
  computeSeconds: number,
): number {
  const ranks = layout.dataParallel * layout.contextParallel;
  if (layout.dataParallel === 1 && layout.contextParallel === 1) return 0;
  const stride = layout.tensorParallel;
  const local = localParameters(workload.model, layout);
  const parameters = local.dense + local.experts;
  if (layout.sharding === 'zero3') {
    const group = layout.shardingGroup > 0 ? Math.min(layout.shardingGroup, ranks) : ranks;
    const bandwidth = collectiveBytesPerSecond(rates.links, group, stride);
    // gather for forward, gather for backward, reduce gradients: 2 bytes each, every micro-batch
    // and for every further forward
    const passes = (isAdapterMethod(workload.method) ? 2 : 3) + furtherForwards(workload.method);
    const seconds = (2 * passes * parameters * microBatches * (1 - 1 / group)) / bandwidth;
    const replicas = ranks / group;
    const across =
      replicas > 1 ? (4 * (parameters / group) * 2 * (1 - 1 / replicas)) / Math.max(rates.links.network, 1) : 0;
    // what computation can hide is hidden but for a share; the rest waits
    const hidden = Math.min(seconds + across, computeSeconds);
    return seconds + across - hidden * (1 - constants.shardedExposed);
  }
  const trained = isAdapterMethod(workload.method)
    ? trainableParameters(workload.model, workload) / layout.pipelineParallel / layout.tensorParallel
    : null;
  const bandwidth = collectiveBytesPerSecond(rates.links, cluster.devices <= rates.links.domain ? 1 : ranks, stride);
  const bytes = 6 * (trained ?? local.dense) * (1 - 1 / ranks);
  const expertRanks = expertReplicas(layout);
  const expertBytes = trained === null && expertRanks > 1 ? 6 * local.experts * (1 - 1 / expertRanks) : 0;
  const expertBandwidth = collectiveBytesPerSecond(rates.links, expertRanks, stride * layout.expertParallel);
  const seconds = bytes / bandwidth + (expertBytes > 0 ? expertBytes / expertBandwidth : 0);
  // gradients travel during the last backward, gathered weights during the first forward; a pipeline adds its warm-up
  const window = (computeSeconds / microBatches) * Math.min(microBatches, layout.pipelineParallel);
  return seconds - Math.min(seconds, window) * (1 - constants.gradientExposed);
}

/** The reward model reads every answer once, spread over all devices. */
function rewardSeconds(workload: TrainingWorkload, cluster: Cluster, rates: Rates): number {
  const parameters = workload.rollout?.rewardParameters ?? 0;
  const tokens = workload.globalBatchSequences * workload.sequenceLength;
  return (2 * parameters * tokens) / cluster.devices / (rates.halfMatmulFlops * rates.gemmEfficiency);
}

/** Newton-Schulz iterations of Muon cost T x m / B of a step's arithmetic: 5 iterations, width m, B tokens (Jordan et al. 2024, "Muon"). */
const NEWTON_SCHULZ_ITERATIONS = 5;

function orthogonalizationSeconds(workload: TrainingWorkload, tokensPerStep: number, gemmSeconds: number): number {
  if (workload.optimizer !== 'muon' || isAdapterMethod(workload.method)) return 0;
  return gemmSeconds * ((NEWTON_SCHULZ_ITERATIONS * workload.model.hiddenSize) / tokensPerStep);
}

/** bf16 gradients go to the host and bf16 weights come back. */
const OFFLOADED_BYTES_EACH_WAY = 2;
/** PCIe 4 x16 after protocol, as for devices without a link of their own. */
const HOST_BYTES_PER_SECOND = 26e9;
/** CPU-Adam of ZeRO-Offload updates about a billion parameters in a quarter of a second per host (arXiv 2101.06840 table 4). */
const HOST_UPDATES_PER_SECOND = 4e9;

function optimizerSeconds(workload: TrainingWorkload, cluster: Cluster, layout: TrainingLayout, rates: Rates): number {
  const local = localParameters(workload.model, layout);
  const ranks = layout.dataParallel * layout.contextParallel;
  const share = isAdapterMethod(workload.method)
    ? trainableParameters(workload.model, workload) / (layerParameters(componentParameters(workload.model)) + 1)
    : 1;
  const shard = layout.sharding === 'none' ? 1 : ranks;
  const owned = local.dense / shard + local.experts / (shard === 1 ? 1 : expertReplicas(layout));
  const updated = owned * share;
  if (layout.optimizerOffload) {
    const sharers = Math.min(cluster.devices, cluster.devicesPerNode);
    return (
      (2 * OFFLOADED_BYTES_EACH_WAY * updated) / HOST_BYTES_PER_SECOND + (updated * sharers) / HOST_UPDATES_PER_SECOND
    );
  }
  return (OPTIMIZER_TRAFFIC_BYTES * updated) / rates.memoryBytesPerSecond;
}
