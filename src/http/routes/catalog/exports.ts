/** Prices as a file: any selection, at any revision and date, streamed. */
import { Readable } from 'node:stream';
import { Type } from '@sinclair/typebox';
import { compareIds } from '../../../catalog/entry.ts';
import type { ColumnSet, ExportedPrice } from '../../../catalog/export/columns.ts';
import { type ExportFormat, exportLines } from '../../../catalog/export/lines.ts';
import type { DatedPrice } from '../../../catalog/price-columns.ts';
import type { PriceTests } from '../../../catalog/selected-prices.ts';
import { oneByOne } from '../../../catalog/slices.ts';
import type { CatalogView } from '../../../catalog/snapshot.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { Offer, Price } from '../../../domain/catalog/offers.ts';
import type { Region } from '../../../domain/catalog/places.ts';
import type { CatalogSnapshot } from '../../../domain/catalog/snapshot.ts';
import { rateAt } from '../../../domain/economics/exchange-rate.ts';
import type { PriceBook } from '../../../domain/economics/price-book.ts';
import { selects } from '../../../domain/economics/price-book.ts';
import { withPriceBook } from '../../../domain/economics/price-layers.ts';
import { convertUnitAmount } from '../../../domain/money.ts';
import type { App } from '../../application.ts';
import { entityTag, notModified } from '../../caching.ts';
import type { PriceBookAccess } from '../../price-book-access.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { readingQuery } from '../../schemas/catalog/page.ts';
import { choice } from '../../schemas/component.ts';
import { everyOperation, problemResponses } from '../../schemas/responses.ts';
import { keyTaken } from '../../schemas/security.ts';
import { unchanged } from './collection.ts';
import type { Rows } from './paging.ts';
import { inEachCurrency, priceFilterQuery, priceTests, selectedRows } from './prices.ts';
import { type ReadingQuery, readCatalog, tellReading } from './reading.ts';

interface ExportQuery extends ReadingQuery {
  readonly format?: ExportFormat;
  readonly columns?: ColumnSet;
  readonly priceBook?: string;
  readonly priceBookRevision?: number;
  readonly billingCurrency?: string;
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
          'What the filters select of the prices in force, by id, at any revision and date, streamed. Columns have the names of the FOCUS specification (x_ for what it lacks), or those of a price list, so that the file can be sent back: with `source` then all that this source says, though another wins, and what it has announced for later dates. With a price book ContractedUnitPrice is what the buyer pays, ListUnitPrice the list price in the same currency, and x_PriceLayer says which layer won; prices that only the book makes follow those of the list, without ListUnitPrice. Naming one needs an API key of its tenant with the scope books:read.',
        tags: ['Catalog'],
        security: keyTaken,
        querystring: Type.Object(
          {
            format: Type.Optional(
              choice(['csv', 'ndjson'], {
                description: 'Form of the file; where absent what Accept asks for, or CSV.',
              }),
            ),
            columns: Type.Optional(
              choice(['focus', 'list'], {
                description: 'focus: names of FOCUS; list: those of a price list, not with a priceBook.',
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
            billingCurrency: Type.Optional(
              Type.String({
                description:
                  'What is paid in this currency (ISO 4217), by the exchange rates of the price book that hold at that date; what it has no rate for stays in its own, as BillingCurrency says.',
                pattern: '^[A-Z]{3}$',
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
        billingCurrency,
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
      if (billingCurrency !== undefined && book === undefined) {
        contradict(
          'billingCurrency',
          'needs_price_book',
          'billingCurrency needs a priceBook: amounts are converted by its exchange rates.',
        );
      }
      // Sent back it would make public what one buyer pays; and public prices under the name of a book would be taken for the buyer's.
      if (columns === 'list' && book !== undefined) {
        contradict(
          'columns',
          'public_prices_only',
          'columns=list gives public prices, of which a priceBook changes none: leave priceBook out, or take columns=focus, where ContractedUnitPrice is what the buyer pays.',
        );
      }
      const layered = book === undefined ? undefined : { book, snapshot: withPriceBook(view, book), billingCurrency };
      const selected = await selectedRows(view, at, filters);
      const tests = priceTests(view, filters);
      const { source } = filters;
      const prices = function* (): Generator<ExportedPrice> {
        if (columns === 'list' && typeof source === 'string') {
          yield* listOf(source.toLowerCase(), view, tests, at);
          return;
        }
        yield* exported(selected, view, layered, at);
        if (layered !== undefined) yield* onlyInBook(view, layered, tests, at);
      };
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
        Readable.from(oneByOne(exportLines(prices(), format, columns)), { objectMode: false }),
      ) as never;
    },
  );
};

const contradict = (parameter: string, rule: string, detail: string): never => {
  throw new ProblemError('contradictory-request', detail, {
    errors: [{ parameter: `query ${parameter}`, detail, rule }],
  });
};

interface Layered {
  readonly book: PriceBook;
  readonly snapshot: CatalogSnapshot;
  /** What is paid is told in it where the book has a rate; in the price's own currency where absent. */
  readonly billingCurrency: string | undefined;
}

function* exported(
  selected: Rows<DatedPrice>,
  view: CatalogView,
  layered: Layered | undefined,
  at: string,
): Generator<ExportedPrice> {
  // Prices of one offer follow one another.
  let last:
    | { readonly offerId: string; readonly currency: string; readonly prices: ReadonlyMap<string, Price> }
    | undefined;
  const contractedOf = (price: DatedPrice): Price | null => {
    if (layered === undefined) return null;
    const currency = layered.billingCurrency ?? price.currency;
    if (last?.offerId !== price.offerId || last.currency !== currency) {
      const prices = layered.snapshot.pricesOfOffer(price.offerId, at, currency);
      last = { offerId: price.offerId, currency, prices: new Map(prices.map((one) => [one.id, one])) };
    }
    return last.prices.get(price.id) ?? null;
  };
  for (let index = 0; index < selected.length; index += 1) {
    const price = selected.item(index);
    const offer = view.offer(price.offerId) ?? null;
    const contracted = contractedOf(price);
    const listed = listedAsBilled(price, contracted, layered?.book, at);
    yield { price, isListed: true, offer, region: regionOf(view, offer), contracted, listed, at };
  }
}

const listedAsBilled = (
  price: DatedPrice,
  contracted: Price | null,
  book: PriceBook | undefined,
  at: string,
): ExportedPrice['listed'] => {
  if (contracted === null || contracted.currency === price.currency) return price;
  const rate = rateAt(book?.exchangeRates ?? [], price.currency, contracted.currency, at)?.rate;
  if (rate === undefined) return null;
  return {
    amount: price.amount === null ? null : convertUnitAmount(price.amount, rate),
    upfront: convertUnitAmount(price.upfront, rate),
  };
};

/** All that a source says, so that its list sent back in full ends nothing. */
function* listOf(sourceId: string, view: CatalogView, tests: PriceTests, at: string): Generator<ExportedPrice> {
  for (const { price, isWithdrawn } of view.statementsOf(sourceId, at, tests)) {
    const offer = view.offer(price.offerId) ?? null;
    yield {
      price,
      isListed: true,
      isWithdrawn,
      offer,
      region: regionOf(view, offer),
      contracted: null,
      listed: price,
      at,
    };
  }
}

const regionOf = (view: CatalogView, offer: Offer | null): Region | null =>
  offer?.regionId == null ? null : (view.region(offer.regionId) ?? null);

/** Prices that only the book makes, by id: of contracts and private lists where no public list has one, and of what was agreed to be bought. */
function* onlyInBook(
  view: CatalogView,
  { book, snapshot, billingCurrency }: Layered,
  tests: PriceTests,
  at: string,
): Generator<ExportedPrice> {
  const isTouched = (offer: Offer): boolean =>
    view.offer(offer.id) === undefined ||
    book.contracts.some(({ selector, category }) => selects(selector, offer, category)) ||
    (book.privateList?.pricesOfOffer(offer.id, at, 'USD').length ?? 0) > 0;
  const offers = snapshot.offers.filter((offer) => tests.offer(offer) && isTouched(offer));
  for (const offer of offers.toSorted((a, b) => compareIds(a.id, b.id))) {
    for (const price of snapshot.pricesOfOffer(offer.id, at, billingCurrency)) {
      const { id, currency, sourceId } = price;
      if (inEachCurrency(view, id, at).length > 0 || !tests.kind(price) || !tests.quote({ currency, sourceId }))
        continue;
      const region = regionOf(view, offer);
      yield {
        price: { ...price, revision: null },
        isListed: false,
        offer,
        region,
        contracted: price,
        listed: null,
        at,
      };
    }
  }
}
