/**
 * Prices of a device with a price book laid over them (price-layers.ts), in figures. A discount is taken off the figure of the list price; only what
 * contracts, private lists and agreements say of an offer is made into prices first. Of what is ranked by figures the exact prices decide where
 * figures are too near to tell.
 */
import type { Offer, Price } from '../catalog/offers.ts';
import { figuresOfPrices, type PriceFigures, type PriceWish } from '../catalog/price-figures.ts';
import type { Steps } from '../steps.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { rateAt } from './exchange-rate.ts';
import { countOf, type Discount, holds, type PriceBook, selects } from './price-book.ts';

interface Asked {
  readonly at: string;
  readonly currency: string;
  readonly isWanted: PriceWish;
  /** With the book laid over them. */
  readonly pricesOfOffer: (offerId: string) => readonly Price[];
}

/** Offers between two places where the work on them may be interrupted. */
const STEP = 64;

/**
 * @param listed wanted prices of the public list, by offer
 * @param offers all of the device, in the order of `listed`, those of agreements after them
 */
export function* layeredFigures(
  listed: PriceFigures,
  offers: readonly Offer[],
  book: PriceBook,
  { at, currency, isWanted, pricesOfOffer }: Asked,
): Steps<PriceFigures> {
  const paying = new Paying(book, at, currency);
  const contracts = book.contracts.filter((contract) => holds(contract, at));
  const isSpokenOf = (offer: Offer): boolean =>
    offer.purchaseTerms !== undefined ||
    contracts.some(({ selector, category }) => selects(selector, offer, category)) ||
    (book.privateList?.pricesOfOffer(offer.id, at, currency) ?? []).length > 0;

  const madeOffers: Offer[] = [];
  const made: Price[] = [];
  const places = new Int32Array(listed.length);
  let taken = 0;
  let next = 0;
  for (const [number, offer] of offers.entries()) {
    if (number % STEP === STEP - 1) yield;
    const isMade = isSpokenOf(offer);
    for (; next < listed.length && listed.offer(next).id === offer.id; next++) {
      if (!isMade) places[taken++] = next;
    }
    if (!isMade) continue;
    for (const price of pricesOfOffer(offer.id).filter(isWanted)) {
      madeOffers.push(offer);
      made.push(price);
    }
  }
  const amounts = new Float64Array(taken);
  const upfronts = new Float64Array(taken);
  for (let index = 0; index < taken; index++) {
    if (index % STEP === STEP - 1) yield;
    const figure = paying.figure(listed, places[index] as number);
    amounts[index] = figure.amount;
    upfronts[index] = figure.upfront;
  }
  const ofMade = figuresOfPrices(madeOffers, made);
  const place = (index: number): number => places[index] as number;
  const either =
    <Value>(ofListed: (index: number) => Value, ofOther: (index: number) => Value) =>
    (index: number): Value =>
      index < taken ? ofListed(index) : ofOther(index - taken);
  return {
    length: taken + ofMade.length,
    offer: either((index) => listed.offer(place(index)), ofMade.offer),
    offerRank: undefined,
    category: either((index) => listed.category(place(index)), ofMade.category),
    termMonths: either((index) => listed.termMonths(place(index)), ofMade.termMonths),
    payment: either((index) => listed.payment(place(index)), ofMade.payment),
    amount: either((index) => amounts[index] as number, ofMade.amount),
    upfront: either((index) => upfronts[index] as number, ofMade.upfront),
    currency: either((index) => paying.currency(listed.currency(place(index))), ofMade.currency),
    observedAtMs: either((index) => listed.observedAtMs(place(index)), ofMade.observedAtMs),
    lastSeenAtMs: either((index) => listed.lastSeenAtMs(place(index)), ofMade.lastSeenAtMs),
    isAgreed: either(() => false, ofMade.isAgreed),
    price: either((index) => {
      const { id, offerId } = listed.price(place(index));
      return pricesOfOffer(offerId).find((price) => price.id === id) as Price;
    }, ofMade.price),
    asOf: () => undefined,
  };
}

interface Figure {
  readonly amount: number;
  readonly upfront: number;
}

/** What is paid for list prices, as price-layers.ts says it in decimals: the least that discounts leave, at the book's rate for a currency. */
class Paying {
  readonly #book: PriceBook;
  readonly #at: string;
  readonly #currency: string;
  readonly #discounts: readonly Discount[];
  readonly #rates = new Map<string, number | undefined>();

  constructor(book: PriceBook, at: string, currency: string) {
    this.#book = book;
    this.#at = at;
    this.#currency = currency;
    this.#discounts = book.discounts.filter((discount) => holds(discount, at));
  }

  figure(listed: PriceFigures, index: number): Figure {
    const offer = listed.offer(index);
    const category = listed.category(index);
    const currency = listed.currency(index);
    const months = listed.termMonths(index);
    const list = { amount: listed.amount(index), upfront: listed.upfront(index) };
    const whole = ({ amount, upfront }: Figure): number =>
      amount + (months > 0 ? upfront / (months * HOURS_PER_MONTH) : 0);
    let best: Figure | undefined;
    for (const discount of this.#discounts) {
      if (!selects(discount.selector, offer, category)) continue;
      const left = this.#left(discount, offer, list, currency);
      if (left !== undefined && (best === undefined || whole(left) < whole(best))) best = left;
    }
    const { amount, upfront } = best ?? list;
    const rate = this.#rate(currency, this.#currency) ?? 1;
    return { amount: amount * rate, upfront: upfront * rate };
  }

  /** That of the list where the book has no rate. */
  currency(ofList: string): string {
    return this.#rate(ofList, this.#currency) === undefined ? ofList : this.#currency;
  }

  #left(discount: Discount, offer: Offer, { amount, upfront }: Figure, currency: string): Figure | undefined {
    if ('percent' in discount) {
      const share = (100 - Number(discount.percent)) / 100;
      return { amount: amount * share, upfront: upfront * share };
    }
    const count = countOf(discount.per, offer);
    const rate = this.#rate(discount.currency, currency);
    if (count === undefined || rate === undefined) return undefined;
    return { amount: Math.max(0, amount - Number(discount.amountOff) * count * rate), upfront };
  }

  #rate(from: string, to: string): number | undefined {
    if (from === to) return 1;
    const key = `${from} ${to}`;
    if (!this.#rates.has(key)) {
      const found = rateAt(this.#book.exchangeRates, from, to, this.#at);
      this.#rates.set(key, found === undefined ? undefined : Number(found.rate));
    }
    return this.#rates.get(key);
  }
}
