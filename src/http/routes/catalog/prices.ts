/** Prices in force at a moment, and how they came to be. */

import { Type } from '@sinclair/typebox';
import { byId } from '../../../catalog/entry.ts';
import type { DatedPrice } from '../../../catalog/price-columns.ts';
import type { PriceKind } from '../../../catalog/price-identities.ts';
import type { PriceSelection, PriceTests, Quote } from '../../../catalog/selected-prices.ts';
import { inSlices } from '../../../catalog/slices.ts';
import type { CatalogView } from '../../../catalog/snapshot.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { Offer, PriceIdentity } from '../../../domain/catalog/offers.ts';
import { PRICE_UNITS } from '../../../domain/catalog/offers.ts';
import { staleFrom } from '../../../domain/economics/price-use.ts';
import type { App } from '../../application.ts';
import { entityTag, notModified } from '../../caching.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { country, optional, text } from '../../schemas/catalog/fields.ts';
import {
  DatedAmountPageSchema,
  OFFER_MODES,
  PRICE_CATEGORIES,
  PricePageSchema,
  PriceSchema,
  SKU_KINDS,
} from '../../schemas/catalog/offers.ts';
import { idParameter, listQuery, readingQuery } from '../../schemas/catalog/page.ts';
import { choice, ref } from '../../schemas/component.ts';
import { everyOperation, json, problemResponses } from '../../schemas/responses.ts';
import { listRoute, notFound, readingTag, unchanged } from './collection.ts';
import { currencyEquals, equals, type Filters, idEquals, nameEquals, skuEquals, wantedBy } from './filters.ts';
import { decodePageToken, type PageQuery, pageOf, pathOf, type Rows, rowsOf } from './paging.ts';
import { type ReadingQuery, readCatalog, tellReading } from './reading.ts';

export const priceExample = 'aws/us-east-1/p5.48xlarge/on_demand';

const holdsAt =
  (at: string) =>
  ({ validFrom, validTo }: DatedPrice): boolean =>
    validFrom <= at && (validTo === null || validTo > at);

/** A price in each of its currencies at a moment. */
export const inEachCurrency = (view: CatalogView, id: string, at: string): readonly DatedPrice[] =>
  view.priceHistory(id).filter(holdsAt(at));

/**
 * Changes with any statement on the price, when another amount comes into force, and when the offer changes; undefined while the price
 * is not in force in any currency. One tag for all currencies, since who writes to a price has seen it as a whole.
 */
export const priceTag = (view: CatalogView, { id, offerId }: PriceIdentity, at: string): string | undefined => {
  const inForce = inEachCurrency(view, id, at);
  if (inForce.length === 0) return undefined;
  const offerRevision = view.origin('offer', offerId)?.revision ?? 0;
  const begun = inForce.map(({ currency, validFrom }) => `${currency} ${validFrom}`);
  return entityTag(`price ${id} ${view.priceRevision(id)} ${begun.join(' ')} ${offerRevision}`);
};

/** When a price will be too old is said with it: unlike its age it is the same whenever it is asked for. */
export const withStaleFrom = <Dated extends DatedPrice>(price: Dated) => ({
  ...price,
  staleFrom: staleFrom(price) ?? '',
});

/** A price with what it is the price of. */
const priceToApi = (price: DatedPrice, view: CatalogView): object => {
  const offer = view.offer(price.offerId);
  return {
    ...withStaleFrom(price),
    providerId: offer?.providerId ?? price.offerId.split('/', 1)[0],
    regionId: offer?.regionId ?? null,
    deviceId: offer?.deviceId ?? null,
    modelId: offer?.modelId ?? null,
    deviceCount: offer?.deviceCount ?? 0,
    mode: offer?.mode ?? 'retired',
  };
};

const currencyWanted = Type.Optional(
  Type.String({
    description:
      'In this currency alone (ISO 4217). Where absent, a history has all, and a single price is in US dollars where it is quoted in them.',
    pattern: '^[A-Z]{3}$',
    examples: ['USD'],
  }),
);

/** What a price is of, how it is bought, and who quotes it: each is looked at once, not once for each of a million prices. */
const offerFilters: Filters<Offer> = {
  offer: idEquals(text('Only of this offer.', 'aws/us-east-1/p5.48xlarge', 300), 'offer', ({ id }) => id),
  sku: skuEquals(({ sku }) => sku),
  provider: idEquals(text('Only of this provider.', 'aws', 100), 'provider', (it) => it.providerId),
  region: idEquals(text('Only in this region.', 'aws/us-east-1', 300), 'region', (it) => it.regionId),
  country: equals(country('Only in regions of this country.'), (it, view) => view.region(it.regionId ?? '')?.country),
  device: idEquals(
    text('Only of offers with this device.', 'nvidia-h100-sxm5-80gb', 300),
    'device',
    (it) => it.deviceId,
  ),
  model: idEquals(text('Only of this model’s tokens.', 'meta-llama/Llama-3.1-70B', 300), 'model', (it) => it.modelId),
  kind: equals(choice(SKU_KINDS, { description: 'Only of offers of this kind.' }), ({ kind }) => kind),
  mode: equals(choice(OFFER_MODES, { description: 'Only prices of offers sold in this way.' }), ({ mode }) => mode),
};
const kindFilters: Filters<PriceKind> = {
  category: equals(choice(PRICE_CATEGORIES, { description: 'Only of this category.' }), (it) => it.category),
  unit: equals(choice(PRICE_UNITS, { description: 'Only prices in this unit.' }), ({ unit }) => unit),
  termMonths: {
    schema: Type.Integer({
      minimum: 0,
      maximum: 1200,
      description: 'Only prices with this term, in months.',
      examples: [12],
    }),
    matches: (it, months: number) => it.termMonths === months,
  },
};
const quoteFilters: Filters<Quote> = {
  currency: currencyEquals(({ currency }) => currency),
  source: nameEquals(
    text('Only from this catalog source.', 'seed', 100),
    'catalog source',
    ({ revisions }) => revisions.map(({ sourceId }) => sourceId),
    ({ sourceId }) => sourceId,
  ),
};

/** What selects prices, as parameters of a query. */
export const priceFilterQuery = optional(
  Object.fromEntries(
    Object.entries({ ...offerFilters, ...kindFilters, ...quoteFilters }).map(([name, { schema }]) => [name, schema]),
  ),
);

/** @throws ProblemError where the query names something that the catalog does not know. */
export const priceTests = (view: CatalogView, query: PageQuery): PriceTests => ({
  offer: wantedBy(offerFilters, query, view),
  kind: wantedBy(kindFilters, query, view),
  quote: wantedBy(quoteFilters, query, view),
});

/** Selections kept for the next page: of a million prices one takes a few tenths of a second and some megabytes. */
const SELECTIONS_KEPT = 4;
const selections = new WeakMap<CatalogView, Map<string, Promise<Rows<DatedPrice>>>>();

/** What the filters let through is the same from one moment at which prices change to the next. */
export const selectedRows = async (view: CatalogView, at: string, query: PageQuery): Promise<Rows<DatedPrice>> => {
  const { pageToken: _token, pageSize: _size, orderBy: _order, revision: _revision, asOf: _asOf, ...filters } = query;
  const key = JSON.stringify([view.lastPriceChange(at), Object.entries(filters).sort()]);
  const known = selections.get(view) ?? new Map<string, Promise<Rows<DatedPrice>>>();
  selections.set(view, known);
  const rows = known.get(key) ?? inSlices(view.pricesAt(at, priceTests(view, query))).then(selectionRows);
  const [oldest] = known.keys();
  known.delete(key);
  if (known.size >= SELECTIONS_KEPT && oldest !== undefined) known.delete(oldest);
  known.set(key, rows);
  return rows;
};

const selectionRows = (selection: PriceSelection): Rows<DatedPrice> => ({
  length: selection.length,
  id: (index) => `${selection.id(index)}\n${selection.currency(index)}`,
  sortValue: (index, order) => {
    if (order === 'observedAt') return selection.observedAtMs(index);
    const amount = selection.amountAsNumber(index);
    return Number.isNaN(amount) ? null : amount;
  },
  item: (index) => selection.price(index),
});

export const priceRoutes = (app: App, dependencies: Pick<Dependencies, 'catalog' | 'now'>): void => {
  listRoute<DatedPrice>(app, dependencies, {
    path: 'prices',
    title: 'Prices in force',
    description:
      'One price per identity and currency: where several sources quote it, the strongest one wins and is named. Amounts are ordered as numbers, whatever their currency.',
    plural: 'Prices',
    pageSchema: PricePageSchema,
    filters: { ...offerFilters, ...kindFilters, ...quoteFilters },
    orders: ['amount', 'observedAt'],
    select: selectedRows,
    toApi: priceToApi,
  });

  app.get(
    '/v1/catalog/prices/:id',
    {
      schema: {
        operationId: 'getPrice',
        summary: 'One price',
        description:
          'The amount in force at the moment asked for, and the source that won. A price may be quoted in several currencies; this gives one of them. The ETag is that of the price in all its currencies.',
        tags: ['Catalog'],
        params: idParameter('price', priceExample),
        querystring: Type.Object({ ...readingQuery, currency: currencyWanted }, { additionalProperties: false }),
        response: {
          200: json(ref(PriceSchema), 'The price.'),
          304: unchanged,
          ...problemResponses(...everyOperation, 404),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      const { view, at } = await readCatalog(dependencies, request.query);
      tellReading(reply, dependencies, view);
      const identity = identityOf(view, id);
      const { currency } = request.query as { readonly currency?: string };
      const price = currency === undefined ? view.priceAt(id, at) : view.priceIn(id, at, currency);
      const tag = priceTag(view, identity, at);
      if (price === undefined || tag === undefined) {
        const others = inEachCurrency(view, id, at).map((it) => it.currency);
        const quoted = others.length === 0 ? '' : ` It has one in ${others.join(' and ')}.`;
        throw new ProblemError(
          'resource-not-found',
          `Price '${id}' has no amount in force at ${at}${currency === undefined ? '' : ` in ${currency}`}.${quoted} /v1/catalog/prices/${encodeURIComponent(id)}/history shows when it had one.`,
        );
      }
      if (notModified(request, reply, tag)) return reply.code(304).send() as never;
      return priceToApi(price, view) as never;
    },
  );

  history(app, dependencies, {
    path: '/v1/catalog/prices/:id/history',
    operationId: 'getPriceHistory',
    summary: 'How a price changed',
    noun: 'price',
    example: priceExample,
    itemsOf: (view, id) => view.priceHistory(identityOf(view, id).id),
  });
  history(app, dependencies, {
    path: '/v1/catalog/offers/:id/price-history',
    operationId: 'getOfferPriceHistory',
    summary: 'How all prices of an offer changed',
    noun: 'offer',
    example: 'aws/us-east-1/p5.48xlarge',
    itemsOf: (view, id) => {
      const identities = view.priceIdentitiesOfOffer(id);
      if (identities.length === 0 && view.offer(id) === undefined) return notFound(view, 'offer', 'offer', id);
      return identities.flatMap((identity) => view.priceHistory(identity.id));
    },
  });
};

const identityOf = (view: CatalogView, id: string): PriceIdentity =>
  view.priceIdentity(id) ?? notFound(view, 'price', 'price', id);

interface History {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly noun: string;
  readonly example: string;
  readonly itemsOf: (view: CatalogView, id: string) => readonly DatedPrice[];
}

/** What stands in for an id in the order of a history: the price, then the date, then the currency. */
const dated = (price: DatedPrice) => ({ id: `${price.id}\n${price.validFrom}\n${price.currency}`, price });
type Dated = ReturnType<typeof dated>;

const inOrder = (prices: readonly DatedPrice[]): readonly Dated[] => prices.map(dated).sort(byId);

const history = (app: App, dependencies: Pick<Dependencies, 'catalog' | 'now'>, definition: History): void => {
  app.get(
    definition.path,
    {
      schema: {
        operationId: definition.operationId,
        summary: definition.summary,
        description:
          'Amounts with the time from which and until which each was in force, by currency, with the source that won and the revision that brought it. An older revision shows what was known then.',
        tags: ['Catalog'],
        params: idParameter(definition.noun, definition.example),
        querystring: listQuery({ currency: currencyWanted }, ['id']),
        response: {
          200: json(ref(DatedAmountPageSchema), 'One page of the history.'),
          304: unchanged,
          ...problemResponses(...everyOperation, 404),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      const query = request.query as PageQuery & ReadingQuery;
      const token = decodePageToken(pathOf(request), query);
      const { view, at, asOf } = await readCatalog(
        dependencies,
        token === undefined ? query : { revision: token.revision },
      );
      tellReading(reply, dependencies, view);
      const { currency } = request.query as { readonly currency?: string };
      const items = definition
        .itemsOf(view, id)
        .filter(({ validFrom }) => asOf === undefined || validFrom <= asOf)
        .filter((price) => currency === undefined || price.currency === currency);
      if (notModified(request, reply, readingTag(request, view, at))) return reply.code(304).send() as never;
      const page = await pageOf(rowsOf(inOrder(items)), pathOf(request), query, token, { revision: view.revision, at });
      return {
        items: page.items.map(({ price }) => withStaleFrom(price)),
        ...(page.nextPageToken !== undefined && { nextPageToken: page.nextPageToken }),
        total: items.length,
        catalogRevision: view.revision,
        ...(query.asOf !== undefined && { asOf }),
      } as never;
    },
  );
};
