/** Solves programs with HiGHS on the present thread, which it blocks; `worker.ts` does so in worker threads. */
import loadHighs, { type Model, type ModelData } from 'highs';
import type { ProgramSolution, SolveLimits } from '../domain/optimization/integer-program.ts';
import type { ProgramArrays } from './program-arrays.ts';

export interface SolveTask {
  readonly program: ProgramArrays;
  readonly limits: SolveLimits;
  /** A point to start from, one value per variable; it need not be feasible. */
  readonly start: readonly number[] | undefined;
}

/** Magnitudes from here on are infinite to HiGHS. */
const infinity = 1e20;
/** Differences below this share of the objective are rounding. */
const RELATIVE_ROUNDING = 1e-12;
/** Within this of a whole number a value of an integer variable is that number (the feasibility tolerance of the solver is 1e-6). */
const integralityTolerance = 1e-5;

// The package is CommonJS to the type checker and a module to Node, so its default export has two types.
const loadRuntime = loadHighs as unknown as typeof loadHighs.default;
type Runtime = Awaited<ReturnType<typeof loadRuntime>>;

/** A solver on a WebAssembly instance of its own. One that aborted stays broken: load another. */
export async function loadSolver(): Promise<(task: SolveTask) => ProgramSolution> {
  const highs = await loadRuntime();
  return (task) => solveProgram(highs, task);
}

/** Solves within the limits. The same task gives the same solution unless the wall clock ends it, which the solution says. */
function solveProgram(highs: Runtime, { program, limits, start }: SolveTask): ProgramSolution {
  const { callbackType } = highs.constants;
  return highs.withModel(modelData(highs, program), (model) => {
    model.options.set({
      output_flag: false,
      random_seed: 1,
      mip_rel_gap: limits.relativeGap,
      mip_abs_gap: 1e-9,
      mip_max_nodes: Math.min(limits.maximumNodes, 2 ** 31 - 1),
      simplex_iteration_limit: Math.min(limits.maximumSimplexIterations, 2 ** 31 - 1),
      time_limit: limits.maximumWallClockMs / 1000,
    });
    if (start !== undefined) model.setSolution({ colValue: start });
    let interruptedAtNodes = 0;
    // The iteration limit of HiGHS does not reach the linear programs within a branch and bound, so the iterations are counted here.
    model.run({
      [callbackType.mipInterrupt]: (event) => {
        if (Number(event.data.mip_total_lp_iterations ?? 0) < limits.maximumSimplexIterations) return undefined;
        interruptedAtNodes = Number(event.data.mip_node_count ?? 0);
        event.interrupt();
        return undefined;
      },
    });
    return solutionOf(highs, model, program, interruptedAtNodes);
  });
}

function modelData({ constants }: Runtime, program: ProgramArrays): ModelData {
  const { objectiveSense, variableType } = constants;
  const { costs, lower, upper, integer, rowLower, rowUpper, rowStarts, termVariables, termCoefficients } = program;
  const [numCols, numRows] = [costs.length, rowLower.length];
  return {
    numCols,
    numRows,
    sense: objectiveSense.minimize,
    offset: 0,
    colCost: costs,
    colLower: lower,
    colUpper: upper,
    rowLower,
    rowUpper,
    matrix: {
      format: 'csr',
      numRows,
      numCols,
      starts: rowStarts,
      indices: termVariables,
      values: termCoefficients,
    },
    integrality: Array.from(integer, (whole) => (whole === 1 ? variableType.integer : variableType.continuous)),
  };
}

function solutionOf(
  { constants }: Runtime,
  model: Model,
  program: ProgramArrays,
  interruptedAtNodes: number,
): ProgramSolution {
  const { modelStatus, solutionStatus } = constants;
  const limitStatuses: readonly number[] = [
    modelStatus.timeLimit,
    modelStatus.iterationLimit,
    modelStatus.solutionLimit,
    modelStatus.interrupted,
  ];
  const status = model.getModelStatus();
  const count = (name: string): number => Math.max(Number(model.info.get(name)), 0);
  const work = {
    nodes: Math.max(count('mip_node_count'), interruptedAtNodes),
    simplexIterations: count('simplex_iteration_count'),
    deterministic: status !== modelStatus.timeLimit,
  };
  const nothing = { values: null, objective: null, bound: null, gap: null, ...work };
  if (status === modelStatus.infeasible) return { status: 'infeasible', ...nothing };
  if (status === modelStatus.unbounded || status === modelStatus.unboundedOrInfeasible)
    return { status: 'unbounded', ...nothing };
  const isOptimal = status === modelStatus.optimal || status === modelStatus.empty;
  if (!isOptimal && !limitStatuses.includes(status)) throw new Error(`The optimizer ended with status ${status}.`);

  const isMixed = program.integer.includes(1);
  const lowest = isMixed ? Number(model.info.get('mip_dual_bound')) : Number.NaN;
  const bound = Number.isFinite(lowest) && Math.abs(lowest) < infinity ? lowest : null;
  if (!isOptimal && model.info.get('primal_solution_status') !== solutionStatus.feasible) {
    return { status: 'limit', ...nothing, bound };
  }
  const values = roundedIntegers(model.getSolution().colValue, program);
  const objective = program.costs.reduce((sum, cost, index) => sum + cost * (values[index] as number), 0);
  if (!isMixed)
    return {
      status: isOptimal ? 'optimal' : 'limit',
      values,
      objective,
      bound: isOptimal ? objective : null,
      gap: isOptimal ? 0 : null,
      ...work,
    };
  // Sums and the solver round differently: a hair between objective and bound is none.
  const hair = RELATIVE_ROUNDING * Math.max(Math.abs(objective), 1);
  const proved = bound === null ? null : objective - bound <= hair ? objective : bound;
  const gap =
    proved === null ? null : objective === proved ? 0 : (objective - proved) / Math.max(Math.abs(objective), 1e-9);
  return { status: isOptimal ? 'optimal' : 'limit', values, objective, bound: proved, gap, ...work };
}

function roundedIntegers(values: Float64Array, { integer }: ProgramArrays): number[] {
  return Array.from(integer, (isInteger, index) => {
    const value = values[index] as number;
    if (isInteger !== 1) return value;
    const whole = Math.round(value);
    if (Math.abs(value - whole) > integralityTolerance)
      throw new Error(`The optimizer gave ${value} for an integer, variable ${index}.`);
    return whole + 0;
  });
}
