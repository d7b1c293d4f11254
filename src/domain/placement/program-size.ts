/** How large a program gets, reckoned before it is built. */
import type { Instance, InstanceEdge, InstanceOption } from './instance.ts';
import type { ProgramChoices } from './program.ts';

interface ProgramSize {
  readonly rows: number;
  readonly nonzeros: number;
}

/**
 * Beyond these a solve would take more memory and time than one question is worth: half a million coefficients take HiGHS about 300 MB
 * and some ten seconds.
 */
const MOST: ProgramSize = { rows: 100_000, nonzeros: 500_000 };

/** Prices are compared pair by pair up to so many pairs; beyond, the steps of a price list are taken to be as many as usual. */
const MOST_PAIRS = 2_000_000;
const USUAL_STEPS = 4;

export const isTooLarge = ({ rows, nonzeros }: ProgramSize): boolean => rows > MOST.rows || nonzeros > MOST.nonzeros;

/** Not less than the program has. */
export function programSize(instance: Instance, { only }: ProgramChoices, kept: readonly number[]): ProgramSize {
  const { options, stages, sites, edges, paths, pools, resources, freeAccounts, freeLists, alternativeGroups } =
    instance;
  const own = kept.map((index) => options[index] as InstanceOption);
  let rows = 2 * pools.length + resources.length + 2 * (sites.length + 1);
  rows += freeAccounts.length + freeLists.length + alternativeGroups.length;
  let nonzeros = pools.reduce((sum, { uses }) => sum + 2 * uses.length + 4, 0) + 8 * sites.length;
  const bySite = stages.map(() => new Map<number, number>());
  const count = stages.map(() => 0);
  for (const { stage, site, uses, pool } of own) {
    const at = bySite[stage];
    at?.set(site, (at.get(site) ?? 0) + 1);
    count[stage] = (count[stage] ?? 0) + 1;
    rows += pool === null ? 1 : 2;
    nonzeros += 10 + uses.length + (pool === null ? 0 : 4);
  }
  const sitesOf = (stage: number): ReadonlyMap<number, number> => bySite[stage] ?? new Map();
  const countOf = (stage: number): number => count[stage] ?? 0;
  for (const [stage, { rule, alternatives }] of stages.entries()) {
    rows += 3 + (rule === 'one' ? 0 : sitesOf(stage).size);
    nonzeros += 3 * (alternatives?.length ?? 0) + (rule === 'one' ? 0 : 3 * countOf(stage));
  }

  const pairs = edges.reduce((sum, { from, to }) => sum + sitesOf(from).size * sitesOf(to).size, 0);
  const stepsOf = ({ pairCost, to }: InstanceEdge, site: number): number => {
    if (pairs > MOST_PAIRS) return USUAL_STEPS;
    const prices = pairCost(site);
    return new Set([0, ...[...sitesOf(to).keys()].map((target) => prices[target] ?? 0)]).size - 1;
  };
  const isCounted = (list: number | null): boolean => {
    const account = list === null ? undefined : freeLists[list]?.account;
    return account !== undefined && freeAccounts[account] !== undefined && (only?.accounts.has(account) ?? true);
  };
  for (const edge of edges)
    for (const [site, here] of sitesOf(edge.from)) {
      const each = 1 + (edge.alternatives?.length ?? 0) + here + countOf(edge.to);
      const steps = stepsOf(edge, site);
      rows += steps;
      nonzeros += steps * each + steps * resources.filter(({ isBudget }) => isBudget).length;
      if (!isCounted(sites[site]?.freeList ?? null)) continue;
      rows += 1;
      nonzeros += each + 2;
    }

  const isSingle = (stage: number): boolean => stages[stage]?.rule === 'one';
  for (const [index, { stages: chain }] of paths.entries()) {
    rows += 1;
    for (const stage of new Set(chain)) {
      nonzeros += countOf(stage) + 1;
      if (isSingle(stage)) continue;
      rows += countOf(stage);
      nonzeros += 2 * countOf(stage);
    }
    for (const hop of new Set(chain.slice(1).map((after, before) => `${chain[before]}|${after}`))) {
      const [before = 0, after = 0] = hop.split('|').map(Number);
      nonzeros += 1;
      if (isSingle(before) && isSingle(after)) {
        rows += sitesOf(before).size;
        nonzeros += countOf(before) + sitesOf(before).size * (1 + countOf(after));
      } else if (only?.paths.has(index) ?? true) {
        const [there, here] = [sitesOf(after).size, sitesOf(before).size];
        rows += here * there;
        nonzeros += here * there + there * countOf(before) + here * countOf(after);
      }
    }
  }
  return { rows, nonzeros };
}
