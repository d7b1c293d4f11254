/** A program as arrays, row by row: a fraction of the memory of its objects, and handed to a thread without a copy. */
import type { IntegerProgram } from '../domain/optimization/integer-program.ts';

export interface ProgramArrays {
  readonly costs: Float64Array<ArrayBuffer>;
  readonly lower: Float64Array<ArrayBuffer>;
  readonly upper: Float64Array<ArrayBuffer>;
  /** 1 where the variable is an integer. */
  readonly integer: Uint8Array<ArrayBuffer>;
  readonly rowLower: Float64Array<ArrayBuffer>;
  readonly rowUpper: Float64Array<ArrayBuffer>;
  /** Of row i the terms from rowStarts[i] up to rowStarts[i + 1]. */
  readonly rowStarts: Int32Array<ArrayBuffer>;
  readonly termVariables: Int32Array<ArrayBuffer>;
  readonly termCoefficients: Float64Array<ArrayBuffer>;
}

export function programArrays({ variables, constraints }: IntegerProgram): ProgramArrays {
  const terms = constraints.reduce((sum, { terms }) => sum + terms.length, 0);
  const rowStarts = new Int32Array(constraints.length + 1);
  const termVariables = new Int32Array(terms);
  const termCoefficients = new Float64Array(terms);
  let next = 0;
  for (const [row, constraint] of constraints.entries()) {
    for (const [variable, coefficient] of constraint.terms) {
      termVariables[next] = variable;
      termCoefficients[next] = coefficient;
      next += 1;
    }
    rowStarts[row + 1] = next;
  }
  return {
    costs: Float64Array.from(variables, ({ cost }) => cost),
    lower: Float64Array.from(variables, ({ lower }) => lower),
    upper: Float64Array.from(variables, ({ upper }) => upper),
    integer: Uint8Array.from(variables, ({ integer }) => (integer ? 1 : 0)),
    rowLower: Float64Array.from(constraints, ({ lower }) => lower),
    rowUpper: Float64Array.from(constraints, ({ upper }) => upper),
    rowStarts,
    termVariables,
    termCoefficients,
  };
}

/** What is handed over with them. */
export const buffersOf = (arrays: ProgramArrays): ArrayBuffer[] => Object.values(arrays).map(({ buffer }) => buffer);
