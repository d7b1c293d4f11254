/** A price of whole devices by the hour, as it is compared with others: per device, its upfront part spread over the term. */
import type { Offer, Price } from '../catalog/offers.ts';
import type { Provider, Region } from '../catalog/places.ts';
import { addUnitAmounts, divideUnitAmount } from '../money.ts';
import { HOURS_PER_MONTH } from '../units.ts';

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

/** By the hour, whatever the volume: what is charged from a volume on is not what the first hours cost. */
export const isHourlyPrice = ({ unit, tierFrom }: Pick<Price, 'unit' | 'tierFrom'>): boolean =>
  unit === 'hour' && tierFrom === 0;

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

/** Recurring amount plus the upfront amount spread evenly over the hours of the term, per hour of the whole offer. */
export const effectiveHourly = (price: PublishedPrice): string =>
  price.termMonths > 0 && Number(price.upfront) > 0
    ? addUnitAmounts(price.amount, divideUnitAmount(price.upfront, price.termMonths * HOURS_PER_MONTH))
    : price.amount;

/** In rank: fresh before stale, then cheapest per device-hour first. */
export const byPerDeviceHour = (a: Rental, b: Rental): number =>
  Number(a.stale) - Number(b.stale) || a.perDeviceHour - b.perDeviceHour || byIds(a, b);

export function byIds(a: Pick<Rental, 'offer' | 'price'>, b: Pick<Rental, 'offer' | 'price'>): number {
  if (a.offer.id !== b.offer.id) return a.offer.id < b.offer.id ? -1 : 1;
  return a.price.id < b.price.id ? -1 : a.price.id > b.price.id ? 1 : 0;
}
