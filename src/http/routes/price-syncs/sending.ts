/** Sending price lists: the public ones, the private ones of price books, and a template to start from. */
import { type TSchema, Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HOUSE } from '../../../access/keys.ts';
import { SENT_FEEDS } from '../../../catalog/feeds/index.ts';
import { findPriceBook } from '../../../catalog/price-books/price-books.ts';
import { isPriceBookSource, PRICE_BOOK_SOURCES, priceBookSource } from '../../../catalog/price-books/source.ts';
import { findOperation } from '../../../catalog/sync/operations.ts';
import type { PriceSyncs } from '../../../catalog/sync/price-syncs.ts';
import { templateCsv } from '../../../catalog/sync/template.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { App } from '../../application.ts';
import { problemOfSync } from '../../convert/sync-problem.ts';
import { requireScope, tenantOf } from '../../plugins/api-key.ts';
import { allowLongUpload } from '../../plugins/long-uploads.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { choice, ref } from '../../schemas/component.ts';
import { OperationSchema } from '../../schemas/operations.ts';
import { PriceSyncSchema } from '../../schemas/price-syncs.ts';
import { everyOperation, json, problemResponses } from '../../schemas/responses.ts';
import { keyNeeded } from '../../schemas/security.ts';
import { operationToApi } from '../operations.ts';
import { bookIdParameter, noSuchBook } from '../price-books.ts';
import { syncToApi } from './report.ts';
import { PRICES_SCOPE } from './scope.ts';
import { bytesOf, LIST_MEDIA_TYPES, ListOnItsWay, onlyKnownFormats, syncRequestOf } from './sent-list.ts';

const names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { description, maxItems: 100 }));

const scopeQuery = Type.Object(
  {
    mode: Type.Optional(
      choice(['full', 'delta'], {
        description:
          'full: the list is all that the source knows within the scope, and what it leaves out ends. delta: an addition.',
        default: 'delta',
      }),
    ),
    dryRun: Type.Optional(Type.Boolean({ description: 'Say what would happen and change nothing.', default: false })),
    provider: names('Providers that the list covers, as the scope of a full list.'),
    region: names('Scope: regions by the providers’ own codes.'),
    category: Type.Optional(
      Type.Array(
        choice(['on_demand', 'spot', 'committed', 'capacity_block', 'purchase', 'token'], { description: 'Category.' }),
        {
          description: 'Price categories that the list covers, as the scope of a full list.',
          maxItems: 6,
        },
      ),
    ),
    fileDate: Type.Optional(
      Type.String({
        description: 'Of a published file that carries no date of its own: the day of which it is.',
        format: 'date',
      }),
    ),
    fileRegion: Type.Optional(
      Type.String({
        description: 'Of a published file that names no region: the provider’s own code of the one it is of.',
        maxLength: 100,
      }),
    ),
    knownSkusOnly: Type.Optional(
      Type.Boolean({
        description: 'Of a published file take only what the catalog knows a device or model of.',
        default: false,
      }),
    ),
  },
  { additionalProperties: false },
);

const sendQuery = Type.Object(
  {
    source: Type.String({
      description:
        'Catalog source that the list belongs to; made with the first list. Sources made earlier win over later ones, operators over all, all over the seed.',
      pattern: '^[a-z0-9][a-z0-9_.:-]*$',
      maxLength: 100,
      examples: ['acme-prices'],
    }),
    ...scopeQuery.properties,
  },
  { additionalProperties: false },
);

const sendHeaders = (exampleKey: string) =>
  Type.Object({
    'idempotency-key': Type.String({
      description:
        'Yours, for this list: the same key with the same list gives the same answer and does nothing twice. Kept for seven days.',
      minLength: 8,
      maxLength: 200,
      examples: [exampleKey],
    }),
    'if-match': Type.Optional(
      Type.String({
        description:
          'ETag of what the source says, as the dry run gave it; 412 when somebody has changed a price within the scope since.',
        maxLength: 1000,
      }),
    ),
  });

/** A list is streamed and checked in the database; the schema has nothing to check. */
const listBody = (description: string) => ({ schema: Type.Unsafe<unknown>({ description }) as TSchema });

/** What the operations that take a list have in common. */
const sending = {
  tags: ['Price lists'],
  security: keyNeeded,
  body: {
    content: {
      'text/csv': listBody('A header line, then one price a line.'),
      'application/x-ndjson': listBody('One price a line, as a JSON object.'),
      ...Object.fromEntries(
        [...SENT_FEEDS].map(([type, { description }]) => [type, listBody(`As published: ${description}`)]),
      ),
    },
  },
  'x-request-examples': {
    template: { summary: 'One row of each kind', value: templateCsv() },
  },
};
const sent = {
  201: json(ref(PriceSyncSchema), 'Done; the report.'),
  202: json(ref(OperationSchema), 'Received; Location says where to ask how far it is.'),
};

export const sendingRoutes = (
  app: App,
  syncs: PriceSyncs,
  { pool, db, catalog }: Pick<Dependencies, 'pool' | 'db' | 'catalog'>,
): void => {
  app.get(
    '/v1/catalog/price-syncs/template',
    {
      config: { produces: ['text/csv'] },
      schema: {
        operationId: 'getPriceListTemplate',
        summary: 'A price list to start from',
        description: 'CSV with all columns and one row of each kind of price.',
        tags: ['Price lists'],
        querystring: Type.Object({}, { additionalProperties: false }),
        response: {
          200: {
            description: 'The template.',
            content: { 'text/csv': { schema: Type.String({ description: 'CSV.' }) } },
          },
          ...problemResponses(...everyOperation),
        },
      },
    },
    async (_request, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="price-list-template.csv"')
        .send(templateCsv()) as never,
  );

  const receive = async (request: FastifyRequest, reply: FastifyReply, sourceId: string) => {
    try {
      const outcome = await syncs.submit(syncRequestOf(request, sourceId, catalog), bytesOf(request));
      const id = outcome.kind === 'done' ? outcome.record.id : outcome.id;
      const operation = await findOperation(pool, id);
      if (operation === undefined) throw new Error(`Operation ${id} is gone.`);
      if (outcome.kind === 'accepted') {
        reply.header('location', `/v1/operations/${id}`);
        return reply.code(202).send(operationToApi(operation));
      }
      reply.header('location', `/v1/catalog/price-syncs/${id}`);
      if (outcome.record.etag !== null) reply.header('etag', outcome.record.etag);
      if (outcome.replayed) reply.header('idempotency-replayed', 'true');
      return reply.code(201).send(await syncToApi(pool, outcome.record, operation));
    } catch (error) {
      throw problemOfSync(error);
    }
  };

  // The parsers hold for these operations alone: the body stays a stream, whatever the limit of other bodies.
  void app.register(async (scope) => {
    const streaming = scope as unknown as FastifyInstance;
    streaming.removeContentTypeParser('application/json');
    streaming.addContentTypeParser([...LIST_MEDIA_TYPES], (_request, payload, done) =>
      done(null, new ListOnItsWay(payload)),
    );
    streaming.post(
      '/v1/catalog/price-syncs',
      {
        onRequest: [requireScope(db, PRICES_SCOPE), allowLongUpload, onlyKnownFormats],
        schema: {
          operationId: 'syncPriceList',
          summary: 'Send a price list',
          description: `A list in the format of docs/price-lists.md, streamed, plain or with Content-Encoding gzip. All its changes make one revision, or none. A short list is answered with its report, a long one with an operation whose progress can be read. Needs an API key with the scope ${PRICES_SCOPE}.`,
          querystring: sendQuery,
          headers: sendHeaders('2026-11-24-acme-full'),
          ...sending,
          response: { ...sent, ...problemResponses(...everyOperation, 401, 403, 409, 412, 413, 415, 422) },
        },
      },
      async (request, reply) => {
        if (tenantOf(request) !== HOUSE) {
          throw new ProblemError(
            'forbidden',
            `The catalog is written with keys of the tenant ${HOUSE}; the key of another tenant writes to that tenant’s price books.`,
            { extensions: { requiredScope: PRICES_SCOPE } },
          );
        }
        const { source } = request.query as { readonly source: string };
        if (isPriceBookSource(source)) {
          const detail = `Names that begin with '${PRICE_BOOK_SOURCES}' are those of price books, which have an operation of their own.`;
          throw new ProblemError('contradictory-request', detail, {
            errors: [{ parameter: 'query source', detail, rule: 'source_kind' }],
          });
        }
        return receive(request, reply, source);
      },
    );
    streaming.post(
      '/v1/catalog/price-books/:id/price-syncs',
      {
        onRequest: [requireScope(db, PRICES_SCOPE), allowLongUpload, onlyKnownFormats],
        schema: {
          operationId: 'syncPrivatePriceList',
          summary: 'Send the private list of a price book',
          description: `Prices that the tenant pays instead of the public ones, for offers that the catalog has. Otherwise like any price list. Needs an API key of its tenant with the scope ${PRICES_SCOPE}; a book of another tenant is reported as unknown.`,
          params: bookIdParameter,
          querystring: scopeQuery,
          headers: sendHeaders('2026-11-24-private-list'),
          ...sending,
          response: { ...sent, ...problemResponses(...everyOperation, 401, 403, 404, 409, 412, 413, 415, 422) },
        },
      },
      async (request, reply) => {
        const { id } = request.params as { readonly id: string };
        const tenant = tenantOf(request);
        if ((await findPriceBook(db, { tenant, id })) === undefined) throw noSuchBook(id);
        return receive(request, reply, priceBookSource(tenant, id));
      },
    );
  });
};
