/** All routes, in the order of the contract. A new resource is one line here. */
import type { Registry } from 'prom-client';
import type { Dependencies } from '../../dependencies.ts';
import type { App } from '../application.ts';
import type { Compilations } from '../plugins/compilations.ts';
import { priceBookAccess } from '../price-book-access.ts';
import { auditRoutes } from './audit.ts';
import { priceExportRoutes } from './catalog/exports.ts';
import { catalogRoutes } from './catalog.ts';
import { comparisonRoutes } from './comparisons.ts';
import { contractRoutes } from './contract.ts';
import { deploymentPlacementRoutes } from './deployment-placements.ts';
import { estimateRoutes } from './estimates.ts';
import { hardwareRecommendationRoutes } from './hardware-recommendations.ts';
import { healthRoutes } from './health.ts';
import { operationRoutes } from './operations.ts';
import { priceBookRoutes } from './price-books.ts';
import { priceSyncRoutes } from './price-syncs/index.ts';
import { problemRoutes } from './problems.ts';
import { quarantineRoutes } from './quarantine.ts';

export const routes = (app: App, dependencies: Dependencies, registry: Registry, compilations: Compilations): void => {
  const priceBooks = priceBookAccess(dependencies);
  estimateRoutes(app, dependencies, priceBooks);
  hardwareRecommendationRoutes(app, dependencies, priceBooks);
  deploymentPlacementRoutes(app, dependencies, priceBooks);
  comparisonRoutes(app, dependencies, priceBooks);
  catalogRoutes(app, dependencies);
  priceExportRoutes(app, dependencies, priceBooks);
  priceSyncRoutes(app, dependencies);
  priceBookRoutes(app, dependencies);
  quarantineRoutes(app, dependencies);
  operationRoutes(app, dependencies);
  auditRoutes(app, dependencies);
  contractRoutes(app, compilations);
  problemRoutes(app);
  healthRoutes(app, dependencies, registry);
};
