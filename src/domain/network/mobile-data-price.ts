/** Price of mobile data by country: averages of consumer plans, a first figure for the plans of machines. */
import file from './mobile-data-prices.json' with { type: 'json' };

interface MobileDataPrice {
  readonly usdPerGb: number;
  readonly low: number;
  readonly high: number;
  readonly source: string;
}

const MOBILE: readonly string[] = ['lte', '5g-nsa', '5g-sa'];
const METERED: readonly string[] = [...MOBILE, 'leo', 'geo'];

/** Whether each GB over this kind of access is usually paid for. */
export const isMetered = (accessNetwork: string): boolean => METERED.includes(accessNetwork);

/** Undefined where the data has no price for the country. */
export const mobileDataPrice = (country: string, accessNetwork: string): MobileDataPrice | undefined =>
  MOBILE.includes(accessNetwork) ? file.prices.find((it) => it.country === country) : undefined;
