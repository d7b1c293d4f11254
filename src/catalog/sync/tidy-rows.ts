/**
 * Turns CSV rows as spreadsheets and editors write them into what COPY reads: removes spaces around cells and lines without any value,
 * and ends every line as the header does. Nothing within quotes is changed.
 */
import type { ListPart } from './bounded-rows.ts';
import { SyncFailure } from './failure.ts';

export type Delimiter = ',' | ';' | '\t';
export type LineEnd = '\n' | '\r\n';

const QUOTE = '"';
/** The no-break space, which spreadsheets write, in UTF-8 read byte by byte. */
const NO_BREAK = '\\xC2\\xA0';

/** A line of these alone ends the data for PostgreSQL before 18, which would drop the rows after it without a word. */
const END_OF_DATA = '\n\\.';
const isEndOfData = /\n\\\.[\r\n]/;

/** Bytes are read as Latin-1, one character each, so that what is not touched stays as it is. */
const BYTES = 'latin1';

interface Patterns {
  /** Whether there is anything to do. It is run on every list, so that it has to be fast. */
  readonly isUntidy: (bytes: Buffer) => boolean;
  /** Tidies text outside of quotes. */
  readonly tidied: (text: string) => string;
  /** How many bytes at the end may belong to something that continues in the next part. */
  readonly openEnd: (bytes: Buffer) => number;
}

const patternsOf = (delimiter: Delimiter, lineEnd: LineEnd): Patterns => {
  const blank = delimiter === '\t' ? ' ' : '[ \\t]';
  const padding = `(?:${blank}|${NO_BREAK})`;
  const edge = `[${delimiter}\\r\\n]`;
  const afterEdge = `(?<=[${delimiter}\\n])`;
  const padded = new RegExp(`${padding}${edge}|${afterEdge}${padding}`);
  // The lookbehind lets a match begin only at the start of a run of blanks, so that the time stays linear in its length.
  const trailing = new RegExp(`(?<!${blank}|${NO_BREAK})${padding}+(?=${edge})`, 'g');
  const leading = new RegExp(`${afterEdge}${padding}+`, 'g');
  // A list has more than two columns.
  const empty = new RegExp(`(?<=\\n)(?:(?:${delimiter}{2,})?\\r?\\n)+`, 'g');
  const emptyRow = `\n${delimiter}${delimiter}`;
  const paddingBytes = delimiter === '\t' ? [' ', '\u00A0'] : [' ', '\t', '\u00A0'];
  const open = new Set(Buffer.from(`${delimiter}\r\n \t\u00C2\u00A0\\.`, BYTES));
  const otherEnd = lineEnd === '\n' ? /\r\n/g : /(?<!\r)\n/g;
  return {
    isUntidy: (bytes) =>
      bytes.includes('\n\n') ||
      bytes.includes('\n\r') ||
      bytes.includes(emptyRow) ||
      (lineEnd === '\n' ? bytes.includes('\r') : /(?<!\r)\n/.test(bytes.toString(BYTES))) ||
      (paddingBytes.some((one) => bytes.includes(one)) && padded.test(bytes.toString(BYTES))),
    tidied: (text) => text.replace(trailing, '').replace(leading, '').replace(empty, '').replace(otherEnd, lineEnd),
    openEnd: (bytes) => {
      let end = bytes.length;
      while (end > 0 && open.has(bytes[end - 1] as number)) end -= 1;
      return bytes.length - end;
    },
  };
};

const outsideOfQuotes = (text: string, isQuoted: boolean, tidied: (text: string) => string): string =>
  text
    .split(QUOTE)
    .map((piece, index) => ((index % 2 === 1) === isQuoted ? tidied(piece) : piece))
    .join(QUOTE);

const refuseEndOfData = (bytes: Buffer): void => {
  if (!bytes.includes(END_OF_DATA) || !isEndOfData.test(bytes.toString(BYTES))) return;
  throw new SyncFailure(
    'malformed_list',
    'A line of the list is \\. alone, the end of data in dumps of databases; take it out. Nothing was changed.',
  );
};

/** @param parts of what follows the header line. */
export async function* tidyRows(
  parts: AsyncIterable<ListPart>,
  delimiter: Delimiter,
  lineEnd: LineEnd,
): AsyncGenerator<Buffer> {
  const { isUntidy, tidied, openEnd } = patternsOf(delimiter, lineEnd);
  // The end of the header line, so that the first row is known to begin one.
  let held: Buffer = Buffer.from(lineEnd);
  let skipped = lineEnd.length;
  for await (const { bytes, isQuoted } of parts) {
    const part = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    const until = part.length - openEnd(part);
    if (until === 0) {
      // Nothing but line ends and blanks so far; tidying leaves few of them.
      held = isQuoted ? part : Buffer.from(tidied(part.toString(BYTES)), BYTES);
      continue;
    }
    held = part.subarray(until);
    const ready = part.subarray(0, until);
    const tidy = isUntidy(ready) ? Buffer.from(outsideOfQuotes(ready.toString(BYTES), isQuoted, tidied), BYTES) : ready;
    refuseEndOfData(tidy);
    yield tidy.subarray(skipped);
    skipped = 0;
  }
  const last = tidied(`${held.toString(BYTES)}\n`);
  refuseEndOfData(Buffer.from(last, BYTES));
  const end = last.replace(/[\r\n]+$/, '').slice(skipped);
  if (end !== '') yield Buffer.from(end, BYTES);
}
