/** Explains an infeasible placement by a minimal set of requirements that cannot hold together. */
import type { SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import { failuresOf } from './check.ts';
import { nameOf } from './check-names.ts';
import type { Instance, InstanceStage } from './instance.ts';
import type { PlacementInstance } from './instance-of.ts';
import type { StageOptions } from './options.ts';
import type { Scenario } from './scenario.ts';
import { solveInstance } from './solve-instance.ts';
import { joined } from './words.ts';

export interface Conflict {
  /** Requirements that cannot hold together; without any one of them the others can. */
  readonly requirements: readonly string[];
  readonly explanation: string;
}

/** The kinds of requirements; each can be left out by itself. */
interface Requirement {
  readonly name: string;
  readonly without: (instance: Instance) => Instance;
}

const unlimited = (instance: Instance, index: number): Instance => ({
  ...instance,
  resources: instance.resources.map((resource, at) =>
    at === index ? { ...resource, capacity: Number.POSITIVE_INFINITY } : resource,
  ),
});

function requirementsOf(instance: Instance): Requirement[] {
  const all: Requirement[] = instance.resources.flatMap(({ name, capacity }, index) =>
    Number.isFinite(capacity) ? [{ name, without: (it: Instance) => unlimited(it, index) }] : [],
  );
  if (instance.paths.length > 0) all.push({ name: 'path latency', without: (it) => ({ ...it, paths: [] }) });
  if (instance.leastSites > 1) all.push({ name: 'number of sites', without: (it) => ({ ...it, leastSites: 0 }) });
  if (instance.leastCountries > 1)
    all.push({ name: 'number of countries', without: (it) => ({ ...it, leastCountries: 0 }) });
  if (instance.stages.some(({ rule }) => rule === 'places'))
    all.push({ name: 'availability', without: withoutAvailability });
  if (instance.pools.length > 0)
    all.push({
      name: 'machines on site',
      without: (it) => ({ ...it, pools: it.pools.map((pool) => ({ ...pool, most: MANY })) }),
    });
  return all;
}

export const MANY = 1e6;

/** Finds a minimal set by deletion: a requirement without which the conflict remains is left out. */
export async function conflictOf(
  scenario: Scenario,
  { instance }: PlacementInstance,
  stages: readonly StageOptions[],
  solve: SolveProgram,
  limits: SolveLimits,
): Promise<Conflict> {
  const stuck = stuckStages(scenario, stages);
  if (stuck.length > 0) {
    const [first] = stuck;
    const stage = scenario.stages[first as number];
    const failing = new Set(
      (stages[first as number]?.rejected ?? [])
        .slice(0, 1)
        .flatMap(({ checks }) => failuresOf(checks).map(({ id }) => id)),
    );
    if (failing.size === 0)
      return {
        requirements: [`${stage?.id}: sites`],
        explanation: `No site of this question has a device for ${stage?.id}; look at the sites and devices that it may use.`,
      };
    return {
      requirements: [...failing].map((id) => `${stage?.id}: ${id}`),
      explanation: `No option of ${joined(stuck.map((index) => scenario.stages[index]?.id ?? ''))} passes every check; the closest${stuck.length > 1 ? ` of ${stage?.id}` : ''} fails ${joined([...failing].map(nameOf))}.`,
    };
  }
  let current = instance;
  const needed: string[] = [];
  for (const requirement of requirementsOf(instance)) {
    const relaxed = requirement.without(current);
    const { status } = await solveInstance(relaxed, {}, solve, limits);
    if (status === 'infeasible') current = relaxed;
    else needed.push(requirement.name);
  }
  return {
    requirements: needed,
    explanation:
      needed.length === 0
        ? 'The alternatives of the split leave no combination of places.'
        : `Each component has options of its own, but no combination of them keeps ${joined(needed.map((name) => inWords(scenario, name)))}.`,
  };
}

/** A requirement in ordinary words. */
function inWords({ policies }: Scenario, name: string): string {
  const [kind, ...rest] = name.split(' ');
  const of = rest.join(' ');
  if (kind === 'quota') return `the quota of ${policies.quotas?.[Number(of)]?.device ?? of}`;
  if (kind === 'power' || kind === 'racks' || kind === 'stock') return `the ${kind} of ${of}`;
  if (kind === 'machines') return 'the machines there are on site';
  if (kind === 'path') return 'the time of a chain of calls';
  return kind === 'carbon' ? 'the carbon cap' : `the ${name}`;
}

/** Stages without any option. A stage of an easy/hard split counts only where every alternative has such a stage. */
export function stuckStages({ stages, alternatives }: Scenario, options: readonly StageOptions[]): number[] {
  const empty = (index: number) => (options[index]?.feasible.length ?? 0) + (options[index]?.divided.length ?? 0) === 0;
  return [...stages.keys()].filter((index) => {
    const stage = stages[index];
    if (stage === undefined || !empty(index)) return false;
    if (stage.alternatives === null) return true;
    const own = [...alternatives.keys()].filter((it) => alternatives[it]?.component === stage.index);
    return own.every((alternative) =>
      [...stages.keys()].some((it) => stages[it]?.alternatives?.includes(alternative) === true && empty(it)),
    );
  });
}

export function withoutAvailability(instance: Instance): Instance {
  return {
    ...instance,
    stages: instance.stages.map(
      (stage): InstanceStage => (stage.rule === 'places' ? { ...stage, leastLogAvailability: 0 } : stage),
    ),
  };
}
