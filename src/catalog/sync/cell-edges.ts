/**
 * Where quotes may stand in CSV: around a whole cell, and twice within one (RFC 4180). PostgreSQL takes a quote anywhere for the start of quoted
 * text: after the first of two cells like 19" rack it would read all rows up to the second as one text, and nobody would miss them.
 */
import { SyncFailure } from './failure.ts';
import type { Delimiter } from './tidy-rows.ts';

const NEWLINE = 10;
const SHOWN_BYTES = 100;

/** Told of everything outside of quotes and of each quote, in order. */
export class CellEdges {
  readonly #edges: ReadonlySet<number>;
  readonly #padding: ReadonlySet<number>;
  /** What stands before the next byte outside of quotes; `padded` is a quoted cell and blanks after it. */
  #before: 'edge' | 'text' | 'quoted' | 'padded' = 'edge';

  constructor(delimiter: Delimiter) {
    this.#edges = new Set(Buffer.from(`${delimiter}\r\n`));
    // A no-break space is two bytes in UTF-8; no other character consists of them.
    this.#padding = new Set(Buffer.from(delimiter === '\t' ? ' \u00A0' : ' \t\u00A0'));
  }

  /** Bytes outside of quotes. */
  pass(chunk: Buffer, from: number, to: number): void {
    if (from === to) return;
    if (this.#before === 'quoted' || this.#before === 'padded') {
      let next = from;
      while (next < to && this.#padding.has(chunk[next] as number)) next += 1;
      this.#before = 'padded';
      if (next === to) return;
      if (!this.#edges.has(chunk[next] as number)) throw strayQuote(chunk, next);
    }
    let last = to - 1;
    while (last >= from && this.#padding.has(chunk[last] as number)) last -= 1;
    if (last >= from) this.#before = this.#edges.has(chunk[last] as number) ? 'edge' : 'text';
  }

  /** A quote outside of quotes; right after another one it is the second of two within a cell. */
  open(chunk: Buffer, at: number): void {
    if (this.#before === 'text' || this.#before === 'padded') throw strayQuote(chunk, at);
  }

  /** The quote at the end of quoted text. */
  close(): void {
    this.#before = 'quoted';
  }
}

const strayQuote = (chunk: Buffer, at: number): SyncFailure => {
  const from = chunk.subarray(0, at).lastIndexOf(NEWLINE) + 1;
  const line = chunk.subarray(Math.max(from, at - SHOWN_BYTES), at + 1).toString('utf8');
  return new SyncFailure(
    'malformed_list',
    `A quote stands in the middle of a cell, at the end of: ${line.replaceAll('\uFFFD', '')} – a cell that has quotes in it stands in quotes, each of its own twice, as in "19"" rack". Nothing was changed.`,
  );
};
