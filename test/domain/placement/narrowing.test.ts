/** Options are left out of a program only where its optimum needs none of them. */
import { expect, it } from 'vitest';
import { placementProgram } from '../../../src/domain/placement/program.ts';
import { solveInstance } from '../../../src/domain/placement/solve-instance.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';
import { smallInstance } from './brute-force.ts';

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
