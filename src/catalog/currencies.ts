/** Currencies in use (ISO 4217), as the runtime's Unicode data has them. */
export const CURRENCIES: readonly string[] = Intl.supportedValuesOf('currency');

const known = new Set(CURRENCIES);

export const isCurrency = (code: string): boolean => known.has(code);
