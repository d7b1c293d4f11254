/** Long work on the thread that answers requests: a millisecond at a time, with whoever waits served in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Steps } from '../domain/steps.ts';

/** A request goes round the loop several times until it is answered, and waits for a slice each time. */
const SLICE_MS = 1;

/** One slice after the other. */
export class Slices {
  #from = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#from >= SLICE_MS;
  }

  /** Lets others have their turn; the next slice begins after it. */
  async rest(): Promise<void> {
    await nextTurn();
    this.#from = performance.now();
  }
}

export const inSlices = async <T>(steps: Steps<T>): Promise<T> => {
  const slices = new Slices();
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (slices.isOver) await slices.rest();
  }
};

/** Items as they are asked for, however fast that is. */
export async function* oneByOne<T>(items: Iterable<T>): AsyncGenerator<T> {
  const slices = new Slices();
  for (const item of items) {
    yield item;
    if (slices.isOver) await slices.rest();
  }
}
