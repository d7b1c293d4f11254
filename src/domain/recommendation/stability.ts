/** Does the ranking hold inside the bands? The ratio of the two costs, with the factors that both share moving together. */
import type { FeasibleInference } from '../inference/estimate-result.ts';
import type { Band } from '../uncertainty/band.ts';
import { combineBand, type UncertainItem } from '../uncertainty/propagation.ts';

export type StabilityVerdict = 'nine_in_ten' | 'more_likely_than_not' | 'undecided';

export interface Stability {
  /** Cost of the winner over that of the other. */
  readonly costRatio: Band;
  readonly verdict: StabilityVerdict;
}

const UNDECIDED_BELOW = 0.99;

export function stabilityOf(winner: FeasibleInference, other: FeasibleInference): Stability {
  const ours = itemsOf(winner);
  const theirs = itemsOf(other);
  const total = (values: Float64Array, from: number, to: number): number => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i] as number;
    return sum;
  };
  const costRatio = combineBand([...ours, ...theirs], (values) => {
    return total(values, 0, ours.length) / total(values, ours.length, values.length);
  });
  const verdict =
    costRatio.p90 < 1 ? 'nine_in_ten' : costRatio.p50 < UNDECIDED_BELOW ? 'more_likely_than_not' : 'undecided';
  return { costRatio, verdict };
}

const itemsOf = ({ costPerMonth }: FeasibleInference): UncertainItem[] =>
  costPerMonth.lineItems.flatMap(({ components }) => components.filter(({ amount }) => amount !== 0));
