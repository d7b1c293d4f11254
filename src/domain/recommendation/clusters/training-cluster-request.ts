/** A question for a training cluster, and the estimates of training that it stands for. */
import type { Location, OwnedTerms, Purchase, PurchaseCategory } from '../../estimate/selectors.ts';
import type { TrainingRequest } from '../../training/request.ts';
import type { RecommendationConstraints } from '../request.ts';

type TrainingWorkload = Omit<TrainingRequest, 'device' | 'customDevice' | 'location' | 'purchase'>;
export type TrainingGoal = 'cheapest' | 'fastest';

export interface TrainingClusterConstraints
  extends Pick<
    RecommendationConstraints,
    'devices' | 'excludedDevices' | 'deviceClasses' | 'vendors' | 'excludedVendors'
  > {
  /** Most devices that train together. */
  readonly maxDevices?: number;
}

export interface TrainingClusterRequest {
  /** With deadlineDays and budgetUsd, which every option keeps. */
  readonly training: TrainingWorkload;
  /** Cheapest hardware of the run where absent. */
  readonly goal?: TrainingGoal;
  readonly location?: Location;
  readonly accept?: readonly PurchaseCategory[];
  readonly owned?: OwnedTerms;
  readonly constraints?: TrainingClusterConstraints;
  readonly maxOptions?: number;
}

/** The request for an estimate of one way of paying, on a device of its choice or a named one. */
export function questionOf(
  { training, goal, location, owned }: TrainingClusterRequest,
  category: PurchaseCategory,
  device: string | null,
): TrainingRequest {
  const purchase: Purchase = { category, ...(category === 'owned' && owned !== undefined && { owned }) };
  // what is owned stands where its owner puts it
  const place = category === 'owned' ? placeOfOwned(location) : location;
  return {
    ...(category === 'spot' ? training : withoutInterruptions(training)),
    ...(goal === 'fastest' &&
      training.cluster?.devices === undefined && { cluster: { ...training.cluster, objective: 'fastest' as const } }),
    ...(device !== null && { device }),
    ...(place !== undefined && { location: place }),
    purchase,
  };
}

/** The same on a cluster of a size that is given. */
export const atSize = (question: TrainingRequest, devices: number): TrainingRequest => {
  const { objective: _objective, ...cluster } = question.cluster ?? {};
  return { ...question, cluster: { ...cluster, devices } };
};

const placeOfOwned = (location: Location | undefined): Location | undefined =>
  location?.country === undefined ? undefined : { country: location.country };

/** What is said of spot capacity holds for that alone. */
function withoutInterruptions(training: TrainingWorkload): TrainingWorkload {
  if (training.run === undefined) return training;
  const { spotInterruptionsPerNodeDay: _rate, spotReacquireMinutes: _wait, ...run } = training.run;
  return { ...training, run };
}
