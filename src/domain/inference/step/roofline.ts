/**
 * A kernel between memory and arithmetic: (memory^p + compute^p)^(1/p), the roofline of Williams et al. 2009 without its
 * corner; p to infinity is the maximum.
 */
export function smoothMaximum(a: number, b: number, exponent: number): number {
  const high = Math.max(a, b);
  const low = Math.min(a, b);
  if (low <= 0) return high;
  return high * (1 + (low / high) ** exponent) ** (1 / exponent);
}
