/**
 * G/G/c, first come first served. An arrival waits with the probability of Erlang C; those who wait, wait exponentially
 * with the mean of Allen and Cunneen, service x (Ca^2 + Cs^2) / 2 / (c (1 - rho)) (Allen 1990, Probability, Statistics and
 * Queueing Theory, section 5.4). Service is a gamma by its mean and variation up to that of an exponential, a log-normal
 * above it; the response is the wait and the service.
 */
import { erlangC } from './erlang.ts';
import { gammaSurvival } from './gamma.ts';

export interface QueueLoad {
  readonly servers: number;
  readonly arrivalsPerSecond: number;
  /** Mean, above 0. */
  readonly serviceSeconds: number;
  /** Squared coefficient of variation of the service time: 0 always the same, 1 exponential. */
  readonly serviceCv2: number;
  /** Of the time between arrivals: 1 at random (Poisson, the default), 0 a metronome. */
  readonly arrivalCv2?: number | undefined;
}

interface Percentiles {
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface QueueTimes {
  /** Share of the servers' time that is used. */
  readonly utilization: number;
  /** Probability that an arrival finds every server busy. */
  readonly waitProbability: number;
  readonly waitSeconds: Percentiles;
  /** Wait and service. */
  readonly responseSeconds: Percentiles;
}

interface Wait {
  readonly probability: number;
  /** Of the wait of those who wait, per second. */
  readonly rate: number;
}

/** Null where the servers cannot keep up with the arrivals. */
export function queue(load: QueueLoad): QueueTimes | null {
  const wait = waitOf(load);
  if (wait === null) return null;
  const meanWait = wait.probability / wait.rate;
  const waited = (share: number) => Math.max(0, Math.log(wait.probability / (1 - share)) / wait.rate);
  const responded = (share: number) => responsePercentile(load, wait, share);
  return {
    utilization: utilizationOf(load),
    waitProbability: wait.probability,
    waitSeconds: { mean: meanWait, p50: waited(0.5), p95: waited(0.95), p99: waited(0.99) },
    responseSeconds: {
      mean: meanWait + load.serviceSeconds,
      p50: responded(0.5),
      p95: responded(0.95),
      p99: responded(0.99),
    },
  };
}

/** Seconds within which `share` of the requests are answered; null where the servers cannot keep up. */
export function responseSecondsAt(load: QueueLoad, share: number): number | null {
  const wait = waitOf(load);
  return wait === null ? null : responsePercentile(load, wait, share);
}

const utilizationOf = ({ servers, arrivalsPerSecond, serviceSeconds }: QueueLoad): number =>
  (arrivalsPerSecond * serviceSeconds) / servers;

function waitOf(load: QueueLoad): Wait | null {
  const { servers, arrivalsPerSecond, serviceSeconds, serviceCv2, arrivalCv2 = 1 } = load;
  const utilization = utilizationOf(load);
  if (utilization >= 1) return null;
  const variation = (arrivalCv2 + serviceCv2) / 2;
  if (variation <= 0) return { probability: 0, rate: 1 };
  return {
    probability: erlangC(servers, arrivalsPerSecond * serviceSeconds),
    rate: (servers * (1 - utilization)) / (serviceSeconds * variation),
  };
}

const BISECTIONS = 60;

function responsePercentile(load: QueueLoad, wait: Wait, share: number): number {
  const beyond = 1 - share;
  let high = load.serviceSeconds;
  while (responseSurvival(load, wait, high) > beyond) high *= 2;
  let low = 0;
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (responseSurvival(load, wait, middle) > beyond) low = middle;
    else high = middle;
  }
  return high;
}

/** Below it a gamma is as good as constant, and its shape beyond what the incomplete gamma function takes. */
const STEADY_CV2 = 1e-4;

/** P(wait + service > t). */
function responseSurvival(load: QueueLoad, wait: Wait, t: number): number {
  const { serviceSeconds, serviceCv2 } = load;
  if (serviceCv2 > 1) return heavyTailedSurvival(serviceSeconds, serviceCv2, wait, t);
  if (serviceCv2 < STEADY_CV2)
    return t < serviceSeconds ? 1 : wait.probability * Math.exp(-wait.rate * (t - serviceSeconds));
  const shape = 1 / serviceCv2;
  const scale = serviceSeconds * serviceCv2;
  const service = gammaSurvival(shape, t / scale);
  return (1 - wait.probability) * service + wait.probability * delayedSurvival(shape, scale, wait.rate, t, service);
}

const NODES = 64;

/** P(exponential wait + gamma service > t). */
function delayedSurvival(shape: number, scale: number, rate: number, t: number, service: number): number {
  const ratio = rate * scale;
  if (ratio < 0.98) {
    // the gamma's density times e^(rate s) is a gamma's again, of a longer scale
    const tilted = -rate * t - shape * Math.log1p(-ratio);
    return service + Math.exp(tilted) * (1 - gammaSurvival(shape, (t * (1 - ratio)) / scale));
  }
  // the wait is short beside the service: average over equally likely waits below t
  const below = -Math.expm1(-rate * t);
  let sum = 0;
  for (let node = 0; node < NODES; node++) {
    const waited = -Math.log1p((-below * (node + 0.5)) / NODES) / rate;
    sum += gammaSurvival(shape, (t - waited) / scale);
  }
  return 1 - below + (below * sum) / NODES;
}

const STEP = 0.125;
const REACH = 6;

/** Log-normal service, by the trapezoidal rule over its normal exponent. */
function heavyTailedSurvival(mean: number, cv2: number, wait: Wait, t: number): number {
  if (t <= 0) return 1;
  const sigma = Math.sqrt(Math.log(1 + cv2));
  const mu = Math.log(mean) - sigma ** 2 / 2;
  const beyond = normalSurvival((Math.log(t) - mu) / sigma);
  if (wait.probability <= 0) return beyond;
  let waitedBeyond = 0;
  for (let z = -REACH; z <= REACH; z += STEP) {
    const left = t - Math.exp(mu + sigma * z);
    if (left > 0) waitedBeyond += Math.exp(-(z ** 2) / 2 - wait.rate * left);
  }
  return beyond + (wait.probability * waitedBeyond * STEP) / Math.sqrt(2 * Math.PI);
}

/** P(standard normal > z). */
const normalSurvival = (z: number): number => {
  const tail = gammaSurvival(0.5, z ** 2 / 2) / 2;
  return z >= 0 ? tail : 1 - tail;
};
