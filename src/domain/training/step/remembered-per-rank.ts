/**
 * What a rank does in a micro-batch depends on the job, the device and its links, on the size of the cluster only where that is below a
 * link domain, and not on the batch. One answer asks for many sizes of cluster of one device in a row.
 */
import type { Cluster, TrainingWorkload } from '../workload.ts';
import type { StepConstants } from './constants.ts';

/** Up to a megabyte each. */
const MOST_REMEMBERED = 8;

interface Entry<Known> {
  readonly model: TrainingWorkload['model'];
  readonly device: Cluster['device'];
  readonly constants: StepConstants;
  readonly rest: string;
  readonly known: Known;
}

/** The latest are remembered; models, devices and constants are compared by identity. */
export function rememberedPerRank<Known>() {
  const entries: Entry<Known>[] = [];
  return (workload: TrainingWorkload, cluster: Cluster, constants: StepConstants, make: () => Known): Known => {
    const { model, globalBatchSequences: _batch, rollout: _rollout, ...job } = workload;
    const { device, devices, fabric: _fabric, linkDomainDevices, ...network } = cluster;
    const rest = JSON.stringify([job, network, Math.min(linkDomainDevices, devices)]);
    const found = entries.findIndex(
      (one) => one.rest === rest && one.model === model && one.device === device && one.constants === constants,
    );
    const entry = found === -1 ? { model, device, constants, rest, known: make() } : (entries[found] as Entry<Known>);
    if (found !== -1) entries.splice(found, 1);
    entries.unshift(entry);
    if (entries.length > MOST_REMEMBERED) entries.pop();
    return entry.known;
  };
}
