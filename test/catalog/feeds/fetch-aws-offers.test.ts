import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fetchAwsOffers } from '../../../src/catalog/feeds/fetch-aws-offers.ts';
import { useTemporaryDirectory } from '../../helpers/temporary-directory.ts';

const parent = useTemporaryDirectory();
const folder = (): string => mkdtempSync(join(parent, 'offers-'));

const host = 'https://pricing.example';
const url = `${host}/offers/v1.0/aws/AmazonEC2/current/region_index.json`;
const pathOf = (region: string): string => `/offers/v1.0/aws/AmazonEC2/20260801000000/${region}/index.json`;
const index = {
  regions: Object.fromEntries(
    ['eu-west-1', 'me-central-1', 'us-east-1'].map((code) => [
      code,
      { regionCode: code, currentVersionUrl: pathOf(code) },
    ]),
  ),
};
const contentOf = (address: string): string => JSON.stringify({ products: {}, from: address });

/** @param answer instead of the file, the first times that it is asked for. */
const server = (
  answer: (address: string, range: string | null, time: number) => Response | undefined = () => undefined,
) => {
  const asked: string[] = [];
  const fetch = (async (address: string, { headers = {} }: { headers?: Record<string, string> } = {}) => {
    asked.push(address);
    if (address === url) return Response.json(index);
    const time = asked.filter((it) => it === address).length;
    const range = headers.range ?? null;
    const instead = answer(address, range, time);
    if (instead !== undefined) return instead;
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    const content = contentOf(address).slice(from);
    return new Response(content, {
      status: from > 0 ? 206 : 200,
      headers: { 'content-length': String(content.length) },
    });
  }) as unknown as typeof globalThis.fetch;
  return { asked, fetch };
};

it('brings a file a region, and none of them twice', async () => {
  const directory = folder();
  const first = server();
  const { files, failed } = await fetchAwsOffers({ url, directory, fetch: first.fetch });
  expect(failed).toEqual([]);
  expect(readdirSync(directory).sort()).toEqual([
    'eu-west-1-20260801000000.json',
    'me-central-1-20260801000000.json',
    'us-east-1-20260801000000.json',
  ]);
  expect(readFileSync(files[0] ?? '', 'utf8')).toBe(contentOf(host + pathOf('eu-west-1')));
  const second = server();
  expect(await fetchAwsOffers({ url, directory, fetch: second.fetch })).toEqual({ files, failed });
  expect(second.asked).toEqual([url]);
});

it('a region that fails leaves the others alone', async () => {
  const { asked, fetch } = server((address) =>
    address.includes('me-central-1') ? new Response('', { status: 403 }) : undefined,
  );
  const { files, failed } = await fetchAwsOffers({ url, directory: folder(), fetch, firstPauseMs: 1 });
  expect(files).toHaveLength(2);
  expect(failed).toEqual([{ region: 'me-central-1', reason: expect.stringContaining('403') }]);
  expect(asked.filter((address) => address.includes('me-central-1'))).toHaveLength(1);
});

it('tries again what fails for a while, and goes on where a file was cut off', async () => {
  const directory = folder();
  const whole = contentOf(host + pathOf('us-east-1'));
  writeFileSync(join(directory, 'us-east-1-20260801000000.json.part'), whole.slice(0, 10));
  const ranges: (string | null)[] = [];
  const { fetch } = server((_address, range, time) => {
    ranges.push(range);
    if (time === 1) return new Response('', { status: 503, headers: { 'retry-after': '0' } });
    if (time === 2) return new Response(whole.slice(10, 15), { status: 206, headers: { 'content-length': '100' } });
    return undefined;
  });
  const { failed } = await fetchAwsOffers({ url, directory, regions: ['us-east-1'], fetch, firstPauseMs: 1 });
  expect(failed).toEqual([]);
  expect(ranges).toEqual(['bytes=10-', 'bytes=10-', 'bytes=15-']);
  expect(readFileSync(join(directory, 'us-east-1-20260801000000.json'), 'utf8')).toBe(whole);
});

it('begins anew where the server cannot go on, and says which region there is not', async () => {
  const directory = folder();
  writeFileSync(join(directory, 'us-east-1-20260801000000.json.part'), 'garbage');
  const whole = contentOf(host + pathOf('us-east-1'));
  const { fetch } = server(() => new Response(whole, { status: 200 }));
  const { files, failed } = await fetchAwsOffers({ url, directory, regions: ['us-east-1', 'us-esat-1'], fetch });
  expect(readFileSync(files[0] ?? '', 'utf8')).toBe(whole);
  expect(failed).toEqual([{ region: 'us-esat-1', reason: 'The index has no such region.' }]);
});

it('asks for all of a file of which the server says that nothing is left', async () => {
  const directory = folder();
  const whole = contentOf(host + pathOf('us-east-1'));
  writeFileSync(join(directory, 'us-east-1-20260801000000.json.part'), whole);
  const { fetch } = server((_address, range) => (range === null ? undefined : new Response('', { status: 416 })));
  const { files, failed } = await fetchAwsOffers({ url, directory, regions: ['us-east-1'], fetch });
  expect(failed).toEqual([]);
  expect(readFileSync(files[0] ?? '', 'utf8')).toBe(whole);
});
