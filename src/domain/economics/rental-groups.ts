/**
 * The rentals of a device by what a request can pin: terms, provider and region. The cheapest of a group for a number of devices
 * is what `cheapestOption` finds with those pins, so that a comparison of all groups agrees with an estimate in each of them.
 */
import type { PaymentOption, PriceCategory } from '../catalog/offers.ts';
import type { Region } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { DeviceRentals } from './device-rentals.ts';
import {
  cheaperOf,
  exclusionReason,
  type PriceOption,
  type PriceQuery,
  type RentalPreference,
} from './price-selection.ts';
import type { RankedRentals } from './ranked-rentals.ts';
import { rentalsOf } from './rental-offers.ts';

type RentalCategory = Extract<PriceCategory, 'on_demand' | 'spot' | 'committed' | 'capacity_block'>;

export interface RentalGroup {
  readonly category: RentalCategory;
  /** 0 without a commitment. */
  readonly termMonths: number;
  readonly payment: PaymentOption;
  readonly providerId: string;
  /** Null for offers without one. */
  readonly region: Region | null;
  /** Fresh before stale, then cheapest per device-hour first. */
  readonly rentals: RankedRentals;
}

const RENTAL_CATEGORIES: readonly PriceCategory[] = ['on_demand', 'spot', 'committed', 'capacity_block'];
const isRentalCategory = (category: PriceCategory): category is RentalCategory => RENTAL_CATEGORIES.includes(category);

/** Names pairs, making each name once: of a million prices few pairs differ. */
class PairNames<First, Second> {
  readonly #names = new Map<First, Map<Second, string>>();

  of(first: First, second: Second): string {
    let ofFirst = this.#names.get(first);
    if (ofFirst === undefined) {
      ofFirst = new Map();
      this.#names.set(first, ofFirst);
    }
    const known = ofFirst.get(second);
    if (known !== undefined) return known;
    const name = `${first}|${second}`;
    ofFirst.set(second, name);
    return name;
  }
}

/** Groups of one snapshot and time are worked out once: the rentals of a device are one object as long as no price changes. */
const known = new WeakMap<DeviceRentals, readonly RentalGroup[]>();

/** Also those that nothing can be had of on the terms asked for: `cheapestOfGroup` then finds none. */
export function rentalGroups(snapshot: CatalogSnapshot, deviceId: string, at: string): readonly RentalGroup[] {
  const rentals = rentalsOf(snapshot, deviceId, at);
  const remembered = known.get(rentals);
  if (remembered !== undefined) return remembered;
  const found = rentals.categories.filter(isRentalCategory).flatMap((category) => {
    const ranked = rentals.ranked(category);
    const terms = new PairNames<number, PaymentOption>();
    const places = new PairNames<string, string | null>();
    const both = new PairNames<string, string>();
    const termsAndPlace = (rank: number): string => {
      const { providerId, regionId } = ranked.offer(rank);
      return both.of(terms.of(ranked.termMonths(rank), ranked.payment(rank)), places.of(providerId, regionId));
    };
    return [...ranked.groupedBy(termsAndPlace).values()].map((group): RentalGroup => {
      const offer = group.offer(0);
      return {
        category,
        termMonths: group.termMonths(0),
        payment: group.payment(0),
        providerId: offer.providerId,
        region: rentals.regionOf(offer),
        rentals: group,
      };
    });
  });
  known.set(rentals, found);
  return found;
}

const preferenceOf = ({
  category,
  termMonths,
  payment,
}: Pick<RentalGroup, 'category' | 'termMonths' | 'payment'>): RentalPreference =>
  category === 'committed' ? { category, termMonths, ...(payment !== 'none' && { payment }) } : { category };

/** The lowest of all that can be had, also where it is too old to be sure of; infinite where nothing can. */
export function lowestPerDeviceHour(
  group: RentalGroup,
  terms: Pick<PriceQuery, 'deviceId' | 'at' | 'managedPlatforms'>,
): number {
  const { rentals } = group;
  const query: PriceQuery = { ...terms, preference: preferenceOf(group) };
  let lowest = Number.POSITIVE_INFINITY;
  let past: boolean | null = null;
  for (let rank = 0; rank < rentals.length; rank++) {
    // fresh ones come first, and of either the first is the lowest
    if (rentals.isStale(rank) === past) continue;
    const { offer, price, perDeviceHour, stale } = rentals.at(rank);
    if (exclusionReason(offer, price, query) !== null) continue;
    lowest = Math.min(lowest, perDeviceHour);
    past = stale;
    if (stale) break;
  }
  return lowest;
}

/** Null where no machine of the group holds as many devices as must share one. */
export function cheapestOfGroup(
  group: RentalGroup,
  terms: Pick<PriceQuery, 'deviceId' | 'at' | 'devices' | 'devicesInOneNode' | 'clustered' | 'managedPlatforms'>,
): PriceOption | null {
  return cheaperOf(null, group.rentals, { ...terms, preference: preferenceOf(group) }, {});
}
