/** The optimum by trying every assignment, and random small instances to try it on. Written apart from the program. */
import type { Instance, InstanceOption } from '../../../src/domain/placement/instance.ts';

interface Best {
  readonly cost: number;
  readonly options: readonly number[];
}

const EPSILON = 1e-6;

function subsets(items: readonly number[], most: number): number[][] {
  const all: number[][] = [[]];
  for (const item of items) all.push(...all.filter((set) => set.length < most).map((set) => [...set, item]));
  return all;
}

/** Null where nothing is feasible. */
export function bruteForce(instance: Instance): Best | null {
  let best: Best | null = null;
  const alternativesOf: number[][] = [];
  let first = 0;
  for (const count of instance.alternativeGroups) {
    alternativesOf.push(Array.from({ length: count }, (_, index) => first + index));
    first += count;
  }
  const pick = (group: number, chosen: number[]): void => {
    const members = alternativesOf[group];
    if (members === undefined) {
      assign(0, [], new Set(chosen));
      return;
    }
    for (const member of members) pick(group + 1, [...chosen, member]);
  };
  const assign = (stage: number, taken: readonly number[], alternatives: ReadonlySet<number>): void => {
    const rule = instance.stages[stage];
    if (rule === undefined) {
      const cost = costOf(instance, taken, alternatives);
      if (cost !== null && (best === null || cost < best.cost)) best = { cost, options: taken };
      return;
    }
    const present = rule.alternatives === null || rule.alternatives.some((it) => alternatives.has(it));
    if (!present) {
      assign(stage + 1, taken, alternatives);
      return;
    }
    const own = [...instance.options.keys()].filter((index) => instance.options[index]?.stage === stage);
    for (const set of subsets(own, rule.rule === 'one' ? 1 : rule.mostPlaces)) {
      const options = set.map((index) => instance.options[index] as InstanceOption);
      if (set.length === 0 || new Set(options.map(({ site }) => site)).size < set.length) continue;
      const shares = options.reduce((sum, { share }) => sum + share, 0);
      if (rule.rule === 'shares' && Math.abs(shares - 1) > 1e-5) continue;
      const reached = options.reduce((sum, { site }) => sum + (instance.sites[site]?.logAvailability ?? 0), 0);
      if (rule.rule === 'places' && reached < rule.leastLogAvailability - 1e-9) continue;
      assign(stage + 1, [...taken, ...set], alternatives);
    }
  };
  pick(0, []);
  return best;
}

function costOf(instance: Instance, taken: readonly number[], alternatives: ReadonlySet<number>): number | null {
  const chosen = taken.map((index) => instance.options[index] as InstanceOption);
  const used = new Set(chosen.map(({ site }) => site));
  if (instance.leastSites > used.size) return null;
  if (instance.leastCountries > new Set([...used].map((site) => instance.sites[site]?.country)).size) return null;
  const amounts = instance.resources.map(() => 0);
  const take = (uses: InstanceOption['uses'], times: number) => {
    for (const [resource, amount] of uses) amounts[resource] = (amounts[resource] ?? 0) + amount * times;
  };
  let cost = 0;
  for (const option of chosen) {
    cost += option.cost;
    take(option.uses, 1);
  }
  for (const [index, pool] of instance.pools.entries()) {
    const users = chosen.flatMap(({ pool: use }) => (use?.pool === index ? [use] : []));
    const load = users.reduce((sum, use) => sum + use.load, 0);
    const memory = users.reduce((sum, use) => sum + use.memoryBytes, 0) / pool.memoryBytesPerUnit;
    const machines = Math.ceil(Math.max(load, memory, 0, ...users.map(({ alone }) => alone)) - EPSILON);
    if (machines > pool.most) return null;
    cost += machines * pool.unitCost;
    take(pool.uses, machines);
  }
  for (const site of used) cost += instance.sites[site]?.openCost ?? 0;
  const shareAt = (stage: number, site: number) =>
    chosen
      .filter((option) => option.stage === stage && option.site === site)
      .reduce((sum, { share }) => sum + share, 0);
  const reachable = (stage: number) =>
    new Set(instance.options.filter((option) => option.stage === stage).map(({ site }) => site));
  for (const edge of instance.edges) {
    if (edge.alternatives !== null && !edge.alternatives.some((it) => alternatives.has(it))) continue;
    for (const from of instance.sites.keys()) {
      const prices = edge.pairCost(from);
      // what stays cheapest first: of the share at `from`, as much as `to` has at each place
      let left = shareAt(edge.from, from);
      const places = prices.map((price, to) => ({ price, to })).sort((a, b) => a.price - b.price);
      for (const { price, to } of places) {
        const here = Math.min(left, shareAt(edge.to, to));
        cost += price * here;
        left -= here;
      }
      cost += left * Math.max(...places.filter(({ to }) => reachable(edge.to).has(to)).map(({ price }) => price), 0);
    }
  }
  cost += beyondFree(instance, chosen, alternatives);
  for (const path of instance.paths) {
    const placed = path.stages.map((stage) => chosen.filter((option) => option.stage === stage));
    let total = 0;
    for (const [hop, here] of placed.entries()) {
      total += Math.max(0, ...here.map(({ latencyMs }) => latencyMs));
      const trips = (placed[hop - 1] ?? []).flatMap((a) => here.map((b) => path.roundTripMs(a.site, b.site)));
      total += Math.max(0, ...trips);
    }
    if (total > path.budgetMs + EPSILON) return null;
  }
  for (const [index, resource] of instance.resources.entries()) {
    const amount = (amounts[index] ?? 0) + (resource.isBudget ? cost : 0);
    if (amount > resource.capacity + EPSILON) return null;
  }
  return cost;
}

/** What is counted as free beyond what each account gives: the free volume goes to the dearest lists. */
function beyondFree(
  { sites, edges, freeAccounts, freeLists }: Instance,
  chosen: readonly InstanceOption[],
  alternatives: ReadonlySet<number>,
): number {
  const counted = freeLists.map(() => 0);
  const count = (site: number, gigabytes: number) => {
    const list = sites[site]?.freeList ?? null;
    if (list !== null) counted[list] = (counted[list] ?? 0) + gigabytes;
  };
  for (const { site, freeGigabytes } of chosen) count(site, freeGigabytes);
  for (const { from, to, freeGigabytes, alternatives: only } of edges) {
    if (only !== null && !only.some((it) => alternatives.has(it))) continue;
    for (const site of sites.keys()) {
      const free = freeGigabytes(site);
      if (free === null) continue;
      const sent = chosen.filter((it) => it.stage === from && it.site === site).reduce((sum, it) => sum + it.share, 0);
      const kept = chosen
        .filter((it) => it.stage === to && !(free[it.site] as number))
        .reduce((sum, it) => sum + it.share, 0);
      count(site, Math.max(0, sent - kept) * Math.max(...free));
    }
  }
  return freeAccounts.reduce((total, { gigabytes }, account) => {
    const dearestFirst = [...freeLists.keys()]
      .filter((list) => freeLists[list]?.account === account)
      .sort((a, b) => (freeLists[b]?.usdPerGigabyte ?? 0) - (freeLists[a]?.usdPerGigabyte ?? 0));
    let left = gigabytes;
    return dearestFirst.reduce((sum, list) => {
      const isFree = Math.min(left, counted[list] ?? 0);
      left -= isFree;
      return sum + ((counted[list] ?? 0) - isFree) * (freeLists[list]?.usdPerGigabyte ?? 0);
    }, total);
  }, 0);
}

/** A generator of its own seed (mulberry32), so that a failing instance can be named. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A few stages, sites and options with every kind of constraint now and then. */
export function smallInstance(seed: number): Instance {
  const random = randomFrom(seed);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const between = (low: number, high: number) => low + random() * (high - low);
  const siteCount = 2 + upTo(1);
  const withFree = seed % 2 === 0;
  const sites = Array.from({ length: siteCount }, () => ({
    openCost: random() < 0.5 ? Math.round(between(0, 300)) : 0,
    country: upTo(1),
    logAvailability: -Math.log(1 - between(0.95, 0.999)),
    freeList: withFree ? ([0, 1, 2, null][upTo(3)] ?? null) : null,
  }));
  const resources = sites.map((_, site) => ({
    name: `power ${site}`,
    capacity: Math.round(between(6, 20)),
    isBudget: false,
  }));
  if (random() < 0.4) resources.push({ name: 'budget', capacity: Math.round(between(800, 3000)), isBudget: true });
  if (random() < 0.3) resources.push({ name: 'carbon', capacity: Math.round(between(10, 40)), isBudget: false });
  const carbon = resources.findIndex(({ name }) => name === 'carbon');
  const pools = Array.from({ length: upTo(2) }, () => {
    const site = upTo(siteCount - 1);
    return {
      site,
      unitCost: Math.round(between(20, 200)),
      most: 1 + upTo(3),
      memoryBytesPerUnit: 16,
      uses: [[site, Math.round(between(1, 4))]] as [number, number][],
    };
  });
  const withAlternatives = random() < 0.3;
  const stages = Array.from({ length: 2 + upTo(1) }, (_, index) => {
    const rule =
      index === 0 && withAlternatives && random() < 0.6
        ? 'one'
        : ((['one', 'one', 'shares', 'places'] as const)[upTo(3)] ?? 'one');
    return {
      rule,
      mostPlaces: rule === 'one' ? 1 : 2,
      leastLogAvailability: rule === 'places' ? -Math.log(1 - between(0.99, 0.9999)) : 0,
      alternatives: index === 0 && withAlternatives ? [1] : null,
    };
  });
  const options = stages.flatMap(({ rule }, stage) =>
    Array.from({ length: 2 + upTo(2) }, () => {
      const site = upTo(siteCount - 1);
      const own = [...pools.keys()].filter((pool) => pools[pool]?.site === site);
      const pool = own.length > 0 && random() < 0.5 ? (own[0] as number) : null;
      const uses: [number, number][] = pool === null ? [[site, Math.round(between(1, 8))]] : [];
      if (carbon >= 0) uses.push([carbon, Math.round(between(1, 15))]);
      return {
        stage,
        site,
        share: rule === 'shares' ? ([0.25, 0.5, 0.75, 1][upTo(3)] ?? 1) : 1,
        cost: Math.round(between(50, 1000)),
        uses,
        pool:
          pool === null
            ? null
            : { pool, load: between(0.1, 1.5), memoryBytes: Math.round(between(1, 14)), alone: random() < 0.5 ? 1 : 0 },
        latencyMs: Math.round(between(5, 50)),
        freeGigabytes: withFree && sites[site]?.freeList !== null ? Math.round(between(0, 90)) : 0,
      };
    }),
  );
  const roundTripMs = (from: number, to: number) => (from === to ? 0 : 10 + 7 * Math.abs(from - to));
  const prices = sites.map((_, from) => sites.map((__, to) => (from === to ? 0 : Math.round(between(0, 200)))));
  const sent = Math.round(between(10, 90));
  const free = sites.map(({ freeList }, from) =>
    freeList === null ? null : sites.map((_, to) => (from === to || (from + to + seed) % 3 === 0 ? 0 : sent)),
  );
  return {
    stages,
    options,
    sites,
    pools,
    edges: [
      {
        from: withAlternatives ? stages.length - 1 : 0,
        to: withAlternatives ? 0 : stages.length - 1,
        pairCost: (from) => prices[from] ?? [],
        freeGigabytes: (from) => free[from] ?? null,
        // flows to the first stage where that one may be absent
        alternatives: withAlternatives ? [1] : null,
      },
    ],
    paths:
      random() < 0.4
        ? [
            {
              // also one that is asked, asks itself, and is asked again
              stages: random() < 0.5 ? [0, stages.length - 1] : [0, 0, stages.length - 1, 0, stages.length - 1],
              field: '/paths/0/milliseconds',
              budgetMs: Math.round(between(30, 200)),
              roundTripMs,
            },
          ]
        : [],
    resources,
    freeAccounts: [
      { name: 'a', gigabytes: 100 },
      { name: 'b', gigabytes: 40 },
    ],
    freeLists: [
      { account: 0, usdPerGigabyte: 1 },
      { account: 0, usdPerGigabyte: 3 },
      { account: 1, usdPerGigabyte: 2 },
    ],
    alternativeGroups: withAlternatives ? [2] : [],
    leastSites: random() < 0.2 ? 2 : 0,
    leastCountries: random() < 0.2 ? 2 : 0,
  };
}
