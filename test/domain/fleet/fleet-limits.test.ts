/** Limits on the whole mix: the program against brute force, and fleets of the seed against sums that are worked out anew. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageWatts, devicePower, NETWORK_POWER_PERCENT } from '../../../src/domain/energy/index.ts';
import { type FleetProblem, fleetOf, fleetProgram } from '../../../src/domain/fleet/fleet-program.ts';
import {
  type FeasibleFleet,
  type FleetPoolReport,
  type MixedFleetRecommendation,
  recommendMixedFleet,
} from '../../../src/domain/fleet/recommend-fleet.ts';
import type { MixedFleetRequest } from '../../../src/domain/fleet/request.ts';
import { inWholeSlices } from '../../../src/domain/fleet/whole-slices.ts';
import { toNumber } from '../../../src/domain/money.ts';
import type { SolveProgram } from '../../../src/domain/optimization/integer-program.ts';
import { placeFigures } from '../../../src/domain/recommendation/prices/place-figures.ts';
import { withChange } from '../../../src/domain/recommendation/smallest-change.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';
import { noPause } from '../recommendation/seeded.ts';
import { AT, snapshot } from '../seed.ts';

const solveProgram = await loadSolver();
const solve: SolveProgram = async (program, limits, start) =>
  solveProgram({ program: programArrays(program), limits, start });

describe('the program within limits on the whole mix', () => {
  const EXACT = {
    maximumNodes: 100_000,
    maximumSimplexIterations: 1_000_000,
    relativeGap: 0,
    maximumWallClockMs: 60_000,
  };
  const TYPES = 2;
  const BUCKETS = 2;
  const MOST_MACHINES = 7;
  const each = <Value>(value: fc.Arbitrary<Value>, length: number) =>
    fc.array(value, { minLength: length, maxLength: length });
  const tenths = (most: number) => fc.integer({ min: 1, max: most }).map((count) => count / 10);
  const step = fc.record({ allowed: fc.constantFrom(true, true, true, false), use: fc.integer({ min: 1, max: 40 }) });
  const instances = fc.record({
    loads: each(each(tenths(12), BUCKETS), TYPES),
    rates: each(tenths(40), BUCKETS),
    prices: each(tenths(80), TYPES),
    perMachine: each(fc.integer({ min: 0, max: 9 }), TYPES),
    perRate: each(each(fc.integer({ min: 0, max: 4 }), TYPES), BUCKETS),
    most: fc.integer({ min: 5, max: 60 }),
    hall: each(step, MOST_MACHINES),
    hallMost: fc.integer({ min: 5, max: 40 }),
    minimized: fc.constantFrom(null, null, 0, 1, 'excess' as const),
  });
  type Instance = typeof instances extends fc.Arbitrary<infer Value> ? Value : never;
  const SLICES = 2;

  const problemOf = ({ loads, rates, prices, perMachine, perRate, most, hall, hallMost, minimized }: Instance) => ({
    buckets: rates.map((requestsPerSecond) => ({ requestsPerSecond })),
    types: loads.map((ofType, type) => ({
      id: `${type}`,
      usdPerHour: prices[type] as number,
      replicasPerMachine: 1,
      loads: ofType,
      steady: true,
      maxMachines: MOST_MACHINES,
      // the first type stands in a hall
      steps:
        type === 0
          ? hall.flatMap(({ allowed, use }, index) =>
              allowed ? [{ from: index + 1, to: index + 1, uses: [0, use] }] : [],
            )
          : null,
    })),
    slices: SLICES,
    spareReplicas: 0,
    steadyShare: 0,
    maxTypes: null,
    limits: [
      { id: 'smooth', most: minimized === 0 ? Number.POSITIVE_INFINITY : most, perMachine, perRequestRate: perRate },
      {
        id: 'hall',
        most: minimized === 1 ? Number.POSITIVE_INFINITY : hallMost,
        perMachine: [0, 0],
        perRequestRate: perRate.map(() => [0, 0]),
      },
    ],
    minimized,
  });

  /** Every assignment of slices and every count of machines. */
  function bruteForce(instance: Instance): number {
    const { loads, rates, prices, perMachine, perRate, most, hall, hallMost, minimized } = instance;
    let best = Number.POSITIVE_INFINITY;
    for (let a = 0; a <= SLICES; a++) {
      for (let b = 0; b <= SLICES; b++) {
        const rateOn = (type: number, bucket: number): number => {
          const slices = bucket === 0 ? a : b;
          return ((rates[bucket] as number) * (type === 0 ? slices : SLICES - slices)) / SLICES;
        };
        const least = loads.map((ofType, type) =>
          Math.ceil(ofType.reduce((sum, load, bucket) => sum + load * rateOn(type, bucket), 0) - 1e-7),
        );
        for (let n0 = least[0] as number; n0 <= MOST_MACHINES; n0++) {
          const standing = n0 === 0 ? { allowed: true, use: 0 } : (hall[n0 - 1] as Instance['hall'][number]);
          if (!standing.allowed) continue;
          for (let n1 = least[1] as number; n1 <= MOST_MACHINES; n1++) {
            const machines = [n0, n1];
            const smooth = machines.reduce(
              (sum, count, type) =>
                sum +
                count * (perMachine[type] as number) +
                rates.reduce((all, _, bucket) => all + (perRate[bucket]?.[type] ?? 0) * rateOn(type, bucket), 0),
              0,
            );
            if (minimized === 'excess') {
              const beyond = Math.max(smooth / most - 1, 0) + Math.max(standing.use / hallMost - 1, 0);
              best = Math.min(best, beyond);
              continue;
            }
            if (minimized !== 0 && smooth > most + 1e-6) continue;
            if (minimized !== 1 && standing.use > hallMost) continue;
            const usd = machines.reduce((sum, count, type) => sum + count * (prices[type] as number), 0);
            best = Math.min(best, [smooth, standing.use][minimized ?? -1] ?? usd);
          }
        }
      }
    }
    return best;
  }

  it('equals brute force on 150 random instances, by cost, by what a limit is on and by what is beyond all limits', () => {
    let infeasible = 0;
    fc.assert(
      fc.property(instances, (instance) => {
        const problem: FleetProblem = problemOf(instance);
        const solution = solveProgram({
          program: programArrays(fleetProgram(problem)),
          limits: EXACT,
          start: undefined,
        });
        const best = bruteForce(instance);
        if (best === Number.POSITIVE_INFINITY) {
          infeasible++;
          expect(solution.status).toBe('infeasible');
          return;
        }
        expect(solution.status).toBe('optimal');
        expect(solution.objective).toBeCloseTo(best, 5);
        expect(fleetOf(problem, solution)?.machines[0]).toBeLessThanOrEqual(MOST_MACHINES);
      }),
      { numRuns: 150, seed: 150 },
    );
    expect(infeasible).toBeGreaterThan(10);
    expect(infeasible).toBeLessThan(100);
  }, 60_000);

  it('solved in parts first is within the gap of brute force on 100 random instances, and no bound is above it', async () => {
    const limits = { ...EXACT, relativeGap: 0.01 };
    let infeasible = 0;
    await fc.assert(
      fc.asyncProperty(instances, async (instance) => {
        const { status, objective, bound } = await inWholeSlices(problemOf(instance), limits, solve, null);
        const best = bruteForce(instance);
        if (best === Number.POSITIVE_INFINITY) {
          infeasible++;
          expect(status).toBe('infeasible');
          return;
        }
        expect(status).toBe('optimal');
        expect(objective).toBeGreaterThanOrEqual(best - 1e-5);
        expect(objective).toBeLessThanOrEqual(best * (instance.minimized === null ? 1.0101 : 1.0151) + 1e-5);
        expect(bound).toBeLessThanOrEqual(best + 1e-5);
      }),
      { numRuns: 100, seed: 100 },
    );
    expect(infeasible).toBeGreaterThan(5);
  }, 60_000);
});

const sizes = [
  { promptTokens: 70, outputTokens: 200, share: 60 },
  { promptTokens: 400, outputTokens: 300, share: 20 },
  { promptTokens: 4000, outputTokens: 260, share: 20 },
];
const workload = (requestsPerDay: number) => ({
  inference: {
    model: 'meta-llama/Llama-3.1-8B',
    requestsPerDay,
    objectives: { timePerOutputTokenMsP95: 80, spareReplicas: 0 },
  },
  sizes,
});

const answerTo = (request: MixedFleetRequest): Promise<MixedFleetRecommendation> =>
  recommendMixedFleet(snapshot, request, AT, noPause, solve);

async function fleet(request: MixedFleetRequest): Promise<FeasibleFleet> {
  const answer = await answerTo(request);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

const HOURS = 730;
const figures = placeFigures(snapshot, undefined);

/** Energy of a rented pool from the watts of its devices: those that work at the mean of the month, and those that wait. */
function rentedKilowattHours(
  { machine, pool }: FleetPoolReport,
  requestsPerDay: number,
  peakPerSecond: number,
): number {
  const { point, providerId, regionId, country } = machine.option;
  const power = devicePower(point.device, snapshot.systemsOfDevice(point.device.id), 'inference');
  if (power === null) throw new Error(`Nobody knows what ${point.device.id} draws.`);
  const devices = pool.machines * machine.devicesPerMachine;
  const busyAtPeak =
    (pool.sizing.replicas ?? 0) * (pool.sizing.reached?.('utilization') ?? 0) * point.devicesPerReplica;
  const busy = (busyAtPeak * (requestsPerDay / 86_400)) / peakPerSecond;
  const network = point.clustered ? 1 + NETWORK_POWER_PERCENT.value / 100 : 1;
  const watts = averageWatts(power, busy / devices).value * devices * network;
  return (watts / 1000) * HOURS * figures(providerId ?? '', regionId, country).pue;
}

describe('fleets within limits on the whole mix', () => {
  it('say what they take: the sums of their pools, worked out anew', async () => {
    const { pools, use, requestsPerSecond, total } = await fleet({ ...workload(2_000_000), maxTypes: 3 });
    let kilowattHours = 0;
    let kilograms = 0;
    for (const one of pools) {
      const { option } = one.machine;
      const ofPool = rentedKilowattHours(one, 2_000_000, requestsPerSecond);
      kilowattHours += ofPool;
      kilograms += (ofPool * figures(option.providerId ?? '', option.regionId, option.country).gramsCo2ePerKwh) / 1000;
    }
    expect(use.facilityKilowattHours).toBeCloseTo(kilowattHours, 6);
    expect(use.carbonKilograms).toBeCloseTo(kilograms, 6);
    expect(use.usdPerMonth).toBeCloseTo(toNumber(total), 2);
    expect(use.facilityKilowatts).toBe(0);
  });

  const kinds = {
    carbon: { field: 'maxCarbonKilogramsPerMonth', of: ({ use }: FeasibleFleet) => use.carbonKilograms ?? 0 },
    energy: { field: 'maxKilowattHoursPerMonth', of: ({ use }: FeasibleFleet) => use.facilityKilowattHours ?? 0 },
    upfront: { field: 'upfrontBudgetUsd', of: ({ use }: FeasibleFleet) => use.upfrontUsd },
    power: { field: 'maxKilowatts', of: ({ use }: FeasibleFleet) => use.facilityKilowatts ?? 0 },
  } as const;
  const limited = (kind: keyof typeof kinds, most: number): NonNullable<MixedFleetRequest['constraints']> => {
    const countries = ['DE'];
    switch (kind) {
      case 'power':
        return { countries, facility: { maxKilowatts: most } };
      case 'upfront':
        return { countries, upfrontBudgetUsd: most.toFixed(2) };
      default:
        return { countries, [kinds[kind].field]: most };
    }
  };

  it('keep them: by sums worked out anew, at no less cost than without; or name the least change that helps', async () => {
    const asked = fc.record({
      kind: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
      share: fc.constantFrom(0.95, 0.7, 0.45, 0.25),
      requestsPerDay: fc.constantFrom(500_000, 2_000_000),
    });
    const seen = { feasible: 0, infeasible: 0 };
    await fc.assert(
      fc.asyncProperty(asked, async ({ kind, share, requestsPerDay }) => {
        const accept =
          kind === 'upfront' || kind === 'power' ? (['owned'] as const) : (['on_demand', 'owned'] as const);
        const base = { ...workload(requestsPerDay), purchase: { accept } };
        const free = await fleet({ ...base, constraints: { countries: ['DE'] } });
        const most = kinds[kind].of(free) * share;
        const answer = await answerTo({ ...base, constraints: limited(kind, most) });
        seen[answer.status]++;
        if (answer.status === 'feasible') {
          const { use, limits, total, pools, requestsPerSecond } = answer;
          expect(kinds[kind].of(answer)).toBeLessThanOrEqual(most * (1 + 1e-9) + 0.01);
          expect(limits[0]?.actual).toBeCloseTo(kinds[kind].of(answer), 6);
          expect(toNumber(total)).toBeGreaterThanOrEqual(toNumber(free.total) * 0.995);
          const sum = (of: (one: FleetPoolReport) => number) => pools.reduce((all, one) => all + of(one), 0);
          const bought = ({ machine: { option, devicesPerMachine }, pool }: FleetPoolReport) =>
            (option.upfrontUsd * pool.machines * devicesPerMachine) / option.devicesPaid;
          expect(use.upfrontUsd).toBeCloseTo(sum(bought), 6);
          if (pools.every(({ machine }) => machine.price !== null)) {
            const anew = sum((one) => rentedKilowattHours(one, requestsPerDay, requestsPerSecond));
            expect(use.facilityKilowattHours).toBeCloseTo(anew, 6);
          }
          return;
        }
        const [first] = answer.smallestChanges;
        if (first === undefined) throw new Error(`Nothing is said to help: ${answer.summary}`);
        const changed = first.changes.reduce<MixedFleetRequest>(withChange, {
          ...base,
          constraints: limited(kind, most),
        });
        const helped = await fleet(changed);
        expect(helped.total).toEqual(first.total);
        const [missed] = answer.missed;
        const least = missed?.least ?? Number.NaN;
        expect(least).toBeGreaterThan(most);
        // a little less than the least is not enough
        const still = await answerTo({ ...base, constraints: limited(kind, Math.max(least * 0.97, most)) });
        expect(still.status).toBe('infeasible');
      }),
      { numRuns: 6, seed: 4 },
    );
    expect(Math.min(seen.feasible, seen.infeasible)).toBeGreaterThan(0);
  }, 120_000);

  it('that stand in the way together are changed together', async () => {
    const base = { ...workload(2_000_000), purchase: { accept: ['owned'] as const } };
    const constraints = { countries: ['DE'], upfrontBudgetUsd: '20000', facility: { maxKilowatts: 1 } };
    const answer = await answerTo({ ...base, constraints });
    if (answer.status === 'feasible') throw new Error('nothing was expected to be left');
    expect(answer.missed.map(({ least }) => least)).toEqual([null, null]);
    const [first] = answer.smallestChanges;
    expect(first?.changes).toHaveLength(2);
    const changed = (first?.changes ?? []).reduce<MixedFleetRequest>(withChange, { ...base, constraints });
    expect((await fleet(changed)).total).toEqual(first?.total);
  });

  it('on the racks of a hall decide what stands there, and what may be cooled in it', async () => {
    const base = { ...workload(8_000_000), purchase: { accept: ['owned'] as const } };
    const free = await fleet({ ...base, constraints: { countries: ['DE'] } });
    expect(free.use.racks).toBeGreaterThan(1);
    const one = await fleet({ ...base, constraints: { countries: ['DE'], facility: { maxRacks: 1 } } });
    expect(one.use.racks).toBe(1);
    expect(toNumber(one.total)).toBeGreaterThanOrEqual(toNumber(free.total) * 0.995);
    const none = await answerTo({
      ...base,
      constraints: { countries: ['DE'], facility: { coolingClasses: ['passive'] } },
    });
    expect(none.status).toBe('infeasible');
  });
});
