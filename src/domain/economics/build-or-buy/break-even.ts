/** From which load on serving a model oneself costs less than buying its tokens. */
import { monthlyCostAt, type ServingPhase, servingCapacity } from '../../lifecycle/serving-phase.ts';
import { DAYS_PER_MONTH } from '../../units.ts';

export interface BreakEven {
  /** Null where buying costs less at any load. */
  readonly requestsPerDay: number | null;
  /** Share of what the smallest such deployment could carry at its cap; null where there is none. */
  readonly utilization: number | null;
}

/** Replicas tried one by one before the limit of many decides. */
const MOST_REPLICAS = 5000;

/**
 * A deployment of whole replicas costs the same over the loads it carries, tokens cost the more the more there are: the
 * first load at which the step lies below the line.
 * @param usdPerRequest of the tokens
 */
export function breakEven(phase: ServingPhase, usdPerRequest: number): BreakEven {
  let before = 0;
  for (let replicas = 1; replicas <= MOST_REPLICAS; replicas++) {
    const most = servingCapacity(phase, replicas);
    const fixed = monthlyCostAt(phase, most);
    const perRequest = fixed.perRequest;
    const margin = (usdPerRequest - perRequest) * DAYS_PER_MONTH;
    if (margin <= 0) return NEVER;
    const load = Math.max(fixed.usd / margin, before);
    if (load <= most) return { requestsPerDay: load, utilization: load / most };
    before = most;
  }
  return NEVER;
}

const NEVER: BreakEven = { requestsPerDay: null, utilization: null };
