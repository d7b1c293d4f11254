/** The same traffic through a token API: prompt, cached and output tokens at their prices, those that can wait at the batch price. */
import type { Offer, Price } from '../../catalog/offers.ts';
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { scaleUnitAmount } from '../../money.ts';
import { rangeFactor, type UncertainFactor } from '../../uncertainty/band.ts';
import { exactly, type Quantity } from '../assumption.ts';
import { type DraftItem, lineItem } from '../line-item.ts';
import { priceFactorWithSources } from '../price-uncertainty.ts';
import { type PriceUse, priceUse } from '../price-use.ts';

export interface TokenTraffic {
  /** Million tokens a month. */
  readonly promptMillions: number;
  readonly outputMillions: number;
  /** Share of prompt tokens in the prefix cache. */
  readonly cachedShare: number;
  /** Share of all tokens that may wait. */
  readonly batchShare: number;
}

export interface TokenApiCost {
  readonly drafts: readonly DraftItem[];
  readonly prices: readonly PriceUse[];
  /** What the offer does not have a price for. */
  readonly remarks: readonly string[];
}

/**
 * Half the price for answers within a day: OpenAI, Anthropic, Google, Mistral, Amazon Bedrock, Azure, Groq, Together and
 * Fireworks publish the same discount. Others are taken to have none.
 */
const BATCH_PRICE_SHARE = 0.5;
const BATCH_PROVIDERS: ReadonlySet<string> = new Set([
  'openai',
  'anthropic',
  'google-gemini',
  'mistral',
  'bedrock',
  'azure-openai',
  'groq',
  'together',
  'fireworks',
]);

type Priced = Price & { readonly amount: string };

/** Offers of tokens of a model, by catalog id; worked out once per snapshot. */
const offersByModel = new WeakMap<CatalogSnapshot, ReadonlyMap<string, readonly Offer[]>>();

export function tokenOffersOf(snapshot: CatalogSnapshot, modelId: string): readonly Offer[] {
  let offers = offersByModel.get(snapshot);
  if (offers === undefined) {
    const tokens = snapshot.offers.filter(({ kind, modelId: of }) => kind === 'token' && of !== null);
    offers = Map.groupBy(tokens, ({ modelId: of }) => of as string);
    offersByModel.set(snapshot, offers);
  }
  return offers.get(modelId) ?? [];
}

/** Null where input or output tokens have no published price in USD at that time. */
export function tokenApiCost(
  snapshot: CatalogSnapshot,
  offer: Offer,
  traffic: TokenTraffic,
  at: string,
): TokenApiCost | null {
  const published = snapshot
    .pricesOfOffer(offer.id, at)
    .filter(
      (price): price is Priced =>
        price.category === 'token' && price.amount !== null && price.currency === 'USD' && price.tierFrom === 0,
    );
  const priceOf = (unit: Price['unit']) => published.find((price) => price.unit === unit);
  const input = priceOf('million_input_tokens');
  const output = priceOf('million_output_tokens');
  if (input === undefined || (output === undefined && traffic.outputMillions > 0)) return null;
  const cached = priceOf('million_cached_input_tokens');
  const uses = new Map<string, { use: PriceUse; factor: UncertainFactor }>();
  const used = (price: Priced) => {
    const known = uses.get(price.id);
    if (known !== undefined) return known;
    const use = priceUse(offer, price, at);
    const entry = { use, factor: tokenFactor(snapshot, use, at) };
    uses.set(price.id, entry);
    return entry;
  };
  const batched = BATCH_PROVIDERS.has(offer.providerId) ? traffic.batchShare : 0;
  const hits = cached === undefined ? 0 : traffic.cachedShare;
  const item = (
    id: string,
    label: string,
    millions: number,
    price: Priced,
    share: number,
    priceShare: number,
  ): DraftItem[] => {
    if (millions * share === 0) return [];
    const { use, factor } = used(price);
    const unitPrice: Quantity = {
      value: Number(price.amount) * priceShare,
      unit: 'USD per million tokens',
      source: `${use.source}, observed ${use.observedAt.slice(0, 10)}${priceShare < 1 ? ', half of it for batches' : ''}`,
      factors: [factor],
      assumptionId: null,
    };
    return [
      lineItem({
        id,
        label,
        category: 'compute',
        formula: 'millionTokens x pricePerMillion',
        quantity: millions * share,
        unitAmount: scaleUnitAmount(price.amount, priceShare),
        currency: 'USD',
        inputs: {
          millionTokens: exactly(millions * share, 'million tokens a month', 'requests x mean length'),
          pricePerMillion: unitPrice,
        },
        priceId: use.priceId,
      }),
    ];
  };
  const drafts = [
    ...item('tokens.input', 'Prompt tokens', traffic.promptMillions, input, (1 - hits) * (1 - batched), 1),
    ...(cached === undefined
      ? []
      : item(
          'tokens.cached',
          'Prompt tokens found in the cache',
          traffic.promptMillions,
          cached,
          hits * (1 - batched),
          1,
        )),
    ...(output === undefined
      ? []
      : item('tokens.output', 'Output tokens', traffic.outputMillions, output, 1 - batched, 1)),
    ...item(
      'tokens.input.batch',
      'Prompt tokens in batches',
      traffic.promptMillions,
      input,
      batched,
      BATCH_PRICE_SHARE,
    ),
    ...(output === undefined
      ? []
      : item(
          'tokens.output.batch',
          'Output tokens in batches',
          traffic.outputMillions,
          output,
          batched,
          BATCH_PRICE_SHARE,
        )),
  ];
  return {
    drafts,
    prices: [...uses.values()].map(({ use }) => use),
    remarks: [
      ...(cached === undefined && traffic.cachedShare > 0
        ? ['No price of cached tokens is known: all prompt tokens are paid in full.']
        : []),
      ...(traffic.batchShare > 0 && batched === 0 ? ['No batch price is known: all requests are paid in full.'] : []),
      ...([...uses.values()].some(({ use }) => use.stale) ? ['A price is too old to be sure of.'] : []),
    ],
  };
}

/** Prices of tokens fall in steps of a third and more; a stale one may have missed one. */
const STALE_TOKENS = rangeFactor(
  'price/token/stale',
  'assumed',
  0.5,
  1.05,
  'Token prices fall in large steps, and an old one may have missed one; range assumed',
);

const tokenFactor = (snapshot: CatalogSnapshot, use: PriceUse, at: string): UncertainFactor =>
  use.stale ? STALE_TOKENS : priceFactorWithSources(snapshot, use, at);
