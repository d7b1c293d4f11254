/**
 * Prompts on one kind of device and the writing of tokens on another (Zhong et al. 2024, DistServe, OSDI): arithmetic is cheap on
 * one, memory bandwidth on the other. The KV cache crosses the network, so both stand in one region of one provider.
 */

import type { ServingQuestion } from '../inference/device-choice.ts';
import { limitsOn, PERCENTILE_SHARES, strictestSeconds } from '../inference/latency-objectives.ts';
import { lengthNodes } from '../inference/lengths.ts';
import { servingMemory } from '../inference/memory.ts';
import { decodePool, prefillSecondsPerRequest, transferSeconds } from '../inference/optimization/disaggregation.ts';
import { mediansOf } from '../inference/serving-factors.ts';
import { NO_WAIT, percentile, queueWait } from '../inference/wait.ts';
import type { FleetMachine } from './machine-types.ts';

export interface SplitPool {
  readonly machine: FleetMachine;
  readonly machines: number;
  /** Of the pool's rate at the peak hour, matching losses included. */
  readonly utilization: number;
}

export interface PrefillDecode {
  readonly prefill: SplitPool;
  readonly decode: SplitPool;
  readonly usdPerHour: number;
  readonly transferMs: number;
  /** Queue, prompt and transfer, 95th percentile, ms. */
  readonly ttftMsP95: number;
  readonly timePerOutputTokenMs: number;
}

/** The cheapest pair of machines, which may be of one kind; null where none keeps the objectives. */
export function prefillDecode(
  machines: readonly FleetMachine[],
  question: ServingQuestion,
  requestsPerSecond: number,
): PrefillDecode | null {
  const { lengths, load, factorsOf } = question;
  const roles = machines.map((machine) => {
    const { configuration } = machine;
    const memory = servingMemory(configuration, lengths);
    const factors = factorsOf(configuration);
    // the losses that the residuals tell of a shared replica are taken for both roles
    const rate = requestsPerSecond / factors.throughput.p50;
    return { machine, configuration, memory, rate, medians: mediansOf(factors) };
  });
  let best: PrefillDecode | null = null;
  for (const writer of roles) {
    if (!writer.memory.fits) continue;
    const { secondsPerRequest, secondsPerToken } = decodePool(
      writer.configuration,
      writer.memory,
      lengths,
      load.objectives,
    );
    const perToken = secondsPerToken * writer.medians.tpot;
    const limit = strictestSeconds(load.objectives.latency, 'tpot');
    if (limit !== null && perToken > limit) continue;
    const decode = poolOf(
      writer.machine,
      writer.rate * secondsPerRequest,
      load.objectives.maxUtilization,
      load.spareReplicas,
    );
    for (const reader of roles) {
      if (!sameNetwork(reader.machine, writer.machine)) continue;
      if (reader.configuration.kvCacheFormat !== writer.configuration.kvCacheFormat) continue;
      const transfer = transferSeconds(writer.memory, lengths);
      const prefill = prefillPool(reader, transfer, question);
      if (prefill === null) continue;
      const usdPerHour =
        prefill.pool.machines * reader.machine.usdPerHour + decode.machines * writer.machine.usdPerHour;
      if (best !== null && usdPerHour >= best.usdPerHour) continue;
      best = {
        prefill: prefill.pool,
        decode,
        usdPerHour,
        transferMs: 1000 * transfer,
        ttftMsP95: 1000 * prefill.ttftSeconds,
        timePerOutputTokenMs: 1000 * perToken,
      };
    }
  }
  return best;
}

interface Reader {
  readonly machine: FleetMachine;
  readonly configuration: FleetMachine['configuration'];
  readonly rate: number;
  readonly medians: { readonly ttft: number };
}

/** Doublings of a pool before its queue is given up on. */
const MOST_DOUBLINGS = 10;

/** Prompts wait for one of the replicas; the pool grows until the first token is in time. */
function prefillPool(
  { machine, configuration, rate, medians }: Reader,
  transfer: number,
  { lengths, load }: ServingQuestion,
): { readonly pool: SplitPool; readonly ttftSeconds: number } | null {
  const { objectives, arrivals, spareReplicas } = load;
  const limits = limitsOn(objectives.latency, 'ttft');
  let mean = 0;
  let square = 0;
  for (const { tokens, weight } of lengthNodes(lengths.promptTokens, 5)) {
    const seconds = prefillSecondsPerRequest(configuration, {
      ...lengths,
      promptTokens: { mean: tokens, coefficientOfVariation: 0 },
    });
    mean += weight * seconds;
    square += weight * seconds ** 2;
  }
  const busy = rate * mean;
  const variance = Math.max(square - mean ** 2, 0);
  let pool = poolOf(machine, busy, objectives.maxUtilization, spareReplicas);
  for (let doubling = 0; doubling < MOST_DOUBLINGS; doubling++) {
    const serving = pool.machines * machine.replicasPerMachine - spareReplicas;
    const wait = queueWait(serving, busy / serving, mean, variance / mean ** 2, arrivals.arrivalCv2);
    const prompt = { meanSeconds: mean, varianceSeconds2: variance };
    const firstToken = (share: number): number => percentile(wait, NO_WAIT, prompt, share) * medians.ttft + transfer;
    if (limits.every((limit) => firstToken(PERCENTILE_SHARES[limit.percentile]) <= limit.seconds)) {
      return { pool: { ...pool, utilization: busy / serving }, ttftSeconds: firstToken(0.95) };
    }
    pool = { ...pool, machines: Math.ceil(pool.machines * 1.25) };
  }
  return null;
}

function poolOf(machine: FleetMachine, busyReplicas: number, maxUtilization: number, spareReplicas: number): SplitPool {
  const serving = Math.max(Math.ceil(busyReplicas / maxUtilization - 1e-9), 1);
  const machines = Math.ceil((serving + spareReplicas) / machine.replicasPerMachine - 1e-9);
  return { machine, machines, utilization: busyReplicas / (machines * machine.replicasPerMachine - spareReplicas) };
}

const sameNetwork = ({ option: a }: FleetMachine, { option: b }: FleetMachine): boolean =>
  a.providerId === b.providerId && a.regionId === b.regionId;
