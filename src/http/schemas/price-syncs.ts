/** Price lists in bulk: the report on each, and the lists that it is too long for. */
import { Type } from '@sinclair/typebox';
import { decimalOrNull, integer, text, textOrNull } from './catalog/fields.ts';
import { choice, component, list, nullable, ref } from './component.ts';
import { EXAMPLE_OPERATION_ID, FailureSchema, OPERATION_STATES, operationId } from './operations.ts';
import { page } from './page.ts';
import { timestamp } from './timestamp.ts';

const names = (description: string) => list(Type.String({ description: 'Name.' }), { description });

const SyncScopeSchema = component(
  'PriceSyncScope',
  {
    providers: names('Providers; all where empty.'),
    regions: names('Regions, by the providers’ own codes; all where empty.'),
    categories: names('Price categories; all where empty.'),
  },
  { description: 'What a list speaks about. A full list ends nothing outside of it.' },
);

const count = (description: string) => integer(description, 12);

const SyncCountsSchema = component(
  'PriceSyncCounts',
  {
    rows: count('Rows of the list.'),
    inserted: count('Prices that are new for this source.'),
    changed: count('Prices with another amount than before.'),
    closed: count('Prices that end: withdrawn by a row, or left out of a full list.'),
    unchanged: count('Rows that repeat what the source says already.'),
    rejected: count('Rows that cannot be taken; rejections say why.'),
    quarantined: count('Suspicious changes that wait for a decision; the old price stays.'),
    takenBack: count('Announced prices of later dates that a full list no longer names.'),
    offersAdded: count('Offers that the catalog did not know.'),
  },
  { description: 'What became of the rows.' },
);

const LeftOutSchema = component(
  'PriceSyncLeftOut',
  {
    reason: text('Why these prices were left out.', 'another operating system than Linux'),
    prices: integer('How many prices of the file.', 1200),
  },
  { description: 'Prices of a published file that were left out in the conversion.' },
);

const exampleNote = {
  code: 'no_exchange_rate',
  currency: 'EUR',
  count: 120,
  detail:
    '120 prices are in EUR, and the price book has no rate from EUR to USD now. Estimates that name the book leave them out until its exchangeRates have one.',
} as const;

const NoteSchema = component(
  'PriceSyncNote',
  {
    code: text(
      'What it is about. no_exchange_rate: prices of a private list that estimates leave out, since its book cannot convert them; other_currency: public prices that count only with a price book that converts them; not_compared: first prices that nothing is known to be held against; rejections_left_out: more mistakes than are listed. More may be added.',
      exampleNote.code,
    ),
    currency: textOrNull('ISO 4217 code; null where it is not about a currency.', exampleNote.currency),
    count: integer(
      'How many prices; of not_compared, how many offers; of rejections_left_out, how many sentences.',
      exampleNote.count,
    ),
    detail: text('A sentence that says what to do.', exampleNote.detail, 2000),
  },
  { description: 'What should be known of a list beside what became of its rows.', examples: [exampleNote] },
);

const RejectionSchema = component(
  'PriceSyncRejection',
  {
    rowNumber: integer('Row of the list, 1 being the first after the header.', 17),
    field: text('Field that is wrong; "row" when it is the row as a whole.', 'amount'),
    rule: text('Rule that is broken, for machines. More may be added.', 'negative'),
    detail: text('A sentence that says what to change.', "'-5' is below zero; a price is what is paid.", 10_000),
  },
  {
    description: 'Why a row was not taken.',
    examples: [
      { rowNumber: 17, field: 'amount', rule: 'negative', detail: "'-5' is below zero; a price is what is paid." },
    ],
  },
);

const exampleDifference = {
  change: 'changed',
  priceId: 'aws/us-east-1/p5.48xlarge/on_demand',
  currency: 'USD',
  validFrom: '2026-11-24T00:00:00.000Z',
  oldAmount: '55.04',
  oldUpfront: '0',
  newAmount: '52.10',
  newUpfront: '0',
} as const;

const DifferenceSchema = component(
  'PriceDifference',
  {
    change: choice(['inserted', 'changed', 'closed', 'taken_back'], {
      description:
        'Kind of change. taken_back: the statement no longer holds, and what the source said for earlier dates continues.',
    }),
    priceId: text('Catalog price.', exampleDifference.priceId, 500),
    currency: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', examples: ['USD'] }),
    validFrom: timestamp('Time from which it holds.'),
    oldAmount: decimalOrNull('What the same source said for that date before; null where nothing.', '55.04'),
    oldUpfront: decimalOrNull('Amount paid upfront before the change.', '0'),
    newAmount: decimalOrNull('What it says now; null where the price ends.', '52.10'),
    newUpfront: decimalOrNull('The same, paid upfront.', '0'),
  },
  { description: 'One price that changes.', examples: [exampleDifference] },
);

const exampleWaiting = {
  rowNumber: 12,
  ...exampleDifference,
  newAmount: '40179.20',
  rules: ['changed_much'],
  detail: 'It goes from 55.04 to 40179.2, 730.0 times as much.',
} as const;

const WaitingChangeSchema = component(
  'WaitingPriceChange',
  {
    rowNumber: nullable(
      integer('Row of the list, 1 being the first after the header; null for what the list leaves out.', 12),
    ),
    ...DifferenceSchema.properties,
    rules: list(Type.String({ description: 'Rule.' }), {
      description: 'Rules of quarantine that the change breaks.',
      examples: [exampleWaiting.rules],
    }),
    detail: text('Why it waits, in sentences.', exampleWaiting.detail, 5000),
  },
  { description: 'A change that waits for a decision, or would after a dry run.', examples: [exampleWaiting] },
);

const exampleSync = {
  id: EXAMPLE_OPERATION_ID,
  sourceId: 'acme-prices',
  mode: 'full',
  dryRun: false,
  scope: { providers: ['aws'], regions: [], categories: [] },
  state: 'succeeded',
  actor: 'procurement',
  createdAt: '2026-11-24T00:00:00.000Z',
  effectiveAt: '2026-11-24T00:00:00.000Z',
  bodySha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  revision: 42,
  etag: '"acme-prices.42"',
  counts: {
    rows: 1000,
    inserted: 0,
    changed: 1,
    closed: 0,
    unchanged: 998,
    rejected: 1,
    quarantined: 0,
    takenBack: 0,
    offersAdded: 0,
  },
  notes: [],
  firstRejections: [
    { rowNumber: 17, field: 'amount', rule: 'negative', detail: "'-5' is below zero; a price is what is paid." },
  ],
  firstQuarantined: [],
  firstDifferences: [exampleDifference],
} as const;

export const PriceSyncSchema = component(
  'PriceSync',
  {
    id: operationId('Id of the sync and of its operation.'),
    sourceId: text('Catalog source that the list belongs to.', 'acme-prices'),
    mode: choice(['full', 'delta'], { description: 'Whether the list is all that the source knows, or an addition.' }),
    dryRun: Type.Boolean({
      description: 'Whether it was a dry run, which only reports and changes nothing.',
      examples: [false],
    }),
    scope: ref(SyncScopeSchema, { description: 'What the list speaks about.' }),
    state: choice(OPERATION_STATES, { description: 'Where it stands.' }),
    actor: text('Label of the key that sent it.', 'procurement'),
    createdAt: timestamp('When it began.'),
    effectiveAt: timestamp('From when rows without validFrom hold.'),
    bodySha256: textOrNull('SHA-256 of the list, unpacked, in hex; null until it has arrived.', exampleSync.bodySha256),
    revision: nullable(integer('Revision that it made; null when it changed nothing.', 42)),
    etag: textOrNull('Tag of what the source says now, to be sent in If-Match.', '"acme-prices.42"'),
    counts: Type.Optional(ref(SyncCountsSchema, { description: 'Absent until it has succeeded.' })),
    leftOut: Type.Optional(
      list(ref(LeftOutSchema), {
        description:
          'Prices of a published file that no row was made of, by reason; absent for lists in our own format.',
      }),
    ),
    notes: list(ref(NoteSchema), { description: 'What should be known beside; empty until it has succeeded.' }),
    firstRejections: list(ref(RejectionSchema), { description: 'The first rows that were not taken.' }),
    firstQuarantined: list(ref(WaitingChangeSchema), {
      description: 'The first suspicious changes, which wait for a decision.',
    }),
    firstDifferences: list(ref(DifferenceSchema), { description: 'The first prices that change.' }),
    failure: Type.Optional(ref(FailureSchema, { description: 'Absent unless it failed.' })),
  },
  { description: 'What a price list did, or in a dry run would do.', examples: [exampleSync] },
);

export const PriceSyncPageSchema = page('PriceSyncPage', PriceSyncSchema, 'Syncs, the newest first.', exampleSync);

export const RejectionPageSchema = page(
  'PriceSyncRejectionPage',
  RejectionSchema,
  'Rows that were not taken, by row number.',
  exampleSync.firstRejections[0],
);

export const WaitingChangePageSchema = page(
  'WaitingPriceChangePage',
  WaitingChangeSchema,
  'Changes that do not look right.',
  exampleWaiting,
);

export const DifferencePageSchema = page(
  'PriceDifferencePage',
  DifferenceSchema,
  'Prices that change.',
  exampleDifference,
);
