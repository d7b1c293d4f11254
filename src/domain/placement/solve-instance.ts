/**
 * Solves an instance with as few of its options as the optimum needs. Where there are many, the likely ones are solved first. The best
 * plan costs no more than theirs, so that options which only fit into dearer plans are left out of the second solve, which proves it.
 * Where even that program would be too large, only as many of the likeliest enter as fit, and the bound counts what the others cost at least.
 * Rows that seldom matter are left out until a plan needs them: the optimum without them that keeps them all the same is the optimum.
 */
import type { ProgramSolution, SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import { beyondFree } from './free-egress.ts';
import type { Assignment, Instance } from './instance.ts';
import {
  fittingOptions,
  likelyOptions,
  lowerBounds,
  narrowed,
  neededOptions,
  PATH_TOLERANCE_MS,
  within,
} from './narrowing.ts';
import { pathMs } from './path-time.ts';
import { type ProgramChoices, placementProgram } from './program.ts';
import { isTooLarge, programSize } from './program-size.ts';

export interface SolverWork extends Pick<ProgramSolution, 'nodes' | 'simplexIterations' | 'deterministic'> {
  readonly solves: number;
}

export interface SolvedInstance extends Pick<ProgramSolution, 'status' | 'objective' | 'bound' | 'gap'> {
  readonly assignment: Assignment | null;
  readonly work: SolverWork;
  readonly variables: number;
  readonly constraints: number;
  /** Options that were left out because the program would have been too large; the bound counts plans with them, too. */
  readonly leftOut: number;
}

/** When an instance is solved in two steps. */
interface Sizes {
  /** Up to so many options the program is solved at once. */
  readonly atOnce: number;
  /** Options of a stage, for each share of its load, that the first step tries. */
  readonly likelyPerStage: number;
  /** A program of this size is not built: fewer options are looked at. */
  readonly tooLarge: typeof isTooLarge;
}

/** With more stages than this the first solve may take as long as the second. */
const MOST_STAGES = 24;
/** A first solve with a larger share of the options than this saves nothing. */
const WORTH_A_SOLVE = 0.5;

const NO_WORK: SolverWork = { nodes: 0, simplexIterations: 0, deterministic: true, solves: 0 };
const USUAL_SIZES: Sizes = { atOnce: 120, likelyPerStage: 8, tooLarge: isTooLarge };

export async function solveInstance(
  instance: Instance,
  choices: ProgramChoices,
  solve: SolveProgram,
  limits: SolveLimits,
  sizes: Partial<Sizes> = {},
): Promise<SolvedInstance> {
  const question = { instance, choices, solve, limits, sizes: { ...USUAL_SIZES, ...sizes } };
  const needed = neededOptions(instance, choices);
  const only = { paths: new Set<number>(), accounts: new Set<number>() };
  let work = NO_WORK;
  for (;;) {
    const asked = { ...choices, only: { paths: new Set(only.paths), accounts: new Set(only.accounts) } };
    const found = await solvedOnce({ ...question, choices: asked }, needed);
    work = totalWork(work, found.work);
    const { assignment } = found;
    if (assignment === null || !addMissing(instance, assignment, only)) return { ...found, work };
  }
}

/** Adds what the program left out and the plan does not keep. @returns whether anything was */
function addMissing(
  instance: Instance,
  assignment: Assignment,
  only: { readonly paths: Set<number>; readonly accounts: Set<number> },
): boolean {
  const before = only.paths.size + only.accounts.size;
  for (const [index, path] of instance.paths.entries())
    if (!only.paths.has(index) && pathMs(instance, path, assignment.options) > path.budgetMs + PATH_TOLERANCE_MS)
      only.paths.add(index);
  for (const { account } of beyondFree(instance, assignment)) only.accounts.add(account);
  return only.paths.size + only.accounts.size > before;
}

interface Question {
  readonly instance: Instance;
  readonly choices: ProgramChoices;
  readonly solve: SolveProgram;
  readonly limits: SolveLimits;
  readonly sizes: Sizes;
}

async function solvedOnce(question: Question, needed: readonly number[]): Promise<SolvedInstance> {
  const { instance, choices, limits } = question;
  const { atOnce, likelyPerStage, tooLarge } = question.sizes;
  const fits = (kept: readonly number[]): boolean => !tooLarge(programSize(instance, choices, kept));
  const solved = (kept: readonly number[]) => solveAmong(question, kept);
  const isSmall = needed.length <= atOnce;
  if (isSmall && fits(needed)) return solveAmong(question, needed);
  const leastWith = lowerBounds(instance, choices, needed);
  const whole = fittingOptions(instance, choices, needed, fits, leastWith);
  const isThinned = whole.leastLeftOut !== null;
  if (isThinned && !fits(whole.kept)) return notSolved(instance, needed.length);
  if (!isThinned && instance.stages.length > MOST_STAGES) return solved(needed);
  const likely = isThinned ? whole.kept : likelyOptions(instance, choices, needed, likelyPerStage, leastWith);
  if (!isThinned && likely.length > needed.length * WORTH_A_SOLVE) return solved(needed);
  const first = await solved(likely);
  if (first.objective === null)
    // what the few options do not allow the others may
    return isThinned
      ? { ...first, status: 'limit', bound: null, leftOut: needed.length - likely.length }
      : after(first, await solved(needed));
  const most = first.objective;
  if (first.status === 'limit') {
    // more options would make it harder still
    const isKept = new Set(likely);
    const others = needed.filter((index) => !isKept.has(index));
    const least = others.reduce((low, index) => Math.min(low, leastWith(index)), Number.POSITIVE_INFINITY);
    return boundedBy(first, least, limits.relativeGap, others.length);
  }
  const left = fittingOptions(instance, choices, within(instance, choices, needed, most, leastWith), fits, leastWith);
  const isAmongLikely = new Set(likely);
  const isSolved = left.kept.every((option) => isAmongLikely.has(option));
  const second = isSolved ? first : await solved(left.kept);
  // the second search may end at the allowed gap, or at a limit, with a worse plan than the first found
  const isWorse = second.objective === null || second.objective > most;
  const best = isSolved ? first : after(first, isWorse ? provedBy(first, second) : second);
  return left.leastLeftOut === null
    ? best
    : boundedBy(best, left.leastLeftOut, limits.relativeGap, needed.length - left.kept.length);
}

/** Even one option of each stage is too much. */
const notSolved = ({ stages }: Instance, leftOut: number): SolvedInstance => ({
  status: 'limit',
  objective: null,
  bound: null,
  gap: null,
  assignment: null,
  work: NO_WORK,
  variables: stages.length,
  constraints: 0,
  leftOut,
});

/** Plans with the options left out cost at least so much: the bound is that of all. */
function boundedBy(found: SolvedInstance, leastLeftOut: number, relativeGap: number, leftOut: number): SolvedInstance {
  if (found.objective === null || found.bound === null) return { ...found, leftOut };
  const bound = Math.min(found.bound, leastLeftOut);
  const gap = (found.objective - bound) / Math.max(Math.abs(found.objective), 1e-9);
  return { ...found, bound, gap, status: gap <= relativeGap ? found.status : 'limit', leftOut };
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

/** Simplex iterations times coefficients, about a second for each thousand million: what one solve may take where nothing is said. */
const MOST_WORK = 4e9;
export const USUAL_ITERATIONS = 400_000;
const LEAST_ITERATIONS = 5000;

/** An iteration takes the longer the larger the program. More iterations than usual are had by asking for them. */
const withinWork = (limits: SolveLimits, nonzeros: number): SolveLimits => {
  const { maximumSimplexIterations } = limits;
  if (maximumSimplexIterations > USUAL_ITERATIONS) return limits;
  const most = Math.max(LEAST_ITERATIONS, Math.floor(MOST_WORK / Math.max(nonzeros, 1)));
  return { ...limits, maximumSimplexIterations: Math.min(maximumSimplexIterations, most) };
};

async function solveAmong(
  { instance, choices, solve, limits }: Question,
  kept: readonly number[],
): Promise<SolvedInstance> {
  const few = narrowed(instance, choices, kept);
  const { program, read } = placementProgram(few.instance, few.choices);
  const { values, nodes, simplexIterations, deterministic, ...found } = await solve(
    program,
    withinWork(
      limits,
      program.constraints.reduce((sum, { terms }) => sum + terms.length, 0),
    ),
  );
  return {
    ...found,
    assignment: values === null ? null : few.widened(read(values)),
    work: { nodes, simplexIterations, deterministic, solves: 1 },
    variables: program.variables.length,
    constraints: program.constraints.length,
    leftOut: 0,
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
