/** Prices as they were believed at one revision: what is in force when, found in the columns and made into objects only when asked for. */
import type { Offer, PriceIdentity } from '../domain/catalog/offers.ts';
import type { PriceFigures, PriceWish } from '../domain/catalog/price-figures.ts';
import { CURRENCY } from '../domain/money.ts';
import type { Steps } from '../domain/steps.ts';
import { BelievedStatements } from './believed-statements.ts';
import { compareIds } from './entry.ts';
import { figuresInForce, figuresOfOffer, type PriceFigure } from './figures-in-force.ts';
import type { DatedPrice, PriceColumns } from './price-columns.ts';
import { PriceSeries } from './price-series.ts';
import { type OfferLookUp, type PriceSelection, type PriceTests, selectedInForce } from './selected-prices.ts';
import { inForceBySource, type SourceStatement, statementsOf } from './source-statements.ts';

export class PriceReading {
  readonly #columns: PriceColumns;
  readonly #revision: number;
  readonly #believed: BelievedStatements;
  readonly #series: PriceSeries;
  /** As of the moment that was last asked for. */
  #foreignCounts: { readonly moment: number | undefined; readonly counts: ReadonlyMap<string, number> } | undefined;

  constructor(columns: PriceColumns, revision: number) {
    this.#columns = columns;
    this.#revision = revision;
    this.#believed = new BelievedStatements(columns, revision);
    this.#series = new PriceSeries(this.#believed);
  }

  identity(id: string): PriceIdentity | undefined {
    const price = this.#believed.find(id);
    return price === undefined ? undefined : this.#columns.identities.of(price);
  }

  /** The revision that last said anything of a price; undefined for an unknown one, 0 where nothing was said yet. */
  revisionOf(id: string): number | undefined {
    const price = this.#believed.find(id);
    return price === undefined ? undefined : this.#series.revisionOf(price);
  }

  /** In the order of their ids. */
  identitiesOfOffer(offerId: string): readonly PriceIdentity[] {
    return this.#believed.ofOffer(offerId).map((price) => this.#columns.identities.of(price));
  }

  /** Ids of all prices, in order. */
  *ids(): Generator<string> {
    for (const price of this.#columns.order.knownIn(this.#revision)) {
      if (this.#believed.isKnown(price)) yield this.#columns.identities.id(price);
    }
  }

  /** All dated amounts, oldest first; those from one moment on by currency. */
  history(id: string): readonly DatedPrice[] {
    const price = this.#believed.find(id);
    return price === undefined ? [] : this.#series.history(price);
  }

  /** In force in this currency, or, where it is not quoted in that, in another one: US dollars first, then by code. */
  inForce(id: string, atMs: number, preferredCurrency: string): DatedPrice | undefined {
    const price = this.#believed.find(id);
    return price === undefined ? undefined : this.#series.inForce(price, atMs, preferredCurrency);
  }

  /** In this currency and no other. */
  inForceIn(id: string, atMs: number, currency: string): DatedPrice | undefined {
    const price = this.#believed.find(id);
    return price === undefined ? undefined : this.#series.inForceIn(price, atMs, currency);
  }

  /** What each source by itself says is in force, whether or not it wins; the strongest first, each from its own date on. */
  ofSources(id: string, atMs: number): readonly DatedPrice[] {
    const price = this.#believed.find(id);
    return price === undefined ? [] : inForceBySource(this.#believed, price, atMs);
  }

  /** One for each price of the offer that is in force, by id. */
  ofOffer(offerId: string, atMs: number, preferredCurrency: string): readonly DatedPrice[] {
    const found: DatedPrice[] = [];
    for (const price of this.#believed.ofOffer(offerId)) {
      const inForce = this.#series.inForce(price, atMs, preferredCurrency);
      if (inForce !== undefined) found.push(inForce);
    }
    return found;
  }

  /**
   * In this currency where they are quoted in that.
   * @param offers in the order of their ids
   */
  figures(offers: readonly Offer[], atMs: number, isWanted: PriceWish, preferredCurrency: string): Steps<PriceFigures> {
    return figuresInForce(this.#believed, this.#series, { offers, atMs, isWanted, preferredCurrency });
  }

  /** Of one offer, in all its currencies. */
  figuresOfOffer(offerId: string, atMs: number): Iterable<PriceFigure> {
    return figuresOfOffer(this.#believed, offerId, atMs);
  }

  /** Those in force that pass. */
  select(atMs: number, tests: PriceTests, offer: OfferLookUp): Steps<PriceSelection> {
    return selectedInForce(this.#believed, this.#series, atMs, tests, offer);
  }

  /** What one source says of the prices that pass. */
  statementsOf(sourceId: string, atMs: number, tests: PriceTests, offer: OfferLookUp): Iterable<SourceStatement> {
    return statementsOf(this.#believed, sourceId, atMs, tests, offer);
  }

  /** The last moment by then at which any price started or ended. */
  lastChangeMs(atMs: number): number | undefined {
    return this.#columns.moments.latest(atMs, this.#revision);
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
      if (!this.#believed.isKnown(price)) continue;
      const row = this.#believed.inForceIn(price, atMs, CURRENCY);
      if (row === undefined) continue;
      const currency = columns.currency(row);
      if (currency === CURRENCY || !isOffer(columns.identities.offerId(price))) continue;
      counts.set(currency, (counts.get(currency) ?? 0) + 1);
    }
    const sorted = new Map([...counts].toSorted(([a], [b]) => compareIds(a, b)));
    this.#foreignCounts = { moment, counts: sorted };
    return sorted;
  }
}
