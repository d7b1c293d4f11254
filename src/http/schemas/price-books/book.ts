/** What one buyer pays instead of the public list. */

import { Type } from '@sinclair/typebox';
import { integer, text } from '../catalog/fields.ts';
import { component, list, nullable, ref } from '../component.ts';
import { timestamp } from '../timestamp.ts';
import { ContractSchema, DiscountSchema, ExchangeRateSchema, PurchaseAgreementSchema } from './parts.ts';

export const EXAMPLE_BOOK_ID = 'acme-2026';

const bounded = <Item extends Parameters<typeof list>[0]>(item: Item, description: string) =>
  Type.Optional(list(item, { description, maxItems: 2000 }));

const bookFields = {
  name: text('Name shown to people.', 'Acme, 2026'),
  discounts: bounded(ref(DiscountSchema), 'Discounts on list prices.'),
  contracts: bounded(ref(ContractSchema), 'Agreed prices.'),
  exchangeRates: bounded(ref(ExchangeRateSchema), 'Rates of exchange.'),
  purchases: bounded(ref(PurchaseAgreementSchema), 'Hardware bought.'),
};

export const exampleBook = {
  name: 'Acme, 2026',
  discounts: [
    {
      id: 'edp',
      selector: { providers: ['aws'], categories: ['on_demand'] },
      percent: '12.5',
      validFrom: '2026-01-01',
    },
  ],
  contracts: [
    {
      id: 'h100-frame',
      selector: { providers: ['aws'], devices: ['nvidia-h100-sxm5-80gb'] },
      category: 'committed',
      termMonths: 12,
      payment: 'no_upfront',
      amount: '2.10',
      currency: 'USD',
      source: 'Frame contract 4711',
      validFrom: '2026-01-01',
      validTo: '2027-01-01',
    },
  ],
  exchangeRates: [{ base: 'USD', quote: 'AED', rate: '3.6725', source: 'Central bank, peg', validFrom: '2026-01-01' }],
  purchases: [
    {
      id: 'dgx-h100-q1',
      deviceId: 'nvidia-h100-sxm5-80gb',
      supplier: 'a-reseller',
      devicesPerUnit: 8,
      includesServer: true,
      unitPrice: '310000',
      tiers: [{ fromUnits: 16, unitPrice: '290000' }],
      currency: 'USD',
      leadTimeDays: 60,
      warrantyMonths: 36,
      usefulLifeYears: 5,
      residualPercent: 15,
      source: 'Quotation Q-2231',
      validFrom: '2026-01-01',
    },
  ],
} as const;

export const PriceBookInputSchema = component('PriceBookInput', bookFields, {
  description: 'All that the book says from now on, apart from its private list. What is left out is no longer in it.',
  examples: [exampleBook],
});

const shownFields = {
  id: text('Id of the book, which estimates name.', EXAMPLE_BOOK_ID),
  revision: Type.Integer({
    description: 'Its last change, of the private list as well; pin it to get the same prices again.',
    minimum: 1,
    examples: [12],
  }),
  committedAt: timestamp('When that revision was made.'),
  changedBy: text('Label of the key that made that revision.', 'ADMIN_API_KEY'),
  privateListRevision: nullable(
    Type.Integer({
      description: 'Last change of the private list; null where none was sent.',
      minimum: 1,
      examples: [9],
    }),
  ),
};

const shown = {
  id: EXAMPLE_BOOK_ID,
  revision: 12,
  committedAt: '2026-11-24T00:00:00.000Z',
  changedBy: 'ADMIN_API_KEY',
  privateListRevision: null,
};

export const PriceBookSchema = component(
  'PriceBook',
  { ...shownFields, ...bookFields },
  {
    description: 'A price book at a revision.',
    examples: [
      {
        ...shown,
        name: exampleBook.name,
        discounts: [
          {
            ...exampleBook.discounts[0],
            onPrivateList: false,
            validFrom: '2026-01-01T00:00:00.000Z',
            validTo: null,
          },
        ],
        contracts: [],
        exchangeRates: [],
        purchases: [],
      },
    ],
  },
);

const PriceBookSummarySchema = component(
  'PriceBookSummary',
  {
    ...shownFields,
    name: bookFields.name,
    discountCount: integer('Discounts in it.', 1),
    contractCount: integer('Contracts in it.', 1),
    exchangeRateCount: integer('Exchange rates in it.', 1),
    purchaseCount: integer('Purchase agreements in it.', 1),
  },
  { description: 'A price book in a list.' },
);

export const PriceBookListSchema = component(
  'PriceBookList',
  { items: list(ref(PriceBookSummarySchema), { description: 'Price books, by id.' }) },
  {
    description: 'All price books of the tenant.',
    examples: [
      {
        items: [
          {
            ...shown,
            name: exampleBook.name,
            discountCount: 1,
            contractCount: 1,
            exchangeRateCount: 1,
            purchaseCount: 1,
          },
        ],
      },
    ],
  },
);

const PriceBookChangeSchema = component(
  'PriceBookChange',
  {
    revision: Type.Integer({ description: 'Revision that it made.', minimum: 1, examples: [12] }),
    committedAt: timestamp('When the change was made.'),
    actor: text('Label of the key that made the change.', 'ADMIN_API_KEY'),
    reason: text('What was changed.', 'Price book written', 3000),
  },
  { description: 'A change of a price book or its private list.' },
);

export const PriceBookChangeListSchema = component(
  'PriceBookChangeList',
  { items: list(ref(PriceBookChangeSchema), { description: 'Changes, the newest first.' }) },
  {
    description: 'All changes of a price book.',
    examples: [
      {
        items: [
          {
            revision: 12,
            committedAt: '2026-11-24T00:00:00.000Z',
            actor: 'ADMIN_API_KEY',
            reason: 'Price book written',
          },
        ],
      },
    ],
  },
);

/** How a request for prices names a book. */
export const PriceBookPinSchema = component(
  'PriceBookPin',
  {
    id: Type.String({ description: 'Id of the price book.', minLength: 1, maxLength: 60, examples: [EXAMPLE_BOOK_ID] }),
    revision: Type.Optional(
      Type.Integer({
        description: 'As it was at this revision; as it is where absent. Answers give it back.',
        minimum: 1,
        maximum: 2_147_483_647,
        examples: [12],
      }),
    ),
  },
  { description: 'A price book, and maybe a revision of it.' },
);
