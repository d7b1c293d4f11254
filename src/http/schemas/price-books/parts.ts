/** What a price book is made of: discounts, contracts, rates of exchange and hardware bought on agreed terms. */
import { Type } from '@sinclair/typebox';
import { PRICE_UNITS } from '../../../domain/catalog/offers.ts';
import { decimal, integer, text } from '../catalog/fields.ts';
import { PAYMENT_OPTIONS, PRICE_CATEGORIES } from '../catalog/offers.ts';
import { choice, component, list, nullable, ref } from '../component.ts';

const RULE_ID = '^[a-z0-9][a-z0-9._-]{0,59}$';
const ruleId = (example: string) =>
  Type.String({
    description: 'Your name for it; answers give it when it wins.',
    pattern: RULE_ID,
    examples: [example],
  });

const named = (description: string, example: string) =>
  Type.Optional(
    list(Type.String({ description: 'Id.', minLength: 1, maxLength: 300 }), {
      description,
      maxItems: 500,
      examples: [[example]],
    }),
  );

const dates = {
  validFrom: Type.String({
    description: 'From when it holds, RFC 3339 or a date (midnight UTC).',
    maxLength: 40,
    examples: ['2026-01-01T00:00:00Z'],
  }),
  validTo: Type.Optional(
    nullable(
      Type.String({
        description: 'Time until which it holds, not included; absent or null while it has no end.',
        maxLength: 40,
        examples: ['2027-01-01T00:00:00Z'],
      }),
    ),
  ),
};

const currency = (description: string) => Type.String({ description, pattern: '^[A-Z]{3}$', examples: ['USD'] });
const source = text('Document it stands in.', 'Frame contract 4711', 500);
const basis = (what: string) =>
  Type.Optional(
    choice(['device', 'offer'], {
      description: `${what} device: for each device of the offer (a device-hour of an instance with eight is an eighth); offer: for the whole offer, as list prices are.`,
      default: 'device',
    }),
  );

const selectorFields = {
  providers: named('Of these providers; of all where absent or empty.', 'aws'),
  regions: named('Only offers in these regions, by id.', 'aws/us-east-1'),
  devices: named('Only offers with these devices.', 'nvidia-h100-sxm5-80gb'),
  offers: named('Only these offers.', 'aws/us-east-1/p5.48xlarge'),
};

const PriceSelectorSchema = component(
  'PriceSelector',
  {
    ...selectorFields,
    categories: Type.Optional(
      list(choice(PRICE_CATEGORIES, { description: 'Category.' }), {
        description: 'Only prices of these categories.',
        maxItems: 6,
        examples: [['on_demand']],
      }),
    ),
  },
  { description: 'Which prices a rule is about: those that every part given names. An empty one is about all.' },
);

const OfferSelectorSchema = component('OfferSelector', selectorFields, {
  description: 'Which offers a contract is about: those that every part given names; at least one part is needed.',
});

export const DiscountSchema = component(
  'PriceDiscount',
  {
    id: ruleId('edp'),
    selector: Type.Optional(ref(PriceSelectorSchema, { description: 'What it comes off; everything where absent.' })),
    percent: Type.Optional(
      decimal('Percentage off amount and upfront part, above 0 and at most 100. This or amountOff.', '12.5'),
    ),
    amountOff: Type.Optional(
      decimal('Off the amount per unit; what would fall below zero is zero. This or percent.', '0.25'),
    ),
    currency: Type.Optional(currency('ISO 4217 code of amountOff.')),
    per: basis('What amountOff is for.'),
    onPrivateList: Type.Optional(
      Type.Boolean({
        description: 'Whether it comes off the private list too, whose prices are net by themselves.',
        default: false,
      }),
    ),
    ...dates,
  },
  {
    description:
      'Off the list price. Of several that apply the one that leaves the lowest price counts; they do not add up.',
  },
);

export const ContractSchema = component(
  'PriceContract',
  {
    id: ruleId('h100-frame'),
    selector: ref(OfferSelectorSchema, { description: 'Which offers it is about.' }),
    category: choice(PRICE_CATEGORIES, {
      description: 'How it is bought; what estimates ask for with purchase.category.',
    }),
    termMonths: Type.Optional(
      integer('Months of commitment; needed for committed, 0 otherwise.', 12, { maximum: 1200 }),
    ),
    payment: Type.Optional(choice(PAYMENT_OPTIONS, { description: 'How a commitment is paid; none where absent.' })),
    unit: Type.Optional(choice(PRICE_UNITS, { description: 'What the amount pays for; hour where absent.' })),
    amount: decimal('Agreed price per unit.', '2.10'),
    upfront: Type.Optional(decimal('Amount paid once at the start of the term; 0 where absent.', '0')),
    currency: currency('ISO 4217 code.'),
    per: basis('What amount and upfront are for.'),
    source,
    ...dates,
  },
  { description: 'A price agreed on: it wins over every list, and makes a price where no list has one.' },
);

export const ExchangeRateSchema = component(
  'ExchangeRate',
  {
    base: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', examples: ['USD'] }),
    quote: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', examples: ['AED'] }),
    rate: decimal('Units of quote for one unit of base. Also used for the opposite direction.', '3.6725'),
    source,
    ...dates,
  },
  { description: 'A dated rate at which prices of one currency are taken in another.' },
);

const PurchaseTierSchema = component(
  'PurchaseTier',
  {
    fromUnits: integer('Units bought at once from which the price holds.', 16, { maximum: 1_000_000_000 }),
    unitPrice: decimal('Price of one unit.', '290000'),
  },
  { description: 'A volume tier.' },
);

export const PurchaseAgreementSchema = component(
  'PurchaseAgreement',
  {
    id: ruleId('dgx-h100-q1'),
    deviceId: text('Device that is bought.', 'nvidia-h100-sxm5-80gb', 300),
    supplier: text('Who sells it.', 'a-reseller', 100),
    devicesPerUnit: Type.Optional(
      Type.Integer({ description: 'Devices in one unit.', minimum: 1, maximum: 100_000, default: 1, examples: [8] }),
    ),
    includesServer: Type.Optional(
      Type.Boolean({
        description: 'A unit is a whole server; of a bare device the server around it is assumed.',
        default: false,
      }),
    ),
    unitPrice: decimal('Price of one unit.', '310000'),
    tiers: Type.Optional(
      list(ref(PurchaseTierSchema), { description: 'Prices of larger numbers, by rising fromUnits.', maxItems: 50 }),
    ),
    currency: currency('ISO 4217 code.'),
    leadTimeDays: Type.Optional(nullable(integer('Days from order to use.', 60, { maximum: 10_000 }))),
    warrantyMonths: Type.Optional(
      nullable(
        integer('Months in which the supplier maintains it; no maintenance is counted for them.', 36, {
          maximum: 1200,
        }),
      ),
    ),
    usefulLifeYears: Type.Optional(
      nullable(
        Type.Number({
          description: 'Years over which it is written off.',
          exclusiveMinimum: 0,
          maximum: 100,
          examples: [5],
        }),
      ),
    ),
    residualPercent: Type.Optional(
      nullable(
        Type.Number({
          description: 'What it still fetches then, in percent of its price.',
          minimum: 0,
          maximum: 100,
          examples: [15],
        }),
      ),
    ),
    source,
    ...dates,
  },
  { description: 'Hardware that can be bought on agreed terms; wins over list prices of the device.' },
);
