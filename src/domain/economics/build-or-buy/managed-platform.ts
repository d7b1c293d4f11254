/** Managed platforms that carry the load, the cheapest of each provider: their instances at their own prices. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { significant } from '../../estimate/words.ts';
import type { FeasibleInference } from '../../inference/estimate-result.ts';
import type { InferenceRequest } from '../../inference/request.ts';
import { exclusionReason } from '../price-selection.ts';
import { type PriceUse, priceUse } from '../price-use.ts';
import { byPerDeviceHour, isAtPlace, type Rental } from '../rental.ts';
import { rentalsOf } from '../rental-offers.ts';

export interface ManagedDeployment {
  readonly estimate: FeasibleInference;
  readonly rental: Rental;
  readonly use: PriceUse;
  /** What the platform adds to the same machine of the same provider and region; null where that is not for rent alone. */
  readonly surcharge: { readonly offerId: string; readonly percent: number } | null;
}

/** @param ask the estimate of a question, or why there is none */
export function managedPlatforms(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  at: string,
  ask: (request: InferenceRequest) => FeasibleInference | string,
): readonly ManagedDeployment[] {
  if (request.customDevice !== undefined) return [];
  const devices = request.device !== undefined ? [request.device] : snapshot.devices.map(({ id }) => id);
  const cheapest = new Map<string, ManagedDeployment & { readonly hourly: number }>();
  for (const device of devices) {
    // one price per instance shape: the same device costs more in larger machines
    for (const rental of managedRentals(snapshot, device, request, at)) {
      const { offer } = rental;
      const location = offer.regionId === null ? {} : { location: { region: offer.regionId } };
      const { location: _place, ...asked } = request;
      const purchase = { usdPerDeviceHour: rental.amountPerDeviceHour };
      const outcome = ask({ ...asked, ...location, device, purchase });
      if (typeof outcome === 'string') continue;
      const { devices: needed, tensorParallel } = outcome.deployment;
      if (offer.deviceCount < tensorParallel) continue;
      const hourly = rental.perDeviceHour * Math.ceil(needed / offer.deviceCount) * offer.deviceCount;
      const known = cheapest.get(offer.providerId);
      if (known !== undefined && known.hourly <= hourly) continue;
      const use = priceUse(offer, rental.price, at);
      cheapest.set(offer.providerId, {
        estimate: outcome,
        rental,
        use,
        surcharge: surchargeOf(snapshot, rental, at),
        hourly,
      });
    }
  }
  return [...cheapest.values()];
}

/** The cheapest offer of each provider and number of devices, where the request wants it. */
function managedRentals(
  snapshot: CatalogSnapshot,
  deviceId: string,
  { location }: InferenceRequest,
  at: string,
): readonly Rental[] {
  const query = { deviceId, at, preference: { category: 'on_demand' }, managedPlatforms: true } as const;
  const cheapest = new Map<string, Rental>();
  const place = { regionId: location?.region, country: location?.country, providerId: location?.provider };
  const shapes = rentalsOf(snapshot, deviceId, at).near('on_demand', place).byShape;
  for (const ranked of shapes) {
    // all of one shape are of one kind
    if (ranked.length === 0 || ranked.offer(0).kind !== 'managed_platform') continue;
    for (const rental of ranked) {
      const { offer, price, region } = rental;
      if (!isAtPlace(offer, region, place) || exclusionReason(offer, price, query) !== null) continue;
      const shape = `${offer.providerId} ${offer.deviceCount}`;
      if (!cheapest.has(shape)) cheapest.set(shape, rental);
    }
  }
  return [...cheapest.values()].sort(byPerDeviceHour);
}

/** Against the machine with as many of the devices and the processors nearest in number. */
function surchargeOf(
  snapshot: CatalogSnapshot,
  { offer, perDeviceHour }: Rental,
  at: string,
): ManagedDeployment['surcharge'] {
  const place = { regionId: offer.regionId ?? '', providerId: offer.providerId };
  const alone = [...rentalsOf(snapshot, offer.deviceId ?? '', at).near('on_demand', place)].filter(
    (rental) =>
      rental.offer.kind === 'instance' &&
      rental.offer.providerId === offer.providerId &&
      rental.offer.regionId === offer.regionId &&
      rental.offer.deviceCount === offer.deviceCount &&
      rental.price.currency === 'USD',
  );
  const distance = (rental: Rental): number => Math.abs((rental.offer.vcpus ?? 0) - (offer.vcpus ?? 0));
  const [same] = alone.toSorted((a, b) => distance(a) - distance(b));
  if (same === undefined) return null;
  return { offerId: same.offer.id, percent: 100 * (perDeviceHour / same.perDeviceHour - 1) };
}

/** What the price of a platform pays for, and what it does not say. */
export const managedCaveats = ({ surcharge, rental, use }: ManagedDeployment): readonly string[] => [
  surcharge === null
    ? 'The same machine is not for rent there without the platform: what the platform adds cannot be told.'
    : surcharge.percent >= 0
      ? `${significant(surcharge.percent)} % more than ${surcharge.offerId}, the same machine without the platform.`
      : `${significant(-surcharge.percent)} % less than ${surcharge.offerId}, the same machine without the platform: the two prices were read at different times.`,
  'The platform starts, replaces and scales instances; fewer people are needed beside it.',
  ...(rental.price.flags.includes('derived_from_compute_engine')
    ? ['The price is derived from that of the machine, by the ratio on the price page.']
    : []),
  ...(use.stale ? ['The price is too old to be sure of.'] : []),
];
