/** The smallest change of limits, against a search that lifts one limit after the other and takes what the cheapest mix then needs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchFleet } from '../../../src/domain/fleet/fleet-search.ts';
import { excessOf, isWithin, type MixLimit } from '../../../src/domain/fleet/mix-limits.ts';
import { recommendMixedFleet } from '../../../src/domain/fleet/recommend-fleet.ts';
import type { MixedFleetRequest } from '../../../src/domain/fleet/request.ts';
import { usesOf } from '../../../src/domain/fleet/solve-fleet.ts';
import { SolverWork } from '../../../src/domain/fleet/solver-work.ts';
import type { SolveProgram } from '../../../src/domain/optimization/integer-program.ts';
import { withChange } from '../../../src/domain/recommendation/smallest-change.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';
import { noPause } from '../recommendation/seeded.ts';
import { AT, snapshot } from '../seed.ts';

const solveProgram = await loadSolver();
const solve: SolveProgram = async (program, limits, start) =>
  solveProgram({ program: programArrays(program), limits, start });

const answerTo = (request: MixedFleetRequest) => recommendMixedFleet(snapshot, request, AT, noPause, solve);

/** Excess of each change that a limit alone needs; where none does, of what is needed together, as one. */
async function oneAfterTheOther(request: MixedFleetRequest): Promise<{ alone: number[]; together: number }> {
  const { limits, best, mixWithin } = await searchFleet(
    { snapshot, at: AT, pause: noPause, work: new SolverWork(solve) },
    request,
  );
  const alone: number[] = [];
  for (const limit of limits) {
    const found = (await best([limit], limit)).best;
    if (found !== null) alone.push(excessOf(limit, found.solved.least));
  }
  const needs = async (lifted: readonly MixLimit[]) => {
    const found = (await best(lifted)).best;
    const mix = mixWithin(lifted);
    if (found === null || mix === null) return null;
    const uses = usesOf(mix, found.solved.pools);
    return limits.map((limit, index) => ({ limit, least: uses[index] as number }));
  };
  const all = (await needs(limits)) ?? [];
  const beyond = all.filter(({ limit, least }) => !isWithin(limit, least));
  beyond.sort((a, b) => b.least / b.limit.most - a.least / a.limit.most);
  let together = beyond;
  for (let lifted = 2; lifted <= beyond.length; lifted++) {
    const enough = await needs(beyond.slice(0, lifted).map(({ limit }) => limit));
    if (enough === null) continue;
    together = enough;
    break;
  }
  return { alone, together: together.reduce((sum, { limit, least }) => sum + excessOf(limit, least), 0) };
}

describe('the smallest change of limits', () => {
  const sizes = [
    { promptTokens: 70, outputTokens: 200, share: 60 },
    { promptTokens: 400, outputTokens: 300, share: 20 },
    { promptTokens: 4000, outputTokens: 260, share: 20 },
  ];
  const asked = fc.record({
    requestsPerDay: fc.constantFrom(500_000, 1_000_000, 2_000_000),
    accept: fc.constantFrom(['owned'] as const, ['on_demand', 'owned'] as const, ['on_demand', 'spot'] as const),
    money: fc.constantFrom('500.00', '2500.00', '6000.00'),
    upfront: fc.constantFrom('10000.00', '60000.00', null),
    carbon: fc.constantFrom(20, 300, null),
    kilowatts: fc.constantFrom(1, 6, null),
  });
  const requestOf = ({
    requestsPerDay,
    accept,
    money,
    upfront,
    carbon,
    kilowatts,
  }: typeof asked extends fc.Arbitrary<infer Value> ? Value : never): MixedFleetRequest => ({
    inference: {
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay,
      objectives: { timePerOutputTokenMsP95: 80, spareReplicas: 0 },
    },
    sizes,
    purchase: { accept: [...accept] },
    constraints: {
      countries: ['DE'],
      monthlyBudgetUsd: money,
      ...(upfront !== null && { upfrontBudgetUsd: upfront }),
      ...(carbon !== null && { maxCarbonKilogramsPerMonth: carbon }),
      ...(kilowatts !== null && { facility: { maxKilowatts: kilowatts } }),
    },
  });

  it('is no larger than the one that lifting limits in turn finds, and helps', async () => {
    const seen = { alone: 0, together: 0 };
    await fc.assert(
      fc.asyncProperty(asked, async (instance) => {
        const request = requestOf(instance);
        const answer = await answerTo(request);
        if (answer.status === 'feasible') return;
        const [first] = answer.smallestChanges;
        if (first === undefined) throw new Error(`Nothing is said to help: ${answer.summary}`);
        const { limits } = await searchFleet(
          { snapshot, at: AT, pause: noPause, work: new SolverWork(solve) },
          request,
        );
        const excess = first.changes.reduce((sum, change) => {
          const limit = limits.find(({ field }) => field === change.field);
          if (limit === undefined || !('to' in change)) throw new Error(`${change.field} is no limit.`);
          return sum + excessOf(limit, Number(change.to));
        }, 0);
        const { alone, together } = await oneAfterTheOther(request);
        const least = alone.length > 0 ? Math.min(...alone) : together;
        if (alone.length > 0) expect(first.changes).toHaveLength(1);
        // the first step by which a limit is raised where the mix is not found again
        expect(excess).toBeLessThanOrEqual(least + 0.01 * (least + first.changes.length));
        const helped = await answerTo(first.changes.reduce<MixedFleetRequest>(withChange, request));
        if (helped.status === 'infeasible') throw new Error(helped.summary);
        expect(helped.total).toEqual(first.total);
        seen[alone.length > 0 ? 'alone' : 'together']++;
      }),
      { numRuns: 7, seed: 6 },
    );
    expect(Math.min(seen.alone, seen.together)).toBeGreaterThan(0);
  }, 120_000);

  it('is looked for with so much work and no more, and the answer says where that ended the search', async () => {
    let programs = 0;
    const laborious: SolveProgram = async (program, limits, start) => {
      programs++;
      return { ...(await solve(program, limits, start)), simplexIterations: 200_000 };
    };
    const instance = { requestsPerDay: 500_000, accept: ['on_demand', 'spot'], money: '2500.00' } as const;
    const request = requestOf({ ...instance, upfront: '10000.00', carbon: 20, kilowatts: null });
    const answer = await recommendMixedFleet(snapshot, request, AT, noPause, laborious);
    expect(answer.status).toBe('infeasible');
    expect(answer.summary).toContain('ended with the work that a question is allowed');
    expect(programs).toBeLessThan(8);
  });
});
