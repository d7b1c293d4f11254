/**
 * The hourly prices of a device in force at a time, worked out once per snapshot, price change and day (ages count in
 * days): the same few thousand rows answer every request of a day. A snapshot is immutable, so remembering changes no answer.
 */
import type { Offer, PaymentOption, Price, PriceCategory } from '../catalog/offers.ts';
import type { Provider, Region } from '../catalog/places.ts';
import { collectingPriceFigures, type PriceFigures } from '../catalog/price-figures.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { addUnitAmounts, divideUnitAmount } from '../money.ts';
import { atOnce, type Steps } from '../steps.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { ascending, isInOrder } from './ascending.ts';
import { isStale, lastFreshDay, utcDay, utcDayOfMs } from './price-use.ts';

export interface PublishedPrice extends Price {
  readonly amount: string;
}

export interface Rental {
  readonly offer: Offer;
  readonly price: PublishedPrice;
  readonly provider: Provider | null;
  readonly region: Region | null;
  /** Decimal string, upfront amount spread over the term included. */
  readonly amountPerDeviceHour: string;
  /** The same as a number, for ranking only. */
  readonly perDeviceHour: number;
  /** Too old by the limit of its category: ranked after every price that is not. */
  readonly stale: boolean;
}

/** Where offers are looked for; nothing given is everywhere. */
export interface RentalPlace {
  readonly regionId?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  readonly providerId?: string | undefined;
}

export function isAtPlace(offer: Offer, region: Region | null, place: RentalPlace): boolean {
  if (place.providerId !== undefined && offer.providerId !== place.providerId) return false;
  if (place.regionId !== undefined && offer.regionId !== place.regionId) return false;
  return place.country === undefined || region?.country === place.country;
}

const NO_INDICES = new Int32Array(0);

/** Rentals by rank: fresh before stale, then cheapest per device-hour first; ties by offer id, then price id. Made one by one. */
export class RankedRentals {
  readonly #rentals: DeviceRentals;
  readonly #order: Int32Array;
  /** By rank: the cheapest are asked for again and again. */
  readonly #made: (Rental | undefined)[] = [];
  #shapes: readonly RankedRentals[] | null = null;

  constructor(rentals: DeviceRentals, order: Int32Array) {
    this.#rentals = rentals;
    this.#order = order;
  }

  get length(): number {
    return this.#order.length;
  }

  at(rank: number): Rental {
    const known = this.#made[rank];
    if (known !== undefined) return known;
    const made = this.#rentals.rental(this.#order[rank] as number);
    this.#made[rank] = made;
    return made;
  }

  /** Of one rental, without making it. */
  offer(rank: number): Offer {
    return this.#made[rank]?.offer ?? this.#rentals.prices.offer(this.#order[rank] as number);
  }

  isStale(rank: number): boolean {
    return this.#rentals.isStale(this.#order[rank] as number);
  }

  termMonths(rank: number): number {
    return this.#rentals.prices.termMonths(this.#order[rank] as number);
  }

  payment(rank: number): PaymentOption {
    return this.#rentals.prices.payment(this.#order[rank] as number);
  }

  *[Symbol.iterator](): Generator<Rental> {
    for (let rank = 0; rank < this.length; rank++) yield this.at(rank);
  }

  /** In parts by kind and size of the offers: within one, what costs less per device-hour costs less in whole offers. */
  get byShape(): readonly RankedRentals[] {
    return this.#shapes ?? atOnce(this.shaping());
  }

  *shaping(): Steps<readonly RankedRentals[]> {
    const shapeOf = (rank: number): number => this.#rentals.shapeOf(this.#order[rank] as number);
    this.#shapes = (yield* this.#areAlike(shapeOf)) ? [this] : [...(yield* this.#grouping(shapeOf)).values()];
    return this.#shapes;
  }

  /** The same ranks of the same prices at another time. */
  movedTo(rentals: DeviceRentals): RankedRentals {
    const moved = new RankedRentals(rentals, this.#order);
    moved.#shapes = this.#shapes?.map((part) => (part === this ? moved : part.movedTo(rentals))) ?? null;
    return moved;
  }

  *#areAlike(keyOf: (rank: number) => number): Steps<boolean> {
    for (let rank = 1; rank < this.length; rank++) {
      if (rank % STEP === STEP - 1) yield;
      if (keyOf(rank) !== keyOf(0)) return false;
    }
    return true;
  }

  /** In parts by what `keyOf` says of each rank, in the order of their first. */
  groupedBy(keyOf: (rank: number) => string): ReadonlyMap<string, RankedRentals> {
    return atOnce(this.#grouping(keyOf));
  }

  *#grouping<Key>(keyOf: (rank: number) => Key): Steps<ReadonlyMap<Key, RankedRentals>> {
    const parts = new Map<Key, number[]>();
    for (let rank = 0; rank < this.length; rank++) {
      if (rank % STEP === STEP - 1) yield;
      const key = keyOf(rank);
      const part = parts.get(key);
      const index = this.#order[rank] as number;
      if (part === undefined) parts.set(key, [index]);
      else part.push(index);
    }
    return new Map([...parts].map(([key, part]) => [key, new RankedRentals(this.#rentals, Int32Array.from(part))]));
  }
}

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
  readonly #shapes: Int32Array;
  /** Empty where they have been ranked. */
  #unranked: Map<PriceCategory, Int32Array> | null = null;
  #isRanked = false;
  /** The last UTC day through which all that are ranked are fresh by their own observation. */
  #freshThroughDay = Number.POSITIVE_INFINITY;

  private constructor(
    snapshot: CatalogSnapshot,
    prices: PriceFigures,
    at: string,
    shapes: Int32Array = new Int32Array(prices.length),
  ) {
    this.#snapshot = snapshot;
    this.#at = at;
    this.#day = utcDay(at);
    this.prices = prices;
    this.#shapes = shapes;
  }

  static *collecting(snapshot: CatalogSnapshot, deviceId: string, at: string): Steps<DeviceRentals> {
    const prices = yield* collectingPriceFigures(snapshot, deviceId, at, ({ unit }) => unit === 'hour', 'USD');
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
    const moved = new DeviceRentals(this.#snapshot, prices, at, this.#shapes);
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
    const { prices } = this;
    const categories: PriceCategory[] = [];
    const categoryOf = new Uint8Array(prices.length).fill(NOT_RANKED);
    const counts: number[] = [];
    const shapes = new Map<string, number>();
    let last: { readonly kind: Offer['kind']; readonly deviceCount: number; readonly shape: number } | null = null;
    for (let index = 0; index < prices.length; index++) {
      if (index % STEP === STEP - 1) yield;
      const { kind, deviceCount } = prices.offer(index);
      if (deviceCount < 1 || Number.isNaN(prices.amount(index))) continue;
      if (last === null || kind !== last.kind || deviceCount !== last.deviceCount) {
        const name = `${kind} ${deviceCount}`;
        const shape: number = shapes.get(name) ?? shapes.size;
        shapes.set(name, shape);
        last = { kind, deviceCount, shape };
      }
      this.#shapes[index] = last.shape;
      const category = prices.category(index);
      let number = categories.indexOf(category);
      if (number < 0) number = categories.push(category) - 1;
      categoryOf[index] = number;
      counts[number] = (counts[number] ?? 0) + 1;
    }
    const lists = counts.map((count) => new Int32Array(count));
    const filled = counts.map(() => 0);
    for (const [index, number] of categoryOf.entries()) {
      if (index % STEP === STEP - 1) yield;
      if (number === NOT_RANKED) continue;
      const place = filled[number] as number;
      (lists[number] as Int32Array)[place] = index;
      filled[number] = place + 1;
    }
    this.#unranked = new Map(categories.map((category, number) => [category, lists[number] as Int32Array]));
    return this.#unranked;
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
    sorted.set(yield* this.#byFigure(parted.subarray(0, fresh)));
    sorted.set(yield* this.#byFigure(parted.subarray(fresh)), fresh);
    return sorted;
  }

  /** Those that figures do not tell apart for sure are put in order by the exact amounts and by ids. */
  *#byFigure(indices: Int32Array): Steps<Int32Array> {
    const figures = new Float64Array(indices.length);
    for (const [number, index] of indices.entries()) {
      figures[number] = figurePerDeviceHour(this.prices, index);
      if (number % STEP === STEP - 1) yield;
    }
    const figure = (number: number): number => figures[number] as number;
    const at = (number: number): number => indices[number] as number;
    const exactly = (a: number, b: number): number =>
      figure(a) === figure(b) ? this.#byIds(at(a), at(b)) : byPerDeviceHour(this.rental(at(a)), this.rental(at(b)));
    const order = yield* ascending(figures);
    for (let start = 0, end = 1; end <= order.length; end++) {
      const last = figure(order[end - 1] as number);
      if (end < order.length && figure(order[end] as number) - last <= FIGURE_TOLERANCE * last) continue;
      if (end - start > 1 && !isInOrder(order, start, end, exactly)) order.subarray(start, end).sort(exactly);
      if (end % STEP < end - start) yield;
      start = end;
    }
    return order.map(at);
  }

  #byIds(a: number, b: number): number {
    const { prices } = this;
    const { offerRank } = prices;
    if (offerRank === undefined) {
      const [offer, other] = [prices.offer(a), prices.offer(b)];
      if (offer.id !== other.id) return offer.id < other.id ? -1 : 1;
    } else if (offerRank(a) !== offerRank(b)) return offerRank(a) - offerRank(b);
    return prices.price(a).id < prices.price(b).id ? -1 : 1;
  }
}

/** In place of the number of a category: no whole device, or without an amount. */
const NOT_RANKED = 255;

/** Prices between two places where the work on them may be interrupted. */
const STEP = 1024;

/** Amounts are divided to twelve digits, twice where there is an upfront part: figures this near may be the other way round. */
const FIGURE_TOLERANCE = 1e-10;

/** The amount of `Rental.amountPerDeviceHour`, but for its last digits. */
function figurePerDeviceHour(prices: PriceFigures, index: number): number {
  const months = prices.termMonths(index);
  const upfront = months > 0 ? prices.upfront(index) : 0;
  const perHour = prices.amount(index) + (upfront > 0 ? upfront / (months * HOURS_PER_MONTH) : 0);
  return perHour / prices.offer(index).deviceCount;
}

type RentalsByDevice = Map<string, DeviceRentals>;

interface Memory {
  /** By price change and day; the oldest goes first. */
  readonly times: Map<string, RentalsByDevice>;
  /** One estimate asks many times for one time. */
  latest: { readonly at: string; readonly rentals: RentalsByDevice } | null;
  /** Devices that estimates asked for. */
  readonly asked: Set<string>;
}

const TIMES_REMEMBERED = 4;
const memories = new WeakMap<CatalogSnapshot, Memory>();

export function rentalsOf(snapshot: CatalogSnapshot, deviceId: string, at: string): DeviceRentals {
  memoryOf(snapshot).asked.add(deviceId);
  const rentals = rentalsAt(snapshot, at);
  const known = rentals.get(deviceId);
  if (known !== undefined) return known;
  const collected = asRankedBefore(snapshot, deviceId, at) ?? atOnce(DeviceRentals.collecting(snapshot, deviceId, at));
  rentals.set(deviceId, collected);
  return collected;
}

/** Most times differ from another one by a confirmation, which changes no rank. */
function asRankedBefore(snapshot: CatalogSnapshot, deviceId: string, at: string): DeviceRentals | undefined {
  for (const rentals of memoryOf(snapshot).times.values()) {
    const moved = rentals.get(deviceId)?.asOf(at);
    if (moved !== undefined) return moved;
  }
  return undefined;
}

/** Devices whose rentals anybody asked for. */
export const askedDevices = (snapshot: CatalogSnapshot): ReadonlySet<string> => memoryOf(snapshot).asked;

/** So that an estimate of a device with very many prices need not collect and rank them itself. */
export function* preparingRentals(snapshot: CatalogSnapshot, deviceId: string, at: string): Steps<void> {
  const rentals = rentalsAt(snapshot, at);
  if (rentals.has(deviceId)) return;
  const ranked = asRankedBefore(snapshot, deviceId, at);
  if (ranked !== undefined) {
    rentals.set(deviceId, ranked);
    return;
  }
  const collected = yield* DeviceRentals.collecting(snapshot, deviceId, at);
  yield* collected.ranking();
  rentals.set(deviceId, collected);
}

function rentalsAt(snapshot: CatalogSnapshot, at: string): RentalsByDevice {
  const memory = memoryOf(snapshot);
  if (memory.latest?.at === at) return memory.latest.rentals;
  const { times } = memory;
  const time = `${snapshot.lastPriceChange(at)} ${utcDay(at)}`;
  const rentals: RentalsByDevice = times.get(time) ?? new Map();
  const [oldest] = times.keys();
  if (!times.has(time) && times.size >= TIMES_REMEMBERED && oldest !== undefined) times.delete(oldest);
  times.set(time, rentals);
  memory.latest = { at, rentals };
  return rentals;
}

function memoryOf(snapshot: CatalogSnapshot): Memory {
  const known = memories.get(snapshot);
  if (known !== undefined) return known;
  const memory: Memory = { times: new Map(), latest: null, asked: new Set() };
  memories.set(snapshot, memory);
  return memory;
}

/** Recurring amount plus the upfront amount spread evenly over the hours of the term, per hour of the whole offer. */
export const effectiveHourly = (price: PublishedPrice): string =>
  price.termMonths > 0 && Number(price.upfront) > 0
    ? addUnitAmounts(price.amount, divideUnitAmount(price.upfront, price.termMonths * HOURS_PER_MONTH))
    : price.amount;

const byPerDeviceHour = (a: Rental, b: Rental): number =>
  Number(a.stale) - Number(b.stale) || a.perDeviceHour - b.perDeviceHour || byIds(a, b);

export function byIds(a: Pick<Rental, 'offer' | 'price'>, b: Pick<Rental, 'offer' | 'price'>): number {
  if (a.offer.id !== b.offer.id) return a.offer.id < b.offer.id ? -1 : 1;
  return a.price.id < b.price.id ? -1 : a.price.id > b.price.id ? 1 : 0;
}
