/** The plan without each of the sites it uses. */
import type { SolvedPlan } from '../plan.ts';
import type { PlacementTools, Prepared } from '../prepare.ts';
import type { Failover } from './answers.ts';
import { inOrder } from './in-order.ts';
import { choicesOf, planNear, type Tick, usd, usedSites, without } from './question-again.ts';

export async function failovers(
  prepared: Prepared,
  plan: SolvedPlan,
  tools: PlacementTools,
  tick: Tick,
): Promise<Failover[]> {
  const before = choicesOf(prepared, plan);
  return inOrder(usedSites(prepared, plan), async (site): Promise<Failover> => {
    await tick();
    const request = without(prepared.scenario, site);
    const { plan: found, proof, objective, ...again } = await planNear(prepared, { request }, before, tools);
    if (found === null)
      return {
        lostSite: site.id,
        status: proof === null || proof.status === 'infeasible' ? 'infeasible' : 'undecided',
        usdPerMonth: null,
        choices: [],
        leadTimeDays: null,
      };
    const { options } = again.prepared.placement;
    return {
      lostSite: site.id,
      status: 'other_plan',
      usdPerMonth: usd(objective),
      choices: choicesOf(again.prepared, found),
      leadTimeDays: Math.max(0, ...found.assignment.options.map((index) => options[index]?.leadTimeDays ?? 0)),
    };
  });
}
