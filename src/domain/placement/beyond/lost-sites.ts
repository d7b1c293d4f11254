/** The plan without a site, solved once for all parts of the answer that need it. */
import type { SolvedPlan } from '../plan.ts';
import type { PlacementTools, Prepared } from '../prepare.ts';
import type { Failover } from './answers.ts';
import { carbonOf, choicesOf, planNear, usd, usedSites, without } from './question-again.ts';

export interface LostSite extends Failover {
  /** Null where a power figure is missing or there is no plan. */
  readonly carbonKilogramsPerMonth: number | null;
}

export interface LostSites {
  /** Only for the sites of the plan. */
  readonly ids: readonly string[];
  readonly planWithout: (site: string) => Promise<LostSite>;
}

export function lostSites(prepared: Prepared, plan: SolvedPlan, tools: PlacementTools): LostSites {
  const before = choicesOf(prepared, plan);
  const sites = usedSites(prepared, plan);
  const known = new Map<string, Promise<LostSite>>();
  const ask = async (id: string): Promise<LostSite> => {
    const request = without(prepared.scenario, id);
    const { plan: found, proof, objective, ...again } = await planNear(prepared, { request }, before, tools);
    if (found === null)
      return {
        lostSite: id,
        status: proof === null || proof.status === 'infeasible' ? 'infeasible' : 'undecided',
        usdPerMonth: null,
        carbonKilogramsPerMonth: null,
        choices: [],
        leadTimeDays: null,
      };
    const { options } = again.prepared.placement;
    return {
      lostSite: id,
      status: 'other_plan',
      usdPerMonth: usd(objective),
      carbonKilogramsPerMonth: carbonOf(again.prepared, found),
      choices: choicesOf(again.prepared, found),
      leadTimeDays: Math.max(0, ...found.assignment.options.map((index) => options[index]?.leadTimeDays ?? 0)),
    };
  };
  return {
    ids: sites.map(({ id }) => id),
    planWithout: (id) => {
      const asked = known.get(id) ?? ask(id);
      known.set(id, asked);
      return asked;
    },
  };
}
