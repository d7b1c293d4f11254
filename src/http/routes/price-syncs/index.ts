/** Price lists in bulk: sending one, and reading what became of it. */
import type pg from 'pg';
import { defaultSyncSettings, PriceSyncs } from '../../../catalog/sync/price-syncs.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { App } from '../../application.ts';
import { readingRoutes } from './reading.ts';
import { revisionDiffRoute } from './revision-diff.ts';
import { sendingRoutes } from './sending.ts';

/** Lists may use half of the connections; the other half is for everything else. */
const listsAtOnce = (pool: pg.Pool): number => Math.max(1, Math.floor((pool.options.max ?? 2) / 2));

export const priceSyncRoutes = (app: App, dependencies: Dependencies): void => {
  const { pool, catalog, now, settings, logger } = dependencies;
  const syncs = new PriceSyncs({
    pool,
    catalog,
    now,
    settings: {
      ...defaultSyncSettings,
      limitBytes: settings.priceListLimitBytes,
      answeredAtOnceRows: settings.priceListRowsAtOnce,
      atOnce: listsAtOnce(pool),
      retentionDays: settings.priceSyncRetentionDays,
    },
    onError: (message, error) => logger.error({ err: error }, message),
  });
  app.addHook('onListen', async () => {
    await syncs
      .recover()
      .catch((error: unknown) => logger.error({ err: error }, 'Unfinished syncs could not be taken up.'));
  });
  app.addHook('onClose', () => syncs.close());

  sendingRoutes(app, syncs, dependencies);
  readingRoutes(app, dependencies);
  revisionDiffRoute(app, dependencies);
};
