/**
 * Results of the latest layout searches. One answer asks several times for the same search (to size the cluster, to plan
 * the run, to try what would change it), and so do questions that differ in prices only. A search depends on nothing but
 * what it is asked, so remembering changes no answer.
 */

import type { Interruptible } from '../../estimate/interruptible.ts';
import type { LayoutSearchResult } from '../results.ts';
import type { Cluster, TrainingWorkload } from '../workload.ts';
import type { LayoutSearchOptions } from './search-layout.ts';

/** About ten kilobytes each. */
const MOST_REMEMBERED = 2048;

/** The oldest goes first. */
const results = new Map<string, LayoutSearchResult>();
const smallestSizes = new Map<string, number | null>();

/** Models and devices are compared by identity: those of a snapshot live as long as it does. */
const numbers = new WeakMap<object, number>();
let counted = 0;

function numberOf(thing: object): number {
  const known = numbers.get(thing);
  if (known !== undefined) return known;
  numbers.set(thing, ++counted);
  return counted;
}

export const rememberedSearch = (
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions,
  search: () => Interruptible<LayoutSearchResult>,
): Interruptible<LayoutSearchResult> => remembered(results, workload, cluster, options, search);

/** Which does not depend on the size of the cluster it is asked for. */
export const rememberedSmallest = (
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions,
  search: () => Interruptible<number | null>,
): Interruptible<number | null> => remembered(smallestSizes, workload, { ...cluster, devices: 1 }, options, search);

function* remembered<Result>(
  known: Map<string, Result>,
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions,
  search: () => Interruptible<Result>,
): Interruptible<Result> {
  const { model, ...job } = workload;
  const { device, ...network } = cluster;
  const key = `${numberOf(model)} ${numberOf(device)} ${JSON.stringify([job, network, options])}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const result = yield* search();
  const [oldest] = known.keys();
  if (known.size >= MOST_REMEMBERED && oldest !== undefined) known.delete(oldest);
  known.set(key, result);
  return result;
}
