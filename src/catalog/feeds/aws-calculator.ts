/**
 * The files behind the AWS pricing calculator (b0.p.awsstatic.com/pricing/2.0/meteredUnitMaps/ec2): one region and one way of
 * buying each, `regions.<location>.<description> = {rateCode, price, "Instance Type", ...}`.
 */
import type { CanonicalRow } from '../sync/canonical-row.ts';
import { amountOf, bytesOfGib, countOf, stated } from './amounts.ts';
import { datedBy, describe, type Feed, type FeedItem, type FeedOptions, skipped } from './feed.ts';
import { jsonValues } from './json-values.ts';

type Entry = Readonly<Record<string, string | undefined>>;

const PROVIDER = 'aws';
const TERM_MONTHS: Readonly<Record<string, number>> = { '1yr': 12, '3yr': 36 };

const convertEntry = (
  entry: Entry,
  region: string,
  currency: string,
  date: string | undefined,
  options: FeedOptions,
): FeedItem => {
  const sku = entry['Instance Type'];
  if (sku === undefined) return skipped('no instance type');
  if (entry['Operating System'] !== 'Linux') return skipped('another operating system than Linux');
  if ((entry['Pre Installed S/W'] ?? 'NA') !== 'NA') return skipped('with software installed');
  if ((entry.Tenancy ?? 'Shared') !== 'Shared') return skipped('another tenancy than shared');
  const amount = amountOf(entry.price);
  if (amount === undefined) return skipped('no amount above zero');
  const { LeaseContractLength: term, PurchaseOption: option } = entry;
  const termMonths = term === undefined ? 0 : TERM_MONTHS[term];
  if (termMonths === undefined) return skipped('another term than one or three years');
  // The part to be paid upfront stands in no field of these files.
  if (termMonths > 0 && option !== 'No Upfront') return skipped('a payment upfront that the file does not state');
  const how =
    termMonths > 0
      ? ({ category: 'committed', termMonths, payment: 'no_upfront' } as const)
      : ({ category: 'on_demand' } as const);
  const row: CanonicalRow = {
    provider: PROVIDER,
    region,
    sku,
    ...describe(options, PROVIDER, sku, { kind: 'instance', deviceCount: 0 }),
    ...stated({ vcpus: countOf(entry.vCPU), memoryBytes: bytesOfGib(entry.Memory) }),
    ...how,
    unit: 'hour',
    amount,
    currency,
    source: 'AWS pricing calculator file',
    confidence: 'vendor',
    ...datedBy(date),
  };
  return { row };
};

export const awsCalculator: Feed = {
  format: 'aws-calculator',
  mediaType: 'application/vnd.price-feed.aws-calculator+json',
  description: 'AWS pricing calculator file of EC2, on-demand or reserved (JSON, one region).',
  async *convert(input, options) {
    let currency = 'USD';
    let date = options.date;
    const isEntry = (path: readonly unknown[]) =>
      path[0] === 'manifest' ? path.length === 1 : path[0] === 'regions' && path.length === 3;
    for await (const { path, value } of jsonValues(input, isEntry)) {
      if (path[0] === 'manifest') {
        const manifest = value as Entry;
        currency = manifest.currencyCode ?? currency;
        date = manifest.hawkFilePublicationDate?.slice(0, 10) ?? date;
        continue;
      }
      const location = String(path[1]);
      const region = options.region ?? options.regionOfName?.(PROVIDER, location);
      yield region === undefined
        ? skipped('a location whose region code is not known; give the region')
        : convertEntry(value as Entry, region, currency, date, options);
    }
  },
};
