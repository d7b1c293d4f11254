/**
 * When full lists said again what their sources had said before. One stands for all prices of a class in the scope of its list, so a
 * million confirmed prices cost as much as one.
 */
import type { PriceCategory } from '../domain/catalog/offers.ts';

export interface Confirmation {
  /** What the source said up to this revision, and still says, is confirmed. */
  readonly revision: number;
  /** Of the list; empty for all. */
  readonly providers: readonly string[];
  readonly regions: readonly string[];
  /** When the prices were read. */
  readonly observedAtMs: number;
  /** Answers for earlier times do not count it. */
  readonly countsFromMs: number;
  /** Ids of prices that the list named otherwise. */
  readonly heldBack: ReadonlySet<string>;
}

/** What is asked about: a statement, by what it is the price of and as read at a moment. */
export interface Confirmable {
  readonly category: PriceCategory;
  readonly offerId: string;
  readonly priceId: () => string;
  /** That made the statement. */
  readonly revision: number;
}

export class Confirmations {
  /** By source number, then category; in the order in which they came. */
  readonly #bySource: Map<PriceCategory, Confirmation[]>[] = [];

  add(source: number, category: PriceCategory, confirmation: Confirmation): void {
    const ofSource = this.#bySource[source] ?? new Map<PriceCategory, Confirmation[]>();
    this.#bySource[source] = ofSource;
    const known = ofSource.get(category);
    if (known === undefined) ofSource.set(category, [confirmation]);
    else known.push(confirmation);
  }

  /** Whether there is any of a source. */
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

  /** The latest of each class of a source. */
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
