/**
 * Clusters for runs that are counted in samples (images, hours of audio). The estimate of such a run compares every device by
 * itself; where the caller limits the devices, each of those left is estimated by name.
 */
import type { Device } from '../../devices/device.ts';
import { isInferenceOnly } from '../../devices/inference-only.ts';
import { estimateTraining } from '../../training/estimate.ts';
import { questionOf } from './training-cluster-request.ts';
import {
  type ClusterSearch,
  type FoundOptions,
  isWanted,
  type SizedOption,
  sizedOption,
  tooManyDevices,
} from './training-option.ts';

export async function clustersOfSamples(search: ClusterSearch): Promise<FoundOptions> {
  const { snapshot, request, at, pause, category } = search;
  const ask = (device: string | null) => {
    const question = questionOf(request, category, device);
    return { question, estimate: estimateTraining(snapshot, question, at) };
  };
  const { estimate: best } = ask(null);
  const limited = request.constraints !== undefined;
  if (best.status === 'infeasible' && !limited) {
    return { found: [], leftOut: best.reasons, relaxation: best.relaxation };
  }
  const compared = best.status === 'feasible' ? best.selection : { alternatives: [], excluded: best.reasons };
  const named = limited
    ? snapshot.devices.filter((device) => canTrain(device) && isWanted(search, device.id)).map(({ id }) => id)
    : [
        ...(best.status === 'feasible' ? [best.cluster.deviceId] : []),
        ...compared.alternatives.map(({ deviceId }) => deviceId),
      ];
  const most = request.constraints?.maxDevices ?? Number.POSITIVE_INFINITY;
  const found: SizedOption[] = [];
  const tooMany = new Map<string, number>();
  for (const device of named) {
    await pause();
    const { question, estimate } = ask(device);
    if (estimate.status === 'infeasible') continue;
    if (estimate.cluster.devices <= most) found.push(sizedOption(estimate, question));
    else tooMany.set(device, estimate.cluster.devices);
  }
  const relaxation = found.length === 0 && best.status === 'infeasible' ? best.relaxation : null;
  return { found, leftOut: [...compared.excluded, ...tooManyDevices(tooMany, most)], relaxation };
}

const canTrain = (device: Device): boolean =>
  device.class !== 'edge' && device.class !== 'cpu' && !isInferenceOnly(device);
