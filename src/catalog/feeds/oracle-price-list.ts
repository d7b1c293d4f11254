/** Answer of Oracle's price list API: part numbers, each with one price for all regions, in tiers and currencies. */
import { amountOf } from './amounts.ts';
import { datedBy, describe, type Feed, type FeedItem, type FeedOptions, skipped, slug } from './feed.ts';
import { type JsonPath, jsonValues } from './json-values.ts';

interface Item {
  readonly partNumber?: string;
  readonly displayName?: string;
  readonly metricName?: string;
  readonly currencyCodeLocalizations?: readonly {
    readonly currencyCode: string;
    readonly prices: readonly { readonly model?: string; readonly value?: string; readonly rangeMin?: string }[];
  }[];
}

const PROVIDER = 'oci';

/** "Compute - Bare Metal GPU Standard - X7", "B88517" -> "gpu-standard-x7-B88517". */
const skuOf = (name: string, partNumber: string): string =>
  `${slug(name.slice(Math.max(0, name.indexOf('GPU'))))}-${partNumber}`;

function* itemsOf(
  { partNumber, displayName = '', metricName, currencyCodeLocalizations = [] }: Item,
  options: FeedOptions,
): Generator<FeedItem> {
  const prices = currencyCodeLocalizations.flatMap(({ currencyCode, prices }) =>
    prices.map((price) => ({ currency: currencyCode, ...price })),
  );
  if (partNumber === undefined || metricName !== 'GPU Per Hour') {
    yield skipped('not a GPU by the hour', Math.max(1, prices.length));
    return;
  }
  const sku = skuOf(displayName, partNumber);
  const description = describe(options, PROVIDER, sku, { kind: 'accelerator', deviceCount: 1 });
  for (const { currency, model, value, rangeMin } of prices) {
    const amount = amountOf(value);
    if (model !== 'PAY_AS_YOU_GO') yield skipped('another model than pay as you go');
    else if (amount === undefined) yield skipped('no amount above zero');
    else {
      yield {
        row: {
          provider: PROVIDER,
          sku,
          ...description,
          category: 'on_demand',
          ...(Number(rangeMin ?? 0) > 0 && { tierFrom: Number(rangeMin) }),
          unit: 'hour',
          amount,
          currency,
          source: 'Oracle price list API',
          confidence: 'vendor',
          notes: displayName,
          ...datedBy(options.date),
          flags: ['region_availability_not_stated', datedBy(options.date).flags].filter(Boolean).join(' '),
        },
      };
    }
  }
}

const isItem = (path: JsonPath): boolean => path.length === 2 && path[0] === 'items';

export const oraclePriceList: Feed = {
  format: 'oracle-price-list',
  mediaType: 'application/vnd.price-feed.oracle-price-list+json',
  description: 'Answer of the Oracle price list API (JSON); GPUs by the hour.',
  async *convert(input, options) {
    for await (const { value } of jsonValues(input, isItem)) yield* itemsOf(value as Item, options);
  },
};
