/** Prices narrowed down to those that pass, for lists and exports. */
import type { Offer } from '../domain/catalog/offers.ts';
import type { Steps } from '../domain/steps.ts';
import type { BelievedStatements } from './believed-statements.ts';
import { int32Column } from './growing-column.ts';
import type { DatedPrice, PriceColumns } from './price-columns.ts';
import type { PriceKind } from './price-identities.ts';
import type { PriceSeries } from './price-series.ts';

/** Who says what a price is, and in which money. */
export interface Quote {
  readonly currency: string;
  readonly sourceId: string;
}

/** What a list of prices is narrowed down to; each part is asked once for what it is about, not once for each price. */
export interface PriceTests {
  readonly offer: (offer: Offer) => boolean;
  readonly kind: (kind: PriceKind) => boolean;
  readonly quote: (quote: Quote) => boolean;
}

/** The offer with an id, where there is one. */
export type OfferLookUp = (id: string) => Offer | undefined;

/** Prices in force at a moment, by id and then currency. Made into objects one by one. */
export interface PriceSelection {
  readonly length: number;
  id(index: number): string;
  currency(index: number): string;
  /** NaN where there is no amount. For sorting, not for money. */
  amountAsNumber(index: number): number;
  observedAtMs(index: number): number;
  price(index: number): DatedPrice;
}

/** Prices between two places where the work on them may be interrupted. */
const STEP = 256;

export function* selectedInForce(
  believed: BelievedStatements,
  series: PriceSeries,
  atMs: number,
  tests: PriceTests,
  offer: OfferLookUp,
): Steps<PriceSelection> {
  const { columns, revision } = believed;
  const passes = passing(columns, tests, offer);
  const foundPrices = int32Column();
  const foundRows = int32Column();
  for (const [number, price] of columns.order.knownIn(revision).entries()) {
    if (number % STEP === STEP - 1) yield;
    if (!passes(price)) continue;
    for (const row of believed.inForce(price, atMs)) {
      if (!tests.quote(quoteOf(columns, row))) continue;
      foundPrices.push(price);
      foundRows.push(row);
    }
  }
  const rowAt = (index: number): number => foundRows.at(index);
  const priceAt = (index: number): number => foundPrices.at(index);
  const id = (index: number): string => columns.identities.id(priceAt(index));
  const currency = (index: number): string => columns.currency(rowAt(index));
  return {
    length: foundRows.length,
    id,
    currency,
    amountAsNumber: (index) => columns.amountAsNumber(rowAt(index)),
    observedAtMs: (index) => columns.observedAtMs(rowAt(index)),
    price: (index) => {
      const price = series.inForceIn(priceAt(index), atMs, currency(index));
      if (price === undefined) throw new Error(`Price ${id(index)} is in force and has no series.`);
      return price;
    },
  };
}

/** Whether the offer and the kind of a price pass. */
export const passing = ({ identities }: PriceColumns, tests: PriceTests, offer: OfferLookUp) => {
  const offerPasses = askedOnce(tests.offer, (number) => offer(identities.offers.at(number)));
  const kindPasses = askedOnce(tests.kind, (number) => identities.kinds.at(number));
  return (price: number): boolean =>
    kindPasses(identities.kindNumber(price)) && offerPasses(identities.offerNumber(price));
};

const askedOnce = <T>(test: (value: T) => boolean, lookUp: (number: number) => T | undefined) => {
  const known: (boolean | undefined)[] = [];
  return (number: number): boolean => {
    let answer = known[number];
    if (answer === undefined) {
      const value = lookUp(number);
      answer = value !== undefined && test(value);
      known[number] = answer;
    }
    return answer;
  };
};

export const quoteOf = (columns: PriceColumns, row: number): Quote => ({
  currency: columns.currency(row),
  sourceId: columns.source(row).id,
});
