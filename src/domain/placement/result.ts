/** The answer to a placement question. */
import type { Assumption } from '../economics/assumption.ts';
import type { PriceUse } from '../economics/price-use.ts';
import type { CostBreakdown } from '../estimate/answer.ts';
import type { InferenceRequest } from '../inference/request.ts';
import type { TrainingRequest } from '../training/request.ts';
import type { BeyondAnswers, Choice } from './beyond/answers.ts';
import type { Change, Check } from './check.ts';
import type { Conflict } from './conflict.ts';
import type { EdgeReport } from './edge-report.ts';
import type { LawFinding } from './law.ts';
import type { TotalLatency } from './network-leg.ts';
import type { Proof } from './plan.ts';
import type { SiteKind } from './request.ts';
import type { PercentilesMs } from './serve.ts';

export interface PlacedOption {
  /** Component, or its part: "detect/small", "chat/ae". */
  readonly stage: string;
  readonly componentId: string;
  readonly optionId: string;
  readonly siteId: string;
  readonly siteKind: SiteKind;
  readonly country: string;
  readonly regionId: string | null;
  readonly providerId: string | null;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly variantId: string | null;
  readonly weightFormat: string | null;
  readonly purchaseCategory: string;
  /** Part of the stage's load, 0 to 1. */
  readonly share: number;
  readonly requestsPerDay: number;
  /** Per unit of a fleet. */
  readonly devices: number;
  readonly units: number;
  /** By itself, USD a month, decimal string. */
  readonly usdPerMonth: string;
  /** Installation, visits and lines of devices in the field, decimal string. */
  readonly fieldUsdPerMonth: string;
  readonly carbonKilogramsPerMonth: number | null;
  readonly facilityKilowatts: number | null;
  readonly serviceMs: PercentilesMs;
  readonly latencyMs: TotalLatency;
  readonly slowestUserGroup: string;
  readonly network: string;
  readonly checks: readonly Check[];
  readonly law: readonly LawFinding[];
  readonly leadTimeDays: number;
  readonly estimateRequest: InferenceRequest | null;
  readonly trainingRequest: TrainingRequest | null;
}

export interface RejectedOption {
  readonly optionId: string;
  readonly siteId: string;
  readonly country: string;
  readonly deviceId: string;
  /** Closest to passing first. */
  readonly failures: readonly Check[];
  /** By itself; null where no estimate could be made. */
  readonly usdPerMonth: string | null;
}

export interface StageReport {
  readonly stage: string;
  readonly componentId: string;
  /** A paragraph for people. */
  readonly explanation: string;
  readonly options: {
    readonly feasible: number;
    readonly rejected: number;
    /** Left out of the program because they cost more than those in it; counted by what their hardware costs at least. */
    readonly dearer: number;
    readonly dearerFromUsdPerMonth: string | null;
    /** None of those left out can be part of a cheaper plan. */
    readonly dearerExcluded: boolean;
  };
  readonly failedChecks: readonly { readonly check: string; readonly count: number }[];
  readonly rejected: readonly RejectedOption[];
  /** Cheapest first, without the chosen. */
  readonly alternatives: readonly {
    readonly optionId: string;
    readonly usdPerMonth: string;
    readonly p95Ms: number | null;
  }[];
}

export interface TrafficReport {
  readonly fromStage: string;
  readonly toStage: string;
  readonly fromSite: string;
  readonly toSite: string;
  readonly gigabytesPerMonth: number;
  readonly bytesPerSecond: number;
  readonly crossesBorder: boolean;
  readonly usdPerMonth: string;
  readonly basis: string;
}

interface MachineReport {
  readonly siteId: string;
  readonly deviceId: string;
  readonly machines: number;
  readonly units: number;
  readonly sharedBy: readonly string[];
}

interface PlacementCommon {
  readonly summary: string;
  readonly stages: readonly StageReport[];
  readonly proof: Proof | null;
  readonly assumptions: readonly Assumption[];
  readonly legalNotice: string;
}

export interface FeasiblePlacement extends PlacementCommon {
  readonly status: 'feasible';
  readonly placements: readonly PlacedOption[];
  readonly costPerMonth: CostBreakdown;
  readonly carbonKilogramsPerMonth: number | null;
  readonly machines: readonly MachineReport[];
  readonly traffic: readonly TrafficReport[];
  /** Of what is placed in the field. */
  readonly edge: readonly EdgeReport[];
  readonly prices: readonly PriceUse[];
  readonly beyond: BeyondAnswers;
  readonly accuracy: readonly {
    readonly componentId: string;
    readonly accuracy: number;
    readonly hardShare: number | null;
  }[];
}

export interface InfeasiblePlacement extends PlacementCommon {
  readonly status: 'infeasible';
  readonly conflict: Conflict;
  /** Applied together they make it feasible; asked and confirmed where `verified`. */
  readonly changes: readonly Change[];
  readonly verified: boolean;
  /** What the plan of the changed question costs. */
  readonly usdPerMonthThen: string | null;
  /** The plan with more sites than those given and all else as it is asked; null without one. */
  readonly elsewhere: {
    readonly usdPerMonth: string;
    readonly choices: readonly Choice[];
    /** The sites to be added; asked and confirmed. */
    readonly changes: readonly Change[];
  } | null;
}

/** The limits of the search ended it before a plan or a proof that there is none. */
interface UndecidedPlacement extends PlacementCommon {
  readonly status: 'undecided';
}

export type Placement = FeasiblePlacement | InfeasiblePlacement | UndecidedPlacement;
