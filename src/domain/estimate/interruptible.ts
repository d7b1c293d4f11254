/** Long work that lets others through: it may be left at each `yield`, and whoever runs it decides what goes first there. */
export type Interruptible<Result> = Generator<undefined, Result, undefined>;

/** From its beginning to its end at once. */
export function uninterrupted<Result>(work: Interruptible<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

export async function interrupted<Result>(work: Interruptible<Result>, pause: () => Promise<void>): Promise<Result> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    await pause();
  }
}
