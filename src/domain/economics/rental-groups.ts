/**
 * The rentals of a device by what a request can pin: terms, provider and region. The cheapest of a group for a number of devices
 * is what `cheapestOption` finds with those pins, so that a comparison of all groups agrees with an estimate in each of them.
 */
import type { PaymentOption, PriceCategory } from '../catalog/offers.ts';
import type { Region } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import {
  byCost,
  exclusionReason,
  optionOf,
  type PriceOption,
  type PriceQuery,
  type RentalPreference,
} from './price-selection.ts';
import { type DeviceRentals, type Rental, rentalsOf } from './rental-offers.ts';

export type RentalCategory = Extract<PriceCategory, 'on_demand' | 'spot' | 'committed' | 'capacity_block'>;

export interface RentalGroup {
  readonly category: RentalCategory;
  /** 0 without a commitment. */
  readonly termMonths: number;
  readonly payment: PaymentOption;
  readonly providerId: string;
  /** Null for offers without one. */
  readonly region: Region | null;
  /** Fresh before stale, then cheapest per device-hour first. */
  readonly rentals: readonly Rental[];
}

const RENTAL_CATEGORIES: readonly PriceCategory[] = ['on_demand', 'spot', 'committed', 'capacity_block'];

/** Groups of one snapshot and time are worked out once: the rentals of a device are one object as long as no price changes. */
const plain = new WeakMap<DeviceRentals, readonly RentalGroup[]>();
const withManaged = new WeakMap<DeviceRentals, readonly RentalGroup[]>();

/** @param managedPlatforms whether managed platforms are rentals like others */
export function rentalGroups(
  snapshot: CatalogSnapshot,
  deviceId: string,
  at: string,
  managedPlatforms = false,
): readonly RentalGroup[] {
  const rentals = rentalsOf(snapshot, deviceId, at);
  const known = managedPlatforms ? withManaged : plain;
  const remembered = known.get(rentals);
  if (remembered !== undefined) return remembered;
  const groups = new Map<string, RentalGroup & { readonly rentals: Rental[] }>();
  for (const [category, ranked] of rentals.ranked) {
    if (!RENTAL_CATEGORIES.includes(category)) continue;
    for (const rental of ranked) {
      const { price, offer, region } = rental;
      const { termMonths, payment } = price;
      const key = [category, termMonths, payment, offer.providerId, offer.regionId].join('|');
      const group = groups.get(key) ?? {
        category: category as RentalCategory,
        termMonths,
        payment,
        providerId: offer.providerId,
        region,
        rentals: [],
      };
      groups.set(key, group);
      const usable =
        exclusionReason(offer, price, { deviceId, at, preference: preferenceOf(group), managedPlatforms }) === null;
      if (usable) group.rentals.push(rental);
    }
  }
  const found = [...groups.values()];
  known.set(rentals, found);
  return found;
}

export const preferenceOf = ({
  category,
  termMonths,
  payment,
}: Pick<RentalGroup, 'category' | 'termMonths' | 'payment'>): RentalPreference =>
  category === 'committed' ? { category, termMonths, ...(payment !== 'none' && { payment }) } : { category };

/** Null where no machine of the group holds as many devices as must share one. */
export function cheapestOfGroup(
  group: RentalGroup,
  terms: Pick<PriceQuery, 'deviceId' | 'at' | 'devices' | 'devicesInOneNode' | 'clustered' | 'managedPlatforms'>,
): PriceOption | null {
  const query: PriceQuery = { ...terms, preference: preferenceOf(group) };
  const devices = query.devices ?? 1;
  let best: PriceOption | null = null;
  for (const rental of group.rentals) {
    if (best !== null && (rental.stale !== best.stale || rental.perDeviceHour * devices > best.hourlyCost)) break;
    if (exclusionReason(rental.offer, rental.price, query) !== null) continue;
    const option = optionOf(rental, query);
    if (best === null || byCost(option, best) < 0) best = option;
  }
  return best;
}
