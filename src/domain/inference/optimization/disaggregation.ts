/**
 * Prefill and decode on replicas of their own (Zhong et al. 2024, DistServe, OSDI): each pool is sized for its rate, with
 * the losses of matching the two that aiconfigurator takes (0.9 and 0.92), and the KV cache crosses the network once.
 */

import type { ServingConfiguration } from '../configuration.ts';
import { strictestSeconds } from '../latency-objectives.ts';
import type { RequestLengths } from '../lengths.ts';
import { closedLoop, meanContext, prefillTime, saturation, tokensPerStep } from '../operating-point.ts';
import { ASSUMED_NETWORK_BYTES_PER_SECOND, DECODE_MATCH, PREFILL_MATCH } from '../pools.ts';
import type { LatencyObjectives, ServingMemory } from '../results.ts';
import { stepModel } from '../step.ts';

export interface Disaggregation {
  /** Device time of a request over that on shared replicas. */
  readonly deviceTimeFactor: number;
  readonly prefillShare: number;
  readonly transferMs: number;
  readonly perTokenMs: number;
}

/** Time that a prefill replica gives to a request, losses of matching the pools included. */
export function prefillSecondsPerRequest(configuration: ServingConfiguration, lengths: RequestLengths): number {
  const model = stepModel(configuration);
  const { seconds } = prefillTime(configuration, model, lengths.promptTokens.mean, 0, meanContext(lengths));
  return seconds / PREFILL_MATCH;
}

export interface DecodePool {
  /** Share of a decode replica's time that a request takes, losses of matching the pools included. */
  readonly secondsPerRequest: number;
  readonly secondsPerToken: number;
}

/** A decode replica at the largest batch whose steps keep the time per token asked for. */
export function decodePool(
  configuration: ServingConfiguration,
  memory: ServingMemory,
  lengths: RequestLengths,
  objectives: LatencyObjectives,
): DecodePool {
  const batch = decodeBatch(configuration, memory, lengths, objectives);
  const { tpotSeconds, prefillSecondsPerToken } = closedLoop(configuration, batch, lengths);
  const secondsPerToken = tpotSeconds - prefillSecondsPerToken;
  const rate = batch / (Math.max(lengths.outputTokens.mean, 1) * secondsPerToken);
  return { secondsPerRequest: 1 / (rate * DECODE_MATCH), secondsPerToken };
}

/** Of the KV cache of a prompt from one pool to the other. */
export const transferSeconds = (memory: ServingMemory, lengths: RequestLengths): number =>
  (lengths.promptTokens.mean * memory.kvBytesPerToken) / ASSUMED_NETWORK_BYTES_PER_SECOND;

/** @param requestsPerSecondPerReplica what one shared replica carries within the objectives */
export function disaggregate(
  configuration: ServingConfiguration,
  memory: ServingMemory,
  lengths: RequestLengths,
  objectives: LatencyObjectives,
  requestsPerSecondPerReplica: number,
): Disaggregation {
  const prefillTimePerRequest = prefillSecondsPerRequest(configuration, lengths);
  const decode = decodePool(configuration, memory, lengths, objectives);
  const cap = objectives.maxUtilization;
  const shared = Math.min(
    requestsPerSecondPerReplica / cap,
    saturation(configuration, memory, lengths).requestsPerSecond,
  );
  const both = prefillTimePerRequest + decode.secondsPerRequest;
  return {
    deviceTimeFactor: both * shared,
    prefillShare: prefillTimePerRequest / both,
    transferMs: 1000 * transferSeconds(memory, lengths),
    perTokenMs: 1000 * decode.secondsPerToken,
  };
}

/** The largest batch that memory allows and whose steps keep the time per token asked for. */
function decodeBatch(
  configuration: ServingConfiguration,
  memory: ServingMemory,
  lengths: RequestLengths,
  { latency }: LatencyObjectives,
): number {
  const most = Math.max(memory.maxConcurrentSequences, 1);
  const limit = strictestSeconds(latency, 'tpot');
  if (limit === null) return most;
  const model = stepModel(configuration);
  const ranks = configuration.attentionDataParallel;
  const seconds = (batch: number): number =>
    model.run(0, 0, batch / ranks, meanContext(lengths), batch) / tokensPerStep(configuration);
  let low = 1;
  let high = most;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (seconds(middle) <= limit) low = middle;
    else high = middle;
  }
  return seconds(most) <= limit ? most : low;
}
