/** Reading what became of price lists: the list of them, and of each its report, rejected rows and differences. */
import { Type } from '@sinclair/typebox';
import { findOperation } from '../../../catalog/sync/operations.ts';
import { listRejections, listSyncs, listWaitingChanges } from '../../../catalog/sync/records.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { App } from '../../application.ts';
import { requireScope, tenantOf } from '../../plugins/api-key.ts';
import { ref } from '../../schemas/component.ts';
import { operationId } from '../../schemas/operations.ts';
import {
  DifferencePageSchema,
  PriceSyncPageSchema,
  PriceSyncSchema,
  RejectionPageSchema,
  WaitingChangePageSchema,
} from '../../schemas/price-syncs.ts';
import { everyOperation, json, problemResponses } from '../../schemas/responses.ts';
import { keyNeeded } from '../../schemas/security.ts';
import {
  decodeToken,
  differencePage,
  differenceToApi,
  encodeToken,
  limitOf,
  pageQuery,
  waitingToApi,
} from './paging.ts';
import { differencesOf, foundSync, loadWhatLanded, syncToApi } from './report.ts';
import { PRICES_SCOPE } from './scope.ts';

const syncIdParameter = Type.Object({ id: operationId('Id of the sync.') });

export const readingRoutes = (app: App, { pool, db, catalog }: Pick<Dependencies, 'pool' | 'db' | 'catalog'>): void => {
  app.get(
    '/v1/catalog/price-syncs',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'listPriceSyncs',
        summary: 'Price lists that were sent',
        description: `Price lists of the tenant of the key, newest first. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: keyNeeded,
        querystring: Type.Object(
          { source: Type.Optional(Type.String({ description: 'Only of this source.', maxLength: 100 })), ...pageQuery },
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
      const limit = limitOf(request.query);
      const records = await listSyncs(pool, {
        tenant: tenantOf(request),
        sourceId: request.query.source,
        after: decodeToken(request.query.pageToken, 'momentAndId'),
        limit: limit + 1,
      });
      const shown = records.slice(0, limit);
      const items = await Promise.all(
        shown.map(async (record) => {
          const operation = await findOperation(pool, record.id);
          if (operation === undefined) throw new Error(`Operation ${record.id} is gone.`);
          return {
            ...(await syncToApi(pool, record, operation)),
            firstRejections: [],
            firstQuarantined: [],
            firstDifferences: [],
          };
        }),
      );
      const last = shown.at(-1);
      const more = records.length > limit && last !== undefined;
      return { items, ...(more && { nextPageToken: encodeToken(last.position) }) } as never;
    },
  );

  app.get(
    '/v1/catalog/price-syncs/:id',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'getPriceSync',
        summary: 'What a price list did',
        description: `The report, with the first rows that were not taken, the first changes that wait and the first differences. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: keyNeeded,
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
      const { record, operation } = await foundSync(pool, request, request.params.id);
      await loadWhatLanded(catalog, record);
      return (await syncToApi(pool, record, operation)) as never;
    },
  );

  app.get(
    '/v1/catalog/price-syncs/:id/rejections',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'listPriceSyncRejections',
        summary: 'Rows of a price list that were not taken',
        description: `Rejected rows by row number, with the reason. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: keyNeeded,
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
      const { record } = await foundSync(pool, request, request.params.id);
      const [row = 0, ordinal = 0] = (decodeToken(request.query.pageToken, 'rowAndOrdinal') ?? '0 0')
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
        description: `What it changed, or in a dry run would change, with the amounts before and after. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: keyNeeded,
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
      const { record } = await foundSync(pool, request, request.params.id);
      return differencePage(
        request.query,
        record.dryRun ? 'ordinal' : 'priceAndMoment',
        (after, limit) => differencesOf(pool, record, after, limit),
        differenceToApi,
      );
    },
  );

  app.get(
    '/v1/catalog/price-syncs/:id/quarantined',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'listPriceSyncQuarantined',
        summary: 'Suspicious changes of a price list',
        description: `Changes that wait for a decision, with the rule and a sentence, in the order of the list. Those of a dry run would wait; /v1/catalog/quarantine shows the state of each real one. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: keyNeeded,
        params: syncIdParameter,
        querystring: Type.Object(pageQuery, { additionalProperties: false }),
        response: {
          200: json(ref(WaitingChangePageSchema), 'One page.'),
          ...problemResponses(...everyOperation, 401, 403, 404),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { record } = await foundSync(pool, request, request.params.id);
      const read = (after: string, limit: number) => listWaitingChanges(pool, record.id, after, limit);
      return differencePage(request.query, 'ordinal', read, waitingToApi);
    },
  );
};
