/** A length of time as people say it. */
import { significant } from '../estimate/words.ts';
import { HOURS_PER_DAY } from '../units.ts';

const UNITS = [
  { name: 'days', perDay: 1, from: 2 },
  { name: 'hours', perDay: HOURS_PER_DAY, from: 2 },
  { name: 'minutes', perDay: HOURS_PER_DAY * 60, from: 2 },
  { name: 'seconds', perDay: HOURS_PER_DAY * 3600, from: 0 },
] as const;

/** "41.2 days", "6.5 hours", "27 minutes". */
export const durationInWords = (days: number): string => `${inUnit(days, unitOf(days))} ${unitOf(days).name}`;

/** "27 minutes (18.2 to 44)": the range in the unit of the middle. */
export function durationRangeInWords({ p10, p50, p90 }: { p10: number; p50: number; p90: number }): string {
  const unit = unitOf(p50);
  return `${durationInWords(p50)} (${inUnit(p10, unit)} to ${inUnit(p90, unit)})`;
}

type Unit = (typeof UNITS)[number];
const unitOf = (days: number): Unit => UNITS.find(({ perDay, from }) => days * perDay >= from) ?? UNITS[3];
const inUnit = (days: number, { perDay }: Unit): string => significant(days * perDay);
