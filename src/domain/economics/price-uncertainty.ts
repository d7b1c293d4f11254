/**
 * How far the price that will be paid may lie from the price in the catalog. A list price read recently is what one
 * pays; an old one may have missed a cut; spot moves; sources disagree.
 */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { assumedFactor, rangeFactor, sourcedFactor, type UncertainFactor } from '../uncertainty/band.ts';
import { isStale, type PriceUse } from './price-use.ts';

const FRESH_LIST = sourcedFactor(
  'price/list/fresh',
  0.97,
  1.02,
  'List prices read recently: 9 price changes over 1,367 instance types in 36 snapshots of AWS us-east-1, Oct 2023 - Jul 2026',
);
const STALE_LIST = sourcedFactor(
  'price/list/stale',
  0.67,
  1.03,
  'Old list prices: the AWS cut of 2025-06-23 took 25 % (p5en), 33 % (p4d) and 44 % (p5) off prices that had stood for years',
);
const FRESH_SPOT = assumedFactor(
  'price/spot/fresh',
  0.8,
  1.3,
  'Spot moves within a month: Google changed 5,800-14,800 of 17,400 spot prices about monthly, Jul 2025 - Jul 2026; the size of the moves is assumed',
);
const STALE_SPOT = assumedFactor('price/spot/stale', 0.6, 1.7, 'Spot price older than a month; range assumed');
const CAPACITY_BLOCK = assumedFactor(
  'price/capacity-block',
  0.85,
  1.15,
  'Capacity-block prices are set per block; range assumed',
);
const PURCHASE = sourcedFactor(
  'price/purchase',
  0.78,
  1.25,
  'Street prices of accelerators: 25,000-40,000 USD quoted for an H100 around 31,905 USD (Epoch AI hardware prices, 2025-01)',
);

const AGREED = sourcedFactor('price/agreed', 1, 1, 'A price agreed in a contract is what is paid');

/** The factor of a catalog price at the age it has in this answer. The caller's own price has none. */
export function priceFactor(use: PriceUse): UncertainFactor {
  if (use.layer?.kind === 'contract' || use.layer?.kind === 'purchase_agreement') return AGREED;
  switch (use.category) {
    case 'spot':
      return use.stale ? STALE_SPOT : FRESH_SPOT;
    case 'capacity_block':
      return CAPACITY_BLOCK;
    case 'purchase':
      return PURCHASE;
    default:
      return use.stale ? STALE_LIST : FRESH_LIST;
  }
}

interface SourceDisagreement {
  readonly lowest: number;
  readonly highest: number;
  readonly sources: readonly string[];
}

/**
 * What other sources say of the same price at the same time, as a share of the winning amount; null where none does. A source that
 * has not looked for so long that its price is stale may have missed a change; it does not contradict who has looked since.
 */
export function sourceDisagreement(snapshot: CatalogSnapshot, use: PriceUse, at: string): SourceDisagreement | null {
  const winning = Number(use.amount);
  if (!(winning > 0)) return null;
  const others = snapshot
    .pricesOfSources(use.priceId, at)
    .filter(
      (row) =>
        row.amount !== null &&
        row.currency === use.currency &&
        row.sourceId !== use.sourceId &&
        (use.stale || !isStale(row, at)),
    );
  if (others.length === 0) return null;
  const ratios = others.map((row) => Number(row.amount) / winning);
  return {
    lowest: Math.min(1, ...ratios),
    highest: Math.max(1, ...ratios),
    sources: [...new Set(others.map((row) => row.sourceId))],
  };
}

/** The category's factor, widened to what the sources say where they disagree by more than it covers. */
export function priceFactorWithSources(snapshot: CatalogSnapshot, use: PriceUse, at: string): UncertainFactor {
  const base = priceFactor(use);
  // What other sources say of the public price does not doubt what this buyer pays.
  if (use.layer !== undefined && use.layer.kind !== 'list') return base;
  const disagreement = sourceDisagreement(snapshot, use, at);
  if (disagreement === null || (disagreement.lowest >= base.p10 && disagreement.highest <= base.p90)) return base;
  const low = Math.min(base.p10, disagreement.lowest);
  const high = Math.max(base.p90, disagreement.highest);
  if (!(low > 0)) return base;
  return rangeFactor(
    `price/sources/${use.priceId}`,
    'sourced',
    low,
    high,
    `Catalog sources disagree on this price: ${use.sourceId} against ${disagreement.sources.join(', ')}`,
  );
}
