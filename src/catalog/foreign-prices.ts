/** Which prices are stated in other currencies than US dollars: seldom any, so that they are looked for once and not by every answer. */
import type { PriceColumns } from './price-columns.ts';

const NONE = -1;
/** Totals are in it. */
export const TOTALS_CURRENCY = 'USD';

interface Found {
  /** Statements looked at so far. */
  readonly rows: number;
  /** Numbers of prices. */
  readonly prices: readonly number[];
}

const found = new WeakMap<PriceColumns, Found>();

/** Numbers of the prices that any statement is in another currency of, of whatever revision. */
export const foreignPrices = (columns: PriceColumns): readonly number[] => {
  const known = found.get(columns) ?? { rows: 0, prices: [] };
  if (known.rows === columns.rowCount) return known.prices;
  const dollars = columns.currencies.find(TOTALS_CURRENCY);
  const isForeign = (row: number): boolean => columns.currencyNumber(row) !== dollars;
  let hasMore = false;
  for (let row = known.rows; row < columns.rowCount && !hasMore; row += 1) hasMore = isForeign(row);
  const prices = hasMore ? pricesWith(columns, isForeign) : known.prices;
  found.set(columns, { rows: columns.rowCount, prices });
  return prices;
};

const pricesWith = (columns: PriceColumns, test: (row: number) => boolean): readonly number[] => {
  const prices: number[] = [];
  for (let price = 0; price < columns.size; price += 1) {
    for (let row = columns.firstRow(price); row !== NONE; row = columns.nextRow(row)) {
      if (!test(row)) continue;
      prices.push(price);
      break;
    }
  }
  return prices;
};
