/**
 * pricing.yml of Cyclenerd/google-cloud-pricing-cost-calculator (gcosts): instance -> region -> hour, hour_spot, month, ...
 * Numbers are kept as text, so that no digit is lost.
 */
import type { CanonicalRow } from '../sync/canonical-row.ts';
import { amountOf, bytesOfGib, countOf, hourlyOfMonthly, stated } from './amounts.ts';
import { datedBy, describe, type Feed, FeedFormatError, type FeedItem, type FeedOptions, skipped } from './feed.ts';
import { yamlBlocks } from './yaml-blocks.ts';

type Costs = Readonly<Record<string, string>>;

interface Instance {
  readonly cost?: Readonly<Record<string, Costs>>;
  readonly cpu?: string;
  readonly ram?: string;
}

interface About {
  readonly timestamp?: string;
}

const isGoneInto = (path: readonly string[]): boolean => ['compute', 'compute.instance'].includes(path.join('.'));

const PROVIDER = 'gcp';

type How = Pick<CanonicalRow, 'category' | 'termMonths' | 'payment' | 'amount' | 'confidence'>;

const committed = (termMonths: number, monthly: string): How => ({
  category: 'committed',
  termMonths,
  payment: 'no_upfront',
  amount: hourlyOfMonthly(monthly),
  confidence: 'derived',
});

const HOW: Readonly<Record<string, (amount: string) => How>> = {
  hour: (amount) => ({ category: 'on_demand', amount, confidence: 'third_party' }),
  hour_spot: (amount) => ({ category: 'spot', amount, confidence: 'third_party' }),
  month_1y: (amount) => committed(12, amount),
  month_3y: (amount) => committed(36, amount),
};

/** How many prices (texts at the bottom of a tree) something has. */
const pricesIn = (tree: unknown): number =>
  typeof tree === 'object' && tree !== null ? Object.values(tree).reduce((sum, it) => sum + pricesIn(it), 0) : 1;

function* itemsOf(
  sku: string,
  instance: Instance,
  date: string | undefined,
  options: FeedOptions,
): Generator<FeedItem> {
  const description = describe(options, PROVIDER, sku, { kind: 'instance', deviceCount: 0 });
  for (const [region, costs] of Object.entries(instance.cost ?? {})) {
    for (const [name, text] of Object.entries(costs)) {
      const how = HOW[name];
      const amount = amountOf(text);
      if (how === undefined) yield skipped('a sum by the month: the hour times 730, or with a discount for use');
      else if (amount === undefined) yield skipped('no amount above zero');
      else {
        yield {
          row: {
            provider: PROVIDER,
            region,
            sku,
            ...description,
            ...stated({ vcpus: countOf(instance.cpu), memoryBytes: bytesOfGib(instance.ram) }),
            ...how(amount),
            unit: 'hour',
            currency: 'USD',
            source: 'Cyclenerd/google-cloud-pricing-cost-calculator pricing.yml',
            licence: 'Apache-2.0',
            ...datedBy(date),
          },
        };
      }
    }
  }
}

export const gcosts: Feed = {
  format: 'gcosts',
  description: 'pricing.yml of gcosts, Google Cloud prices by machine type and region (YAML).',
  mediaType: 'application/vnd.price-feed.gcosts+yaml',
  async *convert(input, options) {
    let date = options.date;
    let hasInstances = false;
    for await (const { path, value } of yamlBlocks(input, isGoneInto)) {
      const [first, second, sku] = path;
      if (first === 'about') {
        const seconds = Number((value as About | null)?.timestamp ?? Number.NaN);
        if (Number.isFinite(seconds)) date = new Date(seconds * 1000).toISOString().slice(0, 10);
      } else if (first === 'compute' && second === 'instance' && sku !== undefined) {
        hasInstances = true;
        yield* itemsOf(sku, (value ?? {}) as Instance, date, options);
      } else {
        yield skipped(`not an instance: ${first === 'compute' ? second : first}`, pricesIn(value));
      }
    }
    if (!hasInstances)
      throw new FeedFormatError('The file has no compute.instance; it is not a pricing.yml of gcosts.');
  },
};
