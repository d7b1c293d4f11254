/** What to expect of hours that several uncertain factors multiply. */
import { centredFactor, type UncertainFactor } from '../../uncertainty/band.ts';
import { sumBand } from '../../uncertainty/propagation.ts';

interface Expected {
  /** Median of the product: where factors are skewed it is not the product of their medians. */
  readonly median: number;
  /** The spread around it. */
  readonly factors: readonly UncertainFactor[];
}

/** Deadlines, budgets and bills go by the median that the answer shows as p50. */
export function expectedOver(factors: readonly UncertainFactor[]): Expected {
  const medians = factors.reduce((product, { p50 }) => product * p50, 1);
  const [first, ...others] = factors.map(centredFactor);
  if (first === undefined || others.length === 0)
    return { median: medians, factors: first === undefined ? [] : [first] };
  const skew = sumBand([{ amount: 1, factors: [first, ...others] }]).p50;
  const { p10, p50, p90, basis } = first;
  return { median: medians * skew, factors: [{ p10: p10 / skew, p50: p50 / skew, p90: p90 / skew, basis }, ...others] };
}
