/** A region of a cloud as a site, with the devices that are rented out there. */
import type { Region } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import type { DeviceRentals } from '../economics/device-rentals.ts';
import { rentalsOf } from '../economics/rental-offers.ts';
import type { Policies, Site } from './request.ts';
import type { PlaceableDevice, PlaceableSite } from './scenario.ts';
import { AVAILABILITY_OF_KIND, MONTHLY_ON_DEMAND } from './site-defaults.ts';

export function rentedIn(snapshot: CatalogSnapshot, region: Region, policies: Policies, at: string): PlaceableDevice[] {
  const leadTimes = new Map<string, number>();
  for (const { id } of snapshot.devices) {
    const days = leadTimesOf(rentalsOf(snapshot, id, at)).get(region.id);
    if (days !== undefined) leadTimes.set(id, days);
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

const known = new WeakMap<DeviceRentals, ReadonlyMap<string, number>>();

/** By region where any is rented out: days until the first offer of them can be used. */
function leadTimesOf(rentals: DeviceRentals): ReadonlyMap<string, number> {
  const found = known.get(rentals);
  if (found !== undefined) return found;
  const leadTimes = new Map<string, number>();
  const { prices } = rentals;
  for (let index = 0; index < prices.length; index++) {
    const { regionId, deviceCount, leadTimeDays } = prices.offer(index);
    if (regionId === null || deviceCount < 1 || Number.isNaN(prices.amount(index))) continue;
    leadTimes.set(regionId, Math.min(leadTimes.get(regionId) ?? Number.POSITIVE_INFINITY, leadTimeDays ?? 0));
  }
  known.set(rentals, leadTimes);
  return leadTimes;
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
