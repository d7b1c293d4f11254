/** Answers may be given in another currency than US dollars, in which everything is computed. */
import { Type } from '@sinclair/typebox';
import { choice, component, components, ref } from './component.ts';
import { timestamp } from './timestamp.ts';

const currency = Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', examples: ['AED'] });
const unitsPerUsd = Type.String({
  description: 'Units of the currency for one US dollar, a decimal string above 0.',
  pattern: '^[0-9]{1,12}(\\.[0-9]{1,12})?$',
  examples: ['3.6725'],
});
const source = Type.String({ description: 'Who says so.', minLength: 1, maxLength: 500, examples: ['Treasury'] });

const GivenRateSchema = component(
  'ReportingRate',
  {
    unitsPerUsd,
    validFrom: Type.String({
      description: 'From when it holds, RFC 3339 or a date (midnight UTC); not after pricingAt.',
      maxLength: 40,
      examples: ['2026-11-01'],
    }),
    source,
  },
  { description: 'A dated rate of exchange of your own.' },
);

export const ReportingRequestSchema = component(
  'ReportingRequest',
  {
    currency,
    exchangeRate: Type.Optional(
      ref(GivenRateSchema, {
        description: 'The rate to use; the one of the price book that holds at pricingAt where absent.',
      }),
    ),
  },
  {
    description:
      'Currency of the answer. Every amount that stands with a currency, and every amount marked x-reporting-currency, is multiplied by one dated rate without rounding, so that lines sum to totals. What says Usd in its name, prices as quoted (under prices) and sentences stay in US dollars, in which everything is computed.',
    examples: [
      {
        currency: 'AED',
        exchangeRate: { unitsPerUsd: '3.6725', validFrom: '2026-11-01', source: 'Central bank, peg' },
      },
    ],
  },
);

export const ReportingSchema = component(
  'Reporting',
  {
    currency,
    unitsPerUsd,
    validFrom: timestamp('From when the rate holds.'),
    source,
    takenFrom: choice(['request', 'price_book'], { description: 'Where the rate was given.', examples: ['request'] }),
  },
  { description: 'Currency that the answer is in, and the rate behind it.' },
);

/** An amount in the currency of the answer, without its name. Fields with Usd in their name are always in dollars. */
export const reportedAmount = (description: string, example = '45000.0000') =>
  Type.String({
    description: `${description} In the reporting currency: US dollars unless another is asked for.`,
    pattern: '^-?[0-9]+(\\.[0-9]+)?$',
    examples: [example],
    'x-reporting-currency': true,
  });

/** Names of all those fields. A test checks that no text field with another meaning has one of these names. */
export const reportedAmountNames = (): ReadonlySet<string> =>
  new Set(
    components().flatMap((schema) =>
      Object.entries((schema.properties ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>)
        .filter(([, property]) => property['x-reporting-currency'] === true)
        .map(([name]) => name),
    ),
  );
