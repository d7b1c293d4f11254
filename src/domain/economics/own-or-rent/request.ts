/** The question whether to own hardware or to rent it, with or without a workload in mind. */
import type { CustomDevice, Location, OwnedTerms, SiteFacts, Surcharges } from '../../estimate/selectors.ts';

export interface OwnOrRentRequest {
  readonly device?: string;
  readonly customDevice?: CustomDevice;
  readonly devices: number;
  /** Several machines that need a fast network between them. */
  readonly clustered?: boolean;
  /** Share of the hours of a month in which the devices are needed, percent. */
  readonly neededPercent?: number;
  readonly location?: Location;
  readonly owned?: OwnedTerms;
  /** Decimal string: a rate that you were offered, beside those of the catalog. */
  readonly usdPerDeviceHour?: string;
  readonly staff?: { readonly engineers?: number; readonly usdPerEngineerYear?: number };
  readonly hardwarePrices?: { readonly declinePercentPerYear?: number };
  /** The swap of old hardware for new. */
  readonly replacement?: { readonly switchingPercent?: number };
  readonly discountRatePercent?: number;
  readonly site?: SiteFacts;
  readonly surcharges?: Surcharges;
}
