/** Trades of organizations in a question. A misspelt one would be one that no law binds. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { refuse } from '../estimate/request-fault.ts';
import { knownSectors } from '../sovereignty/index.ts';
import type { PlacementRequest } from './request.ts';

/** @throws RequestFaultError for a trade that neither a regime nor this service knows. */
export function requireKnownSectors({ regimes }: CatalogSnapshot, { components }: PlacementRequest): void {
  const sectors = knownSectors(regimes);
  for (const [index, { sector }] of components.entries())
    if (sector !== undefined && !sectors.includes(sector))
      refuse(
        `/components/${index}/sector`,
        'unknown_id',
        `No trade "${sector}" is known, so that no law of one trade would bind it; use one of ${sectors.join(', ')}, or leave it out: then all of these laws bind.`,
      );
}
