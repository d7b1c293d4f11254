/**
 * Every statement on every price, in columns: about a hundred bytes for a price with one amount. Only ever added to, so that all
 * revisions read from the same columns (price-reading.ts), each seeing what was stated up to it.
 */
import type { PriceAmount, PriceCategory, PriceIdentity } from '../domain/catalog/offers.ts';
import type { Provenance } from '../domain/catalog/provenance.ts';
import { CURRENCY } from '../domain/money.ts';
import { type Confirmation, Confirmations } from './confirmations.ts';
import { type Decimal, DecimalColumn } from './decimal-column.ts';
import { float64Column, int32Column, uint8Column, uint16Column } from './growing-column.ts';
import { Interned } from './interned.ts';
import { Moments } from './moments.ts';
import { NumbersOfKeys } from './numbers-of-keys.ts';
import { NONE, PriceIdentities } from './price-identities.ts';
import { PriceOrder } from './price-order.ts';
import type { Step } from './price-timeline.ts';
import type { AmountState } from './tables.ts';

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

/** Of a price that nothing is stated of yet. */
const UNBORN = 2 ** 31 - 1;
const STATES: readonly AmountState[] = ['in_force', 'withdrawn', 'void'];
export const IN_FORCE = STATES.indexOf('in_force');
export const VOID = STATES.indexOf('void');

export class PriceColumns {
  readonly identities = new PriceIdentities();
  readonly order = new PriceOrder(this.identities);
  readonly sources = new Interned<PriceSource>(({ id }) => id);
  readonly currencies = new Interned<string>((code) => code);
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
  /** The latest observation of each kind of price by each source, by source and then kind. */
  readonly #newest: Map<number, number>[] = [];
  readonly #dollars = this.currencies.add(CURRENCY);
  /** Prices with a statement in another currency. */
  readonly #foreign = int32Column();

  // One element for each price.
  readonly #bornIn = int32Column();
  readonly #firstRow = int32Column();
  readonly #lastRow = int32Column();

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

  /** Statements, numbered from 0 in the order in which they came. */
  get rowCount(): number {
    return this.#nextRow.length;
  }

  /** Bytes of the columns, without what is interned. */
  get bytes(): number {
    return [
      ...[this.identities, this.order, this.#bornIn, this.#firstRow, this.#lastRow],
      ...[this.#sourceOf, this.#currencyOf, this.#stateOf, this.#revisionOf, this.#validFrom, this.#amount],
      ...[this.#upfront, this.#observedAt, this.#provenanceOf, this.#flagsOf, this.#nextRow],
      ...[this.numbersOfKeys, this.#foreign],
    ].reduce((total, { bytes }) => total + bytes, 0);
  }

  /** The number of a price, which is added where it is not there yet. */
  addPrice(identity: PriceIdentity, revision: number): number {
    const price = this.identities.add(identity);
    if (price === this.#bornIn.length) this.#appendUnborn();
    if (revision < this.#bornIn.at(price)) this.#bornIn.set(price, revision);
    return price;
  }

  /** As `identities.addHashed`. Nobody sees the price before something is stated of it. */
  addHashedPrice(offer: number, kind: number, idHash: number, otherId?: string): number {
    const price = this.identities.addHashed(offer, kind, idHash, otherId);
    if (price === this.#bornIn.length) this.#appendUnborn();
    return price;
  }

  #appendUnborn(): void {
    this.#bornIn.push(UNBORN);
    this.#firstRow.push(NONE);
    this.#lastRow.push(NONE);
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
    if (row.state === 'in_force')
      this.#noteObservation(row.source, this.identities.kindNumber(price), row.observedAtMs);
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
      category: this.identities.kind(price).category,
      offerId: this.identities.offerId(price),
      priceId: () => this.identities.id(price),
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
        const { category } = this.identities.kinds.at(kind);
        ofClasses.set(category, Math.max(ofClasses.get(category) ?? 0, observedAtMs));
      }
      for (const [category, confirmedAtMs] of this.#confirmations.newest(source)) {
        ofClasses.set(category, Math.max(ofClasses.get(category) ?? 0, confirmedAtMs));
      }
      const sourceId = this.sources.at(source).id;
      return [...ofClasses].map(([category, observedAtMs]) => ({ sourceId, category, observedAtMs }));
    });
  }

  /** The revision that brought the price. */
  bornIn(price: number): number {
    return this.#bornIn.at(price);
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

  source(row: number): PriceSource {
    return this.sources.at(this.#sourceOf.at(row));
  }

  currencyNumber(row: number): number {
    return this.#currencyOf.at(row);
  }

  currency(row: number): string {
    return this.currencies.at(this.#currencyOf.at(row));
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
    const identity = this.identities.of(price);
    return {
      ...identity,
      priceId: identity.id,
      amount: this.#amount.at(row),
      upfront: this.#upfront.at(row) ?? '0',
      currency: this.currency(row),
      sourceId: this.source(row).id,
      observedAt: new Date(this.#observedAt.at(row)).toISOString(),
      ...(confirmedAtMs !== undefined && { confirmedAt: new Date(confirmedAtMs).toISOString() }),
      flags: this.flags.at(this.#flagsOf.at(row)),
      ...this.provenances.at(this.#provenanceOf.at(row)),
      validFrom: new Date(fromMs).toISOString(),
      validTo: toMs === Number.POSITIVE_INFINITY ? null : new Date(toMs).toISOString(),
      revision: this.#revisionOf.at(row),
    };
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
