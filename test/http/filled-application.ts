/** The application on a real database of its own, filled with what a test wants in its catalog. */
import { afterAll, beforeAll } from 'vitest';
import { buildApp } from '../../src/app.ts';
import type { CatalogContents } from '../../src/catalog/contents.ts';
import { type CatalogHolder, openCatalog } from '../../src/catalog/holder.ts';
import { seedCatalog } from '../../src/catalog/seed/seeding.ts';
import type { App } from '../../src/http/application.ts';
import { type TestDatabase, useTestDatabase } from '../helpers/database.ts';
import { testDependencies } from './application.ts';

interface FilledApplication extends TestDatabase {
  readonly app: App;
  readonly catalog: CatalogHolder;
}

/** Registers hooks in the calling file, before its own; the returned function gives the application inside hooks and tests. */
export const useFilledApplication = (contentsOf: () => CatalogContents): (() => FilledApplication) => {
  const database = useTestDatabase('migrated');
  let filled: FilledApplication | undefined;
  beforeAll(async () => {
    const { db, pool, url } = database();
    await seedCatalog(db, contentsOf());
    const catalog = await openCatalog({ db, pool, databaseUrl: url, onError: () => undefined });
    filled = { ...database(), catalog, app: await buildApp(testDependencies({ catalog, db, pool })) };
  });
  afterAll(async () => {
    await filled?.app.close();
    await filled?.catalog.close();
  });
  return () => {
    if (filled === undefined) throw new Error('The application exists only inside hooks and tests.');
    return filled;
  };
};
