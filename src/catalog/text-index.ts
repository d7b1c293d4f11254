/** Finds the number of a row by its text where the text itself is not kept, but made anew from the row. */

const EMPTY = -1;
const FIRST_SLOTS = 256;
/** Fuller than this, a search meets too many other rows. */
const MOST_FULL = 0.6;

/** FNV-1a over UTF-16 code units. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
};

export class TextIndex {
  readonly #textOf: (row: number) => string;
  #slots = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  #hashes = new Uint32Array(FIRST_SLOTS);
  #used = 0;

  constructor(textOf: (row: number) => string) {
    this.#textOf = textOf;
  }

  get bytes(): number {
    return this.#slots.byteLength + this.#hashes.byteLength;
  }

  find(text: string): number | undefined {
    const hash = hashOf(text);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot] ?? EMPTY;
      if (row === EMPTY) return undefined;
      if (this.#hashes[slot] === hash && this.#textOf(row) === text) return row;
    }
  }

  /** The caller has looked that the text is not there yet. */
  add(text: string, row: number): void {
    if (this.#used >= this.#slots.length * MOST_FULL) this.#enlarge();
    this.#place(hashOf(text), row);
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
