/** The answer to the question whether to own or to rent. */
import type { CostBreakdown, MoneyFigure } from '../../estimate/answer.ts';
import type { Money } from '../../money.ts';
import type { Assumption } from '../assumption.ts';
import type { PriceUse } from '../price-use.ts';

export interface OwnedReport {
  /** A month of its life, whether it works or waits. */
  readonly costPerMonth: CostBreakdown;
  /** Over the hours in which it is needed. */
  readonly costPerUsefulDeviceHour: MoneyFigure;
  /** Whole servers. */
  readonly devicesPaid: number;
  readonly capital: Money;
  readonly residual: Money;
  readonly lifeMonths: number;
  readonly prices: readonly PriceUse[];
}

export interface RentalReport {
  readonly id: string;
  readonly label: string;
  readonly providerId: string | null;
  readonly regionId: string | null;
  readonly devicesPaid: number;
  readonly termMonths: number;
  readonly costPerMonth: CostBreakdown;
  readonly costPerUsefulDeviceHour: MoneyFigure;
  /** Share of the hours from which on owning costs less; null where there is none. */
  readonly breakEvenUtilization: number | null;
  /** Month by which owning has cost less in cash; null where it does not within the life. */
  readonly breakEvenMonth: number | null;
  readonly presentValueOwned: Money;
  readonly presentValueRented: Money;
  readonly cash: readonly { readonly year: number; readonly owned: Money; readonly rented: Money }[];
  readonly statement: string;
  readonly prices: readonly PriceUse[];
}

export interface ReplacementReport {
  /** Null where the old is never worth replacing. */
  readonly year: number | null;
  readonly statement: string;
  readonly years: readonly { readonly year: number; readonly keep: Money; readonly replace: Money }[];
}

export interface UnavailableTerms {
  readonly id: string;
  readonly detail: string;
}

export interface OwnOrRentEstimate {
  readonly status: 'feasible' | 'infeasible';
  readonly summary: string;
  /** Null where the hardware has no purchase price. */
  readonly owned: OwnedReport | null;
  /** Cheapest first. */
  readonly rentals: readonly RentalReport[];
  readonly replacement: ReplacementReport | null;
  readonly unavailable: readonly UnavailableTerms[];
  readonly assumptions: readonly Assumption[];
}
