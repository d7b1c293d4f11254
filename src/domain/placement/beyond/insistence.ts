/** What it costs to insist on another option, with everything else placed anew. */
import { type Proof, type SolvedPlan, solveLimits, solvePlan } from '../plan.ts';
import type { PlacementTools, Prepared } from '../prepare.ts';
import type { Stage } from '../scenario.ts';
import type { Insistence } from './answers.ts';
import { inOrder } from './in-order.ts';
import { type Tick, usd } from './question-again.ts';

/** So many other options are insisted on, the cheapest of each component first. */
const MOST_INSISTED = 12;

export async function insistences(
  { scenario, options, placement }: Prepared,
  plan: SolvedPlan,
  { solve }: PlacementTools,
  tick: Tick,
): Promise<Insistence[]> {
  const chosen = new Set(plan.assignment.options);
  const limits = solveLimits(scenario.request.limits);
  const base = plan.proof.objective ?? 0;
  const perStage = Math.max(1, Math.floor(MOST_INSISTED / Math.max(1, chosen.size)));
  const others = [...options.keys()].flatMap((stage) =>
    [...placement.options.keys()]
      .filter((index) => placement.options[index]?.stage === stage && !chosen.has(index))
      .slice(0, perStage),
  );
  const found = await inOrder(others, async (index): Promise<Insistence | null> => {
    await tick();
    const { plan: forced, proof } = await solvePlan(scenario, placement, solve, limits, { forced: index });
    if (forced === null) return null;
    const slack = ({ objective, bound }: Proof) => (objective ?? 0) - (bound ?? objective ?? 0);
    const option = placement.options[index];
    return {
      stage: (scenario.stages[option?.stage ?? 0] as Stage).id,
      optionId: option?.id ?? '',
      extraUsdPerMonth: usd(Math.max(0, (proof.objective ?? 0) - base)),
      uncertaintyUsd: usd(slack(proof) + slack(plan.proof)),
    };
  });
  return found.filter((it) => it !== null);
}
