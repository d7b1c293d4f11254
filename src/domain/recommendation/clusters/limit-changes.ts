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
      const least = await leastDevices(request, kept, best);
      if (least !== null) changes.push(least);
      continue;
    }
    const option = await best({ ...request, constraints: kept });
    if (option !== null) changes.push({ field: `/constraints/${name}`, to: null, option });
  }
  return changes;
}

/**
 * The least number of devices with which a cluster keeps all else, by bisection between the number that is too small and the cheapest
 * cluster without the limit: at one device less, nothing is found.
 */
async function leastDevices(
  request: TrainingClusterRequest,
  kept: TrainingClusterConstraints,
  best: (request: TrainingClusterRequest) => Promise<TrainingOption | null>,
): Promise<LimitChange | null> {
  const within = (maxDevices: number) => best({ ...request, constraints: { ...kept, maxDevices } });
  // not the fastest, which asks for as many as there are
  const cheapest = await best({ ...request, goal: 'cheapest', constraints: kept });
  if (cheapest === null) return null;
  let least = cheapest.estimate.cluster.devices;
  let option = await within(least);
  if (option === null) return null;
  let tooFew = request.constraints?.maxDevices ?? 0;
  while (least - tooFew > 1) {
    const tried = Math.floor((least + tooFew) / 2);
    const found = await within(tried);
    if (found === null) tooFew = tried;
    else {
      option = found;
      least = Math.min(tried, found.estimate.cluster.devices);
    }
  }
  return { field: '/constraints/maxDevices', to: least, option };
}
