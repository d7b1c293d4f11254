/** The request for an estimate that an option stands for: sent to the estimate, it gives the option's figures and their working. */
import { AssumptionLog } from '../economics/assumption.ts';
import type { Location, Purchase } from '../estimate/selectors.ts';
import { atReadingPace } from '../inference/language/reading-pace.ts';
import type { InferenceRequest } from '../inference/request.ts';
import type { HardwareOption } from './option.ts';
import { inferenceAt } from './performance/performance-point.ts';
import type { AcceptedPurchases, InferenceRecommendationRequest } from './request.ts';

export function estimateRequestOf(
  { inference, purchase, constraints }: InferenceRecommendationRequest,
  option: HardwareOption,
): InferenceRequest {
  const { point } = option;
  const { serving } = point;
  const location = locationOf(option);
  const workload = inferenceAt(inference, point);
  const served = point.ttftMsP95 === null ? workload : atReadingPace(workload, new AssumptionLog());
  return {
    ...served,
    device: point.device.id,
    ...(Object.keys(serving).length > 0 && { serving }),
    ...(constraints?.availabilityPercent !== undefined && {
      objectives: { ...served.objectives, spareReplicas: point.spareReplicas },
    }),
    ...(Object.keys(location).length > 0 && { location }),
    purchase: purchaseOf(option, purchase),
  };
}

function locationOf({ category, regionId, providerId, country }: HardwareOption): Location {
  if (category === 'owned') return country === null ? {} : { country };
  if (regionId !== null) return { region: regionId };
  return providerId === null ? {} : { provider: providerId };
}

function purchaseOf(
  { category, termMonths, payment }: HardwareOption,
  { owned, managedPlatforms }: AcceptedPurchases = {},
): Purchase {
  if (category === 'owned') return { category, ...(owned !== undefined && { owned }) };
  const managed = managedPlatforms === true && { managedPlatforms };
  if (category !== 'committed') return { category, ...managed };
  return { category, termMonths, ...managed, ...(payment !== 'none' && { payment }) };
}
