/** The answer to the question whether to build or to buy. */
import type { CostBreakdown, MoneyFigure } from '../../estimate/answer.ts';
import type { Assumption } from '../assumption.ts';
import type { PriceUse } from '../price-use.ts';
import type { BreakEven } from './break-even.ts';
import type { Comparability } from './comparability.ts';

export type WayKind = 'token_api' | 'managed_platform' | 'on_demand' | 'spot' | 'committed' | 'owned' | 'own_rate';

export interface Way {
  readonly kind: WayKind;
  readonly label: string;
  readonly offerId: string | null;
  readonly providerId: string | null;
  readonly regionId: string | null;
  /** Null for tokens. */
  readonly deviceId: string | null;
  readonly devices: number | null;
  /** Share of the saturation rate at peak; null for tokens. */
  readonly utilizationAtPeak: number | null;
  readonly termMonths: number;
  readonly costPerMonth: CostBreakdown;
  readonly costPerRequest: MoneyFigure;
  readonly comparability: Comparability;
  readonly caveats: readonly string[];
  readonly prices: readonly PriceUse[];
}

export interface UnavailableWay {
  readonly kind: WayKind;
  readonly label: string;
  readonly detail: string;
}

export interface BreakEvenReport extends Omit<BreakEven, 'firstRequestsPerDay'> {
  readonly build: string;
  readonly buy: string;
  readonly buyOfferId: string;
  readonly statement: string;
}

export interface BuildOrBuyEstimate {
  readonly status: 'feasible' | 'infeasible';
  readonly summary: string;
  /** Cheapest first. */
  readonly ways: readonly Way[];
  readonly unavailable: readonly UnavailableWay[];
  /** Each deployment of one's own against the cheapest tokens, and against the cheapest of the very same model and place. */
  readonly breakEvens: readonly BreakEvenReport[];
  readonly assumptions: readonly Assumption[];
}
