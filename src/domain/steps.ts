/** Long work as a generator that stops wherever it may be interrupted: done at once, or a few milliseconds at a time by whoever has others to serve. */

export type Steps<T> = Generator<void, T, void>;

export const atOnce = <T>(steps: Steps<T>): T => {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
};
