/** The catalog source of a price book's private list. Its id says whose it is; no price list of the public catalog may have such a name. */

const PREFIX = 'price-book:';

/** The beginning of names that are not for price lists of everybody. */
export const PRICE_BOOK_SOURCES = PREFIX;

export const priceBookSource = (tenant: string, id: string): string => `${PREFIX}${tenant}:${id}`;

export const isPriceBookSource = (sourceId: string): boolean => sourceId.startsWith(PREFIX);
