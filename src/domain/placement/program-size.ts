/** How large a program gets, reckoned before it is built. */
import { edgeSteps, freeSteps } from './edge-steps.ts';
import type { Instance, InstanceOption } from './instance.ts';
import type { ProgramChoices } from './program.ts';

interface ProgramSize {
  readonly rows: number;
  readonly nonzeros: number;
}

/** Beyond these a solve takes more memory and time than one question is worth: so many coefficients take HiGHS seconds for the first relaxation. */
const MOST: ProgramSize = { rows: 40_000, nonzeros: 150_000 };

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
  const budgets = resources.filter(({ isBudget }) => isBudget).length;
  const optionsAt = (stage: number, at: readonly number[]): number =>
    at.reduce((sum, site) => sum + (sitesOf(stage).get(site) ?? 0), 0);
  for (const edge of edges) {
    const [sources, targets] = [[...sitesOf(edge.from).keys()], [...sitesOf(edge.to).keys()]];
    const add = (from: number, to: number): void => {
      rows += 1;
      nonzeros += 3 + budgets + (edge.alternatives?.length ?? 0) + from + to;
    };
    if (pairs > MOST_PAIRS) {
      for (const site of sources)
        for (let step = 0; step < USUAL_STEPS; step++) add(sitesOf(edge.from).get(site) ?? 0, countOf(edge.to));
      continue;
    }
    for (const { sites: from, below } of edgeSteps(instance, edge, sources, targets))
      add(optionsAt(edge.from, from), optionsAt(edge.to, below));
    for (const [list, { account }] of freeLists.entries())
      if (only?.accounts.has(account) ?? true)
        for (const { sites: from, others } of freeSteps(instance, edge, sources, targets, list))
          add(optionsAt(edge.from, from), optionsAt(edge.to, others));
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
