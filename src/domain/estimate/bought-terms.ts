/** Boards, phones and laptops are sold, not rented out: a request that names one without terms of purchase means buying it. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { purchaseOptions } from '../economics/purchase-price.ts';
import type { DeviceSelector } from './named-device.ts';

const BOUGHT_KINDS: ReadonlySet<string> = new Set(['accelerator', 'server', 'edge_device']);

export const isRentedOut = (snapshot: CatalogSnapshot, deviceId: string): boolean =>
  snapshot.offersOfDevice(deviceId).some(({ kind }) => !BOUGHT_KINDS.has(kind));

/** Whether the device has a purchase price at the time and is rented out nowhere. */
export const isOnlyBought = (snapshot: CatalogSnapshot, deviceId: string, at: string): boolean =>
  !isRentedOut(snapshot, deviceId) && purchaseOptions(snapshot, deviceId, at).length > 0;

/** Unchanged where the request says its terms, or the device is rented out somewhere or not sold at the time. */
export function withTerms<Request extends DeviceSelector>(
  snapshot: CatalogSnapshot,
  request: Request,
  at: string,
  log: AssumptionLog,
): Request {
  const { device, purchase } = request;
  if (device === undefined || purchase?.category !== undefined || purchase?.usdPerDeviceHour !== undefined) {
    return request;
  }
  if (!isOnlyBought(snapshot, device, at)) return request;
  log.add({
    id: 'purchase.category',
    field: '/purchase/category',
    value: 'owned',
    unit: null,
    range: null,
    source: 'the catalog: sold, and nowhere rented out',
    reason: `${device} is bought, not rented by the hour.`,
  });
  return { ...request, purchase: { ...purchase, category: 'owned' } };
}
