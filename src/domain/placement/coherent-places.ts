/** Places in a question that contradict themselves: half a position, a legal zone of another country. */
import { refuse } from '../estimate/request-fault.ts';
import { countryOf } from '../sovereignty/index.ts';
import type { PlacementRequest } from './request.ts';

/** @throws RequestFaultError at the field */
export function requireCoherentPlaces({ components, userGroups, sites = [] }: PlacementRequest): void {
  for (const [index, group] of userGroups.entries()) requireBothCoordinates(group, `/userGroups/${index}`);
  for (const [index, site] of sites.entries()) {
    requireBothCoordinates(site, `/sites/${index}`);
    if (site.freeZone !== undefined && site.country !== undefined)
      requireZoneOf(site.freeZone, [site.country], `/sites/${index}/freeZone`, 'the site lies');
  }
  for (const [index, { freeZone, subjectCountries }] of components.entries())
    if (freeZone !== undefined)
      requireZoneOf(
        freeZone,
        subjectCountries ?? userGroups.map(({ country }) => country),
        `/components/${index}/freeZone`,
        'those the data is about are',
      );
}

function requireBothCoordinates(
  { latitude, longitude }: { readonly latitude?: number; readonly longitude?: number },
  pointer: string,
): void {
  if ((latitude === undefined) === (longitude === undefined)) return;
  const [given, missing] = latitude === undefined ? ['longitude', 'latitude'] : ['latitude', 'longitude'];
  refuse(`${pointer}/${missing}`, 'required', `A place has both: give ${missing} besides ${given}, or leave both out.`);
}

function requireZoneOf(freeZone: string, countries: readonly string[], pointer: string, who: string): void {
  if (countries.includes(countryOf(freeZone))) return;
  refuse(
    pointer,
    'contradiction',
    `The zone ${freeZone} lies in ${countryOf(freeZone)}, and ${who} in ${[...new Set(countries)].join(', ')}: its law would bind nobody here. Name a zone of these, or leave it out.`,
  );
}
