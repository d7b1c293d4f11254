/** What a caller may say instead of a catalog id: tomorrow's chip as five numbers, an unpublished model, a private price. */

import type { PaymentOption } from '../catalog/offers.ts';
import type { ComputeFormat, DeviceClass, LinkTopology } from '../devices/device.ts';
import type { WeightFormat } from '../inference/step/configuration.ts';
import type { CompressedAttention, SparseAttention, StateSpace } from '../models/architecture.ts';

export interface CustomDevice {
  readonly name: string;
  readonly class?: DeviceClass;
  readonly memoryGib: number;
  readonly memoryBandwidthGbPerSecond: number;
  /** Dense peaks in TFLOP/s (TOP/s for integer formats). */
  readonly densePeakTflops: Readonly<Partial<Record<ComputeFormat, number>>>;
  readonly tdpWatts: number;
  readonly idleWatts?: number;
  /** Device to device, one direction. */
  readonly linkGbPerSecond?: number;
  readonly linkTopology?: LinkTopology;
  readonly devicesPerNode?: number;
}

/** Fields that are left out have the value of most models; layers of no stated kind attend to everything. */
export interface CustomLanguageModel {
  readonly name: string;
  /** Of the catalog, whose measured factors apply; none where absent. */
  readonly family?: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly ffnHiddenSize: number;
  readonly vocabularySize: number;
  readonly attentionHeads: number;
  readonly kvHeads?: number;
  readonly headDim?: number;
  readonly gatedFfn?: boolean;
  readonly tiedEmbeddings?: boolean;
  readonly maxContextTokens?: number;
  readonly slidingWindow?: { readonly layers: number; readonly tokens: number };
  readonly latentAttention?: {
    readonly queryLoraRank: number;
    readonly kvLoraRank: number;
    readonly nopeHeadDim: number;
    readonly ropeHeadDim: number;
    readonly valueHeadDim: number;
  };
  readonly compressedAttention?: Omit<CompressedAttention, 'type' | 'heads'>;
  readonly sparseAttention?: SparseAttention;
  readonly linearAttention?: { readonly layers: number; readonly stateSpace?: StateSpace };
  readonly feedForwardLayers?: number;
  readonly crossAttentionLayers?: number;
  readonly residualStreams?: number;
  readonly mixtureOfExperts?: {
    readonly experts: number;
    readonly activeExperts: number;
    readonly expertHiddenSize: number;
    readonly sharedExperts?: number;
    readonly sharedExpertHiddenSize?: number;
    readonly denseLayers?: number;
    readonly latentSize?: number;
  };
  readonly mtpLayers?: number;
  /** Counted from the shape where absent. */
  readonly parametersTotal?: number;
  readonly parametersActive?: number;
  /** Of the weights as they are stored; bf16 where absent. */
  readonly nativeWeightFormat?: WeightFormat;
  readonly formatBesideExperts?: 'fp8';
}

export interface CustomVisionModel {
  readonly name: string;
  readonly task: 'classification' | 'detection' | 'segmentation';
  readonly parametersMillions: number;
  /** Multiply and add counted apart, at the input size. */
  readonly gigaflopsPerImage: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
}

/** Where it must run. Empty: anywhere the catalog has a price. */
export interface Location {
  /** Catalog region id, for example "azure/uaenorth". */
  readonly region?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  readonly provider?: string;
}

export type PurchaseCategory = 'on_demand' | 'spot' | 'committed' | 'capacity_block' | 'owned';

export interface Purchase {
  readonly category?: PurchaseCategory;
  /** 12 or 36; only with committed. */
  readonly termMonths?: number;
  readonly payment?: Exclude<PaymentOption, 'none'>;
  /** The caller's own rate, decimal string; replaces the catalog price. */
  readonly usdPerDeviceHour?: string;
  /** Only with owned. */
  readonly owned?: OwnedTerms;
  /** Managed platforms (SageMaker, Vertex AI) are rentals like others; false where absent. */
  readonly managedPlatforms?: boolean;
}

export interface OwnedTerms {
  /** USD per device, decimal string; the catalog's purchase price where absent. */
  readonly purchasePricePerDevice?: string;
  readonly usefulLifeYears?: number;
  readonly residualPercent?: number;
  readonly financingRatePercent?: number;
  readonly colocationUsdPerKwMonth?: number;
  readonly maintenancePercentPerYear?: number;
  readonly sparePercent?: number;
  /** Server price over the price of its devices; 1 where `purchasePricePerDevice` holds the server's share. */
  readonly serverMultiplier?: number;
  /** Network, in percent of the price of the cluster. */
  readonly interconnectPercent?: number;
  /** Share of its life that the hardware works; only where it waits between runs. */
  readonly utilizationPercent?: number;
  readonly electricityUsdPerKwh?: number;
}

/** Facts of the site that the catalog may not know, rented or owned. */
export interface SiteFacts {
  /** Facility power over IT power. */
  readonly pue?: number;
  readonly rackKilowatts?: number;
  /** Switches of the cluster network, in percent of node power. */
  readonly networkPowerPercent?: number;
  readonly gridGramsCo2ePerKwh?: number;
  /** Making one device with its share of the server. */
  readonly embodiedKilogramsPerDevice?: number;
}

/** Optional money lines that only the caller can know. */
export interface Surcharges {
  readonly supportPercent?: number;
  readonly softwareLicenceUsdPerDeviceYear?: number;
  readonly taxPercent?: number;
  readonly dutyPercent?: number;
}
