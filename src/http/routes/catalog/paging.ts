/** Pages in a fixed order. A token pins what the first page saw, so that later pages fit to it whatever happens meanwhile. */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { compareIds } from '../../../catalog/entry.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../schemas/catalog/page.ts';

type SortValue = string | number | null;

/** What is sorted by, by name; unknown values (null) come last in either direction. */
export type Orders<Item> = Readonly<Record<string, (item: Item) => SortValue>>;

export interface PageToken {
  /** Sort value and id of the last entry of the page before. */
  readonly after: readonly [SortValue, string];
  readonly questionHash: string;
  readonly revision: number;
  readonly at: string;
}

export interface PageQuery {
  readonly orderBy?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly [filter: string]: unknown;
}

/** "id", "-id", "name", "-name", … */
export const orderChoices = (orders: Orders<never>): readonly string[] =>
  ['id', ...Object.keys(orders)].flatMap((name) => [name, `-${name}`]);

/**
 * Everything that decides which entries there are and in which order: the path with its ids and the filters, but not how many are
 * asked for at a time.
 */
const hashOfQuestion = (path: string, { pageToken: _token, pageSize: _size, ...filters }: PageQuery): string => {
  const parts = Object.entries(filters).filter(([, value]) => value !== undefined);
  return createHash('sha256')
    .update(JSON.stringify([path, parts.sort()]))
    .digest('base64url')
    .slice(0, 16);
};

/** The path of a request as the router read it: spellings of one path (slash at the end, percent-encoding) are one. */
export const pathOf = ({ routeOptions, params }: Pick<FastifyRequest, 'routeOptions' | 'params'>): string =>
  JSON.stringify([routeOptions.url, params]);

const refuseToken = (detail: string): never => {
  throw new ProblemError('invalid-request', `The query was refused. ${detail}`, {
    errors: [{ parameter: 'query pageToken', detail, rule: 'page_token' }],
  });
};

const isToken = (value: unknown): value is [SortValue, string, string, number, string] =>
  Array.isArray(value) &&
  value.length === 5 &&
  (value[0] === null || typeof value[0] === 'string' || typeof value[0] === 'number') &&
  typeof value[1] === 'string' &&
  typeof value[2] === 'string' &&
  Number.isInteger(value[3]) &&
  typeof value[4] === 'string' &&
  !Number.isNaN(Date.parse(value[4]));

const encode = ({ after, questionHash, revision, at }: PageToken): string =>
  Buffer.from(JSON.stringify([...after, questionHash, revision, at])).toString('base64url');

/** @throws ProblemError when the token is not one of ours or belongs to another list or other filters. */
export const decodePageToken = (path: string, query: PageQuery): PageToken | undefined => {
  if (query.pageToken === undefined) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(query.pageToken, 'base64url').toString('utf8'));
  } catch {
    parts = undefined; // refused below, with the other things that are no token
  }
  if (!isToken(parts)) {
    return refuseToken('This pageToken is not one that this service gave out; start again without it.');
  }
  const [value, id, questionHash, revision, at] = parts;
  if (questionHash !== hashOfQuestion(path, query)) {
    return refuseToken(
      'This pageToken belongs to another list, other filters or another order; keep them, or start again without it.',
    );
  }
  return { after: [value, id], questionHash, revision, at };
};

const comparison =
  (descending: boolean) =>
  ([a, aId]: readonly [SortValue, string], [b, bId]: readonly [SortValue, string]): number => {
    if (a === null || b === null) return Number(a === null) - Number(b === null) || compareIds(aId, bId);
    const ascending = typeof a === 'number' && typeof b === 'number' ? a - b : compareIds(String(a), String(b));
    return (descending ? -ascending : ascending) || compareIds(aId, bId);
  };

/** One page of the entries that passed the filters. `revision` and `at` are what the entries were read at. */
export const pageOf = <Item extends { readonly id: string }>(
  items: readonly Item[],
  orders: Orders<Item>,
  path: string,
  query: PageQuery,
  token: PageToken | undefined,
  read: { readonly revision: number; readonly at: string },
): { readonly items: readonly Item[]; readonly nextPageToken?: string } => {
  const orderBy = query.orderBy ?? 'id';
  const descending = orderBy.startsWith('-');
  const sortValue = orders[orderBy.replace(/^-/, '')] ?? ((item: Item) => item.id);
  const compare = comparison(descending);
  const keyed = items.map((item) => ({ item, key: [sortValue(item), item.id] as const }));
  keyed.sort((a, b) => compare(a.key, b.key));
  const start = token === undefined ? 0 : keyed.findIndex(({ key }) => compare(key, token.after) > 0);
  if (start < 0) return { items: [] };
  const end = start + Math.min(query.pageSize ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const last = keyed[end - 1];
  return {
    items: keyed.slice(start, end).map(({ item }) => item),
    ...(last !== undefined &&
      end < keyed.length && {
        nextPageToken: encode({ after: last.key, questionHash: hashOfQuestion(path, query), ...read }),
      }),
  };
};
