/**
 * Part of `npm run bench`: how fast the optimizer is on random placement programs. Processor time beside the wall
 * clock: the solver uses one thread, so on a busy machine the first says more.
 */
import { placementProgram } from '../../src/domain/placement/program.ts';
import { programArrays } from '../../src/solver/program-arrays.ts';
import { loadSolver } from '../../src/solver/solve-program.ts';
import { type InstanceSize, randomInstance } from './placement-instances.ts';

const solveProgram = await loadSolver();

const UNCOUNTED = { maximumNodes: 10_000_000, maximumSimplexIterations: 1_000_000_000 };

interface Timed {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly gapPercent: number | null;
  readonly status: string;
  readonly nodes: number;
}

function timed(size: InstanceSize, seed: number, gap: number, seconds: number): Timed {
  const { program } = placementProgram(randomInstance(size, seed));
  const start = performance.now();
  const before = process.cpuUsage();
  const solution = solveProgram({
    program: programArrays(program),
    limits: { ...UNCOUNTED, relativeGap: gap, maximumWallClockMs: seconds * 1000 },
    start: undefined,
  });
  const used = process.cpuUsage(before);
  return {
    seconds: (performance.now() - start) / 1000,
    processorSeconds: (used.user + used.system) / 1e6,
    gapPercent: solution.gap === null ? null : solution.gap * 100,
    status: solution.status,
    nodes: solution.nodes,
  };
}

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)] as number;

export function placementBench(): void {
  const small: InstanceSize = { components: 20, sites: 30, options: 30, edges: 19 };
  const runs = Array.from({ length: 20 }, (_, index) => timed(small, index + 1, 0.002, 20));
  console.log(
    '\nPlacement programs, 20 components x 30 sites x 30 options with 19 edges, gap 0.2 %, 20 random instances:',
  );
  for (const [name, pick] of [
    ['seconds', ({ seconds }: Timed) => seconds],
    ['processor seconds', ({ processorSeconds }: Timed) => processorSeconds],
  ] as const) {
    const values = runs.map(pick);
    console.log(
      `  ${name}: median ${quantile(values, 0.5).toFixed(2)}, p95 ${quantile(values, 0.95).toFixed(2)}, most ${Math.max(...values).toFixed(2)}`,
    );
  }
  console.log(`  optimal: ${runs.filter(({ status }) => status === 'optimal').length} of ${runs.length}`);
  for (const [components, seconds, options] of [
    [50, 5, 30],
    [200, 10, 20],
    [500, 20, 12],
  ] as const) {
    for (const edges of [0, components - 1]) {
      const size = { components, sites: components > 100 ? 40 : 30, options, edges };
      const found = timed(size, 7, 0.002, seconds);
      console.log(
        `  ${components} components x ${size.sites} sites x ${options} options, ${edges} edges: ${found.status} after ${found.seconds.toFixed(1)} s (${found.processorSeconds.toFixed(1)} s of processor), gap ${found.gapPercent?.toFixed(2) ?? 'none'} %, ${found.nodes} nodes`,
      );
    }
  }
}
