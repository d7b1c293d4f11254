/** Prices as they were believed at one revision: what is in force when, found in the columns and made into objects only when asked for. */
import type { Offer, PriceIdentity } from '../domain/catalog/offers.ts';
import type { PriceFigures, PriceWish } from '../domain/catalog/price-figures.ts';
import { CURRENCY } from '../domain/money.ts';
import type { Steps } from '../domain/steps.ts';
import { compareIds } from './entry.ts';
import { int32Column } from './growing-column.ts';
import { type DatedPrice, IN_FORCE, type PriceColumns, VOID } from './price-columns.ts';
import { NONE, type PriceKind } from './price-identities.ts';
import { type PriceSegment, priceTimeline, type Step } from './price-timeline.ts';

/** Prices of which the whole line of time is kept ready. Estimates ask again and again for the same few thousand. */
const MOST_KEPT = 20_000;

/** Totals are in US dollars, so that currency comes first; then by code. */
const compareCurrencies = (a: string, b: string): number =>
  Number(b === CURRENCY) - Number(a === CURRENCY) || compareIds(a, b);

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

/** Who says what a price is, and in which money. */
export interface Quote {
  readonly currency: string;
  readonly sourceId: string;
}

/** What a list of prices is narrowed down to; each part is asked once for what it is about, not once for each price. */
export interface PriceTests {
  readonly offer: (offer: Offer) => boolean;
  readonly kind: (kind: PriceKind) => boolean;
  readonly quote: (quote: Quote) => boolean;
}

/** Prices in force at a moment, by id and then currency. Made into objects one by one. */
export interface PriceSelection {
  readonly length: number;
  id(index: number): string;
  currency(index: number): string;
  /** NaN where there is no amount. For sorting, not for money. */
  amountAsNumber(index: number): number;
  observedAtMs(index: number): number;
  price(index: number): DatedPrice;
}

/** Offers between two places where the work on them may be interrupted. */
const STEP = 256;

const numbersKept = new WeakMap<PriceColumns, WeakMap<readonly Offer[], Int32Array>>();

/** The numbers of offers in the columns, -1 where one has not been looked up or is not there: revisions ask again for the same list. */
const numbersOf = (columns: PriceColumns, offers: readonly Offer[]): Int32Array => {
  const ofColumns = numbersKept.get(columns) ?? new WeakMap<readonly Offer[], Int32Array>();
  numbersKept.set(columns, ofColumns);
  const known = ofColumns.get(offers) ?? new Int32Array(offers.length).fill(NONE);
  ofColumns.set(offers, known);
  return known;
};

/** Series that hold all there is of their price, shared by the revisions that see all of it. */
const seriesKept = new WeakMap<PriceColumns, Map<number, Series>>();

/** A price as one source states it, from its own date on. */
export interface SourceStatement {
  readonly price: DatedPrice;
  /** No longer sold from that date on. */
  readonly isWithdrawn: boolean;
}

/** Prices in force, by their place in the list. */
interface FoundPrices extends Pick<PriceFigures, 'length' | 'offer' | 'offerRank'> {
  /** Its number in the columns, and that of the statement in force. */
  price(index: number): number;
  row(index: number): number;
  readonly preferredCurrency: string;
}

/** One price in force, in figures: for comparing with, not for money. */
export interface PriceFigure {
  readonly kind: PriceKind;
  readonly currency: string;
  /** Per unit of the whole offer; NaN where none is published. */
  readonly amount: number;
  readonly upfront: number;
}

export class PriceReading {
  readonly #columns: PriceColumns;
  readonly #revision: number;
  readonly #kept: Map<number, Series>;
  /** As of the moment that was last asked for. */
  #foreignCounts: { readonly moment: number | undefined; readonly counts: ReadonlyMap<string, number> } | undefined;

  constructor(columns: PriceColumns, revision: number) {
    this.#columns = columns;
    this.#revision = revision;
    this.#kept = seriesKept.get(columns) ?? new Map();
    seriesKept.set(columns, this.#kept);
  }

  identity(id: string): PriceIdentity | undefined {
    const price = this.#find(id);
    return price === undefined ? undefined : this.#columns.identities.of(price);
  }

  /** The revision that last said anything of a price; undefined for an unknown one, 0 where nothing was said yet. */
  revisionOf(id: string): number | undefined {
    const price = this.#find(id);
    return price === undefined ? undefined : this.#series(price).revision;
  }

  /** In the order of their ids. */
  identitiesOfOffer(offerId: string): readonly PriceIdentity[] {
    return this.#ofOffer(offerId).map((price) => this.#columns.identities.of(price));
  }

  /** Ids of all prices, in order. */
  *ids(): Generator<string> {
    for (const price of this.#columns.order.knownIn(this.#revision)) {
      if (this.#columns.bornIn(price) <= this.#revision) yield this.#columns.identities.id(price);
    }
  }

  /** All dated amounts, oldest first; those from one moment on by currency. */
  history(id: string): readonly DatedPrice[] {
    const price = this.#find(id);
    if (price === undefined) return [];
    const { lines } = this.#series(price);
    const [only] = lines;
    if (only !== undefined && lines.length === 1)
      return only.segments.map((_, index) => this.#datedAtItsEnd(price, only, index));
    return lines
      .flatMap((line) => line.segments.map((_, index) => this.#datedAtItsEnd(price, line, index)))
      .sort((a, b) => compareIds(a.validFrom, b.validFrom) || compareCurrencies(a.currency, b.currency));
  }

  /** In force in this currency, or, where it is not quoted in that, in another one: US dollars first, then by code. */
  inForce(id: string, atMs: number, preferredCurrency: string): DatedPrice | undefined {
    const price = this.#find(id);
    return price === undefined ? undefined : this.#inForce(price, atMs, preferredCurrency);
  }

  /** In this currency and no other. */
  inForceIn(id: string, atMs: number, currency: string): DatedPrice | undefined {
    const price = this.#find(id);
    if (price === undefined) return undefined;
    const line = this.#series(price).lines.find((it) => it.currency === currency);
    return line === undefined ? undefined : this.#at(price, line, atMs);
  }

  /** What each source by itself says is in force, whether or not it wins; the strongest first, each from its own date on. */
  ofSources(id: string, atMs: number): readonly DatedPrice[] {
    const price = this.#find(id);
    if (price === undefined) return [];
    const standing: number[] = [];
    for (let row = this.#columns.firstRow(price); row !== NONE; row = this.#columns.nextRow(row)) {
      if (this.#columns.stateNumber(row) === IN_FORCE && this.#standsAt(price, row, atMs)) standing.push(row);
    }
    return standing
      .sort((a, b) => this.#precedence(a) - this.#precedence(b))
      .map((row) => {
        const confirmedAtMs = this.#columns.confirmedAtMs(price, row, atMs, this.#revision);
        const fromMs = this.#columns.validFromMs(row);
        return this.#columns.datedPrice(price, row, fromMs, Number.POSITIVE_INFINITY, confirmedAtMs);
      });
  }

  /** One for each price of the offer that is in force, by id. */
  ofOffer(offerId: string, atMs: number, preferredCurrency: string): readonly DatedPrice[] {
    const found: DatedPrice[] = [];
    for (const price of this.#ofOffer(offerId)) {
      const inForce = this.#inForce(price, atMs, preferredCurrency);
      if (inForce !== undefined) found.push(inForce);
    }
    return found;
  }

  /**
   * In this currency where they are quoted in that.
   * @param offers in the order of their ids
   */
  *figures(
    offers: readonly Offer[],
    atMs: number,
    isWanted: PriceWish,
    preferredCurrency: string,
  ): Steps<PriceFigures> {
    const columns = this.#columns;
    const wanted = columns.identities.kinds.values().map(isWanted);
    const offerNumbers = int32Column();
    const foundPrices = int32Column();
    const foundRows = int32Column();
    const numbers = numbersOf(columns, offers);
    for (const [number, { id }] of offers.entries()) {
      if (number % STEP === STEP - 1) yield;
      if (numbers[number] === NONE) numbers[number] = columns.identities.offers.find(id) ?? NONE;
      const offer = numbers[number] as number;
      if (offer === NONE) continue;
      for (
        let price = columns.identities.firstOfOfferNumber(offer);
        price !== NONE;
        price = columns.identities.nextOfOffer(price)
      ) {
        if (columns.bornIn(price) > this.#revision || wanted[columns.identities.kindNumber(price)] !== true) continue;
        const row = this.#rowIn(price, atMs, preferredCurrency);
        if (row === undefined) continue;
        offerNumbers.push(number);
        foundPrices.push(price);
        foundRows.push(row);
      }
    }
    return this.#figuresAt(atMs, {
      length: foundRows.length,
      offer: (index) => offers[offerNumbers.at(index)] as Offer,
      offerRank: (index) => offerNumbers.at(index),
      price: (index) => foundPrices.at(index),
      row: (index) => foundRows.at(index),
      preferredCurrency,
    });
  }

  #figuresAt(atMs: number, found: FoundPrices): PriceFigures {
    const columns = this.#columns;
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
      currency: (index) => columns.currencies.at(columns.currencyNumber(rowAt(index))),
      observedAtMs: (index) => columns.observedAtMs(rowAt(index)),
      lastSeenAtMs: (index) => {
        const row = rowAt(index);
        return columns.confirmedAtMs(priceAt(index), row, atMs, this.#revision) ?? columns.observedAtMs(row);
      },
      isAgreed: () => false,
      price: (index) => {
        const price = priceAt(index);
        const inForce = this.#inForce(price, atMs, preferredCurrency);
        if (inForce === undefined)
          throw new Error(`Price ${columns.identities.id(price)} is in force and has no series.`);
        return inForce;
      },
      asOf: (at) => {
        const otherMs = Date.parse(at);
        const startOf = (ms: number): number | undefined => columns.starts.latest(ms, this.#revision);
        return startOf(otherMs) === startOf(atMs) ? this.#figuresAt(otherMs, found) : undefined;
      },
    };
  }

  /** Of one offer, in all its currencies. */
  *figuresOfOffer(offerId: string, atMs: number): Generator<PriceFigure> {
    const columns = this.#columns;
    for (
      let price = columns.identities.firstOfOffer(offerId);
      price !== NONE;
      price = columns.identities.nextOfOffer(price)
    ) {
      if (columns.bornIn(price) > this.#revision) continue;
      for (const row of this.#rowsInForce(price, atMs)) {
        yield {
          kind: columns.identities.kind(price),
          currency: columns.currencies.at(columns.currencyNumber(row)),
          amount: columns.amountAsNumber(row),
          upfront: columns.upfrontAsNumber(row),
        };
      }
    }
  }

  /**
   * How many prices in force are quoted in no US dollars, by the currency that they are then taken in, sorted.
   * @param isOffer whether there is an offer with an id
   */
  foreignCounts(atMs: number, isOffer: (offerId: string) => boolean): ReadonlyMap<string, number> {
    const columns = this.#columns;
    const moment = this.lastChangeMs(atMs);
    if (this.#foreignCounts !== undefined && this.#foreignCounts.moment === moment) return this.#foreignCounts.counts;
    const counts = new Map<string, number>();
    for (const price of columns.foreign()) {
      if (columns.bornIn(price) > this.#revision) continue;
      const row = this.#rowIn(price, atMs, CURRENCY);
      if (row === undefined) continue;
      const currency = columns.currencies.at(columns.currencyNumber(row));
      if (currency === CURRENCY || !isOffer(columns.identities.offerId(price))) continue;
      counts.set(currency, (counts.get(currency) ?? 0) + 1);
    }
    const sorted = new Map([...counts].toSorted(([a], [b]) => compareIds(a, b)));
    this.#foreignCounts = { moment, counts: sorted };
    return sorted;
  }

  /** The last moment by then at which any price started or ended. */
  lastChangeMs(atMs: number): number | undefined {
    return this.#columns.moments.latest(atMs, this.#revision);
  }

  /** @param offer the offer with an id, where there is one. */
  *select(atMs: number, tests: PriceTests, offer: (id: string) => Offer | undefined): Steps<PriceSelection> {
    const columns = this.#columns;
    const foundPrices = int32Column();
    const foundRows = int32Column();
    for (const price of this.#selected(tests, offer)) {
      if (price === NONE) {
        yield;
        continue;
      }
      for (const row of this.#rowsInForce(price, atMs)) {
        if (!tests.quote(this.#quoteOf(row))) continue;
        foundPrices.push(price);
        foundRows.push(row);
      }
    }
    const rowAt = (index: number): number => foundRows.at(index);
    const priceAt = (index: number): number => foundPrices.at(index);
    const currency = (index: number): string => columns.currencies.at(columns.currencyNumber(rowAt(index)));
    return {
      length: foundRows.length,
      id: (index) => columns.identities.id(priceAt(index)),
      currency,
      amountAsNumber: (index) => columns.amountAsNumber(rowAt(index)),
      observedAtMs: (index) => columns.observedAtMs(rowAt(index)),
      price: (index) => {
        const line = this.#series(priceAt(index)).lines.find((it) => it.currency === currency(index));
        const price = line === undefined ? undefined : this.#at(priceAt(index), line, atMs);
        if (price === undefined)
          throw new Error(`Price ${columns.identities.id(priceAt(index))} is in force and has no series.`);
        return price;
      },
    };
  }

  /**
   * What one source says, by price id and date: what holds at a moment by it, whether or not a stronger source says otherwise, and all
   * that it has announced for later.
   */
  *statementsOf(
    sourceId: string,
    atMs: number,
    tests: PriceTests,
    offer: (id: string) => Offer | undefined,
  ): Generator<SourceStatement> {
    const columns = this.#columns;
    for (const price of this.#selected(tests, offer)) {
      if (price === NONE) continue;
      const rows: number[] = [];
      for (let row = columns.firstRow(price); row !== NONE; row = columns.nextRow(row)) {
        if (columns.sources.at(columns.sourceNumber(row)).id !== sourceId || !tests.quote(this.#quoteOf(row))) continue;
        const isAnnounced = columns.validFromMs(row) > atMs && this.#speaks(price, row);
        const holds = columns.stateNumber(row) === IN_FORCE && this.#standsAt(price, row, atMs);
        if (isAnnounced || holds) rows.push(row);
      }
      for (const row of rows.sort((a, b) => columns.validFromMs(a) - columns.validFromMs(b))) {
        const fromMs = columns.validFromMs(row);
        yield {
          price: columns.datedPrice(price, row, fromMs, Number.POSITIVE_INFINITY, undefined),
          isWithdrawn: columns.stateNumber(row) !== IN_FORCE,
        };
      }
    }
  }

  /** Numbers of the prices whose offer and kind pass, by id; NONE where the work on them may be interrupted. */
  *#selected(tests: PriceTests, offer: (id: string) => Offer | undefined): Generator<number> {
    const columns = this.#columns;
    const passes = <T>(test: (value: T) => boolean, lookUp: (number: number) => T | undefined) => {
      const known: (boolean | undefined)[] = [];
      return (number: number): boolean => {
        let answer = known[number];
        if (answer === undefined) {
          const value = lookUp(number);
          answer = value !== undefined && test(value);
          known[number] = answer;
        }
        return answer;
      };
    };
    const offerPasses = passes(tests.offer, (number) => offer(columns.identities.offers.at(number)));
    const kindPasses = passes(tests.kind, (number) => columns.identities.kinds.at(number));
    let looked = 0;
    for (const price of columns.order.knownIn(this.#revision)) {
      if (kindPasses(columns.identities.kindNumber(price)) && offerPasses(columns.identities.offerNumber(price)))
        yield price;
      looked += 1;
      if (looked % STEP === 0) yield NONE;
    }
  }

  #quoteOf(row: number): Quote {
    const columns = this.#columns;
    return {
      currency: columns.currencies.at(columns.currencyNumber(row)),
      sourceId: columns.sources.at(columns.sourceNumber(row)).id,
    };
  }

  #find(id: string): number | undefined {
    const price = this.#columns.identities.find(id);
    return price !== undefined && this.#columns.bornIn(price) <= this.#revision ? price : undefined;
  }

  #ofOffer(offerId: string): readonly number[] {
    return this.#columns.identities.ofOffer(offerId).filter((price) => this.#columns.bornIn(price) <= this.#revision);
  }

  #inForce(price: number, atMs: number, preferredCurrency: string): DatedPrice | undefined {
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
    const series = this.#computeSeries(price);
    if (series === undefined) return this.#computeSeriesUpTo(price, this.#revision);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(price, series);
    return series;
  }

  /** Of all there is of a price; undefined where this revision does not see all of it. */
  #computeSeries(price: number): Series | undefined {
    const columns = this.#columns;
    for (let row = columns.firstRow(price); row !== NONE; row = columns.nextRow(row)) {
      if (columns.revision(row) > this.#revision) return undefined;
    }
    return this.#computeSeriesUpTo(price, this.#revision);
  }

  #computeSeriesUpTo(price: number, revision: number): Series {
    const columns = this.#columns;
    const statements = new Map<number, Statement[]>();
    let newest = 0;
    for (let row = columns.firstRow(price); row !== NONE; row = columns.nextRow(row)) {
      const stated = columns.revision(row);
      if (stated > revision) continue;
      newest = Math.max(newest, stated);
      const statement: Statement = {
        row,
        revision: stated,
        precedence: columns.sources.at(columns.sourceNumber(row)).precedence,
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

  /** The statement in force in this currency, or where there is none in another: US dollars first, then by code. */
  #rowIn(price: number, atMs: number, preferredCurrency: string): number | undefined {
    const first = this.#columns.firstRow(price);
    if (first !== NONE && this.#columns.nextRow(first) === NONE) return this.#holds(first, atMs) ? first : undefined;
    const rows = this.#rowsInForce(price, atMs);
    if (rows.length < 2) return rows[0];
    const currency = (row: number): string => this.#columns.currencies.at(this.#columns.currencyNumber(row));
    const preferred = rows.find((row) => currency(row) === preferredCurrency);
    return preferred ?? rows.toSorted((a, b) => compareCurrencies(currency(a), currency(b)))[0];
  }

  /** Statements in force at a moment, one for each currency, as the series would say but without making one. */
  #rowsInForce(price: number, atMs: number): readonly number[] {
    const columns = this.#columns;
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
    const code = (row: number): string => columns.currencies.at(columns.currencyNumber(row));
    return inForce.length < 2 ? inForce : inForce.sort((a, b) => compareIds(code(a), code(b)));
  }

  /** Whether the only statement of a price is in force. */
  #holds(row: number, atMs: number): boolean {
    const columns = this.#columns;
    return (
      columns.revision(row) <= this.#revision &&
      columns.validFromMs(row) <= atMs &&
      columns.stateNumber(row) === IN_FORCE
    );
  }

  #precedence(row: number): number {
    return this.#columns.sources.at(this.#columns.sourceNumber(row)).precedence;
  }

  /** Whether a statement is what its source says at that moment: believed, not taken back, and the latest by date. */
  #standsAt(price: number, row: number, atMs: number): boolean {
    const columns = this.#columns;
    const fromMs = columns.validFromMs(row);
    if (fromMs > atMs || columns.revision(row) > this.#revision || !this.#speaks(price, row)) return false;
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
    const columns = this.#columns;
    const revision = columns.revision(row);
    if (revision > this.#revision || columns.stateNumber(row) === VOID) return false;
    for (let other = columns.firstRow(price); other !== NONE; other = columns.nextRow(other)) {
      const later = columns.revision(other);
      if (
        later > revision &&
        later <= this.#revision &&
        columns.validFromMs(other) === columns.validFromMs(row) &&
        this.#sameVoice(row, other)
      ) {
        return false;
      }
    }
    return true;
  }

  #sameVoice(a: number, b: number): boolean {
    const columns = this.#columns;
    return (
      columns.sourceNumber(a) === columns.sourceNumber(b) && columns.currencyNumber(a) === columns.currencyNumber(b)
    );
  }
}
