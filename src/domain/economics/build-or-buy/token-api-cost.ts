/**
 * The same traffic through a token API: prompt, cached and output tokens at their prices, those that can wait at the batch
 * price, requests with long prompts at theirs, and volume tiers each for the tokens within it.
 */
import type { Offer, Price, PriceUnit } from '../../catalog/offers.ts';
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { LengthDistribution } from '../../inference/step/lengths.ts';
import { scaleUnitAmount } from '../../money.ts';
import { rangeFactor, type UncertainFactor } from '../../uncertainty/band.ts';
import { exactly } from '../assumption.ts';
import { type DraftItem, lineItem } from '../line-item.ts';
import { priceFactorWithSources } from '../price-uncertainty.ts';
import { lastSeenAt, type PriceUse, priceUse } from '../price-use.ts';
import { longerThan } from './long-prompts.ts';

export interface TokenTraffic {
  /** Million tokens a month. */
  readonly promptMillions: number;
  readonly outputMillions: number;
  readonly promptTokens: LengthDistribution;
  /** Share of prompt tokens in the prefix cache. */
  readonly cachedShare: number;
  /** Share of all tokens that may wait. */
  readonly batchShare: number;
}

interface TokenApiCost {
  readonly drafts: readonly DraftItem[];
  readonly prices: readonly PriceUse[];
  /** What the offer does not have a price for, and what was taken instead. */
  readonly remarks: readonly string[];
}

/**
 * Half the price for answers within a day, where the catalog has no batch price of the offer: OpenAI, Anthropic, Google,
 * Mistral, Amazon Bedrock, Azure, Groq, Together and Fireworks publish the same discount for all their models, and those
 * of the catalog's batch prices say it too. Others are taken to have none.
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

/** Tokens of one kind, paid at one price. */
interface Charge {
  readonly id: string;
  readonly label: string;
  readonly millions: number;
  readonly price: Priced;
  /** Of the price, where it stands for another. */
  readonly share: number;
  readonly note: string;
}

/** Prices of requests with prompts from one length on; the first are those of every request that is not long. */
interface Band {
  /** Million prompt tokens. */
  readonly from: number;
  readonly suffix: string;
  readonly words: string;
  readonly input: readonly Priced[];
  readonly cached: readonly Priced[];
  readonly output: readonly Priced[];
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
      (price): price is Priced => price.category === 'token' && price.amount !== null && price.currency === 'USD',
    );
  const pricesOf = (unit: PriceUnit): readonly Priced[] =>
    published.filter((price) => price.unit === unit).sort((a, b) => a.tierFrom - b.tierFrom);
  const bands = bandsOf(pricesOf);
  const [usual] = bands;
  if (usual === undefined || usual.input.length === 0) return null;
  if (usual.output.length === 0 && traffic.outputMillions > 0) return null;

  const batch = batchOf(offer, pricesOf);
  const charges = bands.flatMap((band, index) => {
    const beyond = bands[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return chargesOf(band, shareBetween(traffic.promptTokens, band.from, beyond), traffic, usual, batch);
  });
  const uses = new Map<string, { use: PriceUse; factor: UncertainFactor }>();
  const drafts = charges.map((charge) => {
    const { price } = charge;
    const known = uses.get(price.id);
    const use = known?.use ?? priceUse(offer, price, at);
    const factor = known?.factor ?? tokenFactor(snapshot, use, at);
    uses.set(price.id, { use, factor });
    return draftOf(charge, use, factor);
  });
  const long = charges.some(({ id }) => id.includes('.long'));
  return {
    drafts,
    prices: [...uses.values()].map(({ use }) => use),
    remarks: [
      ...(usual.cached.length === 0 && traffic.cachedShare > 0
        ? ['No price of cached tokens is known: all prompt tokens are paid in full.']
        : []),
      ...(traffic.batchShare > 0 && batch === null ? ['No batch price is known: all requests are paid in full.'] : []),
      ...(traffic.batchShare > 0 && batch === 'half'
        ? ['The batch price is the half that the provider publishes for all its models, not a price of the catalog.']
        : []),
      ...(long ? ['Requests with long prompts are paid at the prices for them.'] : []),
      ...([...uses.values()].some(({ use }) => use.stale) ? ['A price is too old to be sure of.'] : []),
    ],
  };
}

function bandsOf(pricesOf: (unit: PriceUnit) => readonly Priced[]): readonly Band[] {
  const input = pricesOf('million_input_tokens');
  const output = pricesOf('million_output_tokens');
  const cached = pricesOf('million_cached_input_tokens');
  const long = pricesOf('million_long_input_tokens');
  const at = (unit: PriceUnit, from: number, instead: readonly Priced[]): readonly Priced[] => {
    const found = pricesOf(unit).filter(({ tierFrom }) => tierFrom === from);
    return found.length > 0 ? found : instead;
  };
  return [
    { from: 0, suffix: '', words: '', input, output, cached },
    ...long.map((price) => ({
      from: price.tierFrom,
      suffix: `.long-${price.tierFrom}`,
      words: ` of requests with prompts of ${price.tierFrom} million tokens and more`,
      input: [price],
      output: at('million_long_output_tokens', price.tierFrom, output),
      cached: at('million_long_cached_input_tokens', price.tierFrom, cached),
    })),
  ];
}

function shareBetween(prompts: LengthDistribution, from: number, to: number) {
  const above = longerThan(prompts, from * 1e6);
  const beyond = Number.isFinite(to) ? longerThan(prompts, to * 1e6) : { requests: 0, promptTokens: 0 };
  return {
    requests: above.requests - beyond.requests,
    promptTokens: above.promptTokens - beyond.promptTokens,
  };
}

/** The offer's own batch prices, half of the others by the provider's rule, or none. */
type Batch = { readonly input: readonly Priced[]; readonly output: readonly Priced[] } | 'half' | null;

function batchOf({ providerId }: Offer, pricesOf: (unit: PriceUnit) => readonly Priced[]): Batch {
  const input = pricesOf('million_batch_input_tokens');
  if (input.length > 0) return { input, output: pricesOf('million_batch_output_tokens') };
  return BATCH_PROVIDERS.has(providerId) ? 'half' : null;
}

function chargesOf(
  band: Band,
  share: ReturnType<typeof shareBetween>,
  { promptMillions, outputMillions, cachedShare, batchShare }: TokenTraffic,
  usual: Band,
  batch: Batch,
): Charge[] {
  const prompt = promptMillions * share.promptTokens;
  const output = outputMillions * share.requests;
  const batched = batch === null ? 0 : batchShare;
  const hits = band.cached.length === 0 ? 0 : cachedShare;
  const own = batch === 'half' || batch === null ? null : batch;
  // long prompts in batches: their price as that of all is to that of batches
  const ratio = (prices: readonly Priced[], all: readonly Priced[]): number =>
    prices === all ? 1 : Number(prices[0]?.amount ?? 0) / (Number(all[0]?.amount) || 1);
  const waiting = (id: string, label: string, millions: number, of: 'input' | 'output'): Charge[] => {
    const prices = own?.[of] ?? [];
    return prices.length > 0
      ? graduated(`${id}${band.suffix}.batch`, `${label} in batches${band.words}`, millions, prices, {
          share: ratio(band[of], usual[of]),
          note: '',
        })
      : graduated(`${id}${band.suffix}.batch`, `${label} in batches${band.words}`, millions, band[of], {
          share: BATCH_PRICE_SHARE,
          note: ', half of it for batches',
        });
  };
  const now = { share: 1, note: '' };
  const named = (id: string, label: string) => [`${id}${band.suffix}`, `${label}${band.words}`] as const;
  return [
    ...graduated(...named('tokens.input', 'Prompt tokens'), prompt * (1 - hits) * (1 - batched), band.input, now),
    ...graduated(
      ...named('tokens.cached', 'Prompt tokens found in the cache'),
      prompt * hits * (1 - batched),
      band.cached,
      now,
    ),
    ...graduated(...named('tokens.output', 'Output tokens'), output * (1 - batched), band.output, now),
    ...waiting('tokens.input', 'Prompt tokens', prompt * batched, 'input'),
    ...waiting('tokens.output', 'Output tokens', output * batched, 'output'),
  ];
}

/** A token: what a distribution of lengths leaves beyond a bound that no prompt reaches is nothing to be paid for. */
const LEAST_MILLIONS = 1e-6;

/** Volume tiers: each price holds for the tokens of a month within its bounds. */
function graduated(
  id: string,
  label: string,
  millions: number,
  prices: readonly Priced[],
  { share, note }: Pick<Charge, 'share' | 'note'>,
): Charge[] {
  // prices for long prompts have the length of the prompt where others have a volume
  const tiers = prices.map((price) => ({ price, from: price.unit.startsWith('million_long') ? 0 : price.tierFrom }));
  return tiers.flatMap(({ price, from }, index): Charge[] => {
    const least = index === 0 ? 0 : from;
    const within = Math.min(millions, tiers[index + 1]?.from ?? Number.POSITIVE_INFINITY) - least;
    if (within < LEAST_MILLIONS) return [];
    const tier = index === 0 ? { id, label } : { id: `${id}.from-${from}`, label: `${label}, beyond ${from} million` };
    return [{ ...tier, millions: within, price, share, note }];
  });
}

const draftOf = (
  { id, label, millions, price, share, note }: Charge,
  use: PriceUse,
  factor: UncertainFactor,
): DraftItem =>
  lineItem({
    id,
    label,
    category: 'compute',
    formula: 'millionTokens x pricePerMillion',
    quantity: millions,
    unitAmount: scaleUnitAmount(price.amount, share),
    currency: 'USD',
    inputs: {
      millionTokens: exactly(millions, 'million tokens a month', 'requests x mean length'),
      pricePerMillion: {
        value: Number(price.amount) * share,
        unit: 'USD per million tokens',
        source: `${use.source}, observed ${lastSeenAt(use).slice(0, 10)}${note}`,
        factors: [factor],
        assumptionId: null,
      },
    },
    priceId: use.priceId,
  });

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
