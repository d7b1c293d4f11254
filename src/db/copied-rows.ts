/**
 * Reads many rows by COPY … TO STDOUT in PostgreSQL's binary format. A row is read where it lies in the buffer: a million rows cost a
 * tenth of what they cost as objects with a text for each number.
 */
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { notePassed } from '../young-buffers.ts';

/** A decimal by its digits: "55.040" is 55040 and 3. */
export interface ScaledNumber {
  /** Whole, below 10^15. */
  readonly digits: number;
  /** How many of the digits stand after the point, at most 15. */
  readonly scale: number;
}

const NULL = -1;
/** "PGCOPY\n\xff\r\n\0" and 32 bits of flags; then follow the length of an extension, and the extension. */
const SIGNATURE_BYTES = 15;
const MICROSECONDS_OF_2000 = 946_684_800_000_000;

/** One row. The same object is every row of a reading, one after the other. */
export class CopiedRow {
  bytes: Buffer = Buffer.alloc(0);
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];

  /** @returns where the next row begins, -1 where this one is not whole, or 0 where the rows have ended. */
  read(bytes: Buffer, from: number): number {
    this.bytes = bytes;
    let at = from + 2;
    if (at > bytes.length) return -1;
    const columns = int16(bytes, from);
    if (columns < 0) return 0;
    for (let column = 0; column < columns; column += 1) {
      if (at + 4 > bytes.length) return -1;
      const length = int32(bytes, at);
      this.#starts[column] = at + 4;
      this.#lengths[column] = length;
      at += length === NULL ? 4 : 4 + length;
    }
    return at > bytes.length ? -1 : at;
  }

  start(column: number): number {
    return this.#starts[column] as number;
  }

  end(column: number): number {
    return this.start(column) + Math.max(0, this.#lengths[column] as number);
  }

  /** Where a column begins with its length, which tells null from empty. */
  beginning(column: number): number {
    return this.start(column) - 4;
  }

  isNull(column: number): boolean {
    return this.#lengths[column] === NULL;
  }

  int16(column: number): number {
    return int16(this.bytes, this.start(column));
  }

  int32(column: number): number {
    return int32(this.bytes, this.start(column));
  }

  text(column: number): string {
    return this.bytes.toString('utf8', this.start(column), this.end(column));
  }

  nullableText(column: number): string | null {
    return this.isNull(column) ? null : this.text(column);
  }

  /** Of a jsonb. */
  json(column: number): unknown {
    // The first byte is the version of the format.
    return JSON.parse(this.bytes.toString('utf8', this.start(column) + 1, this.end(column)));
  }

  /** A timestamp in milliseconds since 1970, cut to whole ones. */
  milliseconds(column: number): number {
    const at = this.start(column);
    const microseconds = int32(this.bytes, at) * 2 ** 32 + (int32(this.bytes, at + 4) >>> 0);
    return Math.floor((microseconds + MICROSECONDS_OF_2000) / 1000);
  }

  /** A numeric, as text where it has too many digits for a number. */
  decimal(column: number): ScaledNumber | string {
    const at = this.start(column);
    const { bytes } = this;
    const count = int16(bytes, at);
    const weight = int16(bytes, at + 2);
    const isPositive = int16(bytes, at + 4) === 0;
    const scale = int16(bytes, at + 6);
    // Groups of four digits. Of the last one only as many count as stand before the end of the scale.
    const beyond = scale - 4 * (count - 1 - weight);
    let digits = 0;
    for (let group = 0; group < count; group += 1) {
      const value = int16(bytes, at + 8 + 2 * group);
      const isLast = group === count - 1;
      if (isLast && beyond < 0) digits = digits * 10 ** (4 + beyond) + value / 10 ** -beyond;
      else digits = digits * 10_000 + value;
    }
    if (count > 0 && beyond > 0) digits *= 10 ** beyond;
    return isPositive && digits < 1e15 && scale <= 15 ? { digits, scale } : decimalText(bytes, at);
  }

  /** A text[] of one dimension. */
  texts(column: number): readonly string[] {
    const { bytes } = this;
    const at = this.start(column);
    if (int32(bytes, at) === 0) return [];
    const texts: string[] = [];
    for (let from = at + 20; from < this.end(column); ) {
      const length = int32(bytes, from);
      texts.push(bytes.toString('utf8', from + 4, from + 4 + length));
      from += 4 + length;
    }
    return texts;
  }
}

const int16 = (bytes: Buffer, at: number): number => (((bytes[at] as number) << 24) >> 16) | (bytes[at + 1] as number);

const int32 = (bytes: Buffer, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number);

const SIGNS: Readonly<Record<number, string>> = { 0: '', 16384: '-' };
const NO_NUMBERS: Readonly<Record<number, string>> = { '-16384': 'NaN', '-12288': 'Infinity', '-4096': '-Infinity' };

/** A numeric as PostgreSQL writes it. */
const decimalText = (bytes: Buffer, at: number): string => {
  const sign = SIGNS[int16(bytes, at + 4)];
  if (sign === undefined) return NO_NUMBERS[int16(bytes, at + 4)] ?? 'NaN';
  const [count, weight, scale] = [int16(bytes, at), int16(bytes, at + 2), int16(bytes, at + 6)];
  const group = (power: number): string => {
    const index = weight - power;
    return String(index < 0 || index >= count ? 0 : int16(bytes, at + 8 + 2 * index)).padStart(4, '0');
  };
  let whole = '';
  for (let power = weight; power >= 0; power -= 1) whole += group(power);
  let fraction = '';
  for (let power = -1; fraction.length < scale; power -= 1) fraction += group(power);
  const before = whole.replace(/^0+/, '') || '0';
  return scale === 0 ? `${sign}${before}` : `${sign}${before}.${fraction.slice(0, scale)}`;
};

/** Rows in parts as they arrive, some hundreds at a time. A part is read before the next one is asked for. */
export async function* copiedRows(client: pg.ClientBase, query: string): AsyncGenerator<Iterable<CopiedRow>> {
  const stream = client.query(copyTo(`copy (${query}) to stdout (format binary)`));
  const row = new CopiedRow();
  let unread: Buffer = Buffer.alloc(0);
  let isBegun = false;
  const rowsOf = function* (bytes: Buffer): Generator<CopiedRow> {
    let at = isBegun ? 0 : SIGNATURE_BYTES + 4 + int32(bytes, SIGNATURE_BYTES);
    isBegun = true;
    for (;;) {
      const next = row.read(bytes, at);
      if (next <= 0) break;
      yield row;
      at = next;
    }
    unread = bytes.subarray(at);
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    notePassed(chunk.length);
    const bytes = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    // The signature comes in one piece with the first row or the end, but nothing promises it.
    if (!isBegun && bytes.length < SIGNATURE_BYTES + 4) unread = bytes;
    else yield rowsOf(bytes);
  }
}

/** Works on one connection of the pool, which is given up when the work fails: its rows may still be on their way. */
export const onConnection = async <T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  let isWhole = false;
  try {
    const result = await work(client);
    isWhole = true;
    return result;
  } finally {
    client.release(!isWhole);
  }
};
