import { expect, it } from 'vitest';
import { recommendMixedFleet } from '../../../src/domain/fleet/recommend-fleet.ts';
import type { SolveProgram } from '../../../src/domain/optimization/integer-program.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';
import { noPause } from '../recommendation/seeded.ts';
import { AT, snapshot } from '../seed.ts';

const solveProgram = await loadSolver();
const solve: SolveProgram = async (program, limits, start) =>
  solveProgram({ program: programArrays(program), limits, start });

it('a hall without a limit on power or racks is looked at in steps, however many machines the load takes', async () => {
  const answer = await recommendMixedFleet(
    snapshot,
    {
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1e13 },
      constraints: {
        devices: ['nvidia-l4-24gb', 'nvidia-l40s-48gb'],
        countries: ['DE'],
        facility: { coolingClasses: ['air'] },
      },
      purchase: { accept: ['owned'] },
    },
    AT,
    noPause,
    solve,
  );
  expect(answer.summary).not.toBe('');
});
