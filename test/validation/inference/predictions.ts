/** Predictions of the measured quantities with any set of constants. */

import { closedLoop, prefillTime } from '../../../src/domain/inference/load/operating-point.ts';
import type { ServingConfiguration } from '../../../src/domain/inference/step/configuration.ts';
import type { InferenceConstants } from '../../../src/domain/inference/step/efficiency.ts';
import { checkConfiguration } from '../../../src/domain/inference/step/feasibility.ts';
import { fixedLength } from '../../../src/domain/inference/step/lengths.ts';
import { servingMemory } from '../../../src/domain/inference/step/memory.ts';
import { StepModel } from '../../../src/domain/inference/step/step.ts';
import type { ClosedLoopCase, DecodeCase, OfflineCase, OtherVendorCase, PrefillCase, ThroughputCase } from './cases.ts';

/**
 * Published closed-loop TTFT carries a benchmark artefact: with ten prompts per slot one request in ten belongs to the
 * start-up burst and waits for the prompts before it. Modelled here and nowhere in the product.
 */
interface BurstArtefact {
  readonly baseSeconds: number;
  readonly prefillFactor: number;
  readonly slope: number;
  /**
   * Runs of fixed lengths stay in step under an engine that puts prompts first: this share of the time that prompts
   * take from decoding shows up as waiting for the first token instead.
   */
  readonly lockstep: number;
}

/** By engine, and by engine with "_fixed" for runs whose requests all have the same lengths: those arrive in bursts. */
export type BurstArtefacts = Readonly<Record<string, BurstArtefact>>;

const lengthsOf = (entry: { promptTokens: number; outputTokens: number }) => ({
  promptTokens: fixedLength(entry.promptTokens),
  outputTokens: fixedLength(entry.outputTokens),
});

/** Memory does not depend on the constants, and the fit asks for it at each of their trials. */
const fitting = new WeakMap<object, number>();

function fittingSequences(entry: ClosedLoopCase | ThroughputCase): number {
  let sequences = fitting.get(entry);
  if (sequences === undefined) {
    sequences = servingMemory(entry.configuration, lengthsOf(entry)).maxConcurrentSequences;
    fitting.set(entry, sequences);
  }
  return sequences;
}

export function predictClosedLoop(entry: ClosedLoopCase, constants: InferenceConstants, artefacts: BurstArtefacts) {
  const { engine } = entry.configuration;
  const artefact = artefacts[entry.fixedLengths ? `${engine}_fixed` : engine] as BurstArtefact;
  const { configuration } = entry;
  const model = new StepModel(configuration, constants);
  const lengths = lengthsOf(entry);
  // clients beyond what the cache holds wait in front of the engine
  const running = Math.min(entry.concurrency, Math.max(fittingSequences(entry), 1));
  const point = closedLoop(configuration, running, lengths, model);
  const waitSeconds = (entry.concurrency - running) / point.requestsPerSecond;
  const perRank = running / configuration.attentionDataParallel;
  const prefill = point.ttftSeconds - constants.engine[engine].requestSeconds;
  const moved = artefact.lockstep * point.prefillSecondsPerToken;
  const burst = artefact.slope * (perRank - 1) * batchedPromptSeconds(configuration, model, entry.promptTokens);
  const ttft = artefact.baseSeconds + waitSeconds + artefact.prefillFactor * (prefill + burst);
  return {
    ttftSeconds: ttft + moved * (entry.outputTokens - 1),
    tpotSeconds: point.tpotSeconds - moved,
  };
}

/** Seconds of one prompt where prompts wait in line and fill the engine's steps. */
function batchedPromptSeconds(configuration: ServingConfiguration, model: StepModel, promptTokens: number): number {
  const together = configuration.maxBatchedTokens / promptTokens;
  return prefillTime(configuration, model, promptTokens, 0, 0, 0, together).addedSeconds;
}

export function predictThroughput(entry: ThroughputCase, constants: InferenceConstants): number {
  const { configuration } = entry;
  const model = new StepModel(configuration, constants);
  if (entry.kind === 'prefill') return prefillTime(configuration, model, entry.promptTokens, 0, 0).seconds;
  const fitting = fittingSequences(entry);
  const concurrency = Math.min(entry.batch ?? fitting, fitting);
  if (concurrency < 1) return Number.NaN;
  const rateOf = (sequences: number) =>
    closedLoop(configuration, sequences, lengthsOf(entry), model).outputTokensPerSecond;
  const requests = entry.kind === 'max' ? REQUESTS_OF_A_RUN[`${entry.promptTokens}/${entry.outputTokens}`] : undefined;
  if (requests === undefined) return rateOf(concurrency);
  const wave = Math.min(concurrency, requests);
  const rest = requests % wave;
  const waveSeconds = (sequences: number) => (sequences * entry.outputTokens) / rateOf(sequences);
  const seconds = Math.floor(requests / wave) * waveSeconds(wave) + (rest > 0 ? waveSeconds(rest) : 0);
  return (requests * entry.outputTokens) / seconds;
}

/**
 * TensorRT-LLM's maximum-throughput runs: so many requests of one length are queued at once and the last one is waited
 * for. They start and end in waves, and the last wave is rarely full. Modelled here and nowhere in the product.
 * Source: TensorRT-LLM perf-overview, "Preparing a Dataset", by prompt/output tokens.
 */
const REQUESTS_OF_A_RUN: Readonly<Record<string, number>> = {
  '128/128': 30_000,
  '128/2048': 3000,
  '128/4096': 1500,
  '1000/2000': 1500,
  '2048/128': 3000,
  '2048/2048': 1500,
  '5000/500': 1500,
  '1000/1000': 3000,
  '500/2000': 3000,
  '20000/2000': 1000,
};

/** Tokens/s over all sequences: of a decode step, or of whole requests where those were measured. */
export function predictDecode(entry: DecodeCase, constants: InferenceConstants): number {
  const model = new StepModel(entry.configuration, constants);
  if (entry.requests) {
    return closedLoop(entry.configuration, entry.batch, lengthsOf(entry.requests), model).outputTokensPerSecond;
  }
  return entry.batch / model.run(0, 0, entry.batch, entry.contextTokens, entry.batch);
}

/** Seconds in which an idle device reads a prompt. */
export const predictPrefill = (entry: PrefillCase, constants: InferenceConstants): number =>
  prefillTime(entry.configuration, new StepModel(entry.configuration, constants), entry.promptTokens, 0, 0).seconds;

/**
 * Output tokens/s of a whole machine. Submitters do not say how they split it: the best of the group sizes that fit
 * counts, as they would have chosen. Null where no group fits.
 */
export function predictOffline(entry: OfflineCase, constants: InferenceConstants): number | null {
  const lengths = lengthsOf(entry);
  let best: number | null = null;
  for (let group = 1; group <= Math.min(entry.devices, 8); group *= 2) {
    const configuration = { ...entry.configuration, tensorParallel: group };
    if (checkConfiguration(configuration, lengths).length > 0) continue;
    const memory = servingMemory(configuration, lengths);
    const model = new StepModel(configuration, constants);
    const point = closedLoop(configuration, memory.maxConcurrentSequences, lengths, model);
    const rate = (point.outputTokensPerSecond * entry.devices) / group;
    if (best === null || rate > best) best = rate;
  }
  return best;
}

/** The figure a closed loop was measured by; as many sequences run as fit. */
export function predictOtherVendor(entry: OtherVendorCase, constants: InferenceConstants): number {
  const { configuration } = entry;
  const fitting = Math.max(servingMemory(configuration, lengthsOf(entry)).maxConcurrentSequences, 1);
  const model = new StepModel(configuration, constants);
  const point = closedLoop(configuration, Math.min(entry.concurrency, fitting), lengthsOf(entry), model);
  return entry.metric === 'tpot' ? point.tpotSeconds : point.outputTokensPerSecond;
}
