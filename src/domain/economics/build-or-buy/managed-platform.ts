/** The cheapest managed platform that carries the load: its instances at its own price. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { FeasibleInference } from '../../inference/estimate-result.ts';
import type { InferenceRequest } from '../../inference/request.ts';
import { type PriceUse, priceUse } from '../price-use.ts';
import { type Rental, rentalsOf } from '../rental-offers.ts';

export interface ManagedDeployment {
  readonly estimate: FeasibleInference;
  readonly rental: Rental;
  readonly use: PriceUse;
}

/** @param ask the estimate of a question, or why there is none */
export function cheapestManaged(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  at: string,
  ask: (request: InferenceRequest) => FeasibleInference | string,
): ManagedDeployment | null {
  if (request.customDevice !== undefined) return null;
  const devices = request.device !== undefined ? [request.device] : snapshot.devices.map(({ id }) => id);
  let best: (ManagedDeployment & { readonly hourly: number }) | null = null;
  for (const device of devices) {
    // one price per instance shape: the same device costs more in larger machines
    for (const rental of managedRentals(snapshot, device, request, at)) {
      const { location: _place, ...asked } = request;
      const outcome = ask({ ...asked, device, purchase: { usdPerDeviceHour: rental.amountPerDeviceHour } });
      if (typeof outcome === 'string') continue;
      const { devices: needed, tensorParallel } = outcome.deployment;
      if (rental.offer.deviceCount < tensorParallel) continue;
      const hourly = rental.perDeviceHour * Math.ceil(needed / rental.offer.deviceCount) * rental.offer.deviceCount;
      if (best === null || hourly < best.hourly) {
        best = { estimate: outcome, rental, use: priceUse(rental.offer, rental.price, at), hourly };
      }
    }
  }
  return best;
}

/** The cheapest offer of each number of devices, where the request wants it. */
function managedRentals(
  snapshot: CatalogSnapshot,
  deviceId: string,
  { location }: InferenceRequest,
  at: string,
): readonly Rental[] {
  const cheapest = new Map<number, Rental>();
  for (const rental of rentalsOf(snapshot, deviceId, at).ranked.get('on_demand') ?? []) {
    const { offer, region } = rental;
    if (offer.kind !== 'managed_platform' || rental.price.currency !== 'USD') continue;
    if (location?.region !== undefined && offer.regionId !== location.region) continue;
    if (location?.country !== undefined && region?.country !== location.country) continue;
    if (location?.provider !== undefined && offer.providerId !== location.provider) continue;
    if (!cheapest.has(offer.deviceCount)) cheapest.set(offer.deviceCount, rental);
  }
  return [...cheapest.values()];
}
