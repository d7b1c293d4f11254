/**
 * The hourly prices of a device in force at a time, worked out once per snapshot, price change and day (ages count in
 * days): the same few thousand rows answer every request of a day. A snapshot is immutable, so remembering changes no answer.
 */
import type { Offer, Price, PriceCategory } from '../catalog/offers.ts';
import type { Provider, Region } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { addUnitAmounts, divideUnitAmount } from '../money.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { isStale, utcDay } from './price-use.ts';

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

export interface DeviceRentals {
  /** Every offer of the device with its hourly prices in force, also those without an amount. */
  readonly offers: readonly {
    readonly offer: Offer;
    readonly region: Region | null;
    readonly prices: readonly Price[];
  }[];
  /**
   * Whole devices with a published hourly price, by category: fresh prices before stale ones, then cheapest per
   * device-hour first; ties by offer id, then price id.
   */
  readonly ranked: ReadonlyMap<PriceCategory, readonly Rental[]>;
}

type RentalsByDevice = Map<string, DeviceRentals>;

interface Memory {
  /** By price change and day; the oldest goes first. */
  readonly times: Map<string, RentalsByDevice>;
  /** One estimate asks many times for one time. */
  latest: { readonly at: string; readonly rentals: RentalsByDevice } | null;
}

const TIMES_REMEMBERED = 4;
const memories = new WeakMap<CatalogSnapshot, Memory>();

export function rentalsOf(snapshot: CatalogSnapshot, deviceId: string, at: string): DeviceRentals {
  const rentals = rentalsAt(snapshot, at);
  const known = rentals.get(deviceId);
  if (known !== undefined) return known;
  const collected = collect(snapshot, deviceId, at);
  rentals.set(deviceId, collected);
  return collected;
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
  const memory: Memory = { times: new Map(), latest: null };
  memories.set(snapshot, memory);
  return memory;
}

function collect(snapshot: CatalogSnapshot, deviceId: string, at: string): DeviceRentals {
  const offers = snapshot.offersOfDevice(deviceId).map((offer) => ({
    offer,
    region: offer.regionId === null ? null : (snapshot.region(offer.regionId) ?? null),
    prices: snapshot.pricesOfOffer(offer.id, at).filter((price) => price.unit === 'hour'),
  }));
  const ranked = offers.flatMap(({ offer, region, prices }) => {
    if (offer.deviceCount < 1) return [];
    const provider = snapshot.provider(offer.providerId) ?? null;
    return prices.filter(isPublished).map((price) => {
      const amountPerDeviceHour = divideUnitAmount(effectiveHourly(price), offer.deviceCount);
      const stale = isStale(price, at);
      return {
        offer,
        price,
        provider,
        region,
        amountPerDeviceHour,
        perDeviceHour: Number(amountPerDeviceHour),
        stale,
      };
    });
  });
  return { offers, ranked: Map.groupBy(ranked.sort(byPerDeviceHour), ({ price }) => price.category) };
}

/** Recurring amount plus the upfront amount spread evenly over the hours of the term, per hour of the whole offer. */
export const effectiveHourly = (price: PublishedPrice): string =>
  price.termMonths > 0 && Number(price.upfront) > 0
    ? addUnitAmounts(price.amount, divideUnitAmount(price.upfront, price.termMonths * HOURS_PER_MONTH))
    : price.amount;

const isPublished = (price: Price): price is PublishedPrice => price.amount !== null;

const byPerDeviceHour = (a: Rental, b: Rental): number =>
  Number(a.stale) - Number(b.stale) || a.perDeviceHour - b.perDeviceHour || byIds(a, b);

export function byIds(a: Pick<Rental, 'offer' | 'price'>, b: Pick<Rental, 'offer' | 'price'>): number {
  if (a.offer.id !== b.offer.id) return a.offer.id < b.offer.id ? -1 : 1;
  return a.price.id < b.price.id ? -1 : a.price.id > b.price.id ? 1 : 0;
}
