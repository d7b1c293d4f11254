/** What sources say of prices, each by itself and from its own date on, whether or not a stronger one says otherwise. */
import type { BelievedStatements } from './believed-statements.ts';
import { type DatedPrice, IN_FORCE, type PriceColumns } from './price-columns.ts';
import { NONE } from './price-identities.ts';
import { type OfferLookUp, type PriceTests, passing, quoteOf } from './selected-prices.ts';

/** A price as one source states it. */
export interface SourceStatement {
  readonly price: DatedPrice;
  /** No longer sold from that date on. */
  readonly isWithdrawn: boolean;
}

/** What all sources say of one price, the strongest first. */
export const inForceBySource = (believed: BelievedStatements, price: number, atMs: number): readonly DatedPrice[] => {
  const { columns, revision } = believed;
  return believed
    .inForceBySource(price, atMs)
    .map((row) => stated(columns, price, row, columns.confirmedAtMs(price, row, atMs, revision)));
};

/** What one source says of all prices, by price id and date: what holds at a moment by it, and all that it has announced for later. */
export function* statementsOf(
  believed: BelievedStatements,
  sourceId: string,
  atMs: number,
  tests: PriceTests,
  offer: OfferLookUp,
): Generator<SourceStatement> {
  const { columns, revision } = believed;
  const passes = passing(columns, tests, offer);
  for (const price of columns.order.knownIn(revision)) {
    if (!passes(price)) continue;
    const rows: number[] = [];
    for (let row = columns.firstRow(price); row !== NONE; row = columns.nextRow(row)) {
      if (columns.source(row).id !== sourceId || !tests.quote(quoteOf(columns, row))) continue;
      if (believed.isAnnounced(price, row, atMs) || believed.isInForceByItsSource(price, row, atMs)) rows.push(row);
    }
    for (const row of rows.sort((a, b) => columns.validFromMs(a) - columns.validFromMs(b))) {
      yield { price: stated(columns, price, row), isWithdrawn: columns.stateNumber(row) !== IN_FORCE };
    }
  }
}

const stated = (columns: PriceColumns, price: number, row: number, confirmedAtMs?: number): DatedPrice =>
  columns.datedPrice(price, row, columns.validFromMs(row), Number.POSITIVE_INFINITY, confirmedAtMs);
