/**
<<<<<<< HEAD
 * Lets long computations share the event loop with short requests. Together they run for a turn of a few milliseconds; then all
 * waiting requests are served before the next turn. The clock decides when a computation runs, never what it answers.
=======
 * Long answers share the event loop with short ones: together they hold it for one turn of a millisecond or what their longest step takes, then everything that
 * waits goes first, and the next of them has its turn. Whose turn it is depends on the clock; what they answer does not.
>>>>>>> 8de5ecb (Long answers hold the event loop for a millisecond at a time; orders and fronts of tens of thousands of options are left in between)
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
