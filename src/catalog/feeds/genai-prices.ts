/**
 * Token prices of pydantic/genai-prices: providers with models, in dollars a million tokens, with tiers by prompt length
 * and conditions by date or time of day. Of several conditions that hold the last one wins.
 */
import type { CanonicalRow } from '../sync/canonical-row.ts';
import { amountOf } from './amounts.ts';
import { type Feed, type FeedInput, type FeedItem, type FeedOptions, skipped, withoutRepetitions } from './feed.ts';
import { type JsonPath, jsonValues } from './json-values.ts';
import { catalogProvider, DEARER_FOR_LONG_PROMPTS, type TokenUnit, tokenRow, tokenSku } from './token-prices.ts';

interface Tiered {
  readonly base: string;
  /** Prompt tokens from which a price holds. */
  readonly tiers: readonly { readonly start: string; readonly price: string }[];
}
type Prices = Readonly<Record<string, string | Tiered>>;

interface Conditional {
  readonly constraint?: { readonly start_date?: string; readonly start_time?: string };
  readonly prices: Prices;
}

interface Model {
  readonly id: string;
  readonly prices: Prices | readonly Conditional[];
}

interface Provider {
  readonly id: string;
  readonly models: readonly Model[];
}

const UNITS: Readonly<Record<string, TokenUnit>> = {
  input_mtok: 'million_input_tokens',
  output_mtok: 'million_output_tokens',
  cache_read_mtok: 'million_cached_input_tokens',
};

/** Of requests whose prompt reaches the start of a tier. */
const LONG_UNITS: Readonly<Record<string, TokenUnit>> = {
  input_mtok: 'million_long_input_tokens',
  output_mtok: 'million_long_output_tokens',
  cache_read_mtok: 'million_long_cached_input_tokens',
};

/** Resold through Hugging Face; those here have no list of their own in the file. */
const RESOLD = 'huggingface_';
const RESOLD_ONLY: ReadonlySet<string> = new Set(['hyperbolic', 'nebius', 'nscale', 'publicai', 'sambanova']);

const isList = (prices: Model['prices']): prices is readonly Conditional[] => Array.isArray(prices);

function* itemsOfPrices(
  provider: string,
  model: Model,
  prices: Prices,
  options: FeedOptions,
  validFrom: string | undefined,
): Generator<FeedItem> {
  for (const [name, price] of Object.entries(prices)) {
    const unit = UNITS[name];
    const tiered = typeof price === 'object';
    const amount = amountOf(tiered ? price.base : price);
    const starts = validFrom !== undefined && { validFrom: `${validFrom}T00:00:00Z` };
    const row = (of: TokenUnit, usd: string, more: Partial<CanonicalRow>) =>
      tokenRow(
        provider,
        tokenSku(model.id),
        of,
        usd,
        { source: 'pydantic/genai-prices', licence: 'MIT', date: options.date },
        options,
        { ...more, ...starts },
      );
    if (unit === undefined)
      yield skipped(name === 'cache_write_mtok' ? 'a price of writing a cache' : 'by another unit than text tokens');
    else if (amount === undefined) yield skipped('zero: free, unknown or not sold');
    else {
      yield row(unit, amount, tiered ? { flags: DEARER_FOR_LONG_PROMPTS } : {});
      for (const tier of tiered ? price.tiers : []) {
        const long = amountOf(tier.price);
        if (long === undefined) yield skipped('zero: free, unknown or not sold');
        else yield row(LONG_UNITS[name] as TokenUnit, long, { tierFrom: Number(tier.start) / 1e6 });
      }
    }
  }
}

function* itemsOf(provider: string, model: Model, options: FeedOptions): Generator<FeedItem> {
  if (!isList(model.prices)) {
    yield* itemsOfPrices(provider, model, model.prices, options, undefined);
    return;
  }
  const alternatives = model.prices;
  const count = (prices: Prices): number => Object.keys(prices).length;
  if (alternatives.some(({ constraint }) => constraint?.start_time !== undefined)) {
    // Neither the one nor the other price would be right for a whole day.
    yield skipped(
      'a price by time of day',
      alternatives.reduce((sum, { prices }) => sum + count(prices), 0),
    );
    return;
  }
  const today = options.date;
  const starts = alternatives.flatMap(({ constraint }) => constraint?.start_date ?? []);
  const started = starts.some((date) => today !== undefined && date <= today);
  for (const { constraint, prices } of alternatives) {
    if (constraint?.start_date !== undefined) {
      yield* itemsOfPrices(provider, model, prices, options, constraint.start_date);
    } else if (started) {
      yield skipped('superseded at a date, and from when it held is not stated', count(prices));
    } else if (starts.length > 0 && today === undefined) {
      yield skipped('holds until a date; give the date of the file', count(prices));
    } else {
      // It held on the day of the file; sent after the start of the next, it must not take that one's place.
      yield* itemsOfPrices(provider, model, prices, options, starts.length > 0 ? today : undefined);
    }
  }
}

const isProvider = (path: JsonPath): boolean => path.length === 1;

async function* convert(input: FeedInput, options: FeedOptions): AsyncGenerator<FeedItem> {
  for await (const { value } of jsonValues(input, isProvider)) {
    const { id, models } = value as Provider;
    const resold = id.startsWith(RESOLD);
    const name = resold ? id.slice(RESOLD.length) : id;
    for (const model of models) {
      if (resold && !RESOLD_ONLY.has(name)) yield skipped('resold; the provider’s own list stands in the file too');
      else yield* itemsOf(catalogProvider(name), model, options);
    }
  }
}

export const genaiPrices: Feed = {
  format: 'genai-prices',
  mediaType: 'application/vnd.price-feed.genai-prices+json',
  description: 'Token prices of pydantic/genai-prices (data.json).',
  convert: (input, options) => withoutRepetitions(convert(input, options)),
};
