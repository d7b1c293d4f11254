/**
 * Sites that a question without a plan does not name and that would give it one, with everything it asks for as it is: regions of the
 * catalog and edge devices with the users. As few of them as do, tried by asking the question with them.
 */
import { RequestFaultError } from '../estimate/request-fault.ts';
import { applyChanges } from './apply-changes.ts';
import { choicesOf, restricted } from './beyond/question-again.ts';
import { billOf } from './bill.ts';
import type { Change, CheckId } from './check.ts';
import { stuckStages } from './conflict.ts';
import { sitesWithUsers } from './open-sites.ts';
import type { PlacementOption } from './options.ts';
import { type SolvedPlan, solveLimits, solvePlan } from './plan.ts';
import { type PlacementTools, type Prepared, prepare, solvedOf } from './prepare.ts';
import type { PlacementRequest, Site } from './request.ts';
import type { InfeasiblePlacement } from './result.ts';
import { knownOf, type PlaceableSite, type Scenario, type Stage } from './scenario.ts';
import { wholePlan } from './whole-plan.ts';
import { joined } from './words.ts';

/** A hint is not worth a long search. */
const MOST_STAGES = 40;
const FEW = { nodes: 500, simplexIterations: 20_000, gapPercent: 1 };

const NEEDS_NEARNESS: ReadonlySet<CheckId> = new Set(['latency', 'round_trip', 'line', 'offline']);

export async function newSites(prepared: Prepared, tools: PlacementTools): Promise<InfeasiblePlacement['elsewhere']> {
  const { request, stages } = prepared.scenario;
  if (request.sites === undefined || stages.length > MOST_STAGES) return null;
  for (const asked of candidates(prepared)) {
    const found = await withFewest(prepared, asked, tools);
    if (found === null) continue;
    const { snapshot, at } = prepared.scenario;
    const changed = applyChanges(request, found);
    const known = knownOf(prepared.scenario);
    const again = await wholePlan({ snapshot, request: changed, at, known, solve: solvedOf }, tools);
    if (again.plan === null) continue;
    const { bill } = billOf(again.prepared.scenario, again.prepared.placement, again.plan.assignment);
    return {
      usdPerMonth: bill.total.amount,
      choices: choicesOf(again.prepared, again.plan),
      changes: found,
    };
  }
  return null;
}

interface Candidates {
  readonly request: PlacementRequest;
  readonly besides: boolean;
}

/** First what the catalog offers, then boxes and devices with the users where the sites given are too far from them. */
function candidates({ scenario, options }: Prepared): Candidates[] {
  const { sites = [], ...others } = scenario.request;
  const components = others.components.map(({ sites: _sites, devices: _devices, ...component }) => component);
  const request = { ...others, components, limits: FEW };
  const stuck = stuckStages(scenario, options);
  const isTooFar = stuck.some((stage) =>
    options[stage]?.rejected.some(({ checks }) => checks.some(({ id, ok }) => !ok && NEEDS_NEARNESS.has(id))),
  );
  const withUsers = (['edge_box', 'device_fleet'] as const).map((kind) => {
    const added = sitesWithUsers(scenario, kind);
    const own = sites.filter(({ id }) => added.every((other) => other.id !== id));
    return { request: { ...request, sites: [...own, ...added] }, besides: false };
  });
  return [{ request: { ...request, sites }, besides: true }, ...(isTooFar ? withUsers : [])];
}

async function withFewest(
  { scenario }: Prepared,
  { request, besides }: Candidates,
  tools: PlacementTools,
): Promise<Change[] | null> {
  const { snapshot, at } = scenario;
  let again: Prepared;
  try {
    again = await prepare(snapshot, request, at, tools, knownOf(scenario), besides);
  } catch (error) {
    // with all of them the question may be too large
    if (error instanceof RequestFaultError) return null;
    throw error;
  }
  let { plan } = await solvedOf(again, tools);
  if (plan === null) return null;
  const given = new Set((scenario.request.sites ?? []).map(({ id }) => id));
  const isNew = (index: number): boolean => !given.has((again.scenario.sites[index] as PlaceableSite).id);
  let placement = again.placement;
  const usedBy = (of: SolvedPlan): number[] =>
    [...new Set(of.assignment.options.map((index) => (placement.options[index] as PlacementOption).site))].filter(
      isNew,
    );
  for (let used = usedBy(plan), next = 0; next < used.length && used.length > 1; ) {
    const without = used.filter((_, index) => index !== next);
    const fewer = restricted(placement, (index) => {
      const { site } = placement.options[index] as PlacementOption;
      return !isNew(site) || without.includes(site);
    });
    const found = await solvePlan(again.scenario, fewer, tools.solve, solveLimits(FEW));
    if (found.plan === null) {
      next += 1;
      continue;
    }
    [plan, placement, next] = [found.plan, fewer, 0];
    used = usedBy(plan);
  }
  const chosen = plan.assignment.options.map((index) => placement.options[index] as PlacementOption);
  return changesFor(scenario, again.scenario, chosen, isNew);
}

/** The sites with the devices that are used of them, and the lists of the components that are to use them. */
function changesFor(
  { request }: Scenario,
  { sites, stages }: Scenario,
  chosen: readonly PlacementOption[],
  isNew: (site: number) => boolean,
): Change[] {
  const changes: Change[] = [];
  const bySite = Map.groupBy(
    chosen.filter(({ site }) => isNew(site)),
    ({ site }) => site,
  );
  for (const [index, options] of bySite) {
    const site = sites[index] as PlaceableSite;
    changes.push({
      field: `/sites/${(request.sites ?? []).length + changes.length}`,
      from: null,
      to: described(site, options),
      effect: `${site.id} is a site, too`,
    });
  }
  for (const [index, { sites: own, devices }] of request.components.entries()) {
    const its = chosen.filter(({ stage, site }) => (stages[stage] as Stage).index === index && isNew(site));
    if (its.length === 0) continue;
    const grow = (field: string, list: readonly string[] | undefined, more: readonly string[]): void => {
      const missing = [...new Set(more)].filter((id) => list?.includes(id) === false);
      if (list !== undefined && missing.length > 0)
        changes.push({
          field: `/components/${index}/${field}`,
          from: list,
          to: [...list, ...missing],
          effect: `${joined(missing)} may carry it`,
        });
    };
    grow(
      'sites',
      own,
      its.map(({ site }) => (sites[site] as PlaceableSite).id),
    );
    grow(
      'devices',
      devices,
      its.map(({ device }) => device.device.id),
    );
  }
  return changes;
}

function described(
  { id, kind, region, country, point, userSide, units, description }: PlaceableSite,
  options: readonly PlacementOption[],
): Site {
  if (region !== null) return { id, kind: 'cloud_region', region: region.id };
  const devices = new Map(options.map(({ device: { device, stock } }) => [device.id, stock]));
  return {
    id,
    kind,
    country,
    latitude: description.latitude ?? point.latitude,
    longitude: description.longitude ?? point.longitude,
    userGroups: [...userSide],
    ...(kind === 'device_fleet' && { units }),
    devices: [...devices].map(([device, stock]) => ({ device, ...(stock !== null && { stock }) })),
  };
}
