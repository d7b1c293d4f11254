/**
 * What can be bought and for how much. A price identity is stable over time and contracts (FinOps FOCUS SkuPriceId:
 * no amount, currency or date in it); dated amounts hang on it.
 */
import type { Provenance } from './provenance.ts';

export type SkuKind = 'instance' | 'accelerator' | 'server' | 'edge_device' | 'slice' | 'token' | 'managed_platform';

/** How an offer can be had at all. Absent is not zero: a capacity-block-only offer has no hourly price. */
export type OfferMode = 'open' | 'capacity_block_only' | 'reservation_only' | 'preview' | 'retired';

export interface Offer {
  /** "<provider>/<region or global>/<sku>", for example "aws/me-central-1/p4d.24xlarge". */
  readonly id: string;
  readonly providerId: string;
  /** Null for purchases and token APIs that are not tied to a region. */
  readonly regionId: string | null;
  readonly zone: string | null;
  readonly sku: string;
  readonly kind: SkuKind;
  /** Null for token offers and for accelerators that the catalog does not know. */
  readonly deviceId: string | null;
  /** Model id of a token API offer. */
  readonly modelId: string | null;
  readonly deviceCount: number;
  readonly vcpus: number | null;
  readonly memoryBytes: number | null;
  readonly mode: OfferMode;
  readonly leadTimeDays: number | null;
  /** Of hardware bought on agreed terms; only in a price book's offers. */
  readonly purchaseTerms?: PurchaseTerms;
}

/** What was agreed beside the price; null where nothing was. */
export interface PurchaseTerms {
  readonly usefulLifeYears: number | null;
  readonly residualPercent: number | null;
  readonly warrantyMonths: number | null;
  /** Where that stands. */
  readonly source: string;
}

export type PriceCategory = 'on_demand' | 'spot' | 'committed' | 'capacity_block' | 'purchase' | 'token';
export type PaymentOption = 'none' | 'no_upfront' | 'partial_upfront' | 'all_upfront';
export const PRICE_UNITS = [
  'hour',
  'each',
  'million_input_tokens',
  'million_output_tokens',
  'million_cached_input_tokens',
  /** Answers within hours instead of at once. */
  'million_batch_input_tokens',
  'million_batch_output_tokens',
  /** Of requests whose prompt has at least `tierFrom` million tokens. */
  'million_long_input_tokens',
  'million_long_cached_input_tokens',
  'million_long_output_tokens',
] as const;
export type PriceUnit = (typeof PRICE_UNITS)[number];

export interface PriceIdentity {
  /** "<offer id>/<category>[-<months>m-<payment>][-<unit>]", stable for ever. */
  readonly id: string;
  readonly offerId: string;
  readonly category: PriceCategory;
  readonly termMonths: number;
  readonly payment: PaymentOption;
  /** Lower bound of a volume tier, in units a month; of prices for long prompts, of the prompt of one request. */
  readonly tierFrom: number;
  readonly unit: PriceUnit;
}

export interface PriceAmount extends Provenance {
  readonly priceId: string;
  /** Decimal string per unit of the whole offer (an 8-GPU instance: per instance-hour); null when the mode has no price. */
  readonly amount: string | null;
  /** Decimal string, paid once at the start of the term. */
  readonly upfront: string;
  readonly currency: string;
  /** ISO timestamps; validTo null while open. */
  readonly validFrom: string;
  readonly validTo: string | null;
  /** The catalog source (procurement feed) the row came from, for example "seed". */
  readonly sourceId: string;
  readonly observedAt: string;
  /** When its source last repeated this price; absent where it did not after `observedAt`. */
  readonly confirmedAt?: string;
  readonly flags: readonly string[];
}

export type LayerKind = 'list' | 'private_list' | 'discount' | 'contract' | 'purchase_agreement';

/** Which part of a price book a price comes from, and what the public list says instead. */
export interface PriceLayer {
  readonly kind: LayerKind;
  /** Of the discount, contract or agreement; null for lists. */
  readonly ruleId: string | null;
  readonly priceBook: string;
  readonly priceBookRevision: number;
  /** Decimal string per unit of the whole offer; null where the public list has no such price. */
  readonly listAmount: string | null;
  readonly listCurrency: string | null;
  /** How it came into its currency; absent where it is quoted in that. */
  readonly conversion?: {
    readonly from: string;
    readonly to: string;
    readonly rate: string;
    readonly validFrom: string;
    readonly source: string;
  };
}

export interface Price extends PriceIdentity, PriceAmount {
  /** Only where a price book is laid over the catalog (economics/price-layers.ts). */
  readonly layer?: PriceLayer;
}

export const priceIdentityId = (identity: Omit<PriceIdentity, 'id'>): string => {
  const term = identity.termMonths > 0 ? `-${identity.termMonths}m-${identity.payment}` : '';
  const unit = identity.unit === 'hour' || identity.unit === 'each' ? '' : `-${identity.unit}`;
  const tier = identity.tierFrom > 0 ? `-from-${identity.tierFrom}` : '';
  return `${identity.offerId}/${identity.category}${term}${unit}${tier}`;
};

/** What was agreed holds for its whole term, however long ago that was written down. */
export const isAgreed = (layer: PriceLayer | undefined): boolean =>
  layer?.kind === 'contract' || layer?.kind === 'purchase_agreement';
