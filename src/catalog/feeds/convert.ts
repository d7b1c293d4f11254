/** Runs a converter from bytes to lines of a price list, and counts what it made and what it left out. */
import { Readable } from 'node:stream';
import { type CanonicalRow, CSV_HEADER, csvLine } from '../sync/canonical-row.ts';
import { type Feed, FeedFormatError, type FeedInput, type FeedOptions } from './feed.ts';

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

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** Lines of a price list; the report fills up as they are read. Where the input breaks, what was made of it until then comes first. */
export async function* priceListLines(
  feed: Feed,
  input: FeedInput,
  options: PriceListOptions,
  report: FeedReport,
): AsyncGenerator<string> {
  const line = lineOf[options.output];
  let lines = options.output === 'csv' && options.header !== false ? [CSV_HEADER] : [];
  try {
    for await (const item of feed.convert(input, options)) {
      if ('skipped' in item) countSkipped(report, item.skipped, item.prices);
      else if (options.keep?.(item.row) === false) countSkipped(report, 'left out by choice', 1);
      else {
        report.rows++;
        lines.push(line(item.row));
        if (lines.length >= LINES_PER_CHUNK) {
          yield joined(lines);
          lines = [];
        }
      }
    }
  } catch (error) {
    yield joined(lines);
    throw error;
  }
  if (lines.length > 0) yield joined(lines);
}

const seenIn = ({ rows, skipped }: FeedReport): number => [...skipped.values()].reduce((sum, one) => sum + one, rows);

interface PriceFile {
  readonly path: string;
  readonly open: () => FeedInput;
}

/**
 * Files one after another as one list. Of one that breaks a row says so which is no price: a sync rejects it and, since it may have meant
 * anything, ends none of the prices that the list now lacks. The other files are read all the same.
 */
export async function* linesOfFiles(
  feed: Feed,
  files: readonly PriceFile[],
  options: PriceListOptions,
  report: FeedReport,
  onBroken: (path: string, error: unknown) => void,
): AsyncGenerator<string> {
  for (const [index, { path, open }] of files.entries()) {
    const seen = seenIn(report);
    try {
      yield* priceListLines(feed, open(), { ...options, header: index === 0 }, report);
      if (seenIn(report) === seen) throw new FeedFormatError(`It has no price that could be read as ${feed.format}.`);
    } catch (error) {
      onBroken(path, error);
      const notes = `${path} could not be read to its end: ${(error as Error).message}`;
      yield joined([lineOf[options.output]({ notes } as CanonicalRow)]);
    }
  }
}

/** The same as a stream of bytes, which asks for no more of the input than its reader takes. */
export const priceListStream = (...parameters: Parameters<typeof priceListLines>): Readable =>
  Readable.from(priceListLines(...parameters), { objectMode: false });
