/** The moments at which anything dated starts or ends, each with the revision since which it is known. There are far fewer than prices. */
export class Moments {
  readonly #knownSince = new Map<number, number>();
  #sorted: Float64Array = new Float64Array(0);
  #added: number[] = [];
  /** What was added last, which a list says of most of its prices. */
  #last = { ms: Number.NaN, revision: 0 };

  add(ms: number, revision: number): void {
    if (ms === this.#last.ms && revision === this.#last.revision) return;
    this.#last = { ms, revision };
    const since = this.#knownSince.get(ms);
    if (since === undefined) this.#added.push(ms);
    if (since === undefined || revision < since) this.#knownSince.set(ms, revision);
  }

  /** The latest moment by then that was known at a revision; undefined before the first. */
  latest(byMs: number, revision: number): number | undefined {
    const sorted = this.#inOrder();
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? 0) <= byMs) low = middle + 1;
      else high = middle;
    }
    for (let index = low - 1; index >= 0; index -= 1) {
      const ms = sorted[index] ?? 0;
      if ((this.#knownSince.get(ms) ?? 0) <= revision) return ms;
    }
    return undefined;
  }

  /** The next moments after one, up to another, whatever revision they are known since. */
  between(afterMs: number, untilMs: number): readonly number[] {
    return [...this.#inOrder().filter((ms) => ms > afterMs && ms <= untilMs)];
  }

  #inOrder(): Float64Array {
    if (this.#added.length > 0) {
      const merged = new Float64Array(this.#sorted.length + this.#added.length);
      merged.set(this.#sorted);
      merged.set(this.#added, this.#sorted.length);
      // Sorted runs are what the engine's sort is quick at.
      this.#sorted = merged.sort();
      this.#added = [];
    }
    return this.#sorted;
  }
}
