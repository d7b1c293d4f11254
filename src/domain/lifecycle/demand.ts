/** Load by month: compound growth up to a ceiling, and the season. */
import { MONTHS_PER_YEAR, monthOfYear } from './calendar.ts';

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

/** Requests a day in the middle of a month, 1 being the first: growth counts from the first. */
export function requestsPerDayIn({ requestsPerDay, ceiling, season }: Demand, month: number, growth: number): number {
  const grown = requestsPerDay * growth ** ((month - 1) / MONTHS_PER_YEAR);
  return Math.min(grown, ceiling) * (season[month - 1] as number);
}
