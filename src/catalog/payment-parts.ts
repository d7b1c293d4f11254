/**
 * Which amounts go with which way to pay for a commitment. A payment upfront without its amount would make it cheaper than it is, and an amount
 * beside no_upfront says two things at once.
 */
import type { PaymentOption } from '../domain/catalog/offers.ts';

export const PAYMENT_FAULTS = {
  not_upfront: 'The payment is no_upfront: leave upfront out, or write partial_upfront or all_upfront.',
  missing: 'A payment upfront needs upfront, the amount paid at the start of the term.',
} as const;

/** What is wrong, as a sentence; undefined where nothing is. The rules of rows say the same in SQL. */
export const paymentFault = (payment: PaymentOption, upfront: string): string | undefined => {
  const isPaidUpfront = Number(upfront) > 0;
  if (payment === 'no_upfront') return isPaidUpfront ? PAYMENT_FAULTS.not_upfront : undefined;
  return payment !== 'none' && !isPaidUpfront ? PAYMENT_FAULTS.missing : undefined;
};
