/** Dated rates of exchange, read in either direction. */
import { invertedRate } from '../money.ts';
import { type ExchangeRate, holds } from './price-book.ts';

interface RateUse {
  /** Units of the wanted currency for one of the other. */
  readonly rate: string;
  /** The rate in the price book; null where both currencies are the same. */
  readonly of: ExchangeRate | null;
}

/** The rate in force that began last. A rate of the opposite pair counts too and is inverted. */
export const rateAt = (rates: readonly ExchangeRate[], from: string, to: string, at: string): RateUse | undefined => {
  if (from === to) return { rate: '1', of: null };
  const latestOf = (base: string, quote: string): ExchangeRate | undefined =>
    rates
      .filter((rate) => rate.base === base && rate.quote === quote && holds(rate, at))
      .reduce<ExchangeRate | undefined>((a, b) => (a === undefined || b.validFrom > a.validFrom ? b : a), undefined);
  const direct = latestOf(from, to);
  const turned = latestOf(to, from);
  if (turned !== undefined && (direct === undefined || turned.validFrom > direct.validFrom)) {
    return { rate: invertedRate(turned.rate), of: turned };
  }
  return direct === undefined ? undefined : { rate: direct.rate, of: direct };
};
