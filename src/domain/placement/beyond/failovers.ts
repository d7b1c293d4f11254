/** The plan without each of the sites it uses. */
import type { SolvedPlan } from '../plan.ts';
import type { PlacementTools, Prepared } from '../prepare.ts';
import type { Failover } from './answers.ts';
import { choicesOf, planNear, type Tick, usd, usedSites, without } from './question-again.ts';

export async function failovers(
  prepared: Prepared,
  plan: SolvedPlan,
  tools: PlacementTools,
  tick: Tick,
): Promise<Failover[]> {
  const before = choicesOf(prepared, plan);
  const result: Failover[] = [];
  for (const site of usedSites(prepared, plan)) {
    await tick();
    const request = without(prepared.scenario, site);
    const { plan: found, proof, objective, ...again } = await planNear(prepared, { request }, before, tools);
    result.push(
      found === null
        ? {
            lostSite: site.id,
            status: proof === null || proof.status === 'infeasible' ? 'infeasible' : 'undecided',
            usdPerMonth: null,
            choices: [],
            leadTimeDays: null,
          }
        : {
            lostSite: site.id,
            status: 'other_plan',
            usdPerMonth: usd(objective),
            choices: choicesOf(again.prepared, found),
            leadTimeDays: Math.max(
              0,
              ...found.assignment.options.map((index) => again.prepared.placement.options[index]?.leadTimeDays ?? 0),
            ),
          },
    );
  }
  return result;
}
