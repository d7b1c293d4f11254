/**
 * One course of a service, month by month: the only place where lifecycle money is added up. The best estimate, each
 * Monte Carlo draw and each sensitivity are the same function of other figures.
 *
 * Hardware is taken in tranches: a device taken in a month is paid for until its term ends (a month, a commitment, the
 * life of owned hardware) at the price of the month it was taken, also where the load falls or another device takes over.
 */

import { MONTHS_PER_YEAR } from '../units.ts';
import { type Demand, requestsPerDayIn } from './demand.ts';
import { type Powers, productAt } from './factor-table.ts';
import { type Driver, devicesFor, type ServingPhase } from './serving-phase.ts';

/** Paid once, in a month of service; month 0 lies before the launch. */
export interface OneOff {
  readonly line: number;
  readonly month: number;
  readonly usd: number;
  readonly powers: Powers;
  /** Falls with the price of hardware until then. */
  readonly priced: 'rented' | 'bought' | null;
}

/** Paid every month of service. */
export interface Recurring {
  readonly line: number;
  /** Index 0 lies before the launch. */
  readonly usdByMonth: Float64Array;
  readonly powers: Powers;
}

export interface PhaseModel {
  readonly phase: ServingPhase;
  /** Phases on the same hardware and terms share what has been taken. */
  readonly fleet: number;
  readonly needPowers: Powers;
  readonly components: readonly {
    readonly line: number;
    readonly driver: Driver;
    readonly usdPerUnit: number;
    readonly powers: Powers;
  }[];
}

export interface LifecycleModel {
  readonly months: number;
  readonly lines: number;
  readonly demand: Demand;
  /** By first month; the first starts with the service. */
  readonly phases: readonly PhaseModel[];
  /** Months that a device of each fleet is paid for once taken. */
  readonly fleetTerms: readonly number[];
  readonly oneOffs: readonly OneOff[];
  readonly recurring: readonly Recurring[];
}

export interface Scenario {
  /** One value for each factor of the table; 1 is the best estimate. */
  readonly factors: Float64Array;
  /** Load of a year over that of the year before. */
  readonly growth: number;
  /** Price of hardware of a year over that of the year before. */
  readonly rentedPrice: number;
  readonly boughtPrice: number;
}

export interface Course {
  /** USD by line and month; index 0 of a line is before the launch. */
  readonly lines: readonly Float64Array[];
  readonly requestsPerDay: Float64Array;
  /** Working devices and devices paid for. */
  readonly devices: Float64Array;
  readonly devicesPaid: Float64Array;
}

export const emptyCourse = ({ months, lines }: LifecycleModel): Course => ({
  lines: Array.from({ length: lines }, () => new Float64Array(months + 1)),
  requestsPerDay: new Float64Array(months + 1),
  devices: new Float64Array(months + 1),
  devicesPaid: new Float64Array(months + 1),
});

const DRIVERS: readonly Driver[] = ['rented', 'bought', 'installed', 'powered', 'requests'];

interface Fleet {
  readonly term: number;
  /** Devices taken by month. */
  readonly taken: Float64Array;
  paid: number;
  /** Sums of devices at the price index of their month. */
  atRentedPrice: number;
  atBoughtPrice: number;
  /** The phase whose unit costs hold; null before the first. */
  phase: number | null;
}

/** Writes the course into `course` and returns it. */
export function simulate(model: LifecycleModel, scenario: Scenario, course: Course = emptyCourse(model)): Course {
  const { months, phases, lines } = model;
  for (const line of course.lines) line.fill(0);
  const rentedIndex = (month: number) => scenario.rentedPrice ** (Math.max(month - 1, 0) / MONTHS_PER_YEAR);
  const boughtIndex = (month: number) => scenario.boughtPrice ** (Math.max(month - 1, 0) / MONTHS_PER_YEAR);

  for (const { line, month, usd, powers, priced } of model.oneOffs) {
    const index = priced === null ? 1 : priced === 'rented' ? rentedIndex(month) : boughtIndex(month);
    add(course, line, month, usd * index * productAt(powers, scenario.factors));
  }
  for (const { line, usdByMonth, powers } of model.recurring) {
    const product = productAt(powers, scenario.factors);
    for (let month = 1; month <= months; month++) add(course, line, month, (usdByMonth[month] as number) * product);
  }

  const unitCosts = phases.map(({ components }) => {
    const costs = new Float64Array(lines * DRIVERS.length);
    for (const { line, driver, usdPerUnit, powers } of components) {
      const at = line * DRIVERS.length + DRIVERS.indexOf(driver);
      costs[at] = (costs[at] as number) + usdPerUnit * productAt(powers, scenario.factors);
    }
    return costs;
  });
  const needs = phases.map(({ needPowers }) => productAt(needPowers, scenario.factors));
  const fleets: Fleet[] = model.fleetTerms.map((term) => ({
    term,
    taken: new Float64Array(months + 1),
    paid: 0,
    atRentedPrice: 0,
    atBoughtPrice: 0,
    phase: null,
  }));

  let current = 0;
  for (let month = 1; month <= months; month++) {
    while (current + 1 < phases.length && (phases[current + 1] as PhaseModel).phase.fromMonth <= month) current++;
    const { phase, fleet: active } = phases[current] as PhaseModel;
    const requests = requestsPerDayIn(model.demand, month, scenario.growth);
    const [working, needed] = devicesFor(phase, requests, needs[current] as number);
    (fleets[active] as Fleet).phase = current;
    let paid = 0;
    for (const [index, fleet] of fleets.entries()) {
      expire(fleet, month, rentedIndex, boughtIndex);
      const missing = index === active ? Math.max(needed - fleet.paid, 0) : 0;
      fleet.taken[month] = missing;
      fleet.paid += missing;
      fleet.atRentedPrice += missing * rentedIndex(month);
      fleet.atBoughtPrice += missing * boughtIndex(month);
      paid += fleet.paid;
      if (fleet.phase === null) continue;
      const costs = unitCosts[fleet.phase] as Float64Array;
      const powered = index === active ? working : 0;
      const served = index === active ? requests : 0;
      for (let line = 0; line < lines; line++) {
        const at = line * DRIVERS.length;
        const usd =
          (costs[at] as number) * fleet.atRentedPrice +
          (costs[at + 1] as number) * fleet.atBoughtPrice +
          (costs[at + 2] as number) * fleet.paid +
          (costs[at + 3] as number) * powered +
          (costs[at + 4] as number) * served;
        if (usd !== 0) add(course, line, month, usd);
      }
    }
    course.requestsPerDay[month] = requests;
    course.devices[month] = working;
    course.devicesPaid[month] = paid;
  }
  return course;
}

/** Tranches whose term is over leave the fleet. */
function expire(
  fleet: Fleet,
  month: number,
  rentedIndex: (month: number) => number,
  boughtIndex: (month: number) => number,
): void {
  const from = month - fleet.term;
  const leaving = from >= 1 ? (fleet.taken[from] as number) : 0;
  if (leaving === 0) return;
  fleet.paid -= leaving;
  fleet.atRentedPrice -= leaving * rentedIndex(from);
  fleet.atBoughtPrice -= leaving * boughtIndex(from);
}

function add(course: Course, line: number, month: number, usd: number): void {
  const months = course.lines[line] as Float64Array;
  months[month] = (months[month] as number) + usd;
}
