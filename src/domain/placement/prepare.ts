/** A question with its options and program: where every answer, and every question about the answer, starts from. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { AssumptionLog } from '../economics/assumption.ts';
import type { SolveProgram } from '../optimization/integer-program.ts';
import { stuckStages } from './conflict.ts';
import { instanceOf, type PlacementInstance } from './instance-of.ts';
import type { StageOptions } from './options.ts';
import { type Looked, lookedAt, optionsOfStages } from './options-of-stages.ts';
import { type Proof, type SolvedPlan, solveLimits, solvePlan } from './plan.ts';
import { weightOf } from './question-size.ts';
import type { PlacementRequest } from './request.ts';
import { type Known, nothingKnown, type Scenario, scenarioOf } from './scenario.ts';
import { soonestOfEqual } from './soonest.ts';

/** What the domain needs from whoever runs it. */
export interface PlacementTools {
  readonly solve: SolveProgram;
  /** Lets others on the thread work. */
  readonly breathe: () => Promise<void>;
  /** Waits until there is room for a question of that weight (question-size.ts) beside those under way. */
  readonly whenRoom: (weight: number) => Promise<void>;
  /** Hears what is being done and how far it is, 0 to 1. What it throws ends the work. */
  readonly report: (step: string, progress: number) => Promise<void>;
}

/** A question with its options and instance: what further questions about it start from. */
export interface Prepared {
  readonly scenario: Scenario;
  readonly looked: Looked;
  readonly options: readonly StageOptions[];
  readonly placement: PlacementInstance;
}

/** Part of the work, where only a plan is asked for; of more it is less. */
const OPTIONS_SHARE = 0.2;

/** @param besides whether what the catalog offers comes into question besides the sites given */
export async function prepare(
  snapshot: CatalogSnapshot,
  request: PlacementRequest,
  at: string,
  tools: PlacementTools,
  known?: Known,
  besides = false,
): Promise<Prepared> {
  const scenario = scenarioOf(snapshot, request, at, new AssumptionLog(), known ?? nothingKnown(), besides);
  if (known === undefined) await tools.whenRoom(weightOf(scenario.stages, scenario.sites));
  // of a question that is asked again, how far that is says nothing
  const told = async (share: number): Promise<void> => {
    if (known === undefined) await tools.report('the options of each component', OPTIONS_SHARE * share);
  };
  return preparedOf(scenario, await lookedAt(scenario, tools.breathe), [], tools, told);
}

/** The same question with more of the dearer options. @param reach by stage: up to this price, USD a month */
export const furtherPrepared = (
  { scenario, looked }: Prepared,
  reach: readonly number[],
  tools: PlacementTools,
): Promise<Prepared> => preparedOf(scenario, looked, reach, tools, async () => undefined);

async function preparedOf(
  scenario: Scenario,
  looked: Looked,
  reach: readonly number[],
  { breathe }: PlacementTools,
  told: (share: number) => Promise<void>,
): Promise<Prepared> {
  const options = await optionsOfStages(scenario, looked, reach, breathe, told);
  const forProgram = options.flatMap(({ feasible, divided }) => [...feasible, ...divided]);
  return { scenario, looked, options, placement: instanceOf(scenario, forProgram) };
}

export interface Solved {
  readonly plan: SolvedPlan | null;
  readonly proof: Proof | null;
}

export async function solvedOf({ scenario, options, placement }: Prepared, { solve }: PlacementTools): Promise<Solved> {
  if (stuckStages(scenario, options).length > 0) return { plan: null, proof: null };
  const limits = solveLimits(scenario.request.limits);
  const solved = await solvePlan(scenario, placement, solve, limits);
  if (solved.plan === null) return solved;
  const plan = await soonestOfEqual(scenario, placement, solved.plan, solve, limits);
  return { plan, proof: plan.proof };
}
