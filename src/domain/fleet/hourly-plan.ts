/**
 * Base load on a commitment, peaks on demand: the machines of each hour, those that are committed to running all month and the
 * rest by the hour. A machine is worth committing to where it runs for more than committed / on-demand price of the hours; every
 * number of committed machines is tried, so that the split is the cheapest there is.
 */
import { coldStartSeconds } from '../inference/language/cold-start.ts';
import type { ServingQuestion } from '../inference/language/device-choice.ts';
import { DAYS_PER_MONTH, HOURS_PER_MONTH, SECONDS_PER_HOUR } from '../units.ts';
import { sizePool } from './pool-capacity.ts';
import type { FleetPool } from './solve-fleet.ts';

export interface HourlyPlan {
  /** Machines in each hour of the day, spares included. */
  readonly machines: readonly number[];
  readonly committed: number;
  /** Machine-hours a month beyond those, starts included. */
  readonly hoursByTheHour: number;
  readonly usdPerMonth: number;
  /** All machines of the busiest hour all month, at the lower of the two prices. */
  readonly flatUsdPerMonth: number;
}

/** @param profile load of each hour of the day over that of the busiest hour, 0 to 1 */
export function hourlyPlan(
  pool: FleetPool,
  profile: readonly number[],
  serving: ServingQuestion,
  spareReplicas: number,
  price: { readonly usdPerHour: number; readonly committedUsdPerHour: number | null },
): HourlyPlan {
  const { type, sizes, requestsPerSecond } = pool;
  const machines = profile.map((share) => {
    if (share <= 0) return 0;
    const { replicas } = sizePool(type.configuration, sizes, requestsPerSecond * share, serving);
    const needed = Math.ceil(((replicas ?? 0) + spareReplicas) / type.replicasPerMachine - 1e-9);
    // an hour never takes more than the busiest one is laid out for
    return replicas === null ? pool.machines : Math.min(needed, pool.machines);
  });
  const most = Math.max(...machines);
  const startHours = coldStartSeconds(type.configuration) / SECONDS_PER_HOUR;
  const { usdPerHour, committedUsdPerHour } = price;
  let best: Pick<HourlyPlan, 'committed' | 'hoursByTheHour' | 'usdPerMonth'> | null = null;
  for (let committed = 0; committed <= (committedUsdPerHour === null ? 0 : most); committed++) {
    const hoursByTheHour = DAYS_PER_MONTH * hoursAbove(machines, committed, startHours);
    const usdPerMonth = committed * HOURS_PER_MONTH * (committedUsdPerHour ?? 0) + hoursByTheHour * usdPerHour;
    if (best === null || usdPerMonth < best.usdPerMonth) best = { committed, hoursByTheHour, usdPerMonth };
  }
  if (best === null) throw new RangeError('A plan has at least one number of committed machines to try.');
  return {
    machines,
    ...best,
    flatUsdPerMonth: most * HOURS_PER_MONTH * Math.min(usdPerHour, committedUsdPerHour ?? usdPerHour),
  };
}

/** Machine-hours a day above the committed ones; a machine that starts is paid while its weights load. */
function hoursAbove(machines: readonly number[], committed: number, startHours: number): number {
  const above = machines.map((count) => Math.max(count - committed, 0));
  return above.reduce((sum, count, hour) => {
    const before = above.at(hour - 1) ?? 0;
    return sum + count + Math.max(count - before, 0) * startHours;
  }, 0);
}
