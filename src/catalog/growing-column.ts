/** Columns of numbers that grow at the end. A million objects cost a gigabyte; a million rows of these some tens of megabytes. */

type NumberArray = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array | Int8Array;

/** The first page grows with its rows, so that a short column is small; no row is copied that is not on it. */
const GROWTH = 1.25;
const FIRST_CAPACITY = 64;
const PAGE_BITS = 14;
const PAGE = 2 ** PAGE_BITS;

class GrowingColumn<A extends NumberArray> {
  readonly #pages: A[];
  #length = 0;
  readonly #make: (capacity: number) => A;

  constructor(make: (capacity: number) => A) {
    this.#make = make;
    this.#pages = [make(FIRST_CAPACITY)];
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#pages.reduce((total, { byteLength }) => total + byteLength, 0);
  }

  /** Undefined beyond the end never happens to a caller who stays below `length`; 0 stands in for the compiler. */
  at(index: number): number {
    return this.#pages[index >>> PAGE_BITS]?.[index & (PAGE - 1)] ?? 0;
  }

  set(index: number, value: number): void {
    (this.#pages[index >>> PAGE_BITS] as A)[index & (PAGE - 1)] = value;
  }

  push(value: number): void {
    const page = this.#pages[this.#length >>> PAGE_BITS];
    const place = this.#length & (PAGE - 1);
    if (page === undefined) this.#pages.push(this.#make(PAGE));
    else if (place === page.length) {
      const larger = this.#make(Math.min(PAGE, Math.ceil(place * GROWTH)));
      larger.set(page as never);
      this.#pages[0] = larger;
    }
    this.set(this.#length, value);
    this.#length += 1;
  }
}

export const float64Column = (): GrowingColumn<Float64Array> => new GrowingColumn((n) => new Float64Array(n));
export const int32Column = (): GrowingColumn<Int32Array> => new GrowingColumn((n) => new Int32Array(n));
export const uint16Column = (): GrowingColumn<Uint16Array> => new GrowingColumn((n) => new Uint16Array(n));
export const uint8Column = (): GrowingColumn<Uint8Array> => new GrowingColumn((n) => new Uint8Array(n));
