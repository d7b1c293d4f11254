/** Who changed the catalog, when and why. */

import { Type } from '@sinclair/typebox';
import type { Dependencies } from '../../../dependencies.ts';
import type { App } from '../../application.ts';
import { entityTag, notModified } from '../../caching.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, pageSize, pageToken } from '../../schemas/catalog/page.ts';
import { RevisionPageSchema, RevisionSchema } from '../../schemas/catalog/statement.ts';
import { everyOperation, json, problemResponses } from '../../schemas/responses.ts';
import { unchanged } from './collection.ts';
import { parseMoment, tellReading } from './reading.ts';

const committedUntil = Type.Optional(
  Type.String({
    description: 'Only revisions committed by this moment, RFC 3339 or a date.',
    maxLength: 40,
    examples: ['2030-01-01T00:00:00Z'],
  }),
);

/** The token is the revision before which the next page starts. */
const decode = (token: string | undefined): number | undefined => {
  if (token === undefined) return undefined;
  const revision = Number(Buffer.from(token, 'base64url').toString('utf8'));
  if (Number.isInteger(revision) && revision > 0 && revision <= 2_147_483_647) return revision;
  const detail = 'This pageToken is not one that this service gave out; start again without it.';
  throw new ProblemError('invalid-request', `The query was refused. ${detail}`, {
    errors: [{ parameter: 'query pageToken', detail, rule: 'page_token' }],
  });
};

export const revisionRoutes = (app: App, dependencies: Pick<Dependencies, 'catalog'>): void => {
  const { catalog } = dependencies;
  app.get(
    '/v1/catalog/revisions',
    {
      schema: {
        operationId: 'listRevisions',
        summary: 'Changes of the catalog',
        description:
          'Newest first. Every read of the catalog takes a revision, so that any earlier state can be read again. For the state at a moment, take the first revision with committedUntil at that moment.',
        tags: ['Catalog'],
        querystring: Type.Object({ committedUntil, pageSize, pageToken }, { additionalProperties: false }),
        response: {
          200: json(RevisionPageSchema, 'One page.'),
          304: unchanged,
          ...problemResponses(...everyOperation),
        },
      },
    },
    async (request, reply) => {
      const before = decode(request.query.pageToken);
      const limit = Math.min(request.query.pageSize ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const until =
        request.query.committedUntil === undefined
          ? undefined
          : parseMoment(request.query.committedUntil, 'query committedUntil');
      const view = catalog.current();
      tellReading(reply, dependencies, view);
      if (notModified(request, reply, entityTag(`${view.revision} ${request.url}`))) {
        return reply.code(304).send() as never;
      }
      const known = view.revisions.filter(({ committedAt }) => until === undefined || committedAt <= until);
      const older = known.filter(({ revision }) => before === undefined || revision < before).reverse();
      const items = older.slice(0, limit);
      const last = items.at(-1);
      return {
        items,
        ...(older.length > limit &&
          last !== undefined && { nextPageToken: Buffer.from(String(last.revision)).toString('base64url') }),
        total: known.length,
        catalogRevision: view.revision,
      } as never;
    },
  );

  app.get(
    '/v1/catalog/revisions/:revision',
    {
      schema: {
        operationId: 'getRevision',
        summary: 'One change of the catalog',
        description: 'Who made it, when and why.',
        tags: ['Catalog'],
        querystring: Type.Object({}, { additionalProperties: false }),
        params: Type.Object({
          revision: Type.Integer({
            description: 'Number of the revision.',
            minimum: 1,
            maximum: 2_147_483_646,
            examples: [1],
          }),
        }),
        response: { 200: json(RevisionSchema, 'The revision.'), ...problemResponses(...everyOperation, 404) },
      },
    },
    async (request, reply) => {
      const { revision } = request.params;
      const found = catalog.current().revisions.find((it) => it.revision === revision);
      if (found === undefined) {
        const newest = catalog.current().revision;
        throw new ProblemError(
          'resource-not-found',
          `The catalog has no revision ${revision}; the newest is ${newest}.`,
          { extensions: { newestRevision: newest } },
        );
      }
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      return found;
    },
  );
};
