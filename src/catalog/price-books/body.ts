/** What a version of a price book says, as it is kept: everything of the book but its private list. */
import type { Contract, Discount, ExchangeRate, PurchaseAgreement } from '../../domain/economics/price-book.ts';

export interface PriceBookBody {
  readonly name: string;
  readonly discounts: readonly Discount[];
  readonly contracts: readonly Contract[];
  readonly exchangeRates: readonly ExchangeRate[];
  readonly purchases: readonly PurchaseAgreement[];
}
