/**
 * Limits on a training cluster that leave nothing. Each is lifted by itself and the search is done again: a change is named only
 * where it helps.
 */
import type { TrainingClusterConstraints, TrainingClusterRequest } from './training-cluster-request.ts';
import type { TrainingOption } from './training-option.ts';

export interface LimitChange {
  /** JSON pointer of the request field. */
  readonly field: string;
  /** The value that helps; null where the field is to be left out. */
  readonly to: number | string | null;
  /** The best cluster that the change lets through. */
  readonly option: TrainingOption;
}

/**
 * @param best the best accepted cluster of a request
 * @param elsewhere the best cluster on ways of paying that are not accepted
 */
export async function limitChanges(
  request: TrainingClusterRequest,
  best: (request: TrainingClusterRequest) => Promise<TrainingOption | null>,
  elsewhere: TrainingOption | null,
): Promise<readonly LimitChange[]> {
  const changes: LimitChange[] =
    elsewhere === null ? [] : [{ field: '/accept', to: elsewhere.category, option: elsewhere }];
  for (const name of Object.keys(request.constraints ?? {}) as (keyof TrainingClusterConstraints)[]) {
    const { [name]: _lifted, ...kept } = request.constraints ?? {};
    if (name === 'maxDevices') {
      // not the fastest, which asks for as many as there are
      const smallest = await best({ ...request, goal: 'cheapest', constraints: kept });
      if (smallest === null) continue;
      const maxDevices = smallest.estimate.cluster.devices;
      const option = await best({ ...request, constraints: { ...kept, maxDevices } });
      if (option !== null) changes.push({ field: '/constraints/maxDevices', to: maxDevices, option });
      continue;
    }
    const option = await best({ ...request, constraints: kept });
    if (option !== null) changes.push({ field: `/constraints/${name}`, to: null, option });
  }
  return changes;
}
