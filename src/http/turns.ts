/**
 * Lets long computations share the event loop with short requests. Together they run for a turn of a millisecond, or one step of theirs
 * where that takes longer; then all waiting requests are served before the next turn. The clock decides when a computation runs, never
 * what it answers.
 */
const TURN_MS = 1;

let turnEnds = Number.NEGATIVE_INFINITY;
const waiting: (() => void)[] = [];
const stillTheirs = Promise.resolve();

/** Resolves at once while the turn lasts, so that it is cheap enough to be called between any two steps. */
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
