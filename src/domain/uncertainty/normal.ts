/** The standard normal distribution, as far as bands need it. */

/** The 90 % quantile. */
export const Z90 = 1.2815515655446004;

/** Acklam's rational approximation of the standard normal quantile function (2003; relative error below 1.2e-9). */
const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
/** Where the tails begin. */
const LOW = 0.02425;

export function inverseStandardNormal(probability: number): number {
  if (probability < LOW) return tail(Math.sqrt(-2 * Math.log(probability)));
  if (probability > 1 - LOW) return -tail(Math.sqrt(-2 * Math.log(1 - probability)));
  const q = probability - 0.5;
  const r = q * q;
  return (polynomial(A, r) * q) / (polynomial(B, r) * r + 1);
}

const tail = (q: number): number => polynomial(C, q) / (polynomial(D, q) * q + 1);

/** Highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = 0; i < coefficients.length; i++) value = value * x + (coefficients[i] as number);
  return value;
}

/** Share of the distribution below `score`: Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8. */
export function standardNormal(score: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(score));
  const density = Math.exp((-score * score) / 2) / Math.sqrt(2 * Math.PI);
  const above = density * t * polynomial(DENSITY_SERIES, t);
  return score < 0 ? above : 1 - above;
}

const DENSITY_SERIES = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153];
