/**
 * The cheapest mix, with the queueing of small pools put right: the program counts load as if pools were large; each pool of its
 * answer is then sized for its own mix and rate, and where it needs more, the program is asked again with loads that much higher.
 */

import type { ServingQuestion } from '../inference/language/device-choice.ts';
import type { ServingConfiguration } from '../inference/step/configuration.ts';
import type { ProgramSolution, SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import type { Pause } from '../recommendation/point-search.ts';
import { allOnType, type Fleet, type FleetProblem, fleetOf, fleetProgram, machinesOf } from './fleet-program.ts';
import { type Loads, LoadTable } from './load-table.ts';
import { type PoolSizing, sizePool } from './pool-capacity.ts';
import type { RequestSize } from './request-sizes.ts';

export interface MachineType {
  readonly id: string;
  readonly configuration: ServingConfiguration;
  readonly usdPerHour: number;
  readonly replicasPerMachine: number;
  readonly steady: boolean;
}

export interface FleetQuestion {
  readonly serving: ServingQuestion;
  /** Shares sum to 1. */
  readonly sizes: readonly RequestSize[];
  /** At the peak hour. */
  readonly requestsPerSecond: number;
  readonly types: readonly MachineType[];
  readonly slices: number;
  readonly spareReplicas: number;
  readonly steadyShare: number;
  readonly maxTypes: number | null;
  readonly limits: SolveLimits;
}

export interface FleetPool {
  readonly type: MachineType;
  readonly machines: number;
  /** Share of all requests. */
  readonly share: number;
  readonly sizes: readonly RequestSize[];
  readonly requestsPerSecond: number;
  readonly sizing: PoolSizing;
  /** Machines that the loads alone would need, as if the pool were large. */
  readonly linearMachines: number;
}

interface SingleType {
  readonly type: MachineType;
  readonly machines: number;
  readonly usdPerHour: number;
}

export interface SolvedFleet {
  readonly pools: readonly FleetPool[];
  readonly usdPerHour: number;
  /** Share of each size (first index) on each type. */
  readonly shares: readonly (readonly number[])[];
  /** Types that serve everything alone, cheapest first. */
  readonly singles: readonly SingleType[];
  readonly solution: ProgramSolution;
  /** Times the program was solved. */
  readonly rounds: number;
}

const MOST_ROUNDS = 4;
/** A pool for which no number of replicas holds is given this much more room in the next round. */
const ROOM_FOR_MISSED = 1.25;

/** Null where no mix serves every size. */
export async function solveFleet(
  question: FleetQuestion,
  solve: SolveProgram,
  pause: Pause,
  table = new LoadTable(question.sizes, question.serving, pause),
): Promise<SolvedFleet | null> {
  const { types } = question;
  const loads: Loads[] = [];
  for (const { configuration } of types) {
    loads.push(await table.exact(configuration));
  }
  const plain = problemOf(
    question,
    loads,
    types.map(() => 1),
  );
  const singles = singlesOf(question, plain);
  const [bestSingle] = singles;

  let multiples: readonly number[] = types.map(() => 1);
  let best: SolvedFleet | null = null;
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const problem = problemOf(question, loads, multiples);
    const start = bestSingle === undefined ? undefined : allOnType(problem, types.indexOf(bestSingle.type));
    const solution = await solve(fleetProgram(problem), question.limits, start ?? undefined);
    const fleet = fleetOf(problem, solution);
    if (fleet === null) break;
    await pause();
    const pools = poolsOf(question, plain, fleet);
    const usdPerHour = pools.reduce((sum, { machines, type }) => sum + machines * type.usdPerHour, 0);
    const holds = pools.every(({ sizing }) => sizing.replicas !== null);
    if (holds && (best === null || usdPerHour < best.usdPerHour)) {
      best = { pools, usdPerHour, shares: fleet.shares, singles, solution, rounds: round };
    }
    const raised = multiples.map((multiple, index) => {
      const pool = pools.find(({ type }) => type === types[index]);
      return pool === undefined ? multiple : Math.max(multiple, shortfall(pool, question.spareReplicas));
    });
    if (holds && raised.every((multiple, index) => multiple <= (multiples[index] as number) * (1 + 1e-9))) break;
    multiples = raised;
  }
  return best === null || (bestSingle !== undefined && bestSingle.usdPerHour < best.usdPerHour)
    ? singleFleet(question, plain, singles, best)
    : best;
}

function problemOf(
  { sizes, requestsPerSecond, types, slices, spareReplicas, steadyShare, maxTypes }: FleetQuestion,
  loads: readonly Loads[],
  multiples: readonly number[],
): FleetProblem {
  return {
    buckets: sizes.map(({ share }) => ({ requestsPerSecond: share * requestsPerSecond })),
    types: types.map(({ id, usdPerHour, replicasPerMachine, steady }, index) => ({
      id,
      usdPerHour,
      replicasPerMachine,
      steady,
      maxMachines: null,
      loads: (loads[index] as Loads).map((load) => (load === null ? null : load * (multiples[index] as number))),
    })),
    slices,
    spareReplicas,
    steadyShare,
    maxTypes,
  };
}

/** The pools of a fleet, each with the machines that its own queue needs. */
function poolsOf(question: FleetQuestion, plain: FleetProblem, { shares }: Pick<Fleet, 'shares'>): FleetPool[] {
  return question.types.flatMap((type, index) => {
    const ofType = shares.map((share) => share[index] as number);
    const sizes = question.sizes.flatMap((size, bucket) => {
      const share = size.share * (ofType[bucket] as number);
      return share > 0 ? [{ ...size, share }] : [];
    });
    if (sizes.length === 0) return [];
    const share = sizes.reduce((sum, size) => sum + size.share, 0);
    const requestsPerSecond = share * question.requestsPerSecond;
    const linearMachines = machinesOf(plain, index, ofType) ?? 0;
    const sizing = sizePool(type.configuration, sizes, requestsPerSecond, question.serving);
    const own = ((sizing.replicas ?? 0) + question.spareReplicas) / type.replicasPerMachine;
    const machines = Math.max(linearMachines, Math.ceil(own - 1e-9));
    return [{ type, machines, share, sizes, requestsPerSecond, sizing, linearMachines }];
  });
}

/** How much more than its linear load a pool needs. */
function shortfall({ sizing, machines, linearMachines, type }: FleetPool, spares: number): number {
  if (sizing.replicas === null) return ROOM_FOR_MISSED;
  if (machines <= linearMachines) return 1;
  const counted = Math.max(linearMachines * type.replicasPerMachine - spares, 1);
  return Math.max(sizing.replicas / counted, 1);
}

function singlesOf(question: FleetQuestion, plain: FleetProblem): SingleType[] {
  return question.types
    .flatMap((type, index) => {
      if (question.steadyShare > 0 && !type.steady) return [];
      if (
        machinesOf(
          plain,
          index,
          question.sizes.map(() => 1),
        ) === null
      )
        return [];
      const shares = question.sizes.map(() => question.types.map((_, other) => (other === index ? 1 : 0)));
      const [pool] = poolsOf(question, plain, { shares });
      if (pool === undefined || pool.sizing.replicas === null) return [];
      return [{ type, machines: pool.machines, usdPerHour: pool.machines * type.usdPerHour }];
    })
    .sort((a, b) => a.usdPerHour - b.usdPerHour || (a.type.id < b.type.id ? -1 : 1));
}

/** Where mixing does not pay, the fleet is of one type. */
function singleFleet(
  question: FleetQuestion,
  plain: FleetProblem,
  singles: readonly SingleType[],
  mixed: SolvedFleet | null,
): SolvedFleet | null {
  const [single] = singles;
  if (single === undefined) return mixed;
  const shares = question.sizes.map(() => question.types.map((type) => (type === single.type ? 1 : 0)));
  const solution = mixed?.solution ?? NOTHING_SOLVED;
  const pools = poolsOf(question, plain, { shares });
  return { pools, usdPerHour: single.usdPerHour, shares, singles, solution, rounds: mixed?.rounds ?? 0 };
}

const NOTHING_SOLVED: ProgramSolution = {
  status: 'limit',
  values: null,
  objective: null,
  bound: null,
  gap: null,
  nodes: 0,
  simplexIterations: 0,
  deterministic: true,
};
