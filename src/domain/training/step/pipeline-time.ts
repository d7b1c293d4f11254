/**
 * What a pipeline adds to its stages. Bubbles: 1F1B and interleaved, Narayanan et al. (arXiv 2104.04473); zero bubble ZB-H1, Qi et al.
 * (arXiv 2401.10241); DualPipe, DeepSeek-V3 (arXiv 2412.19437) table 2.
 */
import type { TrainingLayout, TrainingWorkload } from '../workload.ts';
import type { Rates } from './layer-time.ts';

/**
 * The stage that sets the pace. Layers that divide evenly are dealt evenly and the last stage carries the head on top;
 * others are dealt whole so that the head counts as the layers it is worth (126 layers on 16 stages, Llama 3).
 */
export function slowestStageSeconds(layers: number, stages: number, layersSeconds: number, head: number): number {
  if (stages === 1) return layersSeconds + head;
  const oneLayer = layersSeconds / layers;
  if (layers % stages === 0) return layersSeconds / stages + head;
  const levelled = Math.ceil((layers + head / oneLayer) / stages - 0.25) * oneLayer;
  return Math.max(levelled, (layersSeconds + head) / stages);
}

/** Idle time in units of one rank's micro-batch time. */
export function bubbleMicroBatches(layout: TrainingLayout, microBatches: number): number {
  const pp = layout.pipelineParallel;
  if (pp === 1) return 0;
  const plain = (pp - 1) / layout.virtualStages;
  if (layout.schedule === 'zero_bubble') return Math.min(plain, (pp - 1) / 3);
  // (PP/2 - 1)(F&B + B - 3W) with forward : backward : weight gradient = 1 : 2 : 1, one micro-batch being 3
  if (layout.schedule === 'dual_pipe') return microBatches >= 2 * pp ? ((pp / 2 - 1) * 2) / 3 : (pp - 1) / 2;
  return plain;
}

/** Activations pass to the next stage and gradients back, once per chunk. */
export function pipelineTransferSeconds(
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
