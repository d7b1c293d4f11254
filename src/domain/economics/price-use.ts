/** A price as an answer names it: id, place, source, age, and whether it is too old to be trusted. */
import {
  isAgreed,
  type Offer,
  type Price,
  type PriceCategory,
  type PriceLayer,
  type PriceUnit,
} from '../catalog/offers.ts';
import type { Confidence } from '../catalog/provenance.ts';

export interface PriceUse {
  readonly priceId: string;
  readonly offerId: string;
  readonly providerId: string;
  readonly regionId: string | null;
  readonly category: PriceCategory;
  readonly termMonths: number;
  /** Decimal string per unit of the whole offer. */
  readonly amount: string;
  readonly upfront: string;
  readonly currency: string;
  readonly unit: PriceUnit;
  readonly deviceCount: number;
  readonly source: string;
  /** The catalog source (feed) of the row. */
  readonly sourceId: string;
  readonly observedAt: string;
  /** Absent where the source did not repeat the price later. */
  readonly confirmedAt?: string;
  readonly validFrom: string;
  /** From the last observation or confirmation to `pricingAt`. */
  readonly ageDays: number;
  readonly stale: boolean;
  readonly staleAfterDays: number;
  readonly confidence: Confidence;
  readonly flags: readonly string[];
  /** Which part of the price book won; only where one is named. */
  readonly layer?: PriceLayer;
}

/**
 * When a price is too old, by category. List prices changed in 3 of 36 snapshots of AWS us-east-1 (Oct 2023 - Jul 2026,
 * karpenter-provider-aws generated prices), but then by 25-44 %; spot prices of Google changed about monthly
 * (gcosts pricing.yml, 56 diffs, Jul 2025 - Jul 2026); hardware street prices move over a year.
 */
export const STALE_AFTER_DAYS: Readonly<Record<PriceCategory, number>> = {
  on_demand: 180,
  committed: 180,
  capacity_block: 90,
  spot: 30,
  purchase: 365,
  token: 90,
};

const MILLISECONDS_PER_DAY = 86_400_000;

/** Number of the UTC day of a moment in milliseconds since 1970, and of an ISO timestamp. */
export const utcDayOfMs = (ms: number): number => Math.floor(ms / MILLISECONDS_PER_DAY);
export const utcDay = (time: string): number => utcDayOfMs(Date.parse(time));

const daysBetween = (observedDay: number, day: number): number => Math.max(0, day - observedDay);

/** Days from the last observation to `at`, by their UTC dates; never negative (a price may be dated ahead). */
export const ageDays = (observedAt: string, at: string): number => daysBetween(utcDay(observedAt), utcDay(at));

/** When the price was last known to be what it is. */
export const lastSeenAt = ({ observedAt, confirmedAt }: Pick<Price, 'observedAt' | 'confirmedAt'>): string =>
  confirmedAt ?? observedAt;

/** The last UTC day on which a price of the category that was seen on one is not too old. */
export const lastFreshDay = (category: PriceCategory, seenDay: number): number => seenDay + STALE_AFTER_DAYS[category];

/** Too old, by the limit of its category, to be trusted at `at`. */
export const isStale = (price: Price, at: string): boolean =>
  !isAgreed(price.layer) && lastFreshDay(price.category, utcDay(lastSeenAt(price))) < utcDay(at);

/** The UTC day from which on it is too old, as an ISO time; null for what was agreed. The same as isStale, without asking when. */
export const staleFrom = (price: Price): string | null =>
  isAgreed(price.layer)
    ? null
    : new Date((lastFreshDay(price.category, utcDay(lastSeenAt(price))) + 1) * MILLISECONDS_PER_DAY).toISOString();

export function priceUse(offer: Offer, price: Price & { readonly amount: string }, at: string): PriceUse {
  const age = ageDays(lastSeenAt(price), at);
  const staleAfterDays = STALE_AFTER_DAYS[price.category];
  return {
    priceId: price.id,
    offerId: offer.id,
    providerId: offer.providerId,
    regionId: offer.regionId,
    category: price.category,
    termMonths: price.termMonths,
    amount: price.amount,
    upfront: price.upfront,
    currency: price.currency,
    unit: price.unit,
    deviceCount: offer.deviceCount,
    source: price.source,
    sourceId: price.sourceId,
    observedAt: price.observedAt,
    ...(price.confirmedAt !== undefined && { confirmedAt: price.confirmedAt }),
    validFrom: price.validFrom,
    ageDays: age,
    stale: isStale(price, at),
    staleAfterDays,
    confidence: price.confidence,
    flags: price.flags,
    ...(price.layer !== undefined && { layer: price.layer }),
  };
}
