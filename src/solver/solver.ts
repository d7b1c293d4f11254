/** The optimizer of the service: HiGHS in worker threads behind a bounded queue, so that no solve delays a light request. */
import { join } from 'node:path';
import { Piscina } from 'piscina';
import type { IntegerProgram, ProgramSolution, SolveLimits } from '../domain/optimization/integer-program.ts';
import { buffersOf, programArrays } from './program-arrays.ts';
import type { SolveTask } from './solve-program.ts';

export interface SolverSettings {
  readonly threads: number;
  /** Solves that may wait for a thread; one more is refused with SolverBusy. */
  readonly maximumQueued: number;
}

export const defaultSolverSettings: SolverSettings = { threads: 2, maximumQueued: 32 };

/** The port that the domain declares. `stop` ends a solve that waits or runs; the thread of a running one is replaced. */
export type InterruptibleSolve = (
  program: IntegerProgram,
  limits: SolveLimits,
  start?: readonly number[],
  stop?: AbortSignal,
) => Promise<ProgramSolution>;

export interface Solver {
  readonly solve: InterruptibleSolve;
  /** Ends the threads; solves under way are dropped. */
  close(): Promise<void>;
}

/** Every thread is taken and the queue is full: try again later. */
export class SolverBusy extends Error {
  constructor() {
    super('The optimizer has as many problems waiting as it takes.');
    this.name = 'SolverBusy';
  }
}

/** Threads start with the first solve and end when idle. */
export function createSolver({ threads, maximumQueued }: SolverSettings): Solver {
  let pool: Piscina<SolveTask, ProgramSolution> | undefined;
  const open = (): Piscina<SolveTask, ProgramSolution> => {
    pool ??= new Piscina({
      filename: join(import.meta.dirname, 'worker.ts'),
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 60_000,
      maxQueue: Number.POSITIVE_INFINITY,
    });
    return pool;
  };
  return {
    solve: (program, limits, start, stop) => {
      const threadPool = open();
      if (threadPool.queueSize >= maximumQueued) return Promise.reject(new SolverBusy());
      const arrays = programArrays(program);
      return threadPool.run(
        { program: arrays, limits, start },
        { signal: stop ?? null, transferList: buffersOf(arrays) },
      );
    },
    close: async () => {
      await pool?.destroy();
      pool = undefined;
    },
  };
}
