/** Reading who wrote what. */
import { Type } from '@sinclair/typebox';
import { listAuditEvents } from '../../access/audit.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { App } from '../application.ts';
import { requireScope, tenantOf } from '../plugins/api-key.ts';
import { AuditPageSchema } from '../schemas/audit.ts';
import { MAX_PAGE_SIZE } from '../schemas/catalog/page.ts';
import { everyOperation, json, problemResponses } from '../schemas/responses.ts';
import { keyNeeded } from '../schemas/security.ts';
import { decodeToken, encodeToken, pageQuery } from './price-syncs/paging.ts';

const SCOPE = 'audit:read';

export const auditRoutes = (app: App, { pool, db }: Pick<Dependencies, 'pool' | 'db'>): void => {
  app.get(
    '/v1/audit-events',
    {
      onRequest: requireScope(db, SCOPE),
      schema: {
        operationId: 'listAuditEvents',
        summary: 'Who wrote what',
        description: `Every write by keys of the tenant, newest first: who, when, what, in which revision, and the hash of the body. Needs an API key with the scope ${SCOPE}.`,
        tags: ['Access'],
        security: keyNeeded,
        querystring: Type.Object(
          {
            subject: Type.Optional(
              Type.String({
                description: 'Only writes to this subject.',
                maxLength: 400,
                examples: ['source/acme-prices'],
              }),
            ),
            actor: Type.Optional(
              Type.String({ description: 'Only writes by this actor.', maxLength: 200, examples: ['ADMIN_API_KEY'] }),
            ),
            ...pageQuery,
          },
          { additionalProperties: false },
        ),
        response: { 200: json(AuditPageSchema, 'One page.'), ...problemResponses(...everyOperation, 401, 403) },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { subject, actor, pageToken } = request.query;
      const limit = Math.min(request.query.pageSize ?? 50, MAX_PAGE_SIZE);
      const before = decodeToken(pageToken, 'ordinal');
      const events = await listAuditEvents(pool, {
        tenant: tenantOf(request),
        subject,
        actor,
        before,
        limit: limit + 1,
      });
      const shown = events.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: shown.map(({ id, at, bodySha256, ...event }) => ({
          ...event,
          at: at.toISOString(),
          bodySha256: bodySha256?.toString('hex') ?? null,
        })),
        ...(events.length > limit && last !== undefined && { nextPageToken: encodeToken(last.id) }),
      };
    },
  );
};
