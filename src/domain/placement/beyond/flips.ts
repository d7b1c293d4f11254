/** What would change the plan, and to what. */
import { applyChanges } from '../apply-changes.ts';
import type { Instance, InstanceOption } from '../instance.ts';
import type { PlacementInstance } from '../instance-of.ts';
import type { PlacementOption } from '../options.ts';
import type { SolvedPlan } from '../plan.ts';
import { onGrids } from '../plan-carbon.ts';
import type { PlacementTools, Prepared } from '../prepare.ts';
import type { PlacementRequest } from '../request.ts';
import type { PlaceableSite } from '../scenario.ts';
import { wholeUsd } from '../serve.ts';
import { hardwareUsd } from '../shared-machines.ts';
import { pricedEdges, type StageEdge } from '../traffic.ts';
import { joined } from '../words.ts';
import type { Choice, Flip } from './answers.ts';
import { inOrder } from './in-order.ts';
import type { LostSite, LostSites } from './lost-sites.ts';
import {
  carbonOf,
  choicesOf,
  type NearPlan,
  planNear,
  solvedNear,
  type Tick,
  usd,
  usedSites,
  withAllOptions,
} from './question-again.ts';

export const PRICE_STEP = 0.3;
const ROUND_TRIP_STEP = 0.2;
const GRID_STEP = 0.2;
const COOLING_STEP = 0.2;

const UP_AND_DOWN = [
  ['more', 1 + PRICE_STEP],
  ['less', 1 - PRICE_STEP],
] as const;
const PRICES = `${PRICE_STEP * 100} %`;

export async function flips(
  prepared: Prepared,
  plan: SolvedPlan,
  lost: LostSites,
  tools: PlacementTools,
  tick: Tick,
): Promise<Flip[]> {
  const { scenario } = prepared;
  const { request, policies } = scenario;
  const before = choicesOf(prepared, plan);
  const sites = usedSites(prepared, plan);
  const questions: (() => Promise<Flip>)[] = [];
  /** The same options at other figures. */
  const reckonedAnew = (change: string, placement: PlacementInstance, gridFactor = 1, of = prepared): void => {
    questions.push(async () => {
      const again = { ...of, placement };
      return flipOf(change, before, { ...(await solvedNear(again, before, tools)), prepared: again }, gridFactor);
    });
  };
  /** Another question. */
  const askedAnew = (change: string, changed: Parameters<typeof planNear>[1]): void => {
    questions.push(async () => flipOf(change, before, await planNear(prepared, changed, before, tools)));
  };

  const providers = new Set(sites.map(({ providerId }) => providerId).filter((id) => id !== null));
  if (providers.size > 0) {
    const ofPlan = ({ providerId }: PlaceableSite) => providerId !== null && providers.has(providerId);
    for (const [words, factor] of UP_AND_DOWN)
      reckonedAnew(
        `${joined([...providers])} cost${providers.size === 1 ? 's' : ''} ${PRICES} ${words}`,
        rentedAt(prepared, ofPlan, factor),
      );
    const ofOthers = ({ providerId }: PlaceableSite) => providerId !== null && !providers.has(providerId);
    reckonedAnew(`all other providers cost ${PRICES} less`, rentedAt(prepared, ofOthers, 1 - PRICE_STEP));
  }
  if (sites.some(({ providerId }) => providerId === null))
    for (const [words, factor] of UP_AND_DOWN)
      reckonedAnew(`hardware of your own and its upkeep cost ${PRICES} ${words}`, ownedAt(prepared, factor));
  askedAnew('twice the load', { request: doubled(request) });
  for (const [words, factor] of [
    ['longer', 1 + ROUND_TRIP_STEP],
    ['shorter', 1 - ROUND_TRIP_STEP],
  ] as const)
    askedAnew(`round trips ${ROUND_TRIP_STEP * 100} % ${words}`, { roundTripFactor: factor });
  if (policies.acceptSafeguards !== false)
    askedAnew('the law tightened: no transfer on a safeguard', {
      request: applyChanges(request, [{ field: '/policies/acceptSafeguards', to: false }]),
    });
  // under a carbon cap a cleaner option may be needed that was too dear to be estimated before
  const capped = policies.carbonKilogramsPerMonth === undefined ? prepared : await withAllOptions(prepared, tools);
  for (const [words, factor] of [
    ['dirtier', 1 + GRID_STEP],
    ['cleaner', 1 - GRID_STEP],
  ] as const)
    reckonedAnew(`every grid ${GRID_STEP * 100} % ${words}`, onGrids(capped.placement, factor), factor, capped);
  const hotter = moreCooling(prepared, request);
  if (hotter !== null) askedAnew(`cooling takes ${COOLING_STEP * 100} % more power`, { request: hotter });
  for (const id of lost.ids) questions.push(async () => flipOfLoss(id, before, await lost.planWithout(id)));
  return inOrder(questions, async (ask) => {
    await tick();
    return ask();
  });
}

/** The program with other figures for some options; a change of price moves no budget or law. */
const withOptions = (
  { scenario, placement }: Prepared,
  change: (option: InstanceOption, site: PlaceableSite, from: PlacementOption) => InstanceOption,
): PlacementInstance => ({
  ...placement,
  instance: {
    ...placement.instance,
    options: placement.instance.options.map((option, index) =>
      change(option, scenario.sites[option.site] as PlaceableSite, placement.options[index] as PlacementOption),
    ),
  },
});

/** Machines and traffic of those providers at other prices; what users pay for their lines stays. */
function rentedAt(prepared: Prepared, isMeant: (site: PlaceableSite) => boolean, factor: number): PlacementInstance {
  const { scenario } = prepared;
  const factorAt = (site: PlaceableSite): number => (isMeant(site) ? factor : 1);
  const placement = withOptions(prepared, (option, site, { served }) =>
    served === null ? option : { ...option, cost: option.cost + wholeUsd(served) * (factorAt(site) - 1) },
  );
  const { instance, options, edges } = placement;
  const priced = pricedEdges(scenario, options, factorAt);
  return {
    ...placement,
    instance: {
      ...instance,
      edges: instance.edges.map((edge, index) => ({ ...edge, ...priced(edges[index] as StageEdge) })),
      freeLists: instance.freeLists.map((list, index) => {
        const site = instance.sites.findIndex(({ freeList }) => freeList === index);
        return { ...list, usdPerGigabyte: list.usdPerGigabyte * factorAt(scenario.sites[site] as PlaceableSite) };
      }),
    },
  };
}

function ownedAt(prepared: Prepared, factor: number): PlacementInstance {
  const isOwned = ({ providerId }: PlaceableSite) => providerId === null;
  const placement = withOptions(prepared, (option, site, from) =>
    isOwned(site) && option.pool === null
      ? { ...option, cost: option.cost + hardwareUsd(from) * (factor - 1) }
      : option,
  );
  const pools: Instance['pools'] = placement.instance.pools.map((pool, index) => {
    const example = placement.pools[index]?.example;
    if (example === undefined || !isOwned(prepared.scenario.sites[pool.site] as PlaceableSite)) return pool;
    const perMachine = hardwareUsd(example) / (example.served?.devices ?? 1);
    return { ...pool, unitCost: pool.unitCost + perMachine * (factor - 1) };
  });
  return { ...placement, instance: { ...placement.instance, pools } };
}

const doubled = (request: PlacementRequest): PlacementRequest => ({
  ...request,
  components: request.components.map((component) => ({ ...component, requestsPerDay: component.requestsPerDay * 2 })),
  ...(request.edges !== undefined && {
    edges: request.edges.map((edge) => ({ ...edge, callsPerDay: edge.callsPerDay * 2 })),
  }),
});

/** With more power for cooling at the sites of one's own; null where none is cooled. */
function moreCooling({ scenario, placement }: Prepared, request: PlacementRequest): PlacementRequest | null {
  const pueOf = (site: PlaceableSite): number | null =>
    site.description.pue ??
    placement.options.find((option) => scenario.sites[option.site] === site && option.served?.pue != null)?.served
      ?.pue ??
    null;
  const cooled = new Map(
    scenario.sites.flatMap((site) => {
      const pue = site.pointer === null || site.region !== null ? null : pueOf(site);
      return pue === null || pue <= 1 ? [] : [[site.id, pue] as const];
    }),
  );
  if (cooled.size === 0 || request.sites === undefined) return null;
  return {
    ...request,
    sites: request.sites.map((site) => {
      const pue = cooled.get(site.id);
      return pue === undefined ? site : { ...site, pue: 1 + (pue - 1) * (1 + COOLING_STEP) };
    }),
  };
}

function flipOf(
  change: string,
  before: readonly Choice[],
  { plan, proof, objective, prepared }: NearPlan,
  gridFactor = 1,
): Flip {
  if (plan === null)
    return {
      change,
      status: proof === null || proof.status === 'infeasible' ? 'infeasible' : 'undecided',
      usdPerMonth: null,
      carbonKilogramsPerMonth: null,
      moves: [],
    };
  const moves = movesBetween(before, choicesOf(prepared, plan));
  return {
    change,
    status: moves.length === 0 ? 'same_plan' : 'other_plan',
    usdPerMonth: usd(objective),
    carbonKilogramsPerMonth: carbonOf(prepared, plan, gridFactor),
    moves,
  };
}

const flipOfLoss = (
  id: string,
  before: readonly Choice[],
  { status, usdPerMonth, carbonKilogramsPerMonth, choices }: LostSite,
): Flip => ({
  change: `${id} lost`,
  status,
  usdPerMonth,
  carbonKilogramsPerMonth,
  moves: usdPerMonth === null ? [] : movesBetween(before, choices),
});

function movesBetween(before: readonly Choice[], after: readonly Choice[]): Flip['moves'] {
  const at = (choices: readonly Choice[], stage: string) =>
    choices
      .filter((it) => it.stage === stage)
      .map(({ optionId }) => optionId)
      .sort()
      .join(' + ');
  const stages = [...new Set([...before, ...after].map(({ stage }) => stage))];
  return stages.flatMap((stage) => {
    const [from, to] = [at(before, stage), at(after, stage)];
    return from === to ? [] : [{ stage, from, to }];
  });
}
