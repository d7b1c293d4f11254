/** The nearest places that offer what the place asked for does not. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import type { PlaceElsewhere } from './answer.ts';
import { type HardwarePricing, hardwarePricing } from './hardware-pricing.ts';
import type { Purchase } from './selectors.ts';

const NEAREST_PLACES = 5;

interface ElsewhereQuestion {
  readonly snapshot: CatalogSnapshot;
  readonly purchase: Purchase;
  readonly at: string;
  /** Devices that the place lacks. */
  readonly unpriced: readonly Device[];
  readonly pricing: HardwarePricing;
  /** Whether the device does what was asked at prices of another place. */
  readonly serves: (device: Device, pricing: HardwarePricing) => boolean;
  /** Each asks the performance model once. */
  readonly mostTries: number;
}

/** Nearest first, one device for each place: its cheapest that does what was asked. */
export function placesElsewhere(question: ElsewhereQuestion): PlaceElsewhere[] {
  const { snapshot, purchase, at, unpriced, pricing, serves } = question;
  const offered = unpriced
    .flatMap((device) => pricing.select(device, 1, 1).elsewhere.map((option) => ({ device, ...option })))
    .sort(
      (a, b) =>
        (a.distanceKm ?? Number.MAX_VALUE) - (b.distanceKm ?? Number.MAX_VALUE) ||
        a.option.hourlyCost - b.option.hourlyCost ||
        (a.device.id < b.device.id ? -1 : 1),
    );
  const places = new Map<string, PlaceElsewhere>();
  let tries = 0;
  for (const { device, option, distanceKm } of offered) {
    const { region } = option;
    if (places.size >= NEAREST_PLACES || tries >= question.mostTries) break;
    if (region === null || places.has(region.id)) continue;
    tries++;
    if (!serves(device, hardwarePricing(snapshot, { region: region.id }, purchase, at))) continue;
    places.set(region.id, {
      regionId: region.id,
      country: region.country,
      deviceId: device.id,
      distanceKm: distanceKm === null ? null : Math.round(distanceKm),
      usdPerDeviceHour: option.amountPerDeviceHour,
      priceId: option.price.id,
    });
  }
  return [...places.values()];
}
