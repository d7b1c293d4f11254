/** Token prices as LiteLLM keeps them: `{<model>: {input_cost_per_token, litellm_provider, ...}}`, in dollars a token. */
import { amountOf } from './amounts.ts';
import { type Feed, type FeedItem, type FeedOptions, skipped, withoutRepetitions } from './feed.ts';
import { jsonValues } from './json-values.ts';
import { catalogProvider, DEARER_FOR_LONG_PROMPTS, type TokenUnit, tokenRow, tokenSku } from './token-prices.ts';

type Entry = Readonly<Record<string, unknown>>;

const UNITS: Readonly<Record<string, TokenUnit>> = {
  input_cost_per_token: 'million_input_tokens',
  output_cost_per_token: 'million_output_tokens',
  cache_read_input_token_cost: 'million_cached_input_tokens',
  input_cost_per_token_batches: 'million_batch_input_tokens',
  output_cost_per_token_batches: 'million_batch_output_tokens',
};

const LONG_UNITS: Readonly<Record<string, TokenUnit>> = {
  input_cost_per_token: 'million_long_input_tokens',
  output_cost_per_token: 'million_long_output_tokens',
  cache_read_input_token_cost: 'million_long_cached_input_tokens',
};

/** "input_cost_per_token_above_200k_tokens": of requests with such prompts. */
function priceOf(field: string): { readonly unit: TokenUnit; readonly tierFrom?: number } | undefined {
  const long = /^(.+)_above_(\d+)k_tokens$/.exec(field);
  const unit = long === null ? UNITS[field] : LONG_UNITS[long[1] as string];
  if (unit === undefined) return undefined;
  return long === null ? { unit } : { unit, tierFrom: Number(long[2]) / 1e3 };
}

const reasonToSkip = (field: string): string => {
  if (/_above_\d+k_tokens$/.test(field)) return 'by another unit than text tokens';
  if (/batch/.test(field)) return 'a price of batch requests under another name';
  if (/cache_creation|cache_hit/.test(field)) return 'a price of writing a cache, or of a hit under another name';
  if (/reasoning/.test(field)) return 'a price of reasoning tokens apart';
  return 'by another unit than text tokens';
};

function* itemsOf(model: string, entry: Entry, options: FeedOptions): Generator<FeedItem> {
  const named = entry.litellm_provider;
  if (typeof named !== 'string') {
    yield skipped('no provider named');
    return;
  }
  const provider = catalogProvider(named);
  const sku = tokenSku(model.startsWith(`${named}/`) ? model.slice(named.length + 1) : model);
  const byLength = Object.keys(entry).some((field) => /_cost_per_token_above_\d+k_tokens$/.test(field));
  for (const [field, value] of Object.entries(entry)) {
    if (!/cost/.test(field) || (typeof value === 'object' && value !== null && !/search/.test(field))) continue;
    const price = priceOf(field);
    const amount = amountOf(value, 1e6);
    if (price === undefined) yield skipped(reasonToSkip(field));
    else if (amount === undefined) yield skipped('zero: free, unknown or not sold');
    else {
      yield tokenRow(
        provider,
        sku,
        price.unit,
        amount,
        { source: 'LiteLLM model prices', licence: 'MIT', date: options.date },
        options,
        price.tierFrom !== undefined
          ? { tierFrom: price.tierFrom }
          : byLength && !price.unit.includes('batch')
            ? { flags: DEARER_FOR_LONG_PROMPTS }
            : {},
      );
    }
  }
}

async function* convert(input: Parameters<Feed['convert']>[0], options: FeedOptions): AsyncGenerator<FeedItem> {
  for await (const { path, value } of jsonValues(input, ({ length }) => length === 1)) {
    if (path[0] !== 'sample_spec') yield* itemsOf(String(path[0]), value as Entry, options);
  }
}

export const litellm: Feed = {
  format: 'litellm',
  mediaType: 'application/vnd.price-feed.litellm+json',
  description: 'Token prices in the format of LiteLLM (model_prices_and_context_window.json).',
  convert: (input, options) => withoutRepetitions(convert(input, options)),
};
