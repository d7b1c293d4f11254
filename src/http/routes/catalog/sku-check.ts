/** Which SKUs of a price list the catalog knows, before anybody sends the list. */
import { resolveSku, type SkuMatch, type SkuQuery } from '../../../catalog/resolve-sku.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { App } from '../../application.ts';
import { SkuCheckRequestSchema, SkuCheckSchema } from '../../schemas/catalog/sku-check.ts';
import { ref } from '../../schemas/component.ts';
import { json, problemResponses, withBody } from '../../schemas/responses.ts';
import { tellReading } from './reading.ts';

const sentence = ({ providerId, region, sku }: SkuQuery, match: SkuMatch): string => {
  if (match.status === 'known') {
    return match.offers.length === 1 ? 'One offer.' : `${match.offers.length} offers; name the region to have one.`;
  }
  const what = {
    provider: `The catalog has no provider '${providerId}'.`,
    sku: `${providerId} has no SKU '${sku}'.`,
    region: `${providerId} has no '${sku}' in region '${region}'.`,
  }[match.unknown];
  const [near] = match.nearest;
  return near === undefined ? what : `${what} Did you mean '${near}'?`;
};

export const skuCheckRoutes = (app: App, { catalog }: Pick<Dependencies, 'catalog'>): void => {
  app.post(
    '/v1/catalog/skus::check',
    {
      schema: {
        operationId: 'checkSkus',
        summary: 'Whether the catalog knows the SKUs of a price list',
        description:
          'Returns for each name the offers that it means, or the unknown part with the nearest known names. Changes nothing and needs no key.',
        tags: ['Catalog'],
        body: ref(SkuCheckRequestSchema),
        'x-request-examples': {
          priceList: { summary: 'A known name and a mistyped one', value: SkuCheckRequestSchema.examples[0] },
        },
        response: { 200: json(ref(SkuCheckSchema), 'One result for each name.'), ...problemResponses(...withBody) },
      },
    },
    async (request, reply) => {
      const view = catalog.current();
      tellReading(reply, { catalog }, view);
      const items = request.body.skus.map(({ provider, region, sku }) => {
        const query = { providerId: provider, sku, ...(region !== undefined && { region }) };
        const match = resolveSku(view, query);
        return match.status === 'known'
          ? {
              status: match.status,
              offerIds: match.offers.map(({ id }) => id),
              nearest: [],
              detail: sentence(query, match),
            }
          : {
              status: match.status,
              offerIds: [],
              unknown: match.unknown,
              nearest: match.nearest,
              detail: sentence(query, match),
            };
      });
      return {
        items,
        unknownCount: items.filter(({ status }) => status === 'unknown').length,
        catalogRevision: view.revision,
      };
    },
  );
};
