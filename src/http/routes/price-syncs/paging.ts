/** Pages by tokens that hold a position, and pages of differences. */

import { Type } from '@sinclair/typebox';
import type { Difference, WaitingChange } from '../../../catalog/sync/records.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { MAX_PAGE_SIZE, pageSize } from '../../schemas/catalog/page.ts';

/** Of lists that are read from the database: a page begins after what the page before ended with. */
export const pageQuery = {
  pageSize,
  pageToken: Type.Optional(
    Type.String({ description: 'The nextPageToken of the page before, with the same filters.', maxLength: 2000 }),
  ),
};

export const limitOf = (query: { readonly pageSize?: number }): number => Math.min(query.pageSize ?? 50, MAX_PAGE_SIZE);

const LARGEST_KEY = 2_147_483_647;

/** Whether the text is a time on a day that exists: `new Date` would turn 31 February into 2 or 3 March. */
const isMoment = (text: string): boolean => {
  const [, seconds] = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,6})?Z$/.exec(text) ?? [];
  const time = new Date(`${seconds}Z`);
  return seconds !== undefined && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(seconds);
};
const isPriceAndMoment = (text: string): boolean => {
  const [, key, moment = ''] = /^(\d{1,10})\|[A-Z]{3}\|(.+)$/.exec(text) ?? [];
  return Number(key) <= LARGEST_KEY && isMoment(moment);
};
const isMomentAndId = (text: string): boolean => {
  const [, moment = ''] = /^(.+)\|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(text) ?? [];
  return isMoment(moment);
};

/** What a position in each kind of list looks like. Anything else must not reach the database. */
const POSITIONS = {
  ordinal: (text: string): boolean => /^\d{1,18}$/.test(text),
  rowAndOrdinal: (text: string): boolean => /^\d{1,15} \d{1,4}$/.test(text),
  momentAndId: isMomentAndId,
  priceAndMoment: isPriceAndMoment,
} as const;

/** Tokens hold the position after which the next page begins. */
export const encodeToken = (position: string): string => Buffer.from(position).toString('base64url');
export const decodeToken = (token: string | undefined, positions: keyof typeof POSITIONS): string | undefined => {
  if (token === undefined) return undefined;
  const position = Buffer.from(token, 'base64url').toString('utf8');
  if (POSITIONS[positions](position)) return position;
  const detail = 'This pageToken is not one that this service gave out; start again without it.';
  throw new ProblemError('invalid-request', `The query was refused. ${detail}`, {
    errors: [{ parameter: 'query pageToken', detail, rule: 'page_token' }],
  });
};

export const differenceToApi = (difference: Difference) => ({
  change: difference.change,
  priceId: difference.priceId,
  currency: difference.currency,
  validFrom: difference.validFrom.toISOString(),
  oldAmount: difference.oldAmount,
  oldUpfront: difference.oldUpfront,
  newAmount: difference.amount,
  newUpfront: difference.upfront,
});

export const waitingToApi = (waiting: WaitingChange) => {
  const { rowNumber, rules, detail } = waiting;
  return { rowNumber, ...differenceToApi(waiting), rules, detail };
};

export const differencePage = async <Read extends Difference, Told>(
  query: { readonly pageSize?: number; readonly pageToken?: string },
  positions: keyof typeof POSITIONS,
  read: (after: string, limit: number) => Promise<readonly Read[]>,
  toApi: (difference: Read) => Told,
) => {
  const after = decodeToken(query.pageToken, positions) ?? '';
  const limit = limitOf(query);
  const differences = await read(after, limit + 1);
  const last = differences[limit - 1];
  return {
    items: differences.slice(0, limit).map(toApi),
    ...(differences.length > limit && last !== undefined && { nextPageToken: encodeToken(last.position) }),
  };
};
