/** Load by month: compound growth up to a ceiling, and the season. */

import { MONTHS_PER_YEAR } from '../units.ts';
import { monthOfYear } from './calendar.ts';

export interface Demand {
  readonly requestsPerDay: number;
  readonly ceiling: number;
  /** Relative load of each month of service; averages one over a whole year. */
  readonly season: Float64Array;
}

export function seasonOf(seasonality: readonly number[] | undefined, launchOn: string, months: number): Float64Array {
  const season = new Float64Array(months).fill(1);
  if (seasonality === undefined) return season;
  const mean = seasonality.reduce((sum, value) => sum + value, 0) / MONTHS_PER_YEAR;
  return season.map((_, i) => (seasonality[monthOfYear(launchOn, i + 1)] as number) / mean);
}

/** Load over that of the first month at a growth, the season aside. */
export const loadRatio = ({ requestsPerDay, ceiling }: Demand, month: number, growth: number): number =>
  Math.min(growth ** ((month - 1) / MONTHS_PER_YEAR), ceiling / requestsPerDay);

/** Requests a day in the middle of a month, 1 being the first: growth counts from the first. */
export const requestsPerDayIn = (demand: Demand, month: number, growth: number): number =>
  demand.requestsPerDay * loadRatio(demand, month, growth) * (demand.season[month - 1] as number);
