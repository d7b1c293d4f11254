/** Prices in force in figures, for ranking and comparing, not for money: of a million of them an answer makes a handful into objects. */
import type { Offer } from '../domain/catalog/offers.ts';
import type { PriceFigures, PriceWish } from '../domain/catalog/price-figures.ts';
import type { Steps } from '../domain/steps.ts';
import type { BelievedStatements } from './believed-statements.ts';
import { int32Column } from './growing-column.ts';
import type { PriceColumns } from './price-columns.ts';
import { NONE, type PriceKind } from './price-identities.ts';
import type { PriceSeries } from './price-series.ts';

interface WantedFigures {
  /** In the order of their ids. */
  readonly offers: readonly Offer[];
  readonly atMs: number;
  readonly isWanted: PriceWish;
  /** Where a price is quoted in it. */
  readonly preferredCurrency: string;
}

/** Prices in force, by their place in the list. */
interface FoundPrices extends Pick<PriceFigures, 'length' | 'offer' | 'offerRank'> {
  /** Its number in the columns, and that of the statement in force. */
  price(index: number): number;
  row(index: number): number;
  readonly preferredCurrency: string;
}

/** Offers between two places where the work on them may be interrupted. */
const STEP = 256;

export function* figuresInForce(
  believed: BelievedStatements,
  series: PriceSeries,
  { offers, atMs, isWanted, preferredCurrency }: WantedFigures,
): Steps<PriceFigures> {
  const { columns } = believed;
  const { identities } = columns;
  const wanted = identities.kinds.values().map(isWanted);
  const offerNumbers = int32Column();
  const foundPrices = int32Column();
  const foundRows = int32Column();
  const numbers = numbersOf(columns, offers);
  for (const [number, { id }] of offers.entries()) {
    if (number % STEP === STEP - 1) yield;
    if (numbers[number] === NONE) numbers[number] = identities.offers.find(id) ?? NONE;
    const offer = numbers[number] as number;
    if (offer === NONE) continue;
    for (let price = identities.firstOfOfferNumber(offer); price !== NONE; price = identities.nextOfOffer(price)) {
      if (!believed.isKnown(price) || wanted[identities.kindNumber(price)] !== true) continue;
      const row = believed.inForceIn(price, atMs, preferredCurrency);
      if (row === undefined) continue;
      offerNumbers.push(number);
      foundPrices.push(price);
      foundRows.push(row);
    }
  }
  return figuresAt(atMs, believed, series, {
    length: foundRows.length,
    offer: (index) => offers[offerNumbers.at(index)] as Offer,
    offerRank: (index) => offerNumbers.at(index),
    price: (index) => foundPrices.at(index),
    row: (index) => foundRows.at(index),
    preferredCurrency,
  });
}

const numbersKept = new WeakMap<PriceColumns, WeakMap<readonly Offer[], Int32Array>>();

/** The numbers of offers in the columns, -1 where one has not been looked up or is not there: revisions ask again for the same list. */
const numbersOf = (columns: PriceColumns, offers: readonly Offer[]): Int32Array => {
  const ofColumns = numbersKept.get(columns) ?? new WeakMap<readonly Offer[], Int32Array>();
  numbersKept.set(columns, ofColumns);
  const known = ofColumns.get(offers) ?? new Int32Array(offers.length).fill(NONE);
  ofColumns.set(offers, known);
  return known;
};

const figuresAt = (
  atMs: number,
  believed: BelievedStatements,
  series: PriceSeries,
  found: FoundPrices,
): PriceFigures => {
  const { columns, revision } = believed;
  const { length, offer, offerRank, price: priceAt, row: rowAt, preferredCurrency } = found;
  const kind = (index: number): PriceKind => columns.identities.kind(priceAt(index));
  return {
    length,
    offer,
    offerRank,
    category: (index) => kind(index).category,
    termMonths: (index) => kind(index).termMonths,
    payment: (index) => kind(index).payment,
    amount: (index) => columns.amountAsNumber(rowAt(index)),
    upfront: (index) => columns.upfrontAsNumber(rowAt(index)),
    currency: (index) => columns.currency(rowAt(index)),
    observedAtMs: (index) => columns.observedAtMs(rowAt(index)),
    lastSeenAtMs: (index) => {
      const row = rowAt(index);
      return columns.confirmedAtMs(priceAt(index), row, atMs, revision) ?? columns.observedAtMs(row);
    },
    isAgreed: () => false,
    price: (index) => {
      const price = priceAt(index);
      const inForce = series.inForce(price, atMs, preferredCurrency);
      if (inForce === undefined)
        throw new Error(`Price ${columns.identities.id(price)} is in force and has no series.`);
      return inForce;
    },
    asOf: (at) => {
      const otherMs = Date.parse(at);
      const startOf = (ms: number): number | undefined => columns.starts.latest(ms, revision);
      return startOf(otherMs) === startOf(atMs) ? figuresAt(otherMs, believed, series, found) : undefined;
    },
  };
};

/** One price in force, in figures. */
export interface PriceFigure {
  readonly kind: PriceKind;
  readonly currency: string;
  /** Per unit of the whole offer; NaN where none is published. */
  readonly amount: number;
  readonly upfront: number;
}

/** Of one offer, in all its currencies. */
export function* figuresOfOffer(believed: BelievedStatements, offerId: string, atMs: number): Generator<PriceFigure> {
  const { columns } = believed;
  const { identities } = columns;
  for (let price = identities.firstOfOffer(offerId); price !== NONE; price = identities.nextOfOffer(price)) {
    if (!believed.isKnown(price)) continue;
    for (const row of believed.inForce(price, atMs)) {
      yield {
        kind: identities.kind(price),
        currency: columns.currency(row),
        amount: columns.amountAsNumber(row),
        upfront: columns.upfrontAsNumber(row),
      };
    }
  }
}
