/** Price books: what one buyer pays instead of the public list. Each is seen by its tenant alone. */
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  findPriceBook,
  listPriceBookChanges,
  listPriceBooks,
  type StoredPriceBook,
  writePriceBook,
} from '../../catalog/price-books/price-books.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { App } from '../application.ts';
import { notModified } from '../caching.ts';
import { priceBookOf, priceBookToApi } from '../convert/price-book.ts';
import { authorOf, requireScope, tenantOf } from '../plugins/api-key.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { ref } from '../schemas/component.ts';
import {
  EXAMPLE_BOOK_ID,
  PriceBookChangeListSchema,
  PriceBookInputSchema,
  PriceBookListSchema,
  PriceBookSchema,
} from '../schemas/price-books/book.ts';
import { everyOperation, json, problemResponses, withBody } from '../schemas/responses.ts';
import { keyNeeded } from '../schemas/security.ts';
import { unchanged } from './catalog/collection.ts';
import { checkTexts } from './catalog/invariants.ts';
import { checkPrecondition } from './catalog/precondition.ts';
import { conditionHeaders } from './catalog/writing.ts';

export const BOOKS_READ = 'books:read';
const BOOKS_WRITE = 'books:write';

const BOOK_ID = /^[a-z0-9][a-z0-9-]{0,59}$/;

const bookIdOf = (example: string) =>
  Type.Object({
    id: Type.String({
      description: 'Id of the price book: small letters, digits and hyphens.',
      examples: [example],
      maxLength: 100,
    }),
  });

export const bookIdParameter = bookIdOf(EXAMPLE_BOOK_ID);

/** The same whether nobody has such a book or somebody else has. */
export const noSuchBook = (id: string, revision?: number): ProblemError =>
  new ProblemError(
    'resource-not-found',
    revision === undefined
      ? `There is no price book '${id}'.`
      : `There is no price book '${id}' at revision ${revision}.`,
  );

const tagOf = ({ id, revision }: StoredPriceBook): string => `"${id}.${revision}"`;

const shownOf = (book: StoredPriceBook) => ({
  id: book.id,
  revision: book.revision,
  committedAt: book.committedAt,
  changedBy: book.actor,
  privateListRevision: book.listRevision,
});

export const priceBookRoutes = (app: App, { catalog, db }: Pick<Dependencies, 'catalog' | 'db'>): void => {
  app.get(
    '/v1/catalog/price-books',
    {
      onRequest: requireScope(db, BOOKS_READ),
      schema: {
        operationId: 'listPriceBooks',
        summary: 'Price books of the tenant',
        description: `By id, without their contents. Needs an API key with the scope ${BOOKS_READ}.`,
        tags: ['Price books'],
        security: keyNeeded,
        querystring: Type.Object({}, { additionalProperties: false }),
        response: { 200: json(PriceBookListSchema, 'All of them.'), ...problemResponses(...everyOperation, 401, 403) },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const books = await listPriceBooks(db, tenantOf(request));
      const items = books.map((book) => ({
        ...shownOf(book),
        name: book.body.name,
        discountCount: book.body.discounts.length,
        contractCount: book.body.contracts.length,
        exchangeRateCount: book.body.exchangeRates.length,
        purchaseCount: book.body.purchases.length,
      }));
      return { items };
    },
  );

  app.get(
    '/v1/catalog/price-books/:id',
    {
      onRequest: requireScope(db, BOOKS_READ),
      schema: {
        operationId: 'getPriceBook',
        summary: 'A price book',
        description: `Contents of a price book, now or at a revision. Needs an API key of its tenant with the scope ${BOOKS_READ}; a book of another tenant is reported as unknown.`,
        tags: ['Price books'],
        security: keyNeeded,
        params: bookIdParameter,
        querystring: Type.Object(
          {
            revision: Type.Optional(
              Type.Integer({
                description: 'As it was at this revision; as it is where absent.',
                minimum: 1,
                maximum: 2_147_483_647,
                examples: [1_000_000],
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: {
          200: json(PriceBookSchema, 'The price book.'),
          304: unchanged,
          ...problemResponses(...everyOperation, 401, 403, 404),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { revision } = request.query;
      const book = await findPriceBook(db, { tenant: tenantOf(request), id }, revision);
      if (book === undefined) throw noSuchBook(id, revision);
      return send(request, reply, book);
    },
  );

  app.get(
    '/v1/catalog/price-books/:id/changes',
    {
      onRequest: requireScope(db, BOOKS_READ),
      schema: {
        operationId: 'listPriceBookChanges',
        summary: 'Changes of a price book',
        description: `Who changed it and when, the newest first; also of one that is retired. Needs an API key of its tenant with the scope ${BOOKS_READ}.`,
        tags: ['Price books'],
        security: keyNeeded,
        params: bookIdParameter,
        querystring: Type.Object({}, { additionalProperties: false }),
        response: {
          200: json(PriceBookChangeListSchema, 'All changes.'),
          ...problemResponses(...everyOperation, 401, 403, 404),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { id } = request.params;
      const items = await listPriceBookChanges(db, { tenant: tenantOf(request), id });
      if (items.length === 0) throw noSuchBook(id);
      return { items };
    },
  );

  app.put(
    '/v1/catalog/price-books/:id',
    {
      onRequest: requireScope(db, BOOKS_WRITE),
      schema: {
        operationId: 'putPriceBook',
        summary: 'Make or change a price book',
        description: `Replaces its contents, apart from its private list. It makes one revision, or none when nothing changes; earlier revisions stay readable, and estimates pinned to them stay the same. Needs an API key with the scope ${BOOKS_WRITE}.`,
        tags: ['Price books'],
        security: keyNeeded,
        params: bookIdParameter,
        headers: conditionHeaders,
        body: ref(PriceBookInputSchema),
        'x-request-examples': {
          book: {
            summary: 'A discount, a contract, a rate and hardware bought',
            value: PriceBookInputSchema.examples[0],
          },
        },
        response: {
          200: json(PriceBookSchema, 'The price book as it is now.'),
          201: json(PriceBookSchema, 'There was none; this is its first version.'),
          ...problemResponses(...withBody, 401, 403, 412, 422),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!BOOK_ID.test(id)) {
        const detail = `'${id}' is no id of a price book; use small letters, digits and hyphens, 60 at most.`;
        throw new ProblemError('invalid-request', `The path was refused. ${detail}`, {
          errors: [{ parameter: 'path id', detail, rule: 'pattern' }],
        });
      }
      checkTexts(request.body);
      const body = priceBookOf(request.body, catalog.current());
      const key = { tenant: tenantOf(request), id };
      let isNew = false;
      await writePriceBook(db, key, body, authorOf(request), (before) => {
        isNew = before === undefined;
        checkPrecondition(request, before === undefined ? undefined : tagOf(before));
      });
      const book = await findPriceBook(db, key);
      if (book === undefined) throw noSuchBook(id); // retired by somebody else a moment ago
      reply.code(isNew ? 201 : 200);
      return send(request, reply, book);
    },
  );

  app.delete(
    '/v1/catalog/price-books/:id',
    {
      onRequest: requireScope(db, BOOKS_WRITE),
      schema: {
        operationId: 'deletePriceBook',
        summary: 'Retire a price book',
        description: `Estimates can no longer use it, except at a revision at which it existed. Needs an API key with the scope ${BOOKS_WRITE}.`,
        tags: ['Price books'],
        security: keyNeeded,
        params: bookIdOf('acme-2025'),
        headers: conditionHeaders,
        querystring: Type.Object({}, { additionalProperties: false }),
        response: {
          204: { description: 'Done.', type: 'null' },
          ...problemResponses(...everyOperation, 401, 403, 404, 412),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const key = { tenant: tenantOf(request), id };
      if ((await findPriceBook(db, key)) === undefined) throw noSuchBook(id);
      await writePriceBook(db, key, undefined, authorOf(request), (before) => {
        if (before === undefined) throw noSuchBook(id);
        checkPrecondition(request, tagOf(before));
      });
      return reply.code(204).send() as never;
    },
  );
};

const send = (request: FastifyRequest, reply: FastifyReply, book: StoredPriceBook) => {
  const isUnchanged = notModified(request, reply, tagOf(book), 'private, no-cache');
  if (isUnchanged && request.method === 'GET') return reply.code(304).send() as never;
  return { ...shownOf(book), ...priceBookToApi(book.body) };
};
