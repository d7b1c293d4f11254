/** How hardware is paid for and where it stands: parts that all requests for estimates share. */
import { Type } from '@sinclair/typebox';
import { choice, component, ref } from './component.ts';
import { percent, positive, usd } from './quantity.ts';

export const LocationSchema = component(
  'Location',
  {
    region: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Catalog region id: provider, slash, region code.',
        examples: ['azure/uaenorth'],
      }),
    ),
    country: Type.Optional(
      Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2 country code.', examples: ['AE'] }),
    ),
    provider: Type.Optional(
      Type.String({ minLength: 1, maxLength: 50, description: 'Catalog provider id.', examples: ['azure'] }),
    ),
  },
  {
    description: 'Where it must run. All that is given must hold; empty means anywhere the catalog has a price.',
    examples: [{ country: 'AE' }],
  },
);

export const OwnedTermsSchema = component(
  'OwnedTerms',
  {
    purchasePricePerDevice: Type.Optional(usd('USD per device; the catalog price where absent.', '30000')),
    usefulLifeYears: Type.Optional(positive('Years of depreciation.', 20, 4)),
    residualPercent: Type.Optional(percent('Share of the price left at the end of that life.', 10)),
    financingRatePercent: Type.Optional(percent('Yearly cost of capital.', 8)),
    colocationUsdPerKwMonth: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10_000,
        description: 'Hall and power supply per kW and month, without electricity.',
        examples: [180],
      }),
    ),
    maintenancePercentPerYear: Type.Optional(percent('Yearly maintenance in percent of the purchase price.', 5)),
    sparePercent: Type.Optional(percent('Devices bought beyond those that work, in percent.', 5)),
    serverMultiplier: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 10,
        description: 'Server price over the price of its devices; 1 where the price per device includes the server.',
        examples: [1.64],
      }),
    ),
    interconnectPercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 90,
        description: 'Network of a cluster in percent of the price of the whole cluster.',
        examples: [19],
      }),
    ),
    utilizationPercent: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 100,
        description:
          'Share of its life that a training cluster works, in percent; a service that runs all day has 100.',
        examples: [80],
      }),
    ),
    electricityUsdPerKwh: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10,
        description: 'Electricity price; the tariff of the country where absent.',
        examples: [0.08],
      }),
    ),
  },
  { description: 'Terms of owned hardware.', examples: [{ purchasePricePerDevice: '30000', usefulLifeYears: 4 }] },
);

export const SiteFactsSchema = component(
  'SiteFacts',
  {
    pue: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 5,
        description: 'Power usage effectiveness: facility power over IT power.',
        examples: [1.3],
      }),
    ),
    rackKilowatts: Type.Optional(positive('Power one rack may draw in kW.', 10_000, 60)),
    networkPowerPercent: Type.Optional(percent('Switches of the cluster network in percent of node power.', 10)),
    gridGramsCo2ePerKwh: Type.Optional(
      Type.Number({ minimum: 0, maximum: 5000, description: 'Carbon intensity of the electricity.', examples: [50] }),
    ),
    embodiedKilogramsPerDevice: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        description: 'Emissions of making one device with its share of the server, kg CO2e.',
        examples: [539],
      }),
    ),
  },
  {
    description:
      'Facts of the site that the catalog may not know; taken from region, provider and country where absent.',
    examples: [{ pue: 1.3, rackKilowatts: 60 }],
  },
);

export const PurchaseSchema = component(
  'Purchase',
  {
    category: Type.Optional(
      choice(['on_demand', 'spot', 'committed', 'capacity_block', 'owned'], {
        description:
          'How the hardware is paid for; on_demand where absent. capacity_block is reserved for a span of days and paid ahead, where a provider sells it.',
        examples: ['on_demand'],
      }),
    ),
    termMonths: Type.Optional(choice12or36()),
    payment: Type.Optional(
      choice(['no_upfront', 'partial_upfront', 'all_upfront'], {
        description: 'Payment option of a commitment; the cheapest where absent.',
        examples: ['no_upfront'],
      }),
    ),
    usdPerDeviceHour: Type.Optional(usd('Your own rate in USD per device-hour; replaces the catalog price.', '2.10')),
    owned: Type.Optional(ref(OwnedTermsSchema, { description: 'Terms of owned hardware; only with category owned.' })),
    managedPlatforms: Type.Optional(
      Type.Boolean({
        description:
          'Also rents of managed platforms (SageMaker, Vertex AI), whose price pays for more than the machine; false where absent.',
        examples: [true],
      }),
    ),
  },
  {
    description: 'Rented by the hour, as spot, under a commitment, as a capacity block, or owned.',
    examples: [{ category: 'committed', termMonths: 36 }],
  },
);

function choice12or36() {
  return Type.Unsafe<number>({
    type: 'integer',
    enum: [12, 36],
    description: 'Term of a commitment in months.',
    examples: [36],
  });
}

export const SurchargesSchema = component(
  'Surcharges',
  {
    supportPercent: Type.Optional(percent('Provider support in percent of the compute bill.', 3)),
    softwareLicenceUsdPerDeviceYear: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        description: 'Software licence per device and year in USD.',
        examples: [4500],
      }),
    ),
    taxPercent: Type.Optional(percent('Tax on everything bought, in percent.', 5)),
    dutyPercent: Type.Optional(percent('Import duty on owned hardware, in percent.', 5)),
  },
  { description: 'Money lines that only you can know. None is added unless given.', examples: [{ supportPercent: 3 }] },
);
