/** What a key needs for price lists: to send them, and to read reports and quarantine. */
export const PRICES_SCOPE = 'prices:write';
