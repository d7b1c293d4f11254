/** What is kept of each write. */
import { Type } from '@sinclair/typebox';
import { component, list, nullable, ref } from './component.ts';
import { nextPageToken } from './page.ts';
import { timestamp } from './timestamp.ts';

const example = {
  at: '2026-11-24T12:00:00.000Z',
  actor: 'ADMIN_API_KEY',
  action: 'price_sync',
  subject: 'source/acme-prices',
  revision: 7,
  bodySha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  requestId: '7d0f3c1e-93c5-4d5e-9a1f-2c4b8e6a1d01',
};

const AuditEventSchema = component(
  'AuditEvent',
  {
    at: timestamp('When it was written.'),
    actor: Type.String({
      description: 'Label of the key, with its tenant where that is not the house.',
      examples: [example.actor],
    }),
    action: Type.String({ description: 'What was done.', examples: [example.action] }),
    subject: Type.String({ description: 'What it was done to.', examples: [example.subject] }),
    revision: nullable(
      Type.Integer({
        description: 'Catalog revision that it made; null where it changed nothing there.',
        examples: [7],
      }),
    ),
    bodySha256: nullable(
      Type.String({
        description:
          'SHA-256 of the bytes of the body (of a price list: unpacked), in hexadecimal; null where there was none.',
        examples: [example.bodySha256],
      }),
    ),
    requestId: nullable(Type.String({ description: 'X-Request-Id of the request.', examples: [example.requestId] })),
  },
  { description: 'One write.', examples: [example] },
);

export const AuditPageSchema = component(
  'AuditEventPage',
  {
    items: list(ref(AuditEventSchema), { description: 'Writes, the newest first.' }),
    nextPageToken,
  },
  { description: 'A page of writes.', examples: [{ items: [example] }] },
);
