/**
 * The cheapest fleet that stands in one place. One endpoint is reached at one place: machines of other regions would add a round trip
 * and egress to some of its requests, keep caches and queues apart, and put data under other laws. Places are solved in the order of a
 * true lower bound of their fleets, until the bound of the rest reaches the best fleet found; a place that offers nothing that a solved
 * one has not for as little or less is no better.
 */
import type { SolveProgram } from '../optimization/integer-program.ts';
import type { Pause } from '../recommendation/point-search.ts';
import type { LoadTable } from './load-table.ts';
import type { FleetMachine, FleetPlace } from './machine-types.ts';
import { type FleetQuestion, type SolvedFleet, solveFleet } from './solve-fleet.ts';

export interface PlacedFleet {
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
const MOST_SOLVED = 6;

export async function solvePlaces(
  places: readonly FleetPlace[],
  question: Omit<FleetQuestion, 'types'>,
  loads: LoadTable,
  solve: SolveProgram,
  pause: Pause,
): Promise<SolvedPlaces> {
  const bounded: { readonly place: FleetPlace; readonly bound: number }[] = [];
  for (const place of places) {
    bounded.push({ place, bound: leastUsdPerHour(place, question, loads) });
    await pause();
  }
  bounded.sort((a, b) => a.bound - b.bound || (a.place.id < b.place.id ? -1 : 1));
  let best: PlacedFleet | null = null;
  let rest: number | null = null;
  const done: FleetPlace[] = [];
  for (const { place, bound } of bounded) {
    if (bound === Number.POSITIVE_INFINITY) continue;
    const beaten = best !== null && (bound >= best.solved.usdPerHour || done.some((other) => isNoBetter(place, other)));
    if (beaten || done.length === MOST_SOLVED) {
      rest = Math.min(rest ?? bound, bound);
      continue;
    }
    const solved = await solveFleet({ ...question, types: place.machines }, solve, pause, loads);
    done.push(place);
    if (solved !== null && (best === null || solved.usdPerHour < best.solved.usdPerHour)) best = { place, solved };
  }
  return { best, compared: places.length, solved: done.length, restAtLeastUsdPerHour: rest };
}

/** Every size on the machine that carries it for least, in fractions of machines and with no limit on latency. */
export function leastUsdPerHour(
  { machines }: FleetPlace,
  { sizes, requestsPerSecond }: Pick<FleetQuestion, 'sizes' | 'requestsPerSecond'>,
  loads: LoadTable,
): number {
  const tables = machines.map((machine) => ({
    perReplica: machine.usdPerHour / machine.replicasPerMachine,
    least: loads.least(machine.configuration),
  }));
  return sizes.reduce((total, { share }, size) => {
    const cheapest = tables.reduce((least, { perReplica, least: ofSizes }) => {
      const load = ofSizes[size] ?? null;
      return load === null ? least : Math.min(least, load * perReplica);
    }, Number.POSITIVE_INFINITY);
    return total + share * requestsPerSecond * cheapest;
  }, 0);
}

/** For each machine of the place the other has one that serves alike, is as steady, and costs no more. */
const isNoBetter = (place: FleetPlace, other: FleetPlace): boolean =>
  place.machines.every((machine) => other.machines.some((theirs) => replaces(theirs, machine)));

const replaces = (theirs: FleetMachine, ours: FleetMachine): boolean =>
  theirs.configuration === ours.configuration &&
  theirs.devicesPerMachine === ours.devicesPerMachine &&
  theirs.steady === ours.steady &&
  theirs.usdPerHour <= ours.usdPerHour;
