/**
 * When owned hardware is worth replacing: as soon as running the old costs more than everything the new would cost for
 * the same work, and what it takes to swap them. What has been paid for the old is gone either way.
 */
import { CURRENCY, money, toNumber } from '../../money.ts';
import type { LineItem } from '../line-item.ts';

import type { OwnedReport, ReplacementReport } from './estimate-result.ts';
import { CAPITAL } from './owned.ts';

interface RunningCosts {
  /** USD a month that end when the hardware is switched off: power, cooling, room, maintenance. */
  readonly avoidable: number;
  /** Of that, what falls with the power that new hardware needs. */
  readonly power: number;
  /** USD a month of depreciation and interest of hardware bought today. */
  readonly capital: number;
  /** USD a month of the new one's life for swapping: labour, which does not get cheaper with hardware. */
  readonly switching: number;
}

interface ReplacementYear {
  readonly year: number;
  readonly keepUsdPerMonth: number;
  readonly replaceUsdPerMonth: number;
}

const YEARS = 12;

/** @param decline, @param efficiency shares per year by which price and power for the same work fall */
export function replacementYears(costs: RunningCosts, decline: number, efficiency: number): ReplacementYear[] {
  return Array.from({ length: YEARS }, (_, index) => {
    const year = index + 1;
    const price = (1 - decline) ** year;
    const power = (1 - efficiency) ** year;
    const running = costs.power * power + (costs.avoidable - costs.power) * price;
    return {
      year,
      keepUsdPerMonth: costs.avoidable,
      replaceUsdPerMonth: costs.capital * price + running + costs.switching,
    };
  });
}

/** The first year in which the new costs less; null where none of them does. */
export const replacementYear = (years: readonly ReplacementYear[]): number | null =>
  years.find(({ keepUsdPerMonth, replaceUsdPerMonth }) => replaceUsdPerMonth < keepUsdPerMonth)?.year ?? null;

/** @param switchingShare of the purchase, paid once when the new takes over */
export function replacementOf(
  { costPerMonth, capital, lifeMonths }: OwnedReport,
  decline: number,
  efficiency: number,
  switchingShare: number,
): ReplacementReport {
  const sumOf = (include: (item: LineItem) => boolean) =>
    costPerMonth.lineItems.filter(include).reduce((sum, { amount }) => sum + toNumber(amount), 0);
  const power = sumOf(
    ({ category }) => category === 'electricity' || category === 'cooling' || category === 'facility',
  );
  const maintenance = sumOf(({ id }) => id === 'compute.maintenance');
  const years = replacementYears(
    {
      avoidable: power + maintenance,
      power,
      capital: sumOf(({ id }) => CAPITAL.test(id)),
      switching: (switchingShare * toNumber(capital)) / lifeMonths,
    },
    decline,
    efficiency,
  );
  const year = replacementYear(years);
  return {
    year,
    statement:
      year === null
        ? 'Running it stays cheaper than replacing it over the years looked at: it is worth keeping until it breaks.'
        : `From year ${year} on, running it costs more than everything that new hardware for the same work would, the swap included: replace it then, whatever is still on the books, if the room and power it frees need not be paid any more.`,
    years: years.map((one) => ({
      year: one.year,
      keep: money(one.keepUsdPerMonth, CURRENCY),
      replace: money(one.replaceUsdPerMonth, CURRENCY),
    })),
  };
}
