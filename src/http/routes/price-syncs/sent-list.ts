/** What is sent as a price list: its format, and the request it makes. */
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { SENT_FEEDS } from '../../../catalog/feeds/index.ts';
import { knownSkus } from '../../../catalog/feeds/known-skus.ts';
import type { CatalogHolder } from '../../../catalog/holder.ts';
import type { Conversion } from '../../../catalog/sync/receive.ts';
import type { SyncRequest } from '../../../catalog/sync/sync-request.ts';
import { tenantOf } from '../../plugins/api-key.ts';
import { ProblemError } from '../../problems/problem-error.ts';

/** Our own format, and what the world publishes. */
export const LIST_MEDIA_TYPES: readonly string[] = ['text/csv', 'application/x-ndjson', ...SENT_FEEDS.keys()];

/**
 * The body of a request that brings a list, which is read as it comes. Nothing of the stream can be seen from outside: whoever looks
 * through bodies would follow it to its socket, and from there to all that the service is made of.
 */
export class ListOnItsWay {
  readonly #bytes: Readable;

  constructor(bytes: Readable) {
    this.#bytes = bytes;
  }

  get bytes(): Readable {
    return this.#bytes;
  }
}

/** A request without a body brings an empty list. */
export const bytesOf = ({ body, raw }: Pick<FastifyRequest, 'body' | 'raw'>): Readable =>
  body instanceof ListOnItsWay ? body.bytes : raw;

const mediaTypeOf = ({ headers }: FastifyRequest): string | undefined =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase();

export const onlyKnownFormats = async (request: FastifyRequest): Promise<void> => {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  const type = mediaTypeOf(request);
  if (['identity', 'gzip', 'x-gzip'].includes(encoding) && LIST_MEDIA_TYPES.includes(type ?? '')) return;
  throw new ProblemError(
    'unsupported-media-type',
    `A price list is ${LIST_MEDIA_TYPES.join(', ')}, plain or with Content-Encoding: gzip; this one is ${type ?? 'of no type'}, ${encoding}.`,
    { headers: { accept: LIST_MEDIA_TYPES.join(', '), 'accept-encoding': 'gzip, identity' } },
  );
};

interface SendQuery {
  readonly mode?: 'full' | 'delta';
  readonly dryRun?: boolean;
  readonly provider?: readonly string[];
  readonly region?: readonly string[];
  readonly category?: readonly string[];
  readonly fileDate?: string;
  readonly fileRegion?: string;
  readonly knownSkusOnly?: boolean;
}

/** @throws ProblemError where the query speaks of a published file and the list is none. */
const conversionOf = (
  query: SendQuery,
  mediaType: string,
  catalog: Pick<CatalogHolder, 'current'>,
): Conversion | undefined => {
  const feed = SENT_FEEDS.get(mediaType);
  const { fileDate, fileRegion, knownSkusOnly = false } = query;
  if (feed !== undefined) {
    const options = {
      ...knownSkus(catalog.current()),
      ...(fileDate !== undefined && { date: fileDate }),
      ...(fileRegion !== undefined && { region: fileRegion }),
    };
    return { feed, options, knownSkusOnly };
  }
  const given = Object.entries({ fileDate, fileRegion, knownSkusOnly: knownSkusOnly || undefined });
  const [named] = given.find(([, value]) => value !== undefined) ?? [];
  if (named === undefined) return undefined;
  const detail = `${named} is for published files, ${[...SENT_FEEDS.keys()].join(', ')}; rows of ${mediaType} say it themselves.`;
  throw new ProblemError('contradictory-request', detail, {
    errors: [{ parameter: `query ${named}`, detail, rule: 'published_files_only' }],
  });
};

export const syncRequestOf = (
  request: FastifyRequest,
  sourceId: string,
  catalog: Pick<CatalogHolder, 'current'>,
): SyncRequest => {
  const query = request.query as SendQuery;
  const code = (region: string): string => region.slice(region.indexOf('/') + 1);
  const mediaType = mediaTypeOf(request) ?? '';
  const conversion = conversionOf(query, mediaType, catalog);
  return {
    actor: request.actor ?? '',
    tenant: tenantOf(request),
    idempotencyKey: String(request.headers['idempotency-key']),
    requestId: request.id,
    sourceId,
    mode: query.mode ?? 'delta',
    dryRun: query.dryRun ?? false,
    scope: {
      providers: query.provider ?? [],
      regions: (query.region ?? []).map(code),
      categories: query.category ?? [],
    },
    ifMatch: request.headers['if-match'],
    format: {
      mediaType,
      gzip: (request.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity',
      ...(conversion !== undefined && { conversion }),
    },
  };
};
