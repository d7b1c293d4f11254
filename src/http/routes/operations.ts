/** Work in the background: how far it is, and stopping it. */
import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import { findOperation, listOperations, type OperationRecord, requestCancel } from '../../catalog/sync/operations.ts';
import { findSync } from '../../catalog/sync/records.ts';
import type { Dependencies } from '../../dependencies.ts';
import { NOBODY, PLACEMENT_OPERATION } from '../../placements/stored-placements.ts';
import type { App } from '../application.ts';
import { keyOf, requireScope, tenantOf } from '../plugins/api-key.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { choice, ref } from '../schemas/component.ts';
import { OPERATION_STATES, OperationPageSchema, OperationSchema, operationId } from '../schemas/operations.ts';
import { everyOperation, json, problemResponses } from '../schemas/responses.ts';
import { keyNeeded, keyTaken } from '../schemas/security.ts';
import { BOOKS_READ } from './price-books.ts';
import { decodeToken, encodeToken, limitOf, pageQuery } from './price-syncs/paging.ts';
import { loadWhatLanded } from './price-syncs/report.ts';

const SCOPE = 'prices:write';
const NEEDS = `For a placement that was asked without a key no key is needed; for one with a price book, a key of its tenant with the scope ${BOOKS_READ}; for all others, a key with the scope ${SCOPE}.`;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const params = Type.Object({ id: operationId('Id of the operation.') });

export const operationToApi = (operation: OperationRecord) => {
  const { progress, unitCount, createdAt, updatedAt, finishedAt } = operation;
  const seconds = ((finishedAt ?? updatedAt).getTime() - createdAt.getTime()) / 1000;
  const underWay = finishedAt === null && progress > 0 && seconds > 0;
  return {
    id: operation.id,
    kind: operation.kind,
    state: operation.state,
    step: operation.step,
    progress: Math.round(progress * 1000) / 1000,
    unitCount,
    unitsPerSecond: unitCount === null || seconds <= 0 ? null : Math.round((unitCount * progress) / seconds),
    remainingSeconds: underWay ? Math.round((seconds / progress) * (1 - progress)) : null,
    cancelRequested: operation.cancelRequested,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    result:
      operation.kind === PLACEMENT_OPERATION
        ? `/v1/deployment-placements/${operation.id}`
        : `/v1/catalog/price-syncs/${operation.id}`,
    ...(operation.failure !== null && { failure: operation.failure }),
  };
};

export const operationRoutes = (
  app: App,
  { pool, db, catalog }: Pick<Dependencies, 'pool' | 'db' | 'catalog'>,
): void => {
  const ofPriceLists = requireScope(db, SCOPE);
  const ofPriceBooks = requireScope(db, BOOKS_READ);
  const authorize = async (request: FastifyRequest): Promise<void> => {
    const { id } = request.params as { readonly id: string };
    const operation = UUID.test(id) ? await findOperation(pool, id) : undefined;
    const isPlacement = operation?.kind === PLACEMENT_OPERATION;
    if (isPlacement && operation.tenant === NOBODY) {
      request.tenant = NOBODY;
      return;
    }
    // Another tenant's is refused in the same words as one that is not there.
    const isOwn = isPlacement && (await keyOf(db, request))?.tenant === operation.tenant;
    return isOwn ? ofPriceBooks(request) : ofPriceLists(request);
  };
  const found = async (request: FastifyRequest, id: string): Promise<OperationRecord> => {
    const operation = UUID.test(id) ? await findOperation(pool, id) : undefined;
    if (operation?.tenant !== tenantOf(request))
      throw new ProblemError('resource-not-found', `There is no operation '${id}'.`);
    return operation;
  };

  app.get(
    '/v1/operations',
    {
      onRequest: ofPriceLists,
      schema: {
        operationId: 'listOperations',
        summary: 'Work in the background',
        description: `Operations of the tenant of the key, newest first. Placements that were asked without a key are only found by their id. Needs an API key with the scope ${SCOPE}.`,
        tags: ['Operations'],
        security: keyNeeded,
        querystring: Type.Object(
          {
            kind: Type.Optional(
              choice(['price_sync', PLACEMENT_OPERATION], {
                description: 'Only of this kind.',
                examples: ['price_sync'],
              }),
            ),
            state: Type.Optional(
              choice(OPERATION_STATES, { description: 'Only in this state.', examples: ['succeeded'] }),
            ),
            ...pageQuery,
          },
          { additionalProperties: false },
        ),
        response: {
          200: json(ref(OperationPageSchema), 'One page.'),
          ...problemResponses(...everyOperation, 401, 403),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { kind, state, pageToken } = request.query;
      const limit = limitOf(request.query);
      const after = decodeToken(pageToken, 'momentAndId');
      const operations = await listOperations(pool, {
        tenant: tenantOf(request),
        kind,
        state,
        after,
        limit: limit + 1,
      });
      const last = operations[limit - 1];
      return {
        items: operations.slice(0, limit).map(operationToApi),
        ...(operations.length > limit && last !== undefined && { nextPageToken: encodeToken(last.position) }),
      };
    },
  );

  app.get(
    '/v1/operations/:id',
    {
      onRequest: authorize,
      schema: {
        operationId: 'getOperation',
        summary: 'How far work in the background is',
        description: `State and progress of an operation, which survives a restart of the service. ${NEEDS}`,
        tags: ['Operations'],
        security: keyTaken,
        params,
        querystring: Type.Object({}, { additionalProperties: false }),
        response: {
          200: json(ref(OperationSchema), 'The operation.'),
          ...problemResponses(...everyOperation, 401, 403, 404),
        },
      },
    },
    async (request, reply) => {
      const operation = await found(request, request.params.id);
      const landed = operation.state === 'succeeded' ? await findSync(pool, operation.id) : undefined;
      if (landed !== undefined) await loadWhatLanded(catalog, landed);
      reply.header('cache-control', 'no-store');
      if (operation.finishedAt === null) reply.header('retry-after', '1');
      return operationToApi(operation);
    },
  );

  app.delete(
    '/v1/operations/:id',
    {
      onRequest: authorize,
      schema: {
        operationId: 'deleteOperation',
        summary: 'Cancel work in the background',
        description: `Asks the operation to stop; nothing that is not committed by then takes effect. An operation that has ended stays as it is. ${NEEDS}`,
        tags: ['Operations'],
        security: keyTaken,
        params,
        querystring: Type.Object({}, { additionalProperties: false }),
        response: {
          200: json(ref(OperationSchema), 'The operation.'),
          ...problemResponses(...everyOperation, 401, 403, 404),
        },
      },
    },
    async (request, reply) => {
      const { id } = await found(request, request.params.id);
      await requestCancel(pool, id);
      reply.header('cache-control', 'no-store');
      return operationToApi(await found(request, id));
    },
  );
};
