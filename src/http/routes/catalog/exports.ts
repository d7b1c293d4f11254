/** Prices as a file: any selection, at any revision and date, streamed. */
import { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { ColumnSet, ExportedPrice } from '../../../catalog/export/columns.ts';
import { type ExportFormat, exportLines } from '../../../catalog/export/lines.ts';
import type { DatedPrice } from '../../../catalog/price-columns.ts';
import type { CatalogView } from '../../../catalog/snapshot.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { Price } from '../../../domain/catalog/offers.ts';
import type { PriceBook } from '../../../domain/economics/price-book.ts';
import { withPriceBook } from '../../../domain/economics/price-layers.ts';
import type { App } from '../../application.ts';
import { entityTag, notModified } from '../../caching.ts';
import type { PriceBookAccess } from '../../price-book-access.ts';
import { readingQuery } from '../../schemas/catalog/page.ts';
import { choice } from '../../schemas/component.ts';
import { everyOperation, problemResponses } from '../../schemas/responses.ts';
import { unchanged } from './collection.ts';
import type { Rows } from './paging.ts';
import { priceFilterQuery, selectedRows } from './prices.ts';
import { type ReadingQuery, readCatalog, tellReading } from './reading.ts';

interface ExportQuery extends ReadingQuery {
  readonly format?: ExportFormat;
  readonly columns?: ColumnSet;
  readonly priceBook?: string;
  readonly priceBookRevision?: number;
  readonly [filter: string]: unknown;
}

const MEDIA_TYPE: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

const fileOf = (description: string, example: string) => ({
  schema: Type.String({ description }),
  examples: { prices: { summary: 'The first columns of one price', value: example } },
});

export const priceExportRoutes = (
  app: App,
  dependencies: Pick<Dependencies, 'catalog' | 'now'>,
  priceBooks: PriceBookAccess,
): void => {
  app.get(
    '/v1/catalog/exports/prices',
    {
      config: { produces: ['text/csv', 'application/x-ndjson'] },
      schema: {
        operationId: 'getPriceExport',
        summary: 'Prices as a CSV or NDJSON file',
        description:
          'What the filters select of the prices in force, by id, at any revision and date, streamed. Columns have the names of the FOCUS specification (x_ for what it lacks), or those of a price list, so that the file can be sent back. With a price book ContractedUnitPrice is what the buyer pays and x_PriceLayer says which layer won; prices that only a contract makes are not in it. Naming one needs an API key of its tenant with the scope books:read.',
        tags: ['Catalog'],
        querystring: Type.Object(
          {
            format: Type.Optional(
              choice(['csv', 'ndjson'], {
                description: 'Form of the file; where absent what Accept asks for, or CSV.',
              }),
            ),
            columns: Type.Optional(
              choice(['focus', 'list'], {
                description: 'focus: names of FOCUS; list: those of a price list.',
                default: 'focus',
              }),
            ),
            priceBook: Type.Optional(Type.String({ description: 'Id of a price book.', minLength: 1, maxLength: 60 })),
            priceBookRevision: Type.Optional(
              Type.Integer({
                description: 'The price book as it was at this revision; as it is where absent.',
                minimum: 1,
                maximum: 2_147_483_647,
              }),
            ),
            ...priceFilterQuery,
            ...readingQuery,
          },
          { additionalProperties: false },
        ),
        response: {
          200: {
            description: 'The file; the first line of CSV has the names.',
            content: {
              'text/csv': fileOf('CSV.', 'ServiceProviderName,ProviderName,RegionId,…\naws,aws,us-east-1,…\n'),
              'application/x-ndjson': fileOf(
                'A JSON object a line; what is absent is left out.',
                '{"ServiceProviderName":"aws",…}\n',
              ),
            },
          },
          304: unchanged,
          ...problemResponses(...everyOperation, 401, 403, 404, 422),
        },
      },
    },
    async (request, reply) => {
      const {
        format: asked,
        columns = 'focus',
        priceBook,
        priceBookRevision,
        revision,
        asOf,
        ...filters
      } = request.query as ExportQuery;
      const accepted = request.headers.accept?.includes('ndjson') === true ? 'ndjson' : 'csv';
      const format = asked ?? accepted;
      const { view, at } = await readCatalog(dependencies, {
        ...(revision !== undefined && { revision }),
        ...(asOf !== undefined && { asOf }),
      });
      const pin =
        priceBook === undefined
          ? undefined
          : { id: priceBook, ...(priceBookRevision !== undefined && { revision: priceBookRevision }) };
      const book = pin === undefined ? undefined : await priceBooks(request)(pin);
      const selected = selectedRows(view, at, filters);
      tellReading(reply, dependencies, view);
      // Ages are counted in days, so a file is the same for a day at most.
      const state = [
        view.revision,
        view.lastPriceChange(at),
        at.slice(0, 10),
        book?.id,
        book?.revision,
        format,
        request.url,
      ];
      const cacheControl = book === undefined ? 'public, no-cache' : 'private, no-cache';
      if (notModified(request, reply, entityTag(JSON.stringify(state)), cacheControl))
        return reply.code(304).send() as never;
      reply
        .type(MEDIA_TYPE[format])
        .header('vary', 'accept')
        .header('content-disposition', `attachment; filename="prices-revision-${view.revision}.${format}"`);
      return reply.send(
        Readable.from(exportLines(exported(selected, view, book, at), format, columns), { objectMode: false }),
      ) as never;
    },
  );
};

function* exported(
  selected: Rows<DatedPrice>,
  view: CatalogView,
  book: PriceBook | undefined,
  at: string,
): Generator<ExportedPrice> {
  const layered = book === undefined ? undefined : withPriceBook(view, book);
  // Prices of one offer follow one another.
  let last:
    | { readonly offerId: string; readonly currency: string; readonly prices: ReadonlyMap<string, Price> }
    | undefined;
  const contractedOf = (price: DatedPrice): Price | null => {
    if (layered === undefined) return null;
    if (last?.offerId !== price.offerId || last.currency !== price.currency) {
      const prices = layered.pricesOfOffer(price.offerId, at, price.currency);
      last = { offerId: price.offerId, currency: price.currency, prices: new Map(prices.map((one) => [one.id, one])) };
    }
    return last.prices.get(price.id) ?? null;
  };
  for (let index = 0; index < selected.length; index += 1) {
    const price = selected.item(index);
    const offer = view.offer(price.offerId) ?? null;
    const region = offer?.regionId == null ? null : (view.region(offer.regionId) ?? null);
    yield { price, offer, region, contracted: contractedOf(price), at };
  }
}
