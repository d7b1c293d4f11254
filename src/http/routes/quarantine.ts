/** Changes that did not look right: reading them, and deciding. */
import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import {
  DecidedAlreadyError,
  type Decision,
  decide,
  decideAll,
  listQuarantine,
  MOST_DECIDED,
  type QuarantineItem,
} from '../../catalog/sync/quarantine.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { App } from '../application.ts';
import { problemOfSync } from '../convert/sync-problem.ts';
import { authorOf, requireScope, tenantOf } from '../plugins/api-key.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { MAX_PAGE_SIZE } from '../schemas/catalog/page.ts';
import { choice, ref } from '../schemas/component.ts';
import {
  QUARANTINE_STATES,
  QuarantineDecidedSchema,
  QuarantineDecisionSchema,
  QuarantineDecisionsSchema,
  QuarantineItemSchema,
  QuarantinePageSchema,
} from '../schemas/quarantine.ts';
import { everyOperation, json, problemResponses, withBody } from '../schemas/responses.ts';
import { keyNeeded } from '../schemas/security.ts';
import { decodeToken, encodeToken, pageQuery } from './price-syncs/paging.ts';
import { PRICES_SCOPE } from './price-syncs/scope.ts';

const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

const itemToApi = (item: QuarantineItem) => ({
  id: item.id,
  priceSyncId: item.priceSyncId,
  sourceId: item.sourceId,
  rowNumber: item.rowNumber,
  priceId: item.priceId,
  currency: item.currency,
  validFrom: item.validFrom.toISOString(),
  ends: item.amountState === 'withdrawn',
  oldAmount: item.oldAmount,
  newAmount: item.amount,
  newUpfront: item.amountState === 'withdrawn' ? null : item.upfront,
  rules: item.rules,
  detail: item.detail,
  state: item.state,
  decidedBy: item.decidedBy,
  decidedAt: item.decidedAt?.toISOString() ?? null,
  decisionReason: item.decisionReason,
  revision: item.revision,
  createdAt: item.createdAt.toISOString(),
});

/** The decision with who took it, in which request. */
const decisionOf = (request: FastifyRequest, said: Pick<Decision, 'decision' | 'reason'>): Decision => ({
  ...said,
  ...authorOf(request),
  tenant: tenantOf(request),
});

export const quarantineRoutes = (
  app: App,
  { pool, db, catalog }: Pick<Dependencies, 'pool' | 'db' | 'catalog'>,
): void => {
  app.get(
    '/v1/catalog/quarantine',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'listQuarantine',
        summary: 'Price changes that wait for a decision',
        description: `Suspicious price changes are held back, and the old prices stay. Oldest first. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: keyNeeded,
        querystring: Type.Object(
          {
            source: Type.Optional(Type.String({ description: 'Only of this source.', maxLength: 100 })),
            priceSyncId: Type.Optional(
              Type.String({ description: 'Only of this price list.', maxLength: 60, pattern: UUID }),
            ),
            state: Type.Optional(choice(QUARANTINE_STATES, { description: 'Only in this state.', default: 'waiting' })),
            ...pageQuery,
          },
          { additionalProperties: false },
        ),
        response: {
          200: json(ref(QuarantinePageSchema), 'One page.'),
          ...problemResponses(...everyOperation, 401, 403),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { source, state, pageToken, priceSyncId } = request.query;
      const limit = Math.min(request.query.pageSize ?? 50, MAX_PAGE_SIZE);
      const items = await listQuarantine(pool, {
        tenant: tenantOf(request),
        sourceId: source,
        priceSyncId,
        state,
        after: decodeToken(pageToken, 'ordinal') ?? '0',
        limit: limit + 1,
      });
      const last = items[limit - 1];
      return {
        items: items.slice(0, limit).map(itemToApi),
        ...(items.length > limit && last !== undefined && { nextPageToken: encodeToken(last.id) }),
      };
    },
  );

  app.post(
    '/v1/catalog/quarantine/decisions',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'decideQuarantine',
        summary: 'Approve or refuse many price changes at once',
        description: `Decides on all changes of one source that wait and match, in one revision, at most ${MOST_DECIDED} in a call. Sending it again changes nothing. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: keyNeeded,
        querystring: Type.Object({}, { additionalProperties: false }),
        body: ref(QuarantineDecisionsSchema),
        'x-request-examples': {
          refuse: { summary: 'Refuse all that other sources contradict', value: QuarantineDecisionsSchema.examples[0] },
        },
        response: {
          200: json(ref(QuarantineDecidedSchema), 'What was decided.'),
          ...problemResponses(...withBody, 401, 403, 409),
        },
      },
    },
    async (request) => {
      const { decision, reason, source, ...selection } = request.body;
      const decided = await decideAll(
        pool,
        { sourceId: source, ...selection },
        decisionOf(request, { decision, reason }),
      ).catch((error: unknown) => {
        throw problemOfSync(error);
      });
      await catalog.refresh();
      return decided;
    },
  );

  app.put(
    '/v1/catalog/quarantine/:id/decision',
    {
      onRequest: requireScope(db, PRICES_SCOPE),
      schema: {
        operationId: 'putQuarantineDecision',
        summary: 'Approve or refuse a price change',
        description: `An approval makes one revision in the name of the source; a refusal is remembered when the same change comes again. Who decided and why is kept. Needs an API key with the scope ${PRICES_SCOPE}.`,
        tags: ['Price lists'],
        security: keyNeeded,
        params: Type.Object({
          id: Type.String({ description: 'Id of the change.', examples: ['1'], maxLength: 60 }),
        }),
        querystring: Type.Object({}, { additionalProperties: false }),
        body: ref(QuarantineDecisionSchema),
        'x-request-examples': {
          approve: { summary: 'Approve', value: QuarantineDecisionSchema.examples[0] },
        },
        response: {
          200: json(ref(QuarantineItemSchema), 'The change as it is now.'),
          ...problemResponses(...withBody, 401, 403, 404, 409),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { decision, reason } = request.body;
      const missing = new ProblemError('resource-not-found', `There is no change '${id}' in quarantine.`);
      if (!/^\d{1,15}$/.test(id)) throw missing;
      try {
        const item = await decide(pool, id, decisionOf(request, { decision, reason }));
        if (item === undefined) throw missing;
        await catalog.refresh();
        return itemToApi(item);
      } catch (error) {
        if (!(error instanceof DecidedAlreadyError)) throw problemOfSync(error);
        throw new ProblemError('conflicting-work', `${error.message} Nothing more is to be decided.`, {
          extensions: { state: error.item.state },
        });
      }
    },
  );
};
