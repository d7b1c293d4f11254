/** The program's optimum is that of trying everything. */
import { expect, it } from 'vitest';
import { placementProgram } from '../../../src/domain/placement/program.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';
import { bruteForce, smallInstance } from './brute-force.ts';

const solveProgram = await loadSolver();

const CASES = 500;
const limits = {
  maximumNodes: 100_000,
  maximumSimplexIterations: 1_000_000,
  relativeGap: 0,
  maximumWallClockMs: 60_000,
};

it(`equals brute force in ${CASES} random small instances, feasible or not`, { timeout: 60_000 }, () => {
  let feasible = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    const instance = smallInstance(seed);
    const expected = bruteForce(instance);
    const { program, read } = placementProgram(instance);
    const found = solveProgram({ program: programArrays(program), limits, start: undefined });
    if (expected === null) {
      expect(found.status, `seed ${seed}`).toBe('infeasible');
      continue;
    }
    feasible++;
    expect(found.status, `seed ${seed}`).toBe('optimal');
    expect(found.objective, `seed ${seed}`).toBeCloseTo(expected.cost, 4);
    expect(read(found.values ?? []).options.length).toBeGreaterThan(0);
  }
  expect(feasible).toBeGreaterThan(CASES / 3);
  expect(feasible).toBeLessThan(CASES);
});
