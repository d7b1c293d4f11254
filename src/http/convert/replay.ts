import type { Static } from '@sinclair/typebox';
import type { CatalogView } from '../../catalog/snapshot.ts';
import type { CatalogAccess } from '../../dependencies.ts';
import { ENGINE_VERSION } from '../../engine-version.ts';
import type { ReplaySchema } from '../schemas/estimate-answer.ts';

export type Replay = Static<typeof ReplaySchema>;

export interface Pinnable {
  readonly catalogRevision?: number;
  readonly pricingAt?: string;
}

/** The snapshot the request pins, or the newest; the time it pins, or now; and the request with both written out. */
export async function pinnedReading<Request extends Pinnable>(
  catalog: Pick<CatalogAccess, 'at'>,
  request: Request,
  newest: CatalogView,
  time: Date,
) {
  const revision = request.catalogRevision;
  const snapshot = revision === undefined || revision === newest.revision ? newest : await catalog.at(revision);
  const pricingAt = (request.pricingAt === undefined ? time : new Date(request.pricingAt)).toISOString();
  const replay: Replay = {
    engineVersion: ENGINE_VERSION,
    catalogRevision: snapshot.revision,
    catalogCommittedAt: snapshot.committedAt,
    pricingAt,
  };
  return { snapshot, replay, pinned: { ...request, pricingAt, catalogRevision: snapshot.revision } };
}
