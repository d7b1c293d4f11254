/**
 * Latency of one device that works by the sample, under open arrivals, with the batches that form while it works.
 *
 * A batch of b samples takes t0 + b / rate. Mean latency: closed form of Inoue, "Queueing analysis of GPU-based inference
 * servers with dynamic batching" (Performance Evaluation 147, 2021), the smaller of two bounds. Spread: a sample that
 * meets a busy device waits a uniform part of one batch, and batches wander in size; checked against a simulation.
 * Devices that gain nothing from batching are M/D/1 queues.
 */

import { distinctMilliseconds } from '../../estimate/words.ts';
import { inverseStandardNormal } from '../../uncertainty/normal.ts';
import { MILLISECONDS_PER_SECOND } from '../../units.ts';
import { type LatencyLimit, limitsOn, percentileInWords } from '../latency-objectives.ts';
import { fewestThatKeep } from '../load/fewest-that-keep.ts';
import { PROMISE_UTILIZATION } from '../load/latency.ts';
import { NO_WAIT, percentiles, queueWait, UNBOUNDED } from '../load/wait.ts';
import type { Arrivals, LatencyObjectives, LatencyPromise, Percentiles } from '../step/results.ts';

export interface SampleRates {
  /** At full batches. */
  readonly samplesPerSecond: number;
  /** Batch 1, no queue. */
  readonly singleStreamSeconds: number;
}

interface SampleLoad {
  /** Offered rate / rate at full batches. */
  readonly utilization: number;
  readonly stable: boolean;
  readonly waitSeconds: Percentiles;
  readonly latencySeconds: Percentiles;
  readonly promise: LatencyPromise;
}

export interface SampleReplicaPlan {
  /** Serving devices plus spares; null where an idle device misses the objective. */
  readonly devices: number | null;
  /** The load of one serving device; of an idle one where no number is enough. */
  readonly perDevice: SampleLoad;
  readonly bindingConstraint: 'latency_objective' | 'utilization_cap';
  readonly reasons: readonly string[];
  /** The limit that an idle device misses most; null where none is. */
  readonly missed: LatencyLimit | null;
}

/** Below this gain from batching a device serves one sample at a time. */
const BATCHING_GAIN = 1.2;
/** Share of time that a device works on which more devices change nothing. */
const IDLE_SHARE = 0.01;

/** Of several samples that arrive together on an idle device: they make one batch. */
export const togetherSeconds = ({ samplesPerSecond, singleStreamSeconds }: SampleRates, samples: number): number =>
  singleStreamSeconds + (samples - 1) / samplesPerSecond;

/** @returns infinite percentiles where arrivals reach the device's rate */
export function sampleLatencyUnderLoad(serving: SampleRates, arrivals: Arrivals): SampleLoad {
  const rate = arrivals.requestsPerSecond;
  const utilization = rate / serving.samplesPerSecond;
  if (utilization >= 1) {
    return {
      utilization,
      stable: false,
      waitSeconds: UNBOUNDED,
      latencySeconds: UNBOUNDED,
      promise: { ok: false, reason: `Arrivals are ${(utilization * 100).toFixed(0)} % of what the device sustains.` },
    };
  }
  const batches = serving.samplesPerSecond * serving.singleStreamSeconds > BATCHING_GAIN;
  const { waitSeconds, latencySeconds } = batches
    ? batchedLatency(serving, rate, arrivals.arrivalCv2)
    : singleLatency(serving, utilization, arrivals.arrivalCv2);
  const ok = utilization <= PROMISE_UTILIZATION;
  return {
    utilization,
    stable: true,
    waitSeconds,
    latencySeconds,
    promise: {
      ok,
      reason: ok
        ? null
        : `Above ${PROMISE_UTILIZATION * 100} % load an error of 10 to 20 % in the rate decides whether the queue is stable.`,
    },
  };
}

function singleLatency(serving: SampleRates, utilization: number, arrivalCv2: number) {
  const seconds = 1 / serving.samplesPerSecond;
  const wait = queueWait(1, utilization, seconds, 0, arrivalCv2);
  return {
    waitSeconds: percentiles(wait, NO_WAIT, { meanSeconds: 0, varianceSeconds2: 0 }),
    latencySeconds: percentiles(wait, NO_WAIT, { meanSeconds: serving.singleStreamSeconds, varianceSeconds2: 0 }),
  };
}

function batchedLatency(serving: SampleRates, rate: number, arrivalCv2: number) {
  const perSample = 1 / serving.samplesPerSecond;
  const start = serving.singleStreamSeconds - perSample;
  const mean = batchedMeanSeconds(rate, start, perSample);
  const load = rate * perSample;
  // the batch that arrivals fill while the last one runs: b = rate x (start + b x perSample), at least one
  const batchSeconds = Math.max(serving.singleStreamSeconds, start / (1 - load));
  const busy = Math.min(rate * serving.singleStreamSeconds, 1);
  const bursts = (1 + arrivalCv2) / 2;
  const meanWait = Math.max(mean - batchSeconds, (busy * batchSeconds) / 2) * bursts;
  const waitAt = (probability: number) => Math.max(1 - (1 - probability) / busy, 0) * batchSeconds * bursts;
  // batch sizes wander: S' = start + perSample x Poisson(rate x S), an autoregression of slope `load`
  const wander = (perSample ** 2 * rate * batchSeconds) / (1 - load ** 2);
  const seen = batchSeconds + wander / batchSeconds;
  const variance = ((busy * seen ** 2) / 12 + wander * (1.25 + load)) * bursts;
  const meanLatency = batchSeconds + meanWait;
  const spread = Math.log(1 + variance / meanLatency ** 2);
  const latencyAt = (probability: number) =>
    Math.max(
      batchSeconds + waitAt(probability),
      meanLatency * Math.exp(Math.sqrt(spread) * inverseStandardNormal(probability) - spread / 2),
    );
  const latencySeconds = {
    mean: meanLatency,
    p50: busy < 0.5 ? batchSeconds + waitAt(0.5) : latencyAt(0.5),
    p90: latencyAt(0.9),
    p95: latencyAt(0.95),
    p99: latencyAt(0.99),
  };
  const beyondService = (latency: number) => Math.max(latency - batchSeconds, 0);
  return {
    latencySeconds,
    waitSeconds: {
      mean: meanWait,
      p50: beyondService(latencySeconds.p50),
      p90: beyondService(latencySeconds.p90),
      p95: beyondService(latencySeconds.p95),
      p99: beyondService(latencySeconds.p99),
    },
  };
}

/** Mean time in a server that takes all waiting samples at once and needs start + b x perSample for b of them. */
export function batchedMeanSeconds(rate: number, start: number, perSample: number): number {
  const load = rate * perSample;
  const light = ((perSample + start) / (2 * (1 - load))) * (1 + 2 * rate * start + (1 - rate * start) / (1 + load));
  const heavy = (1.5 * start) / (1 - load) + (perSample / 2) * ((load + 2) / (1 - load ** 2));
  return Math.min(light, heavy);
}

/** The limit that a latency is farthest beyond, or closest to; undefined without limits. */
export function worstLimit(limits: readonly LatencyLimit[], reached: Percentiles): LatencyLimit | undefined {
  const over = ({ percentile, seconds }: LatencyLimit): number => reached[percentile] / seconds;
  return [...limits].sort((a, b) => over(b) - over(a))[0];
}

/** The fewest devices, each with its own queue and an even share of the arrivals, that keep the objectives. */
export function sampleDevicesFor(
  serving: SampleRates,
  load: Arrivals,
  objectives: LatencyObjectives,
  spareDevices: number,
): SampleReplicaPlan {
  const at = (devices: number) =>
    sampleLatencyUnderLoad(serving, {
      requestsPerSecond: load.requestsPerSecond / devices,
      arrivalCv2: 1 + (load.arrivalCv2 - 1) / devices,
    });
  const limits = limitsOn(objectives.latency, 'end_to_end');
  const keeps = (devices: number) => {
    const { utilization, latencySeconds } = at(devices);
    if (utilization > objectives.maxUtilization) return false;
    return limits.every(({ percentile, seconds }) => latencySeconds[percentile] <= seconds);
  };
  const byRate = Math.max(
    Math.ceil(load.requestsPerSecond / (serving.samplesPerSecond * objectives.maxUtilization) - 1e-9),
    1,
  );
  let devices = byRate;
  if (!keeps(devices)) {
    const most = Math.max(Math.ceil((load.requestsPerSecond * serving.singleStreamSeconds) / IDLE_SHARE), byRate);
    if (!keeps(most)) {
      const idle = at(most).latencySeconds;
      const missed = worstLimit(limits, idle);
      // the cap on utilization holds by then: only a limit of latency can be missed
      if (missed === undefined) throw new RangeError('So many devices are idle, and nothing limits their latency.');
      const [takes, allowed] = distinctMilliseconds(
        idle[missed.percentile] * MILLISECONDS_PER_SECOND,
        missed.seconds * MILLISECONDS_PER_SECOND,
      );
      return {
        devices: null,
        perDevice: at(most),
        bindingConstraint: 'latency_objective',
        reasons: [
          `Even an idle device takes ${takes} at the ${percentileInWords(missed.percentile)}; the objective is ${allowed}.`,
        ],
        missed,
      };
    }
    devices = fewestThatKeep(devices, most, keeps);
  }
  const latencyBinds = devices > byRate;
  return {
    devices: devices + spareDevices,
    perDevice: at(devices),
    bindingConstraint: latencyBinds ? 'latency_objective' : 'utilization_cap',
    missed: null,
    reasons: [
      latencyBinds
        ? `The rate alone needs ${byRate}; the latency objective needs ${devices}.`
        : `${load.requestsPerSecond.toPrecision(4)} samples/s at ${(objectives.maxUtilization * 100).toFixed(0)} % of ${serving.samplesPerSecond.toPrecision(4)} samples/s each.`,
    ],
  };
}
