/** What it costs to insist on another option, with everything else placed anew. */
import { type Proof, type SolvedPlan, solveLimits, solvePlan } from '../plan.ts';
import type { PlacementTools, Prepared } from '../prepare.ts';
import type { Stage } from '../scenario.ts';
import type { Insistence } from './answers.ts';
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
  const result: Insistence[] = [];
  for (const stage of options.keys()) {
    const others = [...placement.options.keys()].filter(
      (index) => placement.options[index]?.stage === stage && !chosen.has(index),
    );
    for (const index of others.slice(0, perStage)) {
      await tick();
      const found = await solvePlan(scenario, placement, solve, limits, { forced: index });
      if (found.plan === null) continue;
      const cost = found.proof.objective ?? 0;
      const slack = ({ objective, bound }: Proof) => (objective ?? 0) - (bound ?? objective ?? 0);
      result.push({
        stage: (scenario.stages[stage] as Stage).id,
        optionId: placement.options[index]?.id ?? '',
        extraUsdPerMonth: usd(Math.max(0, cost - base)),
        uncertaintyUsd: usd(slack(found.proof) + slack(plan.proof)),
      });
    }
  }
  return result;
}
