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

/** Rent of a month, 1 being the first, at prices that fall by a share each year. */
const rentIn = (month: number, usdPerMonth: number, decline: number): number =>
  usdPerMonth * (1 - decline) ** ((month - 1) / MONTHS_PER_YEAR);

/** Cumulative, the residual not yet taken in: it comes when the hardware is sold. */
export function cashYears(plan: CashPlan, rentPerMonth: number, decline: number): CashYear[] {
  const years: CashYear[] = [{ year: 0, owned: plan.capitalUsd, rented: 0 }];
  let owned = plan.capitalUsd;
  let rented = 0;
  for (let month = 1; month <= plan.lifeMonths; month++) {
    owned += plan.runningUsdPerMonth;
    rented += rentIn(month, rentPerMonth, decline);
    if (month % MONTHS_PER_YEAR === 0 || month === plan.lifeMonths) {
      years.push({ year: month / MONTHS_PER_YEAR, owned, rented });
    }
  }
  return years;
}

/** The first month by whose end owning has cost no more than renting, what the hardware still fetches left aside. */
export function breakEvenMonth(plan: CashPlan, rentPerMonth: number, decline: number): number | null {
  let owned = plan.capitalUsd;
  let rented = 0;
  for (let month = 1; month <= plan.lifeMonths; month++) {
    owned += plan.runningUsdPerMonth;
    rented += rentIn(month, rentPerMonth, decline);
    if (owned <= rented) return month;
  }
  return null;
}

/** Costs over the life at their present value, the residual taken off. */
export function presentValues(
  plan: CashPlan,
  rentPerMonth: number,
  decline: number,
  discountRate: number,
): { readonly owned: number; readonly rented: number } {
  let owned = plan.capitalUsd;
  let rented = 0;
  for (let month = 1; month <= plan.lifeMonths; month++) {
    const worth = (1 + discountRate) ** (-month / MONTHS_PER_YEAR);
    owned += plan.runningUsdPerMonth * worth;
    rented += rentIn(month, rentPerMonth, decline) * worth;
  }
  owned -= plan.residualUsd * (1 + discountRate) ** (-plan.lifeMonths / MONTHS_PER_YEAR);
  return { owned, rented };
}
