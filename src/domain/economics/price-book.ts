/** What one buyer pays instead of the public list: a private list, discounts, contracts, exchange rates and hardware bought. */
import type { Offer, PaymentOption, Price, PriceCategory, PriceUnit } from '../catalog/offers.ts';

/** What a rule is about. A part that is absent or empty narrows nothing. */
export interface PriceSelector {
  readonly providers?: readonly string[];
  /** Region ids, "aws/us-east-1". */
  readonly regions?: readonly string[];
  readonly devices?: readonly string[];
  readonly categories?: readonly PriceCategory[];
  readonly offers?: readonly string[];
}

/** From validFrom on, up to and without validTo. ISO timestamps. */
export interface Dated {
  readonly validFrom: string;
  /** Null while it has no end. */
  readonly validTo: string | null;
}

export const holds = ({ validFrom, validTo }: Dated, at: string): boolean =>
  validFrom <= at && (validTo === null || at < validTo);

/** device: the amount is for one device; offer: for the whole of the offer, as list prices are. */
type AmountBasis = 'device' | 'offer';

/** Off a list price: a percentage, or an amount in a currency. */
export type Discount = Dated & {
  readonly id: string;
  readonly selector: PriceSelector;
  /** Whether it comes off the private list too; a private price is a net price by itself. */
  readonly onPrivateList: boolean;
} & (
    | { readonly percent: string }
    | {
        readonly amountOff: string;
        readonly currency: string;
        readonly per: AmountBasis;
      }
  );

/** A price agreed on. It holds whatever lists say, also where no list has such a price. */
export interface Contract extends Dated {
  readonly id: string;
  /** Its categories are not looked at: a contract has one of its own. */
  readonly selector: PriceSelector;
  readonly category: PriceCategory;
  readonly termMonths: number;
  readonly payment: PaymentOption;
  readonly unit: PriceUnit;
  /** Decimal strings. */
  readonly amount: string;
  readonly upfront: string;
  readonly currency: string;
  readonly per: AmountBasis;
  /** The document it stands in. */
  readonly source: string;
}

/** One unit of `base` costs `rate` units of `quote`. */
export interface ExchangeRate extends Dated {
  readonly base: string;
  readonly quote: string;
  readonly rate: string;
  readonly source: string;
}

/** Hardware that can be bought on agreed terms. */
export interface PurchaseAgreement extends Dated {
  readonly id: string;
  readonly deviceId: string;
  readonly supplier: string;
  /** Devices in one unit. */
  readonly devicesPerUnit: number;
  /** A unit is a whole server; otherwise a bare device, and what is around it is assumed. */
  readonly includesServer: boolean;
  /** By number of units bought at once, the first from 0 on. Decimal strings. */
  readonly tiers: readonly { readonly fromUnits: number; readonly unitPrice: string }[];
  readonly currency: string;
  readonly leadTimeDays: number | null;
  readonly warrantyMonths: number | null;
  readonly usefulLifeYears: number | null;
  readonly residualPercent: number | null;
  readonly source: string;
}

/** Prices that a supplier sent for this buyer alone. */
export interface PrivateList {
  /** In force at `at`, at most one per price identity; in `currency`, or, where it is not quoted in that, in another one. */
  pricesOfOffer(offerId: string, at: string, currency?: string): readonly Price[];
  /** The last moment by then at which one of its prices started or ended; null before the first. */
  lastPriceChange(at: string): string | null;
  /** How many prices in force are quoted in other currencies and not in US dollars, by currency. */
  foreignCounts(at: string): ReadonlyMap<string, number>;
}

/** A price book at one revision. */
export interface PriceBook {
  readonly id: string;
  readonly revision: number;
  /** When this revision was committed, ISO timestamp. */
  readonly committedAt: string;
  readonly discounts: readonly Discount[];
  readonly contracts: readonly Contract[];
  readonly exchangeRates: readonly ExchangeRate[];
  readonly purchases: readonly PurchaseAgreement[];
  /** Null where none was sent. */
  readonly privateList: PrivateList | null;
}

/** How many times the amount one unit of the offer is; undefined where the offer has no whole device to count. */
export const countOf = (per: 'device' | 'offer', { deviceCount }: Offer): number | undefined =>
  per === 'offer' ? 1 : deviceCount > 0 ? deviceCount : undefined;

const names = (wanted: readonly string[] | undefined, value: string | null): boolean =>
  wanted === undefined || wanted.length === 0 || (value !== null && wanted.includes(value));

export const selects = (selector: PriceSelector, offer: Offer, category: Price['category']): boolean =>
  names(selector.providers, offer.providerId) &&
  names(selector.regions, offer.regionId) &&
  names(selector.devices, offer.deviceId) &&
  names(selector.categories, category) &&
  names(selector.offers, offer.id);
