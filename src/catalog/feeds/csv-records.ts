/** Streams the records of a published CSV file; where the file is not CSV, the error names the line. */
import { pipeline, Readable } from 'node:stream';
import { CsvError, type Options, parse } from 'csv-parse';
import { FeedFormatError, type FeedInput } from './feed.ts';
import { textOf } from './json-values.ts';

/** A quote that is never closed must not fill the memory. */
const LONGEST_RECORD = 2 ** 20;

export async function* csvRecords<Record>(input: FeedInput, options: Options): AsyncGenerator<Record> {
  const parser = parse({ bom: true, skip_empty_lines: true, max_record_size: LONGEST_RECORD, ...options });
  // An error of the input stream ends the iteration below, which reports it.
  pipeline(Readable.from(textOf(input)), parser, () => undefined);
  try {
    for await (const record of parser as AsyncIterable<Record>) yield record;
  } catch (error) {
    if (error instanceof CsvError) throw new FeedFormatError(`The file is not CSV: ${error.message}.`);
    throw error;
  }
}
