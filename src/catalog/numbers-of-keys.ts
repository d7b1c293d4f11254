/** Maps keys of the database to row numbers in memory: four bytes a key where the keys lie close together, as they mostly do. */

const KEYS_ON_A_PAGE = 4096;
const UNKNOWN = -1;

export class NumbersOfKeys {
  readonly #pages = new Map<number, Int32Array>();

  get bytes(): number {
    return this.#pages.size * KEYS_ON_A_PAGE * Int32Array.BYTES_PER_ELEMENT;
  }

  find(key: number): number | undefined {
    const number = this.#pages.get(Math.floor(key / KEYS_ON_A_PAGE))?.[key % KEYS_ON_A_PAGE] ?? UNKNOWN;
    return number === UNKNOWN ? undefined : number;
  }

  set(key: number, number: number): void {
    const page = Math.floor(key / KEYS_ON_A_PAGE);
    const numbers = this.#pages.get(page) ?? new Int32Array(KEYS_ON_A_PAGE).fill(UNKNOWN);
    numbers[key % KEYS_ON_A_PAGE] = number;
    this.#pages.set(page, numbers);
  }

  setAll(others: NumbersOfKeys): void {
    for (const [page, numbers] of others.#pages) {
      const own = this.#pages.get(page);
      if (own === undefined) this.#pages.set(page, numbers.slice());
      else for (const [place, number] of numbers.entries()) if (number !== UNKNOWN) own[place] = number;
    }
  }
}
