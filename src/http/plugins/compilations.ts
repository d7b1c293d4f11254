/**
 * Compiling the schemas of all operations, and making the contract of them, is most of a start. It is put off until an operation is asked for, and what nobody has asked
 * for by then is compiled piece by piece once the application listens, with other requests served in between.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { App } from '../application.ts';

export class Compilations {
  readonly #waiting = new Set<() => unknown>();

  /** What `compile` gives, compiled when it is first asked for. */
  later<T>(compile: () => T): () => T {
    let compiled: { readonly result: T } | undefined;
    const get = (): T => {
      this.#waiting.delete(get);
      compiled ??= { result: compile() };
      return compiled.result;
    };
    this.#waiting.add(get);
    return get;
  }

  /** Ends early when the signal does. A schema that cannot be compiled fails with the first request that needs it, too. */
  async finish(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    for (const compile of this.#waiting) {
      await nextTurn();
      if (signal.aborted) return;
      try {
        compile();
      } catch (error) {
        onError(error);
      }
    }
  }
}

export const compileWhenListening = (app: App, compilations: Compilations): void => {
  const closing = new AbortController();
  let finished: Promise<void> | undefined;
  app.addHook('onListen', async () => {
    finished = compilations.finish(closing.signal, (error) => app.log.error({ err: error }, 'A schema is broken.'));
  });
  app.addHook('preClose', async () => {
    closing.abort();
    await finished;
  });
};
