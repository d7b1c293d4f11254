/** The order of options: lexicographic by the caller's figures, never by a weighted sum; and the Pareto front. */
import { type Interruptible, interrupted, uninterrupted } from '../estimate/interruptible.ts';
import type { HardwareOption } from './option.ts';
import type { Pause } from './performance/point-search.ts';
import type { RankingFigure, RankingLevel } from './request.ts';

/** Smaller is better; a figure that nobody knows comes last. */
export function figureOf(option: HardwareOption, by: RankingFigure): number {
  switch (by) {
    case 'cost':
      return option.usdPerMonth;
    case 'latency':
      return option.point.endToEndMsP95;
    case 'energy':
      return option.facilityKilowattHours ?? Number.MAX_VALUE;
    case 'carbon':
      return option.carbonKilograms ?? Number.MAX_VALUE;
  }
}

/**
 * Best first. A level with `withinPercent` takes all options within that share of the best as equal and leaves them to the next
 * level; the rest follow in the same manner. What no level tells apart goes by cost, then by name.
 */
export function ranked(options: readonly HardwareOption[], levels: readonly RankingLevel[]): HardwareOption[] {
  const [level, ...rest] = levels;
  if (level === undefined) return [...options].sort(byCost);
  return uninterrupted(tiersOf(options, level)).flatMap((tier) => (tier.length === 1 ? tier : ranked(tier, rest)));
}

/** The same order for tens of thousands of options; other work is let through between two levels. */
export async function rankedInTurns(
  options: readonly HardwareOption[],
  [level, ...rest]: readonly RankingLevel[],
  pause: Pause,
): Promise<HardwareOption[]> {
  if (level === undefined) return ranked(options, []);
  const order: HardwareOption[] = [];
  for (const tier of await interrupted(tiersOf(options, level), pause)) {
    await pause();
    order.push(...(tier.length === 1 ? tier : ranked(tier, rest)));
  }
  return order;
}

/** Number of options handled between two points at which the work may be interrupted. */
const OPTIONS_AT_ONCE = 8192;

/** Groups of options that a level of the ranking counts as equal, the best group first. */
function* tiersOf(
  options: readonly HardwareOption[],
  { by, withinPercent = 0 }: RankingLevel,
): Interruptible<HardwareOption[][]> {
  const figures = Float64Array.from(options, (option) => figureOf(option, by));
  // bare numbers sort much faster than options: the order of tens of thousands takes milliseconds
  const starts: number[] = [];
  let limit = Number.NEGATIVE_INFINITY;
  yield;
  const ascending = figures.toSorted();
  yield;
  for (const figure of ascending) {
    if (figure <= limit) continue;
    starts.push(figure);
    limit = figure * (1 + withinPercent / 100);
  }
  const tiers: HardwareOption[][] = starts.map(() => []);
  for (const [index, option] of options.entries()) {
    if (index % OPTIONS_AT_ONCE === 0) yield;
    tiers[lastAtMost(starts, figures[index] as number)]?.push(option);
  }
  return tiers;
}

/** Index of the last value of an ascending list that is not greater than this one. */
function lastAtMost(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function byCost(a: HardwareOption, b: HardwareOption): number {
  return a.usdPerMonth - b.usdPerMonth || byName(a, b);
}

/** Order of options with equal figures, by the parts of their names, which compares faster than the long names. */
function byName(a: HardwareOption, b: HardwareOption): number {
  return (
    compared(a.point.id, b.point.id) ||
    compared(a.category, b.category) ||
    a.termMonths - b.termMonths ||
    compared(a.payment, b.payment) ||
    compared(placeOf(a), placeOf(b))
  );
}

const placeOf = ({ regionId, providerId, country }: HardwareOption): string => regionId ?? providerId ?? country ?? '';

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether the first comes before the second by cost. */
export const cheaper = (a: HardwareOption, b: HardwareOption): boolean => byCost(a, b) < 0;

/** The cheapest option of each kind, cheapest first. */
export function cheapestOfEach<Kind>(
  options: readonly HardwareOption[],
  kindOf: (option: HardwareOption) => Kind,
): (readonly [Kind, HardwareOption])[] {
  const best = new Map<Kind, HardwareOption>();
  for (const option of options) {
    const kind = kindOf(option);
    const known = best.get(kind);
    if (known === undefined || cheaper(option, known)) best.set(kind, option);
  }
  return ranked([...best.values()], []).map((option) => [kindOf(option), option]);
}

const PARETO_FIGURES: readonly RankingFigure[] = ['cost', 'latency', 'carbon'];

/** Options that no other one equals or beats in all figures; cheapest first. Of equal ones the first by name stays. */
export const paretoFront = (...asked: Parameters<typeof findingFront>): HardwareOption[] =>
  uninterrupted(findingFront(...asked));

/** The same for tens of thousands of options; other work is let through now and then. */
export const paretoFrontInTurns = (options: readonly HardwareOption[], pause: Pause): Promise<HardwareOption[]> =>
  interrupted(findingFront(options), pause);

/** So many of a front, in its order: the best by each figure, and others evenly from its cheap end to its dear one. */
export function sampleOfFront(front: readonly HardwareOption[], most: number): HardwareOption[] {
  if (front.length <= most) return [...front];
  const kept = new Set<number>();
  for (const by of PARETO_FIGURES) {
    const figures = front.map((option) => figureOf(option, by));
    kept.add(figures.indexOf(figures.reduce((least, figure) => Math.min(least, figure))));
  }
  const others = front.flatMap((_, index) => (kept.has(index) ? [] : [index]));
  const room = most - kept.size;
  for (let step = 0; step < room; step++) kept.add(others[Math.floor((step * others.length) / room)] as number);
  return front.filter((_, index) => kept.has(index));
}

function* findingFront(
  options: readonly HardwareOption[],
  figures: readonly RankingFigure[] = PARETO_FIGURES,
): Interruptible<HardwareOption[]> {
  let front: Candidate[] = [];
  for (const [index, option] of options.entries()) {
    if (index % OPTIONS_AT_ONCE === 0) yield;
    const values = figures.map((by) => figureOf(option, by));
    if (front.some((other) => beats(other, { option, values }))) continue;
    front = front.filter((other) => !noWorse(values, other.values));
    front.push({ option, values });
  }
  return front
    .sort((a, b) => {
      for (const [index, value] of a.values.entries()) {
        const difference = value - (b.values[index] as number);
        if (difference !== 0) return difference;
      }
      return byName(a.option, b.option);
    })
    .map(({ option }) => option);
}

interface Candidate {
  readonly option: HardwareOption;
  readonly values: readonly number[];
}

function beats(ours: Candidate, theirs: Candidate): boolean {
  if (!noWorse(ours.values, theirs.values)) return false;
  return !noWorse(theirs.values, ours.values) || byName(ours.option, theirs.option) < 0;
}

function noWorse(ours: readonly number[], theirs: readonly number[]): boolean {
  for (let index = 0; index < ours.length; index++) {
    if ((ours[index] as number) > (theirs[index] as number)) return false;
  }
  return true;
}
