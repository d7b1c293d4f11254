/** Devices with very many offers, whose prices are ranked a step at a time before an answer needs them. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Steps } from '../steps.ts';
import { preparingRentals } from './rental-offers.ts';

/** Below this an answer ranks them itself. */
const MANY_OFFERS = 2000;

const known = new WeakMap<CatalogSnapshot, readonly string[]>();

const largeDevices = (snapshot: CatalogSnapshot): readonly string[] => {
  const found =
    known.get(snapshot) ??
    snapshot.devices.map(({ id }) => id).filter((id) => snapshot.offersOfDevice(id).length >= MANY_OFFERS);
  known.set(snapshot, found);
  return found;
};

/** Ranks the prices at a time of those that are wanted, where that has not been done. */
export function* rankingLargeDevices(
  snapshot: CatalogSnapshot,
  at: string,
  isWanted: (deviceId: string) => boolean = () => true,
): Steps<void> {
  for (const deviceId of largeDevices(snapshot)) {
    if (isWanted(deviceId)) yield* preparingRentals(snapshot, deviceId, at);
  }
}
