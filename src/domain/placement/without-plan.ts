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
import { type WholePlan, wholePlan } from './whole-plan.ts';

/** Rounds of changing and asking again. */
const MOST_ROUNDS = 6;
/** Rounds in a row that do no more than move figures of earlier ones: guesses that come no nearer. */
const MOST_REPEATS = 2;

interface Changed {
  readonly changes: readonly Change[];
  readonly verified: boolean;
  readonly usdPerMonthThen: string | null;
}

/** Which options may be let in by changes: all; else those with a price; else those of which every check is known. */
const MEANT: readonly ((option: PlacementOption) => boolean)[] = [
  () => true,
  ({ served }) => served !== null,
  ({ complete }) => complete,
];

/** Changes until the changed question has a plan: asked, not assumed. */
export async function changesOf(prepared: Prepared, tools: PlacementTools): Promise<Changed> {
  const tried: Changed[] = [];
  for (const isMeant of MEANT) {
    const changed = await changedUntil(prepared, tools, isMeant);
    if (changed.verified) return changed;
    tried.push(changed);
  }
  return tried.find(({ changes }) => changes.length > 0) ?? NOTHING;
}

const NOTHING: Changed = { changes: [], verified: false, usdPerMonthThen: null };

/** No more budget or carbon than the plan needs; null where it keeps the limit that was asked for. */
function tightened(change: Change, usd: number, kilograms: number | null): Change | null {
  const least = (needed: number): number => Math.ceil(needed * 1.0001 + 1);
  const needed =
    change.field === '/policies/budgetUsdPerMonth'
      ? least(usd)
      : change.field === '/policies/carbonKilogramsPerMonth' && kilograms !== null
        ? least(kilograms)
        : null;
  if (needed === null) return change;
  const to = Math.min(Number(change.to), needed);
  return to <= Number(change.from) ? null : { ...change, to: typeof change.to === 'string' ? String(to) : to };
}

async function changedUntil(
  prepared: Prepared,
  tools: PlacementTools,
  isMeant: (option: PlacementOption) => boolean,
): Promise<Changed> {
  const { snapshot, at, request } = prepared.scenario;
  const changes = new Map<string, Change>();
  const askedWith = (those: ReadonlyMap<string, Change>) =>
    wholePlan(
      {
        snapshot,
        request: applyChanges(request, [...those.values()]),
        at,
        known: knownOf(prepared.scenario),
        solve: solvedOf,
      },
      tools,
    );
  let current = prepared;
  let repeats = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const limits = solveLimits(request.limits);
    const meant = current.options.map((stage) => ({ ...stage, rejected: stage.rejected.filter(isMeant) }));
    const needed = await elasticChanges(current.scenario, current.placement, meant, tools.solve, limits);
    if (needed.length === 0) break;
    const earlier = [...changes.keys()];
    repeats = needed.every(({ field, to }) => typeof to === 'number' && changes.has(field)) ? repeats + 1 : 0;
    for (const change of needed) {
      const before = changes.get(change.field);
      changes.set(change.field, before === undefined ? change : { ...change, from: before.from });
    }
    let found = await askedWith(changes);
    current = found.prepared;
    if (found.plan === null) {
      if (repeats >= MOST_REPEATS) break;
      continue;
    }
    // what an earlier round changed may have been overtaken by a later one
    for (const field of earlier) {
      const fewer = new Map(changes);
      fewer.delete(field);
      const without = await askedWith(fewer);
      if (without.plan === null) continue;
      changes.delete(field);
      found = without;
    }
    return verifiedChanges([...changes.values()], found);
  }
  return { changes: [...changes.values()], verified: false, usdPerMonthThen: null };
}

/** The plan is the cheapest of those that keep the changed limits, and keeps limits of its own figures. */
function verifiedChanges(changes: readonly Change[], { prepared, plan }: WholePlan): Changed {
  if (plan === null) throw new Error('Changes are verified by a plan.');
  const { bill } = billOf(prepared.scenario, prepared.placement, plan.assignment);
  const usd = toNumber(bill.total);
  const kilograms = carbonOfPlan(prepared.placement, plan.assignment);
  return {
    changes: changes.flatMap((change) => tightened(change, usd, kilograms) ?? []),
    verified: true,
    usdPerMonthThen: bill.total.amount,
  };
}
