/** A question for hardware as the caller asks it. Everything but the workload has a default. */
import type { DeviceClass } from '../devices/device.ts';
import type { CoolingClass } from '../energy/pue.ts';
import type { OwnedTerms, PurchaseCategory } from '../estimate/selectors.ts';
import type { EngineName, InferenceRequest } from '../inference/request.ts';

/** What the estimate of inference takes, but for what is looked for here: the device, the place and how it is paid for. */
export type InferenceWorkload = Omit<
  InferenceRequest,
  'device' | 'customDevice' | 'location' | 'purchase' | 'optimization'
>;

export type RankingFigure = 'cost' | 'latency' | 'energy' | 'carbon';

/** Options within `withinPercent` of the best by this figure count as equal and are told apart by the next one. */
export interface RankingLevel {
  readonly by: RankingFigure;
  readonly withinPercent?: number;
}

interface StatedLeadTime {
  readonly days: number;
  /** Of these only; of all where absent. */
  readonly devices?: readonly string[];
  readonly providers?: readonly string[];
  readonly purchases?: readonly PurchaseCategory[];
}

export interface AcceptedPurchases {
  /** Ways of paying that may win. The others are worked out all the same, for the answer to say what they would save. */
  readonly accept?: readonly PurchaseCategory[];
  /** 12 or 36; commitments of a longer term are left out. */
  readonly longestCommitmentMonths?: number;
  readonly owned?: OwnedTerms;
  /** Rents of managed platforms (SageMaker, Vertex AI) compete too; false where absent. */
  readonly managedPlatforms?: boolean;
  /** From the order to the first request, of all owned hardware. */
  readonly ownedLeadTimeDays?: number;
  /** What the caller was told; the first that fits counts, before anything else. */
  readonly leadTimes?: readonly StatedLeadTime[];
}

/** What the facility of owned hardware can take. */
interface FacilityLimits {
  /** IT power times PUE. */
  readonly maxKilowatts?: number;
  readonly maxRacks?: number;
  readonly coolingClasses?: readonly CoolingClass[];
}

export interface RecommendationConstraints {
  readonly devices?: readonly string[];
  readonly excludedDevices?: readonly string[];
  readonly deviceClasses?: readonly DeviceClass[];
  readonly vendors?: readonly string[];
  readonly excludedVendors?: readonly string[];
  readonly providers?: readonly string[];
  readonly excludedProviders?: readonly string[];
  readonly regions?: readonly string[];
  readonly excludedRegions?: readonly string[];
  /** ISO 3166-1 alpha-2. Owned hardware stands in the first of them. */
  readonly countries?: readonly string[];
  readonly excludedCountries?: readonly string[];
  /** Seats of providers, ISO 3166-1 alpha-2: whose law reaches them wherever their regions are. */
  readonly providerCountries?: readonly string[];
  readonly excludedProviderCountries?: readonly string[];
  /** Boards and phones that may serve one endpoint together. */
  readonly maxEdgeDevices?: number;
  /** Decimal strings, USD. */
  readonly monthlyBudgetUsd?: string;
  readonly upfrontBudgetUsd?: string;
  readonly maxLeadTimeDays?: number;
  readonly facility?: FacilityLimits;
  /** Device memory left beside weights, buffers and one long request, in percent of what the engine may use. */
  readonly minMemoryHeadroomPercent?: number;
  /** Score kept by the weight format, in percent of that of the published weights; 100 keeps the published width. */
  readonly minAccuracyPercent?: number;
  /** Share of time that the peak is carried, in percent; decides the spare replicas. */
  readonly availabilityPercent?: number;
  readonly maxCarbonKilogramsPerMonth?: number;
  readonly maxKilowattHoursPerMonth?: number;
  /** Leaves out prices older than the limit of their category. */
  readonly freshPricesOnly?: boolean;
}

export type OptimizationPresetId =
  | 'prefix_caching'
  | 'speculative_decoding'
  | 'quantized_kv'
  | 'disaggregated'
  | 'distilled';

/** Ways of serving that need something of the caller: shared prompts, a draft model, a loss of quality, a smaller model. */
interface AcceptedOptimizations {
  /** May win, alone and together. The others are worked out as far as they may save anything, to say what. */
  readonly accept?: readonly OptimizationPresetId[];
  /** Measured mean of drafted tokens accepted per step. */
  readonly acceptedDraftTokens?: number;
  /** Catalog model that takes over; a smaller one of the same publisher where absent. */
  readonly distilledModel?: string;
}

export interface LeftOutPage {
  readonly limit?: number;
  readonly offset?: number;
  /** Only those that this constraint rules out. */
  readonly constraint?: string;
  /** Only those of this device: why it is not recommended. */
  readonly device?: string;
}

export interface InferenceRecommendationRequest {
  readonly inference: InferenceWorkload;
  /** Lexicographic; cost where absent. */
  readonly rankBy?: readonly RankingLevel[];
  readonly purchase?: AcceptedPurchases;
  readonly optimizations?: AcceptedOptimizations;
  readonly constraints?: RecommendationConstraints;
  /** Serving engines to try; the usual one of each device where absent. */
  readonly engines?: readonly EngineName[];
  /** Ranked options in the answer. */
  readonly maxOptions?: number;
  readonly leftOut?: LeftOutPage;
}
