/** The answer to a training question. */

import type {
  AnswerCommon,
  BindingConstraintReport,
  CostBreakdown,
  EnergyReport,
  Exclusion,
  PlaceElsewhere,
  RackReport,
  RelaxationAdvice,
} from '../estimate/answer.ts';
import type { UncertainValue } from '../uncertainty/band.ts';
import type { NarrowingReport } from './narrowing.ts';
import type { StepSplit } from './results.ts';
import type { MemoryFit } from './step/memory-fit.ts';
import type { TrainingLayout } from './workload.ts';

export interface TrainingWorkloadReport {
  readonly modelId: string;
  readonly modelName: string;
  readonly method: string;
  readonly precision: string;
  /** Null where images or hours of audio are counted, as are the two below; encoders have no fixed batch. */
  readonly tokens: number | null;
  readonly sequenceLength: number | null;
  readonly globalBatchTokens: number | null;
  /** Null but for vision models and image generators, and for speech models. */
  readonly images: number | null;
  readonly audioHours: number | null;
  readonly trainableParameters: number;
}

export interface ClusterReport {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly devices: number;
  readonly nodes: number;
  readonly fabric: string;
  readonly networkGbPerSecondPerDevice: number;
  readonly ownership: 'rented' | 'owned';
  readonly providerId: string | null;
  readonly regionId: string | null;
  readonly country: string | null;
  readonly sku: string | null;
}

interface LayoutAlternative {
  readonly layout: TrainingLayout;
  readonly slowdown: number;
  readonly whyNotBest: string;
}

interface TrainingDeviceAlternative {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly devices: number;
  readonly wallClockDays: number;
  readonly computeUsd: number;
  readonly regionId: string | null;
  readonly priceId: string | null;
}

export interface TrainingSelectionReport {
  readonly rule: string;
  readonly alternatives: readonly TrainingDeviceAlternative[];
  readonly excluded: readonly Exclusion[];
}

interface FlopsReport {
  readonly totalFlops: number;
  readonly modelFlopsPerToken: number;
  readonly hardwareFlopsPerToken: number;
  readonly attentionShare: number;
}

interface StepReport {
  readonly seconds: UncertainValue;
  readonly tokensPerSecondPerDevice: UncertainValue;
  /** With causal attention. */
  readonly mfu: number;
  /** 6N convention. */
  readonly mfuParametersOnly: number;
  readonly hfu: number;
  readonly microBatches: number;
  readonly split: StepSplit;
}

interface TrainingMemoryReport {
  readonly capacityBytes: number;
  readonly usableBytes: number;
  readonly totalBytes: UncertainValue;
  readonly weightsBytes: number;
  readonly gradientsBytes: number;
  readonly optimizerBytes: number;
  readonly activationBytes: number;
  readonly logitsBytes: number;
  readonly communicationBytes: number;
  readonly overheadBytes: number;
  readonly headroomBytes: number;
  /** Of the main stage and those after it, the least sure. */
  readonly fit: MemoryFit;
  readonly hostMemoryBytesPerNode: number;
}

interface StageReport {
  readonly tokens: number;
  readonly sequenceLength: number;
  readonly globalBatchTokens: number;
  readonly cleanHours: number;
  readonly tokensPerSecondPerDevice: number;
  readonly mfu: number;
  readonly layout: TrainingLayout;
}

interface RunReport {
  readonly wallClockDays: UncertainValue;
  readonly deviceHours: UncertainValue;
  readonly cleanHours: number;
  readonly steps: number | null;
  readonly goodput: number;
  readonly stageFactor: number;
  readonly batchRampFactor: number;
  /** After the main one. */
  readonly stages: readonly StageReport[];
  readonly expectedInterruptions: number;
  readonly checkpointIntervalMinutes: number;
  readonly checkpointGigabytes: number;
  readonly experimentDeviceHours: number;
}

interface TrainingStorageReport {
  readonly datasetTerabytes: number;
  readonly checkpointTerabytes: number;
  readonly dataLoadingGbPerSecond: number;
  readonly checkpointWriteGbPerSecond: number;
}

/** The budget beside what it is meant to pay: the hardware of the final run, and the whole bill. */
export interface BudgetReport {
  /** Null where none was set in money, or in device-hours. */
  readonly budgetUsd: string | null;
  readonly budgetDeviceHours: number | null;
  readonly computeUsd: number;
  /** Chance that the hardware stays within the money, read off the band: at least 90, 50 or 10 %. */
  readonly computeLikelihood: BudgetLikelihood | null;
  readonly wholeBillUsd: number;
  readonly coversWholeBill: boolean | null;
  readonly statement: string;
}

export type BudgetLikelihood = 'nine_in_ten' | 'more_likely_than_not' | 'less_likely_than_not';

/** How the answers of one step of GRPO are sampled. */
export interface RolloutReport {
  readonly replicas: number;
  readonly devicesPerReplica: number;
  readonly weightFormat: string;
  readonly answersPerStep: number;
  readonly concurrentAnswersPerReplica: number;
  readonly seconds: number;
  /** In which fewer than half of the answers at once are still written. */
  readonly tailSeconds: number;
  readonly shareOfStep: number;
  readonly outputTokensPerSecondPerDevice: number;
}

export interface FeasibleTraining extends AnswerCommon {
  readonly status: 'feasible';
  readonly workload: TrainingWorkloadReport;
  readonly cluster: ClusterReport;
  readonly selection: TrainingSelectionReport;
  /** The following five are null for vision models. */
  readonly layout: TrainingLayout | null;
  readonly layoutAlternatives: readonly LayoutAlternative[];
  readonly flops: FlopsReport;
  readonly step: StepReport | null;
  readonly memory: TrainingMemoryReport | null;
  /** Null but for GRPO. */
  readonly rollout: RolloutReport | null;
  readonly run: RunReport;
  readonly storage: TrainingStorageReport | null;
  readonly cost: CostBreakdown;
  /** Null where no budget was set. */
  readonly budget: BudgetReport | null;
  readonly energy: EnergyReport | null;
  readonly racks: RackReport | null;
  readonly bindingConstraint: BindingConstraintReport;
  /** Which inputs would narrow the bands most. */
  readonly narrowing: NarrowingReport;
}

export interface InfeasibleTraining extends AnswerCommon {
  readonly status: 'infeasible';
  readonly workload: TrainingWorkloadReport;
  readonly reasons: readonly Exclusion[];
  /** The nearest places where it can be done, where the place is what fails. */
  readonly elsewhere: readonly PlaceElsewhere[];
  readonly relaxation: RelaxationAdvice | null;
}

export type TrainingEstimate = FeasibleTraining | InfeasibleTraining;
