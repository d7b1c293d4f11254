import { afterEach, describe, expect, it } from 'vitest';
import type { SolveLimits } from '../../src/domain/optimization/integer-program.ts';
import { createSolver, type Solver, SolverBusy } from '../../src/solver/solver.ts';
import { capacitatedAssignment } from './capacitated-assignment.ts';

const limits: SolveLimits = {
  maximumNodes: 1e6,
  maximumSimplexIterations: 1e9,
  relativeGap: 0.01,
  maximumWallClockMs: 60_000,
};
const program = capacitatedAssignment(20, 8);

let solver: Solver;
afterEach(() => solver.close());

describe('createSolver', () => {
  it('solves in another thread: the event loop goes on', async () => {
    solver = createSolver({ threads: 1, maximumQueued: 1 });
    let turns = 0;
    const count = setInterval(() => turns++, 1);
    const solution = await solver.solve(program, limits);
    clearInterval(count);
    expect(solution.status).toBe('optimal');
    expect(turns).toBeGreaterThan(3);
  });

  it('refuses what its queue does not take, and goes on after it', async () => {
    solver = createSolver({ threads: 1, maximumQueued: 1 });
    await solver.solve(program, limits); // the thread is up
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => solver.solve(program, limits)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))).toEqual([
      new SolverBusy(),
      new SolverBusy(),
    ]);
    expect((await solver.solve(program, limits)).status).toBe('optimal');
  });

  it('ends a solve under way when it is stopped, and goes on after it', async () => {
    solver = createSolver({ threads: 1, maximumQueued: 1 });
    await solver.solve(program, limits); // the thread is up
    const stop = new AbortController();
    const endless = solver.solve(capacitatedAssignment(60, 30), { ...limits, relativeGap: 0 }, undefined, stop.signal);
    setTimeout(() => stop.abort(), 100);
    await expect(endless).rejects.toThrow(/abort/i);
    expect((await solver.solve(program, limits)).status).toBe('optimal');
  });

  it('passes on what a malformed program does', async () => {
    solver = createSolver({ threads: 1, maximumQueued: 1 });
    const variables = [{ name: 'x', lower: 0, upper: 1, integer: true, cost: Number.NaN }];
    await expect(solver.solve({ variables, constraints: [] }, limits)).rejects.toThrow(/NaN|finite|number/i);
  });
});
