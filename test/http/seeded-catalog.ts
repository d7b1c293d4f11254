/** The catalog that ships with this version, as an application in memory has it. */
import { fixedCatalog } from '../../src/catalog/holder.ts';
import { snapshot } from '../domain/seed.ts';

export const seededCatalog = { ...fixedCatalog(snapshot), ageSeconds: () => 3 };
