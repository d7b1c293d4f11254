/** For results that must not be lost because the database was unreachable when they were ready. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseAway } from './away.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Repeats the work, with growing pauses, while the database is unreachable.
 * @returns undefined where `signal` stopped it.
 * @throws errors that have another cause than the database being unreachable.
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
