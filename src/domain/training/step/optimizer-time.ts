/** What updating the parameters takes. */
import { componentParameters, layerParameters } from '../../models/parameters.ts';
import type { Cluster, TrainingLayout, TrainingWorkload } from '../workload.ts';
import { isAdapterMethod, trainableParameters } from './flops.ts';
import type { Rates } from './layer-time.ts';
import { expertReplicas, localParameters } from './local-parameters.ts';

/** Newton-Schulz iterations of Muon cost T x m / B of a step's arithmetic: 5 iterations, width m, B tokens (Jordan et al. 2024, "Muon"). */
const NEWTON_SCHULZ_ITERATIONS = 5;

export function orthogonalizationSeconds(
  workload: TrainingWorkload,
  tokensPerStep: number,
  gemmSeconds: number,
): number {
  if (workload.optimizer !== 'muon' || isAdapterMethod(workload.method)) return 0;
  return gemmSeconds * ((NEWTON_SCHULZ_ITERATIONS * workload.model.hiddenSize) / tokensPerStep);
}

/** Reading gradients and states, writing states and weights: bytes per parameter of Adam in mixed precision. */
const OPTIMIZER_TRAFFIC_BYTES = 30;
/** bf16 gradients go to the host and bf16 weights come back. */
const OFFLOADED_BYTES_EACH_WAY = 2;
/** PCIe 4 x16 after protocol, as for devices without a link of their own. */
const HOST_BYTES_PER_SECOND = 26e9;
/** CPU-Adam of ZeRO-Offload updates about a billion parameters in a quarter of a second per host (arXiv 2101.06840 table 4). */
const HOST_UPDATES_PER_SECOND = 4e9;

export function optimizerSeconds(
  workload: TrainingWorkload,
  cluster: Cluster,
  layout: TrainingLayout,
  rates: Rates,
): number {
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
