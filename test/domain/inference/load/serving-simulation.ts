/**
 * A small discrete-event simulator of one replica with continuous batching and chunked prefill, first come, first served.
 * Step times are the model's own; what it checks is the queueing on top of them. Seeded, so that a test gives one result.
 */
import type { ServingConfiguration } from '../../../../src/domain/inference/step/configuration.ts';
import { INFERENCE_CONSTANTS } from '../../../../src/domain/inference/step/efficiency.ts';
import type { LengthDistribution, RequestLengths } from '../../../../src/domain/inference/step/lengths.ts';
import { StepModel } from '../../../../src/domain/inference/step/step.ts';

interface SimulatedLatency {
  readonly ttftSeconds: { readonly p50: number; readonly p95: number };
  readonly tpotSeconds: { readonly p50: number; readonly p95: number };
  readonly endToEndSeconds: { readonly p50: number; readonly p95: number };
  readonly meanConcurrency: number;
  readonly finishedPerSecond: number;
}

interface Sequence {
  readonly arrival: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  prefilled: number;
  produced: number;
  firstToken: number;
}

/** xorshift32: uniform on (0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
}

function lognormal({ mean, coefficientOfVariation }: LengthDistribution, uniform: () => number): number {
  const variance = Math.log(1 + coefficientOfVariation ** 2);
  const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return Math.max(Math.round(mean * Math.exp(Math.sqrt(variance) * normal - variance / 2)), 1);
}

const quantile = (values: readonly number[], probability: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * probability)] as number;

/** @param requests Poisson arrivals; the first fifth warms up and is not counted */
export function simulateServing(
  configuration: ServingConfiguration,
  lengths: RequestLengths,
  requestsPerSecond: number,
  slots: number,
  requests: number,
  seed = 20_240_817,
): SimulatedLatency {
  const uniform = random(seed);
  const model = new StepModel(configuration);
  const apiSeconds = INFERENCE_CONSTANTS.engine[configuration.engine].requestSeconds;
  const pending: Sequence[] = [];
  let arrival = 0;
  for (let i = 0; i < requests; i++) {
    arrival -= Math.log(uniform()) / requestsPerSecond;
    pending.push({
      arrival,
      promptTokens: lognormal(lengths.promptTokens, uniform),
      outputTokens: lognormal(lengths.outputTokens, uniform),
      prefilled: 0,
      produced: 0,
      firstToken: 0,
    });
  }

  const first: number[] = [];
  const perToken: number[] = [];
  const whole: number[] = [];
  let running: Sequence[] = [];
  let next = 0;
  let clock = 0;
  let busySequenceSeconds = 0;
  let countedSeconds = 0;
  const warmUp = Math.floor(requests / 5);
  while (next < pending.length || running.length > 0) {
    if (running.length === 0 && next < pending.length) {
      const idle = Math.max((pending[next] as Sequence).arrival - clock, 0);
      clock += idle;
      if (next > warmUp) countedSeconds += idle;
    }
    while (next < pending.length && running.length < slots && (pending[next] as Sequence).arrival <= clock) {
      running.push(pending[next] as Sequence);
      next++;
    }
    let budget = configuration.maxBatchedTokens;
    let prefillTokens = 0;
    let cached = 0;
    let decoding = 0;
    let context = 0;
    const chunks: { sequence: Sequence; tokens: number }[] = [];
    for (const sequence of running) {
      const rest = sequence.promptTokens - sequence.prefilled;
      if (rest === 0) {
        decoding++;
        context += sequence.promptTokens + sequence.produced;
      } else if (budget > 0) {
        const tokens = Math.min(rest, budget);
        chunks.push({ sequence, tokens });
        cached += sequence.prefilled * tokens;
        prefillTokens += tokens;
        budget -= tokens;
      }
    }
    const seconds = model.run(
      prefillTokens,
      prefillTokens > 0 ? cached / prefillTokens : 0,
      decoding,
      decoding > 0 ? context / decoding : 0,
      prefillTokens + decoding,
      Math.max(chunks.length, 1),
    );
    clock += seconds;
    // between warm-up and the tail, when nobody arrives any more
    const counted = next > warmUp && next < pending.length;
    if (counted) {
      busySequenceSeconds += seconds * running.length;
      countedSeconds += seconds;
    }
    for (const sequence of running) if (sequence.prefilled === sequence.promptTokens) sequence.produced++;
    for (const { sequence, tokens } of chunks) {
      sequence.prefilled += tokens;
      if (sequence.prefilled === sequence.promptTokens) {
        sequence.produced = 1;
        sequence.firstToken = clock;
      }
    }
    running = running.filter((sequence) => {
      if (sequence.produced < sequence.outputTokens) return true;
      if (counted) {
        first.push(sequence.firstToken - sequence.arrival + apiSeconds);
        whole.push(clock - sequence.arrival + apiSeconds);
        if (sequence.outputTokens > 1) perToken.push((clock - sequence.firstToken) / (sequence.outputTokens - 1));
      }
      return false;
    });
  }
  const both = (values: readonly number[]) => ({ p50: quantile(values, 0.5), p95: quantile(values, 0.95) });
  return {
    ttftSeconds: both(first),
    tpotSeconds: both(perToken),
    endToEndSeconds: both(whole),
    meanConcurrency: busySequenceSeconds / countedSeconds,
    finishedPerSecond: first.length / countedSeconds,
  };
}
