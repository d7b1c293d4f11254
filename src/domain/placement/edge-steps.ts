/**
 * The traffic of an edge as steps of its price list. A step is charged for what leaves its sites unless it stays among the sites below it:
 * exact for any price list. Sites from which the same step leads over the same sites are one step where the traffic comes from one
 * place, which takes fewer rows and is nearer to the whole numbers.
 */
import type { Instance, InstanceEdge } from './instance.ts';

interface EdgeStep {
  /** Sites of `from` that it is charged for. */
  readonly sites: readonly number[];
  /** USD a month more than the step below, with all of the traffic. */
  readonly usd: number;
  /** Sites of `to` that cost less. */
  readonly below: readonly number[];
}

interface FreeStep {
  readonly sites: readonly number[];
  /** GB a month counted as free, with all of the traffic. */
  readonly gigabytes: number;
  /** Sites of `to` to which nothing is. */
  readonly others: readonly number[];
}

/** @param sources @param targets sites where `from` and `to` have options */
export function edgeSteps(
  instance: Instance,
  edge: InstanceEdge,
  sources: readonly number[],
  targets: readonly number[],
): EdgeStep[] {
  const steps = sources.flatMap((site) => {
    const prices = edge.pairCost(site);
    const priceOf = (target: number): number => prices[target] ?? 0;
    const cheapestFirst = [...targets].sort((a, b) => priceOf(a) - priceOf(b) || a - b);
    const found: Step[] = [];
    let level = 0;
    for (const [index, target] of cheapestFirst.entries()) {
      if (priceOf(target) <= level) continue;
      found.push({ site, amount: priceOf(target) - level, sites: cheapestFirst.slice(0, index).sort((a, b) => a - b) });
      level = priceOf(target);
    }
    return found;
  });
  return together(instance, edge, steps).map(({ from, amount, sites }) => ({ sites: from, usd: amount, below: sites }));
}

/** @param list whose sites are meant */
export function freeSteps(
  instance: Instance,
  edge: InstanceEdge,
  sources: readonly number[],
  targets: readonly number[],
  list: number,
): FreeStep[] {
  const inOrder = [...targets].sort((a, b) => a - b);
  const steps = sources.flatMap((site) => {
    const free = instance.sites[site]?.freeList === list ? edge.freeGigabytes(site) : null;
    return free === null
      ? []
      : [{ site, amount: Math.max(...free), sites: inOrder.filter((target) => (free[target] ?? 0) === 0) }];
  });
  return together(instance, edge, steps).map(({ from, amount, sites }) => ({
    sites: from,
    gigabytes: amount,
    others: sites,
  }));
}

interface Step {
  readonly site: number;
  readonly amount: number;
  /** In order. */
  readonly sites: readonly number[];
}

/** Steps of the same amount over the same sites, where the traffic comes from one place. */
function together({ stages }: Instance, { from }: InstanceEdge, steps: readonly Step[]) {
  const groups = new Map<
    string,
    { readonly from: number[]; readonly amount: number; readonly sites: readonly number[] }[]
  >();
  const all: { readonly from: number[]; readonly amount: number; readonly sites: readonly number[] }[] = [];
  const isOne = stages[from]?.rule === 'one';
  for (const { site, amount, sites } of steps) {
    // a telling part of the list; the lists themselves are compared where that is the same
    const key = `${amount}|${sites.length}|${sites[0]}|${sites.at(-1)}`;
    const alike = isOne ? (groups.get(key) ?? []) : [];
    const known = alike.find((group) => group.sites.every((it, index) => it === sites[index]));
    if (known !== undefined) {
      known.from.push(site);
      continue;
    }
    const group = { from: [site], amount, sites };
    all.push(group);
    groups.set(key, [...alike, group]);
  }
  return all;
}
