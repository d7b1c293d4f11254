/** Where nothing is offered: the nearest place, other terms at the place, a date with prices. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import type { PlaceElsewhere } from '../estimate/answer.ts';
import type { PurchaseCategory } from '../estimate/selectors.ts';
import type { Remedy } from './language/refusal-remedies.ts';
import type { TrainingRequest } from './request.ts';

export interface DeviceRemedy extends Remedy {
  /** On which the change is tried. */
  readonly device: Device;
}

export interface OfferQuestion {
  readonly snapshot: CatalogSnapshot;
  readonly request: TrainingRequest;
  /** Of the prices, ISO timestamp. */
  readonly at: string;
  /** The nearest places that offer what the place asked for does not. */
  readonly elsewhere: readonly PlaceElsewhere[];
}

/** Other terms at the same place, in the order in which they change least. */
const CATEGORIES: readonly PurchaseCategory[] = ['on_demand', 'committed', 'capacity_block', 'owned', 'spot'];
const END_OF_TIME = '9999-12-31T00:00:00.000Z';
/** Devices for which other terms are looked for. */
const MOST_DEVICES = 3;

export function* offerRemedies(question: OfferQuestion, devices: readonly Device[]): Generator<DeviceRemedy> {
  const { request, snapshot, elsewhere } = question;
  const { region, country, provider } = request.location ?? {};
  for (const place of elsewhere) {
    const device = devices.find(({ id }) => id === place.deviceId);
    if (device === undefined) continue;
    const other = snapshot.region(place.regionId)?.providerId;
    if (region !== undefined) yield { device, field: '/location/region', to: place.regionId };
    else if (country !== undefined) yield { device, field: '/location/country', to: place.country };
    else if (provider !== undefined && other !== undefined) yield { device, field: '/location/provider', to: other };
  }
  const newest = snapshot.lastPriceChange(END_OF_TIME);
  for (const device of devices.slice(0, MOST_DEVICES)) {
    for (const category of CATEGORIES) yield { device, field: '/purchase/category', to: category };
    if (newest !== null && newest > question.at) yield { device, field: '/pricingAt', to: newest };
  }
}
