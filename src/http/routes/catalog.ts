/** Everything under /v1/catalog. */
import type { Dependencies } from '../../dependencies.ts';
import type { App } from '../application.ts';
import { collectionRoutes } from './catalog/collection.ts';
import { collections } from './catalog/collections.ts';
import { plainSlashRoutes } from './catalog/plain-slashes.ts';
import { priceChartRoutes } from './catalog/price-chart.ts';
import { priceWriteRoutes } from './catalog/price-writing.ts';
import { priceRoutes } from './catalog/prices.ts';
import { revisionRoutes } from './catalog/revisions.ts';
import { skuCheckRoutes } from './catalog/sku-check.ts';
import { sourceRoutes } from './catalog/sources.ts';
import { entryWriteRoutes } from './catalog/writing.ts';

type CatalogDependencies = Pick<Dependencies, 'catalog' | 'db' | 'now'>;

export const catalogRoutes = (app: App, dependencies: CatalogDependencies): void => {
  for (const definition of collections) {
    collectionRoutes(app, dependencies, definition);
    entryWriteRoutes(app, dependencies, definition);
  }
  priceRoutes(app, dependencies);
  priceChartRoutes(app, dependencies);
  priceWriteRoutes(app, dependencies);
  revisionRoutes(app, dependencies);
  sourceRoutes(app, dependencies);
  skuCheckRoutes(app, dependencies);
  plainSlashRoutes(app, [...collections.map(({ path }) => path), 'prices']);
};
