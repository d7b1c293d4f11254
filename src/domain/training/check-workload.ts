/** Why a workload cannot run on a cluster whatever its layout: the device, the precision, the network, the method. */
import { inferenceOnlyInWords, isInferenceOnly } from '../devices/inference-only.ts';
import { clusterOf } from './cluster.ts';
import { refusal } from './refusal.ts';
import type { TrainingRefusal } from './results.ts';
import { ROLLOUT_MEMORY_SHARE, rolloutOf } from './rollout/rollout.ts';
import { achievableMatmulFlops, generationOf } from './step/generation.ts';
import { type Cluster, computeFormatOf, type TrainingWorkload } from './workload.ts';

export function checkWorkload(workload: TrainingWorkload, cluster: Cluster): TrainingRefusal[] {
  const { device } = cluster;
  const reasons: TrainingRefusal[] = [];
  if (isInferenceOnly(device)) return [refusal('inference_only', 'device', inferenceOnlyInWords(device))];
  if (achievableMatmulFlops(device, workload.precision) === null) {
    const known = Object.keys(device.densePeakFlops).join(', ');
    reasons.push(
      refusal(
        'precision_unknown',
        'workload.precision',
        `${device.name} states no dense ${computeFormatOf(workload.precision)} peak, so it cannot train in ${workload.precision}; it states ${known || 'none'}.`,
      ),
    );
  } else if (achievableMatmulFlops(device, 'bf16') === null && achievableMatmulFlops(device, 'fp16') === null) {
    reasons.push(
      refusal(
        'precision_unknown',
        'workload.precision',
        `${device.name} states neither a bf16 nor an fp16 peak; attention and logits are computed in half precision also in fp8 and fp4 training.`,
      ),
    );
  }
  if (workload.precision === 'bf16' && generationOf(device) === 'volta') {
    reasons.push(
      refusal('precision_unknown', 'workload.precision', `${device.name} has no bf16 units; train in fp16.`),
    );
  }
  if (device.memoryBytes === null || device.memoryBandwidthBytesPerSecond === null) {
    reasons.push(refusal('figure_missing', 'device', `${device.name} states no memory size or no memory bandwidth.`));
  }
  if (workload.method === 'qlora' && workload.precision !== 'bf16' && workload.precision !== 'fp16') {
    reasons.push(
      refusal(
        'method_precision',
        'workload.precision',
        'QLoRA computes in bf16 or fp16 on 4-bit weights; choose bf16.',
      ),
    );
  }
  if (cluster.fabric === 'ici' && device.linkTopology !== 'ici') {
    reasons.push(
      refusal(
        'fabric_unknown',
        'cluster.fabric',
        `${device.name} has no inter-chip interconnect (ICI); take the network it is built with.`,
      ),
    );
  }
  if (
    cluster.devices > cluster.devicesPerNode &&
    cluster.networkBytesPerSecondPerDevice <= 0 &&
    cluster.devices > cluster.linkDomainDevices
  ) {
    reasons.push(
      refusal(
        'network_missing',
        'cluster.fabric',
        `${cluster.devices} devices need a network between nodes of ${cluster.devicesPerNode}; the cluster has none.`,
      ),
    );
  }
  if (reasons.length === 0) reasons.push(...checkRolloutFits(workload, cluster));
  const context = workload.model.maxContextTokens;
  if (context > 0 && workload.sequenceLength > context && workload.method !== 'pretraining') {
    reasons.push(
      refusal(
        'sequence_exceeds_context',
        'workload.sequenceLength',
        `The sequence of ${workload.sequenceLength} tokens exceeds the model's context of ${context}.`,
        { required: workload.sequenceLength, actual: context, unit: 'tokens', nearestFeasible: context },
      ),
    );
  }
  return reasons;
}

/** Doublings tried for a cluster that serves the policy. */
const LARGEST_SERVING_CLUSTER = 4096;

/** The policy has to be served on the devices that train it. */
function checkRolloutFits(workload: TrainingWorkload, cluster: Cluster): TrainingRefusal[] {
  const { rollout } = workload;
  if (rollout === undefined || rolloutOf(workload, rollout, cluster) !== null) return [];
  let enough: number | null = null;
  for (let devices = cluster.devices * 2; enough === null && devices <= LARGEST_SERVING_CLUSTER; devices *= 2) {
    if (rolloutOf(workload, rollout, clusterOf(cluster.device, devices)) !== null) enough = devices;
  }
  return [
    refusal(
      'rollout_memory',
      'cluster.devices',
      `The policy cannot be served on ${cluster.devices} x ${cluster.device.name} with ${ROLLOUT_MEMORY_SHARE * 100} % of their memory, which sampling answers needs.${enough === null ? '' : ` ${enough} are enough.`}`,
      {
        ...(enough === null ? {} : { required: enough, nearestFeasible: enough }),
        actual: cluster.devices,
        unit: 'devices',
      },
    ),
  ];
}
