/** What would make a question without a plan one with a plan: changes that were tried. */
import { toNumber } from '../money.ts';
import { applyChanges } from './apply-changes.ts';
import { billOf } from './bill.ts';
import type { Change } from './check.ts';
import { elasticChanges } from './elastic.ts';
import type { PlacementOption } from './options.ts';
import { solveLimits } from './plan.ts';
import { carbonOfPlan } from './plan-carbon.ts';
import { type PlacementTools, type Prepared, solvedOf } from './prepare.ts';
import { knownOf } from './scenario.ts';
import { wholePlan } from './whole-plan.ts';

/** Rounds of changing and asking again. */
const MOST_ROUNDS = 6;

interface Changed {
  readonly changes: readonly Change[];
  readonly verified: boolean;
  readonly usdPerMonthThen: string | null;
}

/**
 * Changes until the changed question has a plan: asked, not assumed. First among all options; where those that were not estimated lead
 * nowhere, among those of which everything is known.
 */
export async function changesOf(prepared: Prepared, tools: PlacementTools): Promise<Changed> {
  const first = await changedUntil(prepared, tools, () => true);
  if (first.verified) return first;
  const second = await changedUntil(prepared, tools, ({ complete }) => complete);
  return second.verified ? second : first;
}

/** No more budget or carbon than the plan needs. */
function tightened(change: Change, usd: number, kilograms: number | null): Change {
  const least = (needed: number): number => Math.ceil(needed * 1.0001 + 1);
  if (change.field === '/policies/budgetUsdPerMonth')
    return { ...change, to: String(Math.min(Number(change.to), least(usd))) };
  if (change.field === '/policies/carbonKilogramsPerMonth' && kilograms !== null)
    return { ...change, to: Math.min(Number(change.to), least(kilograms)) };
  return change;
}

async function changedUntil(
  prepared: Prepared,
  tools: PlacementTools,
  isMeant: (option: PlacementOption) => boolean,
): Promise<Changed> {
  const { snapshot, at, request } = prepared.scenario;
  const changes = new Map<string, Change>();
  let current = prepared;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const limits = solveLimits(request.limits);
    const meant = current.options.map((stage) => ({ ...stage, rejected: stage.rejected.filter(isMeant) }));
    const needed = await elasticChanges(current.scenario, current.placement, meant, tools.solve, limits);
    if (needed.length === 0) break;
    for (const change of needed) {
      const before = changes.get(change.field);
      changes.set(change.field, before === undefined ? change : { ...change, from: before.from });
    }
    const changed = applyChanges(request, [...changes.values()]);
    const found = await wholePlan(
      { snapshot, request: changed, at, known: knownOf(prepared.scenario), solve: solvedOf },
      tools,
    );
    current = found.prepared;
    const { plan } = found;
    if (plan !== null) {
      const { bill } = billOf(current.scenario, current.placement, plan.assignment);
      const usd = toNumber(bill.total);
      const kilograms = carbonOfPlan(current.placement, plan.assignment);
      return {
        // the plan is the cheapest of those that keep the changed limits, and keeps limits of its own figures
        changes: [...changes.values()].map((change) => tightened(change, usd, kilograms)),
        verified: true,
        usdPerMonthThen: bill.total.amount,
      };
    }
  }
  return { changes: [...changes.values()], verified: false, usdPerMonthThen: null };
}
