import { Type } from '@sinclair/typebox';
import { text } from '../answer-fields.ts';
import { component, list, nullable, ref, unionComponent } from '../component.ts';
import { deviceFields } from '../device-selector.ts';
import { pinFields } from '../pins.ts';
import { LocationSchema, OwnedTermsSchema, SiteFactsSchema, SurchargesSchema } from '../purchase.ts';
import { positiveInteger, usd } from '../quantity.ts';
import { reportedAmount } from '../reporting-currency.ts';
import {
  assumptions,
  bandBases,
  CostBreakdownSchema,
  MoneyFigureSchema,
  PriceUseSchema,
  repeatable,
  replay,
} from './answer.ts';
import { HardwarePricesSchema, StaffSchema } from './lifecycle/request.ts';

const { customDevice } = deviceFields;

const ReplacementTermsSchema = component(
  'ReplacementTerms',
  {
    switchingPercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 200,
        description:
          'Cost of the exchange (removal, installation, burn-in, moving the service, running both for a while) in percent of the purchase price; 6 where absent.',
        examples: [6],
      }),
    ),
  },
  { description: 'The swap of old hardware for new.', examples: [{ switchingPercent: 6 }] },
);

export const OwnOrRentRequestSchema = component(
  'OwnOrRentRequest',
  {
    device: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Catalog id of the device. Exactly one of device and customDevice.',
        examples: ['nvidia-h100-sxm5-80gb'],
      }),
    ),
    customDevice,
    devices: positiveInteger('Devices needed.', 1_000_000, 64),
    clustered: Type.Optional(
      Type.Boolean({
        description: 'Several machines that need a fast network between them, as for training; no where absent.',
        examples: [true],
      }),
    ),
    neededPercent: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 100,
        description: 'Share of the hours of a month in which the devices are needed, percent; 100 where absent.',
        examples: [60],
      }),
    ),
    location: Type.Optional(
      ref(LocationSchema, { description: 'Where they must stand or be rented; anywhere where absent.' }),
    ),
    owned: Type.Optional(ref(OwnedTermsSchema, { description: 'Terms of owning.' })),
    usdPerDeviceHour: Type.Optional(usd('A rate you were offered, beside those of the catalog.', '2.10')),
    staff: Type.Optional(ref(StaffSchema, { description: 'People who keep owned hardware running.' })),
    hardwarePrices: Type.Optional(ref(HardwarePricesSchema, { description: 'How hardware gets cheaper.' })),
    replacement: Type.Optional(
      ref(ReplacementTermsSchema, { description: 'What swapping old hardware for new takes.' }),
    ),
    discountRatePercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Yearly rate that takes later money to its present value; 8 where absent.',
        examples: [8],
      }),
    ),
    site: Type.Optional(ref(SiteFactsSchema, { description: 'What you know of the site.' })),
    surcharges: Type.Optional(ref(SurchargesSchema, { description: 'Support, licences, tax and duty.' })),
    ...pinFields,
  },
  {
    description: 'Devices, the hours in which they are needed, and the terms of owning. device and devices are enough.',
    examples: [{ device: 'nvidia-h100-sxm5-80gb', devices: 64, clustered: true }],
  },
);

const OwnedSchema = component(
  'OwnedHardware',
  {
    costPerMonth: ref(CostBreakdownSchema, { description: 'A month of its life, whether it works or waits.' }),
    costPerUsefulDeviceHour: ref(MoneyFigureSchema, { description: 'Over the hours in which it is needed.' }),
    devicesPaid: Type.Integer({
      description: 'Devices bought; more than are needed where they come in whole servers.',
      examples: [64],
    }),
    capital: reportedAmount('Spent at once: devices, servers, network, spares and duty.'),
    residual: reportedAmount('What it still fetches at the end of its life.'),
    lifeMonths: Type.Integer({ description: 'Months over which it is written off.', examples: [60] }),
    prices: list(ref(PriceUseSchema), { description: 'Catalog prices used.' }),
  },
  { description: 'Owning.' },
);

const CashYearSchema = component(
  'CashYear',
  {
    year: Type.Number({ description: '0 is the day of the purchase.', examples: [1] }),
    owned: reportedAmount('Amount spent by then on owning, before the residual value is received.'),
    rented: reportedAmount(
      'Spent by then on renting, at falling prices; a commitment keeps its price for its term, and what it asks upfront is spent when the term begins.',
    ),
  },
  { description: 'Cumulative cash.' },
);

const RentalSchema = component(
  'RentedHardware',
  {
    id: text('Name of the terms.', 'on_demand'),
    label: text('Name for people.', 'On demand'),
    providerId: nullable(Type.String({ description: 'Provider; null for a rate of your own.', examples: ['gcp'] })),
    regionId: nullable(
      Type.String({ description: 'Region; null where the offer has none.', examples: ['gcp/europe-north1'] }),
    ),
    devicesPaid: Type.Integer({
      description: 'Devices paid for; more than are used where instances hold more.',
      examples: [64],
    }),
    termMonths: Type.Integer({ description: 'Term of a commitment in months; 0 where there is none.', examples: [0] }),
    costPerMonth: ref(CostBreakdownSchema, {
      description: 'A month: the hours needed, or all of them under a commitment.',
    }),
    costPerUsefulDeviceHour: ref(MoneyFigureSchema, { description: 'Over the hours in which it is needed.' }),
    breakEvenUtilization: nullable(
      Type.Number({
        description:
          'Share of the hours in use above which owning costs less; 0 where it always does, null where it never does or, against a commitment whose hours are all paid, only below a share that the statement names.',
        examples: [0.48],
      }),
    ),
    breakEvenMonth: nullable(
      Type.Integer({
        description: 'Month by which owning has cost less in cash; null where it does not within the life.',
        examples: [25],
      }),
    ),
    presentValueOwned: Type.Optional(
      reportedAmount('Owning over its life at its present value, less the residual; absent without a purchase price.'),
    ),
    presentValueRented: Type.Optional(reportedAmount('Renting over the same time at its present value.')),
    cash: list(ref(CashYearSchema), { description: 'Cumulative cash by year.' }),
    statement: text('The same in words.', 'On demand, owning costs less from 48 % of the hours on.'),
    prices: list(ref(PriceUseSchema), { description: 'Catalog prices used.' }),
  },
  { description: 'Renting on one kind of terms, set against owning.' },
);

const ReplacementYearSchema = component(
  'ReplacementYear',
  {
    year: Type.Integer({ description: 'Age of the hardware.', examples: [3] }),
    keep: reportedAmount('A month of running it on.'),
    replace: reportedAmount('Cost of a month on new hardware for the same work, everything counted.'),
  },
  { description: 'Keeping against replacing.' },
);

const ReplacementSchema = component(
  'HardwareReplacement',
  {
    year: nullable(
      Type.Integer({ description: 'First year in which replacing costs less; null where none does.', examples: [4] }),
    ),
    statement: text('The same in words.', 'From year 4 on, running it costs more than …'),
    years: list(ref(ReplacementYearSchema), { description: 'Figures for each year of age of the hardware.' }),
  },
  { description: 'When to replace owned hardware.' },
);

const UnavailableSchema = component(
  'UnavailableTerms',
  {
    id: text('Name of the terms.', 'spot'),
    detail: text('Why not.', 'NVIDIA H100 SXM5 80GB is not offered as spot there.'),
  },
  { description: 'Terms that are not to be had.' },
);

const answer = {
  summary: text('The answer in a few sentences.', '64 x NVIDIA H100 SXM5 80GB, needed 100 % of the hours: …'),
  unavailable: list(ref(UnavailableSchema), { description: 'Terms that are not to be had, and why.' }),
  assumptions,
  request: repeatable(OwnOrRentRequestSchema),
  replay,
};

const FeasibleSchema = component(
  'FeasibleOwnOrRent',
  {
    status: Type.Literal('feasible', { description: 'The hardware can be rented or bought.' }),
    ...answer,
    owned: Type.Optional(ref(OwnedSchema, { description: 'Owning; absent without a purchase price.' })),
    rentals: list(ref(RentalSchema), { description: 'Renting, cheapest first.' }),
    replacement: Type.Optional(ref(ReplacementSchema, { description: 'When to replace it; absent without owning.' })),
    bandBases: Type.Optional(bandBases),
  },
  { description: 'Owning against renting.' },
);

const InfeasibleSchema = component(
  'InfeasibleOwnOrRent',
  {
    status: Type.Literal('infeasible', { description: 'It can be neither bought nor rented.' }),
    ...answer,
    summary: text('Why, in a sentence.', 'Google TPU v5p can be neither bought nor rented in PK.'),
  },
  { description: 'No price on any terms: a result with reasons.' },
);

export const OwnOrRentSchema = unionComponent('OwnOrRentEstimate', 'status', [FeasibleSchema, InfeasibleSchema], {
  description: 'The answer to the question whether to own or to rent.',
});

/** Questions that Swagger UI offers; each is replayed against the seed by a test. */
export const ownOrRentExamples = {
  cluster: {
    summary: 'A cluster of 64 H100s that works all day',
    value: { device: 'nvidia-h100-sxm5-80gb', devices: 64, clustered: true },
  },
  gulf: {
    summary: 'Eight H100s in the UAE for a third of the hours, a price in hand, duty and tax',
    value: {
      device: 'nvidia-h100-sxm5-80gb',
      devices: 8,
      neededPercent: 33,
      location: { country: 'AE' },
      owned: { purchasePricePerDevice: '30000', usefulLifeYears: 4, colocationUsdPerKwMonth: 180 },
      surcharges: { dutyPercent: 5, taxPercent: 5 },
    },
  },
  offer: {
    summary: 'Four cards of your own against a rate you were offered',
    value: { device: 'nvidia-rtx-4090-24gb', devices: 4, usdPerDeviceHour: '0.35' },
  },
} as const;
