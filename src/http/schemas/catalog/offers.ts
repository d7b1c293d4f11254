import { Type } from '@sinclair/typebox';
import { PRICE_UNITS } from '../../../domain/catalog/offers.ts';
import { choice, component, list, nullable } from '../component.ts';
import { timestamp } from '../timestamp.ts';
import {
  decimal,
  decimalOrNull,
  integer,
  number,
  numberOrNull,
  originFields,
  provenanceFields,
  text,
  textOrNull,
} from './fields.ts';
import { pageComponent } from './page.ts';

export const SKU_KINDS = [
  'instance',
  'accelerator',
  'server',
  'edge_device',
  'slice',
  'token',
  'managed_platform',
] as const;
export const OFFER_MODES = ['open', 'capacity_block_only', 'reservation_only', 'preview', 'retired'] as const;
export const PRICE_CATEGORIES = ['on_demand', 'spot', 'committed', 'capacity_block', 'purchase', 'token'] as const;
export const PAYMENT_OPTIONS = ['none', 'no_upfront', 'partial_upfront', 'all_upfront'] as const;

const regionId = textOrNull('Region; null for purchases and token APIs without one.', 'aws/me-central-1', 300);
const deviceId = textOrNull('Device; null for tokens and for devices the catalog does not know.', 'nvidia-l4', 300);
const modelId = textOrNull('Model of a token price.', 'meta-llama/Llama-3.1-70B', 300);

export const offerFields = {
  providerId: text('Provider.', 'aws', 100),
  regionId,
  zone: textOrNull('Zone within the region.', 'mec1-az1', 100),
  sku: text('The provider’s own name for it.', 'p5.48xlarge', 200),
  kind: choice(SKU_KINDS, { description: 'What is sold.' }),
  deviceId,
  modelId,
  deviceCount: number('Devices in the offer; a slice has a part of one.', 8),
  vcpus: numberOrNull('Virtual processors.', 192),
  memoryBytes: numberOrNull('Host memory in bytes.', 2.2e12),
  mode: choice(OFFER_MODES, {
    description: 'How it can be had. Something sold only in capacity blocks has no hourly price, not a price of 0.',
  }),
  leadTimeDays: numberOrNull('Days from order to use; null where unknown.', 30),
};

export const OfferSchema = component(
  'CatalogOffer',
  {
    id: text('Id: provider, region or "global", SKU.', 'aws/me-central-1/p5.48xlarge'),
    ...offerFields,
    ...originFields,
  },
  { description: 'Something that can be rented or bought somewhere.' },
);

const identityFields = {
  id: text('Id: offer, category, term, unit. Stable for ever.', 'aws/us-east-1/p5.48xlarge/on_demand'),
  offerId: text('Offer.', 'aws/us-east-1/p5.48xlarge'),
  category: choice(PRICE_CATEGORIES, { description: 'How it is bought.' }),
  termMonths: integer('Term of a commitment in months; 0 where there is none.', 0),
  payment: choice(PAYMENT_OPTIONS, { description: 'How a commitment is paid.' }),
  tierFrom: number('Lower bound of a volume tier, in units.', 0),
  unit: choice(PRICE_UNITS, { description: 'What the amount pays for, of the whole offer.' }),
};

const amountFields = {
  amount: decimalOrNull('Per unit of the whole offer; null where it has no price by this unit.', '55.04'),
  upfront: decimal('Amount paid once at the start of the term.', '0'),
  currency: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', examples: ['USD'] }),
  validFrom: timestamp('Time from which it holds.'),
  validTo: nullable(timestamp('Until when it holds; null while open.')),
  observedAt: timestamp('When it was read.'),
  confirmedAt: Type.Optional(
    timestamp('When a full list of its source last said the same; absent where none did later.'),
  ),
  staleFrom: timestamp('From when it is too old to be trusted, by the limit of its category, unless it is read again.'),
  flags: list(Type.String({ description: 'Remark.' }), {
    description: 'Short names of what the checks on prices noticed, for example crowd_kept.',
  }),
  ...provenanceFields,
  ...originFields,
};

export const PriceSchema = component(
  'CatalogPrice',
  {
    ...identityFields,
    providerId: text('Provider of the offer.', 'aws'),
    regionId,
    deviceId,
    modelId,
    deviceCount: number('Devices in the offer.', 8),
    mode: choice(OFFER_MODES, {
      description: 'How the offer is sold; retired: no longer.',
    }),
    ...amountFields,
  },
  { description: 'A dated price, and what it is the price of.' },
);

export const DatedAmountSchema = component(
  'CatalogDatedAmount',
  { ...identityFields, ...amountFields },
  {
    description: 'What a price was, from when to when, by the source that won.',
    examples: [
      {
        id: 'aws/us-east-1/p5.48xlarge/on_demand',
        offerId: 'aws/us-east-1/p5.48xlarge',
        category: 'on_demand',
        termMonths: 0,
        payment: 'none',
        tierFrom: 0,
        unit: 'hour',
        amount: '52.10',
        upfront: '0',
        currency: 'USD',
        validFrom: '2026-12-01T00:00:00.000Z',
        validTo: null,
        observedAt: '2026-11-24T00:00:00.000Z',
        staleFrom: '2027-05-24T00:00:00.000Z',
        flags: [],
        source: 'Quotation Q-2231',
        sourceDate: '2026-11-20',
        confidence: 'vendor',
        licence: null,
        notes: null,
        sourceId: 'operator',
        revision: 2,
      },
    ],
  },
);

export const priceAmountFields = {
  amount: decimalOrNull('Per unit of the whole offer; null where it has no price by this unit.', '55.04'),
  upfront: Type.Optional(decimal('Amount paid once at the start of the term; 0 where absent.', '0')),
  currency: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', examples: ['USD'] }),
  validFrom: Type.Optional(
    Type.String({
      description: 'From when it holds, RFC 3339; from now on where absent. It holds until the next date known.',
      format: 'date-time',
      examples: ['2026-12-01T00:00:00Z'],
    }),
  ),
};

export const PricePageSchema = pageComponent('CatalogPricePage', PriceSchema, 'Prices in force.');
export const DatedAmountPageSchema = pageComponent(
  'CatalogDatedAmountPage',
  DatedAmountSchema,
  'Dated amounts, oldest first.',
);
