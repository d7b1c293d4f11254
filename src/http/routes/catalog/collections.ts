/** The kinds of entry that can be browsed: their filters, orders and schemas. */
import { Type } from '@sinclair/typebox';
import { COMPUTE_FORMATS, type ComputeFormat, DEVICE_CLASSES } from '../../../domain/devices/device.ts';
import { GIB } from '../../../domain/units.ts';
import { country, text } from '../../schemas/catalog/fields.ts';
import { DeviceSchema, deviceFields, SystemSchema, systemFields } from '../../schemas/catalog/hardware.ts';
import { MODEL_KINDS, ModelSchema, modelFields } from '../../schemas/catalog/models.ts';
import { OFFER_MODES, OfferSchema, offerFields, SKU_KINDS } from '../../schemas/catalog/offers.ts';
import {
  GridSchema,
  gridFields,
  PROVIDER_KINDS,
  ProviderSchema,
  PueFactSchema,
  providerFields,
  pueFactFields,
  REVIEW_STATES,
  RegimeSchema,
  RegionSchema,
  regimeFields,
  regionFields,
  TariffSchema,
  tariffFields,
} from '../../schemas/catalog/places.ts';
import { choice } from '../../schemas/component.ts';
import { type AnyCollection, collection } from './collection.ts';
import { equals, type Filter, idEquals, nameEquals, refersTo, skuEquals } from './filters.ts';

const atLeast = (description: string, example: number) => Type.Number({ minimum: 0, description, examples: [example] });

interface Named {
  readonly id: string;
  readonly name?: string;
  readonly aliases?: readonly string[];
  readonly formFactor?: string;
}

/** Whether all words of the search occur in the id, a name or the form factor; case does not matter. */
const search = <Item extends Named>(what: string): Filter<Item> => ({
  schema: Type.String({
    description: `Words that the id or the names of the ${what} contain, in any order and case.`,
    minLength: 1,
    maxLength: 200,
    examples: ['8'],
  }),
  matches: ({ id, name, aliases, formFactor }: Item, words: string) => {
    const names = [id, name ?? '', formFactor ?? '', ...(aliases ?? [])].join('\n').toLowerCase();
    return words
      .toLowerCase()
      .split(/\s+/)
      .every((word) => names.includes(word));
  },
});

const byName = { name: ({ name }: { readonly name: string }) => name.toLowerCase() };
const providerFilter = text('Only of this provider.', 'aws', 100);
const regionFilter = text('Only of this region.', 'aws/us-east-1', 300);
const deviceFilter = text('Only with this device.', 'nvidia-h100-sxm5-80gb', 300);

const devices = collection('device')({
  path: 'devices',
  title: 'Accelerators, processors and edge devices',
  description: 'Hardware figures are claims with sources; the most trusted claim of each figure wins.',
  noun: 'device',
  singular: 'Device',
  plural: 'Devices',
  example: 'nvidia-h100-sxm5-80gb',
  schema: DeviceSchema,
  fields: deviceFields,
  inputExample: {
    claims: [{ metric: 'tdp', value: 650 }],
    source: 'Data sheet, revision 3',
    sourceDate: '2026-11-20',
    confidence: 'vendor',
  },
  toApi: (device) => device,
  filters: {
    class: equals(choice(DEVICE_CLASSES, { description: 'Only of this class.' }), (it) => it.class),
    vendor: nameEquals(
      text('Only of this maker.', 'nvidia', 100),
      'vendor',
      ({ devices }) => devices.map(({ vendor }) => vendor),
      (it) => it.vendor,
    ),
    minMemoryGib: {
      schema: atLeast('Only with at least this much memory in GiB (2^30 bytes).', 80),
      matches: ({ memoryBytes }, gib: number) => memoryBytes !== null && memoryBytes >= gib * GIB,
    },
    maxTdpWatts: {
      schema: atLeast('Only with at most this board power in W.', 75),
      matches: ({ tdpWatts }, watts: number) => tdpWatts !== null && tdpWatts <= watts,
    },
    format: {
      schema: choice(COMPUTE_FORMATS, { description: 'Only with a known dense peak in this number format.' }),
      matches: ({ densePeakFlops }, format: ComputeFormat) => densePeakFlops[format] !== undefined,
    },
    search: search('device'),
  },
  orders: {
    ...byName,
    memoryBytes: ({ memoryBytes }) => memoryBytes,
    tdpWatts: ({ tdpWatts }) => tdpWatts,
    releaseYear: ({ releaseYear }) => releaseYear,
  },
});

const systems = collection('system')({
  path: 'systems',
  title: 'Servers, pods and boards that devices come in',
  description: 'Node power, host memory and network.',
  noun: 'system',
  singular: 'System',
  plural: 'Systems',
  example: 'dgx-h100',
  schema: SystemSchema,
  fields: systemFields,
  inputExample: { rackWatts: 44_000, source: 'Data sheet, revision 3', sourceDate: '2026-11-20', confidence: 'vendor' },
  toApi: (system) => system,
  filters: { device: idEquals(deviceFilter, 'device', (it) => it.deviceId), search: search('system') },
  orders: { ...byName, deviceCount: ({ deviceCount }) => deviceCount },
});

const models = collection('model')({
  path: 'models',
  title: 'Model architectures',
  description: 'Found by id or by any other name, whatever the case.',
  noun: 'model',
  singular: 'Model',
  plural: 'Models',
  example: 'meta-llama/Llama-3.1-70B',
  schema: ModelSchema,
  fields: modelFields,
  inputExample: {
    aliases: ['our-assistant'],
    source: 'Data sheet, revision 3',
    sourceDate: '2026-11-20',
    confidence: 'vendor',
  },
  // Objects that are absent are left out of answers, never null.
  toApi: ({ architecture, ...model }) => ({
    ...model,
    architecture: (architecture.kind === 'language' && architecture.mixtureOfExperts === null
      ? { ...architecture, mixtureOfExperts: undefined }
      : architecture) as never,
  }),
  filters: {
    kind: equals(choice(MODEL_KINDS, { description: 'Only of this kind.' }), (it) => it.architecture.kind),
    family: nameEquals(
      text('Only of this family.', 'llama', 100),
      'family',
      ({ models }) => models.map(({ architecture }) => architecture.family),
      (it) => it.architecture.family,
    ),
    minParametersBillions: {
      schema: atLeast('Only with at least this many parameters, in billions.', 7),
      matches: ({ architecture }, billions: number) => (architecture.parametersTotal ?? -1) >= billions * 1e9,
    },
    maxParametersBillions: {
      schema: atLeast('Only with at most this many parameters, in billions.', 70),
      matches: ({ architecture }, billions: number) =>
        (architecture.parametersTotal ?? Number.POSITIVE_INFINITY) <= billions * 1e9,
    },
    search: search('model'),
  },
  orders: { ...byName, parametersTotal: ({ architecture }) => architecture.parametersTotal },
});

const providers = collection('provider')({
  path: 'providers',
  title: 'Providers of hardware and tokens',
  description: 'Clouds, marketplaces, makers and token APIs.',
  noun: 'provider',
  singular: 'Provider',
  plural: 'Providers',
  example: 'aws',
  schema: ProviderSchema,
  fields: providerFields,
  inputExample: {
    headquartersCountry: 'US',
    source: 'Data sheet, revision 3',
    sourceDate: '2026-11-20',
    confidence: 'vendor',
  },
  toApi: (provider) => provider,
  filters: {
    kind: equals(choice(PROVIDER_KINDS, { description: 'Only of this kind.' }), (it) => it.kind),
    headquartersCountry: equals(
      country('Only providers with headquarters in this country.', 'US'),
      (it) => it.headquartersCountry,
    ),
    search: search('provider'),
  },
  orders: byName,
});

const regions = collection('region')({
  path: 'regions',
  title: 'Regions and sites',
  description: 'Where providers run hardware, with coordinates.',
  noun: 'region',
  singular: 'Region',
  plural: 'Regions',
  example: 'aws/me-central-1',
  schema: RegionSchema,
  fields: regionFields,
  inputExample: { zones: 3, source: 'Data sheet, revision 3', sourceDate: '2026-11-20', confidence: 'vendor' },
  toApi: (region) => region,
  filters: {
    provider: idEquals(providerFilter, 'provider', (it) => it.providerId),
    country: equals(country('Only in this country.'), (it) => it.country),
    status: nameEquals(
      text('Only with this status.', 'ga', 100),
      'status',
      ({ regions }) => regions.map(({ status }) => status),
      (it) => it.status,
    ),
    device: refersTo(deviceFilter, 'device', ({ deviceIds }, id) => deviceIds.includes(id)),
    search: search('region'),
  },
  orders: { ...byName, country: (it) => it.country },
});

const offers = collection('offer')({
  path: 'offers',
  title: 'What can be rented or bought, and where',
  description: 'Existence is separate from price: an offer may have none.',
  noun: 'offer',
  singular: 'Offer',
  plural: 'Offers',
  example: 'aws/us-east-1/p5.48xlarge',
  schema: OfferSchema,
  fields: offerFields,
  inputExample: { leadTimeDays: 45, source: 'Data sheet, revision 3', sourceDate: '2026-11-20', confidence: 'vendor' },
  toApi: (offer) => offer,
  filters: {
    provider: idEquals(providerFilter, 'provider', (it) => it.providerId),
    region: idEquals(regionFilter, 'region', (it) => it.regionId),
    country: equals(country('Only in regions of this country.'), (it, view) => view.region(it.regionId ?? '')?.country),
    device: idEquals(deviceFilter, 'device', (it) => it.deviceId),
    model: idEquals(text('Only for this model.', 'meta-llama/Llama-3.1-70B', 300), 'model', (it) => it.modelId),
    sku: skuEquals((it) => it.sku),
    kind: equals(choice(SKU_KINDS, { description: 'Only of this kind.' }), (it) => it.kind),
    mode: equals(choice(OFFER_MODES, { description: 'Only offers sold in this way.' }), (it) => it.mode),
  },
  orders: { deviceCount: ({ deviceCount }) => deviceCount },
});

const grids = collection('grid')({
  path: 'grids',
  title: 'Carbon intensity of electricity grids',
  description: 'Life-cycle basis, with the range of observations.',
  noun: 'grid',
  singular: 'Grid',
  plural: 'Grids',
  example: 'AE',
  schema: GridSchema,
  fields: gridFields,
  inputExample: {
    gramsCo2ePerKwh: 395,
    lowGramsCo2ePerKwh: 350,
    highGramsCo2ePerKwh: 480,
    year: 2026,
    source: 'Data sheet, revision 3',
    sourceDate: '2026-11-20',
    confidence: 'vendor',
  },
  toApi: (grid) => grid,
  filters: { country: equals(country('Only in this country.'), (it) => it.country) },
  orders: { ...byName, gramsCo2ePerKwh: (it) => it.gramsCo2ePerKwh },
});

const tariffs = collection('tariff')({
  path: 'tariffs',
  title: 'Electricity tariffs',
  description: 'Several per country; the one that a data hall would most likely pay is marked.',
  noun: 'tariff',
  singular: 'Tariff',
  plural: 'Tariffs',
  example: 'AE-business-dubai-0-405-aed',
  schema: TariffSchema,
  fields: tariffFields,
  inputExample: {
    usdPerKwh: '0.079',
    source: 'Data sheet, revision 3',
    sourceDate: '2026-11-20',
    confidence: 'vendor',
  },
  toApi: (tariff) => tariff,
  filters: {
    country: equals(country('Only in this country.'), (it) => it.country),
    recommended: {
      schema: Type.Boolean({ description: 'Only the most likely tariff of each place, or only the others.' }),
      matches: (it, recommended: boolean) => it.recommended === recommended,
    },
  },
  orders: { usdPerKwh: (it) => Number(it.usdPerKwh) },
});

const pueFacts = collection('pue_fact')({
  path: 'pue-facts',
  title: 'Reported power usage effectiveness',
  description: 'By provider, region and year.',
  noun: 'PUE fact',
  singular: 'PueFact',
  plural: 'PueFacts',
  example: 'aws-me-central-1-2024',
  schema: PueFactSchema,
  fields: pueFactFields,
  inputExample: {
    pue: 1.31,
    year: 2026,
    source: 'Data sheet, revision 3',
    sourceDate: '2026-11-20',
    confidence: 'vendor',
  },
  toApi: (fact) => fact,
  filters: {
    provider: idEquals(providerFilter, 'provider', (it) => it.providerId),
    region: idEquals(regionFilter, 'region', (it) => it.regionId),
  },
  orders: { pue: ({ pue }) => pue },
});

const regimes = collection('regime')({
  path: 'regimes',
  title: 'Rules on where data may go',
  description: 'Laws and sector rules as read on a date. Not legal advice.',
  noun: 'regime',
  singular: 'Regime',
  plural: 'Regimes',
  example: 'ae-pdpl',
  schema: RegimeSchema,
  fields: regimeFields,
  inputExample: { approvalDays: 20, source: 'Data sheet, revision 3', sourceDate: '2026-11-20', confidence: 'vendor' },
  toApi: (regime) => regime,
  filters: {
    jurisdiction: nameEquals(
      text('Only of this jurisdiction.', 'AE', 100),
      'jurisdiction',
      ({ regimes }) => regimes.map(({ jurisdiction }) => jurisdiction),
      (it) => it.jurisdiction,
    ),
    reviewState: equals(
      choice(REVIEW_STATES, { description: 'Only in this state of review.' }),
      (it) => it.reviewState,
    ),
    search: search('regime'),
  },
  orders: byName,
});

export const collections: readonly AnyCollection[] = [
  devices,
  systems,
  models,
  providers,
  regions,
  offers,
  grids,
  tariffs,
  pueFacts,
  regimes,
];
