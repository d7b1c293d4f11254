/** offers.csv and prices.csv: what is sold, and the dated amounts of it. */
import {
  type Offer,
  type OfferMode,
  type PaymentOption,
  PRICE_UNITS,
  type PriceAmount,
  type PriceCategory,
  type PriceIdentity,
  priceIdentityId,
  type SkuKind,
} from '../../domain/catalog/offers.ts';
import { GIB } from '../../domain/units.ts';
import type { ProvenanceReader } from './publications.ts';
import { readCsv, type SeedRow } from './row.ts';
import { SEED_SOURCE_ID } from './seed-catalog.ts';

const SKU_KINDS = [
  'instance',
  'accelerator',
  'server',
  'edge_device',
  'slice',
  'token',
  'managed_platform',
] as const satisfies readonly SkuKind[];

const OFFER_MODES = [
  'open',
  'capacity_block_only',
  'reservation_only',
  'preview',
  'retired',
] as const satisfies readonly OfferMode[];

const CATEGORIES = [
  'on_demand',
  'spot',
  'committed',
  'capacity_block',
  'purchase',
  'token',
] as const satisfies readonly PriceCategory[];

const PAYMENTS = ['none', 'no_upfront', 'partial_upfront', 'all_upfront'] as const satisfies readonly PaymentOption[];

const readOffer = (row: SeedRow): Offer => {
  const providerId = row.text('provider');
  const region = row.textOrNull('region');
  const zone = row.textOrNull('zone');
  const sku = row.text('sku');
  const memoryGib = row.positiveOrNull('memory_gib');
  return {
    id: `${providerId}/${zone ?? region ?? 'global'}/${sku}`,
    providerId,
    regionId: region === null ? null : `${providerId}/${region}`,
    zone,
    sku,
    kind: row.oneOf('kind', SKU_KINDS),
    deviceId: row.textOrNull('device'),
    modelId: row.textOrNull('model'),
    deviceCount: row.number('device_count'),
    vcpus: row.positiveOrNull('vcpus'),
    memoryBytes: memoryGib === null ? null : Math.round(memoryGib * GIB),
    mode: row.oneOf('mode', OFFER_MODES),
    leadTimeDays: row.positiveOrNull('lead_time_days'),
  };
};

export const readOffers = (): readonly Offer[] =>
  readCsv('offers.csv', ['device_count', 'vcpus', 'memory_gib', 'lead_time_days']).map(readOffer);

const readIdentity = (row: SeedRow): PriceIdentity => {
  const identity = {
    offerId: row.text('offer'),
    category: row.oneOf('category', CATEGORIES),
    termMonths: row.has('term_months') ? row.count('term_months') : 0,
    payment: row.has('payment') ? row.oneOf('payment', PAYMENTS) : 'none',
    tierFrom: row.has('tier_from') ? row.positive('tier_from') : 0,
    unit: row.oneOf('unit', PRICE_UNITS),
  } as const;
  return { id: priceIdentityId(identity), ...identity };
};

const readAmount = (row: SeedRow, priceId: string, provenance: ProvenanceReader): PriceAmount => {
  const asOf = row.dateOrNull('as_of') ?? row.fail('as_of', 'must be a date');
  const from = `${asOf}T00:00:00.000Z`;
  return {
    priceId,
    amount: row.decimalOrNull('amount'),
    upfront: row.decimalOrNull('upfront') ?? '0',
    currency: row.textOrNull('currency') ?? 'USD',
    validFrom: from,
    validTo: null,
    sourceId: SEED_SOURCE_ID,
    observedAt: from,
    flags: row.textOrNull('flags')?.split(' ') ?? [],
    ...provenance(row),
    sourceDate: asOf,
  };
};

interface SeedPrices {
  readonly identities: readonly PriceIdentity[];
  readonly amounts: readonly PriceAmount[];
}

export const readPrices = (provenance: ProvenanceReader): SeedPrices => {
  const identities = new Map<string, PriceIdentity>();
  const amounts = readCsv('prices.csv', ['term_months', 'tier_from']).map((row) => {
    const identity = readIdentity(row);
    identities.set(identity.id, identity);
    return readAmount(row, identity.id, provenance);
  });
  return { identities: [...identities.values()], amounts };
};
