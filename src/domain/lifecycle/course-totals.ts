/** What a course of a service adds up to. */
import { DAYS_PER_MONTH, MONTHS_PER_YEAR } from '../units.ts';
import type { LifecyclePart, ModelLine } from './build-model.ts';

import type { Course } from './simulate.ts';

type Side = 'training' | 'serving';

/** Training once and again on one side; everything that running the service costs on the other. */
export const sideOf = (part: LifecyclePart): Side =>
  part === 'training' || part === 'retraining' ? 'training' : 'serving';

/** USD by month of the lines that `include` takes, index 0 before the launch. */
export function monthly(
  course: Course,
  lines: readonly ModelLine[],
  include: (line: ModelLine) => boolean,
): Float64Array {
  const months = course.requestsPerDay.length;
  const sums = new Float64Array(months);
  for (const [index, line] of lines.entries()) {
    if (!include(line)) continue;
    const values = course.lines[index] as Float64Array;
    for (let month = 0; month < months; month++) sums[month] = (sums[month] as number) + (values[month] as number);
  }
  return sums;
}

export function cumulative(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length);
  let sum = 0;
  for (let month = 0; month < values.length; month++) {
    sum += values[month] as number;
    sums[month] = sum;
  }
  return sums;
}

export const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** Before the launch undiscounted, each month of service at its end. */
export const presentValue = (values: Float64Array, ratePerYear: number): number =>
  values.reduce((sum, value, month) => sum + value / (1 + ratePerYear) ** (month / MONTHS_PER_YEAR), 0);

/** Present value of what the requests are worth. */
export const worthOf = ({ requestsPerDay }: Course, usdPerRequest: number, ratePerYear: number): number =>
  presentValue(requestsPerDay, ratePerYear) * DAYS_PER_MONTH * usdPerRequest;

/**
 * Days of service after which serving has cost as much as training, which is paid at the start of its month while
 * serving accrues over it; null where the horizon ends first, 0 where training costs nothing.
 */
export function crossingDay(training: Float64Array, serving: Float64Array): number | null {
  const trained = cumulative(training);
  const served = cumulative(serving);
  if ((trained.at(-1) ?? 0) === 0) return 0;
  for (let month = 1; month < trained.length; month++) {
    const due = trained[month] as number;
    if ((served[month] as number) < due) continue;
    const before = served[month - 1] as number;
    const share = before >= due ? 0 : (due - before) / ((served[month] as number) - before);
    return (month - 1 + share) * DAYS_PER_MONTH;
  }
  return null;
}
