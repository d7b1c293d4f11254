/**
 * Replicas that only read prompts and write the first token (Zhong et al. 2024, DistServe, OSDI). Prompts wait in a queue for the
 * earlier ones; each attention rank and pipeline stage is a server of it.
 */
import { lengthNodes } from '../step/lengths.ts';
import type { Arrivals } from '../step/results.ts';
import { meanContext, prefillTime } from './operating-point.ts';
import type { Replica } from './replica.ts';
import { queueWait, type Wait } from './wait.ts';

/** Share of its own rate that a pool keeps when it has to work in step with the other (aiconfigurator, arXiv 2601.06288). */
export const PREFILL_MATCH = 0.9;

export class PrefillPool {
  /** First two moments of the seconds that a prompt takes on an idle replica, over the prompt lengths. */
  readonly ownMean: number;
  readonly ownSquare: number;
  /** Seconds of a replica that a request takes up, the loss of matching the two pools included. */
  readonly secondsPerRequest: number;
  private readonly ranks: number;
  private readonly stages: number;

  constructor({ configuration, lengths, model }: Replica) {
    let ownMean = 0;
    let ownSquare = 0;
    for (const { tokens, weight } of lengthNodes(lengths.promptTokens, 5)) {
      const { seconds } = prefillTime(configuration, model, tokens, 0, meanContext(lengths));
      ownMean += weight * seconds;
      ownSquare += weight * seconds ** 2;
    }
    this.ownMean = ownMean;
    this.ownSquare = ownSquare;
    this.ranks = configuration.attentionDataParallel;
    this.stages = configuration.pipelineParallel;
    this.secondsPerRequest = ownMean / (this.ranks * this.stages) / PREFILL_MATCH;
  }

  /** Variance of the seconds of one prompt. */
  get variance(): number {
    return Math.max(this.ownSquare - this.ownMean ** 2, 0);
  }

  /** @param arrivals at one replica of the pool */
  wait({ requestsPerSecond, arrivalCv2 }: Arrivals): Wait {
    const service = this.ownMean / this.stages / PREFILL_MATCH;
    return queueWait(
      1,
      Math.min((requestsPerSecond / this.ranks) * service, 0.99),
      service,
      this.ownSquare / this.ownMean ** 2 - 1,
      1 + (arrivalCv2 - 1) / this.ranks,
    );
  }
}
