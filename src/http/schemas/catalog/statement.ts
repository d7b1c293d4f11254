import { type TObject, Type } from '@sinclair/typebox';
import { choice, component, list, nullable, ref } from '../component.ts';
import { nextPageToken } from '../page.ts';
import { timestamp } from '../timestamp.ts';
import { CONFIDENCES, integer, text } from './fields.ts';

const StatementSchema = component(
  'CatalogStatement',
  {
    sourceId: text('Catalog source that says it.', 'operator'),
    revision: integer('Catalog revision since which it says so.', 2),
    retired: Type.Boolean({
      description: 'Whether the source says that the entry no longer exists.',
      examples: [false],
    }),
    source: Type.Optional(text('Where it was read.', 'https://example.com/data-sheet', 2000)),
    sourceDate: Type.Optional(text('Date of the publication.', '2026-06-01')),
    confidence: Type.Optional(
      Type.Unsafe<string>({ type: 'string', enum: CONFIDENCES, description: 'How reliable the figure is.' }),
    ),
    fields: list(text('Field.', 'zones'), { description: 'Fields that it states.' }),
  },
  { description: 'What one source says about an entry. Stronger sources are laid over weaker ones field by field.' },
);

/** An entry with the statements behind it. */
export const entryComponent = (schema: TObject): TObject =>
  component(
    `${schema.$id}Entry`,
    {
      ...schema.properties,
      statements: list(ref(StatementSchema), { description: 'Who says what, the strongest source first.' }),
    },
    { description: `${schema.description} Shows what each source says of it.` },
  );

const moment = (description: string) => nullable(timestamp(description));

const exampleClass = {
  category: 'on_demand',
  lastSuccessAt: '2026-11-24T00:00:00.000Z',
  lastChangeAt: '2026-09-01T00:00:00.000Z',
  lastObservedAt: '2026-11-24T00:00:00.000Z',
  ageDays: 0,
  staleAfterDays: 180,
  stale: false,
} as const;

const ClassSchema = component(
  'CatalogSourceClass',
  {
    category: choice(['on_demand', 'spot', 'committed', 'capacity_block', 'purchase', 'token'], {
      description: 'Price category.',
    }),
    lastSuccessAt: moment(
      'When a list of the source last named prices of this category, whether or not any changed; null where none did.',
    ),
    lastChangeAt: moment('When a list last changed a price of the class; null where none did.'),
    lastObservedAt: moment(
      'Latest observation or confirmation among the prices of this category; null where there are none.',
    ),
    ageDays: integer('Days since lastObservedAt; since lastSuccessAt where no price was taken yet.', 0),
    staleAfterDays: integer('Age in days after which a price of this category is stale.', 180, { minimum: 1 }),
    stale: Type.Boolean({
      description: 'No price of the class was read within that time, however often lists were sent.',
      examples: [false],
    }),
  },
  { description: 'How fresh one class of prices of a source is.', examples: [exampleClass] },
);

const SourceSchema = component(
  'CatalogSource',
  {
    id: text('Id, named by every price and statement.', 'seed'),
    kind: choice(['seed', 'operator', 'price_list', 'feed', 'price_book'], {
      description: 'What kind of source it is.',
    }),
    precedence: integer('The lowest wins where sources disagree. It never changes.', 10_000, { minimum: 1 }),
    lastAttemptAt: moment('When it last tried to deliver; null before the first time.'),
    lastSuccessAt: moment(
      'When the source last delivered, whether or not anything changed; null before the first time.',
    ),
    lastChangeAt: moment('When a delivery last changed something; null before the first time.'),
    maxAgeSeconds: nullable(
      Type.Number({
        description: 'Seconds without a success after which the source is stale; null without a limit.',
        examples: [86_400],
      }),
    ),
    classes: list(ref(ClassSchema), {
      description:
        'Of each class of prices that it speaks of, how fresh it is: spot prices move within weeks, list prices within months.',
    }),
  },
  {
    description: 'Who feeds the catalog.',
    examples: [
      {
        id: 'seed',
        kind: 'seed',
        precedence: 10_000,
        lastAttemptAt: '2026-11-24T00:00:00.000Z',
        lastSuccessAt: '2026-11-24T00:00:00.000Z',
        lastChangeAt: '2026-11-24T00:00:00.000Z',
        maxAgeSeconds: null,
        classes: [exampleClass],
      },
    ],
  },
);

export const SourceListSchema = component(
  'CatalogSourceList',
  { items: list(ref(SourceSchema), { description: 'Sources, the strongest first.' }) },
  { description: 'All sources of the catalog; there are few.', examples: [{ items: SourceSchema.examples }] },
);

export const RevisionSchema = component(
  'CatalogRevision',
  {
    revision: integer('Number; without gaps, in the order in which changes were committed.', 1),
    committedAt: timestamp('When it was committed.'),
    sourceId: text('Catalog source that made it.', 'seed'),
    actor: text('Who did it: the label of an API key, or the service itself.', 'service'),
    reason: text('What was done.', 'Seed shipped with this version'),
    contentSha256: text(
      'SHA-256 of what was delivered.',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ),
  },
  {
    description: 'One committed change of the catalog.',
    examples: [
      {
        revision: 1,
        committedAt: '2026-11-24T00:00:00.000Z',
        sourceId: 'seed',
        actor: 'service',
        reason: 'Seed shipped with this version',
        contentSha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      },
    ],
  },
);

export const RevisionPageSchema = component(
  'CatalogRevisionPage',
  {
    items: list(ref(RevisionSchema), { description: 'Revisions, newest first.' }),
    nextPageToken,
    total: Type.Integer({ description: 'Revisions on all pages together.', minimum: 0, examples: [1] }),
    catalogRevision: Type.Integer({ description: 'Newest revision that this instance has in memory.', minimum: 0 }),
  },
  { description: 'A page of revisions.', examples: [{ items: RevisionSchema.examples, total: 1, catalogRevision: 1 }] },
);
