/**
 * A price book laid over the public catalog. The result is a snapshot like any other, so that everything that asks for prices
 * (estimates, recommendations, placements) gets those of the buyer. Layers, the strongest first:
 *
 * 1. contracts: the agreed price, also where no list has one;
 * 2. the private list;
 * 3. discounts on the list price: of several the one that leaves the lowest price, never one on top of another;
 * 4. the public list.
 *
 * A contract, and a tier of the private list, holds for the volume tiers of weaker layers above it too. Of contracts on one price the lowest
 * wins, then the first id. Prices in another currency than the one asked for are then converted by the book's rate of the day. Each price says
 * which layer it comes from, and what the public list says.
 */
import { type LayerKind, type Offer, type Price, type PriceLayer, priceIdentityId } from '../catalog/offers.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { CURRENCY, convertUnitAmount, lessAmount, lessPercent, scaleUnitAmount } from '../money.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { rateAt } from './exchange-rate.ts';
import { layeredFigures } from './layered-figures.ts';
import {
  type Contract,
  countOf,
  type Dated,
  type Discount,
  holds,
  type PriceBook,
  type PurchaseAgreement,
  selects,
} from './price-book.ts';

const known = new WeakMap<CatalogSnapshot, WeakMap<PriceBook, CatalogSnapshot>>();

/** The same two give the same object, so that what is remembered of a snapshot is found again. */
export const withPriceBook = (snapshot: CatalogSnapshot, book: PriceBook): CatalogSnapshot => {
  const ofSnapshot = known.get(snapshot) ?? new WeakMap<PriceBook, CatalogSnapshot>();
  known.set(snapshot, ofSnapshot);
  const found = ofSnapshot.get(book) ?? laidOver(snapshot, book);
  ofSnapshot.set(book, found);
  return found;
};

type FiguresOf = NonNullable<CatalogSnapshot['priceFigures']>;

const laidOver = (snapshot: CatalogSnapshot, book: PriceBook): CatalogSnapshot => {
  const agreedOffers = book.purchases.map((purchase) => offerOfPurchase(book, purchase));
  const purchaseOf = new Map(
    agreedOffers.map((offer, index) => [offer.id, book.purchases[index] as PurchaseAgreement]),
  );
  const agreedById = new Map(agreedOffers.map((offer) => [offer.id, offer]));
  const agreedByDevice = Map.groupBy(agreedOffers, ({ deviceId }) => deviceId);
  const edges = edgesOf(book);

  const pricesOfOffer = (offerId: string, at: string, currency = CURRENCY): readonly Price[] => {
    const purchase = purchaseOf.get(offerId);
    const agreed = agreedById.get(offerId);
    const layered =
      purchase !== undefined && agreed !== undefined
        ? holds(purchase, at)
          ? pricesOfPurchase(book, agreed, purchase)
          : []
        : layeredPrices(snapshot, book, offerId, at, currency);
    return layered.map((price) => inCurrency(book, price, currency, at)).sort((a, b) => (a.id < b.id ? -1 : 1));
  };

  const offersOfDevice = (deviceId: string): readonly Offer[] => {
    const listed = snapshot.offersOfDevice(deviceId);
    const agreed = agreedByDevice.get(deviceId);
    return agreed === undefined ? listed : [...listed, ...agreed];
  };
  const figuresOf = snapshot.priceFigures;
  const layered = (listedOf: FiguresOf): FiguresOf =>
    function* (deviceId, at, isWanted, currency) {
      const listed = yield* listedOf(deviceId, at, isWanted, currency);
      return yield* layeredFigures(listed, offersOfDevice(deviceId), book, {
        at,
        currency,
        isWanted,
        pricesOfOffer: (offerId) => pricesOfOffer(offerId, at, currency),
      });
    };

  return Object.freeze({
    ...snapshot,
    offers: agreedOffers.length === 0 ? snapshot.offers : [...snapshot.offers, ...agreedOffers],
    offer: (id: string) => agreedById.get(id) ?? snapshot.offer(id),
    offersOfDevice,
    pricesOfOffer,
    priceFigures: figuresOf === undefined ? undefined : layered(figuresOf),
    priceAt: (priceId: string, at: string, currency?: string): Price | undefined => {
      for (const offerId of offersNamedIn(priceId)) {
        const price = pricesOfOffer(offerId, at, currency).find(({ id }) => id === priceId);
        if (price !== undefined) return price;
      }
      return undefined;
    },
    lastPriceChange: (at: string): string | null =>
      latest([snapshot.lastPriceChange(at), book.privateList?.lastPriceChange(at) ?? null, lastEdge(edges, at)]),
  });
};

const layeredPrices = (
  snapshot: CatalogSnapshot,
  book: PriceBook,
  offerId: string,
  at: string,
  currency: string,
): readonly Price[] => {
  const offer = snapshot.offer(offerId);
  const listed = new Map(snapshot.pricesOfOffer(offerId, at, currency).map((price) => [price.id, price]));
  if (offer === undefined) return [...listed.values()];
  const layered = new Map<string, Price>();
  for (const [id, price] of listed) layered.set(id, withLayer(book, price, 'list', null, price));
  const own = book.privateList?.pricesOfOffer(offerId, at, currency) ?? [];
  for (const price of own) layered.set(price.id, withLayer(book, price, 'private_list', null, listed.get(price.id)));
  for (const [id, price] of listed) {
    const reached = layered.get(id)?.layer?.kind === 'list' ? tierBelow(own, price) : undefined;
    if (reached !== undefined) layered.set(id, withLayer(book, atTierOf(price, reached), 'private_list', null, price));
  }
  for (const [id, price] of layered) {
    const reduced = discounted(book, offer, price, listed.get(id), at);
    if (reduced !== undefined) layered.set(id, reduced);
  }
  for (const agreed of contractPrices(book, offer, listed, at)) {
    const tiers = [...layered.values()].filter((price) => price.tierFrom > 0 && isOfOneProduct(price, agreed));
    const atTiers = tiers.map((tier) => {
      const { layer, ...price } = atTierOf(tier, agreed);
      return withLayer(book, price, 'contract', layer?.ruleId ?? null, listed.get(tier.id));
    });
    for (const price of hasThreshold(agreed) ? atTiers : [agreed, ...atTiers]) {
      const rival = layered.get(price.id);
      const beaten = rival?.layer?.kind === 'contract' && !isLower(book, price, rival, at);
      if (!beaten) layered.set(price.id, price);
    }
  }
  return [...layered.values()];
};

type Product = Pick<Price, 'category' | 'termMonths' | 'payment' | 'unit'>;

/** Prices that differ in nothing but their tier. */
const isOfOneProduct = (a: Product, b: Product): boolean =>
  a.category === b.category && a.termMonths === b.termMonths && a.payment === b.payment && a.unit === b.unit;

/** What stronger prices say of the tier of a weaker one: the public tier from 16 pieces is no answer where the buyer's own list has one price for all. */
const tierBelow = (own: readonly Price[], tier: Price): Price | undefined =>
  own
    .filter((price) => isOfOneProduct(price, tier) && price.tierFrom < tier.tierFrom)
    .reduce<Price | undefined>(
      (best, price) => (best !== undefined && best.tierFrom > price.tierFrom ? best : price),
      undefined,
    );

const atTierOf = ({ id, priceId, tierFrom }: Price, price: Price): Price => ({ ...price, id, priceId, tierFrom });

/** Of prices for long prompts the list says from which length on; a contract has no tiers, so it holds from there and makes none by itself. */
const hasThreshold = ({ unit }: Price): boolean => unit.startsWith('million_long');

const withLayer = (
  book: PriceBook,
  price: Price,
  kind: LayerKind,
  ruleId: string | null,
  listed: Price | undefined,
): Price => {
  const layer: PriceLayer = {
    kind,
    ruleId,
    priceBook: book.id,
    priceBookRevision: book.revision,
    listAmount: listed?.amount ?? null,
    listCurrency: listed?.currency ?? null,
  };
  return { ...price, layer };
};

/** The reduced price that is lowest; undefined where no discount applies. */
const discounted = (
  book: PriceBook,
  offer: Offer,
  price: Price,
  listed: Price | undefined,
  at: string,
): Price | undefined => {
  if (price.amount === null) return undefined;
  let best: Price | undefined;
  for (const discount of book.discounts) {
    if (!holds(discount, at) || !selects(discount.selector, offer, price.category)) continue;
    if (price.layer?.kind === 'private_list' && !discount.onPrivateList) continue;
    const reduced = reduce(book, discount, offer, price, price.amount, at);
    if (reduced === undefined) continue;
    const candidate = withLayer(book, { ...price, ...reduced }, 'discount', discount.id, listed);
    if (best === undefined || isLower(book, candidate, best, at)) best = candidate;
  }
  return best;
};

const reduce = (
  book: PriceBook,
  discount: Discount,
  offer: Offer,
  price: Price,
  amount: string,
  at: string,
): Pick<Price, 'amount' | 'upfront'> | undefined => {
  if ('percent' in discount) {
    return { amount: lessPercent(amount, discount.percent), upfront: lessPercent(price.upfront, discount.percent) };
  }
  const count = countOf(discount.per, offer);
  const rate = rateAt(book.exchangeRates, discount.currency, price.currency, at);
  if (count === undefined || rate === undefined) return undefined;
  const off = convertUnitAmount(scaleUnitAmount(discount.amountOff, count), rate.rate);
  return { amount: lessAmount(amount, off), upfront: price.upfront };
};

const contractPrices = (
  book: PriceBook,
  offer: Offer,
  listed: ReadonlyMap<string, Price>,
  at: string,
): readonly Price[] =>
  book.contracts.flatMap((contract) => {
    const count = countOf(contract.per, offer);
    if (count === undefined || !holds(contract, at) || !selects(contract.selector, offer, contract.category)) return [];
    return [contractPrice(book, contract, offer, count, listed)];
  });

const contractPrice = (
  book: PriceBook,
  contract: Contract,
  offer: Offer,
  count: number,
  listed: ReadonlyMap<string, Price>,
): Price => {
  const { category, termMonths, payment, unit } = contract;
  const identity = { offerId: offer.id, category, termMonths, payment, tierFrom: 0, unit };
  const id = priceIdentityId(identity);
  const price: Price = {
    ...identity,
    id,
    priceId: id,
    amount: scaleUnitAmount(contract.amount, count),
    upfront: scaleUnitAmount(contract.upfront, count),
    currency: contract.currency,
    ...provenanceOf(book, contract),
  };
  return withLayer(book, price, 'contract', contract.id, listed.get(id));
};

const provenanceOf = (book: PriceBook, { source, validFrom, validTo }: Dated & { readonly source: string }) => ({
  source,
  sourceDate: validFrom.slice(0, 10),
  confidence: 'vendor' as const,
  licence: null,
  notes: null,
  sourceId: `price-book:${book.id}`,
  observedAt: book.committedAt,
  flags: [],
  validFrom,
  validTo,
});

/** The id under which an agreement stands beside the catalog's offers. No provider has a colon in its id. */
const offerIdOf = (book: PriceBook, { id }: PurchaseAgreement): string => `price-book:${book.id}/global/${id}`;

const offerOfPurchase = (book: PriceBook, purchase: PurchaseAgreement): Offer => ({
  id: offerIdOf(book, purchase),
  providerId: purchase.supplier,
  regionId: null,
  zone: null,
  sku: purchase.id,
  kind: purchase.includesServer ? 'server' : 'accelerator',
  deviceId: purchase.deviceId,
  modelId: null,
  deviceCount: purchase.devicesPerUnit,
  vcpus: null,
  memoryBytes: null,
  mode: 'open',
  leadTimeDays: purchase.leadTimeDays,
  purchaseTerms: {
    usefulLifeYears: purchase.usefulLifeYears,
    residualPercent: purchase.residualPercent,
    warrantyMonths: purchase.warrantyMonths,
    source: `${purchase.source} (price book ${book.id}, ${purchase.id})`,
  },
});

const pricesOfPurchase = (book: PriceBook, offer: Offer, purchase: PurchaseAgreement): readonly Price[] =>
  purchase.tiers.map(({ fromUnits, unitPrice }) => {
    const identity = {
      offerId: offer.id,
      category: 'purchase',
      termMonths: 0,
      payment: 'none',
      tierFrom: fromUnits,
      unit: 'each',
    } as const;
    const id = priceIdentityId(identity);
    const price: Price = {
      ...identity,
      id,
      priceId: id,
      amount: unitPrice,
      upfront: '0',
      currency: purchase.currency,
      ...provenanceOf(book, purchase),
    };
    return withLayer(book, price, 'purchase_agreement', purchase.id, undefined);
  });

/** As it is where the book has no rate. */
const inCurrency = (book: PriceBook, price: Price, currency: string, at: string): Price => {
  const rate = price.currency === currency ? undefined : rateAt(book.exchangeRates, price.currency, currency, at);
  if (rate?.of === undefined || rate.of === null || price.layer === undefined) return price;
  const { validFrom, source } = rate.of;
  const conversion = { from: price.currency, to: currency, rate: rate.rate, validFrom, source };
  return {
    ...price,
    amount: price.amount === null ? null : convertUnitAmount(price.amount, rate.rate),
    upfront: convertUnitAmount(price.upfront, rate.rate),
    currency,
    layer: { ...price.layer, conversion },
  };
};

/** By the hour of the term, upfront part included; ties by the id of the rule. What cannot be compared is not lower. */
const isLower = (book: PriceBook, a: Price, b: Price, at: string): boolean => {
  const rate = rateAt(book.exchangeRates, a.currency, b.currency, at);
  if (rate === undefined) return false;
  const whole = ({ amount, upfront, termMonths }: Price): number =>
    Number(amount) + (termMonths > 0 ? Number(upfront) / (termMonths * HOURS_PER_MONTH) : 0);
  const difference = whole(a) * Number(rate.rate) - whole(b);
  if (difference !== 0) return difference < 0;
  return (a.layer?.ruleId ?? '') < (b.layer?.ruleId ?? '');
};

/** When anything of the book begins or ends, oldest first. */
const edgesOf = ({ discounts, contracts, exchangeRates, purchases }: PriceBook): readonly string[] =>
  [...discounts, ...contracts, ...exchangeRates, ...purchases]
    .flatMap(({ validFrom, validTo }) => (validTo === null ? [validFrom] : [validFrom, validTo]))
    .sort();

const lastEdge = (edges: readonly string[], at: string): string | null => edges.findLast((edge) => edge <= at) ?? null;

const latest = (moments: readonly (string | null)[]): string | null =>
  moments.reduce((last, moment) => (last === null || (moment !== null && moment > last) ? moment : last), null);

/** "a/b/c" is a price of "a/b", or of "a" where an SKU has no slash in it. The longest first. */
const offersNamedIn = (priceId: string): readonly string[] => {
  const parts = priceId.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - 1 - index).join('/'));
};
