/** The answer to an inference question. Times in milliseconds here, because that is how people state them. */

import type {
  AnswerCommon,
  BindingConstraintReport,
  CostBreakdown,
  EnergyReport,
  Exclusion,
  MoneyFigure,
  PlaceElsewhere,
  RackReport,
} from '../estimate/answer.ts';
import type { Band, UncertainValue } from '../uncertainty/band.ts';
import type { KvLink } from './load/pools.ts';
import type { TimeShares } from './step/results.ts';

export interface UncertainPercentiles {
  readonly p50: UncertainValue;
  readonly p90: UncertainValue;
  readonly p95: UncertainValue;
  readonly p99: UncertainValue;
}

interface PoolsReport {
  readonly prefillReplicas: number;
  readonly decodeReplicas: number;
  readonly kvMegabytesPerRequest: number;
  readonly kvTransferMs: number;
  readonly linkGbPerSecondPerDevice: number;
  readonly linkBasis: KvLink['basis'];
}

export interface DeploymentReport {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly engine: string | null;
  /** Versions of the engine that the figures are of. */
  readonly softwareEra: string | null;
  readonly weightFormat: string;
  readonly kvCacheFormat: string | null;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly expertParallel: number;
  readonly attentionDataParallel: number;
  readonly devicesPerReplica: number;
  readonly servingReplicas: number;
  readonly spareReplicas: number;
  /** Where prefill and decode have replicas of their own. */
  readonly pools: PoolsReport | null;
  readonly devices: number;
  /** Whole instances are paid for. */
  readonly devicesPaid: number;
  /** users: the devices belong to the users and cost the operator nothing. */
  readonly ownership: 'rented' | 'owned' | 'users';
  readonly providerId: string | null;
  readonly regionId: string | null;
  readonly country: string | null;
  readonly sku: string | null;
}

interface AlternativeReport {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly devices: number;
  readonly weightFormat: string;
  readonly usdPerMonth: number;
  readonly regionId: string | null;
  readonly priceId: string | null;
}

export interface SelectionReport {
  /** How the device was chosen, in words. */
  readonly rule: string;
  readonly alternatives: readonly AlternativeReport[];
  readonly excluded: readonly Exclusion[];
}

export interface MemoryReport {
  readonly capacityBytes: number;
  readonly usableBytes: number;
  readonly weightsBytes: number;
  readonly offloadedBytes: number;
  readonly kvCacheBytes: number;
  readonly activationBytes: number;
  readonly overheadBytes: number;
  readonly headroomBytes: number;
  readonly kvBytesPerToken: number;
  readonly maxConcurrentSequences: number;
  readonly largestContextTokens: number;
}

export interface LanguagePerformanceReport {
  readonly kind: 'language';
  readonly ttftMs: UncertainPercentiles;
  readonly timePerOutputTokenMs: UncertainPercentiles;
  readonly endToEndMs: UncertainPercentiles;
  /** Of the time to first token: waiting for a slot and for the prompts in front. */
  readonly queueMs: UncertainPercentiles;
  readonly saturationRequestsPerSecondPerReplica: UncertainValue;
  readonly saturationOutputTokensPerSecondPerReplica: UncertainValue;
  readonly utilizationAtPeak: UncertainValue;
  readonly meanConcurrencyPerReplica: number;
  readonly promise: { readonly ok: boolean; readonly reason: string | null };
  readonly timeShares: TimeShares;
}

interface VisionPerformanceReport {
  readonly kind: 'vision';
  readonly imagesPerSecondPerDevice: UncertainValue;
  readonly singleStreamMs: UncertainValue;
  /** 99th percentile of the time for eight images that arrive together on an idle device. */
  readonly eightImagesMs: UncertainValue;
  readonly latencyMs: UncertainPercentiles;
  readonly utilizationAtPeak: UncertainValue;
  readonly promise: { readonly ok: boolean; readonly reason: string | null };
  /** measured, scaled from a measured anchor, or from the class of device. */
  readonly evidence: string;
  readonly anchorIds: readonly string[];
}

/** Encoders, speech, image generation, ranking. */
export interface SamplePerformanceReport {
  readonly kind: 'sample';
  /** What one sample is: "sequence", "clip", "image", "query". */
  readonly unit: string;
  readonly samplesPerSecondPerDevice: UncertainValue;
  readonly singleStreamMs: UncertainValue;
  readonly latencyMs: UncertainPercentiles;
  readonly utilizationAtPeak: UncertainValue;
  readonly promise: { readonly ok: boolean; readonly reason: string | null };
  /** As for vision; formula: from launches and bandwidth. */
  readonly evidence: string;
  readonly latencyEvidence: string;
  readonly flopsPerSample: number;
  readonly anchorIds: readonly string[];
}

/** The model on the devices of its users. Energies and shares are null where no power or battery of the device is known. */
export interface OnDeviceReport {
  readonly devices: number;
  readonly requestsPerDevicePerDay: number;
  readonly memoryOfDeviceBytes: number;
  /** Memory that the operating system lets one app take. */
  readonly memoryForAppBytes: number;
  /** Weights, buffers and the KV cache of a long request. */
  readonly memoryNeededBytes: number;
  /** Rate of one answer at a time, on a cool device. */
  readonly outputTokensPerSecond: UncertainValue;
  readonly answerSeconds: UncertainValue;
  readonly energyPerAnswerJoules: UncertainValue | null;
  readonly batteryPercentPerAnswer: UncertainValue | null;
  readonly batteryPercentPerDay: UncertainValue | null;
  /** Weights that each device loads once. */
  readonly downloadGigabytes: number;
  /** How a warm device changes the figures, in a sentence; null where it does not. */
  readonly heat: string | null;
}

export interface ColdStartReport {
  readonly seconds: UncertainValue;
  readonly weightsGigabytes: number;
}

/** Factors on the formula (measured / predicted) before and after the caller's own measurements were weighed in. */
export interface CalibrationReport {
  /** Empty where no measurement was of the device and engine chosen. */
  readonly metrics: readonly {
    readonly metric: string;
    readonly points: number;
    readonly before: Band;
    readonly after: Band;
  }[];
}

export interface WorkloadReport {
  readonly modelId: string;
  readonly modelName: string;
  readonly requestsPerDay: number;
  readonly peakRequestsPerSecond: number;
  readonly promptTokensMean: number | null;
  readonly outputTokensMean: number | null;
}

export interface FeasibleInference extends AnswerCommon {
  readonly status: 'feasible';
  readonly workload: WorkloadReport;
  readonly deployment: DeploymentReport;
  readonly selection: SelectionReport;
  readonly performance: LanguagePerformanceReport | VisionPerformanceReport | SamplePerformanceReport;
  readonly memory: MemoryReport | null;
  readonly costPerMonth: CostBreakdown;
  readonly costPerRequest: MoneyFigure;
  /** Absent for language models. */
  readonly costPerThousandSamples?: MoneyFigure;
  /** Null for models that write no tokens. */
  readonly costPerMillionOutputTokens: MoneyFigure | null;
  /** Prompt and output tokens together; null for models without tokens. */
  readonly costPerMillionTokens: MoneyFigure | null;
  /** Null where no power figure of the device is known. */
  readonly energyPerMonth: EnergyReport | null;
  readonly racks: RackReport | null;
  readonly coldStart: ColdStartReport | null;
  /** Only where the request names the devices of its users. */
  readonly onDevice?: OnDeviceReport;
  /** Null where the caller gave no measurements. */
  readonly calibration: CalibrationReport | null;
  readonly bindingConstraint: BindingConstraintReport;
}

/** Nothing fits, or it is not offered there: a result with reasons. */
export interface InfeasibleInference extends AnswerCommon {
  readonly status: 'infeasible';
  readonly workload: WorkloadReport;
  readonly reasons: readonly Exclusion[];
  /** The nearest places that offer it, where the place is what fails. */
  readonly elsewhere: readonly PlaceElsewhere[];
  readonly relaxation: BindingConstraintReport['relaxation'];
}

export type InferenceEstimate = FeasibleInference | InfeasibleInference;
