/** What a device costs to buy: catalog purchase offers and agreements of a price book, per device. */
import type { Offer, Price } from '../catalog/offers.ts';
import { collectingPriceFigures } from '../catalog/price-figures.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { divideUnitAmount } from '../money.ts';
import { atOnce } from '../steps.ts';
import type { PublishedPrice } from './rental.ts';

export interface PurchaseOption {
  readonly offer: Offer;
  readonly price: PublishedPrice;
  /** Decimal string. */
  readonly amountPerDevice: string;
  /** The price is of a whole system (server, pod): no server multiplier on top. */
  readonly includesServer: boolean;
}

interface Offered {
  readonly offers: readonly { readonly offer: Offer; readonly tiers: readonly PublishedPrice[] }[];
  /** Where no offer has volume tiers, all that there is, whatever the number. */
  readonly options: readonly PurchaseOption[] | null;
}

interface Memory {
  /** When any price last started or ended. */
  readonly change: string | null;
  readonly offered: Map<string, Offered>;
}

/** A comparison asks for every device many times: the offers since the last change of a price are kept. A snapshot is immutable. */
const memories = new WeakMap<CatalogSnapshot, Memory>();

/**
 * Cheapest per device first; ties by price id. Prices of whole systems and of bare devices are both listed, of volume tiers the one that
 * `devices` bought at once reach.
 */
export function purchaseOptions(
  snapshot: CatalogSnapshot,
  deviceId: string,
  at: string,
  devices = 1,
  currency = 'USD',
): readonly PurchaseOption[] {
  let memory = memories.get(snapshot);
  const change = snapshot.lastPriceChange(at);
  if (memory?.change !== change) {
    memory = { change, offered: new Map() };
    memories.set(snapshot, memory);
  }
  const key = `${deviceId} ${currency}`;
  const offered = memory.offered.get(key) ?? findOffered(snapshot, deviceId, at, currency);
  memory.offered.set(key, offered);
  return offered.options ?? optionsFor(offered.offers, devices);
}

function findOffered(snapshot: CatalogSnapshot, deviceId: string, at: string, currency: string): Offered {
  const figures = atOnce(
    collectingPriceFigures(snapshot, deviceId, at, ({ category }) => category === 'purchase', currency),
  );
  const tiersOf = new Map<Offer, PublishedPrice[]>();
  for (let index = 0; index < figures.length; index++) {
    const offer = figures.offer(index);
    const price = figures.price(index);
    if (!isPublished(price) || price.currency !== currency) continue;
    const tiers = tiersOf.get(offer);
    if (tiers === undefined) tiersOf.set(offer, [price]);
    else tiers.push(price);
  }
  const offers = [...tiersOf].map(([offer, tiers]) => ({
    offer,
    tiers: tiers.sort((a, b) => (a.id < b.id ? -1 : 1)),
  }));
  const hasTiers = offers.some(({ tiers }) => tiers.some(({ tierFrom }) => tierFrom > 0));
  return { offers, options: hasTiers ? null : optionsFor(offers, 1) };
}

const isPublished = (price: Price): price is PublishedPrice => price.amount !== null;

const optionsFor = (offers: Offered['offers'], devices: number): readonly PurchaseOption[] =>
  offers
    .flatMap(({ offer, tiers }) => {
      const price = tierFor(tiers, Math.ceil(devices / offer.deviceCount));
      if (price === undefined) return [];
      const amountPerDevice = divideUnitAmount(price.amount, offer.deviceCount);
      return [{ offer, price, amountPerDevice, includesServer: offer.kind === 'server' }];
    })
    .sort((a, b) => Number(a.amountPerDevice) - Number(b.amountPerDevice) || (a.price.id < b.price.id ? -1 : 1));

/** The highest tier that so many units reach. */
const tierFor = (tiers: readonly PublishedPrice[], units: number): PublishedPrice | undefined =>
  tiers
    .filter(({ tierFrom }) => tierFrom <= units)
    .reduce<PublishedPrice | undefined>(
      (best, tier) => (best === undefined || tier.tierFrom > best.tierFrom ? tier : best),
      undefined,
    );

/**
 * The purchase price that an estimate takes: one that was agreed before any list, and a whole system before a bare device, because
 * less has to be assumed.
 */
export const purchaseOption = (
  snapshot: CatalogSnapshot,
  deviceId: string,
  at: string,
  devices = 1,
  currency = 'USD',
): PurchaseOption | null => {
  const options = purchaseOptions(snapshot, deviceId, at, devices, currency);
  const agreed = options.filter(({ price }) => price.layer?.kind === 'purchase_agreement');
  const candidates = agreed.length > 0 ? agreed : options;
  return candidates.find((option) => option.includesServer) ?? candidates[0] ?? null;
};
