/** Options are left out of a program only where its optimum needs none of them. */
import { expect, it } from 'vitest';
import { placementProgram } from '../../../src/domain/placement/program.ts';
import { programSize } from '../../../src/domain/placement/program-size.ts';
import { solveInstance } from '../../../src/domain/placement/solve-instance.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';
import { bruteForce, smallInstance } from './brute-force.ts';

const solveProgram = await loadSolver();
const limits = {
  maximumNodes: 100_000,
  maximumSimplexIterations: 1_000_000,
  relativeGap: 0,
  maximumWallClockMs: 60_000,
};

it('a narrowed program has the optimum of the whole one, also where an option is insisted on', {
  timeout: 60_000,
}, async () => {
  let fewer = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const instance = smallInstance(seed);
    const choices = seed % 3 === 0 ? { forced: seed % instance.options.length } : {};
    const { program } = placementProgram(instance, choices);
    const whole = solveProgram({ program: programArrays(program), limits, start: undefined });
    const asked: number[] = [];
    const found = await solveInstance(
      instance,
      choices,
      async (task) => {
        asked.push(task.variables.length);
        return solveProgram({ program: programArrays(task), limits, start: undefined });
      },
      limits,
      { atOnce: 0, likelyPerStage: 1 },
    );
    if (whole.objective === null) expect(found.status, `seed ${seed}`).toBe('infeasible');
    else {
      expect(found.objective, `seed ${seed}`).toBeCloseTo(whole.objective, 4);
      expect(found.bound, `seed ${seed}`).toBeCloseTo(whole.objective, 4);
      const cost = (found.assignment?.options ?? []).reduce(
        (sum, index) => sum + (instance.options[index]?.cost ?? 0),
        0,
      );
      expect(cost, `seed ${seed}`).toBeLessThanOrEqual(whole.objective + 1e-6);
    }
    if (asked.every((variables) => variables < program.variables.length)) fewer++;
  }
  expect(fewer).toBeGreaterThan(25);
});

it('a program too large is solved with fewer options, within a bound that holds for all', {
  timeout: 60_000,
}, async () => {
  let [fewer, proved, feasible] = [0, 0, 0];
  for (let seed = 1; seed <= 150; seed++) {
    const instance = smallInstance(seed);
    const best = bruteForce(instance);
    const whole = programSize(instance, {}, [...instance.options.keys()]);
    const found = await solveInstance(
      instance,
      {},
      async (task) => solveProgram({ program: programArrays(task), limits, start: undefined }),
      limits,
      { tooLarge: ({ nonzeros }) => nonzeros > whole.nonzeros * 0.7 },
    );
    if (found.leftOut > 0) fewer++;
    if (best === null) expect(found.objective, `seed ${seed}`).toBeNull();
    // where the likely options have no plan nothing is claimed of the others
    if (found.objective === null)
      expect(found.status, `seed ${seed}`).toBe(best === null && found.leftOut === 0 ? 'infeasible' : 'limit');
    if (best === null || found.objective === null) continue;
    feasible++;
    expect(found.objective, `seed ${seed}`).toBeGreaterThanOrEqual(best.cost - 1e-4);
    expect(found.bound ?? Number.POSITIVE_INFINITY, `seed ${seed}`).toBeLessThanOrEqual(best.cost + 1e-4);
    if (found.status === 'optimal') {
      proved++;
      expect(found.objective, `seed ${seed}`).toBeCloseTo(best.cost, 4);
    }
  }
  expect(fewer).toBeGreaterThan(75);
  expect(proved).toBeGreaterThan(15);
  expect(proved).toBeLessThan(feasible);
});

it('the size reckoned before a program is built is no less than it has, and not far from it', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const instance = smallInstance(seed);
    const { program } = placementProgram(instance);
    const terms = program.constraints.reduce((sum, it) => sum + it.terms.length, 0);
    const { rows, nonzeros } = programSize(instance, {}, [...instance.options.keys()]);
    expect(rows, `seed ${seed}`).toBeGreaterThanOrEqual(program.constraints.length);
    expect(nonzeros, `seed ${seed}`).toBeGreaterThanOrEqual(terms);
    expect(nonzeros, `seed ${seed}`).toBeLessThan(4 * terms);
  }
});
