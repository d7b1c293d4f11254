/**
 * The plan of a question, over all options there are. Of open sites the dearest options are at first left out of the
 * program. Then it is shown that none of them can be part of a cheaper plan: with the least that one of them costs and the
 * least that every other stage costs, a plan would cost more than the one found. Where that does not hold, the options
 * below that limit enter and the program is solved again.
 */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { PlacementInstance } from './instance-of.ts';
import type { StageOptions } from './options.ts';
import { furtherPrepared, type PlacementTools, type Prepared, prepare, type Solved } from './prepare.ts';
import type { PlacementRequest } from './request.ts';
import type { Known } from './scenario.ts';

export type WholePlan<Answer extends Solved = Solved> = Answer & { readonly prepared: Prepared };

interface WholeQuestion<Answer extends Solved> {
  readonly snapshot: CatalogSnapshot;
  readonly request: PlacementRequest;
  readonly at: string;
  readonly known?: Known;
  /** Options enter that would be cheaper if prices fell to this part of themselves; 1 where absent. */
  readonly priceFactor?: number;
  readonly solve: (prepared: Prepared, tools: PlacementTools) => Promise<Answer>;
}

/** The limit only falls from one round to the next, so that two rounds are the rule. */
const MOST_ROUNDS = 4;
const ROUNDING = 1e-6;

export async function wholePlan<Answer extends Solved>(
  { snapshot, request, at, known, priceFactor = 1, solve }: WholeQuestion<Answer>,
  tools: PlacementTools,
): Promise<WholePlan<Answer>> {
  let prepared = await prepare(snapshot, request, at, tools, known);
  for (let round = 1; ; round++) {
    const solved = await solve(prepared, tools);
    const reach = round === MOST_ROUNDS ? null : reachOf(prepared, solved, priceFactor);
    if (reach === null) return { ...solved, prepared };
    prepared = await furtherPrepared(prepared, reach, tools);
  }
}

/** Up to which price a month each stage's options have to be looked at; null where they have been. */
function reachOf({ options, placement }: Prepared, { plan, proof }: Solved, priceFactor: number): number[] | null {
  if (options.every(({ dearer }) => dearer.count === 0)) return null;
  if (plan === null)
    // what is missing may be among the dearer ones
    return proof === null || proof.status === 'infeasible' ? options.map(() => Number.POSITIVE_INFINITY) : null;
  // what ended at a limit with these options would with more
  if (plan.proof.status === 'limit') return null;
  const limits = dearerLimits(placement, options, plan.proof.objective ?? 0, priceFactor);
  const short = options.some((stage, index) => isWithin(stage, limits[index] ?? 0));
  return short ? limits : null;
}

const isWithin = ({ dearer }: StageOptions, limit: number): boolean =>
  dearer.count > 0 && (dearer.leastUsdPerMonth ?? 0) < limit - ROUNDING;

/** What an option of each stage may cost at most to be part of a plan cheaper than the objective. */
function dearerLimits(
  { instance }: PlacementInstance,
  options: readonly StageOptions[],
  objective: number,
  priceFactor: number,
): number[] {
  const least = instance.stages.map(({ alternatives }, stage) => {
    if (alternatives !== null) return 0;
    const own = instance.options.filter((option) => option.stage === stage);
    // shares add up to the load, so that a part costs at least its part of the least per share
    const among = own.map(({ cost, share }) => cost / share);
    return Math.max(0, Math.min(...among, options[stage]?.dearer.leastUsdPerMonth ?? Number.POSITIVE_INFINITY));
  });
  const sum = least.reduce((total, it) => total + it, 0) * priceFactor;
  return least.map((own) => (objective - (sum - own * priceFactor)) / priceFactor);
}

/** By stage: none of the options left out can be part of a cheaper plan. */
export function leftOutIsDearer({ options, placement }: Prepared, { plan }: Solved): boolean[] {
  if (plan === null) return options.map(({ dearer }) => dearer.count === 0);
  const limits = dearerLimits(placement, options, plan.proof.objective ?? 0, 1);
  return options.map(
    (stage, index) =>
      stage.dearer.count === 0 ||
      // the dearer ones were not divided
      (placement.instance.stages[index]?.rule !== 'shares' && !isWithin(stage, limits[index] ?? 0)),
  );
}
