/** Which prices there are. Each has a number, from 0 in the order in which they came, an offer, a kind, and an id that is mostly made of these two. */
import { type PriceIdentity, priceIdentityId } from '../domain/catalog/offers.ts';
import { compareIds } from './entry.ts';
import { int32Column, uint16Column } from './growing-column.ts';
import { Interned } from './interned.ts';
import { TextIndex } from './text-index.ts';

/** What a price pays for, whatever the offer; there are few different ones. */
export type PriceKind = Omit<PriceIdentity, 'id' | 'offerId'>;

/** In place of the number of a price or a statement where there is none. */
export const NONE = -1;

export class PriceIdentities {
  readonly offers = new Interned<string>((id) => id);
  readonly kinds = new Interned<PriceKind>((it) =>
    [it.category, it.termMonths, it.payment, it.tierFrom, it.unit].join(' '),
  );
  readonly #offerOf = int32Column();
  readonly #kindOf = uint16Column();
  readonly #nextOfOffer = int32Column();
  /** By offer number. */
  readonly #firstOfOffer = int32Column();
  /** By kind number: how the ids of its prices end. */
  readonly #endings: string[] = [];
  readonly #otherIds = new Map<number, string>();
  readonly #byId = new TextIndex((price) => this.id(price));

  get size(): number {
    return this.#offerOf.length;
  }

  /** Without what is interned. */
  get bytes(): number {
    return [this.#offerOf, this.#kindOf, this.#nextOfOffer, this.#firstOfOffer, this.#byId].reduce(
      (total, { bytes }) => total + bytes,
      0,
    );
  }

  find(id: string): number | undefined {
    return this.#byId.find(id);
  }

  /** The number of a price, which is added where it is not there yet. */
  add({ id, offerId, category, termMonths, payment, tierFrom, unit }: PriceIdentity): number {
    const known = this.find(id);
    if (known !== undefined) return known;
    const kind = this.kinds.add({ category, termMonths, payment, tierFrom, unit });
    const price = this.#append(this.offers.add(offerId), kind, offerId + this.ending(kind) === id ? undefined : id);
    this.#byId.add(id, price);
    return price;
  }

  /**
   * The same by numbers in `offers` and `kinds`.
   * @param idHash of the id in UTF-8, by `hashOfBytes`.
   * @param otherId where the id is not made of offer and kind.
   */
  addHashed(offer: number, kind: number, idHash: number, otherId?: string): number {
    const known = this.#byId.findHashed(
      idHash,
      (price) =>
        this.#offerOf.at(price) === offer && this.#kindOf.at(price) === kind && this.#otherIds.get(price) === otherId,
    );
    if (known !== undefined) return known;
    const price = this.#append(offer, kind, otherId);
    this.#byId.addHashed(idHash, price);
    return price;
  }

  #append(offer: number, kind: number, otherId: string | undefined): number {
    const price = this.size;
    while (this.#firstOfOffer.length <= offer) this.#firstOfOffer.push(NONE);
    this.#offerOf.push(offer);
    this.#kindOf.push(kind);
    this.#nextOfOffer.push(this.#firstOfOffer.at(offer));
    this.#firstOfOffer.set(offer, price);
    if (otherId !== undefined) this.#otherIds.set(price, otherId);
    return price;
  }

  id(price: number): string {
    return this.#otherIds.get(price) ?? this.offerId(price) + this.ending(this.#kindOf.at(price));
  }

  /** Ids that are not made of offer and kind, by price. */
  get otherIds(): ReadonlyMap<number, string> {
    return this.#otherIds;
  }

  /** What follows the id of an offer in the ids of its prices of a kind. */
  ending(kind: number): string {
    const known = this.#endings[kind];
    if (known !== undefined) return known;
    const made = priceIdentityId({ offerId: '', ...this.kinds.at(kind) });
    this.#endings[kind] = made;
    return made;
  }

  of(price: number): PriceIdentity {
    return { id: this.id(price), offerId: this.offerId(price), ...this.kind(price) };
  }

  offerNumber(price: number): number {
    return this.#offerOf.at(price);
  }

  offerId(price: number): string {
    return this.offers.at(this.#offerOf.at(price));
  }

  kindNumber(price: number): number {
    return this.#kindOf.at(price);
  }

  kind(price: number): PriceKind {
    return this.kinds.at(this.#kindOf.at(price));
  }

  /** Prices of an offer in the order of their ids. */
  ofOffer(offerId: string): readonly number[] {
    const prices: number[] = [];
    for (let price = this.firstOfOffer(offerId); price !== NONE; price = this.nextOfOffer(price)) prices.push(price);
    return prices.length < 2 ? prices : prices.sort((a, b) => compareIds(this.id(a), this.id(b)));
  }

  /** The first of the prices of an offer, in no order; -1 where it has none. */
  firstOfOffer(offerId: string): number {
    const offer = this.offers.find(offerId);
    return offer === undefined ? NONE : this.firstOfOfferNumber(offer);
  }

  firstOfOfferNumber(offer: number): number {
    return offer < this.#firstOfOffer.length ? this.#firstOfOffer.at(offer) : NONE;
  }

  /** -1 after the last. */
  nextOfOffer(price: number): number {
    return this.#nextOfOffer.at(price);
  }
}
