/** What operators send. */

import { type TObject, type TProperties, Type } from '@sinclair/typebox';
import { PRICE_UNITS } from '../../../domain/catalog/offers.ts';
import { indefinite } from '../../indefinite.ts';
import { choice, component, list, nullable, ref } from '../component.ts';
import { integer, optional, provenanceFields, text } from './fields.ts';
import { ClaimInputSchema } from './hardware.ts';
import { PAYMENT_OPTIONS, PRICE_CATEGORIES, priceAmountFields } from './offers.ts';

/** Who says it; the source has to be named, its licence and remarks may be. */
const statementFields = {
  source: provenanceFields.source,
  sourceDate: nullable(
    Type.String({
      description: 'Date the source carries, or on which it was read; null where it has none.',
      pattern: '^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$',
      examples: ['2026-11-20'],
    }),
  ),
  confidence: provenanceFields.confidence,
  licence: Type.Optional(provenanceFields.licence),
  notes: Type.Optional(provenanceFields.notes),
};

/** A statement about an entry of a kind: any of its fields, and the source. */
export const inputComponent = (schema: TObject, fields: TProperties, noun: string, example: object): TObject =>
  component(
    `${schema.$id}Input`,
    {
      ...optional(fields),
      ...statementFields,
      ...(schema.$id === 'CatalogDevice' && {
        claims: Type.Optional(
          list(ref(ClaimInputSchema), {
            description:
              'Figures claimed. Each wins over the seed’s; figures that are not claimed here stay as they are.',
            maxItems: 200,
          }),
        ),
      }),
    },
    {
      description: `What you state of ${indefinite(noun)}, with its source. Fields left out stay as they are; ${indefinite(noun)} that is new needs all of them, except that null and empty lists may be left out.`,
      examples: [example],
    },
  );

export const PriceInputSchema = component(
  'CatalogPriceInput',
  {
    ...priceAmountFields,
    ...statementFields,
    offerId: Type.Optional(text('Offer; needed for a price that is new.', 'aws/me-central-1/p5.48xlarge', 300)),
    category: Type.Optional(
      choice(PRICE_CATEGORIES, { description: 'How it is bought; needed for a price that is new.' }),
    ),
    termMonths: Type.Optional(integer('Months of commitment; 0 where absent.', 12, { maximum: 1200 })),
    payment: Type.Optional(choice(PAYMENT_OPTIONS, { description: 'How a commitment is paid; none where absent.' })),
    tierFrom: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e15,
        description: 'Lower bound of a volume tier; 0 where absent.',
        examples: [0],
      }),
    ),
    unit: Type.Optional(choice(PRICE_UNITS, { description: 'What the amount pays for; hour where absent.' })),
  },
  {
    description: 'A dated price with its source. It holds from its date until the next date known.',
    examples: [
      {
        amount: '52.10',
        currency: 'USD',
        validFrom: '2026-12-01T00:00:00Z',
        source: 'Quotation Q-2231',
        sourceDate: '2026-11-20',
        confidence: 'vendor',
      },
    ],
  },
);
