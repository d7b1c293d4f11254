/**
 * Every statement on every price, in columns: about a hundred bytes for a price with one amount. Only ever added to, so that all
 * revisions read from the same columns (price-reading.ts), each seeing what was stated up to it.
 */
import { type PriceAmount, type PriceCategory, type PriceIdentity, priceIdentityId } from '../domain/catalog/offers.ts';
import type { Provenance } from '../domain/catalog/provenance.ts';
import { CURRENCY } from '../domain/money.ts';
import { atOnce, type Steps } from '../domain/steps.ts';
import { type Confirmation, Confirmations } from './confirmations.ts';
import { type Decimal, DecimalColumn } from './decimal-column.ts';
import { compareIds } from './entry.ts';
import { float64Column, int32Column, uint8Column, uint16Column } from './growing-column.ts';
import { Interned } from './interned.ts';
import { Moments } from './moments.ts';
import { NumbersOfKeys } from './numbers-of-keys.ts';
import type { Step } from './price-timeline.ts';
import { sorting } from './sorting.ts';
import type { AmountState } from './tables.ts';
import { TextIndex } from './text-index.ts';

/** What a price pays for, whatever the offer; there are few different ones. */
export type PriceKind = Omit<PriceIdentity, 'id' | 'offerId'>;

interface PriceSource {
  readonly id: string;
  /** The lowest wins. */
  readonly precedence: number;
}

/** One statement as its source made it. */
export interface AmountStatement extends Step {
  readonly amount: Omit<PriceAmount, 'validFrom' | 'validTo'>;
}

/** One statement with what many share by number. Times are milliseconds since 1970. */
export interface AmountRow {
  readonly source: number;
  readonly currency: number;
  readonly provenance: number;
  readonly flags: number;
  readonly revision: number;
  readonly state: AmountState;
  readonly validFromMs: number;
  readonly amount: Decimal | null;
  readonly upfront: Decimal;
  readonly observedAtMs: number;
}

/** A price with the revision since which it is believed. */
export interface DatedPrice extends PriceIdentity, PriceAmount {
  readonly revision: number;
}

export interface Observation {
  readonly sourceId: string;
  readonly category: PriceCategory;
  readonly observedAtMs: number;
}

const NONE = -1;
/** Of a price that nothing is stated of yet. */
const UNBORN = 2 ** 31 - 1;
const STATES: readonly AmountState[] = ['in_force', 'withdrawn', 'void'];
export const IN_FORCE = STATES.indexOf('in_force');
export const VOID = STATES.indexOf('void');

export class PriceColumns {
  readonly offers = new Interned<string>((id) => id);
  readonly kinds = new Interned<PriceKind>((it) =>
    [it.category, it.termMonths, it.payment, it.tierFrom, it.unit].join(' '),
  );
  readonly sources = new Interned<PriceSource>(({ id }) => id);
  readonly currencies = new Interned<string>((code) => code);
  readonly #dollars = this.currencies.add(CURRENCY);
  readonly #foreign = int32Column();
  readonly provenances = new Interned<Provenance>((it) =>
    JSON.stringify([it.source, it.sourceDate, it.confidence, it.licence, it.notes]),
  );
  readonly flags = new Interned<readonly string[]>((flags) => JSON.stringify(flags));
  /** The moments at which an answer may change: prices start or end, or a confirmation begins to count. */
  readonly moments = new Moments();
  /** Those of them at which prices start or end. */
  readonly starts = new Moments();
  /** Row numbers of prices by their keys in the database, for reading further revisions. */
  readonly numbersOfKeys = new NumbersOfKeys();
  readonly #confirmations = new Confirmations();

  // One element for each price.
  readonly #offerOf = int32Column();
  readonly #kindOf = uint16Column();
  readonly #bornIn = int32Column();
  readonly #firstRow = int32Column();
  readonly #lastRow = int32Column();
  readonly #nextOfOffer = int32Column();
  /** By kind number: how the ids of its prices end. */
  readonly #endings: string[] = [];
  /** Ids that are not made of offer and kind. */
  readonly #otherIds = new Map<number, string>();
  readonly #byId = new TextIndex((price) => this.id(price));
  /** By offer number. */
  readonly #firstOfOffer = int32Column();

  /** The latest observation of each kind of price by each source, by source and then kind. */
  readonly #newest: Map<number, number>[] = [];

  // One element for each statement.
  readonly #sourceOf = uint16Column();
  readonly #currencyOf = uint8Column();
  readonly #stateOf = uint8Column();
  readonly #revisionOf = int32Column();
  readonly #validFrom = float64Column();
  readonly #amount = new DecimalColumn();
  readonly #upfront = new DecimalColumn();
  readonly #observedAt = float64Column();
  readonly #provenanceOf = int32Column();
  readonly #flagsOf = uint16Column();
  readonly #nextRow = int32Column();

  #inOrder: Int32Array = new Int32Array(0);
  /** All prices that this revision knows are in order. */
  #orderedUpTo = 0;

  /** Prices, numbered from 0 in the order in which they came. */
  get size(): number {
    return this.#offerOf.length;
  }

  /** Statements, numbered likewise. */
  get rowCount(): number {
    return this.#nextRow.length;
  }

  /** Bytes of the columns, without what is interned. */
  get bytes(): number {
    return [
      ...[this.#offerOf, this.#kindOf, this.#bornIn, this.#firstRow, this.#lastRow, this.#nextOfOffer],
      ...[this.#byId, this.#firstOfOffer, this.#sourceOf, this.#currencyOf, this.#stateOf, this.#revisionOf],
      ...[this.#validFrom, this.#amount, this.#upfront, this.#observedAt, this.#provenanceOf, this.#flagsOf],
      ...[this.#nextRow, this.numbersOfKeys, this.#foreign],
    ].reduce((total, { bytes }) => total + bytes, this.#inOrder.byteLength);
  }

  find(id: string): number | undefined {
    return this.#byId.find(id);
  }

  /** The number of a price, which is added where it is not there yet. */
  addPrice(identity: PriceIdentity, revision: number): number {
    const known = this.#byId.find(identity.id);
    if (known !== undefined) {
      if (revision < this.#bornIn.at(known)) this.#bornIn.set(known, revision);
      return known;
    }
    const { id, offerId, category, termMonths, payment, tierFrom, unit } = identity;
    const offer = this.offers.add(offerId);
    const kind = this.kinds.add({ category, termMonths, payment, tierFrom, unit });
    const price = this.#append(offer, kind, offerId + this.ending(kind) === id ? undefined : id);
    this.#bornIn.set(price, revision);
    this.#byId.add(id, price);
    return price;
  }

  /**
   * Adds a price that is not there yet, by numbers in `offers` and `kinds`. Nobody sees it before something is stated of it.
   * @param idHash of the id in UTF-8, by `hashOfBytes`.
   * @param otherId where the id is not made of offer and kind.
   */
  addHashedPrice(offer: number, kind: number, idHash: number, otherId?: string): number {
    const price = this.#append(offer, kind, otherId);
    this.#byId.addHashed(idHash, price);
    return price;
  }

  #append(offer: number, kind: number, otherId: string | undefined): number {
    const price = this.size;
    while (this.#firstOfOffer.length <= offer) this.#firstOfOffer.push(NONE);
    this.#offerOf.push(offer);
    this.#kindOf.push(kind);
    this.#bornIn.push(UNBORN);
    this.#firstRow.push(NONE);
    this.#lastRow.push(NONE);
    this.#nextOfOffer.push(this.#firstOfOffer.at(offer));
    this.#firstOfOffer.set(offer, price);
    if (otherId !== undefined) this.#otherIds.set(price, otherId);
    return price;
  }

  addStatement(price: number, { precedence, revision, state, validFromMs, amount }: AmountStatement): void {
    const { source, sourceDate, confidence, licence, notes } = amount;
    this.addRow(price, {
      source: this.sources.add({ id: amount.sourceId, precedence }),
      currency: this.currencies.add(amount.currency),
      provenance: this.provenances.add({ source, sourceDate, confidence, licence, notes }),
      flags: this.flags.add(amount.flags),
      revision,
      state,
      validFromMs,
      amount: amount.amount,
      upfront: amount.upfront,
      observedAtMs: Date.parse(amount.observedAt),
    });
  }

  /** Does nothing when the statement is there already, so that reading that was broken off can begin anew. */
  addRow(price: number, row: AmountRow): void {
    const last = this.#lastRow.at(price);
    let isForeign = false;
    for (let known = this.#firstRow.at(price); known !== NONE; known = this.#nextRow.at(known)) {
      if (
        this.#revisionOf.at(known) === row.revision &&
        this.#validFrom.at(known) === row.validFromMs &&
        this.#sourceOf.at(known) === row.source &&
        this.#currencyOf.at(known) === row.currency
      ) {
        return;
      }
      isForeign ||= this.#currencyOf.at(known) !== this.#dollars;
    }
    if (row.currency !== this.#dollars && !isForeign) this.#foreign.push(price);
    const number = this.rowCount;
    if (row.state === 'in_force') this.#noteObservation(row.source, this.#kindOf.at(price), row.observedAtMs);
    if (row.revision < this.#bornIn.at(price)) this.#bornIn.set(price, row.revision);
    this.#sourceOf.push(row.source);
    this.#currencyOf.push(row.currency);
    this.#stateOf.push(STATES.indexOf(row.state));
    this.#revisionOf.push(row.revision);
    this.#validFrom.push(row.validFromMs);
    this.#amount.push(row.amount);
    this.#upfront.push(row.upfront);
    this.#observedAt.push(row.observedAtMs);
    this.#provenanceOf.push(row.provenance);
    this.#flagsOf.push(row.flags);
    this.#nextRow.push(NONE);
    if (last === NONE) this.#firstRow.set(price, number);
    else this.#nextRow.set(last, number);
    this.#lastRow.set(price, number);
    this.moments.add(row.validFromMs, row.revision);
    this.starts.add(row.validFromMs, row.revision);
  }

  #noteObservation(source: number, kind: number, observedAtMs: number): void {
    let newest = this.#newest[source];
    if (newest === undefined) {
      newest = new Map();
      this.#newest[source] = newest;
    }
    if (observedAtMs > (newest.get(kind) ?? Number.NEGATIVE_INFINITY)) newest.set(kind, observedAtMs);
  }

  /** Prices that any statement is in another currency of than US dollars, of whatever revision. There are seldom any. */
  *foreign(): Generator<number> {
    for (let index = 0; index < this.#foreign.length; index += 1) yield this.#foreign.at(index);
  }

  addConfirmation(source: number, category: PriceCategory, confirmation: Confirmation): void {
    this.#confirmations.add(source, category, confirmation);
    this.moments.add(confirmation.countsFromMs, confirmation.revision);
  }

  /** When a statement was last confirmed, as known at a moment and a revision; undefined where it was not since it was observed. */
  confirmedAtMs(price: number, row: number, atMs: number, revision: number): number | undefined {
    const source = this.#sourceOf.at(row);
    if (!this.#confirmations.has(source)) return undefined;
    const statement = {
      category: this.kind(price).category,
      offerId: this.offerId(price),
      priceId: () => this.id(price),
      revision: this.#revisionOf.at(row),
    };
    const found = this.#confirmations.lastOf(source, statement, atMs, revision);
    return found !== undefined && found > this.#observedAt.at(row) ? found : undefined;
  }

  /** When each source last looked at each class of its prices. */
  newestObservations(): readonly Observation[] {
    return this.#newest.flatMap((ofKinds, source) => {
      const ofClasses = new Map<PriceCategory, number>();
      for (const [kind, observedAtMs] of ofKinds) {
        const { category } = this.kinds.at(kind);
        ofClasses.set(category, Math.max(ofClasses.get(category) ?? 0, observedAtMs));
      }
      for (const [category, confirmedAtMs] of this.#confirmations.newest(source)) {
        ofClasses.set(category, Math.max(ofClasses.get(category) ?? 0, confirmedAtMs));
      }
      const sourceId = this.sources.at(source).id;
      return [...ofClasses].map(([category, observedAtMs]) => ({ sourceId, category, observedAtMs }));
    });
  }

  id(price: number): string {
    return this.#otherIds.get(price) ?? this.offerId(price) + this.ending(this.#kindOf.at(price));
  }

  /** What follows the id of an offer in the ids of its prices of a kind. */
  ending(kind: number): string {
    const known = this.#endings[kind];
    if (known !== undefined) return known;
    const made = priceIdentityId({ offerId: '', ...this.kinds.at(kind) });
    this.#endings[kind] = made;
    return made;
  }

  identity(price: number): PriceIdentity {
    return { id: this.id(price), offerId: this.offerId(price), ...this.kind(price) };
  }

  offerNumber(price: number): number {
    return this.#offerOf.at(price);
  }

  offerId(price: number): string {
    return this.offers.at(this.#offerOf.at(price));
  }

  kindNumber(price: number): number {
    return this.#kindOf.at(price);
  }

  kind(price: number): PriceKind {
    return this.kinds.at(this.#kindOf.at(price));
  }

  /** The revision that brought the price. */
  bornIn(price: number): number {
    return this.#bornIn.at(price);
  }

  /** Prices of an offer in the order of their ids. */
  ofOffer(offerId: string): readonly number[] {
    const offer = this.offers.find(offerId);
    const prices: number[] = [];
    if (offer === undefined) return prices;
    for (let price = this.#firstOfOffer.at(offer); price !== NONE; price = this.#nextOfOffer.at(price)) {
      prices.push(price);
    }
    return prices.length < 2 ? prices : prices.sort((a, b) => compareIds(this.id(a), this.id(b)));
  }

  /** The first of the prices of an offer, in no order; -1 where it has none. */
  firstOfOffer(offerId: string): number {
    const offer = this.offers.find(offerId);
    return offer === undefined ? NONE : this.firstOfOfferNumber(offer);
  }

  firstOfOfferNumber(offer: number): number {
    return offer < this.#firstOfOffer.length ? this.#firstOfOffer.at(offer) : NONE;
  }

  /** -1 after the last. */
  nextOfOffer(price: number): number {
    return this.#nextOfOffer.at(price);
  }

  /** -1 where nothing is stated of the price. */
  firstRow(price: number): number {
    return this.#firstRow.at(price);
  }

  lastRow(price: number): number {
    return this.#lastRow.at(price);
  }

  /** The next statement on the same price, in the order of arrival; -1 after the last. */
  nextRow(row: number): number {
    return this.#nextRow.at(row);
  }

  sourceNumber(row: number): number {
    return this.#sourceOf.at(row);
  }

  currencyNumber(row: number): number {
    return this.#currencyOf.at(row);
  }

  revision(row: number): number {
    return this.#revisionOf.at(row);
  }

  stateNumber(row: number): number {
    return this.#stateOf.at(row);
  }

  state(row: number): AmountState {
    return STATES[this.#stateOf.at(row)] ?? 'void';
  }

  validFromMs(row: number): number {
    return this.#validFrom.at(row);
  }

  observedAtMs(row: number): number {
    return this.#observedAt.at(row);
  }

  /** NaN where there is no amount. For sorting, not for money. */
  amountAsNumber(row: number): number {
    return this.#amount.numberAt(row);
  }

  /** For sorting, not for money. */
  upfrontAsNumber(row: number): number {
    return this.#upfront.numberAt(row);
  }

  /** The price that a statement makes where it wins from `fromMs` to `toMs`. */
  datedPrice(price: number, row: number, fromMs: number, toMs: number, confirmedAtMs: number | undefined): DatedPrice {
    const identity = this.identity(price);
    return {
      ...identity,
      priceId: identity.id,
      amount: this.#amount.at(row),
      upfront: this.#upfront.at(row) ?? '0',
      currency: this.currencies.at(this.#currencyOf.at(row)),
      sourceId: this.sources.at(this.#sourceOf.at(row)).id,
      observedAt: new Date(this.#observedAt.at(row)).toISOString(),
      ...(confirmedAtMs !== undefined && { confirmedAt: new Date(confirmedAtMs).toISOString() }),
      flags: this.flags.at(this.#flagsOf.at(row)),
      ...this.provenances.at(this.#provenanceOf.at(row)),
      validFrom: new Date(fromMs).toISOString(),
      validTo: toMs === Number.POSITIVE_INFINITY ? null : new Date(toMs).toISOString(),
      revision: this.#revisionOf.at(row),
    };
  }

  /** All prices that a revision knows, and maybe others, in the order of their ids; after an addition the cost follows the number added. */
  inOrder(revision = Number.POSITIVE_INFINITY): Int32Array {
    if (revision > this.#orderedUpTo) atOnce(this.ordering());
    return this.#inOrder;
  }

  /**
   * Puts the prices in order. None may be added meanwhile.
   * @param upTo the revision up to which all have been added: later ones may be added while readers of it go on.
   */
  *ordering(upTo = 0): Steps<void> {
    const before = this.#inOrder;
    const added = this.size - before.length;
    if (added > 0) {
      const isMost = added * 20 > before.length;
      this.#inOrder = isMost
        ? yield* this.#merging(yield* this.#sortingByOffer(), [...this.#otherIds.keys()])
        : yield* this.#merging(
            before,
            Array.from({ length: added }, (_, index) => before.length + index),
          );
    }
    this.#orderedUpTo = Math.max(this.#orderedUpTo, upTo);
  }

  #compare(a: number, b: number): number {
    return compareIds(this.id(a), this.id(b));
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
    const ids = this.offers.values();
    const offers = yield* sorting([...ids.keys()], (a, b) => compareBeginnings(ids[a] as string, ids[b] as string));
    const order = new Int32Array(this.size - this.#otherIds.size);
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
      for (let price = this.#firstOfOffer.at(offer); price !== NONE; price = this.#nextOfOffer.at(price)) {
        if (this.#otherIds.size > 0 && this.#otherIds.has(price)) continue;
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
    const compare = (a: number, b: number): number =>
      compareIds(this.ending(this.#kindOf.at(a)), this.ending(this.#kindOf.at(b)));
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

interface PriceStatements {
  readonly identity: PriceIdentity;
  readonly statements: readonly AmountStatement[];
}

export const priceColumnsOf = (prices: readonly PriceStatements[], revision: number): PriceColumns => {
  const columns = new PriceColumns();
  for (const { identity, statements } of prices) {
    const born = statements.reduce((first, one) => Math.min(first, one.revision), revision);
    const price = columns.addPrice(identity, born);
    for (const statement of statements) columns.addStatement(price, statement);
  }
  return columns;
};
