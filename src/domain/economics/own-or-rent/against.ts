/** Owning against one rental: by hours, by cash and by present value. */
import { significant } from '../../estimate/words.ts';
import { CURRENCY, money, toNumber } from '../../money.ts';
import { MONTHS_PER_YEAR } from '../../units.ts';
import type { LineItem } from '../line-item.ts';
import { usdOf } from './bill.ts';
import { breakEvenMonth, type CashPlan, cashYears, presentValues } from './cash.ts';
import type { OwnedReport, RentalReport } from './estimate-result.ts';
import { CAPITAL } from './owned.ts';
import type { Terms } from './rental-terms.ts';
import type { Rental } from './rented.ts';

export const NO_OWNING = {
  breakEvenUtilization: null,
  breakEvenMonth: null,
  presentValueOwned: money(0, CURRENCY),
  presentValueRented: money(0, CURRENCY),
  cash: [],
  statement: 'Without a purchase price there is nothing to set it against.',
};

export function against(
  owned: OwnedReport,
  rental: Rental,
  { id, paysAllHours, label }: Terms,
  { full, idle }: { readonly full: number; readonly idle: number },
  needed: number,
  decline: number,
  discountRate: number,
): Omit<RentalReport, keyof Rental> {
  const rent = usdOf(rental);
  const plan: CashPlan = {
    capitalUsd: toNumber(owned.capital),
    residualUsd: toNumber(owned.residual),
    lifeMonths: owned.lifeMonths,
    runningUsdPerMonth: runningOf(owned.costPerMonth.lineItems),
  };
  // a rate that was agreed stays; market prices fall
  const falling = id === 'own_rate' ? 0 : decline;
  const utilization = paysAllHours ? (full <= rent ? 0 : null) : breakEvenShare(rent / needed, full, idle);
  const month = breakEvenMonth(plan, rent, falling);
  const values = presentValues(plan, rent, falling, discountRate);
  const years = (plan.lifeMonths / MONTHS_PER_YEAR).toFixed(plan.lifeMonths % MONTHS_PER_YEAR === 0 ? 0 : 1);
  const byHours =
    utilization === null
      ? `${label}, renting costs less at any use.`
      : paysAllHours
        ? `${label}, every hour is paid and owning costs less.`
        : `${label}, owning costs less from ${significant(100 * utilization)} % of the hours on.`;
  const byCash =
    month === null
      ? `In cash owning does not catch up within its ${years} years${falling > 0 ? ', as rents fall' : ''}.`
      : `In cash owning has cost less from month ${month} on.`;
  return {
    breakEvenUtilization: utilization,
    breakEvenMonth: month,
    presentValueOwned: money(values.owned, CURRENCY),
    presentValueRented: money(values.rented, CURRENCY),
    cash: cashYears(plan, rent, falling).map((one) => ({
      year: one.year,
      owned: money(one.owned, CURRENCY),
      rented: money(one.rented, CURRENCY),
    })),
    statement: `${byHours} ${byCash}`,
  };
}

/** Owning is a line over the hours: what it costs waiting, and what work adds. Null where renting stays below it. */
function breakEvenShare(rentAtAllHours: number, full: number, idle: number): number | null {
  const slope = rentAtAllHours - (full - idle);
  if (slope <= 0) return null;
  const share = idle / slope;
  return share <= 1 ? share : null;
}

/** Cash that goes on: depreciation is capital spent, and interest stands in the discount rate. */
const runningOf = (items: readonly LineItem[]): number =>
  items.filter(({ id }) => !CAPITAL.test(id) && id !== 'duty').reduce((sum, { amount }) => sum + toNumber(amount), 0);
