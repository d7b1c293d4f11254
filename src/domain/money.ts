/**
 * Money is a decimal with a currency, never a float. Physics is float64; it becomes money in `price()`, item by item,
 * and totals add the rounded items, so that line items sum exactly to totals.
 */
import { Decimal } from 'decimal.js';

/** Enough for a token price (1e-9 USD) times astronomical volumes without loss. */
const ExactDecimal = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN, toExpNeg: -30, toExpPos: 60 });

/** The one rounding rule: amounts are kept to a hundredth of a cent, half to even. */
const AMOUNT_DECIMALS = 4;

/** What everything is computed in; prices in other currencies are converted before, reports after. */
export const CURRENCY = 'USD';

export interface Money {
  /** Decimal string, for example "1234.5600". */
  readonly amount: string;
  /** ISO 4217 code. */
  readonly currency: string;
}

/** A total of parts in different currencies would be a guess. */
export class CurrencyMismatchError extends Error {
  constructor(expected: string, found: string) {
    super(`Cannot add ${found} to ${expected}; convert with a dated exchange rate first.`);
    this.name = 'CurrencyMismatchError';
  }
}

export const money = (amount: string | number, currency: string): Money => ({
  amount: new ExactDecimal(amount).toFixed(AMOUNT_DECIMALS),
  currency,
});

/**
 * The boundary between physics and money: quantity (float64) x unit price (decimal string), rounded once.
 * @throws RangeError when the quantity is not finite.
 */
export const price = (quantity: number, unitAmount: string, currency: string): Money => {
  if (!Number.isFinite(quantity)) throw new RangeError(`A quantity to be priced must be finite, got ${quantity}.`);
  return { amount: new ExactDecimal(quantity).times(unitAmount).toFixed(AMOUNT_DECIMALS), currency };
};

export const sum = (items: readonly Money[], currency: string): Money => {
  let total = new ExactDecimal(0);
  for (const item of items) {
    if (item.currency !== currency) throw new CurrencyMismatchError(currency, item.currency);
    total = total.plus(item.amount);
  }
  return { amount: total.toFixed(AMOUNT_DECIMALS), currency };
};

/** A rate per unit derived from a total, kept to twelve significant digits because token prices are tiny. */
export const perUnit = (total: Money, units: number): Money => ({
  amount: new ExactDecimal(total.amount).dividedBy(units).toSignificantDigits(12).toFixed(),
  currency: total.currency,
});

/** Unit amounts (decimal strings per unit) keep all their digits until they are multiplied by a quantity in `price`. */
export const addUnitAmounts = (...amounts: readonly string[]): string =>
  amounts.reduce((total, amount) => total.plus(amount), new ExactDecimal(0)).toFixed();

export const scaleUnitAmount = (amount: string, factor: number): string =>
  new ExactDecimal(amount).times(factor).toFixed();

/** A percentage off, exactly. */
export const lessPercent = (amount: string, percent: string): string =>
  new ExactDecimal(amount).times(new ExactDecimal(100).minus(percent)).dividedBy(100).toFixed();

/** An amount off; what would fall below zero is zero. */
export const lessAmount = (amount: string, off: string): string =>
  ExactDecimal.max(0, new ExactDecimal(amount).minus(off)).toFixed();

/** At a rate of exchange, exactly. */
export const convertUnitAmount = (amount: string, rate: string): string =>
  new ExactDecimal(amount).times(rate).toFixed();

/** The rate the other way round, to twelve significant digits. */
export const invertedRate = (rate: string): string =>
  new ExactDecimal(1).dividedBy(rate).toSignificantDigits(12).toFixed();

/** The rate between two currencies from their rates to a third one, to twelve significant digits. */
export const crossRate = (units: string, ofOther: string): string =>
  new ExactDecimal(units).dividedBy(ofOther).toSignificantDigits(12).toFixed();

/** Kept to twelve significant digits, like `perUnit`. */
export const divideUnitAmount = (amount: string, divisor: number): string =>
  new ExactDecimal(amount).dividedBy(divisor).toSignificantDigits(12).toFixed();

/** A price computed from physics (an energy cost per hour, an ownership cost), kept to twelve significant digits. */
export const unitAmount = (value: number): string => {
  if (!Number.isFinite(value)) throw new RangeError(`A unit amount must be finite, got ${value}.`);
  return new ExactDecimal(value).toSignificantDigits(12).toFixed();
};

/** For physics and ranking only; never to be turned back into money except through `price` or `money`. */
export const toNumber = (value: Money): number => Number(value.amount);
