/**
 * Pages of the Azure Retail Prices API, one JSON document after another (`{Items: [...], NextPageLink, Count}`).
 * https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
 */
import type { CanonicalRow } from '../sync/canonical-row.ts';
import { amountOf, stated } from './amounts.ts';
import { datedBy, describe, type Feed, type FeedItem, type FeedOptions, skipped } from './feed.ts';
import { type JsonPath, jsonValues } from './json-values.ts';

interface Item {
  readonly currencyCode?: string;
  readonly tierMinimumUnits?: string;
  readonly retailPrice?: string;
  readonly armRegionName?: string;
  readonly effectiveStartDate?: string;
  /** Until when a price holds that is known to end. */
  readonly effectiveEndDate?: string | null;
  readonly productName?: string;
  readonly skuName?: string;
  readonly serviceName?: string;
  readonly unitOfMeasure?: string;
  readonly type?: string;
  readonly isPrimaryMeterRegion?: boolean;
  readonly armSkuName?: string;
  readonly reservationTerm?: string;
  readonly savingsPlan?: readonly unknown[];
}

const PROVIDER = 'azure';
const TERM_MONTHS: Readonly<Record<string, number>> = { '1 Year': 12, '3 Years': 36, '5 Years': 60 };

const reasonToSkip = (item: Item): string | undefined => {
  if (item.serviceName !== 'Virtual Machines') return 'another service than Virtual Machines';
  if (!item.armSkuName || !item.armRegionName) return 'no SKU or region';
  if (/windows/i.test(item.productName ?? '')) return 'another operating system than Linux';
  if (/cloud ?services|dedicated host/i.test(item.productName ?? '')) return 'Cloud Services and dedicated hosts';
  if (/low priority/i.test(item.skuName ?? '')) return 'low priority, which spot has replaced';
  if (item.unitOfMeasure !== '1 Hour') return 'another unit than the hour';
  if (item.isPrimaryMeterRegion === false) return 'a meter that stands under its own region too';
  if (Number(item.tierMinimumUnits ?? 0) > 0) return 'a price by volume';
  return undefined;
};

/** A reservation is quoted as the sum over its term, which is also what all of it upfront costs. */
const howItIsBought = (
  item: Item,
): Pick<CanonicalRow, 'category' | 'termMonths' | 'payment' | 'amount' | 'upfront'> | string => {
  const amount = amountOf(item.retailPrice);
  if (amount === undefined) return 'no amount above zero';
  if (item.type === 'Consumption') {
    return { category: /spot/i.test(item.skuName ?? '') ? 'spot' : 'on_demand', amount };
  }
  if (item.type !== 'Reservation') return 'another way of buying than consumption and reservation';
  const termMonths = TERM_MONTHS[item.reservationTerm ?? ''];
  if (termMonths === undefined) return 'another term than one, three or five years';
  return { category: 'committed', termMonths, payment: 'all_upfront', amount: '0', upfront: amount };
};

function* itemsOf(item: Item, options: FeedOptions): Generator<FeedItem> {
  if ((item.savingsPlan?.length ?? 0) > 0) yield skipped('savings plans', item.savingsPlan?.length ?? 0);
  const how = reasonToSkip(item) ?? howItIsBought(item);
  if (typeof how === 'string') {
    yield skipped(how);
    return;
  }
  const sku = String(item.armSkuName);
  const row: CanonicalRow = {
    provider: PROVIDER,
    region: String(item.armRegionName),
    sku,
    ...describe(options, PROVIDER, sku, { kind: 'instance', deviceCount: 0 }),
    ...how,
    unit: 'hour',
    currency: item.currencyCode ?? 'USD',
    ...stated({ validFrom: item.effectiveStartDate }),
    source: 'Azure Retail Prices API',
    confidence: 'vendor',
    // Only dollars are what is paid; amounts in other currencies are for reference, says the documentation.
    ...datedBy(options.date),
  };
  yield { row };
  const validFrom = endOf(item);
  if (validFrom === undefined) return;
  const { amount: _amount, upfront: _upfront, ...identity } = row;
  yield { row: { ...identity, state: 'withdrawn', validFrom } };
}

/** A millisecond early: a price that follows begins at that moment or a second later, and one moment has one statement. */
const endOf = ({ effectiveEndDate }: Item): string | undefined => {
  const ms = Date.parse(effectiveEndDate ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms - 1).toISOString();
};

const isItem = (path: JsonPath): boolean => path.length === 2 && path[0] === 'Items';

export const azureRetailPrices: Feed = {
  format: 'azure-retail-prices',
  mediaType: 'application/vnd.price-feed.azure-retail-prices+json',
  description: 'Pages of the Azure Retail Prices API (JSON documents one after another).',
  async *convert(input, options) {
    for await (const { value } of jsonValues(input, isItem)) yield* itemsOf(value as Item, options);
  },
};
