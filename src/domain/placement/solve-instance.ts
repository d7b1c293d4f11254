/**
 * Solves an instance with as few of its options as the optimum needs. Where there are many, the likely ones are solved first. The best
 * plan costs no more than theirs, so that options which only fit into dearer plans are left out of the second solve, which proves it.
 */
import type { ProgramSolution, SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import type { Assignment, Instance } from './instance.ts';
import { likelyOptions, narrowed, neededOptions, within } from './narrowing.ts';
import { type ProgramChoices, placementProgram } from './program.ts';

export interface SolverWork extends Pick<ProgramSolution, 'nodes' | 'simplexIterations' | 'deterministic'> {
  readonly solves: number;
}

export interface SolvedInstance extends Pick<ProgramSolution, 'status' | 'objective' | 'bound' | 'gap'> {
  readonly assignment: Assignment | null;
  readonly work: SolverWork;
  readonly variables: number;
  readonly constraints: number;
}

/** When an instance is solved in two steps. */
interface Sizes {
  /** Up to so many options the program is solved at once. */
  readonly atOnce: number;
  /** Options of a stage, for each share of its load, that the first step tries. */
  readonly likelyPerStage: number;
}

/** With more stages than this the first solve may take as long as the second. */
const MOST_STAGES = 24;
/** A first solve with a larger share of the options than this saves nothing. */
const WORTH_A_SOLVE = 0.5;

const USUAL_SIZES: Sizes = { atOnce: 120, likelyPerStage: 8 };

export async function solveInstance(
  instance: Instance,
  choices: ProgramChoices,
  solve: SolveProgram,
  limits: SolveLimits,
  { atOnce, likelyPerStage }: Sizes = USUAL_SIZES,
): Promise<SolvedInstance> {
  const needed = neededOptions(instance, choices);
  const solved = (kept: readonly number[]) => solveAmong(instance, choices, kept, solve, limits);
  if (needed.length <= atOnce || instance.stages.length > MOST_STAGES) return solved(needed);
  const likely = likelyOptions(instance, choices, needed, likelyPerStage);
  if (likely.length > needed.length * WORTH_A_SOLVE) return solved(needed);
  const first = await solved(likely);
  if (first.objective === null) return after(first, await solved(needed));
  const most = first.objective;
  const left = within(instance, choices, needed, most);
  const isAmongLikely = new Set(likely);
  if (left.every((option) => isAmongLikely.has(option))) return first;
  const second = await solved(left);
  // the second search may end at the allowed gap, or at a limit, with a worse plan than the first found
  const isWorse = second.objective === null || second.objective > most;
  return after(first, isWorse ? provedBy(first, second) : second);
}

/** The plan of the first solve with the bound that the second one proved. */
function provedBy(
  plan: SolvedInstance,
  { status, bound: proved, variables, constraints }: SolvedInstance,
): SolvedInstance {
  const objective = plan.objective as number;
  const bound = proved === null ? null : Math.min(proved, objective);
  const gap = bound === null ? null : (objective - bound) / Math.max(Math.abs(objective), 1e-9);
  return { ...plan, status: status === 'optimal' ? 'optimal' : 'limit', bound, gap, variables, constraints };
}

async function solveAmong(
  instance: Instance,
  choices: ProgramChoices,
  kept: readonly number[],
  solve: SolveProgram,
  limits: SolveLimits,
): Promise<SolvedInstance> {
  const few = narrowed(instance, choices, kept);
  const { program, read } = placementProgram(few.instance, few.choices);
  const { values, nodes, simplexIterations, deterministic, ...found } = await solve(program, limits);
  return {
    ...found,
    assignment: values === null ? null : few.widened(read(values)),
    work: { nodes, simplexIterations, deterministic, solves: 1 },
    variables: program.variables.length,
    constraints: program.constraints.length,
  };
}

const after = ({ work }: SolvedInstance, found: SolvedInstance): SolvedInstance => ({
  ...found,
  work: totalWork(work, found.work),
});

export const totalWork = (one: SolverWork, other: SolverWork): SolverWork => ({
  nodes: one.nodes + other.nodes,
  simplexIterations: one.simplexIterations + other.simplexIterations,
  deterministic: one.deterministic && other.deterministic,
  solves: one.solves + other.solves,
});
