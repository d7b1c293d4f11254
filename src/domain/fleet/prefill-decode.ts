/**
 * Prompts on one kind of device and the writing of tokens on another (Zhong et al. 2024, DistServe, OSDI): arithmetic is cheap on
 * one, memory bandwidth on the other. The KV cache crosses the network, so both stand in one region of one provider.
 */

import type { ServingQuestion } from '../inference/language/device-choice.ts';
import { mediansOf } from '../inference/language/serving-factors.ts';
import { limitsOn, PERCENTILE_SHARES, strictestSeconds } from '../inference/latency-objectives.ts';
import { DecodePool } from '../inference/load/decode-pool.ts';
import { firstTokenOf, networkLink, transferSeconds } from '../inference/load/pools.ts';
import { PrefillPool } from '../inference/load/prefill-pool.ts';
import { Replica } from '../inference/load/replica.ts';
import { percentile } from '../inference/load/wait.ts';
import type { Arrivals } from '../inference/step/results.ts';
import type { Pause } from '../recommendation/performance/point-search.ts';
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

/** A machine in one of the two roles: reading prompts or writing tokens. */
interface Role {
  readonly machine: FleetMachine;
  readonly replica: Replica;
  readonly rate: number;
  readonly medians: { readonly ttft: number; readonly tpot: number };
}

interface Writer extends Role {
  readonly decode: DecodePool;
  readonly pool: SplitPool;
}

/** The cheapest pair of machines, which may be of one kind; null where none keeps the objectives. @param isKept whether two pools keep the limits of the mix */
export async function prefillDecode(
  machines: readonly FleetMachine[],
  question: ServingQuestion,
  requestsPerSecond: number,
  pause: Pause,
  isKept: (pools: readonly SplitPool[]) => boolean = () => true,
): Promise<PrefillDecode | null> {
  const { lengths, factorsOf } = question;
  const roleOf = (machine: FleetMachine): Role => {
    const { configuration } = machine;
    const factors = factorsOf(configuration);
    // the losses that the residuals tell of a shared replica are taken for both roles
    const rate = requestsPerSecond / factors.throughput.p50;
    return { machine, replica: new Replica(configuration, lengths), rate, medians: mediansOf(factors) };
  };
  const readers: (Role & { readonly prefill: PrefillPool })[] = [];
  for (const machine of machines) {
    await pause();
    const role = roleOf(machine);
    readers.push({ ...role, prefill: new PrefillPool(role.replica) });
  }
  let best: PrefillDecode | null = null;
  for (const role of readers) {
    await pause();
    const writer = writerOf(role, question);
    if (writer === null) continue;
    for (const reader of readers) {
      await pause();
      if (!sameNetwork(reader.machine, writer.machine)) continue;
      if (reader.replica.configuration.kvCacheFormat !== writer.replica.configuration.kvCacheFormat) continue;
      const transfer = transferSeconds(reader.replica, writer.replica, networkLink(reader.replica.configuration));
      const prefill = prefillPool(reader, writer, transfer, question);
      if (prefill === null) continue;
      const usdPerHour =
        prefill.pool.machines * reader.machine.usdPerHour + writer.pool.machines * writer.machine.usdPerHour;
      if (best !== null && usdPerHour >= best.usdPerHour) continue;
      if (!isKept([prefill.pool, writer.pool])) continue;
      best = {
        prefill: prefill.pool,
        decode: writer.pool,
        usdPerHour,
        transferMs: 1000 * transfer,
        ttftMsP95: 1000 * prefill.ttftSeconds,
        timePerOutputTokenMs: 1000 * writer.decode.tpotSeconds * writer.medians.tpot,
      };
    }
  }
  return best;
}

/** A pool at the largest batch whose steps keep the time per token asked for; null where no batch does or none fits. */
function writerOf(role: Role, { load }: ServingQuestion): Writer | null {
  const { machine, replica, rate, medians } = role;
  if (!replica.memory.fits) return null;
  const limit = strictestSeconds(load.objectives.latency, 'tpot');
  const decode = new DecodePool(replica, limit === null ? null : limit / medians.tpot);
  if (limit !== null && decode.tpotSeconds * medians.tpot > limit) return null;
  const busy = rate * decode.secondsPerRequest;
  return { ...role, decode, pool: poolOf(machine, busy, load.objectives.maxUtilization, load.spareReplicas) };
}

/** Doublings of a pool before its queue is given up on. */
const MOST_DOUBLINGS = 10;

/** The pool grows until the first token is in time. */
function prefillPool(
  { machine, replica, rate, medians, prefill }: Role & { readonly prefill: PrefillPool },
  writer: Writer,
  transfer: number,
  { load }: ServingQuestion,
): { readonly pool: SplitPool; readonly ttftSeconds: number } | null {
  const { objectives, arrivals, spareReplicas } = load;
  const limits = limitsOn(objectives.latency, 'ttft');
  const atOneOf = (requestsPerSecond: number, replicas: number): Arrivals => ({
    requestsPerSecond: requestsPerSecond / replicas,
    arrivalCv2: 1 + (arrivals.arrivalCv2 - 1) / replicas,
  });
  const { slotWait, stepSeconds } = writer.decode.state(
    atOneOf(writer.rate, servingReplicas(writer.pool, spareReplicas)),
  );
  const service = firstTokenOf(replica, prefill, transfer, stepSeconds);
  const busy = rate * prefill.secondsPerRequest;
  let pool = poolOf(machine, busy, objectives.maxUtilization, spareReplicas);
  for (let doubling = 0; doubling < MOST_DOUBLINGS; doubling++) {
    const serving = servingReplicas(pool, spareReplicas);
    const wait = prefill.wait(atOneOf(rate, serving));
    const firstToken = (share: number): number => percentile(slotWait, wait, service, share) * medians.ttft;
    if (limits.every((limit) => firstToken(PERCENTILE_SHARES[limit.percentile]) <= limit.seconds)) {
      return { pool: { ...pool, utilization: busy / serving }, ttftSeconds: firstToken(0.95) };
    }
    pool = { ...pool, machines: Math.ceil(pool.machines * 1.25) };
  }
  return null;
}

const servingReplicas = ({ machine, machines }: Omit<SplitPool, 'utilization'>, spareReplicas: number): number =>
  machines * machine.replicasPerMachine - spareReplicas;

function poolOf(machine: FleetMachine, busyReplicas: number, maxUtilization: number, spareReplicas: number): SplitPool {
  const serving = Math.max(Math.ceil(busyReplicas / maxUtilization - 1e-9), 1);
  const machines = Math.ceil((serving + spareReplicas) / machine.replicasPerMachine - 1e-9);
  return { machine, machines, utilization: busyReplicas / servingReplicas({ machine, machines }, spareReplicas) };
}

const sameNetwork = ({ option: a }: FleetMachine, { option: b }: FleetMachine): boolean =>
  a.providerId === b.providerId && a.regionId === b.regionId;
