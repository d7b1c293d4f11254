/**
 * The columns of an export. `focus`: names and values of the FinOps FOCUS specification 1.2 (1.3 has ServiceProviderName for
 * ProviderName; both are given), x_ for what it lacks. `list`: those of a price list, so that the file can be sent back.
 */
import type { Offer, Price, PriceCategory, PriceUnit } from '../../domain/catalog/offers.ts';
import type { Region } from '../../domain/catalog/places.ts';
import { ageDays, isStale, lastSeenAt, STALE_AFTER_DAYS } from '../../domain/economics/price-use.ts';
import { CANONICAL_COLUMNS, type CanonicalRow } from '../sync/canonical-row.ts';

export type ColumnSet = 'focus' | 'list';

/** A price in force with what it is the price of. */
export interface ExportedPrice {
  /** As the public catalog has it; of what only the price book has, as the book does. */
  readonly price: Price & { readonly revision: number | null };
  /** Whether the public catalog has it. */
  readonly isListed: boolean;
  /** A statement that it is no longer sold from its date on. */
  readonly isWithdrawn?: boolean;
  /** Null for an offer that is gone. */
  readonly offer: Offer | null;
  readonly region: Region | null;
  /** What the price book makes of it; null where none is named. Its currency is the one that is billed. */
  readonly contracted: Price | null;
  /** The list price in the currency that is billed; null where there is none, or no rate of exchange. */
  readonly listed: Pick<Price, 'amount' | 'upfront'> | null;
  /** ISO time at which prices are read. */
  readonly at: string;
}

type Value = string | number | boolean | null;
type Column = readonly [name: string, value: (exported: ExportedPrice) => Value];

/** FOCUS: Standard is the agreed or list price, Dynamic one that varies, Committed one for a commitment. */
const FOCUS_CATEGORY: Readonly<Record<PriceCategory, string>> = {
  on_demand: 'Standard',
  spot: 'Dynamic',
  committed: 'Committed',
  capacity_block: 'Other',
  purchase: 'Standard',
  token: 'Standard',
};

/** In the unit format of FOCUS. */
const FOCUS_UNIT: Readonly<Record<PriceUnit, string>> = {
  hour: 'Hours',
  each: 'Units',
  million_input_tokens: '1000000 Tokens',
  million_output_tokens: '1000000 Tokens',
  million_cached_input_tokens: '1000000 Tokens',
  million_batch_input_tokens: '1000000 Tokens',
  million_batch_output_tokens: '1000000 Tokens',
  million_long_input_tokens: '1000000 Tokens',
  million_long_cached_input_tokens: '1000000 Tokens',
  million_long_output_tokens: '1000000 Tokens',
};

const METER: Readonly<Record<PriceUnit, string | null>> = {
  hour: 'Usage time',
  each: null,
  million_input_tokens: 'Input tokens',
  million_output_tokens: 'Output tokens',
  million_cached_input_tokens: 'Cached input tokens',
  million_batch_input_tokens: 'Batch input tokens',
  million_batch_output_tokens: 'Batch output tokens',
  million_long_input_tokens: 'Long-context input tokens',
  million_long_cached_input_tokens: 'Long-context cached input tokens',
  million_long_output_tokens: 'Long-context output tokens',
};

const providerOf = ({ offer, price }: ExportedPrice): string =>
  offer?.providerId ?? price.offerId.split('/', 1)[0] ?? '';
const skuOf = ({ offer, price }: ExportedPrice): string => offer?.sku ?? price.offerId.split('/').slice(2).join('/');
const regionCodeOf = ({ region, offer }: ExportedPrice): string | null =>
  region?.code ?? offer?.regionId?.split('/').slice(1).join('/') ?? null;

const FOCUS: readonly Column[] = [
  ['ServiceProviderName', providerOf],
  ['ProviderName', providerOf],
  ['RegionId', regionCodeOf],
  ['RegionName', ({ region }) => region?.name ?? null],
  ['AvailabilityZone', ({ offer }) => offer?.zone ?? null],
  ['SkuId', skuOf],
  ['SkuPriceId', ({ price }) => price.id],
  ['SkuMeter', ({ price }) => METER[price.unit]],
  ['PricingCategory', ({ price }) => FOCUS_CATEGORY[price.category]],
  ['PricingUnit', ({ price }) => FOCUS_UNIT[price.unit]],
  // Both unit prices are in the billing currency, says FOCUS, so that their difference is what was saved.
  ['ListUnitPrice', ({ listed }) => listed?.amount ?? null],
  ['ContractedUnitPrice', ({ price, contracted }) => (contracted ?? price).amount],
  ['PricingCurrency', ({ price }) => price.layer?.conversion?.from ?? price.currency],
  ['PricingCurrencyListUnitPrice', ({ price, isListed }) => (isListed ? price.amount : null)],
  ['BillingCurrency', ({ price, contracted }) => (contracted ?? price).currency],
  ['CommitmentDiscountCategory', ({ price }) => (price.category === 'committed' ? 'Usage' : null)],
  [
    'CommitmentDiscountType',
    ({ price }) => (price.category === 'committed' ? `${price.termMonths} months, ${price.payment}` : null),
  ],
  ['x_OfferId', ({ price }) => price.offerId],
  ['x_SkuKind', ({ offer }) => offer?.kind ?? null],
  ['x_OfferMode', ({ offer }) => offer?.mode ?? 'retired'],
  ['x_DeviceId', ({ offer }) => offer?.deviceId ?? null],
  ['x_DeviceCount', ({ offer }) => offer?.deviceCount ?? null],
  ['x_ModelId', ({ offer }) => offer?.modelId ?? null],
  ['x_Category', ({ price }) => price.category],
  ['x_Unit', ({ price }) => price.unit],
  ['x_TermMonths', ({ price }) => price.termMonths],
  ['x_PaymentOption', ({ price }) => price.payment],
  ['x_TierFrom', ({ price }) => price.tierFrom],
  ['x_UpfrontCost', ({ listed }) => listed?.upfront ?? null],
  ['x_ContractedUpfrontCost', ({ price, contracted }) => (contracted ?? price).upfront],
  ['x_PriceLayer', ({ contracted }) => contracted?.layer?.kind ?? null],
  ['x_PriceRuleId', ({ contracted }) => contracted?.layer?.ruleId ?? null],
  ['x_ExchangeRate', ({ contracted }) => contracted?.layer?.conversion?.rate ?? null],
  ['x_ExchangeRateFrom', ({ contracted }) => contracted?.layer?.conversion?.validFrom ?? null],
  ['x_ExchangeRateSource', ({ contracted }) => contracted?.layer?.conversion?.source ?? null],
  ['x_ValidFrom', ({ price }) => price.validFrom],
  ['x_ValidTo', ({ price }) => price.validTo],
  ['x_ObservedAt', ({ price }) => price.observedAt],
  ['x_ConfirmedAt', ({ price }) => price.confirmedAt ?? null],
  ['x_AgeDays', ({ price, at }) => ageDays(lastSeenAt(price), at)],
  ['x_StaleAfterDays', ({ price }) => STALE_AFTER_DAYS[price.category]],
  ['x_Stale', ({ price, at }) => isStale(price, at)],
  ['x_SourceId', ({ price }) => price.sourceId],
  ['x_Source', ({ price }) => price.source],
  ['x_SourceDate', ({ price }) => price.sourceDate],
  ['x_Confidence', ({ price }) => price.confidence],
  ['x_Licence', ({ price }) => price.licence],
  ['x_Notes', ({ price }) => price.notes],
  ['x_Flags', ({ price }) => price.flags.join(' ')],
  ['x_Revision', ({ price }) => price.revision],
];

const asListRow = (exported: ExportedPrice): CanonicalRow => {
  const { price, offer } = exported;
  const region = regionCodeOf(exported);
  return {
    offerId: price.offerId,
    provider: providerOf(exported),
    ...(region !== null && { region }),
    ...(offer?.zone != null && { zone: offer.zone }),
    sku: skuOf(exported),
    ...(offer !== null && { kind: offer.kind, deviceCount: offer.deviceCount }),
    ...(offer?.deviceId != null && { deviceId: offer.deviceId }),
    ...(offer?.modelId != null && { modelId: offer.modelId }),
    ...(offer?.vcpus != null && { vcpus: offer.vcpus }),
    ...(offer?.memoryBytes != null && { memoryBytes: offer.memoryBytes }),
    ...(offer !== null && offer.mode !== 'retired' && { mode: offer.mode }),
    ...(offer?.leadTimeDays != null && { leadTimeDays: offer.leadTimeDays }),
    category: price.category,
    termMonths: price.termMonths,
    payment: price.payment,
    tierFrom: price.tierFrom,
    unit: price.unit,
    ...(price.amount !== null && { amount: price.amount }),
    upfront: price.upfront,
    currency: price.currency,
    validFrom: price.validFrom,
    observedAt: price.observedAt,
    source: price.source,
    ...(price.sourceDate !== null && { sourceDate: price.sourceDate }),
    confidence: price.confidence,
    ...(price.licence !== null && { licence: price.licence }),
    ...(price.notes !== null && { notes: price.notes }),
    ...(exported.isWithdrawn === true && { state: 'withdrawn' }),
    ...(price.flags.length > 0 && { flags: price.flags.join(' ') }),
  };
};

const rows = new WeakMap<ExportedPrice, CanonicalRow>();
const listRow = (exported: ExportedPrice): CanonicalRow => {
  const row = rows.get(exported) ?? asListRow(exported);
  rows.set(exported, row);
  return row;
};

const LIST: readonly Column[] = CANONICAL_COLUMNS.map(
  ({ name }): Column => [name, (exported) => (listRow(exported)[name] as Value | undefined) ?? null],
);

export const COLUMNS: Readonly<Record<ColumnSet, readonly Column[]>> = { focus: FOCUS, list: LIST };
