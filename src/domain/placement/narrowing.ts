/**
 * Leaves out options that no optimal plan needs before the program is solved, which does not change its optimum. An option is left out if
 * - it is beaten: another option of the same stage costs no more, takes no more of anything limited and adds no more time, at the same
 *   site (or at any site where nothing ties the stage to one); or
 * - it is too dear: with the least that every other stage costs, the plan would exceed the budget or the cost of a known plan.
 */
import type { Assignment, Instance, InstanceOption } from './instance.ts';
import type { ProgramChoices } from './program.ts';

interface Narrowed {
  readonly instance: Instance;
  readonly choices: ProgramChoices;
  /** Translates an assignment back to the options of the whole instance. */
  readonly widened: (assignment: Assignment) => Assignment;
}

/** What one option adds to the objective. */
const worthOf = (instance: Instance, { objective }: ProgramChoices, index: number): number =>
  objective === undefined ? (instance.options[index] as InstanceOption).cost : (objective.options[index] ?? 0);

export function neededOptions(instance: Instance, choices: ProgramChoices): readonly number[] {
  const { forced } = choices;
  const { stage: fixed } = instance.options[forced ?? -1] ?? { stage: null };
  const all = [...instance.options.keys()].filter((index) => {
    const { stage } = instance.options[index] as InstanceOption;
    return stage !== fixed || index === forced || instance.stages[stage]?.rule !== 'one';
  });
  const unbeaten = unbeatenOf(instance, choices, all);
  // what may be exceeded rules nothing out
  if (choices.elastic !== undefined) return unbeaten;
  return instance.resources
    .filter(({ isBudget, capacity }) => isBudget && Number.isFinite(capacity))
    .reduce<readonly number[]>((kept, { capacity }) => within(instance, {}, kept, capacity), unbeaten);
}

function unbeatenOf(instance: Instance, choices: ProgramChoices, among: readonly number[]): readonly number[] {
  const { options, stages, sites, edges, paths, resources, leastSites, leastCountries } = instance;
  const limited = resources.flatMap(({ capacity, isBudget }, index) =>
    Number.isFinite(capacity) && !isBudget ? [index] : [],
  );
  const isBudgeted = resources.some(({ isBudget, capacity }) => isBudget && Number.isFinite(capacity));
  const onPath = new Set(paths.flatMap((path) => path.stages));
  const tied = new Set([...onPath, ...edges.flatMap(({ from, to }) => [from, to])]);
  const isFree = (stage: number) =>
    stages[stage]?.rule === 'one' && !tied.has(stage) && leastSites <= 1 && leastCountries <= 1;
  const measures = new Map(
    among.map((index) => {
      const { uses, cost, stage, latencyMs, freeGigabytes } = options[index] as InstanceOption;
      const taken = limited.map((resource) =>
        uses.reduce((sum, [used, amount]) => (used === resource ? sum + amount : sum), 0),
      );
      return [
        index,
        [
          worthOf(instance, choices, index),
          ...(isBudgeted ? [cost] : []),
          ...(onPath.has(stage) ? [latencyMs] : []),
          freeGigabytes,
          ...taken,
        ],
      ] as const;
    }),
  );
  const measuresOf = (index: number) => measures.get(index) as readonly number[];
  const kept: number[] = [];
  const alike = Map.groupBy(among, (index) => {
    const { stage, site, share } = options[index] as InstanceOption;
    return isFree(stage) ? `${stage}` : `${stage}|${site}|${share}`;
  });
  for (const same of alike.values()) {
    const best: number[] = [];
    // in this order an option comes before all that it beats
    for (const index of [...same].sort((a, b) => inOrder(measuresOf(a), measuresOf(b)) || a - b)) {
      const option = options[index] as InstanceOption;
      const isBeaten =
        option.pool === null &&
        index !== choices.forced &&
        best.some((other) => {
          const better = options[other] as InstanceOption;
          return (
            better.pool === null &&
            (better.site === option.site ||
              (sites[better.site]?.openCost === 0 &&
                (better.freeGigabytes === 0 || sites[better.site]?.freeList === sites[option.site]?.freeList))) &&
            measuresOf(other).every((measure, at) => measure <= (measuresOf(index)[at] as number))
          );
        });
      if (!isBeaten) best.push(index);
    }
    kept.push(...best);
  }
  return kept.sort((a, b) => a - b);
}

function inOrder(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Tolerance of comparisons: far above rounding and the small preference for staying, far below a price that matters. */
const SLACK = 0.1;

/** The options that can be part of a plan whose objective is at most `most`. */
export function within(
  instance: Instance,
  choices: ProgramChoices,
  among: readonly number[],
  most: number,
  leastWith = lowerBounds(instance, choices, among),
): readonly number[] {
  return among.filter((index) => leastWith(index) <= most + SLACK);
}

/**
 * The least that a plan with an option costs: the option, for every other stage the cheapest option that goes with it (the traffic
 * between the two included; on a path only options that leave time for both), and of each group of alternatives the cheapest.
 */
export function lowerBounds(
  instance: Instance,
  choices: ProgramChoices,
  among: readonly number[],
): (index: number) => number {
  const { stages, alternativeGroups } = instance;
  const optionOf = (index: number) => instance.options[index] as InstanceOption;
  const byStage = Map.groupBy(among, (index) => optionOf(index).stage);
  const of = (stage: number): readonly number[] => byStage.get(stage) ?? [];
  const isDivided = (stage: number) => stages[stage]?.rule === 'shares';
  const worth = (index: number) => worthOf(instance, choices, index);
  const least = stages.map((_, stage) =>
    of(stage).reduce(
      (low, index) => Math.min(low, worth(index) / (isDivided(stage) ? optionOf(index).share : 1)),
      Number.POSITIVE_INFINITY,
    ),
  );
  const { joined, beside } = partnersOf(instance, choices, of, worth);
  /** Adds the least of the other stages of a set to which the option's stage belongs. */
  const withOthers = (index: number, set: StageSet): number => {
    const { stage, share } = optionOf(index);
    const own = least[stage] as number;
    const rest = isDivided(stage) ? Math.max(0, 1 - share) * own : 0;
    if (set.stages.size > 1 && !Number.isFinite(set.least)) return Number.POSITIVE_INFINITY;
    return joined(stage).reduce(
      (sum, other) =>
        set.stages.has(other) ? sum + Math.max(0, beside(index, other) - (least[other] as number)) : sum,
      worth(index) + rest + (set.stages.size > 1 ? set.least - own : 0),
    );
  };
  const setOf = (list: readonly number[]): StageSet => ({
    stages: new Set(list),
    least: list.reduce((sum, stage) => sum + (least[stage] as number), 0),
  });
  const leastOf = (set: StageSet): number =>
    [...set.stages].reduce(
      (high, stage) =>
        isDivided(stage) ? high : Math.max(high, Math.min(...of(stage).map((index) => withOthers(index, set)))),
      set.least,
    );
  const always = setOf([...stages.keys()].filter((stage) => stages[stage]?.alternatives === null));
  let first = 0;
  const groups = alternativeGroups.map((count) => {
    const members = Array.from({ length: count }, (_, member) => {
      const alternative = first + member;
      const set = setOf(
        [...stages.keys()].filter((stage) => stages[stage]?.alternatives?.includes(alternative) === true),
      );
      return { set, least: leastOf(set) };
    });
    first += count;
    return { members, least: Math.min(...members.map((it) => it.least)) };
  });
  const alwaysLeast = leastOf(always);
  const known = new Map<number, number>();
  const leastWith = (index: number): number => {
    const { stage } = optionOf(index);
    const isAlways = stages[stage]?.alternatives === null;
    return groups.reduce(
      (sum, { members, least: cheapest }) => {
        const own = members.filter(({ set }) => set.stages.has(stage));
        return sum + (own.length === 0 ? cheapest : Math.min(...own.map(({ set }) => withOthers(index, set))));
      },
      isAlways ? withOthers(index, always) : alwaysLeast,
    );
  };
  return (index) => {
    const bound = known.get(index) ?? leastWith(index);
    known.set(index, bound);
    return bound;
  };
}

interface StageSet {
  readonly stages: ReadonlySet<number>;
  /** What they cost at least. */
  readonly least: number;
}

/** With more pairs of sites the traffic between two stages is left out of the bound: it holds without, and is reckoned sooner. */
const MOST_PAIRS = 1_000_000;

/** The least that another stage costs together with an option; 0 where nothing joins the two. */
function partnersOf(
  { stages, options, sites, edges, paths }: Instance,
  { objective }: ProgramChoices,
  of: (stage: number) => readonly number[],
  worth: (index: number) => number,
): {
  readonly joined: (stage: number) => readonly number[];
  readonly beside: (index: number, other: number) => number;
} {
  const isSingle = (stage: number) => stages[stage]?.rule === 'one';
  const optionOf = (index: number) => options[index] as InstanceOption;
  const quickest = new Map(
    paths
      .flatMap((path) => path.stages)
      .map((stage) => [stage, isSingle(stage) ? Math.min(...of(stage).map((index) => optionOf(index).latencyMs)) : 0]),
  );
  const sitesOf = stages.map((_, stage) => new Set(of(stage).map((index) => optionOf(index).site)).size);
  const pairs = edges.reduce((sum, { from, to }) => sum + (sitesOf[from] ?? 0) * (sitesOf[to] ?? 0), 0);
  const isPriced = objective === undefined && pairs <= MOST_PAIRS;
  const priced = isPriced ? edges.filter(({ alternatives }) => alternatives === null) : [];
  const bySite = new Map<number, ReadonlyMap<number, number>>();
  /** The least at each site. */
  const leastBySite = (other: number): ReadonlyMap<number, number> => {
    const found = bySite.get(other);
    if (found !== undefined) return found;
    const least = new Map<number, number>();
    for (const candidate of of(other)) {
      const { site } = optionOf(candidate);
      least.set(site, Math.min(least.get(site) ?? Number.POSITIVE_INFINITY, worth(candidate)));
    }
    bySite.set(other, least);
    return least;
  };
  interface Join {
    timed: boolean;
    readonly traffic: Instance['edges'][number][];
  }
  const joins = stages.map(() => new Map<number, Join>());
  const joinOf = (stage: number, other: number): Join => {
    const known = joins[stage]?.get(other) ?? { timed: false, traffic: [] };
    joins[stage]?.set(other, known);
    return known;
  };
  for (const { stages: chain } of paths)
    for (const one of new Set(chain)) for (const two of new Set(chain)) if (one !== two) joinOf(one, two).timed = true;
  for (const edge of priced) {
    joinOf(edge.from, edge.to).traffic.push(edge);
    joinOf(edge.to, edge.from).traffic.push(edge);
  }
  const [byOption, byPlace] = [new Map<number, number>(), new Map<number, number>()];
  const beside = (index: number, other: number): number => {
    const { stage, site, latencyMs } = optionOf(index);
    if (!isSingle(stage) || !isSingle(other)) return 0;
    const { timed, traffic } = joinOf(stage, other);
    const usdBetween = (there: number): number =>
      traffic.reduce(
        (sum, { from, pairCost }) => sum + ((from === stage ? pairCost(site)[there] : pairCost(there)[site]) ?? 0),
        0,
      );
    // where time does not count options of one site are alike
    const known = timed ? byOption : byPlace;
    const key = (timed ? index : stage * sites.length + site) * stages.length + other;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (!timed) {
      let low = Number.POSITIVE_INFINITY;
      for (const [there, least] of leastBySite(other)) low = Math.min(low, least + usdBetween(there));
      known.set(key, low);
      return low;
    }
    const chains = paths.flatMap(({ stages: chain, budgetMs, roundTripMs }) => {
      const [from, to] = [chain.indexOf(stage), chain.indexOf(other)];
      if (from < 0 || to < 0) return [];
      const rest = chain.reduce(
        (sum, it) => sum + (it === stage || it === other ? 0 : (quickest.get(it) as number)),
        latencyMs,
      );
      const trip = (there: number): number =>
        to === from + 1 ? roundTripMs(site, there) : to === from - 1 ? roundTripMs(there, site) : 0;
      return [{ leftMs: budgetMs - rest, trip }];
    });
    let low = Number.POSITIVE_INFINITY;
    for (const candidate of of(other)) {
      const { site: there, latencyMs: takes } = optionOf(candidate);
      if (chains.some(({ leftMs, trip }) => takes + trip(there) > leftMs + PATH_TOLERANCE_MS)) continue;
      low = Math.min(low, worth(candidate) + usdBetween(there));
    }
    known.set(key, low);
    return low;
  };
  return { joined: (stage) => [...(joins[stage]?.keys() ?? [])], beside };
}

/** The solver satisfies constraints to within about a millionth. */
export const PATH_TOLERANCE_MS = 1e-3;

/** The instance and choices reduced to the kept options. */
export function narrowed(instance: Instance, choices: ProgramChoices, kept: readonly number[]): Narrowed {
  const place = new Map(kept.map((option, index) => [option, index]));
  const all = (together: readonly number[]) => together.every((option) => place.has(option));
  const moved = (together: readonly number[]) => together.map((option) => place.get(option) as number);
  const { forced, objective, leastMachines, cuts } = choices;
  return {
    instance: { ...instance, options: kept.map((option) => instance.options[option] as InstanceOption) },
    choices: {
      ...choices,
      ...(forced !== undefined && { forced: place.get(forced) as number }),
      ...(objective !== undefined && {
        objective: { ...objective, options: kept.map((option) => objective.options[option] ?? 0) },
      }),
      ...(leastMachines !== undefined && {
        leastMachines: leastMachines
          .filter(({ options }) => all(options))
          .map((it) => ({ ...it, options: moved(it.options) })),
      }),
      ...(cuts !== undefined && { cuts: cuts.filter(all).map(moved) }),
    },
    widened: (assignment) => ({ ...assignment, options: assignment.options.map((option) => kept[option] as number) }),
  };
}

/** What a plan with an option costs at least, its own machines included. */
function ranked(
  instance: Instance,
  choices: ProgramChoices,
  among: readonly number[],
  leastWith: (index: number) => number,
) {
  const { options, pools } = instance;
  return among.map((index) => {
    const { pool, stage, share } = options[index] as InstanceOption;
    const isPriced = pool !== null && choices.objective === undefined;
    const machines = isPriced ? pool.alone * (pools[pool.pool]?.unitCost ?? 0) : 0;
    const least = leastWith(index);
    return { index, alike: `${stage}|${share}`, least, likely: least + machines };
  });
}

/** The options whose plans have the lowest lower bounds, with machines of their own; the cost of a plan of these bounds all others. */
export function likelyOptions(
  instance: Instance,
  choices: ProgramChoices,
  among: readonly number[],
  perStage: number,
  leastWith = lowerBounds(instance, choices, among),
): readonly number[] {
  const picked = new Set<number>(choices.forced === undefined ? [] : [choices.forced]);
  for (const alike of Map.groupBy(ranked(instance, choices, among, leastWith), (it) => it.alike).values())
    for (const { index } of alike.sort((a, b) => a.likely - b.likely || a.index - b.index).slice(0, perStage))
      picked.add(index);
  return among.filter((index) => picked.has(index));
}

interface Fitting {
  readonly kept: readonly number[];
  /** What a plan with one of the options left out costs at least; null: none was left out. */
  readonly leastLeftOut: number | null;
}

const FEWER_PER_STAGE = [64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1];

/**
 * As many of the options as make a program that is not too large: of each stage, for each share of its load, those whose plans have
 * the lowest lower bounds, the quickest where time counts, and those that take least of what is limited.
 */
export function fittingOptions(
  instance: Instance,
  choices: ProgramChoices,
  among: readonly number[],
  fits: (kept: readonly number[]) => boolean,
  leastWith = lowerBounds(instance, choices, among),
): Fitting {
  if (fits(among)) return { kept: among, leastLeftOut: null };
  const { options, resources, paths } = instance;
  const onPath = new Set(paths.flatMap((path) => path.stages));
  const groups = [...Map.groupBy(ranked(instance, choices, among, leastWith), (it) => it.alike).values()].map((alike) =>
    alike.sort((a, b) => a.likely - b.likely || a.index - b.index),
  );
  const limited = resources.flatMap(({ capacity, isBudget }, index) =>
    Number.isFinite(capacity) && !isBudget ? [index] : [],
  );
  const takes = (index: number, resource: number): number =>
    (options[index] as InstanceOption).uses.reduce(
      (sum, [used, amount]) => (used === resource ? sum + amount : sum),
      0,
    );
  const always = new Set<number>(choices.forced === undefined ? [] : [choices.forced]);
  for (const alike of groups) {
    const leastOf = (measure: (index: number) => number) =>
      alike.reduce(
        (best, { index }) => (measure(index) < measure(best) ? index : best),
        (alike[0] as { index: number }).index,
      );
    const [first] = alike;
    if (first !== undefined && onPath.has((options[first.index] as InstanceOption).stage))
      always.add(leastOf((index) => (options[index] as InstanceOption).latencyMs));
    for (const resource of limited) always.add(leastOf((index) => takes(index, resource)));
  }
  const withMost = (most: number): readonly number[] => {
    const picked = new Set(always);
    for (const alike of groups) for (const { index } of alike.slice(0, most)) picked.add(index);
    return among.filter((index) => picked.has(index));
  };
  // the first that fits, by halves: of fewer the program is smaller
  let [low, high] = [0, FEWER_PER_STAGE.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(withMost(FEWER_PER_STAGE[middle] ?? 1))) high = middle;
    else low = middle + 1;
  }
  const kept = withMost(FEWER_PER_STAGE[low] ?? 1);
  const isKept = new Set(kept);
  const leastLeftOut = groups
    .flat()
    .reduce((low, { index, least }) => (isKept.has(index) ? low : Math.min(low, least)), Number.POSITIVE_INFINITY);
  return { kept, leastLeftOut };
}
