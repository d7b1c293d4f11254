/** Refuses what is no list before it fills anybody's memory, and quotes that would swallow the rows after them. */
import { CellEdges } from './cell-edges.ts';
import { SyncFailure } from './failure.ts';
import type { Delimiter } from './tidy-rows.ts';

/** Longer than any row can be, texts of five thousand characters included. */
const LONGEST_ROW_BYTES = 2 ** 20;
const NEWLINE = 10;
const QUOTE = 34;

/** A part of a list, and whether it begins within quotes. */
export interface ListPart {
  readonly bytes: Buffer;
  readonly isQuoted: boolean;
}

/**
 * PostgreSQL gathers a row of CSV until its end, up to a gigabyte; one that does not end, as after a quote left open, is refused. So are bytes
 * that are no text, of which it would tell only when much more had been sent.
 */
export async function* boundedParts(chunks: AsyncIterable<Buffer>, delimiter: Delimiter): AsyncGenerator<ListPart> {
  const edges = new CellEdges(delimiter);
  let bytesOfRow = 0;
  let isQuoted = false;
  for await (const chunk of chunks) {
    if (chunk.includes(0)) {
      throw new SyncFailure(
        'malformed_list',
        'The list contains the character U+0000, which text may not have. Nothing was changed.',
      );
    }
    const part = { bytes: chunk, isQuoted };
    let from = 0;
    let lastEnd = -1;
    for (let quote = chunk.indexOf(QUOTE); ; quote = chunk.indexOf(QUOTE, from)) {
      const to = quote < 0 ? chunk.length : quote;
      if (!isQuoted) {
        const end = chunk.subarray(from, to).lastIndexOf(NEWLINE);
        if (end >= 0) lastEnd = from + end;
        edges.pass(chunk, from, to);
      }
      if (quote < 0) break;
      if (isQuoted) edges.close();
      else edges.open(chunk, quote);
      isQuoted = !isQuoted;
      from = quote + 1;
    }
    bytesOfRow = lastEnd < 0 ? bytesOfRow + chunk.length : chunk.length - lastEnd - 1;
    if (bytesOfRow > LONGEST_ROW_BYTES) {
      throw new SyncFailure(
        'malformed_list',
        'A row is longer than 1 MiB; perhaps a quote is not closed. Nothing was changed; correct it and send the list again.',
      );
    }
    yield part;
  }
}
