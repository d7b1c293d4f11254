/** PUE and grid intensity of places, each looked up once. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import { GRID_INTENSITY, pueFor } from '../../energy/index.ts';
import type { SiteFacts } from '../../estimate/selectors.ts';

interface PlaceFigures {
  readonly pue: number;
  readonly gramsCo2ePerKwh: number;
}

/** Of rented places; a hall of one's own has the PUE of its cooling, which the bill of owned hardware works out. */
export function placeFigures(snapshot: CatalogSnapshot, facts: SiteFacts | undefined) {
  const places = new Map<string, PlaceFigures>();
  return (providerId: string, regionId: string | null, country: string | null): PlaceFigures => {
    const key = regionId ?? providerId;
    const known = places.get(key);
    if (known !== undefined) return known;
    const query = { given: facts?.pue, regionId, providerId };
    const figures = {
      pue: pueFor(snapshot, query, new AssumptionLog()).value,
      gramsCo2ePerKwh:
        facts?.gridGramsCo2ePerKwh ??
        (country === null ? undefined : snapshot.grid(country)?.gramsCo2ePerKwh) ??
        GRID_INTENSITY.value,
    };
    places.set(key, figures);
    return figures;
  };
}
