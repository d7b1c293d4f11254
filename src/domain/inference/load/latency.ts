/**
 * Latency of one replica under open arrivals.
 *
 * Requests in flight solve B = rate x (TTFT + (output - 1) TPOT(B)) (Little 1961), where prompts steal the share
 * rate x added prefill time from decoding. In front stand two queues: prompts wait for the prefill of earlier ones
 * (one server per attention rank), and requests wait for a slot when memory or the engine admits no more
 * (as many servers as sequences). The variance of prompts and outputs enters both.
 */
import { INFERENCE_CONSTANTS } from '../step/efficiency.ts';
import type { Arrivals, LatencyPromise, LatencyUnderLoad, Saturation, ServingMemory } from '../step/results.ts';
import { batchVariance, solveInFlight } from './in-flight.ts';
import { closedLoop, tokensPerStep } from './operating-point.ts';
import type { Replica } from './replica.ts';
import { NO_WAIT, percentiles, queueWait, type ServiceTime, UNBOUNDED, type Wait } from './wait.ts';

/** Above this load an error of 10 to 20 % in capacity turns a stable queue into an unstable one (BLIS pull request 480). */
export const PROMISE_UTILIZATION = 0.8;

/** Prompts that share a step all end with it, so one waits for those behind it too: half of the queue again. */
const SHARED_STEP = 1.5;
/** Very short outputs feel one prompt far more than the mean does; checked against a discrete-event simulation. */
const INTERRUPTION_SPREAD = 3;
const NOTHING: ServiceTime = { meanSeconds: 0, varianceSeconds2: 0 };

/** The parts that percentiles are made of, at one load. */
export interface LoadState {
  readonly inFlight: number;
  readonly slotWait: Wait;
  readonly prefillWait: Wait;
  readonly firstToken: ServiceTime;
  readonly perToken: ServiceTime;
  readonly whole: ServiceTime;
}

/**
 * @param arrivals at this one replica
 * @returns seconds; infinite percentiles where the offered rate is not below the saturation rate
 */
export function latencyUnderLoad(replica: Replica, arrivals: Arrivals): LatencyUnderLoad {
  const { configuration, memory, lengths, limit } = replica;
  const utilization = utilizationOf(replica, arrivals);
  if (memory.maxConcurrentSequences < 1 || utilization >= 1) return overloaded(memory, limit, utilization);
  const state = loadState(replica, arrivals);
  const meanConcurrency = state.inFlight * configuration.attentionDataParallel;
  return {
    stable: true,
    utilization,
    meanConcurrency,
    queueWaitSeconds: percentiles(state.slotWait, state.prefillWait, NOTHING),
    ttftSeconds: percentiles(state.slotWait, state.prefillWait, state.firstToken),
    tpotSeconds: percentiles(NO_WAIT, NO_WAIT, state.perToken),
    endToEndSeconds: percentiles(state.slotWait, state.prefillWait, state.whole),
    shares: closedLoop(configuration, Math.max(meanConcurrency, 1), lengths, replica.model).shares,
    promise: promiseAt(utilization),
  };
}

/** Offered over sustained rate; of the busier pool where there are two. */
export const utilizationOf = (replica: Replica, arrivals: Arrivals): number =>
  replica.pools?.utilization(arrivals) ?? arrivals.requestsPerSecond / replica.limit.requestsPerSecond;

/** @param arrivals below the saturation rate */
export function loadState(replica: Replica, arrivals: Arrivals): LoadState {
  if (replica.pools !== null) return replica.pools.state(arrivals);
  const { configuration, memory, lengths, limit, curve } = replica;
  const ranks = configuration.attentionDataParallel;
  const stages = configuration.pipelineParallel;
  const rankRate = arrivals.requestsPerSecond / ranks;
  const outputTokens = Math.max(lengths.outputTokens.mean, 1);
  const requestSeconds = INFERENCE_CONSTANTS.engine[configuration.engine].requestSeconds;

  const tpotAt = (inFlight: number): number => {
    const stolen = (rankRate * curve.prefill(inFlight).addedMean) / stages;
    // prompts on any rank hold up all: they meet in the expert layers
    return stolen < 1 ? curve.decodeSeconds(inFlight) / (1 - stolen) ** ranks : Number.POSITIVE_INFINITY;
  };
  const inFlight = solveInFlight(
    (candidate) =>
      rankRate * (requestSeconds + curve.prefill(candidate).ownMean + (outputTokens - 1) * tpotAt(candidate)),
    curve.maximum,
  );
  const prefill = curve.prefill(inFlight);
  const tpot = tpotAt(inFlight);
  const tpotSeconds = Number.isFinite(tpot) ? tpot : limit.tpotSeconds;
  const step = curve.decodeSeconds(inFlight) * tokensPerStep(configuration);

  const prefillService = prefill.queueMean / stages;
  const behindOthers = queueWait(
    1,
    Math.min(rankRate * prefillService, 0.99),
    prefillService,
    prefill.queueMean > 0 ? prefill.queueSquare / prefill.queueMean ** 2 - 1 : 0,
    1 + (arrivals.arrivalCv2 - 1) / ranks,
  );
  const prefillWait = { ...behindOthers, conditionalMeanSeconds: SHARED_STEP * behindOthers.conditionalMeanSeconds };

  const outputCv2 = lengths.outputTokens.coefficientOfVariation ** 2;
  const utilization = arrivals.requestsPerSecond / limit.requestsPerSecond;
  const decodeTime = (outputTokens - 1) * tpotSeconds;
  const slotWait = queueWait(
    memory.maxConcurrentSequences,
    utilization,
    limit.endToEndSeconds,
    outputCv2 * (decodeTime / (prefill.ownMean + decodeTime)) ** 2,
    arrivals.arrivalCv2,
    // fewer slots are busy than the rate suggests while steps are shorter than at saturation; half way is closest
    (inFlight / curve.maximum + utilization) / 2,
  );

  const firstToken = {
    meanSeconds: requestSeconds + prefill.ownMean + step / 2,
    varianceSeconds2: Math.max(prefill.ownSquare - prefill.ownMean ** 2, 0) + step ** 2 / 12,
  };
  const perToken = {
    meanSeconds: tpotSeconds,
    varianceSeconds2:
      interruptionVariance(rankRate * prefill.addedSquare, stages, tpotSeconds, outputTokens / (1 + outputCv2)) +
      batchVariance(curve, tpotAt, inFlight, tpotSeconds, arrivals.arrivalCv2),
  };
  return {
    inFlight,
    slotWait,
    prefillWait,
    firstToken,
    perToken,
    whole: wholeRequest(firstToken, perToken, outputTokens, outputCv2),
  };
}

/** The first token, then the rest of an output of random length at the time per token. */
export const wholeRequest = (
  firstToken: ServiceTime,
  perToken: ServiceTime,
  outputTokens: number,
  outputCv2: number,
): ServiceTime => ({
  meanSeconds: firstToken.meanSeconds + (outputTokens - 1) * perToken.meanSeconds,
  varianceSeconds2:
    firstToken.varianceSeconds2 +
    outputCv2 * (outputTokens * perToken.meanSeconds) ** 2 +
    (outputTokens - 1) ** 2 * perToken.varianceSeconds2,
});

/**
 * Variance of a request's mean TPOT from the prompts that happen to fall into its decoding: compound Poisson. Short
 * outputs feel them most, so the harmonic mean of the (log-normal) output length counts: mean / (1 + cv^2).
 */
const interruptionVariance = (
  addedSquarePerSecond: number,
  stages: number,
  tpotSeconds: number,
  harmonicOutputTokens: number,
): number => (INTERRUPTION_SPREAD * addedSquarePerSecond * tpotSeconds) / stages ** 2 / harmonicOutputTokens;

function promiseAt(utilization: number): LatencyPromise {
  if (utilization <= PROMISE_UTILIZATION) return { ok: true, reason: null };
  return {
    ok: false,
    reason:
      `The replica runs at ${(utilization * 100).toFixed(0)} % of its capacity. Above ${PROMISE_UTILIZATION * 100} % an error of ` +
      '10 to 20 % in the capacity estimate decides whether the queue is stable, so no latency is promised.',
  };
}

function overloaded(memory: ServingMemory, limit: Saturation, utilization: number): LatencyUnderLoad {
  const tpot = limit.tpotSeconds;
  return {
    stable: false,
    utilization,
    meanConcurrency: memory.maxConcurrentSequences,
    queueWaitSeconds: UNBOUNDED,
    ttftSeconds: UNBOUNDED,
    tpotSeconds: { mean: tpot, p50: tpot, p90: tpot, p95: tpot, p99: tpot },
    endToEndSeconds: UNBOUNDED,
    shares: limit.shares,
    promise: {
      ok: false,
      reason: `The offered rate is ${(utilization * 100).toFixed(0)} % of what the replica sustains: the queue grows without bound.`,
    },
  };
}
