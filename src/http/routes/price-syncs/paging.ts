/** Pages by tokens that hold a position, and pages of differences. */
import type { Difference, WaitingChange } from '../../../catalog/sync/records.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { MAX_PAGE_SIZE, pageSize, pageToken } from '../../schemas/catalog/page.ts';

export const pageQuery = { pageSize, pageToken };

export const limitOf = (query: { readonly pageSize?: number }): number => Math.min(query.pageSize ?? 50, MAX_PAGE_SIZE);

/** Tokens hold the position after which the next page begins. */
export const encodeToken = (position: string): string => Buffer.from(position).toString('base64url');
export const decodeToken = (token: string | undefined, shape: RegExp): string | undefined => {
  if (token === undefined) return undefined;
  const position = Buffer.from(token, 'base64url').toString('utf8');
  if (shape.test(position)) return position;
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
  read: (after: string, limit: number) => Promise<readonly Read[]>,
  toApi: (difference: Read) => Told,
) => {
  const after = decodeToken(query.pageToken, /^\d{1,18}$|^\d{1,10}\|[A-Z]{3}\|[-\d:.+ ]+$/) ?? '';
  const limit = limitOf(query);
  const differences = await read(after, limit + 1);
  const last = differences[limit - 1];
  return {
    items: differences.slice(0, limit).map(toApi),
    ...(differences.length > limit && last !== undefined && { nextPageToken: encodeToken(last.position) }),
  };
};
