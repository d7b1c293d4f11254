/** How the prices of an offer changed, as lines to draw. */
import { Type } from '@sinclair/typebox';
import type { DatedPrice } from '../../../catalog/price-columns.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { App } from '../../application.ts';
import { notModified } from '../../caching.ts';
import { idParameter, readingQuery } from '../../schemas/catalog/page.ts';
import { PriceChartSchema } from '../../schemas/catalog/price-chart.ts';
import { everyOperation, json, problemResponses } from '../../schemas/responses.ts';
import { notFound, readingTag, unchanged } from './collection.ts';
import { readCatalog, tellReading } from './reading.ts';

export const priceChartRoutes = (app: App, dependencies: Pick<Dependencies, 'catalog' | 'now'>): void => {
  app.get(
    '/v1/catalog/offers/:id/price-chart',
    {
      schema: {
        operationId: 'getOfferPriceChart',
        summary: 'The price history of an offer, as lines to draw',
        description:
          'One line for each price and currency: the amount from each moment on until the next, null where the price had ended. As believed at the revision asked for, up to asOf. With the sources that said it, since a step can be another source instead of another price.',
        tags: ['Catalog'],
        params: idParameter('offer', 'aws/us-east-1/p5.48xlarge'),
        querystring: Type.Object(readingQuery, { additionalProperties: false }),
        response: {
          200: json(PriceChartSchema, 'The lines.'),
          304: unchanged,
          ...problemResponses(...everyOperation, 404),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      const { view, at, asOf } = await readCatalog(dependencies, request.query);
      const identities = view.priceIdentitiesOfOffer(id);
      if (identities.length === 0 && view.offer(id) === undefined) return notFound(view, 'offer', 'offer', id);
      tellReading(reply, dependencies, view);
      if (notModified(request, reply, readingTag(request, view, at))) return reply.code(304).send() as never;
      const lines = identities.flatMap(({ id: priceId, category, termMonths, payment, tierFrom, unit }) => {
        const history = view.priceHistory(priceId).filter(({ validFrom }) => asOf === undefined || validFrom <= asOf);
        return [...Map.groupBy(history, ({ currency }) => currency)].map(([currency, steps]) => ({
          priceId,
          category,
          termMonths,
          payment,
          tierFrom,
          unit,
          currency,
          points: pointsOf(steps),
        }));
      });
      return { offerId: id, catalogRevision: view.revision, lines };
    },
  );
};

/** Where one stretch ends and no other begins, the line breaks off. */
const pointsOf = (steps: readonly DatedPrice[]) =>
  steps.flatMap(({ validFrom, validTo, amount, upfront, sourceId, revision }, index) => [
    { startTime: validFrom, amount, upfront, sourceId, revision },
    ...(validTo !== null && steps[index + 1]?.validFrom !== validTo
      ? [{ startTime: validTo, amount: null, upfront: null, sourceId, revision }]
      : []),
  ]);
