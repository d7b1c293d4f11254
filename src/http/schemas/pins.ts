/** What an answer goes by: price book, time, catalog revision and currency. Answers give the pins back, so that they can be replayed. */
import { Type } from '@sinclair/typebox';
import { ref } from './component.ts';
import { PriceBookPinSchema } from './price-books/book.ts';
import { ReportingRequestSchema } from './reporting-currency.ts';

export const pinFields = {
  priceBook: Type.Optional(
    ref(PriceBookPinSchema, {
      description:
        'Prices of this price book instead of the public list; each price used says which layer won. Needs an API key of its tenant with the scope books:read, in X-API-Key; a book of another tenant is reported as unknown.',
    }),
  ),
  pricingAt: Type.Optional(
    Type.String({
      format: 'date-time',
      description:
        'Prices in force at this time; now where absent. Answers give it back, so that they can be replayed.',
      examples: ['2026-11-01T00:00:00Z'],
    }),
  ),
  catalogRevision: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Answer from this catalog revision; the newest where absent.',
      examples: [1],
    }),
  ),
  reporting: Type.Optional(
    ref(ReportingRequestSchema, { description: 'Currency to answer in; US dollars where absent.' }),
  ),
};

export const PINS = ['priceBook', 'pricingAt', 'catalogRevision', 'reporting'] as const;
