/** Where to run what: the whole answer to one placement question. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { LEGAL_NOTICE } from '../sovereignty/index.ts';
import { beyond, LOWEST_PRICES, PLAN_SHARE } from './beyond/beyond.ts';
import { conflictOf } from './conflict.ts';
import { newSites } from './new-sites.ts';
import { solveLimits } from './plan.ts';
import { feasible } from './plan-report.ts';
import { type PlacementTools, solvedOf } from './prepare.ts';
import type { PlacementRequest, Site } from './request.ts';
import type { Placement } from './result.ts';
import { stageReports } from './stage-report.ts';
import { leftOutIsDearer, type WholePlan, wholePlan } from './whole-plan.ts';
import { changesOf } from './without-plan.ts';
import { joined, usd } from './words.ts';

/**
 * The same snapshot, request and time give the same answer, as long as the solver says `deterministic`.
 * @param at ISO timestamp; prices in force then are used
 * @throws RequestFaultError where the request names something unknown or contradicts itself
 */
export async function placeDeployment(
  snapshot: CatalogSnapshot,
  request: PlacementRequest,
  at: string,
  tools: PlacementTools,
): Promise<Placement> {
  const asked = request.include?.length ?? 0;
  const priceFactor = asked > 0 ? LOWEST_PRICES : 1;
  const whole = await wholePlan({ snapshot, request, at, priceFactor, solve: solvedOf }, tools);
  await tools.report('the plan', asked > 0 ? PLAN_SHARE : 1);
  return answer(whole, tools);
}

async function answer({ prepared, ...solved }: WholePlan, tools: PlacementTools): Promise<Placement> {
  const { plan, proof } = solved;
  const leftOut = leftOutIsDearer(prepared, solved);
  const { scenario } = prepared;
  if (plan !== null) return feasible(prepared, plan, leftOut, await beyond(prepared, plan, tools));
  if (proof !== null && proof.status !== 'infeasible') {
    return {
      status: 'undecided',
      summary:
        proof.leftOut > 0
          ? `The question is too large to be decided as it is: ${proof.leftOut.toLocaleString('en-US')} of its options were left out so that a program could be solved, and the others have no plan together. Name the sites and devices of each component (components[].sites, components[].devices), or ask without some of the paths, edges and splits.`
          : 'The limits of the search ended it before a plan was found or excluded; raise limits.nodes or limits.simplexIterations.',
      stages: stageReports(prepared, leftOut),
      proof,
      assumptions: scenario.log.list(),
      legalNotice: LEGAL_NOTICE,
    };
  }
  const limits = solveLimits(scenario.request.limits);
  const conflict = await conflictOf(scenario, prepared.placement, prepared.options, tools.solve, limits);
  const relaxed = await changesOf(prepared, tools);
  const open = await newSites(prepared, tools);
  const isMore = open !== null && !relaxed.verified;
  const { changes, verified, usdPerMonthThen } = isMore
    ? { changes: open.changes, verified: true, usdPerMonthThen: open.usdPerMonth }
    : relaxed;
  const then =
    changes.length === 0
      ? ' No change of this question was found that makes it feasible: it needs other sites or devices.'
      : ` ${verified ? 'It becomes feasible with' : 'Nearest to feasible comes'} ${changes.map(({ field, to }) => `${field} = ${JSON.stringify(to)}`).join(', ')}${usdPerMonthThen === null ? '' : `: ${usd(usdPerMonthThen)} USD a month then`}.`;
  const added = (open?.changes ?? []).flatMap(({ field, to }) =>
    field.startsWith('/sites/') ? [(to as Site).id] : [],
  );
  const instead =
    open === null || isMore
      ? ''
      : ` With ${joined(added)} besides the sites given, and all else as it is asked, there is a plan for ${usd(open.usdPerMonth)} USD a month.`;
  const own =
    scenario.request.sites === undefined
      ? ' Regions and devices at the edge were looked at; rooms and colocation are where they are given as sites.'
      : '';
  return {
    status: 'infeasible',
    summary: `${conflict.explanation}${then}${instead}${own}`,
    stages: stageReports(prepared, leftOut),
    proof,
    assumptions: scenario.log.list(),
    legalNotice: LEGAL_NOTICE,
    conflict,
    changes,
    verified,
    usdPerMonthThen,
    elsewhere: open,
  };
}
