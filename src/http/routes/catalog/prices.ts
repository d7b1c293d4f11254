/** Prices in force at a moment, and how they came to be. */

import { Type } from '@sinclair/typebox';
import type { CatalogView, DatedPrice } from '../../../catalog/snapshot.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { PriceIdentity } from '../../../domain/catalog/offers.ts';
import type { App } from '../../application.ts';
import { entityTag, notModified } from '../../caching.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { country, text } from '../../schemas/catalog/fields.ts';
import {
  DatedAmountSchema,
  OFFER_MODES,
  PRICE_CATEGORIES,
  PRICE_UNITS,
  PriceSchema,
  SKU_KINDS,
} from '../../schemas/catalog/offers.ts';
import { idParameter, listQuery, pageComponent, readingQuery } from '../../schemas/catalog/page.ts';
import { choice, ref } from '../../schemas/component.ts';
import { everyOperation, json, problemResponses } from '../../schemas/responses.ts';
import { listRoute, notFound, readingTag, unchanged } from './collection.ts';
import { equals, idEquals, nameEquals, skuEquals } from './filters.ts';
import { decodePageToken, type PageQuery, pageOf, pathOf } from './paging.ts';
import { type ReadingQuery, readCatalog, tellReading } from './reading.ts';

export const priceExample = 'aws/us-east-1/p5.48xlarge/on_demand';

const PricePageSchema = pageComponent('CatalogPricePage', PriceSchema, 'Prices in force.');

/** Changes with any statement on the price, when another amount comes into force, and when the offer changes. */
export const priceTag = (view: CatalogView, price: DatedPrice): string => {
  const offerRevision = view.origin('offer', price.offerId)?.revision ?? 0;
  return entityTag(`price ${price.id} ${view.priceRevision(price.id)} ${price.validFrom} ${offerRevision}`);
};

/** A price with what it is the price of. */
export const priceToApi = (price: DatedPrice, view: CatalogView): object => {
  const offer = view.offer(price.offerId);
  return {
    ...price,
    providerId: offer?.providerId ?? price.offerId.split('/', 1)[0],
    regionId: offer?.regionId ?? null,
    deviceId: offer?.deviceId ?? null,
    modelId: offer?.modelId ?? null,
    deviceCount: offer?.deviceCount ?? 0,
    mode: offer?.mode ?? 'retired',
  };
};

const offerField =
  (field: 'providerId' | 'sku' | 'regionId' | 'deviceId' | 'modelId' | 'kind' | 'mode') =>
  (price: DatedPrice, view: CatalogView): string | null | undefined =>
    view.offer(price.offerId)?.[field];

export const priceRoutes = (app: App, dependencies: Pick<Dependencies, 'catalog' | 'now'>): void => {
  listRoute<DatedPrice>(app, dependencies, {
    path: 'prices',
    title: 'Prices in force',
    description: 'One price per identity: where several sources quote it, the strongest one wins and is named.',
    plural: 'Prices',
    pageSchema: PricePageSchema,
    items: (view, at) => view.pricesAt(at),
    toApi: priceToApi,
    filters: {
      offer: idEquals(text('Only of this offer.', 'aws/us-east-1/p5.48xlarge', 300), 'offer', (it) => it.offerId),
      sku: skuEquals(offerField('sku')),
      provider: idEquals(text('Only of this provider.', 'aws', 100), 'provider', offerField('providerId')),
      region: idEquals(text('Only in this region.', 'aws/us-east-1', 300), 'region', offerField('regionId')),
      country: equals(
        country('Only in regions of this country.'),
        (it, view) => view.region(view.offer(it.offerId)?.regionId ?? '')?.country,
      ),
      device: idEquals(
        text('Only of offers with this device.', 'nvidia-h100-sxm5-80gb', 300),
        'device',
        offerField('deviceId'),
      ),
      model: idEquals(
        text('Only of this model’s tokens.', 'meta-llama/Llama-3.1-70B', 300),
        'model',
        offerField('modelId'),
      ),
      kind: equals(choice(SKU_KINDS, { description: 'Only of offers of this kind.' }), offerField('kind')),
      mode: equals(choice(OFFER_MODES, { description: 'Only of offers to be had this way.' }), offerField('mode')),
      category: equals(choice(PRICE_CATEGORIES, { description: 'Only of this category.' }), (it) => it.category),
      unit: equals(choice(PRICE_UNITS, { description: 'Only by this unit.' }), (it) => it.unit),
      currency: equals(text('Only in this currency (ISO 4217).', 'USD', 3), (it) => it.currency),
      source: nameEquals(
        text('Only from this catalog source.', 'seed', 100),
        'catalog source',
        ({ revisions }) => revisions.map(({ sourceId }) => sourceId),
        (it) => it.sourceId,
      ),
      termMonths: {
        schema: Type.Integer({ minimum: 0, maximum: 1200, description: 'Only with this commitment.', examples: [12] }),
        matches: (it, months: number) => it.termMonths === months,
      },
    },
    orders: {
      amount: ({ amount }) => (amount === null ? null : Number(amount)),
      observedAt: ({ observedAt }) => observedAt,
    },
  });

  app.get(
    '/v1/catalog/prices/:id',
    {
      schema: {
        operationId: 'getPrice',
        summary: 'One price',
        description: 'The amount in force at the moment asked for, and the source that won.',
        tags: ['Catalog'],
        params: idParameter('price', priceExample),
        querystring: Type.Object(readingQuery, { additionalProperties: false }),
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
      const price = view.priceAt(identity.id, at);
      if (price === undefined) {
        throw new ProblemError(
          'resource-not-found',
          `Price '${id}' has no amount in force at ${at}. /v1/catalog/prices/${encodeURIComponent(id)}/history shows when it had one.`,
        );
      }
      if (notModified(request, reply, priceTag(view, price as DatedPrice))) return reply.code(304).send() as never;
      return priceToApi(price as DatedPrice, view) as never;
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
      const identities = view.priceIdentities.filter(({ offerId }) => offerId === id);
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

const HistoryPageSchema = pageComponent('CatalogDatedAmountPage', DatedAmountSchema, 'Dated amounts, oldest first.');

/** What stands in for an id in the order of a history: the price, then the date. */
const dated = (price: DatedPrice) => ({ id: `${price.id}\n${price.validFrom}`, price });

const history = (app: App, dependencies: Pick<Dependencies, 'catalog' | 'now'>, definition: History): void => {
  app.get(
    definition.path,
    {
      schema: {
        operationId: definition.operationId,
        summary: definition.summary,
        description:
          'What was in force from when to when, as believed at the revision asked for, with the source that won and the revision that brought it. Read an older revision to see what was believed then.',
        tags: ['Catalog'],
        params: idParameter(definition.noun, definition.example),
        querystring: listQuery({}, ['id']),
        response: {
          200: json(ref(HistoryPageSchema), 'One page of the history.'),
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
      const items = definition.itemsOf(view, id).filter(({ validFrom }) => asOf === undefined || validFrom <= asOf);
      if (notModified(request, reply, readingTag(request, view, at))) return reply.code(304).send() as never;
      const page = pageOf(items.map(dated), {}, pathOf(request), query, token, { revision: view.revision, at });
      return {
        items: page.items.map(({ price }) => price),
        ...(page.nextPageToken !== undefined && { nextPageToken: page.nextPageToken }),
        total: items.length,
        catalogRevision: view.revision,
        ...(query.asOf !== undefined && { asOf }),
      } as never;
    },
  );
};
