/** Lists and entries of the catalog, served from memory; one definition per kind of entry. */
import type { Static, TObject, TSchema } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import type { EntryKind, EntryTypes } from '../../../catalog/entry.ts';
import { didYouMean } from '../../../catalog/nearest.ts';
import type { CatalogView, SuggestionKind } from '../../../catalog/snapshot.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { App } from '../../application.ts';
import { entityTag, notModified } from '../../caching.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { inputComponent } from '../../schemas/catalog/input.ts';
import { idParameter, listQuery, pageComponent, readingQuery } from '../../schemas/catalog/page.ts';
import { entryComponent } from '../../schemas/catalog/statement.ts';
import { ref } from '../../schemas/component.ts';
import { everyOperation, json, problemResponses } from '../../schemas/responses.ts';
import { type Filter, type Filters, refersToCatalog, wantedBy } from './filters.ts';
import {
  decodePageToken,
  type Orders,
  orderChoices,
  type PageQuery,
  pageOf,
  pathOf,
  type Rows,
  rowsOf,
} from './paging.ts';
import { type ReadingQuery, readCatalog, tellReading } from './reading.ts';

interface ListDefinition<Item> {
  /** Last part of the path: "devices". */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  /** For operation ids: "Devices". */
  readonly plural: string;
  readonly pageSchema: TObject;
  readonly filters: Readonly<Record<string, Filter<never>>>;
  /** Names of the orders besides that by id. */
  readonly orders: readonly string[];
  /** What passes the filters of a query, in the order of ids. */
  readonly select: (view: CatalogView, at: string, query: PageQuery) => Rows<Item> | Promise<Rows<Item>>;
  readonly toApi: (item: Item, view: CatalogView) => object;
}

export const unchanged = {
  description: 'Nothing has changed since the ETag given in If-None-Match.',
  type: 'null',
} as const;

/** The entity tag of a reading: it changes with the revision and when a dated price starts, and not between. */
export const readingTag = (request: FastifyRequest, view: CatalogView, at: string): string =>
  entityTag(`${view.revision} ${view.lastPriceChange(at) ?? ''} ${request.url}`);

export const listRoute = <Item>(
  app: App,
  dependencies: Pick<Dependencies, 'catalog' | 'now'>,
  definition: ListDefinition<Item>,
): void => {
  const filters = Object.fromEntries(Object.entries(definition.filters).map(([name, { schema }]) => [name, schema]));
  app.get(
    `/v1/catalog/${definition.path}`,
    {
      schema: {
        operationId: `list${definition.plural}`,
        summary: definition.title,
        description: `${definition.description} Entries have to match all filters. A filter with an id or name that the catalog does not know is refused, with the nearest known ones. The order is fixed, so that pages do not shift, and it is read from memory.`,
        tags: ['Catalog'],
        querystring: listQuery(filters, orderChoices(definition.orders)),
        response: {
          200: json(ref(definition.pageSchema), 'One page.'),
          304: unchanged,
          ...problemResponses(...everyOperation, 404, ...(refersToCatalog(definition.filters) ? ([422] as const) : [])),
        },
      },
    },
    async (request, reply) => {
      const query = request.query as PageQuery & ReadingQuery;
      const token = decodePageToken(pathOf(request), query);
      const { view, at, asOf } = await readCatalog(
        dependencies,
        token === undefined ? query : { revision: token.revision, asOf: token.at },
      );
      tellReading(reply, dependencies, view);
      if (notModified(request, reply, readingTag(request, view, at))) return reply.code(304).send() as never;
      const rows = await definition.select(view, at, query);
      // Pages pin the last moment at which prices changed, not the clock, so that equal pages have equal bytes.
      const pinnedAt = asOf ?? view.lastPriceChange(at) ?? at;
      const page = await pageOf(rows, pathOf(request), query, token, {
        revision: view.revision,
        at: pinnedAt,
      });
      return {
        items: page.items.map((item) => definition.toApi(item, view)),
        ...(page.nextPageToken !== undefined && { nextPageToken: page.nextPageToken }),
        total: rows.length,
        catalogRevision: view.revision,
        ...(query.asOf !== undefined && { asOf }),
      } as never;
    },
  );
};

/** @throws ProblemError with the nearest ids. */
export const notFound = (view: CatalogView, kind: SuggestionKind, noun: string, id: string): never => {
  const suggestions = view.nearest(kind, id);
  throw new ProblemError('resource-not-found', `The catalog has no ${noun} '${id}'.${didYouMean(suggestions)}`, {
    extensions: { suggestions },
  });
};

interface Collection<K extends EntryKind, Schema extends TObject> {
  readonly kind: K;
  readonly path: string;
  readonly title: string;
  readonly description: string;
  /** For people, in a sentence: "device". */
  readonly noun: string;
  /** For operation ids: "Device", "Devices". */
  readonly singular: string;
  readonly plural: string;
  readonly example: string;
  readonly schema: Schema;
  readonly filters: Filters<EntryTypes[K]>;
  readonly orders: Orders<EntryTypes[K]>;
  readonly toApi: (entry: EntryTypes[K]) => Omit<Static<Schema>, 'sourceId' | 'revision'>;
  /** What an operator may state of such an entry; a new one needs all of it. */
  readonly fields: Readonly<Record<string, TSchema>>;
  /** A statement that the seed makes sense with. */
  readonly inputExample: object;
}

/** A definition whatever its kind, with the components that the contract names after it. */
export interface AnyCollection extends Collection<EntryKind, TObject> {
  readonly pageSchema: TObject;
  readonly entrySchema: TObject;
  readonly inputSchema: TObject;
}

/** Keeps the types of a definition while it is written. */
export const collection =
  <K extends EntryKind>(kind: K) =>
  <Schema extends TObject>(definition: Omit<Collection<K, Schema>, 'kind'>): AnyCollection => ({
    ...(definition as unknown as Collection<EntryKind, TObject>),
    kind,
    pageSchema: pageComponent(`${definition.schema.$id}Page`, definition.schema, `${definition.title}.`),
    entrySchema: entryComponent(definition.schema),
    inputSchema: inputComponent(definition.schema, definition.fields, definition.noun, definition.inputExample),
  });

const withOrigin = (definition: AnyCollection, entry: { readonly id: string }, view: CatalogView) => {
  const origin = view.origin(definition.kind, entry.id);
  return {
    ...definition.toApi(entry as never),
    sourceId: origin?.statements[0]?.sourceId ?? '',
    revision: origin?.revision ?? view.revision,
  };
};

/** The tag of an entry changes when the entry does, and with no other change of the catalog. */
export const entryTag = (kind: EntryKind, id: string, revision: number): string =>
  entityTag(`${kind} ${id} ${revision}`);

/** An entry with who says what about it. */
export const entryToApi = (definition: AnyCollection, entry: { readonly id: string }, view: CatalogView): object => ({
  ...withOrigin(definition, entry, view),
  statements: view.origin(definition.kind, entry.id)?.statements.map(({ sourceId, revision, state, body }) => ({
    sourceId,
    revision,
    retired: state === 'retired',
    ...(typeof body?.source === 'string' && { source: body.source }),
    ...(typeof body?.sourceDate === 'string' && { sourceDate: body.sourceDate }),
    ...(typeof body?.confidence === 'string' && { confidence: body.confidence }),
    fields: Object.keys(body ?? {}).filter((field) => !NOT_STATED.has(field)),
  })),
});
const NOT_STATED = new Set(['source', 'sourceDate', 'confidence', 'licence', 'notes']);

export const collectionRoutes = (
  app: App,
  dependencies: Pick<Dependencies, 'catalog' | 'now'>,
  definition: AnyCollection,
): void => {
  listRoute(app, dependencies, {
    ...definition,
    orders: Object.keys(definition.orders),
    select: (view, _at, query) => {
      const items = view.list(definition.kind).filter(wantedBy(definition.filters, query, view));
      return rowsOf(items, definition.orders);
    },
    toApi: (entry, view) => withOrigin(definition, entry, view),
  });

  app.get(
    `/v1/catalog/${definition.path}/:id`,
    {
      schema: {
        operationId: `get${definition.singular}`,
        summary: `One ${definition.noun}`,
        description: `${definition.description} Shows what each source says of it. The ETag changes when this entry does; send it as If-Match to change the entry, or as If-None-Match to ask whether it has changed.`,
        tags: ['Catalog'],
        params: idParameter(definition.noun, definition.example),
        querystring: {
          type: 'object',
          properties: { revision: readingQuery.revision },
          additionalProperties: false,
        } as never,
        response: {
          200: json(ref(definition.entrySchema), `The ${definition.noun}.`),
          304: unchanged,
          ...problemResponses(...everyOperation, 404),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      const { view } = await readCatalog(dependencies, request.query as ReadingQuery);
      tellReading(reply, dependencies, view);
      const entry = definition.kind === 'model' ? view.model(id) : view.entry(definition.kind, id);
      if (entry === undefined) return notFound(view, definition.kind, definition.noun, id);
      const origin = view.origin(definition.kind, entry.id);
      const tag = entryTag(definition.kind, entry.id, origin?.revision ?? view.revision);
      if (notModified(request, reply, tag)) return reply.code(304).send() as never;
      return entryToApi(definition, entry, view) as never;
    },
  );
};
