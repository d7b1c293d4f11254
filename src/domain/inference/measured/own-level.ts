/**
 * What a caller's own measurements do to a band. In logarithms the level of a deployment is normal around the median of
 * its group, with variance tau^2, and measurements scatter around that level with variance sigma^2 (normal-normal update,
 * Gelman et al., Bayesian Data Analysis, 2.5): the level moves to the measurements by their precision, and the band of the
 * next figure is what remains of the level's variance plus the scatter.
 */
import type { UncertainFactor } from '../../uncertainty/band.ts';

/** One measurement over what the formula says of it. */
export interface OwnRatio {
  readonly ratio: number;
  /** Variance of the measurement over that of one of the very deployment: 1, or more where it is only akin. */
  readonly inflation: number;
}

/** Of a normal distribution, from the median to the 90th percentile. */
const Z90 = 1.2815515655446004;
/** The level of a deployment is never so well known beforehand that measurements could not move it: share of the group's variance. */
const LEAST_LEVEL_SHARE = 0.2;

/** @param sigma scatter of measurements of one deployment, of the logarithm */
export function movedToOwn(
  group: UncertainFactor,
  own: readonly OwnRatio[],
  sigma: number,
  what: string,
): UncertainFactor {
  if (own.length === 0) return group;
  const groupVariance = (Math.log(group.p90 / group.p10) / (2 * Z90)) ** 2;
  const scatter = Math.max(sigma ** 2, scatterOf(own));
  const tau2 = Math.max(groupVariance - sigma ** 2, LEAST_LEVEL_SHARE * groupVariance);
  let precision = 1 / tau2;
  let weighted = Math.log(group.p50) / tau2;
  for (const { ratio, inflation } of own) {
    precision += 1 / (scatter * inflation);
    weighted += Math.log(ratio) / (scatter * inflation);
  }
  const level = weighted / precision;
  const spread = Z90 * Math.sqrt(1 / precision + scatter);
  const p50 = Math.exp(level);
  const errors = own.map(({ ratio }) => Math.abs(p50 / ratio - 1)).sort((a, b) => a - b);
  const points = own.length === 1 ? 'one measurement' : `${own.length} measurements`;
  return {
    p10: Math.exp(level - spread),
    p50,
    p90: Math.exp(level + spread),
    basis: {
      id: `${group.basis.id}/own`,
      kind: 'residuals',
      cases: own.length,
      medianAbsoluteErrorPercent: 100 * (errors[Math.floor((errors.length - 1) / 2)] as number),
      description: `${what}: ${points} of your own deployment (measured / predicted ${own.map(({ ratio }) => ratio.toPrecision(3)).join(', ')}), weighed against ${group.basis.description.charAt(0).toLowerCase()}${group.basis.description.slice(1)}`,
    },
  };
}

/** Variance of the logarithms around their mean; 0 for a single one. */
function scatterOf(own: readonly OwnRatio[]): number {
  if (own.length < 2) return 0;
  const logs = own.map(({ ratio }) => Math.log(ratio));
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  return logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (logs.length - 1);
}
