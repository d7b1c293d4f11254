/** Which prices there are, and in which order, against sorting them all. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareIds } from '../../src/catalog/entry.ts';
import { PriceIdentities } from '../../src/catalog/price-identities.ts';
import { PriceOrder } from '../../src/catalog/price-order.ts';
import { type PriceIdentity, priceIdentityId } from '../../src/domain/catalog/offers.ts';

/** Offers that begin like one another, and ids that are not made of their offer. */
const identity = fc
  .record({
    offerId: fc.constantFrom('a', 'a/b', 'a/b/c', 'a/b-c', 'a-b', 'a/on', 'z', 'z/z'),
    category: fc.constantFrom('on_demand', 'spot', 'purchase'),
    tierFrom: fc.nat(2),
    ownId: fc.option(fc.constantFrom('a', 'a/b/spo', 'n', 'zz', 'A')),
  })
  .map(({ ownId, ...rest }): PriceIdentity => {
    const described = { ...rest, termMonths: 0, payment: 'none', unit: 'hour' } as const;
    const id = priceIdentityId(described);
    return { id: ownId === null ? id : `${ownId}#${id}`, ...described };
  });
const identities = fc.uniqueArray(identity, { selector: ({ id }) => id, maxLength: 60 });

it('prices are found by id, listed by offer, and in the order of their ids, also when some come later', () => {
  fc.assert(
    fc.property(identities, fc.nat(60), (all, later) => {
      const prices = new PriceIdentities();
      const order = new PriceOrder(prices);
      for (const part of [all.slice(later), all.slice(0, later)]) {
        for (const one of part) expect(prices.add(one)).toBe(prices.add(one));
        const known = [...Array(prices.size).keys()].map((price) => prices.of(price));
        const sorted = known.map(({ id }) => id).sort(compareIds);
        expect([...order.knownIn()].map((price) => prices.id(price))).toEqual(sorted);
      }
      for (const one of all) expect(prices.of(prices.find(one.id) ?? -1)).toEqual(one);
      expect(prices.find('nothing')).toBeUndefined();
      for (const { offerId } of all) {
        const ofOffer = all.filter((it) => it.offerId === offerId).map(({ id }) => id);
        expect(prices.ofOffer(offerId).map((price) => prices.id(price))).toEqual(ofOffer.sort(compareIds));
      }
    }),
  );
});
