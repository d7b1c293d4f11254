/** Small hand-built catalogs: plain arrays in, a snapshot out. Figures are made up unless a test says otherwise. */
import {
  type Offer,
  type OfferMode,
  type Price,
  type PriceCategory,
  priceIdentityId,
} from '../../src/domain/catalog/offers.ts';
import type { ElectricityTariff, Grid, Provider, PueFact, Region } from '../../src/domain/catalog/places.ts';
import type { Provenance } from '../../src/domain/catalog/provenance.ts';
import type { CatalogSnapshot } from '../../src/domain/catalog/snapshot.ts';
import type { Device, SystemSpec } from '../../src/domain/devices/device.ts';

export const AT = '2026-06-01T00:00:00.000Z';

const provenance: Provenance = {
  source: 'test',
  sourceDate: '2026-05-01',
  confidence: 'vendor',
  licence: null,
  notes: null,
};

export const aDevice = (id: string, fields: Partial<Device> = {}): Device => ({
  id,
  name: id,
  vendor: 'acme',
  class: 'datacenter_gpu',
  releaseYear: 2023,
  aliases: [],
  formFactor: 'sxm',
  densePeakFlops: { bf16: 989e12 },
  memoryBytes: 80e9,
  memoryBandwidthBytesPerSecond: 3.35e12,
  tdpWatts: 700,
  idleWatts: 110,
  provisionedWatts: 1730,
  linkTopology: 'nvlink_switch',
  linkBytesPerSecond: 450e9,
  linkDomainDevices: 8,
  pcieGeneration: 5,
  devicesPerNode: 8,
  notes: null,
  claims: [],
  ...fields,
});

export const aSystem = (id: string, deviceId: string, fields: Partial<SystemSpec> = {}): SystemSpec => ({
  ...provenance,
  id,
  name: id,
  deviceId,
  deviceCount: 8,
  hostCpu: null,
  hostMemoryBytes: null,
  networkBytesPerSecondPerDevice: 50e9,
  nodePowerWatts: { max: null, typicalTraining: null, inferenceMean: null, idle: null },
  rackWatts: null,
  cooling: null,
  ...fields,
});

export const aProvider = (id: string, fields: Partial<Provider> = {}): Provider => ({
  id,
  name: id,
  kind: 'hyperscaler',
  headquartersCountry: 'US',
  ...fields,
});

export const aRegion = (
  id: string,
  country: string,
  latitude: number,
  longitude: number,
  fields: Partial<Region> = {},
): Region => {
  const [providerId = '', code = ''] = id.split('/');
  return {
    ...provenance,
    id,
    providerId,
    code,
    name: code,
    city: code,
    country,
    latitude,
    longitude,
    partition: 'commercial',
    status: 'active',
    zones: 3,
    deviceIds: [],
    ...fields,
  };
};

export const anOffer = (id: string, deviceId: string, fields: Partial<Offer> = {}): Offer => {
  const [providerId = '', region = '', sku = ''] = id.split('/');
  return {
    id,
    providerId,
    regionId: region === 'global' ? null : `${providerId}/${region}`,
    zone: null,
    sku,
    kind: 'instance',
    deviceId,
    modelId: null,
    deviceCount: 8,
    vcpus: null,
    memoryBytes: null,
    mode: 'open' satisfies OfferMode,
    leadTimeDays: null,
    ...fields,
  };
};

export const aPrice = (
  offerId: string,
  category: PriceCategory,
  amount: string | null,
  fields: Partial<Price> = {},
): Price => {
  const identity = {
    offerId,
    category,
    termMonths: 0,
    payment: 'none' as const,
    tierFrom: 0,
    unit: category === 'purchase' ? ('each' as const) : ('hour' as const),
    ...(fields.termMonths !== undefined && { termMonths: fields.termMonths }),
    ...(fields.payment !== undefined && { payment: fields.payment }),
    ...(fields.tierFrom !== undefined && { tierFrom: fields.tierFrom }),
    ...(fields.unit !== undefined && { unit: fields.unit }),
  };
  const id = priceIdentityId(identity);
  return {
    ...provenance,
    ...identity,
    id,
    priceId: id,
    amount,
    upfront: '0',
    currency: 'USD',
    validFrom: '2026-01-01T00:00:00.000Z',
    validTo: null,
    sourceId: 'seed',
    observedAt: '2026-05-20T00:00:00.000Z',
    flags: [],
    ...fields,
  };
};

export const aTariff = (
  country: string,
  usdPerKwh: string,
  fields: Partial<ElectricityTariff> = {},
): ElectricityTariff => ({
  ...provenance,
  id: `${country}-${usdPerKwh}`,
  country,
  subdivision: null,
  kind: 'industrial',
  usdPerKwh,
  localPerKwh: null,
  localCurrency: null,
  period: '2025',
  recommended: true,
  ...fields,
});

export const aGrid = (id: string, grams: number, low: number, high: number): Grid => ({
  ...provenance,
  id,
  country: id.slice(0, 2),
  name: id,
  gramsCo2ePerKwh: grams,
  lowGramsCo2ePerKwh: low,
  highGramsCo2ePerKwh: high,
  year: 2024,
});

export const aPueFact = (id: string, pue: number, fields: Partial<PueFact> = {}): PueFact => ({
  ...provenance,
  id,
  providerId: null,
  regionId: null,
  pue,
  year: 2024,
  scope: 'average',
  waterLitresPerKwh: null,
  ...fields,
});

interface CatalogParts {
  readonly devices?: readonly Device[];
  readonly systems?: readonly SystemSpec[];
  readonly providers?: readonly Provider[];
  readonly regions?: readonly Region[];
  readonly offers?: readonly Offer[];
  /** All dated amounts; of one identity and date the first in the list wins. */
  readonly prices?: readonly Price[];
  readonly grids?: readonly Grid[];
  readonly tariffs?: readonly ElectricityTariff[];
  readonly pueFacts?: readonly PueFact[];
}

export function aCatalog(parts: CatalogParts): CatalogSnapshot {
  const { devices = [], systems = [], providers = [], regions = [], offers = [], prices = [] } = parts;
  const { grids = [], tariffs = [], pueFacts = [] } = parts;
  const inForce = (price: Price, at: string): boolean =>
    price.validFrom <= at && (price.validTo === null || price.validTo > at);
  const winners = (candidates: readonly Price[], at: string): Price[] => {
    const byId = new Map<string, Price>();
    for (const price of candidates) if (inForce(price, at) && !byId.has(price.id)) byId.set(price.id, price);
    return [...byId.values()];
  };
  const byId = <T extends { readonly id: string }>(list: readonly T[], id: string): T | undefined =>
    list.find((entry) => entry.id === id);
  return {
    revision: 1,
    committedAt: AT,
    device: (id) => byId(devices, id),
    model: () => undefined,
    provider: (id) => byId(providers, id),
    region: (id) => byId(regions, id),
    offer: (id) => byId(offers, id),
    grid: (id) => byId(grids, id),
    devices,
    systems,
    models: [],
    providers,
    regions,
    offers,
    grids,
    tariffs,
    pueFacts,
    regimes: [],
    offersOfDevice: (deviceId) => offers.filter((offer) => offer.deviceId === deviceId),
    systemsOfDevice: (deviceId) => systems.filter((system) => system.deviceId === deviceId),
    pricesOfOffer: (offerId, at) =>
      winners(
        prices.filter((price) => price.offerId === offerId),
        at,
      ),
    priceAt: (priceId, at) =>
      winners(
        prices.filter((price) => price.id === priceId),
        at,
      )[0],
    pricesOfSources: (priceId, at) =>
      prices.filter(
        (price) => price.id === priceId && price.validFrom <= at && (price.validTo === null || price.validTo > at),
      ),
    priceHistory: (priceId) => prices.filter((price) => price.id === priceId),
    lastPriceChange: (at) =>
      prices
        .flatMap(({ validFrom, validTo }) => [validFrom, validTo ?? validFrom])
        .filter((time) => time <= at)
        .sort()
        .at(-1) ?? null,
  };
}
