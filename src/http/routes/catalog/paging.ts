/** Pages in a fixed order. A token pins what the first page saw, so that later pages fit to it whatever happens meanwhile. */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { compareIds } from '../../../catalog/entry.ts';
import { inSlices } from '../../../catalog/slices.ts';
import { sorting } from '../../../catalog/sorting.ts';
import { ascending } from '../../../domain/economics/ascending.ts';
import type { Steps } from '../../../domain/steps.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../schemas/catalog/page.ts';

type SortValue = string | number | null;

/** What is sorted by, by name; unknown values (null) come last in either direction. */
export type Orders<Item> = Readonly<Record<string, (item: Item) => SortValue>>;

interface PageToken {
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
export const orderChoices = (orders: readonly string[]): readonly string[] =>
  ['id', ...orders].flatMap((name) => [name, `-${name}`]);

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

/** What passed the filters, in the order of ids; each entry is made only when it is on the page. */
export interface Rows<Item> {
  readonly length: number;
  id(index: number): string;
  /** By the name of an order. */
  sortValue(index: number, order: string): SortValue;
  item(index: number): Item;
}

/** @param items in the order of their ids. */
export const rowsOf = <Item extends { readonly id: string }>(
  items: readonly Item[],
  orders: Orders<Item> = {},
): Rows<Item> => {
  const item = (index: number): Item => items[index] as Item;
  return {
    length: items.length,
    item,
    id: (index) => item(index).id,
    sortValue: (index, order) => orders[order]?.(item(index)) ?? null,
  };
};

type Key = readonly [SortValue, string];

/** Rows as they are asked for: which one stands where, and by what it stands there. */
interface Sequence {
  readonly rowAt: (place: number) => number;
  readonly keyAt: (place: number) => Key;
}

const byIds = (rows: Rows<unknown>, descending: boolean): Sequence => {
  const rowAt = (place: number): number => (descending ? rows.length - 1 - place : place);
  const keyAt = (place: number): Key => {
    const id = rows.id(rowAt(place));
    return [id, id];
  };
  return { rowAt, keyAt };
};

function* byValues(rows: Rows<unknown>, order: string, descending: boolean): Steps<Sequence> {
  const values: SortValue[] = [];
  for (let row = 0; row < rows.length; row++) {
    if (row % STEP === STEP - 1) yield;
    values.push(rows.sortValue(row, order));
  }
  const sorted = Uint32Array.from(yield* inOrder(values, descending));
  const rowAt = (place: number): number => sorted[place] ?? 0;
  return { rowAt, keyAt: (place) => [values[rowAt(place)] ?? null, rows.id(rowAt(place))] };
}

/** Rows by their values; equal ones stay as they are, in the order of ids. */
function* inOrder(values: readonly SortValue[], descending: boolean): Steps<number[]> {
  const known: number[] = [];
  const unknown: number[] = [];
  let areFigures = true;
  for (const [row, value] of values.entries()) {
    if (row % STEP === STEP - 1) yield;
    if (value === null) unknown.push(row);
    else known.push(row);
    areFigures &&= value === null || (typeof value === 'number' && value >= 0);
  }
  // Downwards it is the reverse of the reverse, so that equal ones are not turned round.
  if (descending) known.reverse();
  const value = (row: number): SortValue => values[row] ?? null;
  const compare = comparison(false);
  const upwards = areFigures
    ? Array.from(
        yield* ascending(Float64Array.from(known, (row) => Number(value(row)))),
        (place) => known[place] as number,
      )
    : yield* sorting(known, (a, b) => compare([value(a), ''], [value(b), '']));
  if (descending) upwards.reverse();
  return [...upwards, ...unknown];
}

/** Rows between two places where the work on them may be interrupted. */
const STEP = 1024;

/** Orders of rows that are asked for page by page, each sorted once. */
const sequences = new WeakMap<Rows<unknown>, Map<string, Promise<Sequence>>>();

const sequenceOf = async (rows: Rows<unknown>, orderBy: string): Promise<Sequence> => {
  const order = orderBy.replace(/^-/, '');
  const descending = orderBy.startsWith('-');
  if (order === 'id') return byIds(rows, descending);
  const known = sequences.get(rows) ?? new Map<string, Promise<Sequence>>();
  sequences.set(rows, known);
  const sequence = known.get(orderBy) ?? inSlices(byValues(rows, order, descending));
  known.set(orderBy, sequence);
  return sequence;
};

/** The first place that comes after a key. */
const placeAfter = (length: number, { keyAt }: Sequence, key: Key, compare: (a: Key, b: Key) => number): number => {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(keyAt(middle), key) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** One page of what passed the filters. `revision` and `at` are what was read. */
export const pageOf = async <Item>(
  rows: Rows<Item>,
  path: string,
  query: PageQuery,
  token: PageToken | undefined,
  read: { readonly revision: number; readonly at: string },
): Promise<{ readonly items: readonly Item[]; readonly nextPageToken?: string }> => {
  const orderBy = query.orderBy ?? 'id';
  const compare = comparison(orderBy.startsWith('-'));
  const sequence = await sequenceOf(rows, orderBy);
  const start = token === undefined ? 0 : placeAfter(rows.length, sequence, token.after, compare);
  const end = Math.min(start + Math.min(query.pageSize ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE), rows.length);
  const items = Array.from({ length: end - start }, (_, index) => rows.item(sequence.rowAt(start + index)));
  if (end >= rows.length || items.length === 0) return { items };
  const after = sequence.keyAt(end - 1);
  return { items, nextPageToken: encode({ after, questionHash: hashOfQuestion(path, query), ...read }) };
};
