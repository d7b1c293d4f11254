/**
 * What traffic from one place to another costs its sender: nothing within a region or from a site of one's own, the
 * provider's own network between two of its regions where its price is known, else the internet price list.
 */
import type { Confidence } from '../catalog/provenance.ts';
import {
  EGRESS_USD_PER_GB,
  egressPriceFor,
  type FreeEgress,
  freeEgressOf,
  tieredEgressUsd,
} from '../economics/network-cost.ts';
import interRegionPrices from './inter-region-prices.json' with { type: 'json' };

interface InterRegionPrice {
  readonly providerId: string;
  /** Regions it holds for; empty: those of `fromCountries`. */
  readonly fromRegionIds: readonly string[];
  readonly fromCountries: readonly string[] | null;
  /** Null: to every other region of the provider. */
  readonly toCountries: readonly string[] | null;
  readonly usdPerGigabyte: string;
  readonly source: string;
  readonly sourceDate: string | null;
  readonly confidence: string;
}

const INTER_REGION_PRICES: readonly InterRegionPrice[] = interRegionPrices;

interface EgressEnd {
  /** Undefined for a site that no cloud runs. */
  readonly regionId?: string | undefined;
  /** Where it is not the region's. */
  readonly providerId?: string | undefined;
  readonly country?: string | undefined;
}

type EgressBasis = 'same-region' | 'own-site' | 'inter-region' | 'internet' | 'request' | 'assumed';

/** A price of traffic before its volume is known. */
export interface EgressRate {
  readonly basis: EgressBasis;
  /** By the month's volume, GB (10^9 bytes). */
  readonly usdPerMonth: (gigabytesPerMonth: number) => number;
  /** Null where every GB is paid for, or none. */
  readonly free: FreeEgress | null;
  /** Of the first GB that is paid for. */
  readonly usdPerGigabyte: number;
  readonly source: string;
  readonly sourceDate: string | null;
  readonly confidence: Confidence;
}

const providerOf = ({ providerId, regionId }: EgressEnd) => providerId ?? regionId?.split('/')[0];

/** @param usdPerGigabyte the caller's own price */
export function networkEgressRate(from: EgressEnd, to: EgressEnd, usdPerGigabyte?: number): EgressRate {
  const provider = providerOf(from);
  if (from.regionId !== undefined && from.regionId === to.regionId) return free('same-region', 'within one region');
  if (usdPerGigabyte !== undefined) return linear('request', usdPerGigabyte, 'the request', null, 'vendor');
  if (provider === undefined) return free('own-site', 'sent from a site of your own; its line is priced by the month');

  const between = provider === providerOf(to) ? interRegionPrice(provider, from, to) : undefined;
  if (between)
    return linear(
      'inter-region',
      Number(between.usdPerGigabyte),
      between.source,
      between.sourceDate,
      between.confidence as Confidence,
    );

  const list = egressPriceFor({ regionId: from.regionId, providerId: provider, country: from.country });
  if (!list) return linear('assumed', EGRESS_USD_PER_GB.value, EGRESS_USD_PER_GB.source, null, 'estimated');
  return {
    basis: 'internet',
    usdPerMonth: (volume) => tieredEgressUsd(list, Math.max(volume, 0)),
    free: freeEgressOf(list),
    usdPerGigabyte: Number(list.tiers[0]?.usdPerGigabyte),
    source: list.source,
    sourceDate: list.sourceDate,
    confidence: list.confidence as Confidence,
  };
}

function interRegionPrice(providerId: string, from: EgressEnd, to: EgressEnd): InterRegionPrice | undefined {
  const ofProvider = INTER_REGION_PRICES.filter((price) => price.providerId === providerId);
  const covers = (countries: readonly string[] | null, country: string | undefined) =>
    countries === null || (country !== undefined && countries.includes(country));
  return (
    ofProvider.find(({ fromRegionIds }) => from.regionId !== undefined && fromRegionIds.includes(from.regionId)) ??
    ofProvider.find(
      ({ fromRegionIds, fromCountries, toCountries }) =>
        fromRegionIds.length === 0 && covers(fromCountries, from.country) && covers(toCountries, to.country),
    )
  );
}

const free = (basis: EgressBasis, source: string): EgressRate => ({
  basis,
  usdPerMonth: () => 0,
  free: null,
  usdPerGigabyte: 0,
  source,
  sourceDate: null,
  confidence: 'derived',
});

const linear = (
  basis: EgressBasis,
  usdPerGigabyte: number,
  source: string,
  sourceDate: string | null,
  confidence: Confidence,
): EgressRate => ({
  basis,
  usdPerMonth: (volume) => usdPerGigabyte * Math.max(volume, 0),
  free: null,
  usdPerGigabyte,
  source,
  sourceDate,
  confidence,
});
