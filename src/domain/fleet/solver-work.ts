/**
 * The optimizer with a share of work for each question put to it, so that no request runs for minutes however its limits stand: counted
 * in simplex iterations, so that the same request always ends at the same point.
 */
import type { ProgramSolution, SolveProgram } from '../optimization/integer-program.ts';

/** Of one question, in simplex iterations: about ten times what the hardest questions with an answer take. */
const MOST_PER_QUESTION = 60_000;
/** What a program takes besides its iterations, as iterations. */
const PER_PROGRAM = 200;

export class SolverWork {
  readonly #solve: SolveProgram;
  #left = MOST_PER_QUESTION;
  #spent = 0;

  constructor(solve: SolveProgram) {
    this.#solve = solve;
  }

  /** The next question has a share of its own: the same for a changed request as for one that is asked. */
  nextQuestion(): void {
    this.#left = MOST_PER_QUESTION;
  }

  /** Whether the present question has had its share. */
  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** By all questions, in shares of one. */
  get shares(): number {
    return this.#spent / MOST_PER_QUESTION;
  }

  /** Finds nothing once the share is spent. */
  readonly solve: SolveProgram = async (program, limits, start) => {
    if (this.isSpent) return NOTHING_SOLVED;
    const solution = await this.#solve(program, limits, start);
    const work = solution.simplexIterations + PER_PROGRAM;
    this.#left -= work;
    this.#spent += work;
    return solution;
  };
}

export const NOTHING_SOLVED: ProgramSolution = {
  status: 'limit',
  values: null,
  objective: null,
  bound: null,
  gap: null,
  nodes: 0,
  simplexIterations: 0,
  deterministic: true,
};
