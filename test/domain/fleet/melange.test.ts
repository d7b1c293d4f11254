/** The formulation of Mélange: its published example, brute force on random instances, and what we add to it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FleetProblem, fleetOf, fleetProgram } from '../../../src/domain/fleet/fleet-program.ts';
import type { SolveLimits } from '../../../src/domain/optimization/integer-program.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';

const solveProgram = await loadSolver();

const LIMITS: SolveLimits = {
  maximumNodes: 100_000,
  maximumSimplexIterations: 1_000_000,
  relativeGap: 0,
  maximumWallClockMs: 60_000,
};

const solve = (problem: FleetProblem) => {
  const solution = solveProgram({ program: programArrays(fleetProgram(problem)), limits: LIMITS, start: undefined });
  return { solution, fleet: fleetOf(problem, solution) };
};

const plain = { spareReplicas: 0, steadyShare: 0, maxTypes: null } as const;
const aType = (id: string, usdPerHour: number, loads: readonly (number | null)[]) => ({
  id,
  usdPerHour,
  loads,
  replicasPerMachine: 1,
  steady: true,
  maxMachines: null,
});

/** tyler-griggs/melange-release at d46ab43, melange/config/example.json; its README prints the optimum. */
const PUBLISHED: FleetProblem = {
  ...plain,
  buckets: [0.2, 0.1, 0.5, 0.2].map((share) => ({ requestsPerSecond: share * 30 })),
  types: [
    aType('A10G', 1.01, [1 / 2, 1 / 1, 1 / 5, 1 / 2]),
    aType('A100-80GB', 3.67, [1 / 20, 1 / 20, 1 / 40, 1 / 20]),
  ],
  slices: 1,
};

describe('Mélange', () => {
  it('published example: 3 A10G and 1 A100 for 6.7 USD an hour', () => {
    const { solution, fleet } = solve(PUBLISHED);
    expect(solution.status).toBe('optimal');
    expect(fleet?.machines).toEqual([3, 1]);
    expect(fleet?.usdPerHour).toBeCloseTo(6.7, 9);
  });
});

/** Every assignment of every slice, by enumeration of how many slices of each bucket go to each type. */
function bruteForce(problem: FleetProblem): number {
  const { buckets, types, slices, spareReplicas, steadyShare, maxTypes } = problem;
  const total = buckets.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  let best = Number.POSITIVE_INFINITY;
  const busy = types.map(() => 0);
  const counts = types.map(() => 0);
  let steady = 0;
  const place = (bucket: number, left: number, type: number): void => {
    if (bucket === buckets.length) {
      if (steadyShare > 0 && steady < steadyShare * total - 1e-9 * total) return;
      if (maxTypes !== null && counts.filter((count) => count > 0).length > maxTypes) return;
      let usd = 0;
      for (const [j, { usdPerHour, replicasPerMachine }] of types.entries()) {
        if (counts[j] === 0) continue;
        usd += usdPerHour * Math.ceil(((busy[j] as number) + spareReplicas) / replicasPerMachine - 1e-7);
      }
      best = Math.min(best, usd);
      return;
    }
    if (left === 0) {
      place(bucket + 1, slices, 0);
      return;
    }
    if (type === types.length) return;
    const { loads, steady: isSteady } = types[type] as (typeof types)[number];
    const load = loads[bucket] ?? null;
    const rate = (buckets[bucket]?.requestsPerSecond ?? 0) / slices;
    for (let count = load === null ? 0 : left; count >= 0; count--) {
      const added = count * rate * (load ?? 0);
      busy[type] = (busy[type] as number) + added;
      counts[type] = (counts[type] as number) + count;
      if (isSteady) steady += count * rate;
      place(bucket, left - count, type + 1);
      if (isSteady) steady -= count * rate;
      counts[type] = (counts[type] as number) - count;
      busy[type] = (busy[type] as number) - added;
    }
  };
  place(0, slices, 0);
  return best;
}

const instances = fc
  .record({
    buckets: fc.integer({ min: 1, max: 4 }),
    types: fc.integer({ min: 1, max: 3 }),
    slices: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ buckets, types, slices }) =>
    fc.record({
      buckets: fc.array(
        fc.integer({ min: 1, max: 400 }).map((tenths) => ({ requestsPerSecond: tenths / 10 })),
        { minLength: buckets, maxLength: buckets },
      ),
      types: fc.array(
        fc.record({
          id: fc.uuid(),
          usdPerHour: fc.integer({ min: 20, max: 1200 }).map((cents) => cents / 100),
          replicasPerMachine: fc.constantFrom(1, 1, 2, 4),
          loads: fc.array(
            fc.option(
              fc.integer({ min: 2, max: 200 }).map((hundredths) => hundredths / 100),
              { freq: 8 },
            ),
            { minLength: buckets, maxLength: buckets },
          ),
          steady: fc.boolean(),
          maxMachines: fc.constant(null),
        }),
        { minLength: types, maxLength: types },
      ),
      slices: fc.constant(slices),
      spareReplicas: fc.constantFrom(0, 0, 1),
      steadyShare: fc.constantFrom(0, 0, 0.5, 1),
      maxTypes: fc.constantFrom(null, null, 1, 2),
    }),
  );

describe('the program', () => {
  it('equals brute force on 300 random instances, infeasible ones included', () => {
    fc.assert(
      fc.property(instances, (problem) => {
        const { solution, fleet } = solve(problem);
        const best = bruteForce(problem);
        if (best === Number.POSITIVE_INFINITY) {
          expect(solution.status).toBe('infeasible');
          return;
        }
        expect(solution.status).toBe('optimal');
        expect(fleet?.usdPerHour).toBeCloseTo(best, 6);
      }),
      { numRuns: 300, seed: 300 },
    );
  }, 60_000);

  it('costs no less with fewer slices, fewer types, more steady capacity or more spares', () => {
    fc.assert(
      fc.property(instances, (problem) => {
        const usd = (changes: Partial<FleetProblem>) =>
          solve({ ...problem, ...changes }).fleet?.usdPerHour ?? Number.POSITIVE_INFINITY;
        const base = usd({});
        expect(usd({ slices: problem.slices * 2 })).toBeLessThanOrEqual(base + 1e-6);
        expect(usd({ spareReplicas: problem.spareReplicas + 1 })).toBeGreaterThanOrEqual(base - 1e-6);
        expect(usd({ steadyShare: 1 })).toBeGreaterThanOrEqual(base - 1e-6);
        expect(usd({ maxTypes: 1 })).toBeGreaterThanOrEqual(base - 1e-6);
        const cheaper = problem.types.map((type) => ({ ...type, usdPerHour: type.usdPerHour * 0.9 }));
        expect(usd({ types: cheaper })).toBeLessThanOrEqual(base + 1e-6);
      }),
      { numRuns: 40, seed: 4 },
    );
  }, 60_000);
});
