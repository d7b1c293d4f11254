/** What a key needs for price lists. */

/** For sending price lists, and for reading reports and quarantine. */
export const PRICES_SCOPE = 'prices:write';
export const pricesSecurity = [{ apiKey: [] }];
