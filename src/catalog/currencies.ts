import { CURRENCY } from '../domain/money.ts';
import { compareIds } from './entry.ts';

/** Currencies in use (ISO 4217), as the runtime's Unicode data has them. */
export const CURRENCIES: readonly string[] = Intl.supportedValuesOf('currency');

const known = new Set(CURRENCIES);

export const isCurrency = (code: string): boolean => known.has(code);

/** Totals are in US dollars, so that currency comes first; then by code. */
export const compareCurrencies = (a: string, b: string): number =>
  Number(b === CURRENCY) - Number(a === CURRENCY) || compareIds(a, b);
