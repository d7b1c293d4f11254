/** The fastest layouts that a search has seen, one of each cut, and no more of them than are wanted. */
import type { TrainingLayout } from '../workload.ts';

export interface Timed {
  readonly layout: TrainingLayout;
  readonly seconds: number;
  /** Of the enumeration, which decides between equals. */
  readonly order: number;
}

export class FastestCuts {
  readonly #wanted: number;
  readonly #kept: { readonly cut: string; readonly timed: Timed }[] = [];

  /** @param wanted at least 1 */
  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  get inOrder(): Timed[] {
    return this.#kept.map(({ timed }) => timed);
  }

  /** What is slower than this is none of them; null while there are fewer than wanted. */
  get slowest(): number | null {
    return this.#kept.length < this.#wanted ? null : (this.#kept.at(-1)?.timed.seconds ?? null);
  }

  /** A cut that fell out was behind all that are kept, and comes back only with a faster layout. */
  add(cut: string, timed: Timed): void {
    const kept = this.#kept;
    const known = kept.findIndex((one) => one.cut === cut);
    const before = kept[known];
    if (before !== undefined) {
      if (!(timed.seconds < before.timed.seconds)) return;
      kept.splice(known, 1);
    }
    const behind = kept.findIndex((one) => timed.seconds < one.timed.seconds);
    kept.splice(behind === -1 ? kept.length : behind, 0, { cut, timed });
    if (kept.length > this.#wanted) kept.pop();
  }
}
