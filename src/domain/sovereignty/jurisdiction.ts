/** Codes of places in law: ISO 3166-1 countries ("AE"), parts of them ("AE-DIFC", "US-FL"), the European Union ("EU"). */

import type { SovereigntyRegime } from '../catalog/places.ts';

/** "AE" of "AE-DIFC". */
export const countryOf = (code: string): string => code.split('-')[0] as string;

/** Parts of countries with a data law of their own in the catalog, sorted. */
export const partsWithOwnLaw = (regimes: readonly SovereigntyRegime[]): readonly string[] =>
  [...new Set(regimes.map(({ jurisdiction }) => jurisdiction).filter((code) => code !== countryOf(code)))].sort();

/** Whether a place lies in one of the areas: a part lies in its country, a country not in its part. */
export const liesIn = (place: string, areas: readonly string[]): boolean =>
  areas.includes(place) || areas.includes(countryOf(place));
