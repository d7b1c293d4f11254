/** From which load on serving a model oneself costs less than buying its tokens. */
import { monthlyCostAt, type ServingPhase, servingCapacity } from '../../lifecycle/serving-phase.ts';
import { DAYS_PER_MONTH } from '../../units.ts';

export interface BreakEven {
  /** From there on building costs less whatever the load; null where there is no such load. */
  readonly requestsPerDay: number | null;
  /** Share of what the smallest such deployment could carry at its cap; null where there is none. */
  readonly utilization: number | null;
  /** Where building costs less for the first time; up to `requestsPerDay` one replica more makes it dearer again. */
  readonly firstRequestsPerDay: number | null;
}

/** Replicas tried one by one; what is dearer at the start of the last of them is taken to be so with more. */
const MOST_REPLICAS = 5000;

/**
 * A deployment of whole replicas costs the same over the loads it carries, tokens cost the more the more there are. A step
 * that ends below the line may be followed by one that starts above it: what is asked for is the load from which on all
 * steps lie below.
 * @param usdPerRequest of the tokens
 */
export function breakEven(phase: ServingPhase, usdPerRequest: number): BreakEven {
  let last = { replicas: 0, requestsPerDay: 0, utilization: 0 };
  let first: number | null = null;
  let before = 0;
  let dearer = true;
  for (let replicas = 1; replicas <= MOST_REPLICAS; replicas++) {
    const most = servingCapacity(phase, replicas);
    const fixed = monthlyCostAt(phase, most);
    const margin = (usdPerRequest - fixed.perRequest) * DAYS_PER_MONTH;
    if (margin <= 0) return NEVER;
    const load = Math.max(fixed.usd / margin, before);
    if (load <= most) {
      if (dearer || load > before) last = { replicas, requestsPerDay: load, utilization: load / most };
      first ??= load;
    }
    dearer = load > most;
    before = most;
  }
  if (dearer || last.replicas === MOST_REPLICAS) return { ...NEVER, firstRequestsPerDay: first };
  const { requestsPerDay, utilization } = last;
  return { requestsPerDay, utilization, firstRequestsPerDay: first };
}

const NEVER: BreakEven = { requestsPerDay: null, utilization: null, firstRequestsPerDay: null };
