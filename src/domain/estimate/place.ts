/** Where hardware stands: where its offer is, else where the request puts it. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
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

/** The same, with the country of a region that the request names for hardware that no catalog price rents. */
export const placeStanding = (snapshot: CatalogSnapshot, option: PriceOption | null, location: Location = {}): Place =>
  placeOf(option, locatedIn(snapshot, location));

/** A region lies in a country, whose power and grid the bill takes. */
export function locatedIn(snapshot: CatalogSnapshot, location: Location): Location {
  const country =
    location.country ?? (location.region === undefined ? undefined : snapshot.region(location.region)?.country);
  return country === undefined ? location : { ...location, country };
}
