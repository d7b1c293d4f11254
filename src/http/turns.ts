/**
 * Long answers share the event loop with short ones: together they hold it for one turn of a few milliseconds, then everything that
 * waits goes first, and the next of them has its turn. Whose turn it is depends on the clock; what they answer does not.
 */
const TURN_MS = 3;

let turnEnds = Number.NEGATIVE_INFINITY;
const waiting: (() => void)[] = [];
const stillTheirs = Promise.resolve();

/** Resolves at once while the turn lasts: cheap enough to be asked between any two steps. */
export function takeTurns(): Promise<void> {
  if (performance.now() < turnEnds) return stillTheirs;
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(nextTurn);
  });
}

function nextTurn(): void {
  const resume = waiting.shift();
  if (waiting.length > 0) setImmediate(nextTurn);
  turnEnds = performance.now() + TURN_MS;
  resume?.();
}
