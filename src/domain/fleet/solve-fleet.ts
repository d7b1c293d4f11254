/**
 * The cheapest mix, with the queueing of small pools put right: the program counts load as if pools were large; each pool of its
 * answer is then sized for its own mix and rate, and where it needs more, the program is asked again with loads that much higher.
 */

import type { ServingQuestion } from '../inference/language/device-choice.ts';
import type { ServingConfiguration } from '../inference/step/configuration.ts';
import type { ProgramSolution, SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import type { Pause } from '../recommendation/performance/point-search.ts';
import {
  allOnType,
  type Fleet,
  type FleetLimit,
  type FleetProblem,
  type FleetStep,
  fleetOf,
  type Minimized,
  machinesOf,
} from './fleet-program.ts';
import { type Loads, LoadTable } from './load-table.ts';
import { type PoolSizing, sizePool } from './pool-capacity.ts';
import type { RequestSize } from './request-sizes.ts';
import { NOTHING_SOLVED } from './solver-work.ts';
import { inWholeSlices } from './whole-slices.ts';

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
  /** Limits that hold for the whole mix; none where absent. */
  readonly mix?: MixLimiting;
}

/** Limits on a mix, and what its machines take of them; every list is in the order of the limits. */
export interface MixLimiting {
  /** Infinity where a limit is lifted. */
  readonly most: readonly number[];
  /** The same as rows of the program; Infinity too where the objective itself is limited, since the least is compared with it. */
  readonly rows: readonly number[];
  /** What is to be as small as can be in place of the cost; null for the cheapest mix. */
  readonly minimized: Minimized | null;
  /** How far uses go beyond the limits, lifted ones too: the sum of the shares of each. */
  excessOf(uses: readonly number[]): number;
  /** What one machine takes, and what one replica that is busy at the peak hour adds. */
  slopesOf(type: MachineType): { readonly perMachine: readonly number[]; readonly perBusyReplica: readonly number[] };
  stepsOf(type: MachineType): readonly FleetStep[] | null;
  usesOf(type: MachineType, machines: number, busyReplicas: number): readonly number[];
  /** Whether the hall takes so many. */
  standsIn(type: MachineType, machines: number): boolean;
  isKept(uses: readonly number[]): boolean;
  /** Whether even a mix of that cost an hour, below which there is none, is beyond the budget. */
  isBeyondBudget(leastUsdPerHour: number): boolean;
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
  /** What is as small as can be: the cost an hour, the figure of the limit that is minimized, or the excess. */
  readonly least: number;
  /** What the program counts of each limit before it knows what the pools take: a limit below it rules the fleet out. */
  readonly counted: readonly number[];
  /** Share of each size (first index) on each type. */
  readonly shares: readonly (readonly number[])[];
  /** Types that serve everything alone, cheapest first. */
  readonly singles: readonly SingleType[];
  readonly solution: ProgramSolution;
  /** Times the program was solved. */
  readonly rounds: number;
}

const MOST_ROUNDS = 4;
/** Limits are met by figures of the pools as they are sized, which the next round's slopes are corrected by. */
const MOST_ROUNDS_WITHIN_LIMITS = 6;
const SETTLED = 1e-6;
/** Share of a limit beyond which it may be what decides the mix. */
const TIGHT = 0.95;
/** A pool for which no number of replicas holds is given this much more room in the next round. */
const ROOM_FOR_MISSED = 1.25;

/** Null where no mix serves every size within the limits. */
export async function solveFleet(
  question: FleetQuestion,
  solve: SolveProgram,
  pause: Pause,
  table = new LoadTable(question.sizes, question.serving, pause),
): Promise<SolvedFleet | null> {
  const { types, mix } = question;
  const loads: Loads[] = [];
  for (const { configuration } of types) {
    loads.push(await table.exact(configuration));
  }
  const ones = types.map(() => 1);
  const limiting = mix === undefined ? null : await limitsOf(question, mix, table);
  const plain = problemOf(question, loads, ones);
  const singles = singlesOf(question, plain);
  const [bestSingle] = singles;

  let multiples: readonly number[] = ones;
  let best: SolvedFleet | null = null;
  const mostRounds = mix === undefined ? MOST_ROUNDS : MOST_ROUNDS_WITHIN_LIMITS;
  for (let round = 1; round <= mostRounds; round++) {
    const problem = problemOf(question, loads, multiples, limiting);
    const start = bestSingle === undefined ? null : allOnType(problem, types.indexOf(bestSingle.type));
    const solution = await inWholeSlices(problem, question.limits, solve, start);
    const fleet = fleetOf(problem, solution);
    if (fleet === null) break;
    await pause();
    const pools = poolsOf(question, plain, fleet);
    const sized = pools.every(({ sizing }) => sizing.replicas !== null);
    const kept = sized && isKept(mix, pools);
    const counted = limiting?.counted(pools) ?? [];
    const solved = { ...figuresOf(mix, pools), counted, pools, shares: fleet.shares, singles, solution, rounds: round };
    if (kept && (best === null || solved.least < best.least)) best = solved;
    if (!kept && mix?.isBeyondBudget(solution.bound ?? 0) === true) break;
    const raised = multiples.map((multiple, index) => {
      const pool = pools.find(({ type }) => type === types[index]);
      return pool === undefined ? multiple : Math.max(multiple, shortfall(pool, question.spareReplicas));
    });
    const grown = raised.some((multiple, index) => multiple > (multiples[index] as number) * (1 + 1e-9));
    const corrected = sized ? (limiting?.correct(pools) ?? 0) : 0;
    // figures that are far from every limit need no better ones
    const settled = corrected <= SETTLED || (kept && !isTight(mix, pools));
    if (sized && !grown && settled) break;
    multiples = raised;
  }
  const ofSingle = singleFleet(question, plain, singles, best, limiting);
  return best === null || (ofSingle !== null && ofSingle.least < best.least) ? ofSingle : best;
}

function problemOf(
  { sizes, requestsPerSecond, types, slices, spareReplicas, steadyShare, maxTypes, mix }: FleetQuestion,
  loads: readonly Loads[],
  multiples: readonly number[],
  limiting: Limiting | null = null,
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
      steps: limiting?.steps[index] ?? null,
    })),
    slices,
    spareReplicas,
    steadyShare,
    maxTypes,
    ...(limiting !== null && { limits: limiting.limits(), minimized: mix?.minimized ?? null }),
  };
}

/** The limits of a question as rows of its program. */
interface Limiting {
  readonly steps: readonly (readonly FleetStep[] | null)[];
  limits(): readonly FleetLimit[];
  /** What the rows of the first round count for pools. */
  counted(pools: readonly FleetPool[]): readonly number[];
  /** Takes what pools really use for the next round; how far off the rows were at most, as a share. */
  correct(pools: readonly FleetPool[]): number;
}

async function limitsOf(
  { types, sizes, requestsPerSecond, serving }: FleetQuestion,
  mix: MixLimiting,
  table: LoadTable,
): Promise<Limiting> {
  const slopes = types.map((type) => mix.slopesOf(type));
  const busy: Loads[] = [];
  for (const { configuration } of types) {
    const least = await table.least(configuration);
    // without the share that is kept free
    busy.push(least.map((load) => (load === null ? null : load * serving.load.objectives.maxUtilization)));
  }
  const corrections = types.map(() => mix.most.map(() => 1));
  const steps = types.map((type) => mix.stepsOf(type));
  const smooth = (pool: FleetPool, limit: number): number => {
    const index = types.indexOf(pool.type);
    const { perMachine, perBusyReplica } = slopes[index] as (typeof slopes)[number];
    const replicas = pool.sizes.reduce((sum, size) => {
      const bucket = sizes.findIndex((one) => sameSize(one, size));
      return sum + size.share * requestsPerSecond * ((busy[index] as Loads)[bucket] ?? 0);
    }, 0);
    return pool.machines * (perMachine[limit] as number) + replicas * (perBusyReplica[limit] as number);
  };
  const stepped = ({ type, machines }: FleetPool, limit: number): number =>
    steps[types.indexOf(type)]?.find(({ from, to }) => from <= machines && machines <= to)?.uses[limit] ?? 0;
  return {
    steps,
    counted: (pools) =>
      mix.most.map((_, limit) => pools.reduce((sum, pool) => sum + smooth(pool, limit) + stepped(pool, limit), 0)),
    limits: () =>
      mix.rows.map((most, limit) => ({
        id: `limit ${limit}`,
        most,
        perMachine: slopes.map(
          ({ perMachine }, index) => (perMachine[limit] as number) * (corrections[index]?.[limit] as number),
        ),
        perRequestRate: sizes.map((_, bucket) =>
          slopes.map(
            ({ perBusyReplica }, index) =>
              (perBusyReplica[limit] as number) *
              (corrections[index]?.[limit] as number) *
              ((busy[index] as Loads)[bucket] ?? 0),
          ),
        ),
      })),
    correct(pools) {
      let furthest = 0;
      for (const pool of pools) {
        const uses = mix.usesOf(pool.type, pool.machines, busyReplicas(pool));
        const ofType = corrections[types.indexOf(pool.type)] as number[];
        for (const [limit, use] of uses.entries()) {
          const expected = smooth(pool, limit);
          if (!(expected > 0 && Number.isFinite(expected))) continue;
          // what grows in steps has rows of its own, and slopes of 0
          const ratio = use / expected;
          furthest = Math.max(furthest, Math.abs(ratio / (ofType[limit] as number) - 1));
          ofType[limit] = ratio;
        }
      }
      return furthest;
    },
  };
}

const sameSize = (a: RequestSize, b: RequestSize): boolean =>
  a.promptTokens === b.promptTokens && a.outputTokens === b.outputTokens;

/** Replicas' worth of work at the peak hour. */
export const busyReplicas = ({ sizing }: Pick<FleetPool, 'sizing'>): number =>
  (sizing.replicas ?? 0) * (sizing.reached?.('utilization') ?? 0);

/** What the pools take of each limit. */
export const usesOf = (mix: MixLimiting, pools: readonly FleetPool[]): readonly number[] =>
  pools
    .map((pool) => mix.usesOf(pool.type, pool.machines, busyReplicas(pool)))
    .reduce(
      (sums, uses) => sums.map((sum, limit) => sum + (uses[limit] as number)),
      mix.most.map(() => 0),
    );

const isKept = (mix: MixLimiting | undefined, pools: readonly FleetPool[]): boolean =>
  mix === undefined ||
  (pools.every(({ type, machines }) => mix.standsIn(type, machines)) && mix.isKept(usesOf(mix, pools)));

const isTight = (mix: MixLimiting | undefined, pools: readonly FleetPool[]): boolean =>
  mix !== undefined && usesOf(mix, pools).some((use, limit) => use > TIGHT * (mix.most[limit] as number));

function figuresOf(
  mix: MixLimiting | undefined,
  pools: readonly FleetPool[],
): Pick<SolvedFleet, 'usdPerHour' | 'least'> {
  const usdPerHour = pools.reduce((sum, { machines, type }) => sum + machines * type.usdPerHour, 0);
  if (mix === undefined || mix.minimized === null) return { usdPerHour, least: usdPerHour };
  return { usdPerHour, least: minimizedOf(mix, mix.minimized, usesOf(mix, pools)) };
}

export const minimizedOf = (mix: MixLimiting, minimized: Minimized, uses: readonly number[]): number =>
  minimized === 'excess' ? mix.excessOf(uses) : (uses[minimized] as number);

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
      const pools = poolsOf(question, plain, { shares });
      const [pool] = pools;
      if (pool === undefined || pool.sizing.replicas === null || !isKept(question.mix, pools)) return [];
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
  limiting: Limiting | null,
): SolvedFleet | null {
  const solution = mixed?.solution ?? NOTHING_SOLVED;
  const minimized = question.mix?.minimized ?? null;
  const fleets = (minimized === null ? singles.slice(0, 1) : singles).map(({ type: single }) => {
    const shares = question.sizes.map(() => question.types.map((type) => (type === single ? 1 : 0)));
    const pools = poolsOf(question, plain, { shares });
    const counted = limiting?.counted(pools) ?? [];
    return { ...figuresOf(question.mix, pools), counted, pools, shares, singles, solution, rounds: mixed?.rounds ?? 0 };
  });
  return fleets.reduce(
    (least: SolvedFleet | null, one) => (least === null || one.least < least.least ? one : least),
    null,
  );
}
