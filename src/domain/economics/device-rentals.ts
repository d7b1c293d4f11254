/** The rentals of one device at one time, by category and place. */
import type { Offer, PriceCategory } from '../catalog/offers.ts';
import type { Region } from '../catalog/places.ts';
import { collectingPriceFigures, type PriceFigures } from '../catalog/price-figures.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { divideUnitAmount } from '../money.ts';
import { atOnce, type Steps } from '../steps.ts';
import { cheapestFirst } from './cheapest-first.ts';
import { isStale, lastFreshDay, utcDay, utcDayOfMs } from './price-use.ts';
import { rankablePrices } from './rankable-prices.ts';
import { RankedRentals } from './ranked-rentals.ts';
import {
  byPerDeviceHour,
  effectiveHourly,
  isHourlyPrice,
  type PublishedPrice,
  type Rental,
  type RentalPlace,
} from './rental.ts';

const NO_INDICES = new Int32Array(0);

/** Prices between two places where the work on them may be interrupted. */
const STEP = 1024;

/**
 * Whole devices with a published hourly price. Ranked by figures and made only where they are asked for: of a million prices an
 * answer needs a handful.
 */
export class DeviceRentals {
  readonly prices: PriceFigures;
  readonly #snapshot: CatalogSnapshot;
  readonly #at: string;
  readonly #day: number;
  readonly #made = new Map<number, Rental>();
  readonly #none = new RankedRentals(this, NO_INDICES);
  readonly #ranked = new Map<PriceCategory, RankedRentals>();
  readonly #places = new Map<string, ReadonlyMap<string, RankedRentals>>();
  /** Of each price, the number of the kind and size of its offer. */
  #shapes: Int32Array = NO_INDICES;
  /** Empty where they have been ranked. */
  #unranked: Map<PriceCategory, Int32Array> | null = null;
  #isRanked = false;
  /** The last UTC day through which all that are ranked are fresh by their own observation. */
  #freshThroughDay = Number.POSITIVE_INFINITY;

  private constructor(snapshot: CatalogSnapshot, prices: PriceFigures, at: string) {
    this.#snapshot = snapshot;
    this.#at = at;
    this.#day = utcDay(at);
    this.prices = prices;
  }

  static *collecting(snapshot: CatalogSnapshot, deviceId: string, at: string): Steps<DeviceRentals> {
    const prices = yield* collectingPriceFigures(snapshot, deviceId, at, isHourlyPrice, 'USD');
    return new DeviceRentals(snapshot, prices, at);
  }

  /** Whatever is asked next finds them in rank. */
  *ranking(): Steps<void> {
    for (const category of (yield* this.#sortingOut()).keys()) yield* this.#rankingOf(category);
    this.#isRanked = true;
  }

  /** At another time, in the same order; undefined where prices or their freshness may have changed between, or none are in rank. */
  asOf(at: string): DeviceRentals | undefined {
    if (!this.#isRanked || utcDay(at) > this.#freshThroughDay) return undefined;
    const prices = this.prices.asOf(at);
    if (prices === undefined) return undefined;
    const moved = new DeviceRentals(this.#snapshot, prices, at);
    moved.#shapes = this.#shapes;
    moved.#unranked = this.#unranked;
    for (const [category, ranked] of this.#ranked) moved.#ranked.set(category, ranked.movedTo(moved));
    moved.#isRanked = true;
    moved.#freshThroughDay = this.#freshThroughDay;
    return moved;
  }

  /** Those with rentals, that of the first in rank first. */
  get categories(): readonly PriceCategory[] {
    const first = (category: PriceCategory): Rental => this.ranked(category).at(0);
    return [...atOnce(this.#sortingOut()).keys()].sort((a, b) => byPerDeviceHour(first(a), first(b)));
  }

  ranked(category: PriceCategory): RankedRentals {
    return this.#ranked.get(category) ?? atOnce(this.#rankingOf(category));
  }

  *#rankingOf(category: PriceCategory): Steps<RankedRentals> {
    const unranked = yield* this.#sortingOut();
    const ranked = new RankedRentals(this, yield* this.#sorting(unranked.get(category) ?? NO_INDICES));
    yield* ranked.shaping();
    this.#ranked.set(category, ranked);
    if (unranked.has(category)) unranked.set(category, NO_INDICES);
    return ranked;
  }

  /** No fewer than those at the place, in rank: the narrowest part of a category that holds them all. */
  near(category: PriceCategory, { regionId, country, providerId }: RentalPlace): RankedRentals {
    if (regionId !== undefined) return this.byRegion(category).get(regionId) ?? this.#none;
    if (country !== undefined) {
      const countryOf = (offer: Offer): string => this.regionOf(offer)?.country ?? '';
      return this.#parts(category, 'country', countryOf).get(country) ?? this.#none;
    }
    if (providerId !== undefined) {
      return this.#parts(category, 'provider', (offer) => offer.providerId).get(providerId) ?? this.#none;
    }
    return this.ranked(category);
  }

  /** By region id, '' for offers without one. */
  byRegion(category: PriceCategory): ReadonlyMap<string, RankedRentals> {
    return this.#parts(category, 'region', (offer) => offer.regionId ?? '');
  }

  #parts(
    category: PriceCategory,
    kind: 'region' | 'country' | 'provider',
    placeOf: (offer: Offer) => string,
  ): ReadonlyMap<string, RankedRentals> {
    const name = `${category} ${kind}`;
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const ranked = this.ranked(category);
    const parts = ranked.groupedBy((rank) => placeOf(ranked.offer(rank)));
    this.#places.set(name, parts);
    return parts;
  }

  rental(index: number): Rental {
    const known = this.#made.get(index);
    if (known !== undefined) return known;
    const offer = this.prices.offer(index);
    const price = this.prices.price(index) as PublishedPrice;
    const amountPerDeviceHour = divideUnitAmount(effectiveHourly(price), offer.deviceCount);
    const made: Rental = {
      offer,
      price,
      provider: this.#snapshot.provider(offer.providerId) ?? null,
      region: this.regionOf(offer),
      amountPerDeviceHour,
      perDeviceHour: Number(amountPerDeviceHour),
      stale: isStale(price, this.#at),
    };
    this.#made.set(index, made);
    return made;
  }

  shapeOf(index: number): number {
    return this.#shapes[index] as number;
  }

  isStale(index: number): boolean {
    // A confirmation only makes a price younger, and takes long to find.
    return (
      this.#lastFreshDay(index) < this.#day && this.#lastFreshDay(index, this.prices.lastSeenAtMs(index)) < this.#day
    );
  }

  /** As a UTC day: by its observation, or when it was last seen. */
  #lastFreshDay(index: number, seenAtMs = this.prices.observedAtMs(index)): number {
    if (this.prices.isAgreed(index)) return Number.POSITIVE_INFINITY;
    return lastFreshDay(this.prices.category(index), utcDayOfMs(seenAtMs));
  }

  regionOf({ regionId }: Offer): Region | null {
    return regionId === null ? null : (this.#snapshot.region(regionId) ?? null);
  }

  /** The categories in which there are any. */
  *#sortingOut(): Steps<Map<PriceCategory, Int32Array>> {
    if (this.#unranked !== null) return this.#unranked;
    const { byCategory, shapes } = yield* rankablePrices(this.prices);
    this.#shapes = shapes;
    this.#unranked = byCategory;
    return byCategory;
  }

  *#sorting(indices: Int32Array): Steps<Int32Array> {
    // Fresh ones from the front, stale ones from the end.
    const parted = new Int32Array(indices.length);
    let [fresh, stale] = [0, indices.length];
    for (const [number, index] of indices.entries()) {
      this.#freshThroughDay = Math.min(this.#freshThroughDay, this.#lastFreshDay(index));
      if (this.isStale(index)) parted[--stale] = index;
      else parted[fresh++] = index;
      if (number % STEP === STEP - 1) yield;
    }
    const sorted = new Int32Array(indices.length);
    const rental = (index: number): Rental => this.rental(index);
    sorted.set(yield* cheapestFirst(this.prices, rental, parted.subarray(0, fresh)));
    sorted.set(yield* cheapestFirst(this.prices, rental, parted.subarray(fresh)), fresh);
    return sorted;
  }
}
