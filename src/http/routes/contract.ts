import { Type } from '@sinclair/typebox';
import type { App } from '../application.ts';
import { entityTag, notModified } from '../caching.ts';
import type { Compilations } from '../plugins/compilations.ts';
import { everyOperation, problemResponses } from '../schemas/responses.ts';

/** The contract itself, and the way to Swagger UI for whoever opens the root. */
export const contractRoutes = (app: App, compilations: Compilations): void => {
  const document = compilations.later(() => {
    const body = JSON.stringify(app.swagger());
    return { body, etag: entityTag(body) };
  });

  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getContract',
        summary: 'This document',
        description: 'The OpenAPI 3.1 description of the service, generated from the schemas that check each request.',
        tags: ['Service'],
        querystring: Type.Object({}, { additionalProperties: false }),
        response: {
          200: {
            description: 'The OpenAPI document.',
            content: {
              'application/json': {
                schema: Type.Unsafe<string>({
                  type: 'object',
                  description: 'OpenAPI 3.1.',
                  additionalProperties: true,
                }),
              },
            },
          },
          304: { description: 'The document has not changed since the ETag given in If-None-Match.', type: 'null' },
          ...problemResponses(...everyOperation),
        },
      },
    },
    async (request, reply) => {
      const { body, etag } = document();
      if (notModified(request, reply, etag, 'public, max-age=60')) return reply.code(304).send();
      return reply.type('application/json; charset=utf-8').send(body);
    },
  );

  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'));
};
