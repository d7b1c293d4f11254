/** What data over a mobile network costs where it was read: consumer averages, a first figure for lines of machines. */
import file from './mobile-data-prices.json' with { type: 'json' };

export interface MobileDataPrice {
  readonly usdPerGb: number;
  readonly low: number;
  readonly high: number;
  readonly source: string;
}

const MOBILE: readonly string[] = ['lte', '5g-nsa', '5g-sa'];
const METERED: readonly string[] = [...MOBILE, 'leo', 'geo'];

/** Whether each GB over it is usually paid for. */
export const isMetered = (accessNetwork: string): boolean => METERED.includes(accessNetwork);

/** Undefined where no price was read. */
export const mobileDataPrice = (country: string, accessNetwork: string): MobileDataPrice | undefined =>
  MOBILE.includes(accessNetwork) ? file.prices.find((it) => it.country === country) : undefined;
