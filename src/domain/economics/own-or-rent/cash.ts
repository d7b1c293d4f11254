/** Money out by month: what is bought at once against what is rented month by month. */
import { MONTHS_PER_YEAR } from '../../units.ts';

export interface CashPlan {
  readonly capitalUsd: number;
  readonly runningUsdPerMonth: number;
  /** Comes back at the end of the life. */
  readonly residualUsd: number;
  readonly lifeMonths: number;
}

interface CashYear {
  /** 0 is the day of the purchase. */
  readonly year: number;
  readonly owned: number;
  readonly rented: number;
}

export interface RentPlan {
  /** At today's price, what was paid upfront spread over the term. */
  readonly usdPerMonth: number;
  /** Share by which prices fall each year. */
  readonly declinePerYear: number;
  /** Months for which a price holds: 1 where it is rented by the hour. */
  readonly termMonths: number;
  /** Of a whole term, at today's price. */
  readonly upfrontUsd: number;
}

interface Rent {
  /** At the start of the month, for the months of the term that fall within the life. */
  readonly ahead: number;
  readonly usd: number;
}

/** Of a month, 1 being the first: at the price of the month in which its term began. */
function rentIn(month: number, rent: RentPlan, lifeMonths: number): Rent {
  const { usdPerMonth, declinePerYear, termMonths, upfrontUsd } = rent;
  const before = month - 1 - ((month - 1) % termMonths);
  const index = (1 - declinePerYear) ** (before / MONTHS_PER_YEAR);
  const months = before === month - 1 ? Math.min(termMonths, lifeMonths - before) : 0;
  return {
    ahead: ((upfrontUsd * months) / termMonths) * index,
    usd: (usdPerMonth - upfrontUsd / termMonths) * index,
  };
}

/** Cumulative, the residual not yet taken in: it comes when the hardware is sold. */
export function cashYears(plan: CashPlan, rent: RentPlan): CashYear[] {
  const first = rentIn(1, rent, plan.lifeMonths);
  const years: CashYear[] = [{ year: 0, owned: plan.capitalUsd, rented: first.ahead }];
  let owned = plan.capitalUsd;
  let rented = 0;
  for (let month = 1; month <= plan.lifeMonths; month++) {
    const { ahead, usd } = rentIn(month, rent, plan.lifeMonths);
    owned += plan.runningUsdPerMonth;
    rented += ahead + usd;
    if (month % MONTHS_PER_YEAR === 0 || month === plan.lifeMonths) {
      years.push({ year: month / MONTHS_PER_YEAR, owned, rented });
    }
  }
  return years;
}

/** The first month by whose end owning has cost no more than renting, what the hardware still fetches left aside. */
export function breakEvenMonth(plan: CashPlan, rent: RentPlan): number | null {
  let owned = plan.capitalUsd;
  let rented = 0;
  for (let month = 1; month <= plan.lifeMonths; month++) {
    const { ahead, usd } = rentIn(month, rent, plan.lifeMonths);
    owned += plan.runningUsdPerMonth;
    rented += ahead + usd;
    if (owned <= rented) return month;
  }
  return null;
}

/** Costs over the life at their present value, the residual taken off. */
export function presentValues(
  plan: CashPlan,
  rent: RentPlan,
  discountRate: number,
): { readonly owned: number; readonly rented: number } {
  const worthAfter = (months: number): number => (1 + discountRate) ** (-months / MONTHS_PER_YEAR);
  let owned = plan.capitalUsd;
  let rented = 0;
  for (let month = 1; month <= plan.lifeMonths; month++) {
    const { ahead, usd } = rentIn(month, rent, plan.lifeMonths);
    owned += plan.runningUsdPerMonth * worthAfter(month);
    rented += ahead * worthAfter(month - 1) + usd * worthAfter(month);
  }
  owned -= plan.residualUsd * worthAfter(plan.lifeMonths);
  return { owned, rented };
}
