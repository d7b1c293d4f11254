/** cloud-gpus.csv of the-full-stack/website: GPU instances of smaller clouds, without regions. */
import { amountOf, bytesOfGib, countOf, stated } from './amounts.ts';
import { csvRecords } from './csv-records.ts';
import {
  datedBy,
  describe,
  type Feed,
  FeedFormatError,
  type FeedInput,
  type FeedItem,
  type FeedOptions,
  skipped,
  slug,
  withoutRepetitions,
} from './feed.ts';

type Line = Readonly<Record<string, string>>;

/** Their prices differ by region, and the file names none. */
const PRICED_BY_REGION: ReadonlySet<string> = new Set(['AWS', 'Azure', 'GCP']);
const CATALOG_PROVIDERS: Readonly<Record<string, string>> = { 'Oracle Cloud': 'oci', OVHcloud: 'ovh' };

function* itemsOf(line: Line, options: FeedOptions): Generator<FeedItem> {
  const cloud = line.Cloud ?? '';
  const prices = { on_demand: line['On-demand'], spot: line.Spot } as const;
  if (PRICED_BY_REGION.has(cloud)) {
    yield skipped('a cloud whose prices differ by region', prices.spot === '' ? 1 : 2);
    return;
  }
  const provider = CATALOG_PROVIDERS[cloud] ?? slug(cloud);
  const gpus = countOf(line.GPUs) ?? 0;
  const sku = line.Name ? slug(line.Name) : `${slug(line['GPU Type'] ?? '')}-x${gpus}`;
  for (const category of ['on_demand', 'spot'] as const) {
    if (category === 'spot' && !prices.spot) continue;
    const amount = amountOf(prices[category]);
    if (amount === undefined) yield skipped('no price of the whole instance');
    else {
      yield {
        row: {
          provider,
          sku,
          ...describe(options, provider, sku, { kind: 'instance', deviceCount: gpus }),
          ...stated({ vcpus: countOf(line.vCPUs), memoryBytes: bytesOfGib(line.RAM) }),
          category,
          unit: 'hour',
          amount,
          currency: 'USD',
          source: 'the-full-stack/website cloud-gpus.csv',
          licence: 'MIT',
          confidence: 'third_party',
          ...datedBy(options.date),
          flags: ['crowd_kept', datedBy(options.date).flags].filter(Boolean).join(' '),
        },
      };
    }
  }
}

async function* convert(input: FeedInput, options: FeedOptions): AsyncGenerator<FeedItem> {
  for await (const line of csvRecords<Line>(input, { columns: true, trim: true })) {
    if (line.Cloud === undefined) throw new FeedFormatError('The file has no column Cloud; it is not cloud-gpus.csv.');
    yield* itemsOf(line, options);
  }
}

export const cloudGpus: Feed = {
  format: 'cloud-gpus',
  mediaType: 'application/vnd.price-feed.cloud-gpus+csv',
  description: 'cloud-gpus.csv of The Full Stack: GPU instances of smaller clouds.',
  convert: (input, options) => withoutRepetitions(convert(input, options)),
};
