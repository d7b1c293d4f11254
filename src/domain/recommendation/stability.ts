/** Does the ranking hold inside the bands? The ratio of the two costs, with the factors that both share moving together. */
import type { FeasibleInference } from '../inference/estimate-result.ts';
import type { Band } from '../uncertainty/band.ts';
import { combineBand, type UncertainItem } from '../uncertainty/propagation.ts';

/** How likely the winner costs less: it may be first by another figure, and cost more. */
type StabilityVerdict = 'nine_in_ten' | 'more_likely_than_not' | 'undecided' | 'unlikely';

export interface Stability {
  /** Cost of the winner over that of the other; null where the other costs nothing and the winner something. */
  readonly costRatio: Band | null;
  readonly verdict: StabilityVerdict;
}

/** Medians closer to one than this tell nothing. */
const UNDECIDED_WITHIN = 0.01;

const EQUAL: Band = { p10: 1, p50: 1, p90: 1 };

export function stabilityOf(winner: FeasibleInference, other: FeasibleInference): Stability {
  const ours = itemsOf(winner);
  const theirs = itemsOf(other);
  // A price book may leave nothing of a price.
  if (theirs.length === 0) {
    return ours.length === 0
      ? { costRatio: EQUAL, verdict: verdictOf(EQUAL) }
      : { costRatio: null, verdict: 'unlikely' };
  }
  const total = (values: Float64Array, from: number, to: number): number => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i] as number;
    return sum;
  };
  const costRatio = combineBand([...ours, ...theirs], (values) => {
    return total(values, 0, ours.length) / total(values, ours.length, values.length);
  });
  return { costRatio, verdict: verdictOf(costRatio) };
}

function verdictOf({ p50, p90 }: Band): StabilityVerdict {
  if (p90 < 1) return 'nine_in_ten';
  if (p50 < 1 - UNDECIDED_WITHIN) return 'more_likely_than_not';
  return p50 > 1 + UNDECIDED_WITHIN ? 'unlikely' : 'undecided';
}

const itemsOf = ({ costPerMonth }: FeasibleInference): UncertainItem[] =>
  costPerMonth.lineItems.flatMap(({ components }) => components.filter(({ amount }) => amount !== 0));
