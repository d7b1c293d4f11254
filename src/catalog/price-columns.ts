/**
 * Every statement on every price, in columns: about a hundred bytes for a price with one amount. Only ever added to, so that all
 * revisions read from the same columns (price-reading.ts), each seeing what was stated up to it.
 */
import { type PriceAmount, type PriceCategory, type PriceIdentity, priceIdentityId } from '../domain/catalog/offers.ts';
import type { Provenance } from '../domain/catalog/provenance.ts';
import { type Confirmation, Confirmations } from './confirmations.ts';
import { DecimalColumn } from './decimal-column.ts';
import { compareIds } from './entry.ts';
import { float64Column, int32Column, uint8Column, uint16Column } from './growing-column.ts';
import { Interned } from './interned.ts';
import { Moments } from './moments.ts';
import { NumbersOfKeys } from './numbers-of-keys.ts';
import type { Step } from './price-timeline.ts';
import { atOnce, type Steps } from './slices.ts';
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
  readonly amount: string | null;
  readonly upfront: string;
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
  readonly provenances = new Interned<Provenance>((it) =>
    JSON.stringify([it.source, it.sourceDate, it.confidence, it.licence, it.notes]),
  );
  readonly flags = new Interned<readonly string[]>((flags) => JSON.stringify(flags));
  /** The moments at which an answer may change: prices start or end, or a confirmation begins to count. */
  readonly moments = new Moments();
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
      ...[this.#nextRow, this.numbersOfKeys],
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
    const price = this.size;
    const offer = this.offers.add(offerId);
    if (offer === this.#firstOfOffer.length) this.#firstOfOffer.push(NONE);
    this.#offerOf.push(offer);
    this.#kindOf.push(this.kinds.add({ category, termMonths, payment, tierFrom, unit }));
    this.#bornIn.push(revision);
    this.#firstRow.push(NONE);
    this.#lastRow.push(NONE);
    this.#nextOfOffer.push(this.#firstOfOffer.at(offer));
    this.#firstOfOffer.set(offer, price);
    if (priceIdentityId(identity) !== id) this.#otherIds.set(price, id);
    this.#byId.add(id, price);
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
    for (let known = this.#firstRow.at(price); known !== NONE; known = this.#nextRow.at(known)) {
      if (
        this.#revisionOf.at(known) === row.revision &&
        this.#validFrom.at(known) === row.validFromMs &&
        this.#sourceOf.at(known) === row.source &&
        this.#currencyOf.at(known) === row.currency
      ) {
        return;
      }
    }
    const number = this.rowCount;
    const newest = this.#newest[row.source] ?? new Map<number, number>();
    this.#newest[row.source] = newest;
    const kind = this.#kindOf.at(price);
    if (row.state === 'in_force') newest.set(kind, Math.max(newest.get(kind) ?? 0, row.observedAtMs));
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
    return this.#otherIds.get(price) ?? priceIdentityId({ offerId: this.offerId(price), ...this.kind(price) });
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
    return offer === undefined ? NONE : this.#firstOfOffer.at(offer);
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

  /** All prices in the order of their ids; after an addition the cost follows the number added. */
  inOrder(): Int32Array {
    atOnce(this.ordering());
    return this.#inOrder;
  }

  /** Puts the prices in order. Nothing may be added meanwhile. */
  *ordering(): Steps<void> {
    const added = this.size - this.#inOrder.length;
    if (added === 0) return;
    const before = this.#inOrder;
    const isMost = added * 20 > before.length;
    this.#inOrder = isMost
      ? this.#merged(yield* this.#sortedByOffer(), [...this.#otherIds.keys()])
      : this.#merged(
          before,
          Array.from({ length: added }, (_, index) => before.length + index),
        );
  }

  #compare(a: number, b: number): number {
    return compareIds(this.id(a), this.id(b));
  }

  #merged(before: Int32Array, added: number[]): Int32Array {
    if (added.length === 0) return before;
    added.sort((a, b) => this.#compare(a, b));
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
    }
    merged.set(before.subarray(copied), copied + added.length);
    return merged;
  }

  /** The prices whose id is made of their offer's: by offer, which spares comparing whole ids, and by id where that differs. */
  *#sortedByOffer(): Steps<Int32Array> {
    const beginnings: { readonly offer: number; readonly beginning: string }[] = [];
    for (const [offer, id] of this.offers.values().entries()) {
      beginnings.push({ offer, beginning: `${id}/` });
      yield;
    }
    beginnings.sort((a, b) => compareIds(a.beginning, b.beginning));
    const order = new Int32Array(this.size - this.#otherIds.size);
    let length = 0;
    /** Where the prices begin whose offer's beginning is one of all the later ones, like "a/" of "a/b/". */
    let nested: { readonly from: number; readonly beginning: string } | undefined;
    const sortFrom = (from: number): void => {
      order.subarray(from, length).sort((a, b) => this.#compare(a, b));
    };
    for (const [index, { offer, beginning }] of beginnings.entries()) {
      if (nested !== undefined && !beginning.startsWith(nested.beginning)) {
        sortFrom(nested.from);
        nested = undefined;
      }
      if (nested === undefined && beginnings[index + 1]?.beginning.startsWith(beginning)) {
        nested = { from: length, beginning };
      }
      const from = length;
      for (let price = this.#firstOfOffer.at(offer); price !== NONE; price = this.#nextOfOffer.at(price)) {
        if (this.#otherIds.has(price)) continue;
        order[length] = price;
        length += 1;
      }
      if (nested === undefined && length - from > 1) sortFrom(from);
      yield;
    }
    if (nested !== undefined) sortFrom(nested.from);
    return order;
  }
}

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
