/** Batches are told in round numbers of tokens: what is called 4 M is 4,194,304, and 4,000,000 is no number of sequences. */
import { sharedBatchWithin } from '../layout/shared-batch.ts';

const MOST_MOVED = 0.05;
/** The number of devices is open: whatever doubling it will be. */
const LARGEST_DOUBLING = 2 ** 17;

/**
 * Sequences of a batch. A whole number stays as it is; a fraction becomes the nearest number, within 5 %, that as many
 * devices as possible can share out.
 */
export function wholeSequences(sequences: number, devices: number | undefined): number {
  const rounded = Math.max(1, Math.round(sequences));
  if (sequences < 1 || Number.isInteger(sequences)) return rounded;
  const cut = devices === undefined ? null : sharedBatchWithin(MOST_MOVED, sequences, devices);
  if (cut !== null) return cut;
  for (let ranks = devices ?? LARGEST_DOUBLING; ranks > 1; ranks = nextDivisor(ranks)) {
    const shared = Math.round(sequences / ranks) * ranks;
    if (shared > 0 && Math.abs(shared - sequences) <= MOST_MOVED * sequences) return shared;
  }
  return rounded;
}

/** By its smallest prime factor, so that doublings go last but one at a time. */
function nextDivisor(ranks: number): number {
  for (let factor = 2; factor * factor <= ranks; factor++) if (ranks % factor === 0) return ranks / factor;
  return 1;
}
