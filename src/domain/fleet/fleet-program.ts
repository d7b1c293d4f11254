/**
 * The cheapest mix of machines for requests of several sizes, as an integer program: Griggs et al., "Mélange: Cost Efficient Large
 * Language Model Serving by Exploiting GPU Heterogeneity" (arXiv 2404.14527; tyler-griggs/melange-release, solver.py).
 *
 *   min  sum_j price_j n_j
 *   s.t. sum_j x_bj = slices                                    every slice of every bucket goes to one type
 *        sum_b x_bj rate_b load_bj / slices + spare u_j <= replicas_j n_j
 *        sum_b x_bj <= slices buckets u_j                        u_j: type j is used
 *        sum_{j steady} sum_b x_bj rate_b / slices >= steadyShare sum_b rate_b
 *        sum_j n_j machine_kj + sum_bj x_bj rate_b request_kbj / slices + sum_js y_js step_kjs <= most_k
 *                                                            limit k on all of the mix: money, energy, carbon, power, racks
 *        sum_s from_js y_js <= n_j <= sum_s to_js y_js, sum_s y_js <= 1
 *                                                            type j stands in a hall: the step that its count is in
 *
 * Where nothing keeps every limit, the program is made elastic (Chinneck 2008, Feasibility and Infeasibility in Optimization, ch. 6):
 * each limit may be exceeded by a share of it, most_k (1 + e_k), and the sum of e_k is what is as small as can be.
 *
 * Slices of a bucket are alike, so their assignment is a count per type (Mélange has a binary for each): the same optimum with
 * fewer variables and without their symmetry. Spares, machines of several replicas, the steady share and the limits are ours.
 */
import type {
  IntegerProgram,
  ProgramConstraint,
  ProgramSolution,
  ProgramVariable,
} from '../optimization/integer-program.ts';

interface FleetBucket {
  readonly requestsPerSecond: number;
}

interface FleetType {
  readonly id: string;
  /** Of one machine. */
  readonly usdPerHour: number;
  /** Replicas that one machine holds. */
  readonly replicasPerMachine: number;
  /** Replicas that one request per second of each bucket keeps busy; null where the type cannot serve it. */
  readonly loads: readonly (number | null)[];
  /** False for capacity that may be taken away. */
  readonly steady: boolean;
  readonly maxMachines: number | null;
  /** Counts of machines that a hall takes, other than none; null where any count will do. */
  readonly steps?: readonly FleetStep[] | null;
}

/** Counts of machines, both ends included, that take as much of every limit. */
export interface FleetStep {
  readonly from: number;
  readonly to: number;
  readonly uses: readonly number[];
}

/** A limit on all of the mix. */
export interface FleetLimit {
  readonly id: string;
  /** Infinity where it is lifted. */
  readonly most: number;
  /** By type; Infinity where nobody knows it. */
  readonly perMachine: readonly number[];
  /** By bucket and type, per request per second. */
  readonly perRequestRate: readonly (readonly number[])[];
}

export interface FleetProblem {
  readonly buckets: readonly FleetBucket[];
  readonly types: readonly FleetType[];
  /** Parts a bucket may be split into. */
  readonly slices: number;
  /** Replicas that a type in use holds beyond those that carry its load. */
  readonly spareReplicas: number;
  /** Least share of the requests on steady capacity, 0 to 1. */
  readonly steadyShare: number;
  /** Most types in use; null for any number. */
  readonly maxTypes: number | null;
  readonly limits?: readonly FleetLimit[];
  /** What is to be as small as can be in place of the cost. */
  readonly minimized?: Minimized | null;
}

/** The figure of the limit of that index; or what goes beyond all limits, which then need not be kept, as a sum of shares of them. */
export type Minimized = number | 'excess';

/** What an excess is a share of: the limit, or one of its unit where nothing is allowed. */
export const shareOf = (most: number): number => (most > 0 ? most : 1);

export interface Fleet {
  readonly machines: readonly number[];
  /** Share of each bucket (first index) on each type. */
  readonly shares: readonly (readonly number[])[];
  readonly usdPerHour: number;
}

/** Where the variables stand. */
interface Layout {
  readonly machines: number;
  readonly used: number;
  share(bucket: number, type: number): number;
  /** First step of a type. */
  readonly steps: readonly number[];
  /** Of the first limit. */
  readonly excess: number;
  readonly count: number;
}

function layoutOf({ types, buckets, minimized = null, limits = [] }: FleetProblem): Layout {
  let next = (2 + buckets.length) * types.length;
  const steps = types.map((type) => {
    const first = next;
    next += type.steps?.length ?? 0;
    return first;
  });
  return {
    machines: 0,
    used: types.length,
    share: (bucket, type) => 2 * types.length + bucket * types.length + type,
    steps,
    excess: next,
    count: next + (minimized === 'excess' ? limits.length : 0),
  };
}

/** @param divisible whether a bucket may be split into any parts: a program that is solved sooner, and whose bound holds for slices too */
export function fleetProgram(problem: FleetProblem, divisible = false): IntegerProgram {
  const { buckets, types, slices, spareReplicas, steadyShare, maxTypes } = problem;
  const layout = layoutOf(problem);
  const limits = problem.limits ?? [];
  const elastic = problem.minimized === 'excess';
  const index = typeof problem.minimized === 'number' ? problem.minimized : null;
  const minimized = index === null ? null : (limits[index] ?? null);
  const perHour = !elastic && minimized === null;
  const rateOf = (bucket: number): number => (buckets[bucket] as FleetBucket).requestsPerSecond / slices;
  const variables: ProgramVariable[] = [
    ...types.map(({ id, usdPerHour, maxMachines }, type) => ({
      name: `machines ${id}`,
      lower: 0,
      upper: isUnknown(limits, type) ? 0 : (maxMachines ?? Number.POSITIVE_INFINITY),
      integer: true,
      cost: perHour ? usdPerHour : finite(minimized?.perMachine[type]),
    })),
    ...types.map(({ id }) => ({ name: `used ${id}`, lower: 0, upper: 1, integer: true, cost: 0 })),
    ...buckets.flatMap((_, bucket) =>
      types.map(({ id, loads }, type) => ({
        name: `bucket ${bucket} on ${id}`,
        lower: 0,
        upper: (loads[bucket] ?? null) === null ? 0 : slices,
        integer: !divisible,
        cost: minimized === null ? 0 : requestUse(minimized, bucket, type) * rateOf(bucket),
      })),
    ),
    ...types.flatMap(({ id, steps }) =>
      (steps ?? []).map(({ from, uses }) => ({
        name: `${id} from ${from}`,
        lower: 0,
        upper: 1,
        integer: true,
        cost: index === null || minimized === null ? 0 : (uses[index] as number),
      })),
    ),
    ...(elastic ? limits : []).map(({ id }) => ({
      name: `beyond ${id}`,
      lower: 0,
      upper: Number.POSITIVE_INFINITY,
      integer: false,
      cost: 1,
    })),
  ];
  const assigned: ProgramConstraint[] = buckets.map((_, bucket) => ({
    name: `all of bucket ${bucket}`,
    lower: slices,
    upper: slices,
    terms: types.map((__, type) => [layout.share(bucket, type), 1] as const),
  }));
  const carried: ProgramConstraint[] = types.map(({ id, loads, replicasPerMachine }, type) => ({
    name: `capacity of ${id}`,
    lower: Number.NEGATIVE_INFINITY,
    upper: 0,
    terms: [
      ...buckets.flatMap((_, bucket) => {
        const load = loads[bucket] ?? null;
        return load === null ? [] : [[layout.share(bucket, type), load * rateOf(bucket)] as const];
      }),
      [layout.machines + type, -replicasPerMachine] as const,
      ...(spareReplicas > 0 ? [[layout.used + type, spareReplicas] as const] : []),
    ],
  }));
  const linked: ProgramConstraint[] =
    spareReplicas === 0 && maxTypes === null
      ? []
      : types.map(({ id }, type) => ({
          name: `${id} in use`,
          lower: Number.NEGATIVE_INFINITY,
          upper: 0,
          terms: [
            ...buckets.map((_, bucket) => [layout.share(bucket, type), 1] as const),
            [layout.used + type, -slices * buckets.length] as const,
          ],
        }));
  const few: ProgramConstraint[] =
    maxTypes === null
      ? []
      : [
          {
            name: 'types in use',
            lower: Number.NEGATIVE_INFINITY,
            upper: maxTypes,
            terms: types.map((_, type) => [layout.used + type, 1] as const),
          },
        ];
  const total = buckets.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  const steady: ProgramConstraint[] =
    steadyShare <= 0
      ? []
      : [
          {
            name: 'steady share',
            // a hair less, so that a share of one is not lost to rounding
            lower: steadyShare * total * (1 - 1e-9),
            upper: Number.POSITIVE_INFINITY,
            terms: types.flatMap((type, index) =>
              type.steady ? buckets.map((_, bucket) => [layout.share(bucket, index), rateOf(bucket)] as const) : [],
            ),
          },
        ];
  const limited = limits.flatMap((_, limit) => limitRow(problem, layout, limit));
  const standing = types.flatMap((_, type) => stepRows(problem, layout, type));
  return { variables, constraints: [...assigned, ...carried, ...linked, ...few, ...steady, ...limited, ...standing] };
}

/** So many more machines of a type may be needed where buckets are in slices. */
const MORE_IN_SLICES = 2;

/** The program with the types that a point of it uses, and with about as many machines of each. */
export function programNear(problem: FleetProblem, values: readonly number[]): IntegerProgram {
  const program = fleetProgram(problem);
  const layout = layoutOf(problem);
  const variables = [...program.variables];
  const bound = (index: number, lower: number, upper: number): void => {
    const variable = variables[index] as ProgramVariable;
    variables[index] = { ...variable, lower, upper: Math.min(variable.upper, upper) };
  };
  for (const [type, { steps }] of problem.types.entries()) {
    const machines = values[layout.machines + type] as number;
    bound(layout.machines + type, machines, machines === 0 ? 0 : machines + MORE_IN_SLICES);
    if (machines > 0) continue;
    for (const bucket of problem.buckets.keys()) bound(layout.share(bucket, type), 0, 0);
    for (const step of (steps ?? []).keys()) bound((layout.steps[type] as number) + step, 0, 0);
  }
  return { ...program, variables };
}

const finite = (use: number | undefined): number => (use !== undefined && Number.isFinite(use) ? use : 0);

const requestUse = ({ perRequestRate }: FleetLimit, bucket: number, type: number): number =>
  finite(perRequestRate[bucket]?.[type]);

/** A type of which nobody knows what it takes of a limit is no part of the mix. */
const isUnknown = (limits: readonly FleetLimit[], type: number): boolean =>
  limits.some(({ perMachine }) => perMachine[type] === Number.POSITIVE_INFINITY);

/** In shares of the limit, so that its unit does not decide how closely it is kept. */
function limitRow(
  { buckets, types, slices, limits = [], minimized = null }: FleetProblem,
  layout: Layout,
  index: number,
): ProgramConstraint[] {
  const limit = limits[index] as FleetLimit;
  const { id, most, perMachine } = limit;
  if (most === Number.POSITIVE_INFINITY) return [];
  const scale = shareOf(most);
  const term = (variable: number, use: number): (readonly [number, number])[] =>
    use === 0 ? [] : [[variable, use / scale]];
  const terms = types.flatMap((type, j) => [
    ...term(layout.machines + j, finite(perMachine[j])),
    ...buckets.flatMap(({ requestsPerSecond }, bucket) =>
      type.loads[bucket] === null
        ? []
        : term(layout.share(bucket, j), (requestUse(limit, bucket, j) * requestsPerSecond) / slices),
    ),
    ...(type.steps ?? []).flatMap(({ uses }, step) => term((layout.steps[j] as number) + step, uses[index] as number)),
  ]);
  if (terms.length === 0) return [];
  const beyond = minimized === 'excess' ? [[layout.excess + index, -1] as const] : [];
  return [{ name: id, lower: Number.NEGATIVE_INFINITY, upper: most / scale, terms: [...terms, ...beyond] }];
}

/** The machines of a type are as many as one of its steps has. */
function stepRows({ types }: FleetProblem, layout: Layout, type: number): ProgramConstraint[] {
  const { id, steps = null } = types[type] as FleetType;
  if (steps === null) return [];
  const first = layout.steps[type] as number;
  const of = (value: (step: FleetStep) => number) => steps.map((step, index) => [first + index, value(step)] as const);
  const machines = [layout.machines + type, 1] as const;
  return [
    { name: `one step of ${id}`, lower: 0, upper: 1, terms: of(() => 1) },
    { name: `most of ${id}`, lower: Number.NEGATIVE_INFINITY, upper: 0, terms: [machines, ...of(({ to }) => -to)] },
    {
      name: `least of ${id}`,
      lower: 0,
      upper: Number.POSITIVE_INFINITY,
      terms: [machines, ...of(({ from }) => -from)],
    },
  ];
}

/** A point of the program: each bucket wholly on one type, or null where the type cannot serve all. */
export function allOnType(problem: FleetProblem, type: number): number[] | null {
  const { buckets, types, slices } = problem;
  const machines = machinesOf(
    problem,
    type,
    buckets.map(() => 1),
  );
  if (machines === null) return null;
  const layout = layoutOf(problem);
  const values = new Array<number>(layout.count).fill(0);
  const { steps = null } = types[type] as FleetType;
  const step = steps?.findIndex(({ from, to }) => from <= machines && machines <= to);
  if (step === -1) return null;
  if (step !== undefined) values[(layout.steps[type] as number) + step] = 1;
  values[layout.machines + type] = machines;
  values[layout.used + type] = 1;
  for (const bucket of buckets.keys()) values[layout.share(bucket, type)] = slices;
  return values;
}

/** Machines of a type that carry given shares of the buckets, spares included; null where it cannot serve one of them. */
export function machinesOf(
  { buckets, types, spareReplicas }: FleetProblem,
  type: number,
  shares: readonly number[],
): number | null {
  const { loads, replicasPerMachine } = types[type] as FleetType;
  let busy = 0;
  for (const [bucket, { requestsPerSecond }] of buckets.entries()) {
    const share = shares[bucket] ?? 0;
    if (share === 0) continue;
    const load = loads[bucket] ?? null;
    if (load === null) return null;
    busy += share * requestsPerSecond * load;
  }
  return busy === 0 ? 0 : Math.ceil((busy + spareReplicas) / replicasPerMachine - 1e-9);
}

/** The fleet that a solution stands for; null where there is none. */
export function fleetOf(problem: FleetProblem, { values }: ProgramSolution): Fleet | null {
  if (values === null) return null;
  const { buckets, types, slices } = problem;
  const layout = layoutOf(problem);
  const shares = buckets.map((_, bucket) =>
    types.map((__, type) => (values[layout.share(bucket, type)] as number) / slices),
  );
  const machines = types.map((_, type) => values[layout.machines + type] as number);
  const usdPerHour = types.reduce((sum, { usdPerHour: price }, type) => sum + price * (machines[type] as number), 0);
  return { machines, shares, usdPerHour };
}
