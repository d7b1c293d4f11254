/** What would make a question without a plan one with a plan: changes that were tried, and other places. */
import { applyChanges } from './apply-changes.ts';
import { choicesOf } from './beyond/question-again.ts';
import { billOf } from './bill.ts';
import type { Change, CheckId } from './check.ts';
import { stuckStages } from './conflict.ts';
import { elasticChanges } from './elastic.ts';
import { sitesWithUsers } from './open-sites.ts';
import { solveLimits } from './plan.ts';
import { type PlacementTools, type Prepared, prepare, solvedOf } from './prepare.ts';
import type { InfeasiblePlacement } from './result.ts';
import { knownOf } from './scenario.ts';
import { wholePlan } from './whole-plan.ts';

/** Rounds of changing and asking again. */
const MOST_ROUNDS = 6;

/** Changes until the changed question has a plan: asked, not assumed. */
export async function changesOf(prepared: Prepared, tools: PlacementTools) {
  const { snapshot, at, request } = prepared.scenario;
  const changes = new Map<string, Change>();
  let current = prepared;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const limits = solveLimits(request.limits);
    const needed = await elasticChanges(current.scenario, current.placement, current.options, tools.solve, limits);
    if (needed.length === 0) break;
    for (const change of needed)
      changes.set(change.field, { ...change, from: changes.get(change.field)?.from ?? change.from });
    const changed = applyChanges(request, [...changes.values()]);
    const found = await wholePlan(
      { snapshot, request: changed, at, known: knownOf(prepared.scenario), solve: solvedOf },
      tools,
    );
    current = found.prepared;
    const { plan } = found;
    if (plan !== null) {
      const { bill } = billOf(current.scenario, current.placement, plan.assignment);
      return { changes: [...changes.values()], verified: true, usdPerMonthThen: bill.total.amount };
    }
  }
  return { changes: [...changes.values()], verified: false, usdPerMonthThen: null };
}

/** A hint is not worth a long search. */
const FEW = { nodes: 500, simplexIterations: 20_000, gapPercent: 1 };

const NEEDS_NEARNESS: ReadonlySet<CheckId> = new Set(['latency', 'round_trip', 'line', 'offline']);

/** The plan on edge devices with the users where the sites of the question are too far, else in the regions of the catalog. */
export async function elsewhere(
  { scenario, options }: Prepared,
  tools: PlacementTools,
): Promise<InfeasiblePlacement['elsewhere']> {
  const { snapshot, at } = scenario;
  const { sites, ...open } = scenario.request;
  // where every component has a place and only the whole does not fit, other places are not what is missing
  const stuck = stuckStages(scenario, options);
  if (sites === undefined || stuck.length === 0) return null;
  const isTooFar = stuck.some((stage) =>
    options[stage]?.rejected.some(({ checks }) => checks.some(({ id, ok }) => !ok && NEEDS_NEARNESS.has(id))),
  );
  const components = open.components.map(({ sites: _sites, devices: _devices, ...component }) => component);
  const places = isTooFar
    ? (['edge_box', 'device_fleet'] as const).map((kind) => {
        const added = sitesWithUsers(scenario, kind);
        return [...sites.filter(({ id }) => added.every((other) => other.id !== id)), ...added];
      })
    : [undefined];
  for (const others of places) {
    const request = { ...open, components, limits: FEW, ...(others !== undefined && { sites: others }) };
    const prepared = await prepare(snapshot, request, at, tools, knownOf(scenario));
    const { plan } = await solvedOf(prepared, tools);
    if (plan === null) continue;
    const { bill } = billOf(prepared.scenario, prepared.placement, plan.assignment);
    return { usdPerMonth: bill.total.amount, choices: choicesOf(prepared, plan) };
  }
  return null;
}
