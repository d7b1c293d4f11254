/**
 * Before an answer is worked out, the prices it may look at are in rank: those of a price book, of an earlier revision or of another time are not
 * ranked ahead, and with very many offers an answer that did so itself would hold up all others.
 */
import { inSlices } from '../catalog/slices.ts';
import type { CatalogSnapshot } from '../domain/catalog/snapshot.ts';
import { rankingLargeDevices } from '../domain/economics/large-devices.ts';

/** Several requests at once wait for one ranking. */
const underWay = new WeakMap<CatalogSnapshot, Promise<void>>();

/** @param deviceId the only device that is asked about; undefined where any may be. */
export const rankPrices = async (
  snapshot: CatalogSnapshot,
  at: string,
  deviceId: string | undefined,
): Promise<void> => {
  while (underWay.has(snapshot)) await underWay.get(snapshot);
  const isWanted = (id: string): boolean => deviceId === undefined || id === deviceId;
  const ranking = inSlices(rankingLargeDevices(snapshot, at, isWanted)).finally(() => underWay.delete(snapshot));
  underWay.set(snapshot, ranking);
  await ranking;
};
