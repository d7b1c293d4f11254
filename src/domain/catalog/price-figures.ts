/**
 * Prices in force of many offers at once, in figures to rank them by: a device can have a million of them, of which an answer needs
 * a handful. Each is made into a price only where it is asked for.
 */

import type { Steps } from '../steps.ts';
import {
  isAgreed,
  type Offer,
  type PaymentOption,
  type Price,
  type PriceCategory,
  type PriceIdentity,
} from './offers.ts';
import type { CatalogSnapshot } from './snapshot.ts';

/** Which prices are wanted, by what they pay for. */
export type PriceWish = (kind: Pick<PriceIdentity, 'category' | 'unit' | 'tierFrom'>) => boolean;

/** In no order but where `offerRank` tells one. */
export interface PriceFigures {
  readonly length: number;
  offer(index: number): Offer;
  /** Tells offers apart, in the order of their ids, in which the prices then are; undefined where they come in another order. */
  readonly offerRank: ((index: number) => number) | undefined;
  category(index: number): PriceCategory;
  termMonths(index: number): number;
  payment(index: number): PaymentOption;
  /** Per unit of the whole offer; NaN where none is published. For ranking, not for money. */
  amount(index: number): number;
  /** Paid once at the start of the term. For ranking, not for money. */
  upfront(index: number): number;
  /** ISO 4217. */
  currency(index: number): string;
  /** In milliseconds since 1970. */
  observedAtMs(index: number): number;
  /** When it was last seen, by observation or by a later confirmation, which takes longer to tell. */
  lastSeenAtMs(index: number): number;
  /** By a contract or an agreement of a price book, so that it does not age. */
  isAgreed(index: number): boolean;
  price(index: number): Price;
  /** The same prices as they are at another time; undefined where some may have started or ended between. */
  asOf(at: string): PriceFigures | undefined;
}

/** Of every offer of a device, in `currency` where they are quoted in that. */
export function* collectingPriceFigures(
  snapshot: CatalogSnapshot,
  deviceId: string,
  at: string,
  isWanted: PriceWish,
  currency: string,
): Steps<PriceFigures> {
  const quick = snapshot.priceFigures?.(deviceId, at, isWanted, currency);
  if (quick !== undefined) return yield* quick;
  return yield* figuresOfEach(snapshot.offersOfDevice(deviceId), (offerId) =>
    snapshot.pricesOfOffer(offerId, at, currency).filter(isWanted),
  );
}

function* figuresOfEach(
  offers: readonly Offer[],
  pricesOf: (offerId: string) => readonly Price[],
): Steps<PriceFigures> {
  const offerOf: Offer[] = [];
  const prices: Price[] = [];
  for (const offer of offers) {
    for (const price of pricesOf(offer.id)) {
      offerOf.push(offer);
      prices.push(price);
    }
    yield;
  }
  return figuresOfPrices(offerOf, prices);
}

/** Of prices that have been made already, each with its offer. */
export const figuresOfPrices = (offerOf: readonly Offer[], prices: readonly Price[]): PriceFigures => {
  const at = (index: number): Price => prices[index] as Price;
  return {
    length: prices.length,
    offer: (index) => offerOf[index] as Offer,
    offerRank: undefined,
    category: (index) => at(index).category,
    termMonths: (index) => at(index).termMonths,
    payment: (index) => at(index).payment,
    amount: (index) => {
      const { amount } = at(index);
      return amount === null ? Number.NaN : Number(amount);
    },
    upfront: (index) => Number(at(index).upfront),
    currency: (index) => at(index).currency,
    observedAtMs: (index) => Date.parse(at(index).observedAt),
    lastSeenAtMs: (index) => Date.parse(at(index).confirmedAt ?? at(index).observedAt),
    isAgreed: (index) => isAgreed(at(index).layer),
    price: at,
    asOf: () => undefined,
  };
};
