/** A question with its options and program: where every answer, and every question about the answer, starts from. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { AssumptionLog } from '../economics/assumption.ts';
import type { SolveProgram } from '../optimization/integer-program.ts';
import { stuckStages } from './elastic.ts';
import { instanceOf, type PlacementInstance } from './instance-of.ts';
import { optionsOfStages, type PlacementOption, type StageOptions, withShare } from './options.ts';
import { type Proof, type SolvedPlan, solveLimits, solvePlan } from './plan.ts';
import type { PlacementRequest } from './request.ts';
import { type Scenario, scenarioOf } from './scenario.ts';

/** What the domain needs from whoever runs it. */
export interface PlacementTools {
  readonly solve: SolveProgram;
  /** Lets others on the thread work. */
  readonly breathe: () => Promise<void>;
}

/** A question with its options and instance: what further questions about it start from. */
export interface Prepared {
  readonly scenario: Scenario;
  readonly options: readonly StageOptions[];
  readonly placement: PlacementInstance;
}

export async function prepare(
  snapshot: CatalogSnapshot,
  request: PlacementRequest,
  at: string,
  { breathe }: PlacementTools,
  known: Pick<Scenario, 'estimates' | 'roundTripFactor'> = { estimates: new Map(), roundTripFactor: 1 },
): Promise<Prepared> {
  const scenario = scenarioOf(snapshot, request, at, new AssumptionLog(), known.estimates, known.roundTripFactor);
  const options = await optionsOfStages(scenario, breathe);
  const forProgram = options.flatMap(({ feasible }, stage) => withShares(scenario, stage, feasible));
  return { scenario, options, placement: instanceOf(scenario, forProgram) };
}

export interface Solved {
  readonly plan: SolvedPlan | null;
  readonly proof: Proof | null;
}

export async function solvedOf({ scenario, options, placement }: Prepared, { solve }: PlacementTools): Promise<Solved> {
  if (stuckStages(scenario, options).length > 0) return { plan: null, proof: null };
  return solvePlan(scenario, placement, solve, solveLimits(scenario.request.limits));
}

/** Shares of a divided load that are looked at; those below the least share are left out. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9];
/** So many of a stage's cheapest options are divided. */
const MOST_DIVIDED = 10;
const LEAST_SHARE = 0.1;

function withShares(scenario: Scenario, index: number, feasible: readonly PlacementOption[]): PlacementOption[] {
  const split = scenario.stages[index]?.component.split;
  if (split?.kind !== 'by_load') return [...feasible];
  const least = split.leastShare ?? LEAST_SHARE;
  const shares = SHARES.filter((share) => share >= least - 1e-9);
  return feasible.flatMap((option, position) =>
    position >= MOST_DIVIDED
      ? [option]
      : [option, ...shares.map((share) => withShare(scenario, option, share)).filter((it) => it !== null)],
  );
}
