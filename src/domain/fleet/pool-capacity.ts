/** What a replica of one configuration carries: of requests of one size among very many replicas, and of a mix in a small pool. */

import { calibratedArrivals, type ServingQuestion } from '../inference/language/device-choice.ts';
import { mediansOf } from '../inference/language/serving-factors.ts';
import { Replica } from '../inference/load/replica.ts';
import { type Reached, servingReplicasFor } from '../inference/load/replicas.ts';
import type { ServingConfiguration } from '../inference/step/configuration.ts';
import { fixedLength, lengthFromHistogram, type RequestLengths } from '../inference/step/lengths.ts';
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
  const replica = new Replica(configuration, lengths);
  if (!replica.memory.fits) return null;
  const requestsPerSecond = replica.limit.requestsPerSecond * MANY_REPLICAS;
  const many: Load = { ...load, arrivals: { ...load.arrivals, requestsPerSecond } };
  const factors = factorsOf(configuration);
  const arrivals = calibratedArrivals(many, factors);
  const serving = servingReplicasFor(replica, arrivals, load.objectives, mediansOf(factors));
  return serving === null ? null : serving.replicas / requestsPerSecond;
}

/** A true lower bound of that: no objective but the utilization cap. */
export function leastLoadOfSize(
  configuration: ServingConfiguration,
  { promptTokens, outputTokens }: RequestSize,
  { load, factorsOf }: ServingQuestion,
): number | null {
  if (promptTokens + outputTokens > configuration.model.maxContextTokens) return null;
  const lengths = { promptTokens: fixedLength(promptTokens), outputTokens: fixedLength(outputTokens) };
  const replica = new Replica(configuration, lengths);
  if (!replica.memory.fits) return null;
  const { throughput } = factorsOf(configuration);
  return 1 / (replica.limit.requestsPerSecond * throughput.p50 * load.objectives.maxUtilization);
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
  const replica = new Replica(configuration, lengthsOf(sizes));
  const factors = factorsOf(configuration);
  const arrivals = calibratedArrivals({ ...load, arrivals: { ...load.arrivals, requestsPerSecond } }, factors);
  const medians = mediansOf(factors);
  const serving = servingReplicasFor(replica, arrivals, load.objectives, medians);
  return serving ?? { replicas: null, reached: null };
}

/** Mean and spread of a mix of sizes. */
export function lengthsOf(sizes: readonly RequestSize[]): RequestLengths {
  const of = (tokens: (size: RequestSize) => number) =>
    lengthFromHistogram(sizes.map((size) => ({ tokens: tokens(size), weight: size.share })));
  return { promptTokens: of(({ promptTokens }) => promptTokens), outputTokens: of(({ outputTokens }) => outputTokens) };
}
