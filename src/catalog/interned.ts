/** Values that many rows share, each kept once and named by a small number. */
export class Interned<T> {
  readonly #values: T[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #keyOf: (value: T) => string;

  constructor(keyOf: (value: T) => string) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#values.length;
  }

  add(value: T): number {
    const key = this.#keyOf(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#values.length);
    return this.#values.push(value) - 1;
  }

  find(value: T): number | undefined {
    return this.#numbers.get(this.#keyOf(value));
  }

  /** @throws RangeError for a number that was never given out. */
  at(number: number): T {
    if (number < 0 || number >= this.#values.length) throw new RangeError(`Nothing is interned as ${number}.`);
    return this.#values[number] as T;
  }

  /** In the order of their numbers. */
  values(): readonly T[] {
    return this.#values;
  }
}
