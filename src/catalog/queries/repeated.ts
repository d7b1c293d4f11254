/**
 * What was made of the same bytes before. Rows repeat one another in most of their columns, and to compare bytes costs less than to make
 * a text of them and look that up.
 */
import type { CopiedRow } from '../../db/copied-rows.ts';
import { hashOfBytes } from '../text-index.ts';

const SLOTS = 4096;

interface Known<T> {
  readonly bytes: Buffer;
  readonly value: T;
}

/** Each value has one place, and takes it from whatever was there. */
export class Repeated<T> {
  readonly #make: (row: CopiedRow) => T;
  #last: Known<T> | undefined;
  readonly #known: (Known<T> | undefined)[] = new Array(SLOTS).fill(undefined);

  /** @param make looks at nothing but the columns that it is asked by. */
  constructor(make: (row: CopiedRow) => T) {
    this.#make = make;
  }

  /** By the columns from `first` to `last`. */
  of(row: CopiedRow, first: number, last: number): T {
    const { bytes } = row;
    const from = row.beginning(first);
    const length = row.end(last) - from;
    if (isSame(this.#last, bytes, from, length)) return this.#last.value;
    const slot = hashOfBytes(bytes, from, from + length) & (SLOTS - 1);
    const known = this.#known[slot];
    if (!isSame(known, bytes, from, length)) {
      const made = { bytes: Buffer.from(bytes.subarray(from, from + length)), value: this.#make(row) };
      this.#known[slot] = made;
      this.#last = made;
      return made.value;
    }
    this.#last = known;
    return known.value;
  }
}

const isSame = <T>(known: Known<T> | undefined, bytes: Buffer, from: number, length: number): known is Known<T> =>
  known !== undefined && known.bytes.length === length && areSame(known.bytes, 0, bytes, from, length);

/** For some tens of bytes quicker than Buffer.compare. */
export const areSame = (a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number, length: number): boolean => {
  for (let index = 0; index < length; index += 1) if (a[aFrom + index] !== b[bFrom + index]) return false;
  return true;
};
