/** The whole line of time of each price in each of its currencies as believed at one revision, made into objects when asked for and kept. */
import type { BelievedStatements } from './believed-statements.ts';
import { compareCurrencies } from './currencies.ts';
import { compareIds } from './entry.ts';
import type { DatedPrice, PriceColumns } from './price-columns.ts';
import { NONE } from './price-identities.ts';
import { type PriceSegment, priceTimeline, type Step } from './price-timeline.ts';

/** Prices of which the whole line of time is kept ready. Estimates ask again and again for the same few thousand. */
const MOST_KEPT = 20_000;

interface Statement extends Step {
  readonly row: number;
}

interface MadePrice {
  readonly price: DatedPrice;
  readonly confirmedAtMs: number | undefined;
}

/** One price in one currency. */
interface Line {
  readonly currency: string;
  readonly segments: readonly PriceSegment<Statement>[];
  /** Built when first asked for, and rebuilt after a new confirmation. */
  readonly prices: (MadePrice | undefined)[];
}

interface Series {
  /** US dollars first. */
  readonly lines: readonly Line[];
  /** Of the newest statement. */
  readonly revision: number;
  /** The last statement that was there; a later one makes the series stale. */
  readonly lastRow: number;
}

/** Series that hold all there is of their price, shared by the revisions that see all of it. */
const seriesKept = new WeakMap<PriceColumns, Map<number, Series>>();

/** Prices are named by their numbers in the columns. */
export class PriceSeries {
  readonly #columns: PriceColumns;
  readonly #revision: number;
  readonly #kept: Map<number, Series>;

  constructor({ columns, revision }: BelievedStatements) {
    this.#columns = columns;
    this.#revision = revision;
    this.#kept = seriesKept.get(columns) ?? new Map();
    seriesKept.set(columns, this.#kept);
  }

  /** The revision that last said anything of a price; 0 where nothing was said yet. */
  revisionOf(price: number): number {
    return this.#series(price).revision;
  }

  /** All dated amounts, oldest first; those from one moment on by currency. */
  history(price: number): readonly DatedPrice[] {
    const { lines } = this.#series(price);
    const [only] = lines;
    if (only !== undefined && lines.length === 1)
      return only.segments.map((_, index) => this.#datedAtItsEnd(price, only, index));
    return lines
      .flatMap((line) => line.segments.map((_, index) => this.#datedAtItsEnd(price, line, index)))
      .sort((a, b) => compareIds(a.validFrom, b.validFrom) || compareCurrencies(a.currency, b.currency));
  }

  /** In force in this currency, or, where it is not quoted in that, in another one: US dollars first, then by code. */
  inForce(price: number, atMs: number, preferredCurrency: string): DatedPrice | undefined {
    let first: DatedPrice | undefined;
    for (const line of this.#series(price).lines) {
      if (first !== undefined && line.currency !== preferredCurrency) continue;
      const found = this.#at(price, line, atMs);
      if (found === undefined) continue;
      if (line.currency === preferredCurrency) return found;
      first = found;
    }
    return first;
  }

  /** In this currency and no other. */
  inForceIn(price: number, atMs: number, currency: string): DatedPrice | undefined {
    const line = this.#series(price).lines.find((it) => it.currency === currency);
    return line === undefined ? undefined : this.#at(price, line, atMs);
  }

  #at(price: number, line: Line, atMs: number): DatedPrice | undefined {
    const index = line.segments.findLastIndex(({ fromMs }) => fromMs <= atMs);
    return index >= 0 && atMs < (line.segments[index]?.toMs ?? 0) ? this.#dated(price, line, index, atMs) : undefined;
  }

  /** The price with what was known of it at its end. */
  #datedAtItsEnd(price: number, line: Line, index: number): DatedPrice {
    return this.#dated(price, line, index, (line.segments[index]?.toMs ?? 0) - 1);
  }

  #dated(price: number, line: Line, index: number, atMs: number): DatedPrice {
    const { fromMs, toMs, statement } = line.segments[index] as PriceSegment<Statement>;
    const confirmedAtMs = this.#columns.confirmedAtMs(price, statement.row, atMs, this.#revision);
    const known = line.prices[index];
    if (known !== undefined && known.confirmedAtMs === confirmedAtMs) return known.price;
    const made = this.#columns.datedPrice(price, statement.row, fromMs, toMs, confirmedAtMs);
    line.prices[index] = { price: made, confirmedAtMs };
    return made;
  }

  #series(price: number): Series {
    const kept = this.#kept.get(price);
    if (kept !== undefined && kept.lastRow === this.#columns.lastRow(price) && kept.revision <= this.#revision) {
      return kept;
    }
    const series = this.#compute(price);
    if (!this.#seesAllOf(price)) return series;
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(price, series);
    return series;
  }

  #seesAllOf(price: number): boolean {
    const columns = this.#columns;
    for (let row = columns.firstRow(price); row !== NONE; row = columns.nextRow(row)) {
      if (columns.revision(row) > this.#revision) return false;
    }
    return true;
  }

  #compute(price: number): Series {
    const columns = this.#columns;
    const statements = new Map<number, Statement[]>();
    let newest = 0;
    for (let row = columns.firstRow(price); row !== NONE; row = columns.nextRow(row)) {
      const stated = columns.revision(row);
      if (stated > this.#revision) continue;
      newest = Math.max(newest, stated);
      const statement: Statement = {
        row,
        revision: stated,
        precedence: columns.source(row).precedence,
        state: columns.state(row),
        validFromMs: columns.validFromMs(row),
      };
      const currency = columns.currencyNumber(row);
      const same = statements.get(currency);
      if (same === undefined) statements.set(currency, [statement]);
      else same.push(statement);
    }
    const lines = [...statements].map(([currency, ofCurrency]): Line => {
      const segments = priceTimeline(ofCurrency);
      return { currency: columns.currencies.at(currency), segments, prices: [] };
    });
    if (lines.length > 1) lines.sort((a, b) => compareCurrencies(a.currency, b.currency));
    return { lines, revision: newest, lastRow: columns.lastRow(price) };
  }
}
