/**
 * One row of a price list, as CSV and NDJSON carry it. Feeds write it, syncs read it, exports give it back. The format for
 * people: docs/price-lists.md. FOCUS names are those of the FinOps FOCUS specification 1.2 (x_ for what it lacks).
 */
import { type PriceUnit, priceIdentityId } from '../../domain/catalog/offers.ts';
import { nearestNames } from '../nearest.ts';

export interface CanonicalColumn {
  /** Column in CSV and key in NDJSON. */
  readonly name: keyof CanonicalRow;
  /** The FOCUS name, which is read as well. */
  readonly focusName: string;
  /** Column of the staging table. */
  readonly stagingName: string;
  readonly description: string;
}

const column = (name: keyof CanonicalRow, focusName: string, description: string): CanonicalColumn => ({
  name,
  focusName,
  stagingName: name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  description,
});

/** In the order of the template. Every value is a text in CSV; an empty one is absent. */
export const CANONICAL_COLUMNS: readonly CanonicalColumn[] = [
  column('offerId', 'x_OfferId', 'Offer in the catalog; takes the place of provider, region, zone and sku.'),
  column('provider', 'ProviderName', 'Provider id, "aws".'),
  column('region', 'RegionId', 'The provider’s own code, "us-east-1"; empty for what is sold everywhere.'),
  column('zone', 'AvailabilityZone', 'Zone, where the price differs within the region.'),
  column('sku', 'SkuId', 'The provider’s own name for what is sold.'),
  column('kind', 'x_SkuKind', 'What is sold; needed for an offer that the catalog does not know yet.'),
  column('deviceId', 'x_DeviceId', 'Device in it; for new offers.'),
  column('deviceCount', 'x_DeviceCount', 'How many; a slice has a part of one. For new offers.'),
  column('modelId', 'x_ModelId', 'Model of a token price; for new offers.'),
  column('vcpus', 'x_Vcpus', 'Virtual processors; for new offers.'),
  column('memoryBytes', 'x_MemoryBytes', 'Host memory in bytes; for new offers.'),
  column('mode', 'x_OfferMode', 'How it can be had, open where empty; for new offers.'),
  column('leadTimeDays', 'x_LeadTimeDays', 'Days from order to use; for new offers.'),
  column('category', 'PricingCategory', 'How it is bought.'),
  column('termMonths', 'x_TermMonths', 'Months of commitment; 0 where empty.'),
  column('payment', 'x_PaymentOption', 'How a commitment is paid; none where empty.'),
  column('tierFrom', 'x_TierFrom', 'Lower bound of a volume tier in units; 0 where empty.'),
  column('unit', 'PricingUnit', 'What the amount pays for, of the whole offer.'),
  column('amount', 'ListUnitPrice', 'Decimal per unit of the whole offer.'),
  column('upfront', 'x_UpfrontCost', 'Decimal paid once at the start of the term; 0 where empty.'),
  column('currency', 'PricingCurrency', 'ISO 4217 code.'),
  column('validFrom', 'x_ValidFrom', 'From when it holds; from the sync on where empty.'),
  column('state', 'x_State', 'in_force (where empty) or withdrawn: no longer sold from validFrom on.'),
  column('observedAt', 'x_ObservedAt', 'When it was read; the time of the sync where empty.'),
  column('source', 'x_Source', 'Document or address it stands in; the id of the catalog source where empty.'),
  column('sourceDate', 'x_SourceDate', 'Date that this carries.'),
  column('confidence', 'x_Confidence', 'How much to trust it; vendor where empty.'),
  column('licence', 'x_Licence', 'Licence of the source.'),
  column('notes', 'x_Notes', 'Remarks.'),
  column('flags', 'x_Flags', 'Remarks of checks, separated by spaces.'),
];

/** A row as an object: NDJSON, and what converters make. Absent and empty are the same; amounts are decimal texts. */
export interface CanonicalRow {
  readonly offerId?: string;
  readonly provider?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly sku?: string;
  readonly kind?: 'instance' | 'accelerator' | 'server' | 'edge_device' | 'slice' | 'token' | 'managed_platform';
  readonly deviceId?: string;
  readonly deviceCount?: string | number;
  readonly modelId?: string;
  readonly vcpus?: string | number;
  readonly memoryBytes?: string | number;
  readonly mode?: 'open' | 'capacity_block_only' | 'reservation_only' | 'preview' | 'retired';
  readonly leadTimeDays?: string | number;
  readonly category: 'on_demand' | 'spot' | 'committed' | 'capacity_block' | 'purchase' | 'token';
  readonly termMonths?: string | number;
  readonly payment?: 'none' | 'no_upfront' | 'partial_upfront' | 'all_upfront';
  readonly tierFrom?: string | number;
  readonly unit: PriceUnit;
  readonly amount?: string;
  readonly upfront?: string;
  readonly currency: string;
  readonly validFrom?: string;
  readonly state?: 'in_force' | 'withdrawn';
  readonly observedAt?: string;
  readonly source?: string;
  readonly sourceDate?: string;
  readonly confidence?: 'measured' | 'vendor' | 'third_party' | 'derived' | 'estimated' | 'unverified';
  readonly licence?: string;
  readonly notes?: string;
  readonly flags?: string;
}

export const CSV_HEADER: string = CANONICAL_COLUMNS.map(({ name }) => name).join(',');

/** Letters and digits alone: "valid_from", "Valid From" and "validFrom" are the same. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, '');

const byName = new Map<string, CanonicalColumn>(
  CANONICAL_COLUMNS.flatMap((one) => [[plain(one.name), one] as const, [plain(one.focusName), one] as const]),
);

/** The column that a header cell or an NDJSON key means; case, spaces, hyphens and underscores do not matter. */
export const canonicalColumn = (name: string): CanonicalColumn | undefined => byName.get(plain(name));

/** Names that other lists use for these columns. They are suggested in errors but never accepted: their "amount" may mean something else. */
const OTHER_NAMES: Partial<Record<keyof CanonicalRow, readonly string[]>> = {
  provider: ['vendor', 'cloud', 'supplier'],
  region: ['location'],
  sku: ['instance', 'instance type', 'product', 'part number', 'item'],
  deviceId: ['gpu', 'gpu model', 'accelerator'],
  deviceCount: ['gpus', 'gpu count', 'quantity'],
  category: ['type', 'purchase option', 'pricing model'],
  termMonths: ['term', 'lease length'],
  amount: ['price', 'unit price', 'cost', 'rate', 'hourly price', 'price per hour'],
  upfront: ['upfront fee', 'upfront price'],
  validFrom: ['date', 'effective date', 'start date', 'effective from'],
};

/** Ends a sentence about an unknown column with what may have been meant. */
export const nearestColumn = (name: string): string => {
  const others = ({ id }: { readonly id: keyof CanonicalRow }): readonly string[] => OTHER_NAMES[id] ?? [];
  const [near] = nearestNames(
    name.replaceAll(/[\s_-]+/g, ' ').trim(),
    CANONICAL_COLUMNS.map(({ name }) => ({ id: name })),
    others,
  );
  return near === undefined ? ' GET /v1/catalog/price-syncs/template has all of them.' : ` Did you mean '${near}'?`;
};

/** A cell of CSV as RFC 4180 has it. */
export const quotedCell = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

/** One line of CSV in the order of CSV_HEADER, without line end. */
export const csvLine = (row: CanonicalRow): string =>
  CANONICAL_COLUMNS.map(({ name }) => quotedCell(String(row[name] ?? ''))).join(',');

/** The id of the offer that a row means. A region may be written as its id or as the provider's own code. */
const offerIdOf = ({ offerId, provider, region, zone, sku }: CanonicalRow): string => {
  const code = region?.startsWith(`${provider}/`) === true ? region.slice(`${provider}/`.length) : region;
  return offerId ?? `${provider}/${zone ?? code ?? 'global'}/${sku}`;
};

/** The id of the price that a row means; the SQL of the sync says the same. */
export const priceIdOf = (row: CanonicalRow): string =>
  priceIdentityId({
    offerId: offerIdOf(row),
    category: row.category,
    termMonths: Number(row.termMonths ?? 0),
    payment: row.payment ?? 'none',
    tierFrom: Number(row.tierFrom ?? 0),
    unit: row.unit,
  });
