/** Room for questions by their weight: small ones always have it, large ones wait for one another in the order in which they came. */

import { MOST_WEIGHT } from '../domain/placement/question-size.ts';

/** What weighs no more takes no room. */
const SMALL = 10_000;

interface Waiting {
  readonly weight: number;
  readonly enter: () => void;
}

export class Room {
  #taken = 0;
  #waiting: Waiting[] = [];

  /** @returns what gives the room back; a second call does nothing. Ended by the signal, it rejects with its reason. */
  async enter(weight: number, signal: AbortSignal): Promise<() => void> {
    if (weight <= SMALL) return () => undefined;
    if (this.#waiting.length > 0 || !this.#fits(weight)) {
      const turn = Promise.withResolvers<void>();
      const waiting = { weight, enter: turn.resolve };
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((it) => it !== waiting);
        turn.reject(signal.reason);
        this.#next();
      };
      this.#waiting.push(waiting);
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
      await turn.promise.finally(() => signal.removeEventListener('abort', leave));
    } else {
      this.#taken += weight;
    }
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#taken -= weight;
      this.#next();
    };
  }

  #fits(weight: number): boolean {
    return this.#taken === 0 || this.#taken + weight <= MOST_WEIGHT;
  }

  #next(): void {
    for (let [first] = this.#waiting; first !== undefined && this.#fits(first.weight); [first] = this.#waiting) {
      this.#waiting.shift();
      this.#taken += first.weight;
      first.enter();
    }
  }
}
