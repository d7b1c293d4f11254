/** The OpenAPI document, made from the routes, and Swagger UI to try it. Must be registered before the routes. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from '../application.ts';
import { problemMediaType } from '../problems/document.ts';
import { components } from '../schemas/component.ts';
import { securitySchemes } from '../schemas/security.ts';
import { finishDocument, recordedExamples } from './openapi-document.ts';
import { info, tags } from './openapi-info.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** Statuses answered with a problem; set from the responses of the route. */
    'x-problems'?: readonly string[];
    /** Named examples of the successful answer, where it needs the database and cannot be recorded. */
    'x-response-examples'?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
    /** Named examples of the request body; those of Swagger UI, replayed by the contract test. */
    'x-request-examples'?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
  }
}

/**
 * Problems are sent as text and need no serializer. Leaving their schemas to the document alone spares the start a second
 * of compiling several hundred copies of one.
 */
const withoutProblemSerializers = (app: App): void => {
  app.addHook('onRoute', (route) => {
    const responses = route.schema?.response as Record<string, { content?: Record<string, unknown> }> | undefined;
    if (route.schema === undefined || responses === undefined) return;
    const isProblem = (status: string) => responses[status]?.content?.[problemMediaType] !== undefined;
    const statuses = Object.keys(responses);
    route.schema = {
      ...route.schema,
      response: Object.fromEntries(Object.entries(responses).filter(([status]) => !isProblem(status))),
      'x-problems': statuses.filter(isProblem),
    };
  });
};

export const openapi = async (app: App): Promise<void> => {
  const answers = recordedExamples();
  withoutProblemSerializers(app);
  for (const schema of components()) app.addSchema(schema);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      tags,
      security: [],
      servers: [{ url: '/', description: 'Where this document came from' }],
      components: { securitySchemes },
    },
    refResolver: {
      buildLocalReference: (json, _baseUri, _fragment, index) =>
        typeof json.$id === 'string' ? json.$id : `def-${index}`,
    },
    transformObject: (document) =>
      finishDocument(
        ('openapiObject' in document ? document.openapiObject : {}) as Record<string, unknown>,
        answers,
      ) as never,
  });
};

/** Swagger UI sets styles of its own; the plugin's policy forbids them, names outside hosts and sends browsers to https. */
const docsPolicy = {
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'style-src': ["'self'", "'unsafe-inline'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};

export const documentation = async (app: App): Promise<void> => {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    theme: { title: info.title },
    uiConfig: {
      tryItOutEnabled: true,
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      // Without the bar at the top: it asks for an address of another document.
      layout: 'BaseLayout',
      validatorUrl: null,
    },
  });
};
