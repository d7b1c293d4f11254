/**
 * The hourly prices of a device in force at a time, worked out once per snapshot, price change and day (ages count in
 * days): the same few thousand rows answer every request of a day. A snapshot is immutable, so remembering changes no answer.
 */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { atOnce, type Steps } from '../steps.ts';
import { DeviceRentals } from './device-rentals.ts';
import { utcDay } from './price-use.ts';

type RentalsByDevice = Map<string, DeviceRentals>;

interface Memory {
  /** By price change and day; the oldest goes first. */
  readonly times: Map<string, RentalsByDevice>;
  /** One estimate asks many times for one time. */
  latest: { readonly at: string; readonly rentals: RentalsByDevice } | null;
  /** Devices that estimates asked for. */
  readonly asked: Set<string>;
}

const TIMES_REMEMBERED = 4;
const memories = new WeakMap<CatalogSnapshot, Memory>();

export function rentalsOf(snapshot: CatalogSnapshot, deviceId: string, at: string): DeviceRentals {
  memoryOf(snapshot).asked.add(deviceId);
  const rentals = rentalsAt(snapshot, at);
  const known = rentals.get(deviceId);
  if (known !== undefined) return known;
  const collected = asRankedBefore(snapshot, deviceId, at) ?? atOnce(DeviceRentals.collecting(snapshot, deviceId, at));
  rentals.set(deviceId, collected);
  return collected;
}

/** Most times differ from another one by a confirmation, which changes no rank. */
function asRankedBefore(snapshot: CatalogSnapshot, deviceId: string, at: string): DeviceRentals | undefined {
  for (const rentals of memoryOf(snapshot).times.values()) {
    const moved = rentals.get(deviceId)?.asOf(at);
    if (moved !== undefined) return moved;
  }
  return undefined;
}

/** Devices whose rentals anybody asked for. */
export const askedDevices = (snapshot: CatalogSnapshot): ReadonlySet<string> => memoryOf(snapshot).asked;

/** So that an estimate of a device with very many prices need not collect and rank them itself. */
export function* preparingRentals(snapshot: CatalogSnapshot, deviceId: string, at: string): Steps<void> {
  const rentals = rentalsAt(snapshot, at);
  if (rentals.has(deviceId)) return;
  const ranked = asRankedBefore(snapshot, deviceId, at);
  if (ranked !== undefined) {
    rentals.set(deviceId, ranked);
    return;
  }
  const collected = yield* DeviceRentals.collecting(snapshot, deviceId, at);
  yield* collected.ranking();
  rentals.set(deviceId, collected);
}

function rentalsAt(snapshot: CatalogSnapshot, at: string): RentalsByDevice {
  const memory = memoryOf(snapshot);
  if (memory.latest?.at === at) return memory.latest.rentals;
  const { times } = memory;
  const time = `${snapshot.lastPriceChange(at)} ${utcDay(at)}`;
  const rentals: RentalsByDevice = times.get(time) ?? new Map();
  const [oldest] = times.keys();
  if (!times.has(time) && times.size >= TIMES_REMEMBERED && oldest !== undefined) times.delete(oldest);
  times.set(time, rentals);
  memory.latest = { at, rentals };
  return rentals;
}

function memoryOf(snapshot: CatalogSnapshot): Memory {
  const known = memories.get(snapshot);
  if (known !== undefined) return known;
  const memory: Memory = { times: new Map(), latest: null, asked: new Set() };
  memories.set(snapshot, memory);
  return memory;
}
