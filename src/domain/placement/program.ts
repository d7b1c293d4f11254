/**
 * The instance as a mixed-integer program.
 *
 * x: option taken; n: machines of a pool; z: site used; w: alternative taken; d: an edge leaves a site.
 * Links x <= z are kept per option, which keeps the relaxation tight. Traffic uses the compact form d >= y(from, s) - y(to, below),
 * one row per step of its price list (edge-steps.ts) instead of one per pair of sites. Path times use one variable per hop and |sites| rows.
 * What an account sends for nothing is counted once by g, the part of an edge that leaves a site over the internet, and o, what is beyond it.
 */
import type { IntegerProgram, ProgramConstraint, ProgramVariable } from '../optimization/integer-program.ts';
import { edgeSteps, freeSteps } from './edge-steps.ts';
import type { Assignment, Instance, InstanceEdge } from './instance.ts';

export interface ProgramChoices {
  /** USD per unit by which a resource may be exceeded; null: it may not. */
  readonly elastic?: readonly (number | null)[];
  /** Option that must be taken. */
  readonly forced?: number;
  /** Cost replaced by something else to be minimized, one figure per option (and per machine of a pool). */
  readonly objective?: { readonly options: readonly number[]; readonly pools: readonly number[] };
  /** Machines of a pool that a combination of options needs at least, from exact queueing. */
  readonly leastMachines?: readonly {
    readonly pool: number;
    readonly options: readonly number[];
    readonly machines: number;
  }[];
  /** Sets of options of which not all may be taken together. */
  readonly cuts?: readonly (readonly number[])[];
  /** Left out of the program are all others, until a plan needs them; absent: nothing is left out. */
  readonly only?: {
    /** Paths whose hops between stages of several places are timed: a row for each pair of their sites. */
    readonly paths: ReadonlySet<number>;
    /** Accounts whose free volume is counted once. */
    readonly accounts: ReadonlySet<number>;
  };
}

interface PlacementProgram {
  readonly program: IntegerProgram;
  readonly read: (values: readonly number[]) => Assignment;
}

type Terms = (readonly [number, number])[];

/** Shares add up within this. */
const SHARE_TOLERANCE = 1e-6;

export function placementProgram(instance: Instance, choices: ProgramChoices = {}): PlacementProgram {
  const variables: ProgramVariable[] = [];
  const constraints: ProgramConstraint[] = [];
  const variable = (name: string, upper: number, integer: boolean, cost: number, lower = 0): number =>
    variables.push({ name, lower, upper, integer, cost }) - 1;
  const row = (name: string, lower: number, upper: number, terms: Terms): void => {
    if (lower === Number.NEGATIVE_INFINITY && upper === Number.POSITIVE_INFINITY) return;
    constraints.push({ name, lower, upper, terms: merged(terms) });
  };
  const { stages, options, sites, pools, edges, paths, resources, freeAccounts, freeLists, alternativeGroups } =
    instance;
  const costs = choices.objective === undefined;

  const x = options.map((option, index) =>
    variable(
      `x${index}`,
      1,
      true,
      costs ? option.cost : (choices.objective?.options[index] ?? 0),
      choices.forced === index ? 1 : 0,
    ),
  );
  const n = pools.map((pool, index) =>
    variable(`n${index}`, pool.most, true, costs ? pool.unitCost : (choices.objective?.pools[index] ?? 0)),
  );
  const z = sites.map((site, index) => variable(`z${index}`, 1, true, costs ? site.openCost : 0));
  let alternatives = 0;
  const w: number[] = [];
  for (const [group, count] of alternativeGroups.entries()) {
    const members: Terms = [];
    for (let member = 0; member < count; member++) {
      const index = variable(`w${alternatives++}`, 1, true, 0);
      w.push(index);
      members.push([index, 1]);
    }
    row(`alternative ${group}`, 1, 1, members);
  }

  const byStage = Map.groupBy(options.keys(), (index) => options[index]?.stage ?? -1);
  const optionsOf = (stage: number): readonly number[] => byStage.get(stage) ?? [];
  for (const [index, stage] of stages.entries()) {
    const own = optionsOf(index);
    const present: Terms = (stage.alternatives ?? []).map((alternative) => [w[alternative] as number, -1]);
    const needed = stage.alternatives === null ? 1 : 0;
    if (stage.rule === 'shares') {
      row(`share ${index}`, needed - SHARE_TOLERANCE, needed + SHARE_TOLERANCE, [
        ...own.map((option) => [x[option] as number, options[option]?.share ?? 1] as const),
        ...present,
      ]);
      row(
        `places ${index}`,
        0,
        stage.mostPlaces,
        own.map((option) => [x[option] as number, 1] as const),
      );
    } else if (stage.rule === 'one') {
      row(`assign ${index}`, needed, needed, [...own.map((option) => [x[option] as number, 1] as const), ...present]);
    } else {
      const taken = own.map((option) => [x[option] as number, 1] as const);
      row(`assign ${index}`, needed, Number.POSITIVE_INFINITY, [...taken, ...present]);
      row(`places ${index}`, Number.NEGATIVE_INFINITY, needed * stage.mostPlaces, [
        ...taken,
        ...present.map(([alternative]) => [alternative, -stage.mostPlaces] as const),
      ]);
      row(`availability ${index}`, stage.leastLogAvailability * needed - 1e-9, Number.POSITIVE_INFINITY, [
        ...own.map((option) => [x[option] as number, sites[options[option]?.site ?? 0]?.logAvailability ?? 0] as const),
        ...present.map(([alternative]) => [alternative, -stage.leastLogAvailability] as const),
      ]);
    }
    if (stage.rule !== 'one') {
      // one option per site: two of them would be one place
      const bySite = Map.groupBy(own, (option) => options[option]?.site ?? -1);
      for (const [site, at] of bySite)
        if (at.length > 1)
          row(
            `once ${index}-${site}`,
            0,
            1,
            at.map((option) => [x[option] as number, 1] as const),
          );
    }
  }

  for (const [index, option] of options.entries())
    row(`open ${index}`, Number.NEGATIVE_INFINITY, 0, [
      [x[index] as number, 1],
      [z[option.site] as number, -1],
    ]);

  const usersOf = Map.groupBy(
    [...options.entries()].flatMap(([option, { pool: use }]) => (use === null ? [] : [{ option, use }])),
    ({ use }) => use.pool,
  );
  for (const [index, pool] of pools.entries()) {
    const users = usersOf.get(index);
    if (users === undefined) continue;
    const machines = n[index] as number;
    row(`load ${index}`, Number.NEGATIVE_INFINITY, 0, [
      ...users.map(({ option, use }) => [x[option] as number, use.load] as const),
      [machines, -1],
    ]);
    if (users.some(({ use }) => use.memoryBytes > 0) && pool.memoryBytesPerUnit > 0)
      row(`memory ${index}`, Number.NEGATIVE_INFINITY, 0, [
        ...users.map(({ option, use }) => [x[option] as number, use.memoryBytes / pool.memoryBytesPerUnit] as const),
        [machines, -1],
      ]);
    for (const { option, use } of users)
      if (use.alone > 0)
        row(`alone ${option}`, Number.NEGATIVE_INFINITY, 0, [
          [x[option] as number, use.alone],
          [machines, -1],
        ]);
  }

  const places = new Map<number, Map<number, number[]>>();
  const placedAt = (stage: number): Map<number, number[]> => {
    const known = places.get(stage) ?? Map.groupBy(optionsOf(stage), (option) => options[option]?.site ?? 0);
    places.set(stage, known);
    return known;
  };
  const cut: [variable: number, leave: number][] = [];
  const siteOrder = (stage: number): number[] => [...placedAt(stage).keys()].sort((a, b) => a - b);
  /** What leaves sites of `from` less what `to` has at others; with an edge that may be absent, less one where it is. */
  const leaving = (
    edge: InstanceEdge,
    from: readonly number[],
    to: readonly number[],
  ): { low: number; terms: Terms } => {
    const sharesAt = (stage: number, at: readonly number[], sign: number): Terms =>
      at.flatMap((site) =>
        (placedAt(stage).get(site) ?? []).map(
          (option) => [x[option] as number, sign * (options[option]?.share ?? 1)] as const,
        ),
      );
    const given = (edge.alternatives ?? []).map((alternative) => [w[alternative] as number, -1] as const);
    return {
      low: edge.alternatives === null ? 0 : -1,
      terms: [...given, ...sharesAt(edge.from, from, -1), ...sharesAt(edge.to, to, 1)],
    };
  };
  for (const [index, edge] of edges.entries())
    for (const { sites: from, usd, below } of edgeSteps(instance, edge, siteOrder(edge.from), siteOrder(edge.to))) {
      const d = variable(`d${index}`, 1, false, costs ? usd : 0);
      cut.push([d, usd]);
      const { low, terms } = leaving(edge, from, below);
      row(`cut ${index}`, low, Number.POSITIVE_INFINITY, [[d, 1], ...terms]);
    }

  const counted = (account: number): boolean => choices.only?.accounts.has(account) ?? true;
  for (const [account, { name, gigabytes }] of freeAccounts.entries()) {
    if (!counted(account)) continue;
    const beyond: Terms = [];
    for (const [list, { usdPerGigabyte }] of freeLists.entries()) {
      if (freeLists[list]?.account !== account) continue;
      const sent: Terms = [...options.entries()].flatMap(([option, { site, freeGigabytes }]) =>
        freeGigabytes > 0 && sites[site]?.freeList === list ? [[x[option] as number, freeGigabytes] as const] : [],
      );
      for (const [index, edge] of edges.entries()) {
        const steps = freeSteps(instance, edge, siteOrder(edge.from), siteOrder(edge.to), list);
        for (const { sites: from, gigabytes: most, others } of steps) {
          const g = variable(`g${index}`, 1, false, 0);
          sent.push([g, most]);
          const { low, terms } = leaving(edge, from, others);
          row(`away ${index}`, low, Number.POSITIVE_INFINITY, [[g, 1], ...terms]);
        }
      }
      if (sent.length === 0) continue;
      const o = variable(`o${list}`, Number.POSITIVE_INFINITY, false, costs ? usdPerGigabyte : 0);
      cut.push([o, usdPerGigabyte]);
      row(`sent ${list}`, 0, Number.POSITIVE_INFINITY, [...sent, [o, -1]]);
      beyond.push([o, 1], ...sent.map(([column, amount]) => [column, -amount] as const));
    }
    if (beyond.length > 0) row(`free of ${name}`, -gigabytes, Number.POSITIVE_INFINITY, beyond);
  }

  for (const [index, path] of paths.entries()) {
    const isTimed = choices.only?.paths.has(index) ?? true;
    const total: Terms = [];
    const single = (stage: number): boolean => stages[stage]?.rule === 'one';
    for (const stage of path.stages) {
      const own = optionsOf(stage);
      if (single(stage)) {
        for (const option of own) total.push([x[option] as number, options[option]?.latencyMs ?? 0]);
        continue;
      }
      // of several places the slowest counts
      const slowest = variable(`t${index}-${stage}`, Number.POSITIVE_INFINITY, false, 0);
      total.push([slowest, 1]);
      for (const option of own)
        row(`slowest ${index}-${option}`, 0, Number.POSITIVE_INFINITY, [
          [slowest, 1],
          [x[option] as number, -(options[option]?.latencyMs ?? 0)],
        ]);
    }
    for (const { before, after, times } of hopsOf(path.stages)) {
      // a stage that calls itself stays where it is
      if (before === after && single(before)) continue;
      if (!isTimed && !(single(before) && single(after))) continue;
      const hop = `${before}-${after}`;
      const targets = placedAt(after);
      const r = variable(`r${index}-${hop}`, Number.POSITIVE_INFINITY, false, 0);
      total.push([r, times]);
      for (const [site, here] of placedAt(before)) {
        if (!single(before) || !single(after)) {
          for (const [target, there] of targets) {
            const trip = path.roundTripMs(site, target);
            // a stage takes one option at most of a site, so that the sums are 0 or 1
            if (trip > 0)
              row(`hop ${index}-${hop}-${site}-${target}`, -trip, Number.POSITIVE_INFINITY, [
                [r, 1],
                ...[...here, ...there].map((option) => [x[option] as number, -trip] as const),
              ]);
          }
          continue;
        }
        const most = Math.max(0, ...[...targets.keys()].map((target) => path.roundTripMs(site, target)));
        // r >= trip(site, where the next stage is) when this one is at the site, else no bound
        row(`hop ${index}-${hop}-${site}`, -most, Number.POSITIVE_INFINITY, [
          [r, 1],
          ...optionsOf(after).map(
            (option) => [x[option] as number, -path.roundTripMs(site, options[option]?.site ?? 0)] as const,
          ),
          ...here.map((option) => [x[option] as number, -most] as const),
        ]);
      }
    }
    row(`path ${index}`, Number.NEGATIVE_INFINITY, path.budgetMs, total);
  }

  const slack = resources.map((resource, index) => {
    const price = choices.elastic?.[index] ?? null;
    return price === null ? null : variable(`s ${resource.name}`, Number.POSITIVE_INFINITY, false, price);
  });
  const usesOf = resources.map((): Terms => []);
  for (const [option, { uses }] of options.entries())
    for (const [used, amount] of uses) usesOf[used]?.push([x[option] as number, amount]);
  for (const [pool, { uses }] of pools.entries())
    for (const [used, amount] of uses) usesOf[used]?.push([n[pool] as number, amount]);
  for (const [index, resource] of resources.entries()) {
    const terms = usesOf[index] ?? [];
    if (resource.isBudget) {
      for (const [option, { cost }] of options.entries()) terms.push([x[option] as number, cost]);
      for (const [pool, { unitCost }] of pools.entries()) terms.push([n[pool] as number, unitCost]);
      for (const [site, { openCost }] of sites.entries()) if (openCost > 0) terms.push([z[site] as number, openCost]);
      terms.push(...cut);
    }
    const over = slack[index] ?? null;
    if (over !== null) terms.push([over, -1]);
    row(resource.name, Number.NEGATIVE_INFINITY, resource.capacity, terms);
  }

  if (instance.leastSites > 1) {
    row(
      'sites',
      instance.leastSites,
      Number.POSITIVE_INFINITY,
      z.map((site) => [site, 1] as const),
    );
    for (const site of sites.keys())
      row(`used ${site}`, 0, Number.POSITIVE_INFINITY, [
        ...[...options.entries()]
          .filter(([, option]) => option.site === site)
          .map(([option]) => [x[option] as number, 1] as const),
        [z[site] as number, -1],
      ]);
  }
  if (instance.leastCountries > 1) {
    const countries = [...new Set(sites.map(({ country }) => country))];
    const c = countries.map((country) => variable(`country ${country}`, 1, true, 0));
    row(
      'countries',
      instance.leastCountries,
      Number.POSITIVE_INFINITY,
      c.map((country) => [country, 1] as const),
    );
    for (const [index, country] of countries.entries())
      row(`in ${country}`, 0, Number.POSITIVE_INFINITY, [
        ...[...options.entries()]
          .filter(([, option]) => sites[option.site]?.country === country)
          .map(([option]) => [x[option] as number, 1] as const),
        [c[index] as number, -1],
      ]);
  }
  for (const [index, { pool, options: together, machines }] of (choices.leastMachines ?? []).entries())
    row(`needs ${index}`, -machines * (together.length - 1), Number.POSITIVE_INFINITY, [
      [n[pool] as number, 1],
      ...together.map((option) => [x[option] as number, -machines] as const),
    ]);
  for (const [index, together] of (choices.cuts ?? []).entries())
    row(
      `not together ${index}`,
      Number.NEGATIVE_INFINITY,
      together.length - 1,
      together.map((option) => [x[option] as number, 1] as const),
    );

  return {
    program: { variables, constraints },
    read: (values) => ({
      options: x.flatMap((column, option) => ((values[column] ?? 0) > 0.5 ? [option] : [])),
      machines: n.map((column) => Math.round(values[column] ?? 0)),
      alternatives: w.flatMap((column, alternative) => ((values[column] ?? 0) > 0.5 ? [alternative] : [])),
      exceeded: slack.map((column) => (column === null ? 0 : Math.max(0, values[column] ?? 0))),
    }),
  };
}

/** Each pair of consecutive stages once, with how often it occurs. */
function hopsOf(chain: readonly number[]) {
  const hops = new Map<string, { before: number; after: number; times: number }>();
  for (const [hop, after] of chain.slice(1).entries()) {
    const before = chain[hop] as number;
    const known = hops.get(`${before}|${after}`);
    hops.set(`${before}|${after}`, { before, after, times: (known?.times ?? 0) + 1 });
  }
  return [...hops.values()];
}

/** No variable twice in a row. */
function merged(terms: Terms): Terms {
  const sums = new Map<number, number>();
  for (const [variable, coefficient] of terms) sums.set(variable, (sums.get(variable) ?? 0) + coefficient);
  return [...sums].filter(([, coefficient]) => coefficient !== 0);
}
