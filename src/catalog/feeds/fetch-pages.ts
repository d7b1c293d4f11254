/**
 * Brings paged JSON answers (each names the next by NextPageLink, as Azure Retail Prices do) into a folder, one file a page,
 * in order. A page that fails is tried again with growing pauses; a run that was cut off goes on after its last whole page.
 */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface FetchPagesOptions {
  readonly url: string;
  readonly directory: string;
  /** Tries of one page before giving up. Default 6. */
  readonly tries?: number;
  /** Before the second try; doubles with each. Default 1 s. */
  readonly firstPauseMs?: number;
  /** For one page. Default 60 s. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly onPage?: (page: number, path: string) => void;
  readonly signal?: AbortSignal;
}

/** What the server says will not become right by asking again. */
export class PageRefusedError extends Error {
  readonly status: number;
  /** When the server wants to be asked again. */
  readonly retryAfterMs: number | undefined;
  constructor(url: string, status: number, retryAfter?: number) {
    super(`${url} was answered with status ${status}.`);
    this.name = 'PageRefusedError';
    this.status = status;
    this.retryAfterMs = retryAfter;
  }
}

/** What is in the folder is not what a run could go on from. */
export class FolderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FolderError';
  }
}

const LONGEST_PAUSE_MS = 60_000;
const PAGE = /^page-\d{6}\.json$/;
const pageName = (page: number): string => `page-${String(page).padStart(6, '0')}.json`;

export const isTransient = (status: number): boolean => status === 408 || status === 429 || status >= 500;

const nextLink = (text: string): string | null => {
  const { NextPageLink } = JSON.parse(text) as { NextPageLink?: unknown };
  return typeof NextPageLink === 'string' && NextPageLink !== '' ? NextPageLink : null;
};

/** Seconds or a date (RFC 9110 section 10.2.3). */
export const retryAfterMs = (response: Response): number | undefined => {
  const header = response.headers.get('retry-after');
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
};

const fetchPage = async (url: string, options: FetchPagesOptions): Promise<string> => {
  const { tries = 6, firstPauseMs = 1000, timeoutMs = 60_000, fetch = globalThis.fetch, signal } = options;
  for (let attempt = 1; ; attempt++) {
    let pauseMs = Math.min(firstPauseMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    try {
      const timeout = AbortSignal.timeout(timeoutMs);
      const response = await fetch(url, {
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      const text = await response.text();
      if (response.ok) {
        JSON.parse(text); // half a page is a failure like any other
        return text;
      }
      if (!isTransient(response.status)) throw new PageRefusedError(url, response.status);
      pauseMs = Math.min(retryAfterMs(response) ?? pauseMs, LONGEST_PAUSE_MS);
      if (attempt >= tries) throw new PageRefusedError(url, response.status);
    } catch (error) {
      if (error instanceof PageRefusedError || signal?.aborted === true || attempt >= tries) throw error;
    }
    await sleep(pauseMs, undefined, { signal });
  }
};

/**
 * The number of pages in the folder at the end. Links lead to the host of the first page only.
 * @throws FolderError where an earlier run brought all pages: the next night's prices must not be taken for fetched.
 * @throws PageRefusedError, or the last error of a page that never came; the pages before it stay and the next run goes on there.
 */
export const fetchPages = async (options: FetchPagesOptions): Promise<number> => {
  const { directory, onPage } = options;
  await mkdir(directory, { recursive: true });
  const present = (await readdir(directory)).filter((name) => PAGE.test(name)).sort();
  let page = present.length;
  if (present.at(-1) !== undefined && present.at(-1) !== pageName(page)) {
    throw new FolderError(`Pages are missing among those in ${directory}; empty the folder and begin again.`);
  }
  let url: string | null = page === 0 ? options.url : nextLink(await readFile(join(directory, pageName(page)), 'utf8'));
  if (url === null) {
    const { mtime } = await stat(join(directory, pageName(page)));
    throw new FolderError(
      `${directory} holds all ${page} pages of a run that ended on ${mtime.toISOString().slice(0, 10)}; empty it or name another folder to bring them anew.`,
    );
  }
  const { host } = new URL(options.url);
  while (url !== null) {
    if (new URL(url).host !== host)
      throw new Error(`A page leads from ${host} to ${new URL(url).host}; it is not followed.`);
    const text = await fetchPage(url, options);
    const path = join(directory, pageName(page + 1));
    // A page is in the folder whole or not at all.
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
    page++;
    onPage?.(page, path);
    url = nextLink(text);
  }
  return page;
};
