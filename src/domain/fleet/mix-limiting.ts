/** The limits of a request as a fleet is solved within them: each kept, lifted, or made as small as can be. */
import { HOURS_PER_MONTH } from '../units.ts';
import type { FleetStep } from './fleet-program.ts';
import type { FleetMachine, FleetPlace } from './machine-types.ts';
import type { MachineUse, Slopes } from './machine-use.ts';
import { excessOf, isWithin, limitedFigure, type MixLimit } from './mix-limits.ts';
import type { MachineType, MixLimiting } from './solve-fleet.ts';

/** Of the machines that serve everything alone, those that a pool may have at most. */
const MOST_OF_WHOLE = { factor: 2, more: 16 };

/** Slopes and steps of every machine, worked out once for all the questions about one set of places. */
export class LimitedMix {
  readonly limits: readonly MixLimit[];
  readonly #use: MachineUse;
  readonly #machines = new Map<string, FleetMachine>();
  readonly #slopes = new Map<string, Slopes>();
  readonly #steps = new Map<string, readonly FleetStep[] | null>();

  constructor(limits: readonly MixLimit[], use: MachineUse, places: readonly FleetPlace[]) {
    this.limits = limits;
    this.#use = use;
    for (const { machines } of places) this.know(machines);
  }

  /** Machines that are judged beside those of the places. */
  know(machines: readonly FleetMachine[]): void {
    for (const machine of machines) this.#machines.set(machine.id, machine);
  }

  /** @param lifted limits that need not be kept @param minimized of them, the one whose figure is to be as small as can be, or what goes beyond any of them */
  within(lifted: readonly MixLimit[] = [], minimized: MixLimit | 'excess' | null = null): MixLimiting {
    const { limits } = this;
    const kept = limits.map((limit) => (lifted.includes(limit) ? { ...limit, most: Number.POSITIVE_INFINITY } : limit));
    return {
      most: kept.map(({ most }) => most),
      rows: (minimized === 'excess' ? limits : kept).map(({ constraint, most }) =>
        minimized === null && constraint === 'monthly_budget' ? Number.POSITIVE_INFINITY : most,
      ),
      minimized: minimized === null || minimized === 'excess' ? minimized : limits.indexOf(minimized),
      excessOf: (uses) => limits.reduce((sum, limit, index) => sum + excessOf(limit, uses[index] as number), 0),
      slopesOf: (type) => this.#slopesOf(type),
      stepsOf: (type) => this.#stepsOf(type, kept),
      usesOf: (type, machines, busyReplicas) => {
        const { use } = this.#use.ofPool(this.#machineOf(type), machines, busyReplicas);
        return limits.map((limit) => limitedFigure(limit, use));
      },
      standsIn: (type, machines) =>
        this.#stepsOf(type, kept)?.some(({ from, to }) => from <= machines && machines <= to) ?? true,
      isBeyondBudget: (leastUsdPerHour) =>
        minimized === null &&
        kept.some(
          ({ constraint, most }) => constraint === 'monthly_budget' && leastUsdPerHour * HOURS_PER_MONTH > most,
        ),
      isKept: (uses) => kept.every((limit, index) => isWithin(limit, uses[index] as number)),
    };
  }

  #machineOf({ id }: MachineType): FleetMachine {
    const machine = this.#machines.get(id);
    if (machine === undefined) throw new RangeError(`No machine ${id} stands anywhere.`);
    return machine;
  }

  #slopesOf(type: MachineType): Slopes {
    const known = this.#slopes.get(type.id);
    if (known !== undefined) return known;
    const machine = this.#machineOf(type);
    const slopes = this.#use.slopes(machine, this.limits, wholeOf(machine));
    this.#slopes.set(type.id, slopes);
    return slopes;
  }

  /** Of a hall whose limits are lifted there are more. */
  #stepsOf(type: MachineType, kept: readonly MixLimit[]): readonly FleetStep[] | null {
    const key = [type.id, ...kept.map(({ most }) => most)].join(' ');
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const machine = this.#machineOf(type);
    const most = MOST_OF_WHOLE.factor * wholeOf(machine) + MOST_OF_WHOLE.more;
    const steps = this.#use.steps(machine, kept, most);
    this.#steps.set(key, steps);
    return steps;
  }
}

/** Machines of the option that serves everything alone. */
const wholeOf = ({ option, devicesPerMachine }: FleetMachine): number =>
  Math.ceil(option.devicesPaid / devicesPerMachine);
