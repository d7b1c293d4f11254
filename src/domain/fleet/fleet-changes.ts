/** Nothing serves every size within the limits: the smallest changes of the request with which a mix does, each found by applying it. */
import { AssumptionLog } from '../economics/assumption.ts';
import { type Money, toNumber } from '../money.ts';
import type { Change } from '../recommendation/constraints.ts';
import type { InferenceRecommendationRequest, RecommendationConstraints } from '../recommendation/request.ts';
import { smallestChanges, withChange } from '../recommendation/smallest-change.ts';
import type { FleetContext, FleetSearch } from './fleet-search.ts';
import { excessOf, isWithin, type MixLimit } from './mix-limits.ts';
import { type MixedFleetRequest, onOneKind } from './request.ts';
import { usesOf } from './solve-fleet.ts';

/** A change of the request with which a mix serves every size, and what that mix costs a month. */
export interface FleetChange {
  readonly changes: readonly Change[];
  readonly total: Money;
}

/** A limit that no mix keeps, and the least that a mix which keeps all others takes of it; null where others stand in the way too. */
export interface MissedLimit {
  readonly limit: MixLimit;
  readonly least: number | null;
}

interface FleetAdvice {
  /** Smallest first. */
  readonly changes: readonly FleetChange[];
  /** Empty where devices rather than limits stand in the way. */
  readonly missed: readonly MissedLimit[];
  /** Whether more might have been found with more work. */
  readonly ended: boolean;
}

/** What a mix costs a month under a changed request; null where there is none. */
type Tried = (request: MixedFleetRequest) => Promise<Money | null>;

const MOST_CHANGES = 3;
/** Beside the counted figures the fleet that takes least may not be found: the limit is then raised until the changed request is answered. */
const ROOM = [1, 1.01, 1.05];
/** Work of all questions, in shares of what one is allowed: no further limit is lifted by itself, and no further change tried after it. */
const MOST_LIFTING = 2;
const MOST_TRYING = 4;
/** The same for the change of several limits, which is looked for last, and for a budget that turned out to be too large. */
const MOST_TOGETHER = 1.5;
const MOST_CHEAPER = 0.5;

export async function fleetAdvice(
  context: FleetContext,
  request: MixedFleetRequest,
  search: FleetSearch,
  tried: Tried,
): Promise<FleetAdvice> {
  const { work } = context;
  let ended = false;
  const hasWork = (most: number): boolean => {
    ended ||= work.shares >= most;
    return work.shares < most;
  };
  const missed: Needed[] = [];
  for (const limit of search.limits) {
    if (!hasWork(MOST_LIFTING)) break;
    const { best } = await search.best([limit], limit);
    ended ||= work.isSpent;
    if (best === null) continue;
    const { least, counted } = best.solved;
    missed.push({ limit, least, counted: counted[search.limits.indexOf(limit)] ?? least });
  }
  missed.sort(byExcess);
  const found: FleetChange[] = [];
  const isWorthIt = () => found.length < MOST_CHANGES && hasWork(MOST_TRYING);
  for (const [index, one] of missed.entries()) {
    const change = await applied(request, tried, [one], isWorthIt);
    if (change === null) continue;
    const cost = one.limit.constraint === 'monthly_budget' ? toNumber(change.total) : one.least;
    if (cost >= one.least) {
      found.push(change);
      continue;
    }
    // the mix that a larger budget lets in needs less of it
    const cheaper = { limit: one.limit, least: cost, counted: cost };
    missed[index] = cheaper;
    const most = work.shares + MOST_CHEAPER;
    found.push((await applied(request, tried, [cheaper], () => hasWork(most))) ?? change);
  }
  missed.sort(byExcess);
  found.sort((a, b) => sizeOf(a, search.limits) - sizeOf(b, search.limits));
  if (found.length > 0) return { changes: found, missed, ended };
  const together = await severalAtOnce(search);
  ended ||= work.isSpent;
  if (together === null) return { changes: await changesOfDevices(context, request, tried), missed: [], ended };
  const most = work.shares + MOST_TOGETHER;
  const change = await applied(request, tried, together, () => hasWork(most));
  return {
    changes: change === null ? [] : [change],
    missed: together.map(({ limit }) => ({ limit, least: null })),
    ended,
  };
}

interface Needed {
  readonly limit: MixLimit;
  readonly least: number;
  /** The same as the rows of a program count it. */
  readonly counted: number;
}

const byExcess = (a: Needed, b: Needed): number => excessOf(a.limit, a.least) - excessOf(b.limit, b.least);

/** The shares by which limits are raised, as a sum. */
const sizeOf = ({ changes }: FleetChange, limits: readonly MixLimit[]): number =>
  changes.reduce((sum, change) => {
    const limit = limits.find(({ field }) => field === change.field);
    return limit === undefined || !('to' in change) ? sum : sum + excessOf(limit, Number(change.to));
  }, 0);

/**
 * Limits that have to give way together, and what is needed of each: those that the mix exceeds which goes least beyond all limits.
 * Null where no mix serves every size even without limits.
 */
async function severalAtOnce({ limits, best: bestOf, mixWithin }: FleetSearch): Promise<readonly Needed[] | null> {
  const mix = mixWithin(limits, 'excess');
  if (mix === null || limits.length === 0) return null;
  const { best } = await bestOf(limits, 'excess');
  if (best === null) return null;
  const uses = usesOf(mix, best.solved.pools);
  return limits.flatMap((limit, index) => {
    const least = uses[index] as number;
    return isWithin(limit, least) ? [] : [{ limit, least, counted: best.solved.counted[index] ?? least }];
  });
}

async function applied(
  request: MixedFleetRequest,
  tried: Tried,
  needed: readonly Needed[],
  isWorthIt: () => boolean,
): Promise<FleetChange | null> {
  if (needed.length === 0) return null;
  for (const room of ROOM) {
    if (!isWorthIt()) return null;
    const changes = needed.map(({ limit, least, counted }) => ({
      field: limit.field,
      to: valueFor(limit, Math.max(least, counted), room),
    }));
    const total = await tried(changes.reduce<MixedFleetRequest>(withChange, request));
    if (total !== null) return { changes, total };
  }
  return null;
}

/** Rounded up, in the form of the field: budgets are decimal strings. */
function valueFor({ constraint }: MixLimit, least: number, room: number): number | string {
  switch (constraint) {
    case 'monthly_budget':
    case 'upfront_budget':
      return (Math.ceil(least * room * 100 - 1e-6) / 100).toFixed(2);
    case 'edge_devices':
    case 'rack_space':
      // what is counted is exact, and one more is much where there are few
      return Math.max(Math.ceil(least - 1e-9), Math.floor(least * room));
    default:
      return Math.ceil(least * room * 1e4) / 1e4;
  }
}

/** What lets a single device type serve the load, and steady capacity where a share of it is asked for: kept where a mix then serves all. */
async function changesOfDevices(
  { snapshot, at, pause }: FleetContext,
  request: MixedFleetRequest,
  tried: Tried,
): Promise<FleetChange[]> {
  const context = { snapshot, at, log: new AssumptionLog(), pause };
  const ofSingle = await smallestChanges(context, withoutMixLimits(onOneKind(request)));
  const steady: readonly Change[][] =
    (request.steadySharePercent ?? 0) > 0 ? [[{ field: '/purchase/accept', add: 'on_demand' }]] : [];
  const found: FleetChange[] = [];
  for (const changes of [...steady, ...ofSingle.map((one) => one.changes)]) {
    // a mix has no optimizations to accept
    if (changes.length === 0 || changes.some(({ field }) => field.startsWith('/optimizations/'))) continue;
    const total = await tried(changes.reduce<MixedFleetRequest>(withChange, request));
    if (total !== null) found.push({ changes, total });
  }
  return found.slice(0, MOST_CHANGES);
}

/** Limits that hold for the mix say nothing of a single type. */
function withoutMixLimits(request: InferenceRecommendationRequest): InferenceRecommendationRequest {
  if (request.constraints === undefined) return request;
  const {
    monthlyBudgetUsd: _monthly,
    upfrontBudgetUsd: _upfront,
    maxCarbonKilogramsPerMonth: _carbon,
    maxKilowattHoursPerMonth: _energy,
    facility,
    ...constraints
  } = request.constraints;
  const {
    maxKilowatts: _power,
    maxRacks: _racks,
    ...rest
  }: NonNullable<RecommendationConstraints['facility']> = facility ?? {};
  return { ...request, constraints: { ...constraints, ...(facility !== undefined && { facility: rest }) } };
}
