/** Runs a converter from bytes to lines of a price list, and counts what it made and what it left out. */
import { Readable } from 'node:stream';
import { type CanonicalRow, CSV_HEADER, csvLine } from '../sync/canonical-row.ts';
import type { Feed, FeedInput, FeedOptions } from './feed.ts';

export type OutputFormat = 'csv' | 'ndjson';

interface FeedReport {
  rows: number;
  /** Prices of the file without a row, by reason. */
  readonly skipped: Map<string, number>;
}

export const emptyReport = (): FeedReport => ({ rows: 0, skipped: new Map() });

const countSkipped = (report: FeedReport, reason: string, prices: number): void => {
  report.skipped.set(reason, (report.skipped.get(reason) ?? 0) + prices);
};

interface PriceListOptions extends FeedOptions {
  readonly output: OutputFormat;
  /** Whether CSV begins with the names of its columns. Default true. */
  readonly header?: boolean;
  /** Rows to be left out give false. */
  readonly keep?: (row: CanonicalRow) => boolean;
}

const LINES_PER_CHUNK = 512;

const lineOf: Readonly<Record<OutputFormat, (row: CanonicalRow) => string>> = {
  csv: csvLine,
  ndjson: (row) => JSON.stringify(row),
};

/** Lines of a price list; the report fills up as they are read. */
export async function* priceListLines(
  feed: Feed,
  input: FeedInput,
  options: PriceListOptions,
  report: FeedReport,
): AsyncGenerator<string> {
  const line = lineOf[options.output];
  let lines = options.output === 'csv' && options.header !== false ? [CSV_HEADER] : [];
  for await (const item of feed.convert(input, options)) {
    if ('skipped' in item) countSkipped(report, item.skipped, item.prices);
    else if (options.keep?.(item.row) === false) countSkipped(report, 'left out by choice', 1);
    else {
      report.rows++;
      lines.push(line(item.row));
      if (lines.length >= LINES_PER_CHUNK) {
        yield `${lines.join('\n')}\n`;
        lines = [];
      }
    }
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}

/** The same as a stream of bytes, which asks for no more of the input than its reader takes. */
export const priceListStream = (...parameters: Parameters<typeof priceListLines>): Readable =>
  Readable.from(priceListLines(...parameters), { objectMode: false });
