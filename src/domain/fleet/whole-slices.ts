/**
 * A fleet's program, solved in two steps. With buckets that split into any parts only machines are counted, which takes a fraction of the
 * time and bounds the fleet in whole slices; those are then laid out on about the machines that it found. Where they need others, or
 * end further from the bound than is asked for, the program is solved as it is.
 */
import type { ProgramSolution, SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import { type FleetProblem, fleetProgram, programNear } from './fleet-program.ts';

/** Of the gap asked for: the rest is left for what slices cost. */
const OF_PARTS = 0.5;
const OF_SLICES = 0.1;

/** @param start a point of the program, which need not be feasible; null for none */
export async function inWholeSlices(
  problem: FleetProblem,
  limits: SolveLimits,
  solve: SolveProgram,
  start: readonly number[] | null,
): Promise<ProgramSolution> {
  const { relativeGap } = limits;
  const parts = await solve(
    fleetProgram(problem, true),
    { ...limits, relativeGap: relativeGap * OF_PARTS },
    start ?? undefined,
  );
  if (parts.status === 'infeasible') return parts;
  if (parts.values !== null) {
    const solution = boundedBy(
      parts,
      await solve(programNear(problem, parts.values), { ...limits, relativeGap: relativeGap * OF_SLICES }),
    );
    if (solution !== null && isEnough(solution, parts, relativeGap, (problem.minimized ?? null) !== null))
      return solution;
  }
  const whole = await solve(fleetProgram(problem), limits, start ?? undefined);
  return { ...whole, ...workOf(parts, whole) };
}

/** A fleet in slices by the bound of the program with parts; null where there is none on those machines. */
function boundedBy(parts: ProgramSolution, slices: ProgramSolution): ProgramSolution | null {
  const { values, objective } = slices;
  const { bound } = parts;
  if (values === null || objective === null || bound === null) return null;
  const gap = objective <= bound ? 0 : (objective - bound) / Math.max(Math.abs(objective), 1e-9);
  return { status: parts.status, values, objective, bound: Math.min(bound, objective), gap, ...workOf(parts, slices) };
}

/**
 * Near enough to the bound; or to what parts took, where they have taken the work that is allowed for, or where the fleet is to say what is
 * needed of limits and is no answer itself.
 */
const isEnough = (
  { objective, gap }: ProgramSolution,
  parts: ProgramSolution,
  relativeGap: number,
  needed: boolean,
): boolean =>
  (gap as number) <= relativeGap ||
  ((parts.status === 'limit' || needed) && (objective as number) <= (parts.objective as number) * (1 + relativeGap));

const workOf = (
  a: ProgramSolution,
  b: ProgramSolution,
): Pick<ProgramSolution, 'nodes' | 'simplexIterations' | 'deterministic'> => ({
  nodes: a.nodes + b.nodes,
  simplexIterations: a.simplexIterations + b.simplexIterations,
  deterministic: a.deterministic && b.deterministic,
});
