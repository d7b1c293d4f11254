/** The application on a real database that holds the seed, as it is after a first start. */
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { ensureAdminKey } from '../../src/access/admin-key.ts';
import { keySha256 } from '../../src/access/keys.ts';
import { type CatalogHolder, openCatalog } from '../../src/catalog/holder.ts';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { seedCatalog } from '../../src/catalog/seed/seeding.ts';
import { type Dependencies, defaultHttpSettings } from '../../src/dependencies.ts';
import { createSolver, defaultSolverSettings } from '../../src/solver/solver.ts';
import { useTestDatabase } from '../helpers/database.ts';
import { keepExampleBook } from './example-book.ts';
import { keepExamplePlacement } from './example-placement.ts';
import { keepExampleSync } from './example-sync.ts';

export const adminKey = 'admin-key-of-the-tests';
/** Known, and allowed nothing. */
export const powerlessKey = 'powerless-key-of-the-tests';

/** Registers hooks in the calling file; the returned function gives the dependencies inside hooks and tests. */
export const useSeededService = (): (() => Dependencies) => {
  const database = useTestDatabase('migrated');
  const solver = createSolver(defaultSolverSettings);
  let catalog: CatalogHolder | undefined;

  beforeAll(async () => {
    const { db, pool, url } = database();
    await seedCatalog(db, loadSeed());
    await ensureAdminKey(pool, adminKey);
    await db
      .insertInto('api_key')
      .values({ label: 'powerless', key_sha256: keySha256(powerlessKey), scopes: [] })
      .execute();
    await keepExampleSync(pool);
    await keepExampleBook(db);
    await keepExamplePlacement(pool);
    catalog = await openCatalog({ db, pool, databaseUrl: url, onError: () => undefined });
  });
  afterAll(async () => {
    await catalog?.close();
    await solver.close();
  });

  return () => {
    if (catalog === undefined) throw new Error('The service exists only inside hooks and tests.');
    return {
      settings: { ...defaultHttpSettings, maxEventLoopDelayMs: 0 },
      catalog,
      db: database().db,
      pool: database().pool,
      solve: solver.solve,
      databaseState: async () => ({ reachable: true, migrationsCurrent: true }),
      now: () => new Date(),
      logger: pino({ level: 'silent' }),
    };
  };
};
