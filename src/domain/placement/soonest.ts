/** Of plans that cost the same, the one whose answers are there soonest. */
import type { SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import type { PlacementInstance } from './instance-of.ts';
import { type SolvedPlan, solvePlan } from './plan.ts';
import type { Scenario } from './scenario.ts';

/** USD a month within which costs are the same: the last digit of money. */
const SAME_COST = 1e-4;

/** Asked only where another option of a stage costs the same and answers sooner. */
export async function soonestOfEqual(
  scenario: Scenario,
  placement: PlacementInstance,
  plan: SolvedPlan,
  solve: SolveProgram,
  limits: SolveLimits,
): Promise<SolvedPlan> {
  const { instance, options } = placement;
  const { proof, choices } = plan;
  if (proof.objective === null || proof.gap !== 0) return plan;
  const p95 = options.map(({ latency, share }) => (latency?.p95 ?? 0) * share);
  const isTied = plan.assignment.options.some((chosen) => {
    const own = instance.options[chosen];
    return instance.options.some(
      (other, index) =>
        other.stage === own?.stage &&
        Math.abs(other.cost - own.cost) < SAME_COST &&
        (p95[index] ?? 0) < (p95[chosen] ?? 0),
    );
  });
  if (!isTied) return plan;
  const bounded = {
    ...instance,
    resources: [
      ...instance.resources,
      { name: 'the same cost', capacity: proof.objective + SAME_COST, isBudget: true },
    ],
  };
  const objective = { options: p95, pools: instance.pools.map(() => 0) };
  const asked = { ...choices, objective };
  const { plan: found, proof: work } = await solvePlan(
    scenario,
    { ...placement, instance: bounded },
    solve,
    limits,
    asked,
  );
  const counted = {
    ...proof,
    nodes: proof.nodes + work.nodes,
    simplexIterations: proof.simplexIterations + work.simplexIterations,
    deterministic: proof.deterministic && work.deterministic,
    solves: proof.solves + work.solves,
  };
  return found === null ? { ...plan, proof: counted } : { ...found, proof: counted, choices };
}
