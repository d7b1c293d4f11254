/** What files of token prices have in common: names of providers, units, rows. */
import type { CanonicalRow } from '../sync/canonical-row.ts';
import { datedBy, describe, type FeedItem, type FeedOptions } from './feed.ts';

export type TokenUnit = Exclude<CanonicalRow['unit'], 'hour' | 'each'>;

/** Names of providers in these files that the catalog has under another one. */
const CATALOG_PROVIDERS: Readonly<Record<string, string>> = {
  aws: 'bedrock',
  bedrock_converse: 'bedrock',
  azure: 'azure-openai',
  azure_ai: 'azure-openai',
  azure_text: 'azure-openai',
  codestral: 'mistral',
  cohere_chat: 'cohere',
  fireworks_ai: 'fireworks',
  gemini: 'google-gemini',
  google: 'google-gemini',
  lambda_ai: 'lambda',
  moonshotai: 'moonshot',
  ovhcloud: 'ovh',
  'text-completion-codestral': 'mistral',
  'text-completion-openai': 'openai',
  together_ai: 'together',
  voyageai: 'voyage',
  'x-ai': 'xai',
  zhipuai: 'zhipu',
};

export const catalogProvider = (name: string): string => CATALOG_PROVIDERS[name] ?? name.replaceAll('_', '-');

/** Slashes part the ids of the catalog, so an SKU has none. */
export const tokenSku = (model: string): string => model.replaceAll('/', '-');

interface TokenSource {
  readonly source: string;
  readonly licence: string;
  readonly date: string | undefined;
}

export const tokenRow = (
  provider: string,
  sku: string,
  unit: TokenUnit,
  amount: string,
  { source, licence, date }: TokenSource,
  options: FeedOptions,
  more: Partial<CanonicalRow> = {},
): FeedItem => {
  const dated = datedBy(date);
  const flags = [dated.flags, more.flags].filter((it) => it !== undefined).join(' ');
  return {
    row: {
      provider,
      sku,
      ...describe(options, provider, sku, { kind: 'token', deviceCount: 0 }),
      category: 'token',
      unit,
      amount,
      currency: 'USD',
      source,
      licence,
      confidence: 'third_party',
      ...dated,
      ...more,
      ...(flags !== '' && { flags }),
    },
  };
};

/** On the row of short prompts where long ones have rows of their own. */
export const DEARER_FOR_LONG_PROMPTS = 'dearer_for_long_prompts';
