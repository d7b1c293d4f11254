/** The answer to a lifecycle question. */
import type { CostCategory } from '../economics/line-item.ts';
import type { AnswerCommon, Exclusion, MoneyFigure, RelaxationAdvice } from '../estimate/answer.ts';
import type { Money } from '../money.ts';
import type { UncertainValue } from '../uncertainty/band.ts';
import type { LifecyclePart } from './build-model.ts';

export interface LifecycleLine {
  readonly id: string;
  readonly label: string;
  readonly part: LifecyclePart;
  readonly category: CostCategory;
  readonly cost: MoneyFigure;
}

/** The day one sum overtakes another. */
export interface Crossing {
  /** Days of service; null where it does not happen within the horizon. */
  readonly day: number | null;
  readonly date: string | null;
  /** Share of the draws in which it happens within the horizon. */
  readonly probability: number;
  /** Days; null where so few draws get there that the quantile lies beyond the horizon. */
  readonly p10: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
}

export interface MonthReport {
  /** 0 lies before the launch, 1 is the first month of service. */
  readonly month: number;
  readonly startsOn: string;
  readonly requestsPerDay: number;
  readonly devices: number;
  readonly devicesPaid: number;
  readonly training: Money;
  readonly serving: Money;
  readonly cumulativeTraining: MoneyFigure;
  readonly cumulativeServing: MoneyFigure;
  readonly cumulativeTotal: MoneyFigure;
  /** Serving over the requests of the month; null before the launch. */
  readonly servingPerRequest: Money | null;
}

export interface YearReport {
  /** 1 is the first year of service, with what was spent before the launch. */
  readonly year: number;
  readonly training: Money;
  readonly serving: Money;
  readonly trainingShare: number;
  readonly requests: number;
  readonly servingPerRequest: Money | null;
}

interface PhaseReport {
  readonly name: string;
  readonly fromMonth: number;
  readonly summary: string;
  readonly deviceId: string;
  readonly weightFormat: string;
  /** At the load of the launch. */
  readonly usdPerMonth: Money;
  readonly termMonths: number;
}

interface SensitivityReport {
  readonly id: string;
  readonly label: string;
  readonly kind: 'range' | 'step';
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly totalAtLow: Money;
  readonly totalAtHigh: Money;
  readonly swing: Money;
}

export interface LeverReport {
  readonly id: string;
  readonly label: string;
  readonly field: string;
  readonly to: string | number;
  readonly caution: string;
  /** Over the horizon with this change alone. */
  readonly total: Money;
  /** Negative where it costs more. */
  readonly saving: Money;
  readonly savingPercent: number;
}

export interface FeasibleLifecycle extends AnswerCommon {
  readonly status: 'feasible';
  readonly launchOn: string;
  readonly horizonMonths: number;
  readonly lines: readonly LifecycleLine[];
  /** Exactly the sum of the lines, of the two sides, and of the months. */
  readonly total: MoneyFigure;
  readonly training: MoneyFigure;
  readonly serving: MoneyFigure;
  readonly trainingShare: UncertainValue;
  /** All of training against all of serving, and hardware against hardware; null without training. */
  readonly crossing: Crossing | null;
  readonly hardwareCrossing: Crossing | null;
  readonly presentValue: MoneyFigure;
  /** Value of the requests less the costs, discounted; null where no value was given. */
  readonly netPresentValue: MoneyFigure | null;
  readonly discountRatePercent: number;
  readonly requests: number;
  readonly costPerRequest: MoneyFigure;
  readonly months: readonly MonthReport[];
  readonly years: readonly YearReport[];
  readonly phases: readonly PhaseReport[];
  readonly trainingSummary: string | null;
  readonly sensitivities: readonly SensitivityReport[];
  readonly levers: readonly LeverReport[];
  readonly monteCarlo: { readonly draws: number; readonly seed: number };
}

export interface InfeasibleLifecycle extends AnswerCommon {
  readonly status: 'infeasible';
  /** JSON pointer of the part that has no answer. */
  readonly part: string;
  readonly reasons: readonly Exclusion[];
  readonly relaxation: RelaxationAdvice | null;
}

export type LifecycleEstimate = FeasibleLifecycle | InfeasibleLifecycle;
