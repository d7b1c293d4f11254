/** Where hardware stands: where its offer is, else where the request puts it. */
import type { PriceOption } from '../economics/price-selection.ts';
import type { Location } from './selectors.ts';

export interface Place {
  readonly providerId: string | null;
  readonly regionId: string | null;
  readonly country: string | null;
}

/** @param option null for hardware that is not rented by a catalog price */
export const placeOf = (option: PriceOption | null, location: Location = {}): Place => ({
  providerId: option?.offer.providerId ?? location.provider ?? null,
  regionId: option?.offer.regionId ?? location.region ?? null,
  country: option?.region?.country ?? location.country ?? null,
});
