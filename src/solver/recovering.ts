/**
 * Runs tasks on what `load` gives, loaded with the first task and anew after a failure: a WebAssembly instance that aborted
 * fails for ever after.
 */
export function recovering<Task, Result>(load: () => Promise<(task: Task) => Result>): (task: Task) => Promise<Result> {
  let loaded: Promise<(task: Task) => Result> | undefined;
  return async (task) => {
    loaded ??= load();
    try {
      const run = await loaded;
      return run(task);
    } catch (error) {
      loaded = undefined;
      throw error;
    }
  };
}
