/** Finds the offer that a row of a price list means, or says what nearest thing the catalog knows. */
import type { Offer } from '../domain/catalog/offers.ts';
import { nearestNames } from './nearest.ts';
import type { CatalogView } from './snapshot.ts';

export interface SkuQuery {
  readonly providerId: string;
  /** Region id or the provider's own code; absent: any region. */
  readonly region?: string;
  readonly sku: string;
}

export type SkuMatch =
  | { readonly status: 'known'; readonly offers: readonly Offer[] }
  | {
      readonly status: 'unknown';
      /** The part that the catalog does not know; what stands before it is known. */
      readonly unknown: 'provider' | 'region' | 'sku';
      readonly nearest: readonly string[];
    };

/** Offers of each provider by SKU in small letters; made once for each list of offers, of which there may be many. */
const indexes = new WeakMap<readonly Offer[], ReadonlyMap<string, ReadonlyMap<string, readonly Offer[]>>>();

export const offersBySku = (offers: readonly Offer[]): ReadonlyMap<string, ReadonlyMap<string, readonly Offer[]>> => {
  const index =
    indexes.get(offers) ??
    new Map(
      [...Map.groupBy(offers, ({ providerId }) => providerId)].map(([providerId, ofProvider]) => [
        providerId,
        Map.groupBy(ofProvider, ({ sku }) => sku.toLowerCase()),
      ]),
    );
  indexes.set(offers, index);
  return index;
};

const asItems = (names: Iterable<string>) => [...new Set(names)].map((id) => ({ id }));
const noAliases = (): readonly string[] => [];

/** Case does not matter. An SKU that the provider has in another region only is unknown as a region of that SKU. */
export const resolveSku = (view: CatalogView, { providerId, region, sku }: SkuQuery): SkuMatch => {
  const provider = view.providers.find(({ id }) => id.toLowerCase() === providerId.toLowerCase());
  if (provider === undefined) {
    return { status: 'unknown', unknown: 'provider', nearest: view.nearest('provider', providerId) };
  }
  const ofProvider = offersBySku(view.offers).get(provider.id);
  const ofSku = ofProvider?.get(sku.toLowerCase()) ?? [];
  if (ofSku.length === 0) {
    const skus = asItems([...(ofProvider?.values() ?? [])].flatMap(([first]) => first?.sku ?? []));
    return { status: 'unknown', unknown: 'sku', nearest: nearestNames(sku, skus, noAliases) };
  }
  if (region === undefined) return { status: 'known', offers: ofSku };
  const wanted = region.toLowerCase();
  const offers = ofSku.filter(({ regionId }) => {
    const id = (regionId ?? `${provider.id}/global`).toLowerCase();
    return id === wanted || id === `${provider.id.toLowerCase()}/${wanted}`;
  });
  if (offers.length > 0) return { status: 'known', offers };
  const regions = asItems(ofSku.map(({ regionId }) => regionId ?? `${provider.id}/global`));
  const asked = wanted.includes('/') ? wanted : `${provider.id}/${wanted}`;
  return { status: 'unknown', unknown: 'region', nearest: nearestNames(asked, regions, noAliases) };
};
