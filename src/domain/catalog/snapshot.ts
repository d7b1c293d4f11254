/**
 * The catalog at one revision, as the domain sees it: immutable and in memory. Built by src/catalog/snapshot.ts;
 * tests may build one from plain arrays.
 */
import type { Device, SystemSpec } from '../devices/device.ts';
import type { Model } from '../models/architecture.ts';
import type { Steps } from '../steps.ts';
import type { Offer, Price } from './offers.ts';
import type { ElectricityTariff, Grid, Provider, PueFact, Region, SovereigntyRegime } from './places.ts';
import type { PriceFigures, PriceWish } from './price-figures.ts';

export interface CatalogSnapshot {
  readonly revision: number;
  /** When this revision was committed, ISO timestamp. */
  readonly committedAt: string;

  device(id: string): Device | undefined;
  /** By id or alias, case-insensitive. */
  model(idOrAlias: string): Model | undefined;
  provider(id: string): Provider | undefined;
  region(id: string): Region | undefined;
  offer(id: string): Offer | undefined;
  grid(id: string): Grid | undefined;

  readonly devices: readonly Device[];
  readonly systems: readonly SystemSpec[];
  readonly models: readonly Model[];
  readonly providers: readonly Provider[];
  readonly regions: readonly Region[];
  readonly offers: readonly Offer[];
  readonly grids: readonly Grid[];
  readonly tariffs: readonly ElectricityTariff[];
  readonly pueFacts: readonly PueFact[];
  readonly regimes: readonly SovereigntyRegime[];

  offersOfDevice(deviceId: string): readonly Offer[];
  systemsOfDevice(deviceId: string): readonly SystemSpec[];
  /**
   * Winning amounts of an offer in force at `at` (ISO timestamp), at most one per price identity: in `currency` (US dollars where
   * absent), or, where it is not quoted in that, in another one.
   */
  pricesOfOffer(offerId: string, at: string, currency?: string): readonly Price[];
  /** The same of every offer of a device; absent where a snapshot has no quicker way to them than offer by offer. */
  readonly priceFigures?:
    | ((deviceId: string, at: string, isWanted: PriceWish, currency: string) => Steps<PriceFigures>)
    | undefined;
  /** The same, one price identity at a time. */
  priceAt(priceId: string, at: string, currency?: string): Price | undefined;
  /** What each source says of one price at `at`, the winner among them: what is in force by that source alone, in all its currencies. */
  pricesOfSources(priceId: string, at: string): readonly Price[];
  /** All winning dated amounts of one price identity in all its currencies, oldest first. */
  priceHistory(priceId: string): readonly Price[];
  /** The last moment by then at which a dated price started or ended (null before the first): answers change only there. */
  lastPriceChange(at: string): string | null;
}
