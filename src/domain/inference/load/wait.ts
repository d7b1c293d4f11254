/**
 * Waiting times and the percentiles of a wait plus a service time.
 * A wait is zero with probability 1 - p and exponential otherwise (heavy traffic, Kingman 1961); a service time is
 * log-normal by its mean and variance.
 */
import { inverseStandardNormal } from '../../uncertainty/normal.ts';
import type { Percentiles } from '../step/results.ts';

export interface Wait {
  readonly probability: number;
  /** Mean of the wait of those who wait, seconds. */
  readonly conditionalMeanSeconds: number;
}

export interface ServiceTime {
  readonly meanSeconds: number;
  readonly varianceSeconds2: number;
}

export const NO_WAIT: Wait = { probability: 0, conditionalMeanSeconds: 0 };
const NEGLIGIBLE = 1e-7;

/**
 * G/G/c queue: delay probability after Sakasegawa (1977), rho^(sqrt(2 (c + 1)) - 1), mean wait after Allen and Cunneen.
 * @param utilization below 1
 * @param occupancy share of the servers that are busy; below the utilization where service is faster at light load
 */
export function queueWait(
  servers: number,
  utilization: number,
  serviceSeconds: number,
  serviceCv2: number,
  arrivalCv2: number,
  occupancy: number = utilization,
): Wait {
  if (utilization <= 0 || serviceSeconds <= 0) return NO_WAIT;
  const probability = occupancy ** (Math.sqrt(2 * (servers + 1)) - 1);
  const spread = (arrivalCv2 + serviceCv2) / 2;
  return {
    probability: Math.min(probability, 1),
    conditionalMeanSeconds: (serviceSeconds * spread) / (servers * (1 - utilization)),
  };
}

const meanWait = (wait: Wait): number => wait.probability * wait.conditionalMeanSeconds;

/** P(first + second > t) for independent waits. */
function survival(first: Wait, second: Wait, t: number): number {
  if (t < 0) return 1;
  const p = first.probability;
  const q = second.probability;
  const a = p > NEGLIGIBLE ? Math.exp(-t / first.conditionalMeanSeconds) : 0;
  const b = q > NEGLIGIBLE ? Math.exp(-t / second.conditionalMeanSeconds) : 0;
  let both = 0;
  if (p > NEGLIGIBLE && q > NEGLIGIBLE) {
    const m = first.conditionalMeanSeconds;
    const n = second.conditionalMeanSeconds;
    both = Math.abs(m - n) < 1e-9 * (m + n) ? (1 + t / m) * a : (m * a - n * b) / (m - n);
  }
  return p * (1 - q) * a + q * (1 - p) * b + p * q * both;
}

const NODES = 21;
const nodes = Float64Array.from({ length: NODES }, (_, i) => inverseStandardNormal((i + 0.5) / NODES));
const support = new Float64Array(NODES);

/** Fills `support` with equally likely values of the service time. */
function spreadService(mean: number, sigma: number): void {
  for (let i = 0; i < NODES; i++) support[i] = mean * Math.exp(sigma * (nodes[i] as number) - (sigma * sigma) / 2);
}

/** Percentiles of first wait + second wait + service, seconds. */
export function percentiles(first: Wait, second: Wait, service: ServiceTime): Percentiles {
  const mean = meanWait(first) + meanWait(second) + service.meanSeconds;
  // each is solved to its own last digit: none is below the one before
  const p50 = percentile(first, second, service, 0.5);
  const p90 = Math.max(p50, percentile(first, second, service, 0.9));
  const p95 = Math.max(p90, percentile(first, second, service, 0.95));
  const p99 = Math.max(p95, percentile(first, second, service, 0.99));
  return { mean, p50, p90, p95, p99 };
}

/**
 * One percentile of first wait + second wait + service, seconds.
 * @param atMost where only matters whether it, times `scale`, is at most this: then it is no nearer than tells that
 */
export function percentile(
  first: Wait,
  second: Wait,
  service: ServiceTime,
  probability: number,
  scale = 1,
  atMost = Number.NaN,
): number {
  const mean = service.meanSeconds;
  const sigma = mean > 0 ? Math.sqrt(Math.log(1 + service.varianceSeconds2 / mean ** 2)) : 0;
  const alone = mean > 0 ? mean * Math.exp(sigma * inverseStandardNormal(probability) - (sigma * sigma) / 2) : 0;
  if (alone * scale > atMost) return alone;
  const target = 1 - probability;
  if (first.probability + second.probability < NEGLIGIBLE) return alone;
  // waits rarer than the tail in question, and no spread to add to: nothing to solve
  if (sigma === 0 && survival(first, second, 0) <= target) return alone;
  const fixed = sigma < 1e-6;
  if (!fixed) spreadService(mean, sigma);
  const exceeds = (t: number): number => {
    if (fixed) return survival(first, second, t - mean);
    let total = 0;
    for (let i = 0; i < NODES; i++) total += survival(first, second, t - (support[i] as number));
    return total / NODES;
  };
  // the equally likely nodes stop short of the extreme quantile: the service alone is the least it can be
  if (exceeds(alone) <= target) return alone;
  let low = alone;
  let span = Math.max(first.conditionalMeanSeconds, second.conditionalMeanSeconds, alone * 0.1);
  let high = low + span;
  while (exceeds(high) > target) {
    low = high;
    if (low * scale > atMost) return low;
    span *= 2;
    high += span;
  }
  // a rare wait may be a thousand times as long as the service: steps end by what they still tell apart
  for (let i = 0; i < MOST_QUANTILE_STEPS && (i < QUANTILE_STEPS || high - low > RESOLUTION * low); i++) {
    if (high * scale <= atMost || low * scale > atMost) break;
    const middle = (low + high) / 2;
    if (exceeds(middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const QUANTILE_STEPS = 10;
const MOST_QUANTILE_STEPS = 60;
const RESOLUTION = 1e-3;

export const UNBOUNDED: Percentiles = {
  mean: Number.POSITIVE_INFINITY,
  p50: Number.POSITIVE_INFINITY,
  p90: Number.POSITIVE_INFINITY,
  p95: Number.POSITIVE_INFINITY,
  p99: Number.POSITIVE_INFINITY,
};
