/**
 * Brings the offer files of AWS's bulk price list into a folder, one a region, as the region index names them. Files run to gigabytes:
 * each streams to disk, and one that was cut off goes on where it stopped. A region that fails is told and leaves the others alone.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient, PageRefusedError, retryAfterMs } from './fetch-pages.ts';

interface FetchOffersOptions {
  /** Of the region index, .../offers/v1.0/aws/AmazonEC2/current/region_index.json. */
  readonly url: string;
  readonly directory: string;
  /** Region codes; all where absent. */
  readonly regions?: readonly string[];
  /** Tries of one file before giving up. Default 6. */
  readonly tries?: number;
  /** Before the second try; doubles with each. Default 1 s. */
  readonly firstPauseMs?: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly onFile?: (region: string, path: string) => void;
}

interface FetchedOffers {
  /** Files in the folder that are whole and of the current version. */
  readonly files: readonly string[];
  readonly failed: readonly { readonly region: string; readonly reason: string }[];
}

interface RegionIndex {
  readonly regions?: Readonly<Record<string, { readonly regionCode?: string; readonly currentVersionUrl?: string }>>;
}

const LONGEST_PAUSE_MS = 60_000;
const RANGE_NOT_SATISFIABLE = 416;

/** Tries until it works, what the server refuses excepted. */
const withRetry = async <Result>(
  { tries = 6, firstPauseMs = 1000 }: FetchOffersOptions,
  attempt: () => Promise<Result>,
): Promise<Result> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= tries || (error instanceof PageRefusedError && !isTransient(error.status))) throw error;
      const pauseMs =
        (error instanceof PageRefusedError ? error.retryAfterMs : undefined) ?? firstPauseMs * 2 ** (tried - 1);
      await sleep(Math.min(pauseMs, LONGEST_PAUSE_MS));
    }
  }
};

const ask = async (
  { fetch = globalThis.fetch }: FetchOffersOptions,
  url: string,
  headers: Record<string, string> = {},
): Promise<Response> => {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new PageRefusedError(url, response.status, retryAfterMs(response));
  return response;
};

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

/** Goes on after what is there already, when the server can. */
const download = async (options: FetchOffersOptions, url: string, path: string): Promise<void> => {
  const part = `${path}.part`;
  await withRetry(options, async () => {
    const present = await sizeOf(part);
    const response = await ask(options, url, present > 0 ? { range: `bytes=${present}-` } : {}).catch(
      (error: unknown) => {
        // Nothing lies behind what is there: a run may have ended between the last byte and the new name.
        if (error instanceof PageRefusedError && error.status === RANGE_NOT_SATISFIABLE) return ask(options, url);
        throw error;
      },
    );
    if (present > 0 && response.status !== 206) await truncate(part);
    const expected = Number(response.headers.get('content-length') ?? Number.NaN);
    const before = await sizeOf(part);
    if (response.body === null) throw new Error(`${url} was answered without a body.`);
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(part, { flags: 'a' }));
    const received = (await sizeOf(part)) - before;
    if (!Number.isNaN(expected) && received < expected)
      throw new Error(`${url} ended after ${received} of ${expected} bytes.`);
  });
  await rename(part, path);
};

/** The version stands in the path: .../AmazonEC2/20260801000000/us-east-1/index.json. */
const versionOf = (url: string): string => /\/(\d{14})\//.exec(url)?.[1] ?? 'current';

/** @throws PageRefusedError, or the last error, when the index itself cannot be had. */
export const fetchAwsOffers = async (options: FetchOffersOptions): Promise<FetchedOffers> => {
  const { directory, onFile } = options;
  await mkdir(directory, { recursive: true });
  const index = await withRetry(options, async () => (await ask(options, options.url)).json() as Promise<RegionIndex>);
  const entries = Object.entries(index.regions ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const present = new Set(await readdir(directory));
  const files: string[] = [];
  const failed: { region: string; reason: string }[] = [];
  for (const region of options.regions ?? []) {
    if (!entries.some(([code]) => code === region)) failed.push({ region, reason: 'The index has no such region.' });
  }
  for (const [region, { currentVersionUrl = '' }] of entries) {
    if (options.regions !== undefined && !options.regions.includes(region)) continue;
    const url = new URL(currentVersionUrl, options.url);
    const name = `${region}-${versionOf(url.pathname)}.json`;
    const path = join(directory, name);
    try {
      if (currentVersionUrl === '') throw new Error('The index names no file for it.');
      if (url.host !== new URL(options.url).host)
        throw new Error(`The index leads to ${url.host}; it is not followed.`);
      if (!present.has(name)) await download(options, url.href, path);
      files.push(path);
      onFile?.(region, path);
    } catch (error) {
      failed.push({ region, reason: (error as Error).message });
    }
  }
  return { files, failed };
};
