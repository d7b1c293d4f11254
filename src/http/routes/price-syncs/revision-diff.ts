/** What one revision of the catalog did to prices. */
import { Type } from '@sinclair/typebox';
import { listRevisionDifferences } from '../../../catalog/sync/records.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { App } from '../../application.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { ref } from '../../schemas/component.ts';
import { DifferencePageSchema } from '../../schemas/price-syncs.ts';
import { everyOperation, json, problemResponses } from '../../schemas/responses.ts';
import { differencePage, differenceToApi, pageQuery } from './paging.ts';

export const revisionDiffRoute = (app: App, { pool, catalog }: Pick<Dependencies, 'pool' | 'catalog'>): void => {
  app.get(
    '/v1/catalog/revisions/:revision/diff',
    {
      schema: {
        operationId: 'listRevisionDifferences',
        summary: 'Prices that a revision changed',
        description: 'Each with what the same source said for that date before.',
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
      return differencePage(
        request.query,
        'priceAndMoment',
        (after, limit) => listRevisionDifferences(pool, revision, after, limit),
        differenceToApi,
      );
    },
  );
};
