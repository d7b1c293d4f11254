/** The catalog that ships with this version, and the time at which the tests ask. */
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';

export const snapshot = snapshotFromSeed(loadSeed());
export const AT = '2026-11-24T00:00:00.000Z';
