import type { BandBasis, UncertainFactor, UncertainValue } from './band.ts';
import { sumBand } from './propagation.ts';

/** Figures that the caller stated or that follow from them exactly. */
const EXACT: BandBasis = {
  id: 'exact',
  kind: 'sourced',
  cases: null,
  medianAbsoluteErrorPercent: null,
  description: 'Given in the request or following from it; no uncertainty of its own.',
};

/** A point times its factors as a band; the basis named is that of the widest factor. */
export function uncertainValue(point: number, factors: readonly UncertainFactor[]): UncertainValue {
  return { ...sumBand([{ amount: point, factors }]), basis: widestBasis(factors) };
}

/** The basis of the factor with the widest band; `EXACT` where there is none. Ties by id. */
export function widestBasis(factors: readonly UncertainFactor[]): BandBasis {
  let widest: UncertainFactor | undefined;
  for (const factor of factors) {
    if (widest === undefined) widest = factor;
    const difference = factor.p90 / factor.p10 - widest.p90 / widest.p10;
    if (difference > 0 || (difference === 0 && factor.basis.id < widest.basis.id)) widest = factor;
  }
  return widest?.basis ?? EXACT;
}
