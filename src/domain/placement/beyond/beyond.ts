/**
 * Beyond the least cost: the front of cost against carbon and latency, the price of insisting on another option, what
 * would change the plan, and the plan without each of its sites. Each answer is a question asked again, never a guess
 * from dual values: reduced costs of the relaxation are zero for most options that cost hundreds more.
 */
import type { SolvedPlan } from '../plan.ts';
import type { PlacementTools, Prepared } from '../prepare.ts';
import type { Beyond } from '../request.ts';
import type { BeyondAnswers } from './answers.ts';
import { failovers } from './failovers.ts';
import { flips, PRICE_STEP } from './flips.ts';
import { carbonFront, latencyFront } from './fronts.ts';
import { insistences } from './insistence.ts';
import { lostSites } from './lost-sites.ts';
import type { Tick } from './question-again.ts';

/** Share of the work that the plan itself is, where more is asked. */
export const PLAN_SHARE = 0.3;
/** Part to which prices fall at most in a question asked again. */
export const LOWEST_PRICES = 1 - PRICE_STEP;

const NAMES: Readonly<Record<Beyond, string>> = {
  pareto: 'cost against carbon and latency',
  insist: 'the price of other options',
  flips: 'what would change the plan',
  failover: 'the plan without each site',
};
/** Questions asked again for each, about: what progress is counted in. */
const QUESTIONS: Readonly<Record<Beyond, number>> = { pareto: 12, insist: 12, flips: 12, failover: 3 };

export async function beyond(prepared: Prepared, plan: SolvedPlan, tools: PlacementTools): Promise<BeyondAnswers> {
  const asked = new Set(prepared.scenario.request.include ?? []);
  const all = [...asked].reduce((sum, part) => sum + QUESTIONS[part], 0);
  const lost = lostSites(prepared, plan, tools);
  let before = 0;
  const answer = async <Answer>(part: Beyond, ask: (tick: Tick) => Promise<Answer>): Promise<Answer | null> => {
    if (!asked.has(part)) return null;
    let done = 0;
    const found = await ask(async () => {
      const counted = before + Math.min(done, QUESTIONS[part]);
      done += 1;
      await tools.report(NAMES[part], PLAN_SHARE + ((1 - PLAN_SHARE) * counted) / all);
    });
    before += QUESTIONS[part];
    return found;
  };
  return {
    pareto: await answer('pareto', (tick) =>
      Promise.all([carbonFront(prepared, tools, tick), latencyFront(prepared, plan, tools, tick)]),
    ),
    insist: await answer('insist', (tick) => insistences(prepared, plan, tools, tick)),
    flips: await answer('flips', (tick) => flips(prepared, plan, lost, tools, tick)),
    failover: await answer('failover', (tick) => failovers(lost, tick)),
  };
}
