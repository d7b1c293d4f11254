/** For work that must not be lost because the database was away when it ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseAway } from './away.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Tries, with growing pauses while the database is away, until it has worked.
 * @returns undefined where `signal` ended it.
 * @throws what has nothing to do with the database being away.
 */
export async function whenBack<T>(
  attempt: () => Promise<T>,
  { signal, onAway }: { readonly signal: AbortSignal; readonly onAway: (error: unknown) => void },
): Promise<T | undefined> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      return await attempt();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      if (pauseMs === FIRST_PAUSE_MS) onAway(error);
    }
    await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
  return undefined;
}
