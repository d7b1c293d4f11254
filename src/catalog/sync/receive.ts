/**
 * A price list as it arrives goes straight into COPY, as its bytes come (list-bytes.ts), and is never held. CSV is passed on as it
 * is; PostgreSQL reads it. NDJSON is put into the same columns line by line.
 */
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { emptyReport, priceListStream } from '../feeds/convert.ts';
import type { Feed, FeedOptions } from '../feeds/feed.ts';
import { boundedParts } from './bounded-rows.ts';
import { CANONICAL_COLUMNS, type CanonicalRow } from './canonical-row.ts';
import { copyFailure } from './copy-failure.ts';
import { readHeader } from './csv-header.ts';
import { SyncFailure } from './failure.ts';
import type { ListBytes } from './list-bytes.ts';
import { copyLinesOfNdjson } from './ndjson.ts';
import { tidyRows } from './tidy-rows.ts';

export interface ListFormat {
  readonly mediaType: string;
  readonly gzip: boolean;
  /** Of a published price file, which is converted on the way. */
  readonly conversion?: Conversion;
}

export interface Conversion {
  readonly feed: Feed;
  readonly options: FeedOptions;
  /** Only what the catalog knows a device or model of. */
  readonly knownSkusOnly: boolean;
}

/** Prices of a converted file without a row, by reason. */
export type LeftOut = readonly { readonly reason: string; readonly prices: number }[];

interface ReceivedList {
  readonly rowCount: number;
  readonly leftOut: LeftOut | null;
  /** Of the list itself, unpacked. */
  readonly bodySha256: Buffer;
}

/**
 * Puts the list into the staging table.
 * @throws SyncFailure when it cannot be read as a list at all; single bad rows are found later.
 */
export const receiveList = async (
  client: pg.PoolClient,
  table: string,
  list: ListBytes,
  format: ListFormat,
): Promise<ReceivedList> => {
  try {
    if (format.conversion !== undefined) {
      const { rowCount, leftOut } = await copyConverted(client, table, list, format.conversion);
      return { rowCount, leftOut, bodySha256: list.sha256() };
    }
    const chunks = list[Symbol.asyncIterator]();
    const counted = async function* (first: Buffer): AsyncGenerator<Buffer> {
      if (first.length > 0) yield first;
      for (;;) {
        const { value, done } = await chunks.next();
        if (done === true) return;
        yield value;
      }
    };
    const rowCount =
      format.mediaType === 'text/csv'
        ? await copyCsv(client, table, chunks, counted)
        : await copyNdjson(client, table, counted(Buffer.alloc(0)));
    return { rowCount, leftOut: null, bodySha256: list.sha256() };
  } catch (error) {
    throw copyFailure(error);
  }
};

const copyInto = async (client: pg.PoolClient, sql: string, rows: AsyncIterable<Buffer | string>): Promise<number> => {
  const copy = client.query(copyFrom(sql));
  await pipeline(rows, copy);
  return copy.rowCount ?? 0;
};

const copyNdjson = (client: pg.PoolClient, table: string, chunks: AsyncIterable<Buffer>): Promise<number> => {
  const columns = CANONICAL_COLUMNS.map(({ stagingName }) => stagingName).join(', ');
  return copyInto(client, `copy ${table} (fault, ${columns}) from stdin`, copyLinesOfNdjson(chunks));
};

/** The same as the command `feed` makes of the file. A file without any price is not what it is said to be. */
const copyConverted = async (
  client: pg.PoolClient,
  table: string,
  list: ListBytes,
  { feed, options, knownSkusOnly }: Conversion,
): Promise<Pick<ReceivedList, 'rowCount'> & { readonly leftOut: LeftOut }> => {
  const report = emptyReport();
  const isKnown = ({ provider = '', sku = '' }: CanonicalRow): boolean =>
    options.describeSku?.(provider, sku) !== undefined;
  const rows = priceListStream(
    feed,
    list,
    { ...options, output: 'ndjson', ...(knownSkusOnly && { keep: isKnown }) },
    report,
  );
  const rowCount = await copyNdjson(client, table, rows);
  const leftOut = [...report.skipped].map(([reason, prices]) => ({ reason, prices }));
  if (rowCount === 0) {
    const why = leftOut.map(({ reason, prices }) => `${prices} ${reason}`).join('; ');
    throw new SyncFailure(
      'malformed_list',
      `The file has no price that could be read as ${feed.format}${why === '' ? '' : ` (left out: ${why})`}. Nothing was changed.`,
    );
  }
  return { rowCount, leftOut: leftOut.toSorted((a, b) => b.prices - a.prices) };
};

const copyCsv = async (
  client: pg.PoolClient,
  table: string,
  chunks: AsyncGenerator<Buffer>,
  rest: (first: Buffer) => AsyncGenerator<Buffer>,
): Promise<number> => {
  const { columns, delimiter, lineEnd, first } = await readHeader(chunks);
  const names = columns.map(({ stagingName }) => stagingName).join(', ');
  const sql = `copy ${table} (${names}) from stdin with (format csv, delimiter '${delimiter}', force_null (${names}), encoding 'UTF8')`;
  return copyInto(client, sql, tidyRows(boundedParts(rest(first), delimiter), delimiter, lineEnd));
};
