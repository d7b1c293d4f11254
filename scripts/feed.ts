/**
 * npm run feed: turns published price files into price lists (docs/price-lists.md). Rows go to standard output, what was left
 * out and why to standard error. `npm run --silent feed -- <format> <file>... > prices.csv`
 */
import { createReadStream } from 'node:fs';
import { text as readText } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { emptyReport, linesOfFiles, type OutputFormat } from '../src/catalog/feeds/convert.ts';
import { ecbRates } from '../src/catalog/feeds/ecb-rates.ts';
import { FeedFormatError, type FeedInput } from '../src/catalog/feeds/feed.ts';
import { fetchAwsOffers } from '../src/catalog/feeds/fetch-aws-offers.ts';
import { FolderError, fetchPages } from '../src/catalog/feeds/fetch-pages.ts';
import { FEEDS, feedOf } from '../src/catalog/feeds/index.ts';
import { knownSkus } from '../src/catalog/feeds/known-skus.ts';
import { loadSeed } from '../src/catalog/seed/load.ts';
import type { CanonicalRow } from '../src/catalog/sync/canonical-row.ts';

const AZURE_RETAIL_PRICES = "https://prices.azure.com/api/retail/prices?$filter=serviceName eq 'Virtual Machines'";

const AWS_REGION_INDEX = 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonEC2/current/region_index.json';

const usage = `npm run --silent feed -- <format> [options] <file>...   ("-" reads standard input; .gz is unpacked)
npm run --silent feed -- ecb-rates [--date YYYY-MM-DD] [--currency CODE]... <file>   rates of exchange, as exchangeRates of a price book
npm run --silent feed -- fetch-azure <folder> [--url URL]  brings the pages of the Azure Retail Prices API; goes on where it stopped
npm run --silent feed -- fetch-aws <folder> [--url URL] [--region CODE]  brings the offer files of AWS's regions; goes on where it stopped

  --output csv|ndjson   csv where absent
  --date YYYY-MM-DD     date of a file that carries none; of ecb-rates the first day wanted, the newest alone where absent
  --currency CODE       of ecb-rates, besides the euro; all where absent
  --region CODE         region of a file that names none
  --known-skus-only     only what the catalog that ships knows a device or model of

Formats:
${FEEDS.map(({ format, description }) => `  ${format.padEnd(21)} ${description}`).join('\n')}
`;

class UsageError extends Error {}

const { values, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        output: { type: 'string', default: 'csv' },
        date: { type: 'string' },
        region: { type: 'string' },
        url: { type: 'string' },
        currency: { type: 'string', multiple: true, default: [] },
        'known-skus-only': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
})();

const open = (path: string): FeedInput => {
  if (path === '-') return process.stdin;
  const bytes = createReadStream(path);
  if (!path.endsWith('.gz')) return bytes;
  const unpacked = createGunzip();
  bytes.on('error', (error) => unpacked.destroy(error));
  return bytes.pipe(unpacked);
};

const checkedDate = (date: string | undefined): string | undefined => {
  if (date !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new UsageError('--date is like 2026-11-24.');
  return date;
};

const outputFormat = (name: string): OutputFormat => {
  if (name !== 'csv' && name !== 'ndjson') throw new UsageError('--output is csv or ndjson.');
  return name;
};

const printRates = async (path: string): Promise<void> => {
  const since = checkedDate(values.date);
  const text = await readText(open(path));
  const rates = ecbRates(text, { currencies: values.currency, ...(since !== undefined && { since }) });
  process.stdout.write(`${JSON.stringify(rates, null, 2)}\n`);
};

const convert = async (format: string, paths: readonly string[]): Promise<void> => {
  const feed = feedOf(format);
  if (feed === undefined) throw new UsageError(`There is no format '${format}'.`);
  const { region } = values;
  const output = outputFormat(values.output);
  const date = checkedDate(values.date);
  const known = knownSkus(loadSeed());
  const isKnown = ({ provider = '', sku = '' }: CanonicalRow): boolean =>
    known.describeSku(provider, sku) !== undefined;
  const report = emptyReport();
  const files = paths.map((path) => ({ path, open: () => open(path) }));
  const options = {
    output,
    ...known,
    ...(date !== undefined && { date }),
    ...(region !== undefined && { region }),
    ...(values['known-skus-only'] && { keep: isKnown }),
  };
  const lines = linesOfFiles(feed, files, options, report, (path, error) => {
    process.stderr.write(`${path} was left out from where it breaks: ${(error as Error).message}\n`);
    process.exitCode = 1;
  });
  await pipeline(lines, process.stdout, { end: false });
  const skipped = [...report.skipped].sort(([, a], [, b]) => b - a);
  process.stderr.write(`${report.rows} rows; left out: ${skipped.reduce((sum, [, count]) => sum + count, 0)}\n`);
  for (const [reason, count] of skipped) process.stderr.write(`${String(count).padStart(9)}  ${reason}\n`);
};

const [format, ...rest] = positionals;
try {
  if (values.help || format === undefined) {
    process.stdout.write(usage);
  } else if (rest.length === 0) {
    throw new UsageError('Name a file.');
  } else if (format === 'ecb-rates') {
    await printRates(rest[0] as string);
  } else if (format === 'fetch-azure') {
    const pages = await fetchPages({
      url: values.url ?? AZURE_RETAIL_PRICES,
      directory: rest[0] as string,
      onPage: (page) => process.stderr.write(`page ${page}\n`),
    });
    process.stdout.write(`${pages} pages in ${rest[0]}\n`);
  } else if (format === 'fetch-aws') {
    const { files, failed } = await fetchAwsOffers({
      url: values.url ?? AWS_REGION_INDEX,
      directory: rest[0] as string,
      ...(values.region !== undefined && { regions: [values.region] }),
      onFile: (region) => process.stderr.write(`${region}\n`),
    });
    process.stdout.write(`${files.length} files in ${rest[0]}\n`);
    for (const { region, reason } of failed) process.stderr.write(`${region} failed: ${reason}\n`);
    if (failed.length > 0) process.exitCode = 1;
  } else {
    await convert(format, rest);
  }
} catch (error) {
  // Whoever reads the rows may stop early, as "head" does.
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') {
    const isExpected = error instanceof UsageError || error instanceof FeedFormatError || error instanceof FolderError;
    process.stderr.write(isExpected ? `${error.message}\n` : `${(error as Error).stack}\n`);
    if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
