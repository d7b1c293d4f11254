/** Price lists in bulk: the report on each, its lists, rows in quarantine, and work in the background. */
import { Type } from '@sinclair/typebox';
import { decimalOrNull, integer, text, textOrNull } from './catalog/fields.ts';
import { choice, component, list, nullable, ref } from './component.ts';
import { timestamp } from './timestamp.ts';

const exampleId = '7d0f3c1e-93c5-4d5e-9a1f-2c4b8e6a1d01';
export const EXAMPLE_SYNC_ID = exampleId;

const idText = (description: string) => Type.String({ description, examples: [exampleId], maxLength: 60 });
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
      'What it is about. no_exchange_rate: prices of a private list that estimates leave out, since its book cannot convert them; other_currency: public prices that count only with a price book that converts them; not_compared: first prices that nothing is known to be held against. More may be added.',
      exampleNote.code,
    ),
    currency: textOrNull('ISO 4217 code; null where it is not about a currency.', exampleNote.currency),
    count: integer('How many prices; of not_compared, how many offers.', exampleNote.count),
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

const FailureSchema = component(
  'OperationFailure',
  {
    code: text('What kind of failure, for machines. More may be added.', 'malformed_list'),
    detail: text(
      'A sentence that says what happened and what to do.',
      'The gzip body ends too early; nothing was changed.',
      5000,
    ),
  },
  { description: 'Why work ended without success; it changed nothing.' },
);

const exampleSync = {
  id: exampleId,
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

export const OPERATION_STATES = ['receiving', 'queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export const PriceSyncSchema = component(
  'PriceSync',
  {
    id: idText('Id of the sync and of its operation.'),
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

const page = <Id extends string>(id: Id, item: Parameters<typeof ref>[0], what: string, example: unknown) =>
  component(
    id,
    {
      items: list(ref(item), { description: what }),
      nextPageToken: Type.Optional(
        Type.String({ description: 'Ask for the next page with this. Absent on the last page.' }),
      ),
    },
    { description: `A page of: ${what.charAt(0).toLowerCase()}${what.slice(1)}`, examples: [{ items: [example] }] },
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

const exampleOperation = {
  id: exampleId,
  kind: 'price_sync',
  state: 'running',
  step: 'comparing',
  progress: 0.6,
  unitCount: 1_000_000,
  unitsPerSecond: 240_000,
  remainingSeconds: 3,
  cancelRequested: false,
  createdAt: '2026-11-24T00:00:00.000Z',
  updatedAt: '2026-11-24T00:00:02.000Z',
  finishedAt: null,
  result: `/v1/catalog/price-syncs/${exampleId}`,
} as const;

export const OperationSchema = component(
  'Operation',
  {
    id: idText('Id of the operation.'),
    kind: text('What kind of work. More kinds may be added.', 'price_sync'),
    state: choice(OPERATION_STATES, { description: 'Where it stands.' }),
    step: text('Step that is under way.', 'comparing'),
    progress: Type.Number({
      description: 'Share of the work that is done, 0 to 1.',
      minimum: 0,
      maximum: 1,
      examples: [0.6],
    }),
    unitCount: nullable(integer('Rows, or whatever the work consists of; null while unknown.', 1_000_000)),
    unitsPerSecond: nullable(
      Type.Number({ description: 'Rate so far; null while unknown.', minimum: 0, examples: [240_000] }),
    ),
    remainingSeconds: nullable(
      Type.Number({
        description: 'Estimated from the rate so far; null while unknown and when it has ended.',
        minimum: 0,
        examples: [3],
      }),
    ),
    cancelRequested: Type.Boolean({
      description: 'Whether a cancellation was requested; the operation stops soon.',
      examples: [false],
    }),
    createdAt: timestamp('When it began.'),
    updatedAt: timestamp('When progress was last reported.'),
    finishedAt: nullable(timestamp('When it ended; null while it has not.')),
    result: text('Where the result is, once it has succeeded.', exampleOperation.result),
    failure: Type.Optional(ref(FailureSchema, { description: 'Absent unless it failed.' })),
  },
  { description: 'Work in the background.', examples: [exampleOperation] },
);

export const OperationPageSchema = page(
  'OperationPage',
  OperationSchema,
  'Operations, the newest first.',
  exampleOperation,
);

const exampleItem = {
  id: '1',
  priceSyncId: exampleId,
  sourceId: 'acme-prices',
  rowNumber: 3,
  priceId: 'aws/us-east-1/p5.48xlarge/spot',
  currency: 'USD',
  validFrom: '2026-11-24T00:00:00.000Z',
  ends: false,
  oldAmount: '21.57',
  newAmount: '61.00',
  newUpfront: '0',
  rules: ['spot_above_on_demand'],
  detail: 'Spot at 61 is above on-demand at 55.04.',
  state: 'waiting',
  decidedBy: null,
  decidedAt: null,
  decisionReason: null,
  revision: null,
  createdAt: '2026-11-24T00:00:00.000Z',
} as const;

export const QUARANTINE_STATES = ['waiting', 'approved', 'refused', 'superseded'] as const;

export const QuarantineItemSchema = component(
  'QuarantineItem',
  {
    id: Type.String({ description: 'Id of the change.', examples: ['1'] }),
    priceSyncId: textOrNull('Sync that brought it.', exampleId),
    sourceId: text('Catalog source.', 'acme-prices'),
    rowNumber: nullable(integer('Row of the list; null where the list leaves the price out.', 3)),
    priceId: text('Catalog price.', exampleItem.priceId, 500),
    currency: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', examples: ['USD'] }),
    validFrom: timestamp('Time from which the change would hold.'),
    ends: Type.Boolean({ description: 'Whether the change would end the price.', examples: [false] }),
    oldAmount: decimalOrNull('Amount that the source gives so far; null where it gives none.', '21.57'),
    newAmount: decimalOrNull('Amount after the change; null where the price ends.', '61.00'),
    newUpfront: decimalOrNull('The same, paid upfront.', '0'),
    rules: list(Type.String({ description: 'Rule.' }), {
      description:
        'What does not look right: spot_above_on_demand, changed_much, out_of_device_range, sources_disagree, constant_spot_ratio, regional_outlier, mass_disappearance, unreadable_rows. More may be added.',
    }),
    detail: text('Why it waits, in sentences.', exampleItem.detail, 5000),
    state: choice(QUARANTINE_STATES, { description: 'superseded: the source has said otherwise since.' }),
    decidedBy: textOrNull('Label of the key that decided.', 'buyer'),
    decidedAt: nullable(timestamp('When that was.')),
    decisionReason: textOrNull('Why.', 'Confirmed with the vendor.'),
    revision: nullable(integer('Revision that an approval made.', 43)),
    createdAt: timestamp('When the change was put into quarantine.'),
  },
  { description: 'A change that waits for a decision, or did.', examples: [exampleItem] },
);

export const QuarantinePageSchema = page(
  'QuarantinePage',
  QuarantineItemSchema,
  'Changes in quarantine, the oldest first.',
  exampleItem,
);

export const QuarantineDecisionSchema = component(
  'QuarantineDecision',
  {
    decision: choice(['approve', 'refuse'], { description: 'Whether the change is made. The decision is final.' }),
    reason: text('Why it was decided so; kept in the audit.', 'Confirmed with the vendor.', 2000),
  },
  {
    description: 'What is to become of a change.',
    examples: [{ decision: 'approve', reason: 'Confirmed with the vendor.' }],
  },
);

export const QuarantineDecisionsSchema = component(
  'QuarantineDecisions',
  {
    ...QuarantineDecisionSchema.properties,
    source: Type.String({ description: 'Source whose changes are meant.', maxLength: 100, examples: ['acme-prices'] }),
    priceSyncId: Type.Optional(
      Type.String({
        description: 'Only changes from this price list.',
        pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
        examples: [exampleId],
      }),
    ),
    rule: Type.Optional(
      Type.String({
        description: 'Only those that this rule holds back.',
        maxLength: 100,
        examples: ['sources_disagree'],
      }),
    ),
    ids: Type.Optional(
      list(Type.String({ description: 'Id.', pattern: '^[0-9]{1,15}$' }), {
        description: 'Ids of the only changes to decide on.',
        minItems: 1,
        maxItems: 10_000,
        examples: [['1', '2']],
      }),
    ),
  },
  {
    description: 'What is to become of all changes of a source that wait and fit.',
    examples: [{ decision: 'refuse', reason: 'Out of date.', source: 'acme-prices', rule: 'sources_disagree' }],
  },
);

export const QuarantineDecidedSchema = component(
  'QuarantineDecided',
  {
    decided: integer('Changes that were decided on.', 32),
    revision: nullable(integer('Revision that an approval made; null where no price changed.', 43)),
    remaining: integer('Changes that match and still wait; send the request again to decide on them.', 0),
  },
  { description: 'What a decision on many changes did.', examples: [{ decided: 32, revision: null, remaining: 0 }] },
);
