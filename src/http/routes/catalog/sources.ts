/** Who feeds the catalog, and how fresh each source is. */
import { Type } from '@sinclair/typebox';
import type { Dependencies } from '../../../dependencies.ts';
import type { App } from '../../application.ts';
import { sourceToApi } from '../../convert/source-classes.ts';
import { SourceListSchema } from '../../schemas/catalog/statement.ts';
import { ref } from '../../schemas/component.ts';
import { everyOperation, json, problemResponses } from '../../schemas/responses.ts';
import { tellReading } from './reading.ts';

export const sourceRoutes = (app: App, { catalog, now }: Pick<Dependencies, 'catalog' | 'now'>): void => {
  app.get(
    '/v1/catalog/sources',
    {
      schema: {
        operationId: 'listSources',
        summary: 'Sources of the catalog',
        description:
          'Where the catalog comes from, the strongest source first: when each was last tried, last delivered and last changed, and how fresh its prices are by category. The header Catalog-Age-Seconds says how old this information is.',
        tags: ['Catalog'],
        querystring: Type.Object({}, { additionalProperties: false }),
        response: { 200: json(ref(SourceListSchema), 'All sources.'), ...problemResponses(...everyOperation) },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      const view = catalog.current();
      tellReading(reply, { catalog }, view);
      const observations = view.newestObservations();
      const at = now().toISOString();
      return { items: catalog.sources().map((source) => sourceToApi(source, observations, at)) };
    },
  );
};
