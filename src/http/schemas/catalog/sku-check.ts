import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../component.ts';
import { text } from './fields.ts';

/** So that a full check stays within a few tens of milliseconds. */
const MAX_SKUS = 200;

const SkuQuerySchema = component(
  'SkuQuery',
  {
    provider: text('Provider id.', 'aws', 100),
    region: Type.Optional(text('Region id or the provider’s own code; any region where absent.', 'us-east-1', 300)),
    sku: text('The provider’s name for it.', 'p5.48xlarge', 200),
  },
  {
    description: 'What a row of a price list names.',
    examples: [{ provider: 'aws', region: 'us-east-1', sku: 'p5.48xlarge' }],
  },
);

export const SkuCheckRequestSchema = component(
  'SkuCheckRequest',
  {
    skus: list(ref(SkuQuerySchema), { description: 'Names to look up.', minItems: 1, maxItems: MAX_SKUS }),
  },
  {
    description: 'Names from a price list.',
    examples: [
      {
        skus: [
          { provider: 'aws', region: 'us-east-1', sku: 'p5.48xlarge' },
          { provider: 'aws', region: 'us-east-1', sku: 'p5.48xlrge' },
        ],
      },
    ],
  },
);

const SkuCheckItemSchema = component(
  'SkuCheckItem',
  {
    status: choice(['known', 'unknown'], { description: 'Whether the catalog has it.' }),
    offerIds: list(Type.String({ description: 'Offer id.' }), {
      description: 'Offers that it means; empty when unknown.',
    }),
    unknown: Type.Optional(
      choice(['provider', 'region', 'sku'], {
        description:
          'Which part the catalog does not know: the provider, the SKU at this provider, or the SKU in this region.',
      }),
    ),
    nearest: list(Type.String({ description: 'Known name.' }), {
      description: 'The nearest known names for the unknown part, the nearest first; empty when nothing is near.',
    }),
    detail: Type.String({
      description: 'The result as a sentence.',
      examples: ["aws has no SKU 'p5.48xlrge'. Did you mean 'p5.48xlarge'?"],
    }),
  },
  {
    description: 'What became of one name.',
    examples: [
      {
        status: 'unknown',
        offerIds: [],
        unknown: 'sku',
        nearest: ['p5.48xlarge'],
        detail: "aws has no SKU 'p5.48xlrge'. Did you mean 'p5.48xlarge'?",
      },
    ],
  },
);

export const SkuCheckSchema = component(
  'SkuCheck',
  {
    items: list(ref(SkuCheckItemSchema), { description: 'One for each name, in order.' }),
    unknownCount: Type.Integer({ description: 'How many are unknown.', minimum: 0, examples: [1] }),
    catalogRevision: Type.Integer({ description: 'Revision of the catalog that was read.', minimum: 0, examples: [1] }),
  },
  { description: 'Which names of a price list the catalog knows.' },
);
