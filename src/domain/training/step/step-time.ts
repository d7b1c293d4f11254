/** Seconds of one optimizer step and where they go. */
import type { Device } from '../../devices/device.ts';
import { componentParameters } from '../../models/parameters.ts';
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
import { CALIBRATED, type StepConstants } from './constants.ts';
import { dataParallelSeconds } from './data-parallel-time.ts';
import { trainingFlops } from './flops.ts';
import { halfPrecisionPeak } from './generation.ts';
import { headSeconds } from './head-time.ts';
import {
  addLayers,
  type LayerSeconds,
  layerSeconds,
  NO_SECONDS,
  type Rates,
  ratesOf,
  secondsOfLayers,
} from './layer-time.ts';
import { optimizerSeconds, orthogonalizationSeconds } from './optimizer-time.ts';
import { bubbleMicroBatches, pipelineTransferSeconds, slowestStageSeconds } from './pipeline-time.ts';
import { RankWorks } from './rank-work.ts';

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
  readonly #ranks: RankWorks;

  constructor(workload: TrainingWorkload, cluster: Cluster, constants: StepConstants = CALIBRATED) {
    this.#workload = workload;
    this.#cluster = cluster;
    this.#constants = constants;
    this.#ranks = new RankWorks(workload, cluster, constants);
    this.#rollout = workload.rollout === undefined ? null : rolloutOf(workload, workload.rollout, cluster);
  }

  seconds(layout: TrainingLayout): number {
    return this.#parts(layout).seconds;
  }

  /**
   * No layout of this shape and micro-batch takes less in any of the modes of recomputation: the layers and the head, spread evenly
   * over the stages, and the bubble; nothing that is exchanged over the network in between, no optimizer.
   */
  leastSeconds(shape: TrainingLayout, microBatchSequences: number, modes: readonly Recompute[]): number {
    const microBatches = microBatchesOf(this.#workload, shape, microBatchSequences);
    const work = this.#ranks.least(shape, microBatchSequences, modes);
    const clean = ((microBatches + bubbleMicroBatches(shape, microBatches)) * work) / shape.pipelineParallel;
    const jitter = clean * this.#constants.jitterPerDoubling * Math.log2(Math.max(1, this.#cluster.devices));
    return (clean + jitter + (this.#rollout?.seconds ?? 0)) * ROUNDING_SHARE;
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

  #parts(layout: TrainingLayout): StepParts {
    const workload = this.#workload;
    const cluster = this.#cluster;
    const constants = this.#constants;
    const { rates, dense, experts } = this.#ranks.of(layout);
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

const microBatchesOf = (
  { globalBatchSequences }: TrainingWorkload,
  { dataParallel }: TrainingLayout,
  microBatchSequences: number,
): number => Math.max(1, Math.round(globalBatchSequences / (dataParallel * microBatchSequences)));

/** A bound is summed in another order than the step. */
const ROUNDING_SHARE = 1 - 1e-9;

/** The reward model reads every answer once, spread over all devices. */
function rewardSeconds(workload: TrainingWorkload, cluster: Cluster, rates: Rates): number {
  const parameters = workload.rollout?.rewardParameters ?? 0;
  const tokens = workload.globalBatchSequences * workload.sequenceLength;
  return (2 * parameters * tokens) / cluster.devices / (rates.halfMatmulFlops * rates.gemmEfficiency);
}
