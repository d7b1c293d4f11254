/** The seed as a snapshot, and the solver on the test's own thread. */
import { loadSeed } from '../../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../../src/catalog/seed/snapshot-from-seed.ts';
import type { PlacementTools } from '../../../src/domain/placement/prepare.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';

const solveProgram = await loadSolver();

export const snapshot = snapshotFromSeed(loadSeed());
export const AT = '2026-11-24T00:00:00.000Z';

export const tools: PlacementTools = {
  solve: async (program, limits) => solveProgram({ program: programArrays(program), limits, start: undefined }),
  breathe: async () => undefined,
  whenRoom: async () => undefined,
  report: async () => undefined,
};
