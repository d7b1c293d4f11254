/** A variable of a mixed-integer linear program; `upper` may be Infinity. */
export interface ProgramVariable {
  /** Names the variable in messages; unique within the program. */
  readonly name: string;
  readonly lower: number;
  readonly upper: number;
  readonly integer: boolean;
  /** Coefficient in the objective, which is minimized. */
  readonly cost: number;
}

/** A row `lower <= sum(coefficient * variable) <= upper`; either side may be infinite. */
export interface ProgramConstraint {
  readonly name: string;
  readonly lower: number;
  readonly upper: number;
  /** Pairs of the index in `variables` and the coefficient; no index twice. */
  readonly terms: readonly (readonly [variable: number, coefficient: number])[];
}

export interface IntegerProgram {
  readonly variables: readonly ProgramVariable[];
  readonly constraints: readonly ProgramConstraint[];
}

/**
 * Where a solve stops. The first three count work, so the same program always gives the same answer;
 * the wall clock is a safety net, and an answer it cut short is marked `deterministic: false`.
 */
export interface SolveLimits {
  readonly maximumNodes: number;
  readonly maximumSimplexIterations: number;
  /** Stop when (objective - bound) / |objective| is at most this. */
  readonly relativeGap: number;
  readonly maximumWallClockMs: number;
}

/**
 * `optimal`: within the relative gap asked for. `limit`: stopped by a limit; values are the best found, or null when none was found.
 * `infeasible`, `unbounded`: no values.
 */
export interface ProgramSolution {
  readonly status: 'optimal' | 'limit' | 'infeasible' | 'unbounded';
  /** One value per variable, integers exact; null when there is no feasible point. */
  readonly values: readonly number[] | null;
  readonly objective: number | null;
  /** No feasible point has a lower objective than this; null when nothing is proved. */
  readonly bound: number | null;
  /** (objective - bound) / |objective|, at least 0; 0 for a proved optimum; null without an objective or a bound. */
  readonly gap: number | null;
  readonly nodes: number;
  readonly simplexIterations: number;
  readonly deterministic: boolean;
}

/** The port to an optimizer: given by whoever composes the service, so that the domain stays free of threads and WebAssembly. */
export type SolveProgram = (
  program: IntegerProgram,
  limits: SolveLimits,
  start?: readonly number[],
) => Promise<ProgramSolution>;
