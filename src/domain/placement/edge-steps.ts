/**
 * The traffic of an edge as steps of its price list. A step is charged for what leaves its sites unless it stays among the sites below it:
 * exact for any price list. Sites from which the same step leads over the same sites are one step where the traffic comes from one
 * place, which takes fewer rows and is nearer to the whole numbers.
 */
import type { Instance, InstanceEdge } from './instance.ts';

export interface EdgeStep {
  /** Sites of `from` that it is charged for. */
  readonly sites: readonly number[];
  /** USD a month more than the step below, with all of the traffic. */
  readonly usd: number;
  /** Sites of `to` that cost less. */
  readonly below: readonly number[];
}

export interface FreeStep {
  readonly sites: readonly number[];
  /** GB a month counted as free, with all of the traffic. */
  readonly gigabytes: number;
  /** Sites of `to` to which nothing is. */
  readonly others: readonly number[];
}

/** @param sources @param targets sites where `from` and `to` have options, in order */
export function edgeSteps(
  instance: Instance,
  edge: InstanceEdge,
  sources: readonly number[],
  targets: readonly number[],
): EdgeStep[] {
  const steps = sources.flatMap((site) => {
    const prices = edge.pairCost(site);
    const levels = [...new Set([0, ...targets.map((target) => prices[target] ?? 0)])].sort((a, b) => a - b);
    return levels.slice(1).map((level, index) => ({
      site,
      usd: level - (levels[index] as number),
      below: targets.filter((target) => (prices[target] ?? 0) < level),
    }));
  });
  return together(instance, edge, steps, ({ usd, below }) => `${usd}|${below.join()}`).map(({ sites, first }) => ({
    sites,
    usd: first.usd,
    below: first.below,
  }));
}

/** @param list whose sites are meant */
export function freeSteps(
  instance: Instance,
  edge: InstanceEdge,
  sources: readonly number[],
  targets: readonly number[],
  list: number,
): FreeStep[] {
  const steps = sources.flatMap((site) => {
    const free = instance.sites[site]?.freeList === list ? edge.freeGigabytes(site) : null;
    return free === null
      ? []
      : [{ site, gigabytes: Math.max(...free), others: targets.filter((target) => (free[target] ?? 0) === 0) }];
  });
  return together(instance, edge, steps, ({ gigabytes, others }) => `${gigabytes}|${others.join()}`).map(
    ({ sites, first }) => ({ sites, gigabytes: first.gigabytes, others: first.others }),
  );
}

function together<Step extends { readonly site: number }>(
  { stages }: Instance,
  { from }: InstanceEdge,
  steps: readonly Step[],
  alike: (step: Step) => string,
): { readonly sites: readonly number[]; readonly first: Step }[] {
  if (stages[from]?.rule !== 'one') return steps.map((step) => ({ sites: [step.site], first: step }));
  const groups = Map.groupBy(steps, alike);
  return [...groups.values()].map((group) => ({ sites: group.map(({ site }) => site), first: group[0] as Step }));
}
