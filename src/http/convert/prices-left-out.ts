/** Which prices an answer could not use, since everything is computed in US dollars and no rate of exchange is known for them. */
import type { Static } from '@sinclair/typebox';
import type { CatalogView } from '../../catalog/snapshot.ts';
import { rateAt } from '../../domain/economics/exchange-rate.ts';
import type { PriceBook } from '../../domain/economics/price-book.ts';
import type { ReplaySchema } from '../schemas/estimates/answer.ts';

type PricesLeftOut = NonNullable<Static<typeof ReplaySchema>['pricesLeftOut']>;

const COMPUTED_IN = 'USD';

export const pricesLeftOut = (
  listed: Pick<CatalogView, 'foreignCounts'>,
  book: PriceBook | undefined,
  at: string,
): PricesLeftOut => {
  const without = (counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] =>
    [...counts].filter(([currency]) => rateAt(book?.exchangeRates ?? [], currency, COMPUTED_IN, at) === undefined);
  const ofPrivateList = without(book?.privateList?.foreignCounts(at) ?? new Map()).map(
    ([currency, prices]) =>
      ({
        layer: 'private_list',
        currency,
        prices,
        detail: `${counted(prices)} in ${currency} of the private list ${isOrAre(prices)} left out, and the public prices of the same offers with them: ${bookLacks(book, currency, at)}`,
      }) as const,
  );
  const ofList = without(listed.foreignCounts(at)).map(
    ([currency, prices]) =>
      ({
        layer: 'list',
        currency,
        prices,
        detail: `${counted(prices)} in ${currency} of the public catalog ${isOrAre(prices)} left out: ${bookLacks(book, currency, at)}`,
      }) as const,
  );
  return [...ofPrivateList, ...ofList];
};

const counted = (prices: number): string => (prices === 1 ? '1 price' : `${prices} prices`);
const isOrAre = (prices: number): string => (prices === 1 ? 'is' : 'are');

const bookLacks = (book: PriceBook | undefined, currency: string, at: string): string =>
  book === undefined
    ? `no price book with a rate from ${currency} to ${COMPUTED_IN} is named.`
    : `the price book '${book.id}' has no rate from ${currency} to ${COMPUTED_IN} that holds at ${at}. Add one to its exchangeRates.`;
