/**
 * Prefill and decode on replicas of their own (Zhong et al. 2024, DistServe, OSDI). Some replicas of a deployment read
 * prompts, the others write tokens; the KV cache of a prompt is sent to the other pool once.
 *
 *   busy   rate x seconds per request / replicas of the pool, with the losses of matching the two
 *   TTFT   wait for the prefill of earlier prompts + prefill + transfer
 *   TPOT   decode steps that no prompt interrupts
 */
import { GB } from '../../units.ts';
import { replicaDevices, type ServingConfiguration } from '../step/configuration.ts';
import { INFERENCE_CONSTANTS } from '../step/efficiency.ts';
import type { Arrivals, Saturation } from '../step/results.ts';
import { DecodePool } from './decode-pool.ts';
import { type LoadState, wholeRequest } from './latency.ts';
import { saturation } from './operating-point.ts';
import { PrefillPool } from './prefill-pool.ts';
import type { Replica } from './replica.ts';
import type { ServiceTime } from './wait.ts';

interface PoolSplit {
  readonly prefill: number;
  readonly decode: number;
}

export interface KvLink {
  /** Per device of a replica, one direction. */
  readonly bytesPerSecond: number;
  readonly basis: 'device_link' | 'network' | 'assumed_network';
}

/** 400 Gb/s for each device: ConnectX-7 in NVIDIA's DGX H100 and DGX B200. */
const ASSUMED_NETWORK_BYTES_PER_SECOND = 50 * GB;

/** The network between machines, for sending KV caches. */
export const networkLink = ({ networkBytesPerSecondPerDevice: network }: ServingConfiguration): KvLink =>
  network !== null
    ? { bytesPerSecond: network, basis: 'network' }
    : { bytesPerSecond: ASSUMED_NETWORK_BYTES_PER_SECOND, basis: 'assumed_network' };

/** What carries the KV cache: the network where one is given, else the device link where both replicas are in its domain. */
export function kvLink(configuration: ServingConfiguration): KvLink {
  const { device, networkBytesPerSecondPerDevice: network } = configuration;
  const inOneDomain = 2 * replicaDevices(configuration) <= device.linkDomainDevices && device.linkTopology !== 'pcie';
  return network === null && inOneDomain && device.linkBytesPerSecond !== null
    ? { bytesPerSecond: device.linkBytesPerSecond, basis: 'device_link' }
    : networkLink(configuration);
}

/** Bytes of KV cache that a mean prompt has on each device of a replica. */
const promptBytesPerDevice = ({ lengths, memory }: Replica): number =>
  lengths.promptTokens.mean * memory.kvBytesPerToken + memory.stateBytesPerSequence;

/** Seconds to send the KV cache of a mean prompt, over the links of all devices at once; the replica with fewer devices decides. */
export const transferSeconds = (reader: Replica, writer: Replica, { bytesPerSecond }: KvLink): number =>
  Math.max(promptBytesPerDevice(reader), promptBytesPerDevice(writer)) / bytesPerSecond;

/** The token is shown once the writing replica has the cache and begins a step. */
export function firstTokenOf(
  { configuration }: Replica,
  prefill: PrefillPool,
  transfer: number,
  stepSeconds: number,
): ServiceTime {
  const { requestSeconds } = INFERENCE_CONSTANTS.engine[configuration.engine];
  return {
    meanSeconds: requestSeconds + prefill.ownMean + transfer + stepSeconds / 2,
    varianceSeconds2: prefill.variance + stepSeconds ** 2 / 12,
  };
}

/** What a replica does in either pool, worked out once. */
export class Pools {
  readonly link: KvLink;
  /** Of the KV cache of a mean prompt. */
  readonly transferBytes: number;
  readonly transferSeconds: number;
  readonly prefill: PrefillPool;
  readonly decode: DecodePool;
  /** Per replica of the whole deployment, in the best proportion. */
  readonly limit: Saturation;
  private readonly replica: Replica;

  constructor(replica: Replica) {
    const { configuration, lengths, memory, model } = replica;
    this.replica = replica;
    this.link = kvLink(configuration);
    this.transferBytes = promptBytesPerDevice(replica) * configuration.tensorParallel * configuration.pipelineParallel;
    this.transferSeconds = transferSeconds(replica, replica, this.link);
    this.prefill = new PrefillPool(replica);
    this.decode = new DecodePool(replica);

    const outputTokens = Math.max(lengths.outputTokens.mean, 1);
    const { tpotSeconds } = this.decode;
    const requestsPerSecond = 1 / (this.prefill.secondsPerRequest + this.decode.secondsPerRequest);
    const ttftSeconds = this.firstToken(tpotSeconds).meanSeconds;
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
    const prefillSeconds = this.prefill.secondsPerRequest;
    const decodeSeconds = this.decode.secondsPerRequest;
    const share = prefillSeconds / (prefillSeconds + decodeSeconds);
    const busier = (prefill: number) => Math.max(prefillSeconds / prefill, decodeSeconds / (replicas - prefill));
    const low = Math.min(Math.max(Math.floor(replicas * share), 1), replicas - 1);
    const high = Math.min(low + 1, replicas - 1);
    const prefill = busier(low) <= busier(high) ? low : high;
    return { prefill, decode: replicas - prefill };
  }

  /** Of the busier pool. */
  utilization(arrivals: Arrivals): number {
    const { prefill, decode } = this.ratesOf(arrivals);
    return Math.max(
      prefill.requestsPerSecond * this.prefill.secondsPerRequest,
      decode.requestsPerSecond * this.decode.secondsPerRequest,
    );
  }

  /** @param arrivals below the rate at which the busier pool saturates */
  state(arrivals: Arrivals): LoadState {
    const { lengths } = this.replica;
    const rates = this.ratesOf(arrivals);
    const { inFlight, slotWait, perToken, stepSeconds } = this.decode.state(rates.decode);
    const firstToken = this.firstToken(stepSeconds);
    const { mean, coefficientOfVariation } = lengths.outputTokens;
    return {
      inFlight,
      slotWait,
      prefillWait: this.prefill.wait(rates.prefill),
      firstToken,
      perToken,
      whole: wholeRequest(firstToken, perToken, Math.max(mean, 1), coefficientOfVariation ** 2),
    };
  }

  private firstToken(stepSeconds: number): ServiceTime {
    return firstTokenOf(this.replica, this.prefill, this.transferSeconds, stepSeconds);
  }

  /** Arrivals at one replica of each pool, from those at one replica of the whole. */
  private ratesOf(arrivals: Arrivals): { readonly prefill: Arrivals; readonly decode: Arrivals } {
    const replicas = Math.max(arrivals.replicas ?? 2, 2);
    const split = this.split(replicas);
    return { prefill: poolArrivals(arrivals, split.prefill), decode: poolArrivals(arrivals, split.decode) };
  }
}

/** The stream of requests split over the replicas of one pool: fewer than all, so that each sees a larger share. */
const poolArrivals = ({ requestsPerSecond, arrivalCv2, replicas = 2 }: Arrivals, pool: number): Arrivals => ({
  requestsPerSecond: (requestsPerSecond * replicas) / pool,
  arrivalCv2: 1 + ((arrivalCv2 - 1) * replicas) / pool,
});
