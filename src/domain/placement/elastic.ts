/**
 * Nothing satisfies everything: the smallest change of the request that makes it
 * feasible, found by letting requirements give way at a price and proved by asking the changed question.
 */
import type { SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import { type Change, distanceOf, failuresOf, roundedUp } from './check.ts';
import { MANY, withoutAvailability } from './conflict.ts';
import type { Assignment, Instance, InstanceOption } from './instance.ts';
import type { PlacementInstance } from './instance-of.ts';
import { type PlacementOption, type StageOptions, usdOf } from './options.ts';
import { pathMs } from './path-time.ts';
import type { ProgramChoices } from './program.ts';
import type { Scenario, Stage } from './scenario.ts';
import { solveInstance } from './solve-instance.ts';
import { onPathMs } from './stage-paths.ts';

/** Options that would do after a change enter at this price per unit of distance: fewer and smaller changes first. */
const PRICE_OF_CHANGE = 1e7;
/** Exceeding a limit by as much as the limit itself costs as much as one change. */
const PRICE_OF_LIMIT = 1e7;
/** Prices far beyond those of changes are numerical trouble: limits of nothing are priced as small ones. */
const SMALL_LIMIT = 0.05;
const MOST_CHANGEABLE = 40;
/** Of an option without figures: on a chain of calls only where its budget goes, too; then it is asked again. */
const NOT_ESTIMATED_MS = 1e7;

/** The changes of an elastic solution; empty where none was found. */
export async function elasticChanges(
  scenario: Scenario,
  placement: PlacementInstance,
  stages: readonly StageOptions[],
  solve: SolveProgram,
  limits: SolveLimits,
): Promise<readonly Change[]> {
  const open = stages.flatMap(({ feasible, rejected }, stage) =>
    feasible.length + rejected.length === 0 ? openedUp(scenario, stage) : [],
  );
  // what has no option at all has first to be let somewhere
  if (open.length > 0) return merged(open);
  const changeable: PlacementOption[] = stages.flatMap(({ rejected }) => changeableOf(rejected));
  const { instance } = placement;
  const extended: Instance = {
    ...instance,
    options: [
      ...instance.options,
      ...changeable.map(
        (option): InstanceOption => ({
          stage: option.stage,
          site: option.site,
          share: 1,
          cost: usdOf(option),
          uses: [],
          pool: null,
          latencyMs: option.served === null ? NOT_ESTIMATED_MS : onPathMs(scenario, option, option.served),
          freeGigabytes: 0,
        }),
      ),
    ],
    edges: [],
  };
  const objective = {
    options: [
      ...instance.options.map(({ cost }) => cost),
      // of options as far from passing the cheapest
      ...changeable.map((it) => PRICE_OF_CHANGE * distanceOf(it.checks) + Math.min(usdOf(it), PRICE_OF_CHANGE / 10)),
    ],
    pools: instance.pools.map(({ unitCost }) => unitCost),
  };
  const prices = instance.resources.map(({ capacity }) =>
    Number.isFinite(capacity) ? PRICE_OF_LIMIT / Math.max(capacity, SMALL_LIMIT) : null,
  );
  const choices = { elastic: prices, objective };
  const { assignment: whole } = await solveInstance(extended, choices, solve, limits);
  const found =
    whole === null
      ? await withoutStructure(extended, choices, solve, limits)
      : { assignment: whole, left: new Set<string>() };
  if (found === null) return [];
  const { assignment, left } = found;
  const changes = structuralChanges(scenario, extended, assignment, left);
  for (const index of assignment.options) {
    const option = changeable[index - instance.options.length];
    if (option === undefined) continue;
    for (const { change } of failuresOf(option.checks)) if (change !== null) changes.push(change);
  }
  for (const [index, exceeded] of assignment.exceeded.entries()) {
    const resource = instance.resources[index];
    if (resource === undefined || exceeded <= 1e-6 * Math.max(1, resource.capacity)) continue;
    const change = resourceChange(scenario, resource.name, resource.capacity, resource.capacity + exceeded);
    if (change !== null) changes.push(change);
  }
  return merged(changes);
}

const changeableOf = (rejected: readonly PlacementOption[]): PlacementOption[] =>
  rejected.filter(({ checks }) => failuresOf(checks).every(({ change }) => change !== null)).slice(0, MOST_CHANGEABLE);

const MOST_NAMED = 200;

/** Of a component whose lists of sites and devices have nothing in common: the devices that are at its sites, else all sites. */
function openedUp({ stages, sites }: Scenario, stage: number): Change[] {
  const { component, index } = stages[stage] as Stage;
  const own = sites.filter(({ id }) => component.sites?.includes(id) !== false);
  const there = [...new Set(own.flatMap(({ devices }) => devices.map(({ device }) => device.id)))];
  if (component.devices !== undefined && there.length > 0)
    return [
      {
        field: `/components/${index}/devices`,
        from: component.devices,
        to: there.slice(0, MOST_NAMED),
        effect: 'the devices that are at its sites may carry it',
      },
    ];
  return component.sites === undefined
    ? []
    : [
        {
          field: `/components/${index}/sites`,
          from: component.sites,
          to: sites.map(({ id }) => id).slice(0, MOST_NAMED),
          effect: 'every site may carry it',
        },
      ];
}

/** What shapes the whole plan; left out only where nothing else helps. */
const STRUCTURE: readonly { readonly field: string; readonly without: (instance: Instance) => Instance }[] = [
  { field: 'countries', without: (it) => ({ ...it, leastCountries: 0 }) },
  { field: 'sites', without: (it) => ({ ...it, leastSites: 0 }) },
  { field: 'paths', without: (it) => ({ ...it, paths: [] }) },
  { field: 'availability', without: withoutAvailability },
  { field: 'machines', without: (it) => ({ ...it, pools: it.pools.map((pool) => ({ ...pool, most: MANY })) }) },
];

/** As little of the structure as has to go: each part alone, else all of it and back what is not needed. */
async function withoutStructure(instance: Instance, choices: ProgramChoices, solve: SolveProgram, limits: SolveLimits) {
  const attempt = async (left: ReadonlySet<string>) => {
    const relaxed = STRUCTURE.reduce((it, { field, without }) => (left.has(field) ? without(it) : it), instance);
    const { assignment } = await solveInstance(relaxed, choices, solve, limits);
    return assignment === null ? null : { assignment, left };
  };
  for (const { field } of STRUCTURE) {
    const found = await attempt(new Set([field]));
    if (found !== null) return found;
  }
  let best = await attempt(new Set(STRUCTURE.map(({ field }) => field)));
  for (const { field } of STRUCTURE) {
    if (best === null) return null;
    const fewer = new Set(best.left);
    fewer.delete(field);
    best = (await attempt(fewer)) ?? best;
  }
  return best;
}

function structuralChanges(
  { policies, request }: Scenario,
  instance: Instance,
  assignment: Assignment,
  left: ReadonlySet<string>,
): Change[] {
  const sites = new Set(assignment.options.map((index) => instance.options[index]?.site ?? 0));
  const countries = new Set([...sites].map((site) => instance.sites[site]?.country));
  const changes: Change[] = [];
  if (left.has('countries') && policies.leastCountries !== undefined)
    changes.push({
      field: '/policies/leastCountries',
      from: policies.leastCountries,
      to: Math.min(policies.leastCountries, countries.size),
      effect: 'so many countries are enough',
    });
  if (left.has('sites') && policies.leastSites !== undefined)
    changes.push({
      field: '/policies/leastSites',
      from: policies.leastSites,
      to: Math.min(policies.leastSites, sites.size),
      effect: 'so many sites are enough',
    });
  if (left.has('paths')) {
    const needed = new Map<string, { from: number; to: number }>();
    const known = {
      options: instance.options.map((option) =>
        option.latencyMs < NOT_ESTIMATED_MS ? option : { ...option, latencyMs: 0 },
      ),
    };
    for (const path of instance.paths) {
      const { field, budgetMs } = path;
      const to = Math.max(pathMs(known, path, assignment.options), needed.get(field)?.to ?? 0);
      needed.set(field, { from: budgetMs, to });
    }
    for (const [field, { from, to }] of needed)
      if (to > from)
        changes.push({
          field,
          from,
          to: roundedUp(Math.max(to * 1.05, from * 1.5), 3),
          effect: 'the chain of calls has time',
        });
  }
  if (left.has('availability'))
    for (const [index, { availability }] of request.components.entries())
      if (availability !== undefined)
        changes.push({
          field: `/components/${index}/availability`,
          from: availability,
          to: Math.min(availability, EASY_AVAILABILITY),
          effect: 'one place is available enough',
        });
  if (left.has('machines'))
    for (const [at, site] of (request.sites ?? []).entries())
      for (const [device, { stock }] of (site.devices ?? []).entries())
        if (stock !== undefined || site.kind === 'device_fleet')
          changes.push({
            field: `/sites/${at}/devices/${device}/stock`,
            from: stock ?? null,
            to: Math.max((stock ?? 1) * 2, 2),
            effect: 'there are machines for all components',
          });
  return changes;
}

const EASY_AVAILABILITY = 0.9;

function resourceChange(scenario: Scenario, name: string, from: number, to: number): Change | null {
  const { request } = scenario;
  const site = (prefix: string) => (request.sites ?? []).findIndex(({ id }) => name === `${prefix} ${id}`);
  const effect = 'the components then fit together';
  if (name === 'budget')
    return { field: '/policies/budgetUsdPerMonth', from: String(from), to: String(Math.ceil(to * 1.001 + 1)), effect };
  if (name === 'carbon')
    return { field: '/policies/carbonKilogramsPerMonth', from, to: Math.ceil(to * 1.001 + 1), effect };
  if (name.startsWith('power ') && site('power') >= 0)
    return { field: `/sites/${site('power')}/powerKilowatts`, from, to: roundedUp(to * 1.001), effect };
  if (name.startsWith('racks ') && site('racks') >= 0)
    return { field: `/sites/${site('racks')}/racks`, from, to: Math.ceil(to), effect };
  if (name.startsWith('quota '))
    return { field: `/policies/quotas/${name.slice('quota '.length)}/mostDevices`, from, to: Math.ceil(to), effect };
  if (name.startsWith('stock ')) {
    const pointer = /\/sites\/\d+\/devices\/\d+/.exec(name)?.[0];
    return pointer === undefined ? null : { field: `${pointer}/stock`, from, to: Math.ceil(to), effect };
  }
  return null;
}

/** One change per field: the farthest. */
function merged(changes: readonly Change[]): Change[] {
  const byField = new Map<string, Change>();
  for (const change of changes) {
    const known = byField.get(change.field);
    if (known === undefined) byField.set(change.field, change);
    else if (Array.isArray(known.to) && Array.isArray(change.to))
      byField.set(change.field, { ...known, to: union(known, change) });
    else if (farther(change, known)) byField.set(change.field, change);
  }
  return [...byField.values()];
}

const farther = (a: Change, b: Change): boolean => {
  const from = Number(b.from);
  return Math.abs(Number(a.to) - from) > Math.abs(Number(b.to) - from);
};

/** Lists that grow are joined; of lists that shrink what both keep stays. */
function union(a: Change, b: Change): unknown[] {
  const [first, second] = [a.to as unknown[], b.to as unknown[]];
  const before = Array.isArray(a.from) ? a.from.length : 0;
  return first.length >= before ? [...new Set([...first, ...second])] : first.filter((item) => second.includes(item));
}
