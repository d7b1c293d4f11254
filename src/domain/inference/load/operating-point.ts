/**
 * A replica at a fixed number of requests in flight, and its saturation.
 *
 *   TPOT = decode step at the batch + (B - 1) x (time one prompt adds to decode steps) / (output - 1)
 *   rate = B / (TTFT + (output - 1) TPOT)
 *
 * Chunked prefill (Sarathi, arXiv 2403.02310): prompts are cut to the step's token budget and run beside the decoding
 * sequences. Source of the composition: continuous-batching throughput models of BLIS and aiconfigurator.
 */
import type { ServingConfiguration } from '../step/configuration.ts';
import { lengthNodes, type RequestLengths } from '../step/lengths.ts';
import type { BindingConstraint, OperatingPoint, Saturation, ServingMemory, TimeShares } from '../step/results.ts';
import { type StepModel, stepModel } from '../step/step.ts';

/**
 * Prefill of one prompt beside `decoding` sequences per rank: the time of its steps, what it adds to them itself, and what
 * they take without any prompt.
 */
export interface PrefillTime {
  readonly seconds: number;
  readonly addedSeconds: number;
  readonly plainSeconds: number;
}

/** Chunks beyond this many are integrated by Simpson's rule: their time is smooth in the tokens before them. */
const EXACT_CHUNKS = 4;

/** A step of `decoding` sequences per rank without any prompt: what prompts add is counted from it. */
export const plainStep = (
  configuration: ServingConfiguration,
  model: StepModel,
  decoding: number,
  contextTokens: number,
): number =>
  decoding > 0 ? model.run(0, 0, decoding, contextTokens, decoding * configuration.attentionDataParallel) : 0;

/**
 * @param plain seconds of the plain step beside which the prompt runs
 * @param together prompts that share the step, as many as arrive in one and its token budget holds
 * @param promptRanks attention ranks that have prompts in the same step
 */
export function prefillTime(
  configuration: ServingConfiguration,
  model: StepModel,
  promptTokens: number,
  decoding: number,
  contextTokens: number,
  plain: number = plainStep(configuration, model, decoding, contextTokens),
  together = 1,
  promptRanks: number = configuration.attentionDataParallel,
): PrefillTime {
  const cached = promptTokens * configuration.prefixCacheHitRate;
  const fresh = promptTokens - cached;
  const ranks = configuration.attentionDataParallel;
  const budget = Math.max(configuration.maxBatchedTokens, 1);
  const prompts = Math.max(Math.min(together, budget / Math.max(fresh, 1)), 1);
  const chunkSeconds = (tokens: number, before: number) =>
    model.run(
      tokens * prompts,
      cached + before,
      decoding,
      contextTokens,
      tokens * prompts * promptRanks + decoding * ranks,
      prompts,
    );
  const whole = Math.floor(fresh / budget);
  const rest = fresh - whole * budget;
  let seconds = 0;
  if (whole > EXACT_CHUNKS) {
    const last = (whole - 1) * budget;
    seconds = (whole * (chunkSeconds(budget, 0) + 4 * chunkSeconds(budget, last / 2) + chunkSeconds(budget, last))) / 6;
  } else {
    for (let chunk = 0; chunk < whole; chunk++) seconds += chunkSeconds(budget, chunk * budget);
  }
  if (rest > 0) seconds += chunkSeconds(rest, whole * budget);
  const plainSeconds = (whole + (rest > 0 ? 1 : 0)) * plain;
  return { seconds, addedSeconds: Math.max(seconds - plainSeconds, 0) / prompts, plainSeconds };
}

/** Sequences one pipeline stage works on at a time: an even share, but never less than one whole sequence. */
export const stageSequences = (sequences: number, stages: number): number =>
  Math.max(sequences / stages, Math.min(sequences, 1));

/** Tokens a decode step yields per sequence. */
export const tokensPerStep = (configuration: ServingConfiguration): number =>
  1 + (configuration.speculative?.acceptedTokens ?? 0);

/** As many prompts begin in a step as sequences end in it. */
export const promptsPerStep = (
  configuration: ServingConfiguration,
  decoding: number,
  { outputTokens }: RequestLengths,
): number => (decoding * tokensPerStep(configuration)) / Math.max(outputTokens.mean, 1);

/** Steps and ranks that prompts hold up where attention ranks step together. */
interface Stalls {
  /** Steps with prompts on any rank over those with prompts on a given one: what each rank waits for. */
  readonly factor: number;
  /** Ranks that have prompts in such a step. */
  readonly ranks: number;
}

/**
 * Attention ranks meet in the expert layers of every step, so a prompt on one of them holds up all: of R ranks that have
 * prompts in a share s of their steps, any has in 1 - (1 - s)^R of them.
 */
export function stallsOf(share: number, ranks: number): Stalls {
  const own = Math.min(share, 1);
  if (ranks === 1 || own <= 0) return { factor: ranks, ranks: 1 };
  const any = 1 - (1 - own) ** ranks;
  return { factor: any / own, ranks: (ranks * own) / any };
}

export const meanContext = (lengths: RequestLengths): number =>
  lengths.promptTokens.mean + (lengths.outputTokens.mean * (1 + lengths.outputTokens.coefficientOfVariation ** 2)) / 2;

/**
 * @param concurrency requests in flight in one replica, at least 1
 * @returns times of one request in a batch that stays full; no queue in front of it
 */
export function closedLoop(
  configuration: ServingConfiguration,
  concurrency: number,
  lengths: RequestLengths,
  model: StepModel = stepModel(configuration),
): OperatingPoint {
  const ranks = configuration.attentionDataParallel;
  const stages = configuration.pipelineParallel;
  const perRank = concurrency / ranks;
  const running = stageSequences(perRank, stages);
  const context = meanContext(lengths);
  const outputTokens = Math.max(lengths.outputTokens.mean, 1);

  const others = Math.max(perRank - 1, 0) / stages;
  const plain = plainStep(configuration, model, others, context);
  const together = promptsPerStep(configuration, others, lengths);
  const chunks = (lengths.promptTokens.mean * (1 - configuration.prefixCacheHitRate)) / configuration.maxBatchedTokens;
  const stalls = stallsOf(together * Math.max(chunks, 1), ranks);
  let prefillSeconds = 0;
  let addedSeconds = 0;
  let prefillTerms = NO_TERMS;
  let nearest = Number.POSITIVE_INFINITY;
  for (const { tokens, weight } of lengthNodes(lengths.promptTokens, 3)) {
    const prefill = prefillTime(configuration, model, tokens, others, context, plain, together, stalls.ranks);
    prefillSeconds += weight * prefill.seconds;
    addedSeconds += weight * prefill.addedSeconds * stalls.factor;
    // the node nearest to the mean stands for the mix of terms
    const distance = Math.abs(tokens - lengths.promptTokens.mean);
    if (distance <= nearest) {
      nearest = distance;
      prefillTerms = terms(model);
    }
  }
  const step = model.run(0, 0, running, context, running * ranks);
  const decodeTerms = terms(model);
  const decodeSeconds = step / tokensPerStep(configuration);
  const addedPerToken = (Math.max(perRank - 1, 0) * addedSeconds) / stages / Math.max(outputTokens - 1, 1);
  const tpotSeconds = decodeSeconds + addedPerToken;
  const ttftSeconds = model.constants.engine[configuration.engine].requestSeconds + prefillSeconds + step / 2;
  const endToEndSeconds = ttftSeconds + (outputTokens - 1) * tpotSeconds;
  const requestsPerSecond = concurrency / endToEndSeconds;
  return {
    concurrency,
    requestsPerSecond,
    outputTokensPerSecond: requestsPerSecond * outputTokens,
    ttftSeconds,
    tpotSeconds,
    prefillSecondsPerToken: addedPerToken,
    endToEndSeconds,
    shares: shares(decodeTerms, decodeSeconds, prefillTerms, addedPerToken),
  };
}

type Terms = readonly [number, number, number, number, number, number, number];

const NO_TERMS: Terms = [0, 0, 0, 0, 0, 0, 0];

const terms = (model: StepModel): Terms => [
  model.computeSeconds,
  model.memorySeconds,
  model.attentionSeconds,
  model.communicationSeconds,
  model.launchSeconds,
  model.headSeconds,
  model.engineSeconds,
];

/** Decode and prefill terms weighted by the time each takes of a token. */
function shares(decode: Terms, decodeWeight: number, prefill: Terms, prefillWeight: number): TimeShares {
  const decodeTotal = decode.reduce((total, term) => total + term, 0);
  const prefillTotal = prefill.reduce((total, term) => total + term, 0);
  const a = decodeTotal > 0 ? decodeWeight / decodeTotal : 0;
  const b = prefillTotal > 0 ? prefillWeight / prefillTotal : 0;
  const total = decodeWeight + prefillWeight;
  const share = (index: number) => ((decode[index] as number) * a + (prefill[index] as number) * b) / total;
  return {
    compute: share(0),
    memory: share(1),
    attention: share(2),
    communication: share(3),
    launch: share(4),
    head: share(5),
    engine: share(6),
  };
}

/** A quarter more sequences that would bring less than this are not what limits the replica. */
const WORTHWHILE_GAIN = 1.05;

/** The highest sustained rate of one replica: every slot that memory and the engine allow is busy. */
export function saturation(
  configuration: ServingConfiguration,
  memory: ServingMemory,
  lengths: RequestLengths,
  model: StepModel = stepModel(configuration),
): Saturation {
  const concurrency = Math.max(memory.maxConcurrentSequences, 1);
  const point = closedLoop(configuration, concurrency, lengths, model);
  return {
    ...point,
    // who compares rates asks for no reason, and it takes as long as the rate
    get boundBy() {
      return whatBinds(configuration, point, lengths, model);
    },
  };
}

function whatBinds(
  configuration: ServingConfiguration,
  { concurrency, requestsPerSecond, shares }: OperatingPoint,
  lengths: RequestLengths,
  model: StepModel,
): BindingConstraint {
  const larger = closedLoop(configuration, concurrency * 1.25, lengths, model);
  const batchLimited = larger.requestsPerSecond > requestsPerSecond * WORTHWHILE_GAIN;
  if (!batchLimited) return hardwareConstraint(shares);
  return concurrency >= configuration.maxSequences ? 'max_sequences' : 'memory_capacity';
}

/** The largest group of time terms. Attention and head kernels move bytes while decoding. */
export function hardwareConstraint(time: TimeShares): BindingConstraint {
  const groups: readonly (readonly [BindingConstraint, number])[] = [
    ['compute', time.compute],
    ['memory_bandwidth', time.memory + time.attention + time.head],
    ['link', time.communication],
    ['launch', time.launch],
    ['scheduler', time.engine],
  ];
  let best = groups[0] as (typeof groups)[number];
  for (const group of groups) if (group[1] > best[1]) best = group;
  return best[0];
}
