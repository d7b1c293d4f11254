/** Internet egress by the tiered public price lists of the large clouds. Traffic into a cloud is free at all of them. */
import { unitAmount } from '../money.ts';
import { type AssumptionLog, type Quantity, sourcedDefault } from './assumption.ts';
import egressPrices from './egress-prices.json' with { type: 'json' };
import { type DraftItem, lineItem } from './line-item.ts';

interface EgressTier {
  /** Cumulative monthly volume at which the tier ends; null: no end. */
  readonly upToGigabytes: number | null;
  readonly usdPerGigabyte: string;
}

interface EgressPrice {
  readonly providerId: string;
  /** Regions it holds for; empty: see `countries`. */
  readonly regionIds: readonly string[];
  /** Countries whose regions it holds for; null: every region of the provider not named elsewhere. */
  readonly countries: readonly string[] | null;
  readonly freeGigabytesPerMonth: number;
  readonly tiers: readonly EgressTier[];
  readonly source: string;
  readonly sourceDate: string;
  readonly confidence: string;
}

const EGRESS_PRICES: readonly EgressPrice[] = egressPrices;

export const EGRESS_USD_PER_GB = sourcedDefault({
  id: 'network.egress_usd_per_gb',
  field: '/egressUsdPerGb',
  value: 0.05,
  unit: 'USD/GB',
  range: { low: 0.005, high: 0.12 },
  kind: 'assumed',
  source: 'between transit at 0.005 and the list prices of large clouds at 0.05-0.18 USD/GB',
  reason: 'No public egress price of this provider and region is known',
});

interface EgressPlace {
  readonly regionId?: string | null | undefined;
  readonly providerId?: string | null | undefined;
  readonly country?: string | null | undefined;
  /** The caller's own price. */
  readonly usdPerGb?: number | undefined;
}

/** The price list of a place: its region's, else its provider's for the country; undefined where none is known. */
export function egressPriceFor(place: EgressPlace): EgressPrice | undefined {
  const regionId = place.regionId ?? null;
  const country = place.country ?? null;
  const providerId = place.providerId ?? regionId?.split('/')[0];
  const ofProvider = EGRESS_PRICES.filter((price) => price.providerId === providerId);
  return (
    ofProvider.find((price) => regionId !== null && price.regionIds.includes(regionId)) ??
    ofProvider.find((price) => country !== null && price.countries?.includes(country) === true) ??
    ofProvider.find((price) => price.regionIds.length === 0 && price.countries === null)
  );
}

/** What of a month's traffic costs nothing. An account has it once, whatever it sends and from where. */
export interface FreeEgress {
  /** The provider that gives it. */
  readonly account: string;
  /** GB (10^9 bytes) a month. */
  readonly gigabytes: number;
  /** What each of them would cost by the list of the sender. */
  readonly usdPerGigabyte: number;
}

/** Null where every GB is paid for. */
export function freeEgressOf({ providerId, freeGigabytesPerMonth, tiers }: EgressPrice): FreeEgress | null {
  const [first] = tiers;
  return freeGigabytesPerMonth > 0 && first !== undefined
    ? { account: providerId, gigabytes: freeGigabytesPerMonth, usdPerGigabyte: Number(first.usdPerGigabyte) }
    : null;
}

/** USD for a month's volume: the free volume first, then tier by tier. Volumes in GB (10^9 bytes). */
export function tieredEgressUsd(price: EgressPrice, gigabytesPerMonth: number): number {
  let total = 0;
  let from = price.freeGigabytesPerMonth;
  for (const { upToGigabytes, usdPerGigabyte } of price.tiers) {
    const end = Math.min(upToGigabytes ?? gigabytesPerMonth, gigabytesPerMonth);
    if (end > from) {
      total += (end - from) * Number(usdPerGigabyte);
      from = end;
    }
  }
  return total;
}

/** Egress of one month. */
export function egressItem(gigabytesPerMonth: Quantity, place: EgressPlace, log: AssumptionLog): DraftItem {
  const price = place.usdPerGb === undefined ? egressPriceFor(place) : undefined;
  const volume = gigabytesPerMonth.value;
  const average: Quantity =
    price === undefined || volume <= 0
      ? log.resolve(place.usdPerGb, EGRESS_USD_PER_GB)
      : {
          value: tieredEgressUsd(price, volume) / volume,
          unit: 'USD/GB, average over the tiers',
          source: `${price.source}, ${price.sourceDate} (${price.confidence})`,
          factors: [],
          assumptionId: null,
        };
  return lineItem({
    id: 'network',
    label: 'Internet egress',
    category: 'network',
    formula: 'gigabytesPerMonth x pricePerGigabyte',
    quantity: volume,
    unitAmount: unitAmount(average.value),
    currency: 'USD',
    inputs: { gigabytesPerMonth, pricePerGigabyte: average },
  });
}
