/** NDJSON as lines of COPY's text format: `fault`, then the canonical columns. */
import { CANONICAL_COLUMNS, canonicalColumn, nearestColumn } from './canonical-row.ts';
import { SyncFailure } from './failure.ts';

const LONGEST_LINE = 65_536;
/** A list that begins with this many lines of which none is a row is none. */
const UNREADABLE_AT_FIRST = 10_000;

const positions = new Map(CANONICAL_COLUMNS.map((column, index) => [column, index]));

const escaped = (text: string): string =>
  /[\\\n\r\t]/.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
    : text;

const unknownKey = (key: string): string => `There is no field '${key.slice(0, 100)}'.${nearestColumn(key)}`;

/** Cells by column, or a sentence that says why the line is no row. */
const cellsOf = (line: string): { readonly cells: readonly (string | undefined)[]; readonly fault?: string } => {
  const cells: (string | undefined)[] = new Array(CANONICAL_COLUMNS.length);
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (error) {
    return { cells, fault: `The line is not JSON: ${(error as Error).message}.` };
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return { cells, fault: 'The line is no JSON object.' };
  for (const [key, value] of Object.entries(row)) {
    const column = canonicalColumn(key);
    if (column === undefined) return { cells, fault: unknownKey(key) };
    if (value === null) continue;
    if (typeof value !== 'string' && typeof value !== 'number') {
      return { cells, fault: `'${key}' must be a text or a number.` };
    }
    const text = String(value).trim();
    if (text === '') continue;
    if (text.includes('\u0000')) return { cells, fault: `'${key}' has a character that cannot be kept (U+0000).` };
    const position = positions.get(column) ?? 0;
    if (cells[position] !== undefined && cells[position] !== text) {
      return {
        cells,
        fault: `'${key}' says ${column.name} otherwise than another field of the row; leave one of them out.`,
      };
    }
    cells[position] = text;
  }
  return { cells };
};

const readLine = (line: string): ReturnType<typeof cellsOf> =>
  line.length > LONGEST_LINE ? { cells: [], fault: 'The line is longer than 64 KiB.' } : cellsOf(line);

const copyLine = ({ cells, fault }: ReturnType<typeof cellsOf>): string => {
  let text = fault === undefined ? '\\N' : escaped(fault);
  for (let index = 0; index < CANONICAL_COLUMNS.length; index += 1) {
    const cell = fault === undefined ? cells[index] : undefined;
    text += cell === undefined ? '\t\\N' : `\t${escaped(cell)}`;
  }
  return `${text}\n`;
};

/** @throws SyncFailure when the bytes are not UTF-8. Blank lines are skipped. */
export async function* copyLinesOfNdjson(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  const decode = (chunk?: Buffer): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw new SyncFailure('malformed_list', 'The list is not UTF-8.', { cause });
    }
  };
  let unreadable = 0;
  let isList = false;
  const copied = (line: string): string => {
    const row = readLine(line);
    if (row.fault === undefined) isList = true;
    else unreadable += 1;
    if (!isList && unreadable >= UNREADABLE_AT_FIRST) {
      throw new SyncFailure(
        'malformed_list',
        `None of the first ${UNREADABLE_AT_FIRST} lines is a row. The last of them: ${row.fault} Nothing was changed.`,
      );
    }
    return copyLine(row);
  };
  for await (const chunk of chunks) {
    const lines = (rest + decode(chunk)).split('\n');
    rest = lines.pop() ?? '';
    // A line without an end is cut, so that garbage cannot fill the memory; it is refused all the same.
    if (rest.length > 2 * LONGEST_LINE) rest = rest.slice(0, LONGEST_LINE + 1);
    let out = '';
    for (const line of lines) if (line.trim() !== '') out += copied(line);
    if (out !== '') yield out;
  }
  rest += decode();
  if (rest.trim() !== '') yield copied(rest);
}
