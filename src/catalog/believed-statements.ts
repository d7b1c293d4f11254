/** Which statements are believed at one revision, and which of them hold at a moment: by their numbers in the columns, without making an object. */

import { compareCurrencies } from './currencies.ts';
import { compareIds } from './entry.ts';
import { IN_FORCE, type PriceColumns, VOID } from './price-columns.ts';
import { NONE } from './price-identities.ts';

export class BelievedStatements {
  readonly columns: PriceColumns;
  readonly revision: number;

  constructor(columns: PriceColumns, revision: number) {
    this.columns = columns;
    this.revision = revision;
  }

  find(id: string): number | undefined {
    const price = this.columns.identities.find(id);
    return price !== undefined && this.isKnown(price) ? price : undefined;
  }

  isKnown(price: number): boolean {
    return this.columns.bornIn(price) <= this.revision;
  }

  /** Prices of an offer in the order of their ids. */
  ofOffer(offerId: string): readonly number[] {
    return this.columns.identities.ofOffer(offerId).filter((price) => this.isKnown(price));
  }

  /** The statement in force in this currency, or where there is none in another: US dollars first, then by code. */
  inForceIn(price: number, atMs: number, preferredCurrency: string): number | undefined {
    const { columns } = this;
    const first = columns.firstRow(price);
    if (first !== NONE && columns.nextRow(first) === NONE) return this.#holds(first, atMs) ? first : undefined;
    const rows = this.inForce(price, atMs);
    if (rows.length < 2) return rows[0];
    const preferred = rows.find((row) => columns.currency(row) === preferredCurrency);
    return preferred ?? rows.toSorted((a, b) => compareCurrencies(columns.currency(a), columns.currency(b)))[0];
  }

  /** Statements in force at a moment, one for each currency and in the order of their codes, as the series would say but without making one. */
  inForce(price: number, atMs: number): readonly number[] {
    const { columns } = this;
    const first = columns.firstRow(price);
    if (first === NONE) return [];
    if (columns.nextRow(first) === NONE) return this.#holds(first, atMs) ? [first] : [];
    const winners: number[] = [];
    for (let row = first; row !== NONE; row = columns.nextRow(row)) {
      if (!this.#standsAt(price, row, atMs)) continue;
      const rivalAt = winners.findIndex((it) => columns.currencyNumber(it) === columns.currencyNumber(row));
      if (rivalAt < 0) winners.push(row);
      else if (this.#precedence(row) < this.#precedence(winners[rivalAt] ?? row)) winners[rivalAt] = row;
    }
    const inForce = winners.filter((row) => columns.stateNumber(row) === IN_FORCE);
    return inForce.length < 2 ? inForce : inForce.sort((a, b) => compareIds(columns.currency(a), columns.currency(b)));
  }

  /** What each source by itself says is in force, whether or not it wins; the strongest first. */
  inForceBySource(price: number, atMs: number): readonly number[] {
    const rows: number[] = [];
    for (let row = this.columns.firstRow(price); row !== NONE; row = this.columns.nextRow(row)) {
      if (this.isInForceByItsSource(price, row, atMs)) rows.push(row);
    }
    return rows.sort((a, b) => this.#precedence(a) - this.#precedence(b));
  }

  isInForceByItsSource(price: number, row: number, atMs: number): boolean {
    return this.columns.stateNumber(row) === IN_FORCE && this.#standsAt(price, row, atMs);
  }

  /** Whether it is believed and will begin to hold by its source. */
  isAnnounced(price: number, row: number, atMs: number): boolean {
    return this.columns.validFromMs(row) > atMs && this.#speaks(price, row);
  }

  /** Whether the only statement of a price is in force. */
  #holds(row: number, atMs: number): boolean {
    const { columns } = this;
    return (
      columns.revision(row) <= this.revision &&
      columns.validFromMs(row) <= atMs &&
      columns.stateNumber(row) === IN_FORCE
    );
  }

  #precedence(row: number): number {
    return this.columns.source(row).precedence;
  }

  /** Whether a statement is what its source says at that moment: believed, not taken back, and the latest by date. */
  #standsAt(price: number, row: number, atMs: number): boolean {
    const { columns } = this;
    const fromMs = columns.validFromMs(row);
    if (fromMs > atMs || columns.revision(row) > this.revision || !this.#speaks(price, row)) return false;
    for (let other = columns.firstRow(price); other !== NONE; other = columns.nextRow(other)) {
      const otherFromMs = columns.validFromMs(other);
      if (otherFromMs > fromMs && otherFromMs <= atMs && this.#sameVoice(row, other) && this.#speaks(price, other)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a statement is the newest of its source for its date, and not one that takes back. */
  #speaks(price: number, row: number): boolean {
    const { columns } = this;
    const revision = columns.revision(row);
    if (revision > this.revision || columns.stateNumber(row) === VOID) return false;
    for (let other = columns.firstRow(price); other !== NONE; other = columns.nextRow(other)) {
      const later = columns.revision(other);
      if (
        later > revision &&
        later <= this.revision &&
        columns.validFromMs(other) === columns.validFromMs(row) &&
        this.#sameVoice(row, other)
      ) {
        return false;
      }
    }
    return true;
  }

  #sameVoice(a: number, b: number): boolean {
    const { columns } = this;
    return (
      columns.sourceNumber(a) === columns.sourceNumber(b) && columns.currencyNumber(a) === columns.currencyNumber(b)
    );
  }
}
