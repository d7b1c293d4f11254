import { expect, it } from 'vitest';
import { NOTHING_SOLVED, SolverWork } from '../../../src/domain/fleet/solver-work.ts';
import type { IntegerProgram, ProgramSolution, SolveLimits } from '../../../src/domain/optimization/integer-program.ts';

const program: IntegerProgram = { variables: [], constraints: [] };
const limits: SolveLimits = {
  maximumNodes: 1,
  maximumSimplexIterations: 20_000,
  relativeGap: 0,
  maximumWallClockMs: 1000,
};

it('a question ends with its share of work, the next one has its own, and all of them are counted', async () => {
  const solution: ProgramSolution = { ...NOTHING_SOLVED, status: 'optimal', values: [], simplexIterations: 19_800 };
  let solved = 0;
  const work = new SolverWork(async () => {
    solved++;
    return solution;
  });
  for (let asked = 1; asked <= 3; asked++) {
    expect(work.isSpent).toBe(false);
    expect(await work.solve(program, limits)).toBe(solution);
  }
  expect(work.isSpent).toBe(true);
  expect((await work.solve(program, limits)).values).toBeNull();
  expect([solved, work.shares]).toEqual([3, 1]);
  work.nextQuestion();
  expect(await work.solve(program, limits)).toBe(solution);
  expect(work.shares).toBeCloseTo(4 / 3, 12);
});
