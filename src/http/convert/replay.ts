import type { Static } from '@sinclair/typebox';
import type { CatalogView } from '../../catalog/snapshot.ts';
import type { CatalogAccess } from '../../dependencies.ts';
import type { CatalogSnapshot } from '../../domain/catalog/snapshot.ts';
import type { PriceBook } from '../../domain/economics/price-book.ts';
import { withPriceBook } from '../../domain/economics/price-layers.ts';
import { ENGINE_VERSION } from '../../engine-version.ts';
import { rankPrices } from '../ranked-prices.ts';
import type { ReplaySchema } from '../schemas/estimates/answer.ts';
import type { ReportingRequestSchema } from '../schemas/reporting-currency.ts';
import { pricesLeftOut } from './prices-left-out.ts';
import { reportingAt } from './reporting-currency.ts';

export type Replay = Static<typeof ReplaySchema>;

export interface Pinnable {
  readonly catalogRevision?: number;
  readonly pricingAt?: string;
  readonly priceBook?: PriceBookPin;
  readonly reporting?: Static<typeof ReportingRequestSchema>;
}

/** The only device that is asked about, by its id; absent where it is to be chosen. */
interface OfDevice {
  readonly device?: string;
}

export interface PriceBookPin {
  readonly id: string;
  readonly revision?: number;
}

/** Where a request may read: the catalog, and the price books of whoever sent it. */
export interface PinnedSources {
  readonly catalog: Pick<CatalogAccess, 'at'>;
  /** Rejects with what to answer when the sender may not read books or has no such one. */
  readonly priceBook: (pin: PriceBookPin) => Promise<PriceBook>;
}

/**
 * The snapshot the request pins, or the newest, with the prices of its price book; the time it pins, or now; and the request with all
 * of it written out.
 */
export async function pinnedReading<Request extends Pinnable & OfDevice>(
  { catalog, priceBook }: PinnedSources,
  request: Request,
  newest: CatalogView,
  time: Date,
) {
  const revision = request.catalogRevision;
  const listed = revision === undefined || revision === newest.revision ? newest : await catalog.at(revision);
  const book = request.priceBook === undefined ? undefined : await priceBook(request.priceBook);
  const snapshot: CatalogSnapshot = book === undefined ? listed : withPriceBook(listed, book);
  const named = book !== undefined && { priceBook: { id: book.id, revision: book.revision } };
  const pricingAt = (request.pricingAt === undefined ? time : new Date(request.pricingAt)).toISOString();
  await rankPrices(snapshot, pricingAt, request.device);
  const leftOut = pricesLeftOut(listed, book, pricingAt);
  const reporting = reportingAt(request.reporting, book, pricingAt);
  const replay: Replay = {
    engineVersion: ENGINE_VERSION,
    catalogRevision: snapshot.revision,
    catalogCommittedAt: snapshot.committedAt,
    pricingAt,
    ...named,
    ...(reporting !== undefined && { reporting }),
    ...(leftOut.length > 0 && { pricesLeftOut: [...leftOut] }),
  };
  return { snapshot, replay, pinned: { ...request, pricingAt, catalogRevision: snapshot.revision, ...named } };
}

/** What has to be pinned for one question of several to give the same answer when it is asked alone. */
export const pinsOf = ({ reporting }: Pinnable, { pricingAt, catalogRevision, priceBook }: Replay): Pinnable => ({
  pricingAt,
  catalogRevision,
  ...(priceBook !== undefined && { priceBook }),
  ...(reporting !== undefined && { reporting }),
});
