/** Parts of estimate answers that training and inference have in common. */
import { type TSchema, Type } from '@sinclair/typebox';
import { COST_CATEGORIES } from '../../../domain/economics/line-item.ts';
import { decimal, number, text } from '../answer-fields.ts';
import { choice, component, list, nullable, ref } from '../component.ts';
import { PriceBookPinSchema } from '../price-books/book.ts';
import { ReportingSchema } from '../reporting-currency.ts';
import { timestamp } from '../timestamp.ts';
import { BandBasisSchema, UncertainFigureSchema } from '../uncertain-figure.ts';

export const MoneyFigureSchema = component(
  'MoneyFigure',
  {
    amount: decimal(
      'The best estimate, a decimal string. Totals are exactly the sum of their line items.',
      '1270000.0000',
    ),
    currency: text('ISO 4217 code.', 'USD'),
    p10: decimal('One time in ten the truth is below this.', '1010000.0000'),
    p50: decimal(
      'Median of the band; differs a little from the amount where the uncertainty is lopsided.',
      '1270000.0000',
    ),
    p90: decimal('One time in ten the truth is above this.', '1620000.0000'),
    bases: list(Type.String(), {
      description: 'Ids of the entries of bandBases that make up the band, the widest first.',
      examples: [['price/list/fresh']],
    }),
  },
  {
    description: 'A sum of money with an 80 % band.',
    examples: [
      {
        amount: '1270000.0000',
        currency: 'USD',
        p10: '1010000.0000',
        p50: '1270000.0000',
        p90: '1620000.0000',
        bases: ['price/list/fresh'],
      },
    ],
  },
);

const FormulaInputSchema = component(
  'FormulaInput',
  {
    name: text('Name in the formula.', 'devices'),
    value: number('Value used.', 96),
    unit: text('Unit of the value.', 'devices'),
    source: text('Where the value comes from.', 'the performance model'),
    assumptionId: nullable(
      Type.String({
        description: 'Id of the assumption behind it; null where there is none.',
        examples: ['energy.pue'],
      }),
    ),
  },
  { description: 'One input of a line item.' },
);

export const LineItemSchema = component(
  'LineItem',
  {
    id: text('Stable within an answer.', 'compute'),
    label: text('Name for people.', 'Rented accelerators'),
    category: choice(COST_CATEGORIES, { description: 'Kind of cost.', examples: ['compute'] }),
    cost: ref(MoneyFigureSchema, { description: 'Amount with its band.' }),
    formula: text('Formula of the amount, with the names of the inputs.', 'devicesPaid x hours x pricePerDeviceHour'),
    inputs: Type.Optional(
      list(ref(FormulaInputSchema), {
        description: 'Inputs of the formula with units and sources; left out with view=summary.',
      }),
    ),
    priceId: nullable(
      Type.String({
        description: 'Catalog price used; null where there is none.',
        examples: ['azure/uaenorth/Standard_ND96isr_H100_v5/on_demand'],
      }),
    ),
    assumptionIds: list(Type.String(), { description: 'Assumptions the amount rests on.' }),
  },
  { description: 'One line of the bill, with its working.' },
);

export const CostBreakdownSchema = component(
  'CostBreakdown',
  {
    total: ref(MoneyFigureSchema, {
      description: 'Exactly the sum of the line items; the band is sampled from all factors together.',
    }),
    lineItems: list(ref(LineItemSchema), { description: 'The bill.' }),
  },
  { description: 'A bill.' },
);

export const AssumptionSchema = component(
  'Assumption',
  {
    id: text('Stable name, the same in every answer.', 'traffic.peak_to_mean_ratio'),
    field: text(
      'JSON Pointer of the request field that overrides it; empty where no field does.',
      '/traffic/peakToMeanRatio',
    ),
    value: Type.Unsafe<number | string | boolean | null>({
      type: ['number', 'string', 'boolean', 'null'],
      description: 'Value used.',
      examples: [2],
    }),
    unit: nullable(Type.String({ description: 'Unit of the value.', examples: ['peak hour / mean hour'] })),
    rangeLow: nullable(
      Type.Number({ description: 'Low end of its 80 % range; null where it is taken as exact.', examples: [1.5] }),
    ),
    rangeHigh: nullable(Type.Number({ description: 'High end of its 80 % range.', examples: [3] })),
    source: text('Who published or assumed the value.', 'judgement'),
    reason: text('Why this value was taken.', 'Replicas are sized for the peak hour.'),
  },
  { description: 'A default that the answer rests on.' },
);

const LAYER_KINDS = ['list', 'private_list', 'discount', 'contract', 'purchase_agreement'] as const;

const CurrencyConversionSchema = component(
  'CurrencyConversion',
  {
    from: text('Currency in which it is quoted.', 'AED'),
    to: text('Currency of the amount.', 'USD'),
    rate: decimal('Units of `to` for one unit of `from`.', '0.272294'),
    validFrom: timestamp('From when the rate holds.'),
    source: text('Who published or assumed the value.', 'Treasury, November 2026'),
  },
  { description: 'A price of another currency at a rate of the price book.' },
);

const PriceLayerSchema = component(
  'PriceLayer',
  {
    kind: choice(LAYER_KINDS, {
      description:
        'What the price comes from: a contract wins over a private list, that over a discount on the list, that over the list.',
      examples: ['discount'],
    }),
    ruleId: nullable(
      Type.String({ description: 'Id of the discount, contract or agreement; null for lists.', examples: ['edp'] }),
    ),
    priceBook: text('Id of the price book.', 'acme-2026'),
    priceBookRevision: Type.Integer({ description: 'Revision of the price book.', minimum: 1, examples: [12] }),
    listAmount: nullable(
      Type.String({
        description: 'What the public list says of the same price; null where it says nothing.',
        pattern: '^[0-9]+(\\.[0-9]+)?$',
        examples: ['140.598'],
      }),
    ),
    listCurrency: nullable(Type.String({ description: 'Currency of listAmount.', examples: ['USD'] })),
    conversion: Type.Optional(
      ref(CurrencyConversionSchema, { description: 'Absent where it is quoted in its currency.' }),
    ),
  },
  { description: 'Which part of a price book a price comes from.' },
);

export const PriceUseSchema = component(
  'PriceUse',
  {
    priceId: text('Catalog price.', 'azure/uaenorth/Standard_ND96isr_H100_v5/on_demand'),
    offerId: text('Catalog offer.', 'azure/uaenorth/Standard_ND96isr_H100_v5'),
    providerId: text('Provider.', 'azure'),
    regionId: nullable(
      Type.String({ description: 'Region; null for prices without one.', examples: ['azure/uaenorth'] }),
    ),
    category: text('Price category.', 'on_demand'),
    termMonths: number('Term of a commitment in months; 0 where there is none.', 0),
    amount: decimal('Per unit of the whole offer.', '140.598'),
    upfront: decimal('Amount paid once at the start of the term.', '0'),
    currency: text('ISO 4217 code.', 'USD'),
    unit: text('What the amount pays for.', 'hour'),
    deviceCount: number('Devices in one unit of the offer.', 8),
    source: text('Where the price was read.', 'Azure Retail Prices API'),
    sourceId: text('Catalog source of the row.', 'seed'),
    observedAt: timestamp('When it was read.'),
    confirmedAt: Type.Optional(
      timestamp('When a full list of its source last said the same; absent where none did later.'),
    ),
    validFrom: timestamp('Time from which it holds.'),
    ageDays: number('Days from the last observation or confirmation to pricingAt.', 159),
    stale: Type.Boolean({
      description: 'Whether the price is older than the limit of its category.',
      examples: [false],
    }),
    staleAfterDays: number('Age in days from which a price of this category is stale.', 180),
    confidence: text('How reliable the figure is.', 'vendor'),
    flags: list(Type.String(), { description: 'Remarks on the price.' }),
    layer: Type.Optional(ref(PriceLayerSchema, { description: 'What won; only where a price book is named.' })),
  },
  { description: 'A catalog price the answer uses.' },
);

export const ExclusionSchema = component(
  'Exclusion',
  {
    constraint: text('Check that failed.', 'memory'),
    detail: text('One sentence.', 'The weights need 141 GB, the device has 80 GB.'),
    required: nullable(Type.Number({ description: 'Value that was needed.', examples: [141] })),
    actual: nullable(Type.Number({ description: 'Value that was found.', examples: [80] })),
    unit: nullable(Type.String({ description: 'Unit of both.', examples: ['bytes'] })),
    count: Type.Integer({ description: 'How many were left out for this reason.', examples: [12] }),
    examples: list(Type.String(), { description: 'Ids of at most five of them.', examples: [['nvidia-t4-16gb']] }),
  },
  { description: 'What was left out and why.' },
);

export const RelaxationSchema = component(
  'Relaxation',
  {
    field: text('JSON Pointer of the request field to change.', '/objectives/ttftMsP95'),
    from: Type.Unsafe<number | string | null>({
      type: ['number', 'string', 'null'],
      description: 'Present value.',
      examples: [300],
    }),
    to: Type.Unsafe<number | string>({ type: ['number', 'string'], description: 'New value.', examples: [420] }),
    effect: text('What the change would do.', 'saves one replica of 4 devices'),
  },
  { description: 'The cheapest change that lifts what binds. Applied, something else binds.' },
);

export const BindingConstraintSchema = component(
  'BindingConstraint',
  {
    constraint: text('Stable name.', 'memory_bandwidth'),
    explanation: text('One or two sentences.', 'Decode steps wait for weights and KV cache to stream from memory.'),
    relaxation: Type.Optional(
      ref(RelaxationSchema, { description: 'The cheapest change that lifts it; absent where none was found.' }),
    ),
  },
  { description: 'What limits the answer.' },
);

export const EnergyReportSchema = component(
  'EnergyReport',
  {
    itKilowattHours: ref(UncertainFigureSchema, { description: 'Energy at the servers and their network, kWh.' }),
    facilityKilowattHours: ref(UncertainFigureSchema, {
      description: 'Energy at the meter of the site, kWh: IT energy times PUE.',
    }),
    averageWattsPerDevice: number('Mean power per device at the wall of its node, W.', 812),
    pue: number('Power usage effectiveness used.', 1.18),
    carbonKilograms: ref(UncertainFigureSchema, {
      description: 'Operational emissions, kg CO2e, with the spread of grid figures.',
    }),
    gramsCo2ePerKwh: number('Carbon intensity of the grid used, g CO2e/kWh.', 467),
    embodiedCarbonKilograms: ref(UncertainFigureSchema, { description: 'Share of manufacturing emissions, kg CO2e.' }),
    waterLitres: nullable(
      Type.Number({ description: 'Water for cooling, litres; null where the site is unknown.', examples: [12_000] }),
    ),
  },
  { description: 'Energy and emissions. Electricity is never added to a rental.' },
);

export const RackReportSchema = component(
  'RackReport',
  {
    nodes: Type.Integer({ description: 'Servers needed.', examples: [12] }),
    racks: Type.Integer({ description: 'Racks needed; 0 for edge devices.', examples: [3] }),
    nodesPerRack: Type.Integer({ description: 'Servers per rack.', examples: [4] }),
    kilowattsPerRack: number('Power of a full rack, kW.', 42),
    coolingClass: text('Cooling such a rack needs.', 'direct_liquid'),
    itKilowatts: number('Most that the servers draw together, kW.', 126),
    facilityKilowatts: number('Power of the site for it, kW, PUE included.', 148),
    fits: Type.Boolean({ description: 'Whether one server stays within the power of a rack.', examples: [true] }),
    reason: nullable(
      Type.String({
        description: 'Why it does not fit; null where it does.',
        examples: ['One node draws up to 14.3 kW; the rack may draw 10 kW.'],
      }),
    ),
  },
  { description: 'What it takes up in a data hall.' },
);

const examplePricesLeftOut = {
  layer: 'private_list',
  currency: 'EUR',
  prices: 120,
  detail:
    "120 prices in EUR of the private list are left out, and the public prices of the same offers with them: the price book 'acme-2026' has no rate from EUR to USD that holds at 2026-11-24T00:00:00.000Z. Add one to its exchangeRates.",
} as const;

const PricesLeftOutSchema = component(
  'PricesLeftOut',
  {
    layer: choice(['list', 'private_list'], { description: 'Prices of the public catalog, or of the price book.' }),
    currency: text('ISO 4217 code of their currency.', examplePricesLeftOut.currency),
    prices: Type.Integer({ description: 'How many are in force, of any device.', examples: [120] }),
    detail: text('Why, and what would bring them in.', examplePricesLeftOut.detail),
  },
  { description: 'Prices that no answer can use, for want of a rate of exchange.', examples: [examplePricesLeftOut] },
);

export const ReplaySchema = component(
  'Replay',
  {
    engineVersion: text('Version of this service that computed the answer.', '1.0.0'),
    catalogRevision: Type.Integer({ description: 'Catalog revision used.', examples: [1] }),
    catalogCommittedAt: timestamp('When that revision was made.'),
    pricingAt: timestamp('Prices in force at this time were used.'),
    priceBook: Type.Optional(
      ref(PriceBookPinSchema, { description: 'Price book used, at this revision; absent where none was named.' }),
    ),
    reporting: Type.Optional(
      ref(ReportingSchema, {
        description: 'Currency of the answer and the rate behind it; absent where it is in US dollars.',
      }),
    ),
    pricesLeftOut: Type.Optional(
      list(ref(PricesLeftOutSchema), {
        description: 'Prices in other currencies that could not be converted to US dollars; absent where all could.',
      }),
    ),
  },
  {
    description:
      'What to pin to get the same bytes again: send the request with this pricingAt, catalogRevision and priceBook, and the same reporting, to the same engine version.',
  },
);

/** Fields that answers have in common. */
export const assumptions = Type.Optional(
  list(ref(AssumptionSchema), { description: 'Every default the answer rests on; left out with view=summary.' }),
);
export const replay = ref(ReplaySchema, { description: 'What the answer was computed from.' });
export const repeatable = <Request extends TSchema>(request: Request) =>
  ref(request, {
    description: 'The request with pricingAt and catalogRevision written out: send it again for the same answer.',
  });
export const bandBases = list(ref(BandBasisSchema), {
  description: 'The bases that figures and money refer to by id.',
});
