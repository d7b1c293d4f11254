/** Finds the number of a row by its text where the text itself is not kept, but made anew from the row. */

const EMPTY = -1;
/** Each grows by itself, so that none of them, however large the whole, holds up others while it does. */
const PARTS = 64;
const FIRST_SLOTS = 4;
/** Fuller than this, a search meets too many other rows. */
const MOST_FULL = 0.6;
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
const BEYOND_ASCII = 0x80;

/** FNV-1a. */
export const hashOfBytes = (bytes: Uint8Array, from: number, to: number): number => {
  let hash = BASIS;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), PRIME);
  return hash >>> 0;
};

/** The same of a text in UTF-8. */
const hashOf = (text: string): number => {
  let hash = BASIS;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= BEYOND_ASCII) {
      const bytes = Buffer.from(text);
      return hashOfBytes(bytes, 0, bytes.length);
    }
    hash = Math.imul(hash ^ code, PRIME);
  }
  return hash >>> 0;
};

export class TextIndex {
  readonly #textOf: (row: number) => string;
  readonly #parts = Array.from({ length: PARTS }, () => new Part());

  constructor(textOf: (row: number) => string) {
    this.#textOf = textOf;
  }

  get bytes(): number {
    return this.#parts.reduce((total, { bytes }) => total + bytes, 0);
  }

  find(text: string): number | undefined {
    return this.findHashed(hashOf(text), (row) => this.#textOf(row) === text);
  }

  /** @param hash of the text in UTF-8, by `hashOfBytes`; others may have the same. */
  findHashed(hash: number, isIt: (row: number) => boolean): number | undefined {
    return this.#part(hash).find(hash, isIt);
  }

  /** The caller has looked that the text is not there yet. */
  add(text: string, row: number): void {
    this.addHashed(hashOf(text), row);
  }

  /** @param hash of the text in UTF-8, by `hashOfBytes`. */
  addHashed(hash: number, row: number): void {
    this.#part(hash).add(hash, row);
  }

  /** By the bits that the parts themselves do not go by. */
  #part(hash: number): Part {
    return this.#parts[hash >>> 26] as Part;
  }
}

class Part {
  #slots = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  #hashes = new Uint32Array(FIRST_SLOTS);
  #used = 0;

  get bytes(): number {
    return this.#slots.byteLength + this.#hashes.byteLength;
  }

  find(hash: number, isIt: (row: number) => boolean): number | undefined {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot] ?? EMPTY;
      if (row === EMPTY) return undefined;
      if (this.#hashes[slot] === hash && isIt(row)) return row;
    }
  }

  add(hash: number, row: number): void {
    if (this.#used >= this.#slots.length * MOST_FULL) this.#enlarge();
    this.#place(hash, row);
    this.#used += 1;
  }

  #place(hash: number, row: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = row;
    this.#hashes[slot] = hash;
  }

  #enlarge(): void {
    const [slots, hashes] = [this.#slots, this.#hashes];
    this.#slots = new Int32Array(slots.length * 2).fill(EMPTY);
    this.#hashes = new Uint32Array(hashes.length * 2);
    for (const [slot, row] of slots.entries()) {
      if (row !== EMPTY) this.#place(hashes[slot] ?? 0, row);
    }
  }
}
