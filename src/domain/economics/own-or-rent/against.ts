/** Owning against one rental: by hours, by cash and by present value. */
import { significant } from '../../estimate/words.ts';
import { CURRENCY, money, toNumber } from '../../money.ts';
import { MONTHS_PER_YEAR } from '../../units.ts';
import type { LineItem } from '../line-item.ts';
import { usdOf } from './bill.ts';
import { breakEvenMonth, type CashPlan, cashYears, presentValues, type RentPlan } from './cash.ts';
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

/** USD a month where all hours are needed, and next to none. */
interface MonthlyCosts {
  readonly full: number;
  readonly idle: number;
}

/** @param rented null for terms by which all hours are paid */
export function against(
  owned: OwnedReport,
  rental: Rental,
  { id, paysAllHours, label }: Terms,
  monthly: { readonly owned: MonthlyCosts; readonly rented: MonthlyCosts | null },
  decline: number,
  discountRate: number,
): Omit<RentalReport, keyof Rental> {
  const plan: CashPlan = {
    capitalUsd: toNumber(owned.capital),
    residualUsd: toNumber(owned.residual),
    lifeMonths: owned.lifeMonths,
    runningUsdPerMonth: runningOf(owned.costPerMonth.lineItems),
  };
  // a rate that was agreed stays; market prices fall
  const falling = id === 'own_rate' ? 0 : decline;
  const rent = rentPlanOf(rental, paysAllHours, falling);
  const utilization =
    monthly.rented === null
      ? monthly.owned.full <= rent.usdPerMonth
        ? 0
        : null
      : breakEvenShare(monthly.owned, monthly.rented);
  const month = breakEvenMonth(plan, rent);
  const values = presentValues(plan, rent, discountRate);
  const years = (plan.lifeMonths / MONTHS_PER_YEAR).toFixed(plan.lifeMonths % MONTHS_PER_YEAR === 0 ? 0 : 1);
  const byHours = paysAllHours
    ? byAllHours(label, monthly.owned, rent.usdPerMonth)
    : utilization === null
      ? `${label}, renting costs less at any use.`
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
    cash: cashYears(plan, rent).map((one) => ({
      year: one.year,
      owned: money(one.owned, CURRENCY),
      rented: money(one.rented, CURRENCY),
    })),
    statement: `${byHours} ${byCash}`,
  };
}

/** What is owned draws more power the more it works, and the rent stays: owning may cost less up to some use. */
function byAllHours(label: string, { full, idle }: MonthlyCosts, rentUsd: number): string {
  if (full <= rentUsd) return `${label}, every hour is paid and owning costs less.`;
  if (idle >= rentUsd) return `${label}, renting costs less at any use.`;
  const most = (rentUsd - idle) / (full - idle);
  return `${label}, every hour is paid: owning costs less up to ${significant(100 * most)} % of the hours, and renting above.`;
}

/** A commitment keeps its price for its term; what is rented by the hour is priced anew each month. */
function rentPlanOf(rental: Rental, paysAllHours: boolean, declinePerYear: number): RentPlan {
  const [price] = rental.prices;
  const usdPerMonth = usdOf(rental);
  if (!paysAllHours || price === undefined) return { usdPerMonth, declinePerYear, termMonths: 1, upfrontUsd: 0 };
  const upfrontUsd = (Number(price.upfront) * rental.devicesPaid) / price.deviceCount;
  return { usdPerMonth, declinePerYear, termMonths: Math.max(price.termMonths, 1), upfrontUsd };
}

/** Both are lines over the hours: what they cost waiting, and what work adds. Null where renting stays below owning. */
function breakEvenShare(owned: MonthlyCosts, rented: MonthlyCosts): number | null {
  const behind = owned.idle - rented.idle;
  const gain = rented.full - rented.idle - (owned.full - owned.idle);
  if (behind > gain) return null;
  return behind <= 0 ? 0 : behind / gain;
}

/** Cash that goes on: depreciation is capital spent, and interest stands in the discount rate. */
const runningOf = (items: readonly LineItem[]): number =>
  items.filter(({ id }) => !CAPITAL.test(id) && id !== 'duty').reduce((sum, { amount }) => sum + toNumber(amount), 0);
