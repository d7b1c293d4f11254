/** Nothing serves every size within the limits: the smallest changes of the request with which a mix does, each found by applying it. */
import { AssumptionLog } from '../economics/assumption.ts';
import type { Money } from '../money.ts';
import type { Change } from '../recommendation/constraints.ts';
import type { InferenceRecommendationRequest, RecommendationConstraints } from '../recommendation/request.ts';
import { smallestChanges, withChange } from '../recommendation/smallest-change.ts';
import type { FleetContext, FleetSearch } from './fleet-search.ts';
import { isWithin, type MixLimit } from './mix-limits.ts';
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
}

/** What a mix costs a month under a changed request; null where there is none. */
type Tried = (request: MixedFleetRequest) => Promise<Money | null>;

const MOST_CHANGES = 3;
/** What is counted by slopes may be a hair more than what the pools take: the limit is then raised until the changed request is answered. */
const ROOM = [1, 1.001, 1.01, 1.05];

export async function fleetAdvice(
  context: FleetContext,
  request: MixedFleetRequest,
  search: FleetSearch,
  tried: Tried,
): Promise<FleetAdvice> {
  const { limits } = search;
  const unlimited = limits.length > 0 && (await search.best(limits)).best !== null;
  if (!unlimited) return { changes: await changesOfDevices(context, request, tried), missed: [] };
  const found: (FleetChange & { readonly excess: number })[] = [];
  const missed: MissedLimit[] = [];
  for (const limit of limits) {
    const least = await leastOf(search, limit);
    if (least === null) continue;
    missed.push({ limit, least });
    const change = await applied(request, tried, [{ limit, least }]);
    if (change !== null) found.push({ ...change, excess: least / Math.max(limit.most, Number.MIN_VALUE) });
  }
  found.sort((a, b) => a.excess - b.excess);
  if (found.length > 0) {
    return { changes: found.slice(0, MOST_CHANGES).map(({ changes, total }) => ({ changes, total })), missed };
  }
  const together = await severalAtOnce(search);
  const change = await applied(request, tried, together);
  return {
    changes: change === null ? [] : [change],
    missed: together.map(({ limit }) => ({ limit, least: null })),
  };
}

/** The least that a mix which keeps all other limits takes of one; null where there is none. */
async function leastOf(search: FleetSearch, limit: MixLimit): Promise<number | null> {
  const { best } = await search.best([limit], limit);
  return best?.solved.least ?? null;
}

interface Needed {
  readonly limit: MixLimit;
  readonly least: number;
}

/**
 * Limits that have to give way together. One after the other is lifted, those that are exceeded most by the cheapest mix first, until
 * a mix keeps the others; what that mix takes of the lifted ones is needed.
 */
async function severalAtOnce(search: FleetSearch): Promise<readonly Needed[]> {
  const needs = async (lifted: readonly MixLimit[]): Promise<readonly Needed[] | null> => {
    const { best } = await search.best(lifted);
    const mix = search.mixWithin(lifted);
    if (best === null || mix === null) return null;
    const uses = usesOf(mix, best.solved.pools);
    return search.limits.flatMap((limit, index) => {
      const least = uses[index] as number;
      return isWithin(limit, least) ? [] : [{ limit, least }];
    });
  };
  const all = (await needs(search.limits)) ?? [];
  const furthest = [...all].sort((a, b) => b.least / b.limit.most - a.least / a.limit.most);
  const lifted: MixLimit[] = [];
  for (const { limit } of furthest) {
    lifted.push(limit);
    if (lifted.length < 2) continue;
    const enough = await needs(lifted);
    if (enough !== null) return enough;
  }
  return all;
}

async function applied(
  request: MixedFleetRequest,
  tried: Tried,
  needed: readonly Needed[],
): Promise<FleetChange | null> {
  if (needed.length === 0) return null;
  for (const room of ROOM) {
    const changes = needed.map(({ limit, least }) => ({ field: limit.field, to: valueFor(limit, least * room) }));
    const total = await tried(changes.reduce<MixedFleetRequest>(withChange, request));
    if (total !== null) return { changes, total };
  }
  return null;
}

/** Rounded up, in the form of the field: budgets are decimal strings. */
function valueFor({ constraint }: MixLimit, least: number): number | string {
  switch (constraint) {
    case 'monthly_budget':
    case 'upfront_budget':
      return (Math.ceil(least * 100 - 1e-6) / 100).toFixed(2);
    case 'edge_devices':
    case 'rack_space':
      return Math.ceil(least - 1e-9);
    default:
      return Math.ceil(least * 1e4) / 1e4;
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
