import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fetchPages } from '../../../src/catalog/feeds/fetch-pages.ts';
import { useTemporaryDirectory } from '../../helpers/temporary-directory.ts';

const parent = useTemporaryDirectory();
const temporaryDirectory = (): string => mkdtempSync(join(parent, 'pages-'));

const url = 'https://prices.example/list';
const pages: Readonly<Record<string, object>> = {
  [url]: { Items: [1], NextPageLink: `${url}?2` },
  [`${url}?2`]: { Items: [2], NextPageLink: `${url}?3` },
  [`${url}?3`]: { Items: [3], NextPageLink: null },
};

/** Answers after so many failures of each page. */
const server = (failures: readonly Response[] = []) => {
  const asked: string[] = [];
  const left = [...failures];
  const fetch = (async (address: string) => {
    asked.push(address);
    return left.shift() ?? Response.json(pages[address]);
  }) as unknown as typeof globalThis.fetch;
  return { asked, fetch };
};

it('follows the links, and tries again what fails for a while', async () => {
  const directory = temporaryDirectory();
  const failures = [new Response('', { status: 503, headers: { 'retry-after': '0' } }), new Response('{"Items": [')];
  const { asked, fetch } = server(failures);
  expect(await fetchPages({ url, directory, fetch, firstPauseMs: 1 })).toBe(3);
  expect(asked).toEqual([url, url, url, `${url}?2`, `${url}?3`]);
  expect(readdirSync(directory).sort()).toEqual(['page-000001.json', 'page-000002.json', 'page-000003.json']);
});

it('goes on after the last whole page', async () => {
  const directory = temporaryDirectory();
  const { fetch } = server([Response.json(pages[url]), new Response('', { status: 500 })]);
  await expect(fetchPages({ url, directory, fetch, tries: 1 })).rejects.toThrow('500');
  const again = server();
  expect(await fetchPages({ url, directory, fetch: again.fetch })).toBe(3);
  expect(again.asked).toEqual([`${url}?2`, `${url}?3`]);
  expect(JSON.parse(readFileSync(join(directory, 'page-000003.json'), 'utf8')).Items).toEqual([3]);
  // All are there: the prices of another day would not be asked for.
  await expect(fetchPages({ url, directory, fetch })).rejects.toThrow('holds all 3 pages of a run that ended on');
});

it('does not ask again what is refused, and follows no link to another host', async () => {
  const refused = server([new Response('', { status: 404 })]);
  await expect(fetchPages({ url, directory: temporaryDirectory(), fetch: refused.fetch })).rejects.toThrow('404');
  expect(refused.asked).toHaveLength(1);
  const elsewhere = server([Response.json({ Items: [], NextPageLink: 'https://elsewhere.example/' })]);
  await expect(fetchPages({ url, directory: temporaryDirectory(), fetch: elsewhere.fetch })).rejects.toThrow(
    'elsewhere',
  );
});
