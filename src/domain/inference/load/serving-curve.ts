/**
 * Step and prefill times of one replica over the number of sequences in flight, tabulated once per configuration and
 * lengths: both are close to linear between the nodes, and load questions ask for many points.
 */
import type { ServingConfiguration } from '../step/configuration.ts';
import { type LengthDistribution, lengthNodes, type RequestLengths } from '../step/lengths.ts';
import type { StepModel } from '../step/step.ts';
import {
  meanContext,
  type PrefillTime,
  plainStep,
  prefillTime,
  promptsPerStep,
  stageSequences,
  stallsOf,
  tokensPerStep,
} from './operating-point.ts';

const NODES = 7;

/**
 * Moments over the prompt lengths: own is the time to the first token, added what a prompt takes from decoding, and
 * queue what it keeps others waiting: short prompts share steps, one that fills the token budget holds them whole.
 */
interface PrefillMoments {
  readonly ownMean: number;
  readonly ownSquare: number;
  readonly addedMean: number;
  readonly addedSquare: number;
  readonly queueMean: number;
  readonly queueSquare: number;
}

export class ServingCurve {
  readonly lengths: RequestLengths;
  /** Sequences in flight per attention rank at most. */
  readonly maximum: number;
  private readonly inFlight = new Float64Array(NODES);
  private readonly tokenSeconds = new Float64Array(NODES);
  private readonly alone: PrefillMoments;
  private readonly full: PrefillMoments;

  constructor(configuration: ServingConfiguration, lengths: RequestLengths, maximum: number, model: StepModel) {
    this.lengths = lengths;
    this.maximum = maximum;
    const ranks = configuration.attentionDataParallel;
    const stages = configuration.pipelineParallel;
    const context = meanContext(lengths);
    const perStep = tokensPerStep(configuration);
    for (let node = 0; node < NODES; node++) {
      const sequences = maximum ** (node / (NODES - 1));
      const running = stageSequences(sequences, stages);
      this.inFlight[node] = sequences;
      this.tokenSeconds[node] = model.run(0, 0, running, context, running * ranks) / perStep;
    }
    const moments = (decoding: number) => {
      const plain = plainStep(configuration, model, decoding, context);
      const together = promptsPerStep(configuration, decoding, lengths);
      const promptRanks = stallsOf(together, ranks).ranks;
      return prefillMoments(
        lengths.promptTokens,
        (tokens) => prefillTime(configuration, model, tokens, decoding, context, plain, together, promptRanks),
        configuration.maxBatchedTokens / (1 - configuration.prefixCacheHitRate),
      );
    };
    // beside one decoding sequence: what a prompt adds is counted from a step that streams the weights anyway
    this.alone = moments(1);
    this.full = moments(Math.max(maximum - 1, 0) / stages);
  }

  /** Seconds per output token without the prefill of others. */
  decodeSeconds(sequences: number): number {
    const inFlight = this.inFlight;
    const seconds = this.tokenSeconds;
    if (sequences <= 1) return seconds[0] as number;
    let node = 1;
    while (node < NODES - 1 && sequences > (inFlight[node] as number)) node++;
    const low = inFlight[node - 1] as number;
    const high = inFlight[node] as number;
    const position = high > low ? (sequences - low) / (high - low) : 0;
    const left = seconds[node - 1] as number;
    return left + ((seconds[node] as number) - left) * position;
  }

  prefill(sequences: number): PrefillMoments {
    const share = this.maximum > 1 ? Math.min(Math.max((sequences - 1) / (this.maximum - 1), 0), 1) : 0;
    const mix = (a: number, b: number) => a + (b - a) * share;
    return {
      ownMean: mix(this.alone.ownMean, this.full.ownMean),
      ownSquare: mix(this.alone.ownSquare, this.full.ownSquare),
      addedMean: mix(this.alone.addedMean, this.full.addedMean),
      addedSquare: mix(this.alone.addedSquare, this.full.addedSquare),
      queueMean: mix(this.alone.queueMean, this.full.queueMean),
      queueSquare: mix(this.alone.queueSquare, this.full.queueSquare),
    };
  }
}

function prefillMoments(
  prompt: LengthDistribution,
  prefillOf: (tokens: number) => PrefillTime,
  budget: number,
): PrefillMoments {
  const moments = { ownMean: 0, ownSquare: 0, addedMean: 0, addedSquare: 0, queueMean: 0, queueSquare: 0 };
  for (const { tokens, weight } of lengthNodes(prompt, 5)) {
    const { seconds, addedSeconds, plainSeconds } = prefillOf(tokens);
    const queue = addedSeconds + plainSeconds * Math.min(tokens / budget, 1);
    moments.ownMean += weight * seconds;
    moments.ownSquare += weight * seconds ** 2;
    moments.addedMean += weight * addedSeconds;
    moments.addedSquare += weight * addedSeconds ** 2;
    moments.queueMean += weight * queue;
    moments.queueSquare += weight * queue ** 2;
  }
  return moments;
}
