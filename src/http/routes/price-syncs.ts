/** Price lists in bulk: sending one, and reading what became of it. */
import type { Readable } from 'node:stream';
import { type TSchema, Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HOUSE } from '../../access/keys.ts';
import { findPriceBook } from '../../catalog/price-books/price-books.ts';
import { isPriceBookSource, PRICE_BOOK_SOURCES, priceBookSource } from '../../catalog/price-books/source.ts';
import type { OperationRecord } from '../../catalog/sync/operations.ts';
import { findOperation } from '../../catalog/sync/operations.ts';
import { defaultSyncSettings, PriceSyncs, type SyncRequest } from '../../catalog/sync/price-syncs.ts';
import {
  type Difference,
  findSync,
  listDryRunDifferences,
  listRejections,
  listRevisionDifferences,
  listSyncs,
  type SyncRecord,
} from '../../catalog/sync/records.ts';
import { templateCsv } from '../../catalog/sync/template.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { App } from '../application.ts';
import { problemOfSync } from '../convert/sync-problem.ts';
import { requireScope, tenantOf } from '../plugins/api-key.ts';
import { allowLongUpload } from '../plugins/long-uploads.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { MAX_PAGE_SIZE, pageSize, pageToken } from '../schemas/catalog/page.ts';
import { choice, ref } from '../schemas/component.ts';
import {
  DifferencePageSchema,
  EXAMPLE_SYNC_ID,
  OperationSchema,
  PriceSyncPageSchema,
  PriceSyncSchema,
  RejectionPageSchema,
} from '../schemas/price-syncs.ts';
import { everyOperation, json, problemResponses } from '../schemas/responses.ts';
import { operationToApi } from './operations.ts';
import { bookIdParameter, noSuchBook } from './price-books.ts';

/** For sending price lists, and for reading reports and quarantine. */
export const PRICES_SCOPE = 'prices:write';
export const pricesSecurity = [{ apiKey: [] }];

const FIRST_FEW = 20;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const syncIdParameter = Type.Object({
  id: Type.String({ description: 'Id of the sync.', examples: [EXAMPLE_SYNC_ID], maxLength: 60 }),
});

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
    provider: names('Scope: providers.'),
    region: names('Scope: regions by the providers’ own codes.'),
    category: Type.Optional(
      Type.Array(
        choice(['on_demand', 'spot', 'committed', 'capacity_block', 'purchase', 'token'], { description: 'Category.' }),
        {
          description: 'Scope: price categories.',
          maxItems: 6,
        },
      ),
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
        description: 'ETag of what the source says, as the dry run gave it; 412 when somebody has changed it since.',
        maxLength: 1000,
      }),
    ),
  });

/** A list is streamed and checked in the database; the schema has nothing to check. */
const listBody = (description: string) => ({ schema: Type.Unsafe<unknown>({ description }) as TSchema });

/** What the operations that take a list have in common. */
const sending = {
  tags: ['Price lists'],
  security: pricesSecurity,
  body: {
    content: {
      'text/csv': listBody('A header line, then one price a line.'),
      'application/x-ndjson': listBody('One price a line, as a JSON object.'),
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

export const pageQuery = { pageSize, pageToken };

const limitOf = (query: { readonly pageSize?: number }): number => Math.min(query.pageSize ?? 50, MAX_PAGE_SIZE);

/** Tokens hold the position after which the next page begins. */
export const encodeToken = (position: string): string => Buffer.from(position).toString('base64url');
export const decodeToken = (token: string | undefined, shape: RegExp): string | undefined => {
  if (token === undefined) return undefined;
  const position = Buffer.from(token, 'base64url').toString('utf8');
  if (shape.test(position)) return position;
  const detail = 'This pageToken is not one that this service gave out; start again without it.';
  throw new ProblemError('invalid-request', `The query was refused. ${detail}`, {
    errors: [{ parameter: 'query pageToken', detail, rule: 'page_token' }],
  });
};

export const differenceToApi = (difference: Difference) => ({
  change: difference.change,
  priceId: difference.priceId,
  currency: difference.currency,
  validFrom: difference.validFrom.toISOString(),
  oldAmount: difference.oldAmount,
  oldUpfront: difference.oldUpfront,
  newAmount: difference.amount,
  newUpfront: difference.upfront,
});

export const noSuchSync = (id: string): ProblemError =>
  new ProblemError('resource-not-found', `There is no sync '${id}'.`);

export const priceSyncRoutes = (app: App, dependencies: Dependencies): void => {
  const { pool, catalog, now, db, settings, logger } = dependencies;
  const syncs = new PriceSyncs({
    pool,
    catalog,
    now,
    settings: {
      ...defaultSyncSettings,
      limitBytes: settings.priceListLimitBytes,
      answeredAtOnceRows: settings.priceListRowsAtOnce,
    },
    onError: (message, error) => logger.error({ err: error }, message),
  });
  app.addHook('onListen', async () => {
    await syncs
      .recover()
      .catch((error: unknown) => logger.error({ err: error }, 'Unfinished syncs could not be taken up.'));
  });
  app.addHook('onClose', () => syncs.close());

  const differencesOf = (record: SyncRecord, after: string, limit: number): Promise<readonly Difference[]> => {
    if (record.dryRun) return listDryRunDifferences(pool, record.id, after, limit);
    return record.revision === null
      ? Promise.resolve([])
      : listRevisionDifferences(pool, record.revision, after, limit);
  };

  const syncToApi = async (record: SyncRecord, operation: OperationRecord) => {
    const [rejections, differences] = await Promise.all([
      listRejections(pool, record.id, [0, 0], FIRST_FEW),
      differencesOf(record, '', FIRST_FEW),
    ]);
    return {
      id: record.id,
      sourceId: record.sourceId,
      mode: record.mode,
      dryRun: record.dryRun,
      scope: record.scope,
      state: operation.state,
      actor: record.actor,
      createdAt: record.createdAt.toISOString(),
      effectiveAt: record.effectiveAt.toISOString(),
      bodySha256: record.bodySha256?.toString('hex') ?? null,
      revision: record.revision,
      etag: record.etag,
      ...(record.counts !== null && { counts: record.counts }),
      firstRejections: rejections.map(({ ordinal: _, ...rejection }) => rejection),
      firstDifferences: differences.map(differenceToApi),
      ...(operation.failure !== null && { failure: operation.failure }),
    };
  };

  const found = async (
    request: FastifyRequest,
    id: string,
  ): Promise<{ record: SyncRecord; operation: OperationRecord }> => {
    if (!UUID.test(id)) throw noSuchSync(id);
    const [record, operation] = await Promise.all([findSync(pool, id), findOperation(pool, id)]);
    if (record?.tenant !== tenantOf(request) || operation === undefined) throw noSuchSync(id);
    return { record, operation };
  };

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
      const outcome = await syncs.submit(syncRequestOf(request, sourceId), request.body as Readable);
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
      return reply.code(201).send(await syncToApi(outcome.record, operation));
    } catch (error) {
      throw problemOfSync(error);
    }
  };

  // The parsers hold for these operations alone: the body stays a stream, whatever the limit of other bodies.
  void app.register(async (scope) => {
    const streaming = scope as unknown as FastifyInstance;
    streaming.removeContentTypeParser('application/json');
    streaming.addContentTypeParser(['text/csv', 'application/x-ndjson'], (_request, payload, done) =>
      done(null, payload),
    );
    streaming.post(
      '/v1/catalog/price-syncs',
      {
        onRequest: [requireScope(db, PRICES_SCOPE), allowLongUpload, onlyKnownEncodings],
        schema: {
          operationId: 'syncPriceList',
          summary: 'Send a price list',
          description: `A list in the format of docs/price-lists.md, streamed; Content-Encoding gzip is welcome. All that it changes is one revision, or none. A short list is answered with its report, a long one with an operation to ask. Needs an API key with the scope ${PRICES_SCOPE}.`,
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
        onRequest: [requireScope(db, PRICES_SCOPE), allowLongUpload, onlyKnownEncodings],
        schema: {
          operationId: 'syncPrivatePriceList',
          summary: 'Send the private list of a price book',
          description: `Prices that the tenant pays instead of the public ones, of offers that the catalog has; in everything else like other price lists. Needs an API key of its tenant with the scope ${PRICES_SCOPE}; a book of another tenant is not there.`,
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

  app.get(
    '/v1/catalog/price-syncs',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'listPriceSyncs',
        summary: 'Price lists that were sent',
        description: `Newest first. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: pricesSecurity,
        querystring: Type.Object(
          { source: Type.Optional(Type.String({ description: 'Of this source only.', maxLength: 100 })), ...pageQuery },
          { additionalProperties: false },
        ),
        response: {
          200: json(ref(PriceSyncPageSchema), 'One page.'),
          ...problemResponses(...everyOperation, 401, 403),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const before = decodeToken(request.query.pageToken, /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/);
      const limit = limitOf(request.query);
      const records = await listSyncs(pool, {
        tenant: tenantOf(request),
        sourceId: request.query.source,
        before: before === undefined ? undefined : new Date(before),
        limit: limit + 1,
      });
      const shown = records.slice(0, limit);
      const items = await Promise.all(
        shown.map(async (record) => {
          const operation = await findOperation(pool, record.id);
          if (operation === undefined) throw new Error(`Operation ${record.id} is gone.`);
          return { ...(await syncToApi(record, operation)), firstRejections: [], firstDifferences: [] };
        }),
      );
      const last = shown.at(-1);
      const more = records.length > limit && last !== undefined;
      return { items, ...(more && { nextPageToken: encodeToken(last.createdAt.toISOString()) }) } as never;
    },
  );

  app.get(
    '/v1/catalog/price-syncs/:id',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'getPriceSync',
        summary: 'What a price list did',
        description: `The report, with the first rows that were not taken and the first differences. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: pricesSecurity,
        params: syncIdParameter,
        querystring: Type.Object({}, { additionalProperties: false }),
        response: {
          200: json(ref(PriceSyncSchema), 'The report.'),
          ...problemResponses(...everyOperation, 401, 403, 404),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { record, operation } = await found(request, request.params.id);
      return (await syncToApi(record, operation)) as never;
    },
  );

  app.get(
    '/v1/catalog/price-syncs/:id/rejections',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'listPriceSyncRejections',
        summary: 'Rows of a price list that were not taken',
        description: `By row number. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: pricesSecurity,
        params: syncIdParameter,
        querystring: Type.Object(pageQuery, { additionalProperties: false }),
        response: {
          200: json(ref(RejectionPageSchema), 'One page.'),
          ...problemResponses(...everyOperation, 401, 403, 404),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { record } = await found(request, request.params.id);
      const [row = 0, ordinal = 0] = (decodeToken(request.query.pageToken, /^\d{1,15} \d{1,4}$/) ?? '0 0')
        .split(' ')
        .map(Number);
      const limit = limitOf(request.query);
      const rejections = await listRejections(pool, record.id, [row, ordinal], limit + 1);
      const last = rejections[limit - 1];
      return {
        items: rejections.slice(0, limit).map(({ ordinal: _, ...rejection }) => rejection),
        ...(rejections.length > limit &&
          last !== undefined && { nextPageToken: encodeToken(`${last.rowNumber} ${last.ordinal}`) }),
      };
    },
  );

  app.get(
    '/v1/catalog/price-syncs/:id/differences',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'listPriceSyncDifferences',
        summary: 'Prices that a price list changes',
        description: `Of a dry run those that it would change, in the order of the list. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: pricesSecurity,
        params: syncIdParameter,
        querystring: Type.Object(pageQuery, { additionalProperties: false }),
        response: {
          200: json(ref(DifferencePageSchema), 'One page.'),
          ...problemResponses(...everyOperation, 401, 403, 404),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { record } = await found(request, request.params.id);
      return differencePage(request.query, (after, limit) => differencesOf(record, after, limit));
    },
  );

  app.get(
    '/v1/catalog/revisions/:revision/diff',
    {
      schema: {
        operationId: 'listRevisionDifferences',
        summary: 'Prices that a revision changed',
        description: 'Each beside what the same source said for that date before.',
        tags: ['Catalog'],
        params: Type.Object({
          revision: Type.Integer({
            description: 'Number of the revision.',
            minimum: 1,
            maximum: 2_147_483_646,
            examples: [1],
          }),
        }),
        querystring: Type.Object(pageQuery, { additionalProperties: false }),
        response: { 200: json(ref(DifferencePageSchema), 'One page.'), ...problemResponses(...everyOperation, 404) },
      },
    },
    async (request, reply) => {
      const { revision } = request.params;
      const { revision: newest, revisions } = catalog.current();
      if (!revisions.some((it) => it.revision === revision)) {
        throw new ProblemError(
          'resource-not-found',
          `The catalog has no revision ${revision}; the newest is ${newest}.`,
          {
            extensions: { newestRevision: newest },
          },
        );
      }
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      return differencePage(request.query, (after, limit) => listRevisionDifferences(pool, revision, after, limit));
    },
  );
};

const differencePage = async (
  query: { readonly pageSize?: number; readonly pageToken?: string },
  read: (after: string, limit: number) => Promise<readonly Difference[]>,
) => {
  const after = decodeToken(query.pageToken, /^\d{1,18}$|^\d{1,10}\|[A-Z]{3}\|[-\d:.+ ]+$/) ?? '';
  const limit = limitOf(query);
  const differences = await read(after, limit + 1);
  const last = differences[limit - 1];
  return {
    items: differences.slice(0, limit).map(differenceToApi),
    ...(differences.length > limit && last !== undefined && { nextPageToken: encodeToken(last.position) }),
  };
};

const onlyKnownEncodings = async ({ headers }: FastifyRequest): Promise<void> => {
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (['identity', 'gzip', 'x-gzip'].includes(encoding) && (type === 'text/csv' || type === 'application/x-ndjson'))
    return;
  throw new ProblemError(
    'unsupported-media-type',
    `A price list is text/csv or application/x-ndjson, plain or with Content-Encoding: gzip; this one is ${type ?? 'of no type'}, ${encoding}.`,
    { headers: { accept: 'text/csv, application/x-ndjson', 'accept-encoding': 'gzip, identity' } },
  );
};

interface SendQuery {
  readonly mode?: 'full' | 'delta';
  readonly dryRun?: boolean;
  readonly provider?: readonly string[];
  readonly region?: readonly string[];
  readonly category?: readonly string[];
}

const syncRequestOf = (request: FastifyRequest, sourceId: string): SyncRequest => {
  const query = request.query as SendQuery;
  const code = (region: string): string => region.slice(region.indexOf('/') + 1);
  return {
    actor: request.actor ?? '',
    tenant: tenantOf(request),
    idempotencyKey: String(request.headers['idempotency-key']),
    requestId: request.id,
    sourceId,
    mode: query.mode ?? 'delta',
    dryRun: query.dryRun ?? false,
    scope: {
      providers: query.provider ?? [],
      regions: (query.region ?? []).map(code),
      categories: query.category ?? [],
    },
    ifMatch: request.headers['if-match'],
    format: {
      mediaType: request.headers['content-type']?.toLowerCase().startsWith('text/csv')
        ? 'text/csv'
        : 'application/x-ndjson',
      gzip: (request.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity',
    },
  };
};
