/** Codes that look like a currency and are none: refused, because no amount in them could ever be compared. */

import { isCurrency } from '../../../catalog/currencies.ts';
import { didYouMean } from '../../../catalog/nearest.ts';
import { ProblemError } from '../../problems/problem-error.ts';

/** In a sentence. Codes are so short that the nearest by letters means nothing; only the same in capitals is suggested. */
export const unknownCurrency = (code: string) => ({
  code: 'unknown-currency' as const,
  rule: 'unknown_currency',
  detail: `'${code}' is not the code of a currency in use; write it as ISO 4217 does, for example USD, EUR or AED.`,
  nearest: isCurrency(code.toUpperCase()) ? [code.toUpperCase()] : [],
});

/** @throws ProblemError when a field of the body holds what is no currency. */
export const checkCurrency = (body: object, field: string, pointer = `#/${field}`): void => {
  const given = (body as Readonly<Record<string, unknown>>)[field];
  if (typeof given !== 'string' || isCurrency(given)) return;
  const { code, rule, detail, nearest } = unknownCurrency(given);
  const said = detail + didYouMean(nearest);
  throw new ProblemError(code, said, {
    errors: [{ pointer, detail: said, rule, ...(nearest.length > 0 && { choices: nearest }) }],
  });
};
