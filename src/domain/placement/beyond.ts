/**
 * Beyond the least cost: the front of cost against carbon and latency, the price of insisting on another option, what
 * would change the plan, and the plan without each of its sites. Each answer is a question asked again, never a guess
 * from dual values: reduced costs of the relaxation are zero for most options that cost hundreds more.
 */
import { money } from '../money.ts';
import { applyChanges } from './apply-changes.ts';
import type { Instance } from './instance.ts';
import type { PlacementInstance } from './instance-of.ts';
import { type Proof, type SolvedPlan, solveLimits, solvePlan } from './plan.ts';
import { type PlacementTools, type Prepared, prepare, solvedOf } from './prepare.ts';
import type { PlacementRequest } from './request.ts';
import type { PlaceableSite, Stage } from './scenario.ts';

/** Where a stage is, by the name of the option. */
export interface Choice {
  readonly stage: string;
  readonly optionId: string;
}

export interface FrontPoint {
  readonly usdPerMonth: string;
  /** Null where a power figure is missing. */
  readonly carbonKilogramsPerMonth: number | null;
  /** The slowest stage at p95. */
  readonly p95Ms: number;
  /** To the point before: USD more per unit less; null for the first. */
  readonly slope: number | null;
  readonly choices: readonly Choice[];
  readonly gap: number | null;
}

export interface Front {
  readonly against: 'carbon' | 'latency';
  /** USD a month per kg CO2e a month, or per ms. */
  readonly slopeUnit: string;
  /** Cheapest first. */
  readonly points: readonly FrontPoint[];
}

export interface Insistence extends Choice {
  /** More than the plan, with everything else placed anew. */
  readonly extraUsdPerMonth: string;
  /** Sum of both gaps in USD: how far the figure can be off. */
  readonly uncertaintyUsd: string;
}

export interface Flip {
  readonly change: string;
  readonly status: 'same_plan' | 'other_plan' | 'infeasible' | 'undecided';
  readonly usdPerMonth: string | null;
  readonly moves: readonly { readonly stage: string; readonly from: string; readonly to: string }[];
}

export interface Failover {
  readonly lostSite: string;
  readonly status: 'other_plan' | 'infeasible' | 'undecided';
  readonly usdPerMonth: string | null;
  readonly choices: readonly Choice[];
  /** Days until all of it can run. */
  readonly leadTimeDays: number | null;
}

export interface BeyondAnswers {
  readonly pareto: readonly Front[] | null;
  readonly insist: readonly Insistence[] | null;
  readonly flips: readonly Flip[] | null;
  readonly failover: readonly Failover[] | null;
}

export async function beyond(prepared: Prepared, plan: SolvedPlan, tools: PlacementTools): Promise<BeyondAnswers> {
  const asked = new Set(prepared.scenario.request.include ?? []);
  return {
    pareto: asked.has('pareto')
      ? [await carbonFront(prepared, tools), await latencyFront(prepared, plan, tools)]
      : null,
    insist: asked.has('insist') ? await insistences(prepared, plan, tools) : null,
    flips: asked.has('flips') ? await flips(prepared, plan, tools) : null,
    failover: asked.has('failover') ? await failovers(prepared, plan, tools) : null,
  };
}

const usd = (value: number): string => money(value, 'USD').amount;

const choicesOf = ({ scenario, placement }: Prepared, { assignment }: SolvedPlan): Choice[] =>
  assignment.options.map((index) => {
    const option = placement.options[index];
    return { stage: (scenario.stages[option?.stage ?? 0] as Stage).id, optionId: option?.id ?? '' };
  });

function carbonOf({ placement }: Prepared, { assignment }: SolvedPlan): number | null {
  const parts = assignment.options.map((index) => placement.options[index]?.served?.carbonKilograms ?? null);
  return parts.includes(null) ? null : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
}

const slowestOf = ({ placement }: Prepared, { assignment }: SolvedPlan): number =>
  Math.max(0, ...assignment.options.map((index) => placement.options[index]?.latency?.p95 ?? 0));

const point = (
  prepared: Prepared,
  plan: SolvedPlan,
  cost: number,
): Omit<FrontPoint, 'slope'> & { readonly cost: number } => ({
  cost,
  usdPerMonth: usd(cost),
  carbonKilogramsPerMonth: carbonOf(prepared, plan),
  p95Ms: slowestOf(prepared, plan),
  choices: choicesOf(prepared, plan),
  gap: plan.proof.gap,
});

type RawPoint = ReturnType<typeof point>;

/** Cheapest first, dominated points left out, slopes from point to point. */
function front(
  against: Front['against'],
  slopeUnit: string,
  raw: readonly RawPoint[],
  measure: (it: RawPoint) => number,
): Front {
  const sorted = [...raw].sort((a, b) => a.cost - b.cost || measure(a) - measure(b));
  const kept: RawPoint[] = [];
  for (const candidate of sorted) {
    const last = kept.at(-1);
    if (last === undefined || measure(candidate) < measure(last) * (1 - 1e-6)) kept.push(candidate);
  }
  return {
    against,
    slopeUnit,
    points: kept.map(({ cost, ...rest }, index) => {
      const before = kept[index - 1];
      return {
        ...rest,
        slope:
          before === undefined ? null : (cost - before.cost) / (measure(before) - measure(kept[index] as RawPoint)),
      };
    }),
  };
}

const FRONT_POINTS = 5;

/** Epsilon-constraint: least cost under caps between the emissions of the cheapest plan and the least there are. */
async function carbonFront(prepared: Prepared, { solve }: PlacementTools): Promise<Front> {
  const { scenario } = prepared;
  // an option of unknown emissions is on no front
  const placement = restricted(
    prepared.placement,
    (index) => prepared.placement.options[index]?.served?.carbonKilograms != null,
  );
  const limits = solveLimits(scenario.request.limits);
  const { plan: cheapest } = await solvePlan(scenario, placement, solve, limits);
  if (cheapest === null) return front('carbon', UNIT_OF_CARBON, [], (it) => it.carbonKilogramsPerMonth ?? 0);
  const points: RawPoint[] = [point({ ...prepared, placement }, cheapest, cheapest.proof.objective ?? 0)];
  const carbon = placement.options.map(({ served }) => served?.carbonKilograms ?? 0);
  const least = await solvePlan(scenario, placement, solve, limits, {
    objective: { options: carbon, pools: placement.pools.map(() => 0) },
  });
  if (least.plan === null) return front('carbon', UNIT_OF_CARBON, points, (it) => it.carbonKilogramsPerMonth ?? 0);
  const low = carbonOf({ ...prepared, placement }, least.plan) ?? 0;
  const high = carbonOf({ ...prepared, placement }, cheapest) ?? low;
  for (let step = 1; step <= FRONT_POINTS; step++) {
    const cap = high - ((high - low) * step) / FRONT_POINTS;
    const capped = withCapacity(placement, 'carbon', cap * (1 + 1e-9));
    const found = await solvePlan(scenario, capped, solve, limits);
    if (found.plan !== null)
      points.push(point({ ...prepared, placement: capped }, found.plan, found.proof.objective ?? 0));
  }
  return front('carbon', UNIT_OF_CARBON, points, (it) => it.carbonKilogramsPerMonth ?? 0);
}

const UNIT_OF_CARBON = 'USD per kg CO2e';
const TIGHTER = [0.8, 0.6, 0.45, 0.3];

/** Latency enters through the options: each point is the question asked again with tighter budgets. */
async function latencyFront(prepared: Prepared, plan: SolvedPlan, tools: PlacementTools): Promise<Front> {
  const { scenario } = prepared;
  const points: RawPoint[] = [point(prepared, plan, plan.proof.objective ?? 0)];
  const slowest = slowestOf(prepared, plan);
  for (const factor of TIGHTER) {
    const milliseconds = slowest * factor;
    const request: PlacementRequest = {
      ...scenario.request,
      components: scenario.request.components.map((component) => ({
        ...component,
        latency: {
          ...component.latency,
          percentile: 'p95',
          milliseconds: Math.min(milliseconds, component.latency?.milliseconds ?? Number.POSITIVE_INFINITY),
        },
      })),
    };
    const again = await prepare(scenario.snapshot, request, scenario.at, tools, scenario);
    const found = await solvedOf(again, tools);
    if (found.plan === null) break;
    points.push(point(again, found.plan, found.plan.proof.objective ?? 0));
  }
  return front('latency', 'USD per ms', points, (it) => it.p95Ms);
}

/** So many other options are insisted on, the cheapest of each component first. */
const MOST_INSISTED = 12;

async function insistences(
  { scenario, options, placement }: Prepared,
  plan: SolvedPlan,
  { solve }: PlacementTools,
): Promise<Insistence[]> {
  const chosen = new Set(plan.assignment.options);
  const limits = solveLimits(scenario.request.limits);
  const base = plan.proof.objective ?? 0;
  const perStage = Math.max(1, Math.floor(MOST_INSISTED / Math.max(1, chosen.size)));
  const result: Insistence[] = [];
  for (const stage of options.keys()) {
    const others = [...placement.options.keys()].filter(
      (index) => placement.options[index]?.stage === stage && !chosen.has(index),
    );
    for (const index of others.slice(0, perStage)) {
      const found = await solvePlan(scenario, placement, solve, limits, { forced: index });
      if (found.plan === null) continue;
      const cost = found.proof.objective ?? 0;
      const slack = ({ objective, bound }: Proof) => (objective ?? 0) - (bound ?? objective ?? 0);
      result.push({
        stage: (scenario.stages[stage] as Stage).id,
        optionId: placement.options[index]?.id ?? '',
        extraUsdPerMonth: usd(Math.max(0, cost - base)),
        uncertaintyUsd: usd(slack(found.proof) + slack(plan.proof)),
      });
    }
  }
  return result;
}

/** The program of changed prices, without new options: a change of price moves no budget or law. */
const repriced = (
  { scenario, placement }: Prepared,
  isRented: (site: PlaceableSite) => boolean,
  factor: number,
): PlacementInstance => ({
  ...placement,
  instance: {
    ...placement.instance,
    options: placement.instance.options.map((option) =>
      isRented(scenario.sites[option.site] as PlaceableSite) ? { ...option, cost: option.cost * factor } : option,
    ),
  },
});

async function flips(prepared: Prepared, plan: SolvedPlan, tools: PlacementTools): Promise<Flip[]> {
  const { scenario, placement } = prepared;
  const before = choicesOf(prepared, plan);
  const sites = usedSites(prepared, plan);
  const providers = new Set(sites.map(({ providerId }) => providerId).filter((id) => id !== null));
  const result: Flip[] = [];
  const add = async (change: string, again: Prepared): Promise<void> => {
    result.push(await flipOf(change, before, again, tools));
  };
  if (providers.size > 0) {
    for (const [words, factor] of [
      ['30 % more', 1.3],
      ['30 % less', 0.7],
    ] as const) {
      const instance = repriced(prepared, ({ providerId }) => providerId !== null && providers.has(providerId), factor);
      await add(`${[...providers].join(' and ')} costs ${words}`, { ...prepared, placement: instance });
    }
    const others = repriced(prepared, ({ providerId }) => providerId !== null && !providers.has(providerId), 0.7);
    await add('all other providers cost 30 % less', { ...prepared, placement: others });
  }
  const { request, snapshot, at } = scenario;
  const doubled = {
    ...request,
    components: request.components.map((component) => ({ ...component, requestsPerDay: component.requestsPerDay * 2 })),
    ...(request.edges !== undefined && {
      edges: request.edges.map((edge) => ({ ...edge, callsPerDay: edge.callsPerDay * 2 })),
    }),
  };
  await add('twice the load', await prepare(snapshot, doubled, at, tools, scenario));
  for (const [words, factor] of [
    ['20 % longer', 1.2],
    ['20 % shorter', 0.8],
  ] as const)
    await add(
      `round trips ${words}`,
      await prepare(snapshot, request, at, tools, { ...scenario, roundTripFactor: factor }),
    );
  if (scenario.policies.acceptSafeguards !== false)
    await add(
      'the law tightened: no transfer on a safeguard',
      await prepare(
        snapshot,
        applyChanges(request, [{ field: '/policies/acceptSafeguards', to: false }]),
        at,
        tools,
        scenario,
      ),
    );
  if (scenario.policies.carbonKilogramsPerMonth !== undefined)
    for (const [words, factor] of [
      ['20 % dirtier', 1 / 1.2],
      ['20 % cleaner', 1 / 0.8],
    ] as const) {
      const instance = withCapacity(placement, 'carbon', scenario.policies.carbonKilogramsPerMonth * factor);
      await add(`every grid ${words}`, { ...prepared, placement: instance });
    }
  if ((request.sites ?? []).some(({ pue }) => pue !== undefined)) {
    const hotter = {
      ...request,
      sites: (request.sites ?? []).map((site) =>
        site.pue === undefined ? site : { ...site, pue: 1 + (site.pue - 1) * 1.2 },
      ),
    };
    await add('cooling takes 20 % more power', await prepare(snapshot, hotter, at, tools, scenario));
  }
  for (const site of sites) await add(`${site.id} lost`, await without(prepared, site, tools));
  return result;
}

async function failovers(prepared: Prepared, plan: SolvedPlan, tools: PlacementTools): Promise<Failover[]> {
  const result: Failover[] = [];
  for (const site of usedSites(prepared, plan)) {
    const again = await without(prepared, site, tools);
    const { plan: found, proof, objective } = await solvedNear(again, choicesOf(prepared, plan), tools);
    result.push(
      found === null
        ? {
            lostSite: site.id,
            status: proof === null || proof.status === 'infeasible' ? 'infeasible' : 'undecided',
            usdPerMonth: null,
            choices: [],
            leadTimeDays: null,
          }
        : {
            lostSite: site.id,
            status: 'other_plan',
            usdPerMonth: usd(objective),
            choices: choicesOf(again, found),
            leadTimeDays: Math.max(
              0,
              ...found.assignment.options.map((index) => again.placement.options[index]?.leadTimeDays ?? 0),
            ),
          },
    );
  }
  return result;
}

/** USD a month by which staying is preferred: of plans of equal cost the one that moves least is told. */
const PREFERENCE = 0.01;

/** The plan of a changed question; of equally dear ones that nearest to the present. */
async function solvedNear(again: Prepared, before: readonly Choice[], tools: PlacementTools) {
  const stays = new Set(before.map(({ optionId }) => optionId));
  const preferred = again.placement.options.map(({ id }) => stays.has(id));
  const instance: Instance = {
    ...again.placement.instance,
    options: again.placement.instance.options.map((option, index) =>
      preferred[index] === true ? { ...option, cost: option.cost - PREFERENCE } : option,
    ),
  };
  const { plan, proof } = await solvedOf({ ...again, placement: { ...again.placement, instance } }, tools);
  const kept = (plan?.assignment.options ?? []).filter((index) => preferred[index] === true).length;
  return { plan, proof, objective: (plan?.proof.objective ?? 0) + kept * PREFERENCE };
}

async function flipOf(
  change: string,
  before: readonly Choice[],
  again: Prepared,
  tools: PlacementTools,
): Promise<Flip> {
  const { plan, proof, objective } = await solvedNear(again, before, tools);
  if (plan === null)
    return {
      change,
      status: proof === null || proof.status === 'infeasible' ? 'infeasible' : 'undecided',
      usdPerMonth: null,
      moves: [],
    };
  const after = choicesOf(again, plan);
  const at = (choices: readonly Choice[], stage: string) =>
    choices
      .filter((it) => it.stage === stage)
      .map(({ optionId }) => optionId)
      .sort()
      .join(' + ');
  const stages = [...new Set([...before, ...after].map(({ stage }) => stage))];
  const moves = stages.flatMap((stage) => {
    const [from, to] = [at(before, stage), at(after, stage)];
    return from === to ? [] : [{ stage, from, to }];
  });
  return { change, status: moves.length === 0 ? 'same_plan' : 'other_plan', usdPerMonth: usd(objective), moves };
}

function usedSites({ scenario, placement }: Prepared, { assignment }: SolvedPlan): PlaceableSite[] {
  const used = new Set(assignment.options.map((index) => placement.options[index]?.site ?? 0));
  return [...used].sort((a, b) => a - b).map((index) => scenario.sites[index] as PlaceableSite);
}

/** The question without a site. */
const without = ({ scenario }: Prepared, site: PlaceableSite, tools: PlacementTools): Promise<Prepared> =>
  prepare(
    scenario.snapshot,
    applyChanges(scenario.request, [
      { field: '/policies/excluded', to: [...(scenario.policies.excluded ?? []), site.id] },
    ]),
    scenario.at,
    tools,
    scenario,
  );

const withCapacity = (placement: PlacementInstance, name: string, capacity: number): PlacementInstance => ({
  ...placement,
  instance: {
    ...placement.instance,
    resources: placement.instance.resources.map((resource) =>
      resource.name === name ? { ...resource, capacity } : resource,
    ),
  },
});

function restricted(placement: PlacementInstance, keep: (index: number) => boolean): PlacementInstance {
  const kept = [...placement.options.keys()].filter(keep);
  const instance: Instance = {
    ...placement.instance,
    options: kept.map((index) => placement.instance.options[index] as Instance['options'][number]),
  };
  return {
    ...placement,
    instance,
    options: kept.map((index) => placement.options[index] as PlacementInstance['options'][number]),
  };
}
