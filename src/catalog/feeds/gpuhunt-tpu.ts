/** tpu_pricing.json of dstackai/gpuhunt: `{<TPU>: {<region>: {"On Demand (USD)", "Spot (USD)"}}}`, by the chip-hour. */
import { amountOf } from './amounts.ts';
import { datedBy, describe, type Feed, skipped, slug } from './feed.ts';
import { jsonValues } from './json-values.ts';

const PROVIDER = 'gcp';
const CATEGORIES = { 'On Demand (USD)': 'on_demand', 'Spot (USD)': 'spot' } as const;

export const gpuhuntTpu: Feed = {
  format: 'gpuhunt-tpu',
  mediaType: 'application/vnd.price-feed.gpuhunt-tpu+json',
  description: 'tpu_pricing.json of gpuhunt: Google TPUs by the chip-hour.',
  async *convert(input, options) {
    for await (const { path, value } of jsonValues(input, ({ length }) => length === 2)) {
      const sku = slug(String(path[0]));
      const description = describe(options, PROVIDER, sku, { kind: 'accelerator', deviceCount: 1 });
      for (const [field, category] of Object.entries(CATEGORIES)) {
        const text = (value as Record<string, unknown>)[field];
        const amount = amountOf(text);
        if (amount === undefined) yield skipped('no amount above zero');
        else {
          yield {
            row: {
              provider: PROVIDER,
              region: String(path[1]),
              sku,
              ...description,
              category,
              unit: 'hour',
              amount,
              currency: 'USD',
              source: 'dstackai/gpuhunt tpu_pricing.json',
              licence: 'MPL-2.0',
              confidence: 'third_party',
              ...datedBy(options.date),
            },
          };
        }
      }
    }
  },
};
