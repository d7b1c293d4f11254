/**
 * Prefill and decode on replicas of their own (Zhong et al. 2024, DistServe, OSDI). The deployment is counted in replicas,
 * of which some take prompts and the rest write; the KV cache of a prompt crosses to the other pool once.
 *
 *   busy   rate x seconds per request / replicas of the pool, with the losses of matching the two
 *   TTFT   wait for the prefill of earlier prompts + prefill + transfer
 *   TPOT   decode steps that no prompt interrupts, at B = rate x (output - 1) x TPOT(B) in flight (Little 1961)
 */
import { GB } from '../units.ts';
import { replicaDevices, type ServingConfiguration } from './configuration.ts';
import { INFERENCE_CONSTANTS } from './efficiency.ts';
import { batchVariance, solveInFlight } from './in-flight.ts';
import { type LoadState, wholeRequest } from './latency.ts';
import { lengthNodes } from './lengths.ts';
import { closedLoop, meanContext, prefillTime, saturation, tokensPerStep } from './operating-point.ts';
import type { Replica } from './replica.ts';
import type { Arrivals, Saturation } from './results.ts';
import { queueWait } from './wait.ts';

/** What a pool keeps of its rate where two are matched (aiconfigurator, arXiv 2601.06288). */
export const PREFILL_MATCH = 0.9;
export const DECODE_MATCH = 0.92;

export interface PoolSplit {
  readonly prefill: number;
  readonly decode: number;
}

export interface KvLink {
  /** Per device of a replica, one direction. */
  readonly bytesPerSecond: number;
  readonly basis: 'device_link' | 'network' | 'assumed_network';
}

/** 400 Gb/s for each device: ConnectX-7 in NVIDIA's DGX H100 and DGX B200. */
export const ASSUMED_NETWORK_BYTES_PER_SECOND = 50 * GB;

/** What carries the KV cache: the network where one is given, else the device link where both replicas are in its domain. */
export function kvLink(configuration: ServingConfiguration): KvLink {
  const { device, networkBytesPerSecondPerDevice: network } = configuration;
  if (network !== null) return { bytesPerSecond: network, basis: 'network' };
  const inOneDomain = 2 * replicaDevices(configuration) <= device.linkDomainDevices && device.linkTopology !== 'pcie';
  return inOneDomain && device.linkBytesPerSecond !== null
    ? { bytesPerSecond: device.linkBytesPerSecond, basis: 'device_link' }
    : { bytesPerSecond: ASSUMED_NETWORK_BYTES_PER_SECOND, basis: 'assumed_network' };
}

/** What a replica does in either pool, worked out once. */
export class Pools {
  readonly link: KvLink;
  /** Of the KV cache of a mean prompt. */
  readonly transferBytes: number;
  readonly transferSeconds: number;
  /** Time a replica of the pool gives to a request, losses included. */
  readonly prefillSecondsPerRequest: number;
  readonly decodeSecondsPerRequest: number;
  /** Per replica of the whole deployment, in the best proportion. */
  readonly limit: Saturation;
  private readonly replica: Replica;
  /** Seconds of one prompt on an idle replica, over the prompt lengths. */
  private readonly ownMean: number;
  private readonly ownSquare: number;

  constructor(replica: Replica) {
    const { configuration, lengths, memory, model } = replica;
    this.replica = replica;
    this.link = kvLink(configuration);
    const perDevice = lengths.promptTokens.mean * memory.kvBytesPerToken + memory.stateBytesPerSequence;
    this.transferBytes = perDevice * configuration.tensorParallel * configuration.pipelineParallel;
    this.transferSeconds = perDevice / this.link.bytesPerSecond;
    let ownMean = 0;
    let ownSquare = 0;
    for (const { tokens, weight } of lengthNodes(lengths.promptTokens, 5)) {
      const { seconds } = prefillTime(configuration, model, tokens, 0, meanContext(lengths));
      ownMean += weight * seconds;
      ownSquare += weight * seconds ** 2;
    }
    this.ownMean = ownMean;
    this.ownSquare = ownSquare;
    const servers = configuration.attentionDataParallel * configuration.pipelineParallel;
    this.prefillSecondsPerRequest = ownMean / servers / PREFILL_MATCH;

    const batch = Math.max(memory.maxConcurrentSequences, 1);
    const full = closedLoop(configuration, batch, lengths, model);
    const tpotSeconds = full.tpotSeconds - full.prefillSecondsPerToken;
    const outputTokens = Math.max(lengths.outputTokens.mean, 1);
    this.decodeSecondsPerRequest = (Math.max(outputTokens - 1, 1) * tpotSeconds) / batch / DECODE_MATCH;
    const requestsPerSecond = 1 / (this.prefillSecondsPerRequest + this.decodeSecondsPerRequest);
    const ttftSeconds = this.firstTokenSeconds(tpotSeconds);
    const endToEndSeconds = ttftSeconds + (outputTokens - 1) * tpotSeconds;
    this.limit = {
      ...saturation(configuration, memory, lengths, model),
      concurrency: requestsPerSecond * endToEndSeconds,
      requestsPerSecond,
      outputTokensPerSecond: requestsPerSecond * outputTokens,
      ttftSeconds,
      tpotSeconds,
      prefillSecondsPerToken: 0,
      endToEndSeconds,
    };
  }

  /** The whole numbers under which the busier pool is least busy; at least one of each. */
  split(replicas: number): PoolSplit {
    const { prefillSecondsPerRequest, decodeSecondsPerRequest } = this;
    const share = prefillSecondsPerRequest / (prefillSecondsPerRequest + decodeSecondsPerRequest);
    const busier = (prefill: number) =>
      Math.max(prefillSecondsPerRequest / prefill, decodeSecondsPerRequest / (replicas - prefill));
    const low = Math.min(Math.max(Math.floor(replicas * share), 1), replicas - 1);
    const high = Math.min(low + 1, replicas - 1);
    const prefill = busier(low) <= busier(high) ? low : high;
    return { prefill, decode: replicas - prefill };
  }

  /** Of the busier pool. */
  utilization(arrivals: Arrivals): number {
    const { prefill, decode } = this.ratesOf(arrivals);
    return Math.max(
      prefill.requestsPerSecond * this.prefillSecondsPerRequest,
      decode.requestsPerSecond * this.decodeSecondsPerRequest,
    );
  }

  /** @param arrivals below the rate at which the busier pool saturates */
  state(arrivals: Arrivals): LoadState {
    const { configuration, memory, lengths, curve } = this.replica;
    const { attentionDataParallel: ranks, pipelineParallel: stages } = configuration;
    const rates = this.ratesOf(arrivals);
    const outputTokens = Math.max(lengths.outputTokens.mean, 1);
    const outputCv2 = lengths.outputTokens.coefficientOfVariation ** 2;

    const service = this.ownMean / stages / PREFILL_MATCH;
    const prefillRate = rates.prefill.requestsPerSecond / ranks;
    const prefillWait = queueWait(
      1,
      Math.min(prefillRate * service, 0.99),
      service,
      this.ownSquare / this.ownMean ** 2 - 1,
      1 + (rates.prefill.arrivalCv2 - 1) / ranks,
    );

    const decodeRate = rates.decode.requestsPerSecond / ranks;
    const tpotAt = (inFlight: number) => curve.decodeSeconds(inFlight);
    const inFlight = solveInFlight((candidate) => decodeRate * (outputTokens - 1) * tpotAt(candidate), curve.maximum);
    const tpotSeconds = tpotAt(inFlight);
    const utilization = rates.decode.requestsPerSecond * this.decodeSecondsPerRequest;
    const slotWait = queueWait(
      memory.maxConcurrentSequences,
      Math.min(utilization, 0.99),
      (outputTokens - 1) * tpotAt(curve.maximum),
      outputCv2,
      rates.decode.arrivalCv2,
      (inFlight / curve.maximum + utilization) / 2,
    );

    const step = tpotSeconds * tokensPerStep(configuration);
    const firstToken = {
      meanSeconds: this.firstTokenSeconds(step),
      varianceSeconds2: Math.max(this.ownSquare - this.ownMean ** 2, 0) + step ** 2 / 12,
    };
    const perToken = {
      meanSeconds: tpotSeconds,
      varianceSeconds2: batchVariance(curve, tpotAt, inFlight, tpotSeconds, rates.decode.arrivalCv2),
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

  /** The token is shown once the writing replica has the cache and begins a step. */
  private firstTokenSeconds(step: number): number {
    const { requestSeconds } = INFERENCE_CONSTANTS.engine[this.replica.configuration.engine];
    return requestSeconds + this.ownMean + this.transferSeconds + step / 2;
  }

  /** Arrivals at one replica of each pool, from those at one replica of the whole. */
  private ratesOf({ requestsPerSecond, arrivalCv2, replicas = 2 }: Arrivals): {
    readonly prefill: Arrivals;
    readonly decode: Arrivals;
  } {
    const split = this.split(Math.max(replicas, 2));
    // thinned to one replica of all of them: each of a pool sees a larger share of the same stream
    const at = (pool: number): Arrivals => ({
      requestsPerSecond: (requestsPerSecond * replicas) / pool,
      arrivalCv2: 1 + ((arrivalCv2 - 1) * replicas) / pool,
    });
    return { prefill: at(split.prefill), decode: at(split.decode) };
  }
}
