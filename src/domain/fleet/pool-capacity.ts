/** What a replica of one configuration carries: of requests of one size among very many replicas, and of a mix in a small pool. */
import type { ServingConfiguration } from '../inference/configuration.ts';
import { calibratedArrivals, type ServingQuestion } from '../inference/device-choice.ts';
import { fixedLength, lengthFromHistogram, type RequestLengths } from '../inference/lengths.ts';
import { servingMemory } from '../inference/memory.ts';
import { saturation } from '../inference/operating-point.ts';
import { type Reached, servingReplicasFor } from '../inference/replicas.ts';
import { mediansOf } from '../inference/serving-factors.ts';
import type { Load } from '../inference/workload.ts';
import type { RequestSize } from './request-sizes.ts';

/** So many replicas that rounding up to a whole one is below a tenth of a percent, and arrivals at one are random. */
const MANY_REPLICAS = 2000;

/** Replicas that one request per second of this size keeps busy within the objectives; null where none of them holds. */
export function loadOfSize(
  configuration: ServingConfiguration,
  { promptTokens, outputTokens }: RequestSize,
  { load, factorsOf }: ServingQuestion,
): number | null {
  const lengths = { promptTokens: fixedLength(promptTokens), outputTokens: fixedLength(outputTokens) };
  if (promptTokens + outputTokens > configuration.model.maxContextTokens) return null;
  const memory = servingMemory(configuration, lengths);
  if (!memory.fits) return null;
  const requestsPerSecond = saturation(configuration, memory, lengths).requestsPerSecond * MANY_REPLICAS;
  const many: Load = { ...load, arrivals: { ...load.arrivals, requestsPerSecond } };
  const factors = factorsOf(configuration);
  const arrivals = calibratedArrivals(many, factors);
  const serving = servingReplicasFor(configuration, memory, lengths, arrivals, load.objectives, mediansOf(factors));
  return serving === null ? null : serving.replicas / requestsPerSecond;
}

export interface PoolSizing {
  /** Null where no number of replicas holds the objectives with this mix. */
  readonly replicas: number | null;
  readonly reached: Reached | null;
}

/** Replicas that a pool needs for its mix of sizes at its rate: small pools queue more than large ones. */
export function sizePool(
  configuration: ServingConfiguration,
  sizes: readonly RequestSize[],
  requestsPerSecond: number,
  { load, factorsOf }: ServingQuestion,
): PoolSizing {
  const lengths = lengthsOf(sizes);
  const memory = servingMemory(configuration, lengths);
  const factors = factorsOf(configuration);
  const arrivals = calibratedArrivals({ ...load, arrivals: { ...load.arrivals, requestsPerSecond } }, factors);
  const medians = mediansOf(factors);
  const serving = servingReplicasFor(configuration, memory, lengths, arrivals, load.objectives, medians);
  return serving ?? { replicas: null, reached: null };
}

/** Mean and spread of a mix of sizes. */
export function lengthsOf(sizes: readonly RequestSize[]): RequestLengths {
  const of = (tokens: (size: RequestSize) => number) =>
    lengthFromHistogram(sizes.map((size) => ({ tokens: tokens(size), weight: size.share })));
  return { promptTokens: of(({ promptTokens }) => promptTokens), outputTokens: of(({ outputTokens }) => outputTokens) };
}
