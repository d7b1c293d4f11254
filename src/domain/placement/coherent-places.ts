/** Places in a question that contradict themselves or are none: half a position, a legal zone unknown or of another country. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { refuse } from '../estimate/request-fault.ts';
import { countryOf, partsWithOwnLaw } from '../sovereignty/index.ts';
import type { PlacementRequest } from './request.ts';

/** @throws RequestFaultError at the field */
export function requireCoherentPlaces(
  { regimes }: Pick<CatalogSnapshot, 'regimes'>,
  { components, userGroups, sites = [] }: PlacementRequest,
): void {
  const zones = partsWithOwnLaw(regimes);
  for (const [index, group] of userGroups.entries()) requireBothCoordinates(group, `/userGroups/${index}`);
  for (const [index, site] of sites.entries()) {
    requireBothCoordinates(site, `/sites/${index}`);
    if (site.freeZone === undefined) continue;
    requireKnownZone(site.freeZone, zones, `/sites/${index}/freeZone`);
    if (site.country !== undefined)
      requireZoneOf(site.freeZone, [site.country], `/sites/${index}/freeZone`, 'the site lies');
  }
  for (const [index, { freeZone, subjectCountries }] of components.entries()) {
    if (freeZone === undefined) continue;
    requireKnownZone(freeZone, zones, `/components/${index}/freeZone`);
    requireZoneOf(
      freeZone,
      subjectCountries ?? userGroups.map(({ country }) => country),
      `/components/${index}/freeZone`,
      'those the data is about are',
    );
  }
}

function requireBothCoordinates(
  { latitude, longitude }: { readonly latitude?: number; readonly longitude?: number },
  pointer: string,
): void {
  if ((latitude === undefined) === (longitude === undefined)) return;
  const [given, missing] = latitude === undefined ? ['longitude', 'latitude'] : ['latitude', 'longitude'];
  refuse(`${pointer}/${missing}`, 'required', `A place has both: give ${missing} besides ${given}, or leave both out.`);
}

/** A misspelt zone would be one without a law of its own, and that of its country would count without a word. */
function requireKnownZone(freeZone: string, zones: readonly string[], pointer: string): void {
  if (zones.includes(freeZone)) return;
  refuse(
    pointer,
    'unknown_id',
    `No data law of a zone ${freeZone} is known; use one of ${zones.join(', ')}, or leave it out: then the law of the country counts.`,
  );
}

function requireZoneOf(freeZone: string, countries: readonly string[], pointer: string, who: string): void {
  if (countries.includes(countryOf(freeZone))) return;
  refuse(
    pointer,
    'contradiction',
    `The zone ${freeZone} lies in ${countryOf(freeZone)}, and ${who} in ${[...new Set(countries)].join(', ')}: its law would bind nobody here. Name a zone of these, or leave it out.`,
  );
}
