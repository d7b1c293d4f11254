/** What is asked about a plan beyond its cost, as it is answered. */

/** Where a stage is, by the name of the option. */
export interface Choice {
  readonly stage: string;
  readonly optionId: string;
}

export interface FrontPoint {
  readonly usdPerMonth: string;
  /** Null where a power figure is missing. */
  readonly carbonKilogramsPerMonth: number | null;
  /** The slowest stage at p95. */
  readonly p95Ms: number;
  /** To the point before: USD more per unit less; null for the first. */
  readonly slope: number | null;
  readonly choices: readonly Choice[];
  readonly gap: number | null;
}

export interface Front {
  readonly against: 'carbon' | 'latency';
  /** USD a month per kg CO2e a month, or per ms. */
  readonly slopeUnit: string;
  /** Cheapest first. */
  readonly points: readonly FrontPoint[];
}

export interface Insistence extends Choice {
  /** More than the plan, with everything else placed anew. */
  readonly extraUsdPerMonth: string;
  /** Sum of both gaps in USD: how far the figure can be off. */
  readonly uncertaintyUsd: string;
}

export interface Flip {
  readonly change: string;
  readonly status: 'same_plan' | 'other_plan' | 'infeasible' | 'undecided';
  readonly usdPerMonth: string | null;
  /** Null where a power figure is missing or there is no plan. */
  readonly carbonKilogramsPerMonth: number | null;
  readonly moves: readonly { readonly stage: string; readonly from: string; readonly to: string }[];
}

export interface Failover {
  readonly lostSite: string;
  readonly status: 'other_plan' | 'infeasible' | 'undecided';
  readonly usdPerMonth: string | null;
  readonly choices: readonly Choice[];
  /** Days until all of it can run. */
  readonly leadTimeDays: number | null;
}

export interface BeyondAnswers {
  readonly pareto: readonly Front[] | null;
  readonly insist: readonly Insistence[] | null;
  readonly flips: readonly Flip[] | null;
  readonly failover: readonly Failover[] | null;
}
