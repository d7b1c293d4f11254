/** The first line of a price list: which columns it has, and how cells and lines are told apart. */
import { parse } from 'csv-parse/sync';
import { type CanonicalColumn, canonicalColumn, nearestColumn } from './canonical-row.ts';
import { SyncFailure } from './failure.ts';
import type { Delimiter, LineEnd } from './tidy-rows.ts';

const LONGEST_HEADER_BYTES = 65_536;
const NEWLINE = 10;
/** Of unknown columns, how many are named. */
const MOST_NAMED = 10;

interface ListHeader {
  readonly columns: readonly CanonicalColumn[];
  readonly delimiter: Delimiter;
  readonly lineEnd: LineEnd;
  /** What was read of the rows already. */
  readonly first: Buffer;
}

const refused = (sentence: string, cause?: unknown): SyncFailure =>
  new SyncFailure('malformed_list', `${sentence} Nothing was changed.`, cause === undefined ? {} : { cause });

/** Lines before the header that say nothing of it: blank ones, and the delimiter as Excel notes it. */
const isPassedOver = (line: string): boolean => line.trim() === '' || /^"?sep=.{1,2}"?\r?$/i.test(line);

/**
 * @param chunks of which as much is taken as the header needs.
 * @throws SyncFailure that says what is wrong with the header.
 */
export const readHeader = async (chunks: AsyncGenerator<Buffer>): Promise<ListHeader> => {
  let head = Buffer.alloc(0);
  let isOver = false;
  for (let passed = 0; ; ) {
    const end = head.indexOf(NEWLINE);
    if (end >= 0 || isOver) {
      const line = head
        .subarray(0, end < 0 ? head.length : end)
        .toString('utf8')
        .replace(/^\uFEFF/, '');
      const rest = end < 0 ? Buffer.alloc(0) : head.subarray(end + 1);
      if (end < 0 || !isPassedOver(line)) return headerOf(line, rest);
      passed += end + 1;
      head = rest;
      if (passed <= LONGEST_HEADER_BYTES) continue;
    }
    if (passed + head.length > LONGEST_HEADER_BYTES) {
      throw refused('The list has no header line within its first 64 KiB; this is no CSV.');
    }
    const { value, done } = await chunks.next();
    if (done === true) isOver = true;
    else head = Buffer.concat([head, value]);
  }
};

const delimiterOf = (line: string): Delimiter => {
  const count = (delimiter: string): number => line.split(delimiter).length;
  return ([',', ';', '\t'] as const).toSorted((a, b) => count(b) - count(a))[0] ?? ',';
};

const headerOf = (text: string, first: Buffer): ListHeader => {
  const lineEnd = text.endsWith('\r') ? '\r\n' : '\n';
  const line = text.replace(/\r$/, '');
  if (line.trim() === '') throw refused('The list is empty; its first line must name the columns.');
  if (line.includes('\u0000')) {
    throw refused('The list has characters that no text in UTF-8 has (U+0000), as UTF-16 does; save it in UTF-8.');
  }
  if (line.includes('\r')) {
    throw refused('The lines end with a carriage return alone, as old Macs wrote them; save the list with line feeds.');
  }
  const delimiter = delimiterOf(line);
  let cells: readonly string[];
  try {
    [cells = []] = parse(line, { delimiter, trim: true }) as string[][];
  } catch (cause) {
    throw refused(`The header line '${line.slice(0, 80)}' is no CSV: its quotes are not as RFC 4180 has them.`, cause);
  }
  if (!cells.some((cell) => canonicalColumn(cell) !== undefined)) {
    throw refused(
      `The first line must name the columns, and '${line.slice(0, 80)}' names none of them. GET /v1/catalog/price-syncs/template gives a list to start from.`,
    );
  }
  return { columns: columnsOf(cells), delimiter, lineEnd, first };
};

const columnsOf = (cells: readonly string[]): readonly CanonicalColumn[] => {
  const nameless = cells.indexOf('') + 1;
  if (nameless > 0) {
    throw refused(`Column ${nameless} of ${cells.length} has no name in the header; name it or leave it out.`);
  }
  const unknown = cells.filter((cell) => canonicalColumn(cell) === undefined);
  if (unknown.length > 0) {
    const told = unknown
      .slice(0, MOST_NAMED)
      .map((cell) => `There is no column '${cell.slice(0, 100)}'.${nearestColumn(cell)}`);
    throw refused(told.join(' '));
  }
  const columns = cells.flatMap((cell) => canonicalColumn(cell) ?? []);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw refused(`The column '${twice.name}' is there twice; leave one of them out.`);
  return columns;
};
