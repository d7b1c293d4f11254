/**
 * Replicas that write tokens and read no prompts (Zhong et al. 2024, DistServe, OSDI): decode steps that nothing interrupts,
 * at B = rate x (output - 1) x TPOT(B) in flight (Little 1961).
 */

import type { Arrivals } from '../step/results.ts';
import { batchVariance, solveInFlight } from './in-flight.ts';
import { meanContext, stageSequences, tokensPerStep } from './operating-point.ts';
import type { Replica } from './replica.ts';
import { queueWait, type ServiceTime, type Wait } from './wait.ts';

/** Share of its own rate that a pool keeps when it has to work in step with the other (aiconfigurator, arXiv 2601.06288). */
export const DECODE_MATCH = 0.92;

interface DecodeState {
  readonly inFlight: number;
  readonly slotWait: Wait;
  readonly perToken: ServiceTime;
  /** Seconds of one engine step, which yields more than one token where drafted tokens are accepted. */
  readonly stepSeconds: number;
}

export class DecodePool {
  /** Most sequences that a replica writes at once. */
  readonly batch: number;
  /** Seconds per output token at that batch. */
  readonly tpotSeconds: number;
  /** Seconds of a replica that a request takes up, the loss of matching the two pools included. */
  readonly secondsPerRequest: number;
  private readonly replica: Replica;

  /** @param tpotLimit seconds per token that the largest batch must keep; null where memory and the engine alone limit it */
  constructor(replica: Replica, tpotLimit: number | null = null) {
    this.replica = replica;
    this.batch = largestBatch(replica, tpotLimit);
    this.tpotSeconds = secondsPerToken(replica, this.batch);
    const steps = Math.max(outputTokensOf(replica) - 1, 1);
    this.secondsPerRequest = (steps * this.tpotSeconds) / this.batch / DECODE_MATCH;
  }

  /** @param arrivals at one replica of the pool, below the rate at which it saturates */
  state({ requestsPerSecond, arrivalCv2 }: Arrivals): DecodeState {
    const { configuration, lengths, curve } = this.replica;
    const most = this.batch / configuration.attentionDataParallel;
    const steps = outputTokensOf(this.replica) - 1;
    const rankRate = requestsPerSecond / configuration.attentionDataParallel;
    const tpotAt = (inFlight: number) => curve.decodeSeconds(inFlight);
    const inFlight = solveInFlight((candidate) => rankRate * steps * tpotAt(candidate), most);
    const tpotSeconds = tpotAt(inFlight);
    const utilization = requestsPerSecond * this.secondsPerRequest;
    return {
      inFlight,
      slotWait: queueWait(
        this.batch,
        Math.min(utilization, 0.99),
        steps * tpotAt(most),
        lengths.outputTokens.coefficientOfVariation ** 2,
        arrivalCv2,
        (inFlight / most + utilization) / 2,
      ),
      perToken: {
        meanSeconds: tpotSeconds,
        varianceSeconds2: batchVariance(curve, tpotAt, inFlight, tpotSeconds, arrivalCv2),
      },
      stepSeconds: tpotSeconds * tokensPerStep(configuration),
    };
  }
}

const outputTokensOf = ({ lengths }: Replica): number => Math.max(lengths.outputTokens.mean, 1);

function secondsPerToken({ configuration, lengths, model }: Replica, batch: number): number {
  const ranks = configuration.attentionDataParallel;
  const running = stageSequences(batch / ranks, configuration.pipelineParallel);
  return model.run(0, 0, running, meanContext(lengths), running * ranks) / tokensPerStep(configuration);
}

function largestBatch(replica: Replica, tpotLimit: number | null): number {
  const most = Math.max(replica.memory.maxConcurrentSequences, 1);
  if (tpotLimit === null || secondsPerToken(replica, most) <= tpotLimit) return most;
  let low = 1;
  let high = most;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (secondsPerToken(replica, middle) <= tpotLimit) low = middle;
    else high = middle;
  }
  return low;
}
