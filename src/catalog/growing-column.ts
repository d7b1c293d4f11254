/** Columns of numbers that grow at the end. A million objects cost a gigabyte; a million rows of these some tens of megabytes. */

type NumberArray = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array | Int8Array;

/** Room to spare after each enlargement, so that appending costs little and little is wasted. */
const GROWTH = 1.25;
const FIRST_CAPACITY = 64;

class GrowingColumn<A extends NumberArray> {
  #values: A;
  #length = 0;
  readonly #make: (capacity: number) => A;

  constructor(make: (capacity: number) => A) {
    this.#make = make;
    this.#values = make(FIRST_CAPACITY);
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#values.byteLength;
  }

  /** Undefined beyond the end never happens to a caller who stays below `length`; 0 stands in for the compiler. */
  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = this.#make(Math.ceil(this.#length * GROWTH));
      larger.set(this.#values as never);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }
}

export const float64Column = (): GrowingColumn<Float64Array> => new GrowingColumn((n) => new Float64Array(n));
export const int32Column = (): GrowingColumn<Int32Array> => new GrowingColumn((n) => new Int32Array(n));
export const uint16Column = (): GrowingColumn<Uint16Array> => new GrowingColumn((n) => new Uint16Array(n));
export const uint8Column = (): GrowingColumn<Uint8Array> => new GrowingColumn((n) => new Uint8Array(n));
