/**
 * The cheapest fleet that stands in one place. One endpoint is reached at one place: machines of other regions would add a round trip
 * and egress to some of its requests, keep caches and queues apart, and put data under other laws. Places are solved in the order of a
 * true lower bound of their fleets, until the bound of the rest reaches the best fleet found; a place that offers nothing that a solved
 * one has not for as little or less is no better.
 */
import type { SolveProgram } from '../optimization/integer-program.ts';
import type { Pause } from '../recommendation/point-search.ts';
import type { Loads, LoadTable } from './load-table.ts';
import type { FleetMachine, FleetPlace } from './machine-types.ts';
import { type FleetQuestion, type SolvedFleet, solveFleet } from './solve-fleet.ts';

interface PlacedFleet {
  readonly place: FleetPlace;
  readonly solved: SolvedFleet;
}

export interface SolvedPlaces {
  readonly best: PlacedFleet | null;
  readonly compared: number;
  readonly solved: number;
  /** No fleet of a place that was not solved costs less an hour; null where all were. */
  readonly restAtLeastUsdPerHour: number | null;
}

/** Each is an integer program or several; their bounds say what the rest costs at least. */
const MOST_SOLVED = 12;

export async function solvePlaces(
  places: readonly FleetPlace[],
  question: Omit<FleetQuestion, 'types'>,
  loads: LoadTable,
  solve: SolveProgram,
  pause: Pause,
): Promise<SolvedPlaces> {
  const bounded: { readonly place: FleetPlace; readonly bound: number }[] = [];
  for (const place of places) {
    bounded.push({ place, bound: await leastUsdPerHour(place, question, (machine) => loads.least(machine)) });
    await pause();
  }
  bounded.sort((a, b) => a.bound - b.bound || (a.place.id < b.place.id ? -1 : 1));
  let best: PlacedFleet | null = null;
  let rest: number | null = null;
  const done: FleetPlace[] = [];
  for (const { place, bound: least } of bounded) {
    const beats = (bound: number): boolean => best === null || bound < best.solved.usdPerHour;
    if (least === Number.POSITIVE_INFINITY) continue;
    // the exact loads, which keep the objectives, are worked out only for a place that could win without them
    const bound = beats(least) ? await leastUsdPerHour(place, question, (machine) => loads.exact(machine)) : least;
    if (bound === Number.POSITIVE_INFINITY) continue;
    if (!beats(bound) || done.length === MOST_SOLVED || done.some((other) => isNoBetter(place, other))) {
      rest = Math.min(rest ?? bound, bound);
      continue;
    }
    const solved = await solveFleet({ ...question, types: place.machines }, solve, pause, loads);
    done.push(place);
    if (solved !== null && (best === null || solved.usdPerHour < best.solved.usdPerHour)) best = { place, solved };
  }
  return { best, compared: places.length, solved: done.length, restAtLeastUsdPerHour: rest };
}

interface BoundedMachine {
  readonly usdPerHour: number;
  readonly perReplica: number;
  readonly replicasPerMachine: number;
  readonly loads: Loads;
}

/**
 * A lower bound on the cost of any fleet at the place: every request size on the machine that carries it for least, in fractions of a
 * machine, with the spares of one type; raised to the cheapest single type in whole machines, or the smallest two pools, where that is more.
 * @param loadsOf replicas that each request size keeps busy, exact or at least
 */
export async function leastUsdPerHour(
  { machines }: FleetPlace,
  { sizes, requestsPerSecond, spareReplicas }: Pick<FleetQuestion, 'sizes' | 'requestsPerSecond' | 'spareReplicas'>,
  loadsOf: (configuration: FleetMachine['configuration']) => Promise<Loads>,
): Promise<number> {
  const types: BoundedMachine[] = [];
  for (const { usdPerHour, replicasPerMachine, configuration } of machines) {
    const loads = await loadsOf(configuration);
    types.push({ usdPerHour, replicasPerMachine, perReplica: usdPerHour / replicasPerMachine, loads });
  }
  const rates = sizes.map(({ share }) => share * requestsPerSecond);
  const fractions = rates.reduce((total, rate, size) => {
    const cheapest = types.reduce((least, { perReplica, loads }) => {
      const load = loads[size] ?? null;
      return load === null ? least : Math.min(least, load * perReplica);
    }, Number.POSITIVE_INFINITY);
    return total + rate * cheapest;
  }, 0);
  const spares = spareReplicas * Math.min(...types.map(({ perReplica }) => perReplica));
  const [first = Number.POSITIVE_INFINITY, second = Number.POSITIVE_INFINITY] = types
    .map((type) => wholeMachinesUsd(type, 1 + spareReplicas))
    .sort((a, b) => a - b);
  const alone = types.map((type) => {
    const busy = rates.reduce((sum, rate, size) => sum + rate * (type.loads[size] ?? Number.POSITIVE_INFINITY), 0);
    return wholeMachinesUsd(type, Math.max(busy, 1) + spareReplicas);
  });
  return Math.max(fractions + spares, Math.min(...alone, first + second));
}

const wholeMachinesUsd = ({ usdPerHour, replicasPerMachine }: BoundedMachine, replicas: number): number =>
  usdPerHour * Math.ceil(replicas / replicasPerMachine - 1e-9);

/** For each machine of the place the other has one that serves alike, is as steady, and costs no more. */
const isNoBetter = (place: FleetPlace, other: FleetPlace): boolean =>
  place.machines.every((machine) => other.machines.some((theirs) => replaces(theirs, machine)));

const replaces = (theirs: FleetMachine, ours: FleetMachine): boolean =>
  theirs.configuration === ours.configuration &&
  theirs.devicesPerMachine === ours.devicesPerMachine &&
  theirs.steady === ours.steady &&
  theirs.usdPerHour <= ours.usdPerHour;
