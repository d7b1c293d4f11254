/** Sequences in flight under open arrivals, and how much their number moves the time per token. */
import type { ServingCurve } from './serving-curve.ts';

/** Averaging a load that decorrelates linearly over the life of a request keeps this share of its variance. */
const LIFETIME_AVERAGE = 2 / 3;
const BISECTIONS = 40;

/** The smallest in-flight count that its own demand does not exceed; the maximum where demand always does. */
export function solveInFlight(demand: (inFlight: number) => number, maximum: number): number {
  if (demand(maximum) >= maximum) return maximum;
  let low = 0;
  let high = maximum;
  for (let i = 0; i < BISECTIONS && high - low > 1e-4 * high; i++) {
    const middle = (low + high) / 2;
    if (demand(middle) >= middle) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Variance of a request's mean TPOT from the batch it happens to meet: Poisson around its mean, times the peakedness of
 * bursty arrivals.
 */
export function batchVariance(
  curve: ServingCurve,
  tpotAt: (inFlight: number) => number,
  inFlight: number,
  tpotSeconds: number,
  arrivalCv2: number,
): number {
  const further = Math.min(inFlight * 1.1 + 1, curve.maximum);
  const slope = (tpotAt(further) - tpotSeconds) / Math.max(further - inFlight, 1e-9);
  return Number.isFinite(slope) ? slope ** 2 * inFlight * ((1 + arrivalCv2) / 2) * LIFETIME_AVERAGE : 0;
}
