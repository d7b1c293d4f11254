/** What a device costs to buy: catalog purchase offers, per device. */
import type { Offer } from '../catalog/offers.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { divideUnitAmount } from '../money.ts';
import type { PublishedPrice } from './rental-offers.ts';

export interface PurchaseOption {
  readonly offer: Offer;
  readonly price: PublishedPrice;
  /** Decimal string. */
  readonly amountPerDevice: string;
  /** The price is of a whole system (server, pod): no server multiplier on top. */
  readonly includesServer: boolean;
}

interface Memory {
  readonly at: string;
  readonly options: Map<string, readonly PurchaseOption[]>;
}

/** A comparison asks for every device many times at one time: the options at the last one are kept. A snapshot is immutable. */
const memories = new WeakMap<CatalogSnapshot, Memory>();

/** Cheapest per device first; ties by price id. Prices of whole systems and of bare devices are both listed. */
export function purchaseOptions(
  snapshot: CatalogSnapshot,
  deviceId: string,
  at: string,
  currency = 'USD',
): readonly PurchaseOption[] {
  let memory = memories.get(snapshot);
  if (memory?.at !== at) {
    memory = { at, options: new Map() };
    memories.set(snapshot, memory);
  }
  const key = `${deviceId} ${currency}`;
  const known = memory.options.get(key) ?? findOptions(snapshot, deviceId, at, currency);
  memory.options.set(key, known);
  return known;
}

function findOptions(snapshot: CatalogSnapshot, deviceId: string, at: string, currency: string): PurchaseOption[] {
  return snapshot
    .offersOfDevice(deviceId)
    .flatMap((offer) =>
      snapshot
        .pricesOfOffer(offer.id, at, currency)
        .filter(
          (price): price is PublishedPrice =>
            price.category === 'purchase' &&
            price.amount !== null &&
            price.currency === currency &&
            price.tierFrom === 0,
        )
        .map((price) => ({
          offer,
          price,
          amountPerDevice: divideUnitAmount(price.amount, offer.deviceCount),
          includesServer: offer.kind === 'server',
        })),
    )
    .sort((a, b) => Number(a.amountPerDevice) - Number(b.amountPerDevice) || (a.price.id < b.price.id ? -1 : 1));
}

/** The purchase price that an estimate takes: a whole system before a bare device, because less has to be assumed. */
export const purchaseOption = (
  snapshot: CatalogSnapshot,
  deviceId: string,
  at: string,
  currency = 'USD',
): PurchaseOption | null => {
  const options = purchaseOptions(snapshot, deviceId, at, currency);
  return options.find((option) => option.includesServer) ?? options[0] ?? null;
};
