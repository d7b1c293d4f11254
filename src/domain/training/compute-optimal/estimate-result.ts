/** The answer to a question for the best model of a budget. */
import type { PriceUse } from '../../economics/price-use.ts';
import type { Exclusion, MoneyFigure, RelaxationAdvice } from '../../estimate/answer.ts';
import type { CustomLanguageModel } from '../../estimate/selectors.ts';
import type { UncertainValue } from '../../uncertainty/band.ts';
import type { BudgetKind } from './request.ts';
import type { Allocation, ScalingLaw } from './scaling-law.ts';

export interface TrainingPlan {
  readonly label: string;
  readonly parameters: number;
  readonly tokens: number;
  readonly tokensPerParameter: number;
  readonly expectedLoss: UncertainValue;
  readonly trainingFlops: number;
  readonly inferenceFlopsPerToken: number;
  /** Training and inference together; null where no inference was named. */
  readonly lifetimeFlops: number | null;
  readonly shape: CustomLanguageModel;
  readonly deviceId: string;
  readonly devices: number;
  readonly wallClockDays: UncertainValue;
  readonly deviceHours: UncertainValue;
  /** Of its hardware. */
  readonly prices: readonly PriceUse[];
  readonly compute: MoneyFigure;
  readonly wholeBill: MoneyFigure;
}

interface FeasiblePlanning {
  readonly status: 'feasible';
  readonly summary: string;
  readonly law: ScalingLaw;
  readonly budget: { readonly kind: BudgetKind; readonly limit: number; readonly used: number };
  readonly parameters: UncertainValue;
  readonly tokens: UncertainValue;
  readonly optimum: TrainingPlan;
  /** The other published law at the same FLOPs. */
  readonly otherLaw: { readonly law: ScalingLaw; readonly allocation: Allocation };
  /** Same loss for fewest FLOPs over the life; null where no inference was named. It may take more training than the budget. */
  readonly inferenceAware: TrainingPlan | null;
  /** The same budget on smaller and larger models. */
  readonly alternatives: readonly TrainingPlan[];
  readonly shapeRule: string;
}

export interface InfeasiblePlanning {
  readonly status: 'infeasible';
  readonly summary: string;
  readonly reasons: readonly Exclusion[];
  readonly relaxation: RelaxationAdvice | null;
}

export type ComputeOptimalEstimate = FeasiblePlanning | InfeasiblePlanning;
