/**
 * Placement questions under way. One that ends soon is simply answered; one that takes longer, or is asked to, becomes an
 * operation: its question is stored, it says how far it is, can be cancelled, goes on after a restart, and its answer is kept.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { findOperation, finishOperation, leftOperations, takeUp, tellProgress } from '../catalog/sync/operations.ts';
import { openSession, type Session } from '../catalog/sync/session.ts';
import { whenBack } from '../db/when-back.ts';
import type { SolveProgram } from '../domain/optimization/integer-program.ts';
import type { PlacementTools } from '../domain/placement/prepare.ts';
import { type InterruptibleSolve, SolverBusy } from '../solver/solver.ts';
import { Room } from './room.ts';
import {
  dropOldPlacements,
  findPlacement,
  keepAnswer,
  keepBoth,
  keepQuestion,
  PLACEMENT_OPERATION,
} from './stored-placements.ts';

/** Works a question out; a refusal of the question is thrown. */
type Compute = (tools: PlacementTools) => Promise<unknown>;

interface PlacementRunsOptions {
  readonly pool: pg.Pool;
  readonly solve: InterruptibleSolve;
  /** For questions taken up again after a restart: pinned, so that they are the same. */
  readonly computeAgain: (question: unknown, tenant: string, tools: PlacementTools) => Promise<unknown>;
  /** Why it failed, in words for the sender; undefined where something failed inside. */
  readonly failureOf: (error: unknown) => { readonly code: string; readonly detail: string } | undefined;
  readonly onError: (message: string, error: unknown) => void;
  /** Between two searches for what others left. */
  readonly takeUpEveryMs?: number;
}

type RunOutcome =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'accepted'; readonly id: string }
  /** The caller disconnected before the answer was ready, and the work was stopped. */
  | { readonly kind: 'abandoned' };

/** The thread is handed on when one question has kept it so long. */
const TURN_MS = 8;
/** The database is told how far it is, and asked whether to go on, so often. */
const TELL_EVERY_MS = 400;
/** Questions in the background at the same time; more wait for their answer in the request. */
const MOST_RUNS = 4;
const BUSY_PAUSE_MS = 200;
const ATTEMPTS_TO_OWN = 5;
/** Between two searches for placements that another instance left unfinished when it ended. */
const TAKE_UP_EVERY_MS = 60_000;

class Cancelled extends Error {}
class Closing extends Error {}

/** How far a run is, and whether it should stop. */
class Run {
  readonly #pool: pg.Pool;
  /** Null while its request waits for it. */
  id: string | null = null;
  closing = false;
  #step = 'working out the options';
  #progress = 0;
  #turnEnds = performance.now() + TURN_MS;
  #toldAt = 0;

  readonly #room: Room;
  #leave = (): void => undefined;

  constructor(pool: pg.Pool, room: Room) {
    this.#pool = pool;
    this.#room = room;
  }

  /** Its room is for others now. */
  leave(): void {
    this.#leave();
  }

  tools(solve: InterruptibleSolve): PlacementTools {
    return {
      solve: async (...task) => {
        for (;;) {
          try {
            return await this.#solved(solve, ...task);
          } catch (error) {
            // who waits for no answer can wait for the optimizer
            if (!(error instanceof SolverBusy) || this.id === null) throw error;
            await sleep(BUSY_PAUSE_MS);
            await this.#tell();
          }
        }
      },
      whenRoom: async (weight) => {
        const stop = new AbortController();
        const watch = setInterval(() => {
          this.#tell().catch((reason: unknown) => stop.abort(reason));
        }, TELL_EVERY_MS);
        try {
          this.#leave = await this.#room.enter(weight, stop.signal);
        } finally {
          clearInterval(watch);
        }
      },
      breathe: async () => {
        if (performance.now() < this.#turnEnds) return;
        await nextTurn();
        await this.#tell();
        this.#turnEnds = performance.now() + TURN_MS;
      },
      report: async (step, progress) => {
        this.#step = step;
        this.#progress = Math.min(Math.max(progress, this.#progress), 1);
        await this.#tell();
      },
    };
  }

  /** A solve may take seconds: meanwhile cancellations are looked for, and one that is cancelled has its thread ended. */
  async #solved(solve: InterruptibleSolve, ...[program, limits, start]: Parameters<SolveProgram>) {
    const stop = new AbortController();
    const watch = setInterval(() => {
      this.#tell().catch((reason: unknown) => stop.abort(reason));
    }, TELL_EVERY_MS);
    try {
      return await solve(program, limits, start, stop.signal);
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : error;
    } finally {
      clearInterval(watch);
    }
  }

  async #tell(): Promise<void> {
    if (this.closing) throw new Closing();
    if (this.id === null || performance.now() < this.#toldAt + TELL_EVERY_MS) return;
    this.#toldAt = performance.now();
    // not being able to say how far it is is no reason to stop
    const stop = await tellProgress(this.#pool, this.id, {
      state: 'running',
      step: this.#step,
      progress: this.#progress,
    }).catch(() => false);
    if (stop) throw new Cancelled();
  }
}

/** Gives the room of a run back when it ends, however it does. */
const working = (run: Run, work: Promise<unknown>): Promise<unknown> => work.finally(() => run.leave());

export class PlacementRuns {
  readonly #options: PlacementRunsOptions;
  readonly #background = new Map<Run, Session>();
  readonly #closing = new AbortController();
  readonly #room = new Room();
  /** Runs that are about to be in the background. */
  #beginning = 0;
  /** Others that ended left more than run here at the same time. */
  #isMoreLeft = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PlacementRunsOptions) {
    this.#options = options;
  }

  /**
   * The answer where it comes within `waitMs`, else the operation that it has become. It stays a request where the database is away
   * or enough runs in the background already.
   * @param hungUp ends the work while its request waits for it
   */
  async answer(
    question: { readonly pinned: unknown; readonly tenant: string },
    compute: Compute,
    waitMs: number,
    hungUp?: AbortSignal,
  ): Promise<RunOutcome> {
    const { pool, solve } = this.#options;
    const run = new Run(pool, this.#room);
    const abandon = (): void => {
      if (run.id === null) run.closing = true;
    };
    hungUp?.addEventListener('abort', abandon);
    try {
      return await this.#answer(run, question, working(run, compute(run.tools(solve))), waitMs);
    } catch (error) {
      if (error instanceof Closing && hungUp?.aborted === true) return { kind: 'abandoned' };
      throw error;
    } finally {
      hungUp?.removeEventListener('abort', abandon);
    }
  }

  async #answer(
    run: Run,
    question: { readonly pinned: unknown; readonly tenant: string },
    working: Promise<unknown>,
    waitMs: number,
  ): Promise<RunOutcome> {
    working.catch(() => undefined); // whoever waits for it hears of it
    // a timer left running would keep the answer in memory until it ends, which may be weeks
    const patience = new AbortController();
    const soon = await Promise.race([
      working.then((answer) => ({ answer })),
      sleep(waitMs, undefined, { ref: false, signal: patience.signal }).catch(() => undefined),
    ]).finally(() => patience.abort());
    if (soon !== undefined) return { kind: 'answered', answer: soon.answer };
    const id = randomUUID();
    const session = this.#hasRoom() && !this.#closing.signal.aborted ? await this.#begin(id, question) : undefined;
    if (session === undefined) return { kind: 'answered', answer: await working };
    this.#inBackground(run, id, session, working);
    return { kind: 'accepted', id };
  }

  /** Keeps an answer that only storage can give again. @returns whether it could: not where the database is away. */
  async keep(
    id: string,
    { pinned, tenant }: { readonly pinned: unknown; readonly tenant: string },
    answer: unknown,
  ): Promise<boolean> {
    const { pool, onError } = this.#options;
    try {
      await dropOldPlacements(pool);
      await keepBoth(pool, id, { question: pinned, tenant }, answer);
      return true;
    } catch (error) {
      onError('A placement could not be kept.', error);
      return false;
    }
  }

  /**
   * What was under way when its instance ended is worked out again, as many at the same time as elsewhere: each holds a connection, and
   * without one left over none could be finished. Afterwards again and again: the other instances of a service may never start again.
   */
  async recover(): Promise<void> {
    this.#timer ??= setInterval(() => void this.#takeUpLeft(), this.#options.takeUpEveryMs ?? TAKE_UP_EVERY_MS).unref();
    await this.#takeUpLeft();
  }

  async #takeUpLeft(): Promise<void> {
    const { pool, onError } = this.#options;
    this.#isMoreLeft = false;
    try {
      await dropOldPlacements(pool);
      for (const { id, tenant } of await leftOperations(pool, PLACEMENT_OPERATION)) {
        if (this.#closing.signal.aborted) return;
        // Its connection was lost; it takes another one when it ends.
        if ([...this.#background.keys()].some((run) => run.id === id)) continue;
        if (!this.#hasRoom()) {
          this.#isMoreLeft = true;
          return;
        }
        await this.#takeUp(id, tenant);
      }
    } catch (error) {
      onError('Unfinished placements could not be taken up yet.', error);
    }
  }

  async #takeUp(id: string, tenant: string): Promise<void> {
    const { pool, solve, computeAgain } = this.#options;
    this.#beginning += 1;
    let session: Session | undefined;
    try {
      session = await openSession(pool);
      const stored = (await session.own(id)) ? await findPlacement(pool, id) : undefined;
      // it may have ended just before its lock was released
      if (stored === undefined || this.#closing.signal.aborted || !(await takeUp(pool, id))) {
        session.end();
        return;
      }
      const run = new Run(pool, this.#room);
      run.id = id;
      this.#inBackground(run, id, session, working(run, computeAgain(stored.question, tenant, run.tools(solve))));
    } catch (error) {
      session?.end();
      throw error;
    } finally {
      this.#beginning -= 1;
    }
  }

  #hasRoom(): boolean {
    return this.#background.size + this.#beginning < MOST_RUNS;
  }

  async #takeUpMore(): Promise<void> {
    if (this.#isMoreLeft && !this.#closing.signal.aborted) await this.#takeUpLeft();
  }

  /** What is under way is left for the next start, or for another instance. */
  close(): void {
    this.#closing.abort();
    clearInterval(this.#timer);
    for (const [run, session] of this.#background) {
      run.closing = true;
      session.end();
    }
    this.#background.clear();
  }

  /** Undefined where the database is away: the request then waits. */
  async #begin(
    id: string,
    { pinned, tenant }: { readonly pinned: unknown; readonly tenant: string },
  ): Promise<Session | undefined> {
    const { pool, onError } = this.#options;
    let session: Session | undefined;
    this.#beginning += 1;
    try {
      session = await openSession(pool);
      await session.own(id);
      await dropOldPlacements(pool);
      await keepQuestion(pool, id, { question: pinned, tenant });
      return session;
    } catch (error) {
      session?.end();
      onError('A placement could not become an operation; its request waits for it.', error);
      return undefined;
    } finally {
      this.#beginning -= 1;
    }
  }

  #inBackground(run: Run, id: string, session: Session, working: Promise<unknown>): void {
    run.id = id;
    this.#background.set(run, session);
    void this.#finish(run, id, working).finally(() => {
      this.#background.get(run)?.end();
      this.#background.delete(run);
      void this.#takeUpMore();
    });
  }

  /** Stores the outcome as soon as the database answers, unless another instance owns the run by then. */
  async #finish(run: Run, id: string, working: Promise<unknown>): Promise<void> {
    const { pool, onError } = this.#options;
    const fail = async (error: unknown): Promise<void> => {
      if (!this.#closing.signal.aborted) await this.#fail(id, error);
    };
    const store = await working.then(
      (answer) => () => keepAnswer(pool, id, answer),
      (error: unknown) => () => fail(error),
    );
    try {
      await this.#storeWhenBack(run, id, store).catch((error: unknown) =>
        // An answer that the database does not take: it would not take it again.
        this.#storeWhenBack(run, id, () => fail(error)),
      );
    } catch (error) {
      onError(`Placement ${id} could not be ended yet.`, error);
    }
  }

  async #storeWhenBack(run: Run, id: string, store: () => Promise<void>): Promise<void> {
    let isLost = false;
    await whenBack(
      async () => {
        if (isLost && !(await this.#ownAgain(run, id))) return;
        await store();
      },
      {
        signal: this.#closing.signal,
        onAway: (error) => {
          isLost = true;
          this.#options.onError(`Placement ${id} waits for the database.`, error);
        },
      },
    );
  }

  /** @returns false where another instance has taken the run up or ended it since the connection was lost. */
  async #ownAgain(run: Run, id: string): Promise<boolean> {
    const { pool } = this.#options;
    this.#background.get(run)?.end();
    const session = await openSession(pool);
    this.#background.set(run, session);
    // the database may hold the lock of the lost connection for a moment more
    for (let attempt = 1; attempt <= ATTEMPTS_TO_OWN; attempt += 1) {
      if (await session.own(id)) return (await findOperation(pool, id))?.finishedAt === null;
      await sleep(BUSY_PAUSE_MS * attempt);
    }
    return false;
  }

  async #fail(id: string, error: unknown): Promise<void> {
    const { pool, failureOf, onError } = this.#options;
    if (error instanceof Cancelled) {
      await finishOperation(pool, id, 'cancelled', { code: 'cancelled', detail: 'The placement was cancelled.' });
      return;
    }
    const known = failureOf(error);
    if (known === undefined) onError(`Placement ${id} failed.`, error);
    const internal = { code: 'internal', detail: 'Something failed inside the service; ask again.' };
    await finishOperation(pool, id, 'failed', known ?? internal);
  }
}
