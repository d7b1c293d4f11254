/**
 * The cheapest fleet that stands in one place. One endpoint is reached at one place: machines of other regions would add a round trip
 * and egress to some of its requests, keep caches and queues apart, and put data under other laws. Places are solved in the order of a
 * true lower bound of their fleets, until the bound of the rest reaches the best fleet found; a place that offers nothing that a solved
 * one has not for as little or less is no better.
 */
import type { SolveProgram } from '../optimization/integer-program.ts';
import type { Pause } from '../recommendation/performance/point-search.ts';
import type { Loads, LoadTable } from './load-table.ts';
import type { FleetMachine, FleetPlace } from './machine-types.ts';
import { type FleetQuestion, type MixLimiting, minimizedOf, type SolvedFleet, solveFleet } from './solve-fleet.ts';

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
/** Places tried in which limits leave no fleet, which their bounds could not tell. */
const MOST_EMPTY = 12;

/** @param isSpent whether the work is done that is allowed for: what is left is told by its bounds */
export async function solvePlaces(
  places: readonly FleetPlace[],
  question: Omit<FleetQuestion, 'types'>,
  loads: LoadTable,
  solve: SolveProgram,
  pause: Pause,
  isSpent: () => boolean = () => false,
): Promise<SolvedPlaces> {
  const bounded: { readonly place: FleetPlace; readonly bound: number }[] = [];
  const minimized = question.mix?.minimized ?? null;
  for (const place of places) {
    const uses = question.mix === undefined ? [] : await leastUses(place, question, question.mix, loads);
    await pause();
    if (uses.some((use, limit) => use * SURELY > (question.mix?.most[limit] as number))) continue;
    const bound =
      minimized === null
        ? await leastUsdPerHour(place, question, (machine) => loads.least(machine))
        : minimizedOf(
            question.mix as MixLimiting,
            minimized,
            uses.map((use) => use * SURELY),
          );
    bounded.push({ place, bound });
  }
  bounded.sort((a, b) => a.bound - b.bound || (a.place.id < b.place.id ? -1 : 1));
  let best: PlacedFleet | null = null;
  let rest: number | null = null;
  let empty = 0;
  const done: FleetPlace[] = [];
  for (const { place, bound: least } of bounded) {
    const beats = (bound: number): boolean => best === null || bound < best.solved.least;
    if (least === Number.POSITIVE_INFINITY) continue;
    // the exact loads, which keep the objectives, are worked out only for a place that could win without them
    const bound =
      minimized === null && beats(least)
        ? await leastUsdPerHour(place, question, (machine) => loads.exact(machine))
        : least;
    if (bound === Number.POSITIVE_INFINITY) continue;
    if (
      !beats(bound) ||
      done.length - empty === MOST_SOLVED ||
      empty === MOST_EMPTY ||
      isSpent() ||
      done.some((other) => isNoBetter(place, other, question.mix))
    ) {
      rest = Math.min(rest ?? bound, bound);
      continue;
    }
    const solved = await solveFleet({ ...question, types: place.machines }, solve, pause, loads);
    if (solved === null && isSpent()) {
      rest = Math.min(rest ?? bound, bound);
      continue;
    }
    done.push(place);
    if (solved === null) empty++;
    if (solved !== null && (best === null || solved.least < best.solved.least)) best = { place, solved };
  }
  return { best, compared: places.length, solved: done.length, restAtLeastUsdPerHour: rest };
}

/** Bounds take every size as it uses a machine alone; together they use a few percent less at most. */
const SURELY = 0.9;

/** What any fleet of the place takes of each limit at least: every size where it takes least, in fractions of a machine. */
async function leastUses(
  { machines }: FleetPlace,
  { sizes, requestsPerSecond, serving }: Pick<FleetQuestion, 'sizes' | 'requestsPerSecond' | 'serving'>,
  mix: MixLimiting,
  loads: LoadTable,
): Promise<readonly number[]> {
  const types: {
    readonly slopes: ReturnType<MixLimiting['slopesOf']>;
    readonly loads: Loads;
    readonly held: number;
  }[] = [];
  for (const machine of machines) {
    types.push({
      slopes: mix.slopesOf(machine),
      loads: await loads.least(machine.configuration),
      held: machine.replicasPerMachine,
    });
  }
  return mix.most.map((_, limit) =>
    sizes.reduce((total, { share }, size) => {
      const least = types.reduce((found, { slopes, loads: ofType, held }) => {
        const load = ofType[size] ?? null;
        if (load === null) return found;
        const busy = load * serving.load.objectives.maxUtilization;
        return Math.min(
          found,
          (load / held) * (slopes.perMachine[limit] as number) + busy * (slopes.perBusyReplica[limit] as number),
        );
      }, Number.POSITIVE_INFINITY);
      return total + share * requestsPerSecond * least;
    }, 0),
  );
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

/** For each machine of the place the other has one that serves alike, is as steady, costs no more and takes no more of any limit. */
const isNoBetter = (place: FleetPlace, other: FleetPlace, mix: MixLimiting | undefined): boolean =>
  place.machines.every((machine) =>
    other.machines.some(
      (theirs) => replaces(theirs, machine) && (mix === undefined || takesNoMore(mix, theirs, machine)),
    ),
  );

function takesNoMore(mix: MixLimiting, theirs: FleetMachine, ours: FleetMachine): boolean {
  const [a, b] = [mix.slopesOf(theirs), mix.slopesOf(ours)];
  const noMore = (these: readonly number[], those: readonly number[]): boolean =>
    these.every((use, limit) => use <= (those[limit] as number));
  // what one's own hall takes in steps is compared with that of rented machines alone
  const hall = mix.stepsOf(theirs) === null || mix.stepsOf(ours) !== null;
  return hall && noMore(a.perMachine, b.perMachine) && noMore(a.perBusyReplica, b.perBusyReplica);
}

const replaces = (theirs: FleetMachine, ours: FleetMachine): boolean =>
  theirs.configuration === ours.configuration &&
  theirs.devicesPerMachine === ours.devicesPerMachine &&
  theirs.steady === ours.steady &&
  theirs.usdPerHour <= ours.usdPerHour;
