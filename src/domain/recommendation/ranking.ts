/** The order of options: lexicographic by the caller's figures, never by a weighted sum; and the Pareto front. */
import type { HardwareOption } from './option.ts';
import { optionId } from './option.ts';
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
  if (level === undefined) {
    const keyed = options.map((option) => ({ option, usd: option.usdPerMonth, id: optionId(option) }));
    return keyed.sort((a, b) => a.usd - b.usd || compareIds(a.id, b.id)).map(({ option }) => option);
  }
  const keyed = options.map((option) => ({ option, figure: figureOf(option, level.by) }));
  keyed.sort((a, b) => a.figure - b.figure);
  const order: HardwareOption[] = [];
  for (let start = 0; start < keyed.length; ) {
    const best = (keyed[start] as (typeof keyed)[number]).figure;
    const limit = best * (1 + (level.withinPercent ?? 0) / 100);
    let end = start + 1;
    while (end < keyed.length && (keyed[end] as (typeof keyed)[number]).figure <= limit) end++;
    const tier = keyed.slice(start, end).map(({ option }) => option);
    order.push(...(tier.length === 1 ? tier : ranked(tier, rest)));
    start = end;
  }
  return order;
}

const compareIds = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const PARETO_FIGURES: readonly RankingFigure[] = ['cost', 'latency', 'carbon'];

/** Options that no other one equals or beats in all figures; cheapest first. Of equal ones the first by name stays. */
export function paretoFront(
  options: readonly HardwareOption[],
  figures: readonly RankingFigure[] = PARETO_FIGURES,
): HardwareOption[] {
  const keyed = options.map((option) => ({ option, values: figures.map((by) => figureOf(option, by)) }));
  keyed.sort((a, b) => {
    for (const [index, value] of a.values.entries()) {
      const difference = value - (b.values[index] as number);
      if (difference !== 0) return difference;
    }
    return compareIds(optionId(a.option), optionId(b.option));
  });
  const front: (typeof keyed)[number][] = [];
  for (const candidate of keyed) {
    const beaten = front.some(({ values }) => values.every((value, i) => value <= (candidate.values[i] as number)));
    if (!beaten) front.push(candidate);
  }
  return front.map(({ option }) => option);
}
