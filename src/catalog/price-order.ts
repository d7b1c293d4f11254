/** All prices in the order of their ids, kept as prices are added: the cost follows the number added. */
import { atOnce, type Steps } from '../domain/steps.ts';
import { compareIds } from './entry.ts';
import { NONE, type PriceIdentities } from './price-identities.ts';
import { sorting } from './sorting.ts';

export class PriceOrder {
  readonly #prices: PriceIdentities;
  #order: Int32Array = new Int32Array(0);
  /** All prices that this revision knows are in order. */
  #upTo = 0;

  constructor(prices: PriceIdentities) {
    this.#prices = prices;
  }

  get bytes(): number {
    return this.#order.byteLength;
  }

  /** All prices that a revision knows, and maybe others. */
  knownIn(revision = Number.POSITIVE_INFINITY): Int32Array {
    if (revision > this.#upTo) atOnce(this.updating());
    return this.#order;
  }

  /**
   * Takes in what was added. Nothing may be added meanwhile.
   * @param upTo the revision up to which all have been added: later ones may be added while readers of it go on.
   */
  *updating(upTo = 0): Steps<void> {
    const before = this.#order;
    const added = this.#prices.size - before.length;
    if (added > 0) {
      const isMost = added * 20 > before.length;
      this.#order = isMost
        ? yield* this.#merging(yield* this.#sortingByOffer(), [...this.#prices.otherIds.keys()])
        : yield* this.#merging(
            before,
            Array.from({ length: added }, (_, index) => before.length + index),
          );
    }
    this.#upTo = Math.max(this.#upTo, upTo);
  }

  #compare(a: number, b: number): number {
    return compareIds(this.#prices.id(a), this.#prices.id(b));
  }

  *#merging(before: Int32Array, unsorted: number[]): Steps<Int32Array> {
    if (unsorted.length === 0) return before;
    const added = yield* sorting(unsorted, (a, b) => this.#compare(a, b));
    const merged = new Int32Array(before.length + added.length);
    let copied = 0;
    for (const [index, price] of added.entries()) {
      let low = copied;
      let high = before.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.#compare(before[middle] ?? 0, price) < 0) low = middle + 1;
        else high = middle;
      }
      merged.set(before.subarray(copied, low), copied + index);
      merged[low + index] = price;
      copied = low;
      yield;
    }
    merged.set(before.subarray(copied), copied + added.length);
    return merged;
  }

  /** The prices whose id is made of their offer's: by offer, which spares comparing whole ids, and by id where that differs. */
  *#sortingByOffer(): Steps<Int32Array> {
    const prices = this.#prices;
    const ids = prices.offers.values();
    const offers = yield* sorting([...ids.keys()], (a, b) => compareBeginnings(ids[a] as string, ids[b] as string));
    const order = new Int32Array(prices.size - prices.otherIds.size);
    let length = 0;
    /** Where the prices begin of an offer that others are in, as "a/b" is in "a". */
    let nested: { readonly from: number; readonly offerId: string } | undefined;
    for (const [index, offer] of offers.entries()) {
      const id = ids[offer] as string;
      if (nested !== undefined && !isIn(id, nested.offerId)) {
        order.subarray(nested.from, length).sort((a, b) => this.#compare(a, b));
        nested = undefined;
      }
      const from = length;
      for (let price = prices.firstOfOfferNumber(offer); price !== NONE; price = prices.nextOfOffer(price)) {
        if (prices.otherIds.size > 0 && prices.otherIds.has(price)) continue;
        order[length] = price;
        length += 1;
      }
      const next = offers[index + 1];
      if (nested === undefined && next !== undefined && isIn(ids[next] as string, id)) nested = { from, offerId: id };
      if (nested === undefined) this.#sortByEnding(order.subarray(from, length));
      yield;
    }
    if (nested !== undefined) order.subarray(nested.from, length).sort((a, b) => this.#compare(a, b));
    return order;
  }

  /** Prices of one offer, the last added first. */
  #sortByEnding(prices: Int32Array): void {
    prices.reverse();
    const ending = (price: number): string => this.#prices.ending(this.#prices.kindNumber(price));
    const compare = (a: number, b: number): number => compareIds(ending(a), ending(b));
    // Mostly they come in order.
    for (let index = 1; index < prices.length; index += 1) {
      if (compare(prices[index - 1] as number, prices[index] as number) > 0) {
        prices.sort(compare);
        return;
      }
    }
  }
}

const SLASH = 47;

/** Whether the prices of an offer are named as if it were one of another's: "a/b" is in "a". */
const isIn = (id: string, offerId: string): boolean =>
  id.length > offerId.length && id.charCodeAt(offerId.length) === SLASH && id.startsWith(offerId);

/** Ids of offers in the order of their prices, which begin with the id and a slash. */
const compareBeginnings = (a: string, b: string): number => {
  if (a === b) return 0;
  if (a < b) return b.charCodeAt(a.length) < SLASH && b.startsWith(a) ? 1 : -1;
  return a.charCodeAt(b.length) < SLASH && a.startsWith(b) ? -1 : 1;
};
