/**
 * What continuous batching saves. A static batch starts together and runs until its longest answer is written, while
 * finished sequences hold their places (Yu et al. 2022, Orca, OSDI); continuous batching refills a place as soon as it is
 * free. Prompts of a static batch are read one after another before the first token is written.
 */

import { closedLoop } from '../load/operating-point.ts';
import type { ServingConfiguration } from '../step/configuration.ts';
import { lengthQuantile, type RequestLengths } from '../step/lengths.ts';
import type { ServingMemory } from '../step/results.ts';

/** Device time of a request in static batches over that in continuous ones, at the same batch; at least 1. */
export function staticBatchingFactor(
  configuration: ServingConfiguration,
  memory: ServingMemory,
  lengths: RequestLengths,
): number {
  const batch = Math.max(memory.maxConcurrentSequences, 1);
  const { tpotSeconds, prefillSecondsPerToken, endToEndSeconds } = closedLoop(configuration, batch, lengths);
  const output = Math.max(lengths.outputTokens.mean, 1);
  const decodeSeconds = tpotSeconds - prefillSecondsPerToken;
  // what one prompt adds to the steps of the others
  const promptSeconds = batch > 1 ? (prefillSecondsPerToken * Math.max(output - 1, 1)) / (batch - 1) : 0;
  const longest = lengthQuantile(lengths.outputTokens, 1 - 1 / (batch + 1));
  const wholeBatch = batch * promptSeconds + Math.max(longest, output) * decodeSeconds;
  return Math.max(wholeBatch / endToEndSeconds, 1);
}

/** Device time of a request served alone over that in continuous batches. */
export const unbatchedFactor = (
  configuration: ServingConfiguration,
  memory: ServingMemory,
  lengths: RequestLengths,
): number =>
  closedLoop(configuration, Math.max(memory.maxConcurrentSequences, 1), lengths).requestsPerSecond /
  closedLoop(configuration, 1, lengths).requestsPerSecond;
