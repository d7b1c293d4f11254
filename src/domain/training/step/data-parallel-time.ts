/** What replicas exchange in a step. Sharded data parallelism: ZeRO (arXiv 1910.02054), FSDP (arXiv 2304.11277). */
import type { Cluster, TrainingLayout, TrainingWorkload } from '../workload.ts';
import type { StepConstants } from './constants.ts';
import { furtherForwards, isAdapterMethod, trainableParameters } from './flops.ts';
import type { Rates } from './layer-time.ts';
import { collectiveBytesPerSecond } from './links.ts';
import { expertReplicas, localParameters } from './local-parameters.ts';

export function dataParallelSeconds(
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
