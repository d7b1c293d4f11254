/** Months of service from a launch day, and what falls between them. */
import { DAYS_PER_MONTH, MONTHS_PER_YEAR } from '../units.ts';

const MILLISECONDS_PER_DAY = 86_400_000;

/** "2027-01-15": the day after so many months of the month every figure means (365 / 12 days). */
export const dateAfter = (launchOn: string, days: number): string =>
  new Date(Date.parse(`${launchOn.slice(0, 10)}T00:00:00Z`) + Math.floor(days) * MILLISECONDS_PER_DAY)
    .toISOString()
    .slice(0, 10);

export const startOfMonth = (launchOn: string, month: number): string =>
  dateAfter(launchOn, (month - 1) * DAYS_PER_MONTH);

/** 0 is January. */
export const monthOfYear = (launchOn: string, month: number): number =>
  (Number(launchOn.slice(5, 7)) - 1 + month - 1) % MONTHS_PER_YEAR;
