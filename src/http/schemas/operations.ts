/** Work in the background. */
import { Type } from '@sinclair/typebox';
import { integer, text } from './catalog/fields.ts';
import { choice, component, nullable, ref } from './component.ts';
import { page } from './page.ts';
import { timestamp } from './timestamp.ts';

/** A sync and its operation have one id. */
export const EXAMPLE_OPERATION_ID = '7d0f3c1e-93c5-4d5e-9a1f-2c4b8e6a1d01';

export const operationId = (description: string) =>
  Type.String({ description, examples: [EXAMPLE_OPERATION_ID], maxLength: 60 });

export const FailureSchema = component(
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

export const OPERATION_STATES = ['receiving', 'queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

const exampleOperation = {
  id: EXAMPLE_OPERATION_ID,
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
  result: `/v1/catalog/price-syncs/${EXAMPLE_OPERATION_ID}`,
} as const;

export const OperationSchema = component(
  'Operation',
  {
    id: operationId('Id of the operation.'),
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
