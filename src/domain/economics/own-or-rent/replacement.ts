/**
 * When owned hardware is worth replacing: as soon as running the old costs more than everything the new would cost for
 * the same work. What has been paid for the old is gone either way.
 */

export interface RunningCosts {
  /** USD a month that end when the hardware is switched off: power, cooling, room, maintenance. */
  readonly avoidable: number;
  /** Of that, what falls with the power that new hardware needs. */
  readonly power: number;
  /** USD a month of depreciation and interest of hardware bought today. */
  readonly capital: number;
}

export interface ReplacementYear {
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
    return {
      year,
      keepUsdPerMonth: costs.avoidable,
      replaceUsdPerMonth: costs.capital * price + costs.power * power + (costs.avoidable - costs.power) * price,
    };
  });
}

/** The first year in which the new costs less; null where none of them does. */
export const replacementYear = (years: readonly ReplacementYear[]): number | null =>
  years.find(({ keepUsdPerMonth, replaceUsdPerMonth }) => replaceUsdPerMonth < keepUsdPerMonth)?.year ?? null;
