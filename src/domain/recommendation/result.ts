/** The answer to a question for inference hardware. */

import type { DeviceClass } from '../devices/device.ts';
import type { Assumption } from '../economics/assumption.ts';
import type { PurchaseCategory } from '../estimate/selectors.ts';
import type { FeasibleInference } from '../inference/estimate-result.ts';
import type { InferenceRequest } from '../inference/request.ts';
import type { Money } from '../money.ts';
import type { BreakEvens } from './break-even.ts';
import type { LeftOutReport } from './left-out.ts';
import type { HardwareOption } from './option.ts';
import type { BetterFigure, OptimizationComparison } from './presets/compare-presets.ts';
import type { RankingLevel } from './request.ts';
import type { VerifiedChange } from './smallest-change.ts';
import type { Spending } from './spending.ts';
import type { Stability } from './stability.ts';

/** An option with its exact bill. */
export interface BilledOption {
  readonly option: HardwareOption;
  readonly total: Money;
}

export interface RankedOption {
  readonly option: HardwareOption;
  /** What the estimate answers to `estimateRequest`. */
  readonly estimate: FeasibleInference;
  readonly estimateRequest: InferenceRequest;
  readonly spending: Spending;
  /** The same device and way of paying: elsewhere, or served differently, next best first. */
  readonly variants: readonly BilledOption[];
  readonly variantCount: number;
}

export interface PurchaseComparison {
  readonly category: PurchaseCategory;
  readonly accepted: boolean;
  readonly cheapest: BilledOption;
  /** Against the first of the ranking, USD a month; negative where it costs more. */
  readonly savingUsdPerMonth: number;
}

export interface OptimizationReport extends Omit<OptimizationComparison, 'cheapest' | 'better'> {
  readonly cheapest: BilledOption | null;
  readonly better: (Omit<BetterFigure, 'option'> & { readonly option: BilledOption }) | null;
}

export interface RunnerUpReport {
  readonly optionId: string;
  readonly breakEvens: BreakEvens;
  readonly stability: Stability;
}

interface SearchCounts {
  readonly devices: number;
  readonly configurations: number;
  readonly performancePoints: number;
  readonly options: number;
  readonly feasible: number;
}

export interface WorkloadSummary {
  readonly modelId: string;
  readonly modelName: string;
  readonly requestsPerDay: number;
}

export interface FeasibleRecommendation {
  readonly status: 'feasible';
  readonly summary: string;
  readonly workload: WorkloadSummary;
  readonly rankedBy: readonly RankingLevel[];
  readonly searched: SearchCounts;
  /** One for each device and way of paying, best first. */
  readonly options: readonly RankedOption[];
  /** How many there are in all. */
  readonly optionCount: number;
  readonly paretoFront: readonly BilledOption[];
  readonly cheapestByDeviceClass: readonly { readonly deviceClass: DeviceClass; readonly cheapest: BilledOption }[];
  readonly cheapestByProvider: readonly { readonly providerId: string; readonly cheapest: BilledOption }[];
  readonly byPurchase: readonly PurchaseComparison[];
  /** Ways of serving beyond the question as it stands: what each would save. */
  readonly byOptimization: readonly OptimizationReport[];
  /** The best option on another device; null where there is none. */
  readonly runnerUp: RunnerUpReport | null;
  readonly leftOut: LeftOutReport;
  readonly assumptions: readonly Assumption[];
}

export interface InfeasibleRecommendation {
  readonly status: 'infeasible';
  readonly summary: string;
  readonly workload: WorkloadSummary;
  readonly searched: SearchCounts;
  /** Smallest first; each makes something feasible. */
  readonly smallestChanges: readonly (VerifiedChange & { readonly total: Money })[];
  readonly leftOut: LeftOutReport;
  readonly assumptions: readonly Assumption[];
}

export type HardwareRecommendation = FeasibleRecommendation | InfeasibleRecommendation;
