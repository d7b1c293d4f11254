/**
 * What an account sends for nothing is there once a month. Each option and each edge is priced as if it were alone; here is what they
 * then count together, and what is beyond the volume. Where lists differ the free volume goes to the dearest: the least there is to pay.
 */
import type { Assignment, Instance, InstanceEdge, InstanceOption } from './instance.ts';

interface BeyondFree {
  readonly list: number;
  readonly account: number;
  readonly gigabytes: number;
  readonly usdPerMonth: number;
}

/** @param least smaller amounts are none, GB */
export function beyondFree(instance: Instance, assignment: Assignment, least = 1e-6): BeyondFree[] {
  const { freeAccounts, freeLists } = instance;
  const counted = countedByList(instance, assignment);
  return freeAccounts.flatMap(({ gigabytes }, account) => {
    const lists = [...freeLists.keys()]
      .filter((list) => freeLists[list]?.account === account)
      .sort((a, b) => usdPerGigabyte(instance, a) - usdPerGigabyte(instance, b) || a - b);
    let left = lists.reduce((sum, list) => sum + (counted[list] ?? 0), 0) - gigabytes;
    return lists.flatMap((list) => {
      const over = Math.min(left, counted[list] ?? 0);
      if (over <= least) return [];
      left -= over;
      return [{ list, account, gigabytes: over, usdPerMonth: over * usdPerGigabyte(instance, list) }];
    });
  });
}

const usdPerGigabyte = ({ freeLists }: Instance, list: number): number => freeLists[list]?.usdPerGigabyte ?? 0;

function countedByList(instance: Instance, { options, alternatives }: Assignment): number[] {
  const { sites, freeLists, edges } = instance;
  const counted = freeLists.map(() => 0);
  const count = (site: number, gigabytes: number): void => {
    const list = sites[site]?.freeList ?? null;
    if (list !== null) counted[list] = (counted[list] ?? 0) + gigabytes;
  };
  const chosen = options.map((index) => instance.options[index] as InstanceOption);
  for (const { site, freeGigabytes } of chosen) count(site, freeGigabytes);
  const shareAt = (stage: number, fits: (site: number) => boolean): number =>
    chosen.reduce((sum, it) => sum + (it.stage === stage && fits(it.site) ? it.share : 0), 0);
  const flows = ({ alternatives: with_ }: InstanceEdge) =>
    with_ === null || with_.some((it) => alternatives.includes(it));
  for (const edge of edges.filter(flows)) {
    for (const from of new Set(chosen.filter(({ stage }) => stage === edge.from).map(({ site }) => site))) {
      const free = edge.freeGigabytes(from);
      if (free === null) continue;
      // what can stay or go another way does
      const away = shareAt(edge.from, (site) => site === from) - shareAt(edge.to, (site) => (free[site] ?? 0) === 0);
      if (away > 0) count(from, away * Math.max(...free));
    }
  }
  return counted;
}
