/** Rentals of a device in one order, whole or in parts that keep it. */
import type { Offer, PaymentOption } from '../catalog/offers.ts';
import { atOnce, type Steps } from '../steps.ts';
import type { DeviceRentals } from './device-rentals.ts';
import type { Rental } from './rental.ts';

/** Rentals between two places where the work on them may be interrupted. */
const STEP = 1024;

/** Rentals by rank: fresh before stale, then cheapest per device-hour first; ties by offer id, then price id. Made one by one. */
export class RankedRentals {
  readonly #rentals: DeviceRentals;
  readonly #order: Int32Array;
  /** By rank: the cheapest are asked for again and again. */
  readonly #made: (Rental | undefined)[] = [];
  #shapes: readonly RankedRentals[] | null = null;

  constructor(rentals: DeviceRentals, order: Int32Array) {
    this.#rentals = rentals;
    this.#order = order;
  }

  get length(): number {
    return this.#order.length;
  }

  at(rank: number): Rental {
    const known = this.#made[rank];
    if (known !== undefined) return known;
    const made = this.#rentals.rental(this.#order[rank] as number);
    this.#made[rank] = made;
    return made;
  }

  /** Of one rental, without making it. */
  offer(rank: number): Offer {
    return this.#made[rank]?.offer ?? this.#rentals.prices.offer(this.#order[rank] as number);
  }

  isStale(rank: number): boolean {
    return this.#rentals.isStale(this.#order[rank] as number);
  }

  termMonths(rank: number): number {
    return this.#rentals.prices.termMonths(this.#order[rank] as number);
  }

  payment(rank: number): PaymentOption {
    return this.#rentals.prices.payment(this.#order[rank] as number);
  }

  *[Symbol.iterator](): Generator<Rental> {
    for (let rank = 0; rank < this.length; rank++) yield this.at(rank);
  }

  /** In parts by kind and size of the offers: within one, what costs less per device-hour costs less in whole offers. */
  get byShape(): readonly RankedRentals[] {
    return this.#shapes ?? atOnce(this.shaping());
  }

  *shaping(): Steps<readonly RankedRentals[]> {
    const shapeOf = (rank: number): number => this.#rentals.shapeOf(this.#order[rank] as number);
    this.#shapes = (yield* this.#areAlike(shapeOf)) ? [this] : [...(yield* this.#grouping(shapeOf)).values()];
    return this.#shapes;
  }

  /** The same ranks of the same prices at another time. */
  movedTo(rentals: DeviceRentals): RankedRentals {
    const moved = new RankedRentals(rentals, this.#order);
    moved.#shapes = this.#shapes?.map((part) => (part === this ? moved : part.movedTo(rentals))) ?? null;
    return moved;
  }

  *#areAlike(keyOf: (rank: number) => number): Steps<boolean> {
    for (let rank = 1; rank < this.length; rank++) {
      if (rank % STEP === STEP - 1) yield;
      if (keyOf(rank) !== keyOf(0)) return false;
    }
    return true;
  }

  /** In parts by what `keyOf` says of each rank, in the order of their first. */
  groupedBy(keyOf: (rank: number) => string): ReadonlyMap<string, RankedRentals> {
    return atOnce(this.#grouping(keyOf));
  }

  *#grouping<Key>(keyOf: (rank: number) => Key): Steps<ReadonlyMap<Key, RankedRentals>> {
    const parts = new Map<Key, number[]>();
    for (let rank = 0; rank < this.length; rank++) {
      if (rank % STEP === STEP - 1) yield;
      const key = keyOf(rank);
      const part = parts.get(key);
      const index = this.#order[rank] as number;
      if (part === undefined) parts.set(key, [index]);
      else part.push(index);
    }
    return new Map([...parts].map(([key, part]) => [key, new RankedRentals(this.#rentals, Int32Array.from(part))]));
  }
}
