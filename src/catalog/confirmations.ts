/**
 * A confirmation records that a source sent a full list which repeats what it said before. One confirmation covers all prices of a
 * category within the scope of its list, so that confirming a million prices costs as much as confirming one.
 */
import type { PriceCategory } from '../domain/catalog/offers.ts';

export interface Confirmation {
  /** Confirms what the source said up to this revision and has not changed since. */
  readonly revision: number;
  /** Providers and regions that the list covers; empty means all. */
  readonly providers: readonly string[];
  readonly regions: readonly string[];
  /** When the prices were read. */
  readonly observedAtMs: number;
  /** Answers for an earlier `pricingAt` ignore this confirmation. */
  readonly countsFromMs: number;
  /** Ids of prices for which the list said something else, so that they are not confirmed. */
  readonly heldBack: ReadonlySet<string>;
}

/** A statement of a price that may have been confirmed. */
interface Confirmable {
  readonly category: PriceCategory;
  readonly offerId: string;
  readonly priceId: () => string;
  /** Revision in which the statement was made. */
  readonly revision: number;
}

export class Confirmations {
  /** By source number, then category; in the order of arrival. */
  readonly #bySource: Map<PriceCategory, Confirmation[]>[] = [];

  add(source: number, category: PriceCategory, confirmation: Confirmation): void {
    const ofSource = this.#bySource[source] ?? new Map<PriceCategory, Confirmation[]>();
    this.#bySource[source] = ofSource;
    const known = ofSource.get(category);
    if (known === undefined) ofSource.set(category, [confirmation]);
    else known.push(confirmation);
  }

  /** Whether the source has confirmed anything. */
  has(source: number): boolean {
    return this.#bySource[source] !== undefined;
  }

  /**
   * When the source last confirmed a statement, as known at `atMs` in the catalog at `revision`; undefined where it did not.
   * @param source by its number.
   */
  lastOf(source: number, statement: Confirmable, atMs: number, revision: number): number | undefined {
    return this.#bySource[source]
      ?.get(statement.category)
      ?.findLast((one) => one.countsFromMs <= atMs && one.revision <= revision && confirms(one, statement))
      ?.observedAtMs;
  }

  /** When the source last confirmed prices of each category. */
  newest(source: number): ReadonlyMap<PriceCategory, number> {
    const found = new Map<PriceCategory, number>();
    for (const [category, all] of this.#bySource[source] ?? []) {
      found.set(category, Math.max(...all.map(({ observedAtMs }) => observedAtMs)));
    }
    return found;
  }
}

const confirms = (
  { revision, providers, regions, heldBack }: Confirmation,
  { offerId, priceId, revision: statedIn }: Confirmable,
): boolean => {
  if (statedIn > revision) return false;
  if (providers.length > 0 || regions.length > 0) {
    const [provider = '', region = ''] = offerId.split('/');
    if (providers.length > 0 && !providers.includes(provider)) return false;
    if (regions.length > 0 && !regions.includes(region)) return false;
  }
  return heldBack.size === 0 || !heldBack.has(priceId());
};
