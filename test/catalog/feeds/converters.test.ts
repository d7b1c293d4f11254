/** Each converter on a few rows in the shape of what is published; and on the published files where they are at hand. */
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { emptyReport, linesOfFiles, priceListLines } from '../../../src/catalog/feeds/convert.ts';
import type { FeedOptions } from '../../../src/catalog/feeds/feed.ts';
import { FEEDS, feedOf } from '../../../src/catalog/feeds/index.ts';
import { knownSkus } from '../../../src/catalog/feeds/known-skus.ts';
import { loadSeed } from '../../../src/catalog/seed/load.ts';
import { type CanonicalRow, priceIdOf } from '../../../src/catalog/sync/canonical-row.ts';

const known = knownSkus(loadSeed());

const convert = async (format: string, path: string, options: FeedOptions = {}) => {
  const feed = feedOf(format);
  if (feed === undefined) throw new Error(`There is no format ${format}.`);
  const report = emptyReport();
  let text = '';
  const input = createReadStream(path, { highWaterMark: 97 * 1024 });
  for await (const lines of priceListLines(feed, input, { ...known, ...options, output: 'ndjson' }, report))
    text += lines;
  const rows = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CanonicalRow);
  return { rows, report };
};

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Price ids with their amounts: "aws/us-east-1/p4d.24xlarge/on_demand 32.7726". */
const convertFixture = async (format: string, name: string, options?: FeedOptions) => {
  const { rows, report } = await convert(format, fixture(name), options);
  return {
    rows,
    prices: rows.map((row) => `${priceIdOf(row)} ${row.amount}`),
    skipped: Object.fromEntries(report.skipped),
  };
};

describe('clouds', () => {
  it('AWS calculator: location to region, reserved without upfront, the rest counted', async () => {
    const { rows, prices, skipped } = await convertFixture('aws-calculator', 'aws-calculator.json');
    expect(prices).toEqual([
      'aws/eu-central-1/m4.large/on_demand 0.1',
      'aws/eu-central-1/p4d.24xlarge/committed-36m-no_upfront 12.4989613',
    ]);
    expect(rows[0]).toMatchObject({ memoryBytes: 8 * 2 ** 30, vcpus: 2, observedAt: '2025-04-04T00:00:00Z' });
    expect(rows[1]).toMatchObject({ deviceId: 'nvidia-a100-sxm4-40gb', deviceCount: 8 });
    expect(skipped).toEqual({
      'a payment upfront that the file does not state': 1,
      'another operating system than Linux': 1,
      'a location whose region code is not known; give the region': 1,
    });
  });

  it.each([
    ['aws-price-list', 'aws-price-list.json'],
    ['aws-price-list-csv', 'aws-price-list.csv'],
  ])('%s: what is paid once and by the hour is one row', async (format, name) => {
    const { rows, prices, skipped } = await convertFixture(format, name);
    expect(prices).toEqual([
      'aws/us-east-1/p4d.24xlarge/on_demand 32.7726',
      'aws/us-east-1/p4d.24xlarge/committed-12m-all_upfront 0',
    ]);
    expect(rows[1]).toMatchObject({
      upfront: '165000',
      validFrom: '2025-01-01T00:00:00.000Z',
      sourceDate: '2025-04-04',
    });
    expect(rows[0]).toMatchObject({ memoryBytes: 1152 * 2 ** 30 });
    expect(skipped).toEqual({
      'another operating system than Linux': 1,
      'not a compute instance': 1,
      'convertible reservations': 1,
    });
  });

  it('Azure: pages one after another, spot, and the sum of a reservation as paid upfront', async () => {
    const { rows, prices, skipped } = await convertFixture('azure-retail-prices', 'azure-retail-prices.json');
    expect(prices).toEqual([
      'azure/uaenorth/Standard_NC24ads_A100_v4/on_demand 3.673',
      'azure/uaenorth/Standard_NC24ads_A100_v4/spot 1.1',
      'azure/uaenorth/Standard_NC24ads_A100_v4/committed-12m-all_upfront 0',
    ]);
    expect(rows[2]?.upfront).toBe('22000');
    expect(skipped).toEqual({ 'savings plans': 1, 'another operating system than Linux': 1 });
  });

  it('Azure: a price that ends is withdrawn before one that follows begins', async () => {
    const item = (more: object) => ({
      currencyCode: 'USD',
      armRegionName: 'uaenorth',
      productName: 'Virtual Machines NCads A100 v4 Series',
      skuName: 'NC24ads A100 v4',
      serviceName: 'Virtual Machines',
      unitOfMeasure: '1 Hour',
      type: 'Consumption',
      armSkuName: 'Standard_NC24ads_A100_v4',
      ...more,
    });
    const Items = [
      item({ retailPrice: 4, effectiveStartDate: '2024-01-01T00:00:00Z', effectiveEndDate: '2025-03-01T00:00:00Z' }),
      item({ retailPrice: 3.7, effectiveStartDate: '2025-03-01T00:00:00Z', effectiveEndDate: null }),
    ];
    const input = (async function* () {
      yield JSON.stringify({ Items });
    })();
    const rows: CanonicalRow[] = [];
    for await (const made of feedOf('azure-retail-prices')?.convert(input, known) ?? []) {
      if ('row' in made) rows.push(made.row);
    }
    expect(rows.map(({ validFrom, state, amount, notes }) => [validFrom, state, amount, notes])).toEqual([
      ['2024-01-01T00:00:00Z', undefined, '4', undefined],
      ['2025-02-28T23:59:59.999Z', 'withdrawn', undefined, undefined],
      ['2025-03-01T00:00:00Z', undefined, '3.7', undefined],
    ]);
  });

  it('gcosts: commitments by the hour', async () => {
    const { prices, skipped } = await convertFixture('gcosts', 'gcosts.yml');
    expect(prices).toEqual(
      [
        'gcp/me-central1/a2-highgpu-1g/on_demand 4.80478794',
        'gcp/me-central1/a2-highgpu-1g/spot 0.65224',
        'gcp/me-central1/a2-highgpu-1g/committed-12m-no_upfront 3.0269832600',
      ].map((line) => line.replace(/(\.\d*?)0+$/, '$1')),
    );
    expect(Object.values(skipped)).toEqual([1, 1, 1]);
  });

  it('Oracle, cloud-gpus and TPUs', async () => {
    expect((await convertFixture('oracle-price-list', 'oracle-price-list.json')).prices).toEqual([
      'oci/global/gpu-h100-B98415/on_demand 10',
    ]);
    const smaller = await convertFixture('cloud-gpus', 'cloud-gpus.csv');
    expect(smaller.prices).toEqual([
      'cr8dl/global/az1-a10080-8g/on_demand 27.23',
      // Which of the two it is the sync does not guess either.
      'cudo-compute/global/a4000-16-gb-x1/on_demand 0.3',
      'cudo-compute/global/a4000-16-gb-x1/on_demand 0.32',
      'jarvislabs/global/a100-40-gb-x1/on_demand 1.1',
      'jarvislabs/global/a100-40-gb-x1/spot 0.69',
    ]);
    expect(smaller.skipped).toEqual({
      'a cloud whose prices differ by region': 2,
      'no price of the whole instance': 1,
    });
    expect((await convertFixture('gpuhunt-tpu', 'gpuhunt-tpu.json')).prices).toEqual([
      'gcp/us-east1/tpu-v6e/on_demand 2.7',
      'gcp/us-east1/tpu-v6e/spot 1.89',
      'gcp/us-central2/tpu-v4-pod/on_demand 3.22',
      'gcp/us-central2/tpu-v4-pod/spot 3.686',
    ]);
  });
});

describe('tokens', () => {
  it('LiteLLM: exact amounts a million, zero is not a price', async () => {
    const { rows, prices, skipped } = await convertFixture('litellm', 'litellm.json');
    expect(prices).toEqual([
      'openai/global/gpt-4o/token-million_input_tokens 2.5',
      'openai/global/gpt-4o/token-million_output_tokens 10',
      'openai/global/gpt-4o/token-million_cached_input_tokens 1.25',
      'openai/global/gpt-4o/token-million_batch_input_tokens 1.25',
      'google-gemini/global/gemini-2.5-pro/token-million_input_tokens 1.25',
      'google-gemini/global/gemini-2.5-pro/token-million_long_input_tokens-from-0.2 2.5',
    ]);
    expect(rows[4]?.flags).toBe('undated_source dearer_for_long_prompts');
    expect(skipped).toEqual({
      'zero: free, unknown or not sold': 1,
      'the same price again': 1,
    });
  });

  it('genai-prices: a price until a date begins on the day of the file, and is left out where that is not known', async () => {
    const prices = [
      { prices: { output_mtok: 10 } },
      { constraint: { start_date: '2026-09-01' }, prices: { output_mtok: 15 } },
    ];
    const of = async (options: FeedOptions) => {
      const input = (async function* () {
        yield JSON.stringify([{ id: 'aws', models: [{ id: 'm', prices }] }]);
      })();
      const told: unknown[] = [];
      for await (const item of feedOf('genai-prices')?.convert(input, options) ?? [])
        told.push('row' in item ? [item.row.validFrom, item.row.amount] : item.skipped);
      return told;
    };
    const later = ['2026-09-01T00:00:00Z', '15'];
    expect(await of({ date: '2026-08-21' })).toEqual([['2026-08-21T00:00:00Z', '10'], later]);
    expect(await of({})).toEqual(['holds until a date; give the date of the file', later]);
    expect(await of({ date: '2026-09-01' })).toEqual([
      'superseded at a date, and from when it held is not stated',
      later,
    ]);
  });

  it('genai-prices: dated conditions become dates, tiers by prompt length prices of their own, times of day are counted', async () => {
    const { rows, prices, skipped } = await convertFixture('genai-prices', 'genai-prices.json', { date: '2026-08-21' });
    expect(prices).toEqual([
      'anthropic/global/claude-opus-4-6/token-million_input_tokens 5',
      'anthropic/global/claude-opus-4-6/token-million_input_tokens 4',
      'openrouter/global/x-ai-grok-4-fast/token-million_input_tokens 0.2',
      'openrouter/global/x-ai-grok-4-fast/token-million_long_input_tokens-from-0.128 0.4',
    ]);
    expect(rows.map(({ validFrom }) => validFrom)).toEqual([
      '2026-03-13T00:00:00Z',
      '2026-12-01T00:00:00Z',
      undefined,
      undefined,
    ]);
    expect(skipped).toEqual({
      'superseded at a date, and from when it held is not stated': 2,
      'a price of writing a cache': 1,
      'a price by time of day': 2,
      'resold; the provider’s own list stands in the file too': 1,
    });
  });
});

describe('files of another format', () => {
  it.each(FEEDS.filter(({ format }) => !/csv|cloud-gpus/.test(format)).map(({ format }) => [format]))(
    '%s refuses a file cut off in the middle',
    async (format) => {
      const feed = feedOf(format);
      const rows = feed?.convert(
        (async function* () {
          yield '{"items": [{"a';
        })(),
        {},
      );
      await expect(Array.fromAsync(rows ?? [])).rejects.toThrow();
    },
  );
});

it('says by a row that is no price that a file broke off, and reads the others', async () => {
  const feed = feedOf('aws-price-list-csv');
  if (feed === undefined) throw new Error('There is no such format.');
  const path = fixture('aws-price-list.csv');
  const whole = () => createReadStream(path);
  const brokenOff = async function* () {
    yield* whole();
    throw new Error('read error');
  };
  const headerAlone = async function* () {
    yield '"SKU","OfferTermCode"\n';
  };
  const report = emptyReport();
  const broken: string[] = [];
  const files = [
    { path: 'a.csv', open: whole },
    { path: 'b.csv', open: brokenOff },
    { path: 'c.csv', open: whole },
    { path: 'd.csv', open: headerAlone },
  ];
  const options = { ...known, output: 'csv' } as const;
  const lines = await Array.fromAsync(linesOfFiles(feed, files, options, report, (name) => broken.push(name)));
  const [header, ...rows] = lines.join('').trimEnd().split('\n');
  const once = rows.slice(0, report.rows / 3);
  const remark = `${','.repeat((header?.split(',').length ?? 0) - 2)}b.csv could not be read to its end: read error,`;
  expect(once.length).toBeGreaterThan(0);
  const empty = remark
    .replace('b.csv', 'd.csv')
    .replace('read error', 'It has no price that could be read as aws-price-list-csv.');
  expect(rows).toEqual([...once, ...once, remark, ...once, empty]);
  expect(broken).toEqual(['b.csv', 'd.csv']);
});

const published = fileURLToPath(new URL('../../../../shared/feeds/', import.meta.url));
const isPublished = existsSync(published);
if (!isPublished) console.warn('The published price files are not at hand; they were left out of the tests of feeds.');

const publishedFormats: readonly (readonly [RegExp, string, string | undefined])[] = [
  [/^aws-calculator.*\.json$/, 'aws-calculator', undefined],
  [/^gcp-gcosts/, 'gcosts', undefined],
  [/^oracle/, 'oracle-price-list', undefined],
  [/^litellm/, 'litellm', '2025-09-05'],
  [/^genai/, 'genai-prices', '2026-08-21'],
  [/^cloud-gpus/, 'cloud-gpus', '2025-03-31'],
  [/^gpuhunt/, 'gpuhunt-tpu', undefined],
];

describe.skipIf(!isPublished)('published files, whole', () => {
  const files = isPublished ? (readdirSync(published, { recursive: true }) as string[]).sort() : [];
  it.each(publishedFormats)('%s', async (pattern, format, date) => {
    for (const file of files.filter((name) => pattern.test(name))) {
      const { rows, report } = await convert(format, `${published}${file}`, date === undefined ? {} : { date });
      const left = [...report.skipped.values()].reduce((sum, count) => sum + count, 0);
      console.info(`${file}: ${rows.length} rows, ${left} prices left out`);
      expect(rows.length).toBeGreaterThan(0);
      const keys = rows.map((row) => `${priceIdOf(row)} ${row.currency} ${row.validFrom ?? ''} ${row.amount}`);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
});
