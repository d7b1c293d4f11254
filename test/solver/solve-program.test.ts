import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntegerProgram, SolveLimits } from '../../src/domain/optimization/integer-program.ts';
import { programArrays } from '../../src/solver/program-arrays.ts';
import { loadSolver } from '../../src/solver/solve-program.ts';
import { capacitatedAssignment } from './capacitated-assignment.ts';

const solveProgram = await loadSolver();

const exact: SolveLimits = {
  maximumNodes: 1e6,
  maximumSimplexIterations: 1e9,
  relativeGap: 0,
  maximumWallClockMs: 60_000,
};
const solve = (program: IntegerProgram, limits: Partial<SolveLimits> = {}) =>
  solveProgram({ program: programArrays(program), limits: { ...exact, ...limits }, start: undefined });

const variable = (name: string, cost: number, upper = 3) => ({ name, lower: 0, upper, integer: true, cost });

/** The least objective over all points of a bounded all-integer program; undefined when none is feasible. */
function leastObjective({ variables, constraints }: IntegerProgram): number | undefined {
  let least: number | undefined;
  const point: number[] = [];
  const visit = (): void => {
    const next = variables[point.length];
    if (next !== undefined) {
      for (let value = next.lower; value <= next.upper; value++) {
        point.push(value);
        visit();
        point.pop();
      }
      return;
    }
    const holds = constraints.every(({ lower, upper, terms }) => {
      const sum = terms.reduce((total, [index, coefficient]) => total + coefficient * (point[index] as number), 0);
      return sum >= lower && sum <= upper;
    });
    const objective = variables.reduce((total, { cost }, index) => total + cost * (point[index] as number), 0);
    if (holds && (least === undefined || objective < least)) least = objective;
  };
  visit();
  return least;
}

describe('solveProgram', () => {
  it('finds the optimum that trying every point finds', () => {
    const coefficient = fc.integer({ min: -5, max: 5 });
    const programs = fc.integer({ min: 1, max: 5 }).chain((count) =>
      fc.record({
        costs: fc.array(coefficient, { minLength: count, maxLength: count }),
        rows: fc.array(
          fc.record({
            coefficients: fc.array(coefficient, { minLength: count, maxLength: count }),
            lower: fc.integer({ min: -12, max: 6 }),
            width: fc.integer({ min: 0, max: 15 }),
          }),
          { maxLength: 3 },
        ),
      }),
    );
    fc.assert(
      fc.property(programs, ({ costs, rows }) => {
        const program: IntegerProgram = {
          variables: costs.map((cost, index) => variable(`x${index}`, cost)),
          constraints: rows.map(({ coefficients, lower, width }, index) => ({
            name: `row${index}`,
            lower,
            upper: lower + width,
            terms: coefficients.map((value, column) => [column, value] as const),
          })),
        };
        const least = leastObjective(program);
        const solution = solve(program);
        expect(solution.status).toBe(least === undefined ? 'infeasible' : 'optimal');
        expect(solution.objective ?? undefined).toBe(least);
        if (least !== undefined) expect(solution.gap).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('has no gap where sum and solver only round differently', () => {
    const row = (name: string, coefficients: readonly number[], lower: number) => ({
      name,
      lower,
      upper: lower + 1,
      terms: coefficients.map((value, column) => [column, value] as const),
    });
    const variables = [2, 3, 0, -3, -2].map((cost, index) => variable(`x${index}`, cost));
    const constraints = [row('first', [5, -3, -1, -4, 3], 4), row('second', [2, 4, 0, -3, -2], 1)];
    expect(solve({ variables, constraints }).gap).toBe(0);
  });

  it('says that a program is infeasible or unbounded', () => {
    const atLeastFive = { name: 'five', lower: 5, upper: Number.POSITIVE_INFINITY, terms: [[0, 1]] as const };
    expect(solve({ variables: [variable('x', 1)], constraints: [atLeastFive] })).toMatchObject({
      status: 'infeasible',
      values: null,
      objective: null,
    });
    const free = { ...variable('x', -1, Number.POSITIVE_INFINITY), integer: false };
    expect(solve({ variables: [free], constraints: [atLeastFive] })).toMatchObject({
      status: 'unbounded',
      values: null,
    });
  });

  it('solves linear programs and programs without constraints', () => {
    const variables = [{ ...variable('x', -1), integer: false }];
    expect(solve({ variables, constraints: [] })).toMatchObject({
      status: 'optimal',
      values: [3],
      objective: -3,
      gap: 0,
    });
    const half = { name: 'half', lower: Number.NEGATIVE_INFINITY, upper: 1, terms: [[0, 2]] as const };
    expect(solve({ variables, constraints: [half] })).toMatchObject({ status: 'optimal', values: [0.5], bound: -0.5 });
  });

  it('stops after counted work, the same way each time, and reports a gap that holds', () => {
    const program = capacitatedAssignment(20, 8);
    const optimum = solve(program, { relativeGap: 1e-6 });
    expect(optimum.status).toBe('optimal');
    const limits = { maximumSimplexIterations: 150 };
    const stopped = solve(program, limits);
    expect(stopped).toMatchObject({ status: 'limit', deterministic: true });
    expect(stopped.simplexIterations).toBeLessThan(optimum.simplexIterations);
    expect(stopped.bound).toBeLessThanOrEqual(optimum.objective as number);
    expect(solve(program, limits)).toEqual(stopped);
  });

  it('says when the wall clock ended it', () => {
    const stopped = solve(capacitatedAssignment(60, 20), { maximumWallClockMs: 20 });
    expect(stopped).toMatchObject({ status: 'limit', deterministic: false });
  });

  it('starts from a point given', () => {
    const program = capacitatedAssignment(20, 8);
    const { values } = solve(program, { relativeGap: 0.01 });
    const limits = { ...exact, maximumSimplexIterations: 1 };
    const started = solveProgram({ program: programArrays(program), limits, start: values as number[] });
    expect(started.objective).toBeLessThanOrEqual(solve(program, { relativeGap: 0.01 }).objective as number);
  });
});
