/** What converters of published price files have in common: text or bytes in, canonical rows and reasons for what was left out. */
import type { CanonicalRow } from '../sync/canonical-row.ts';

export interface SkuDescription {
  readonly kind: NonNullable<CanonicalRow['kind']>;
  readonly deviceId?: string;
  readonly deviceCount: number;
  readonly modelId?: string;
}

export interface FeedOptions {
  /** ISO date of the file, for formats that do not carry one, and the day that dated conditions are held against. */
  readonly date?: string;
  /** The provider's own region code, for formats that do not carry one. */
  readonly region?: string;
  /** The code of a region that the file calls by its name. */
  readonly regionOfName?: (provider: string, name: string) => string | undefined;
  /** What the catalog knows of a provider's SKU from elsewhere, so that an offer in a new region is complete. */
  readonly describeSku?: (provider: string, sku: string) => SkuDescription | undefined;
}

export type FeedItem =
  | { readonly row: CanonicalRow }
  /** Why a price of the file has no row. */
  | { readonly skipped: string; readonly prices: number };

export type FeedInput = AsyncIterable<Uint8Array | string>;

export interface Feed {
  readonly format: string;
  /** What it is called as the body of a request; absent where it is not read in a stream of bounded memory. */
  readonly mediaType?: string;
  /** What the file is and where it comes from, in a sentence. */
  readonly description: string;
  readonly convert: (input: FeedInput, options: FeedOptions) => AsyncIterable<FeedItem>;
}

export const skipped = (reason: string, prices = 1): FeedItem => ({ skipped: reason, prices });

/** The file is not of this format, or ends in the middle. */
export class FeedFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FeedFormatError';
  }
}

/** Kind, device and model of an SKU: what the catalog knows of it, else `otherwise`. */
export const describe = (
  { describeSku }: FeedOptions,
  provider: string,
  sku: string,
  otherwise: SkuDescription,
): SkuDescription => describeSku?.(provider, sku) ?? otherwise;

/** "2026-07-30" -> the moment at which a file of that date was read; nothing where no date is known. */
export const datedBy = (
  date: string | undefined,
): { readonly sourceDate?: string; readonly observedAt?: string; readonly flags?: string } =>
  date === undefined ? { flags: 'undated_source' } : { sourceDate: date, observedAt: `${date}T00:00:00Z` };

/** "A100 (80 GB)" -> "a100-80-gb"; dots stay. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^-|-$/g, '');

const rowKey = ({
  provider,
  region,
  zone,
  sku,
  category,
  termMonths,
  payment,
  tierFrom,
  unit,
  currency,
  validFrom,
}: CanonicalRow) =>
  [provider, region, zone, sku, category, termMonths, payment, tierFrom, unit, currency, validFrom].join('\n');

const MOST_REMEMBERED = 100_000;

/**
 * Leaves out rows that say the same again. Which of two amounts for one price is right the order of the file does not tell: both stay, and the sync
 * takes neither, with the numbers of both rows. Remembers every key: for small files that repeat themselves.
 */
export async function* withoutRepetitions(items: AsyncIterable<FeedItem>): AsyncGenerator<FeedItem> {
  const seen = new Set<string>();
  for await (const item of items) {
    if ('skipped' in item) {
      yield item;
      continue;
    }
    const said = `${rowKey(item.row)}\n${item.row.amount ?? ''}`;
    if (seen.size === MOST_REMEMBERED)
      throw new FeedFormatError(
        `The file has more than ${MOST_REMEMBERED} prices; a file of this format has far fewer.`,
      );
    yield seen.has(said) ? skipped('the same price again') : item;
    seen.add(said);
  }
}
