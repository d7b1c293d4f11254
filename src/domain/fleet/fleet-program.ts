/**
 * The cheapest mix of machines for requests of several sizes, as an integer program: Griggs et al., "Mélange: Cost Efficient Large
 * Language Model Serving by Exploiting GPU Heterogeneity" (arXiv 2404.14527; tyler-griggs/melange-release, solver.py).
 *
 *   min  sum_j price_j n_j
 *   s.t. sum_j x_bj = slices                                    every slice of every bucket goes to one type
 *        sum_b x_bj rate_b load_bj / slices + spare u_j <= replicas_j n_j
 *        sum_b x_bj <= slices buckets u_j                        u_j: type j is used
 *        sum_{j steady} sum_b x_bj rate_b / slices >= steadyShare sum_b rate_b
 *
 * Slices of a bucket are alike, so their assignment is a count per type (Mélange has a binary for each): the same optimum with
 * fewer variables and without their symmetry. Spares, machines of several replicas and the steady share are ours.
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
}

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
}

const layoutOf = ({ types }: FleetProblem): Layout => ({
  machines: 0,
  used: types.length,
  share: (bucket, type) => 2 * types.length + bucket * types.length + type,
});

export function fleetProgram(problem: FleetProblem): IntegerProgram {
  const { buckets, types, slices, spareReplicas, steadyShare, maxTypes } = problem;
  const layout = layoutOf(problem);
  const variables: ProgramVariable[] = [
    ...types.map(({ id, usdPerHour, maxMachines }) => ({
      name: `machines ${id}`,
      lower: 0,
      upper: maxMachines ?? Number.POSITIVE_INFINITY,
      integer: true,
      cost: usdPerHour,
    })),
    ...types.map(({ id }) => ({ name: `used ${id}`, lower: 0, upper: 1, integer: true, cost: 0 })),
    ...buckets.flatMap((_, bucket) =>
      types.map(({ id, loads }) => ({
        name: `bucket ${bucket} on ${id}`,
        lower: 0,
        upper: (loads[bucket] ?? null) === null ? 0 : slices,
        integer: true,
        cost: 0,
      })),
    ),
  ];
  const rateOf = (bucket: number): number => (buckets[bucket] as FleetBucket).requestsPerSecond / slices;
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
  return { variables, constraints: [...assigned, ...carried, ...linked, ...few, ...steady] };
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
  const values = new Array<number>((2 + buckets.length) * types.length).fill(0);
  const layout = layoutOf(problem);
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
