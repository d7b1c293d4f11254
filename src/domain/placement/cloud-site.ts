/** A region of a cloud as a site, with the devices that are rented out there. */
import type { Region } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import type { Policies, Site } from './request.ts';
import type { PlaceableDevice, PlaceableSite } from './scenario.ts';
import { AVAILABILITY_OF_KIND, MONTHLY_ON_DEMAND } from './site-defaults.ts';

export function rentedIn(snapshot: CatalogSnapshot, region: Region, policies: Policies, at: string): PlaceableDevice[] {
  const offers = snapshot.offers.length === 0 ? [] : (offersByRegion(snapshot).get(region.id) ?? []);
  const leadTimes = new Map<string, number>();
  for (const offer of offers) {
    if (offer.deviceId === null || offer.deviceCount < 1) continue;
    if (!snapshot.pricesOfOffer(offer.id, at).some(({ unit, amount }) => unit === 'hour' && amount !== null)) continue;
    leadTimes.set(
      offer.deviceId,
      Math.min(leadTimes.get(offer.deviceId) ?? Number.POSITIVE_INFINITY, offer.leadTimeDays ?? 0),
    );
  }
  return [...leadTimes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, leadTimeDays]) => {
      const device = snapshot.device(id);
      return device === undefined
        ? []
        : [
            {
              device,
              custom: null,
              stock: null,
              leadTimeDays,
              purchases: policies.purchases ?? [MONTHLY_ON_DEMAND],
              userDevices: null,
              powerLimitWatts: null,
              pointer: null,
            },
          ];
    });
}

const regionsOfSnapshots = new WeakMap<CatalogSnapshot, Map<string, CatalogSnapshot['offers'][number][]>>();

function offersByRegion(snapshot: CatalogSnapshot) {
  const known = regionsOfSnapshots.get(snapshot);
  if (known !== undefined) return known;
  const byRegion = Map.groupBy(snapshot.offers, ({ regionId }) => regionId ?? '');
  regionsOfSnapshots.set(snapshot, byRegion);
  return byRegion;
}

export function cloudSite(
  snapshot: CatalogSnapshot,
  region: Region,
  description: Site,
  pointer: string | null,
  devices: readonly PlaceableDevice[],
  log: AssumptionLog,
): PlaceableSite {
  return {
    id: description.id,
    kind: 'cloud_region',
    description,
    pointer,
    region,
    country: region.country,
    point: region,
    providerId: region.providerId,
    operatorCountry: description.operatorCountry ?? snapshot.provider(region.providerId)?.headquartersCountry ?? null,
    units: 1,
    onlyFor: null,
    userSide: new Set(description.userGroups ?? []),
    devices,
    availability: log.resolve(description.availability, AVAILABILITY_OF_KIND.cloud_region).value,
    egressUsdPerGb: description.egressUsdPerGb ?? null,
    ingressUsdPerGb: null,
  };
}
