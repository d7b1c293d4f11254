/** Which catalog a request reads: the revision and the moment it asks for, or the newest and now. */
import type { FastifyReply } from 'fastify';
import { CatalogUnavailableError, UnknownRevisionError } from '../../../catalog/holder.ts';
import type { CatalogView } from '../../../catalog/snapshot.ts';
import type { Dependencies } from '../../../dependencies.ts';
import { ProblemError } from '../../problems/problem-error.ts';

export interface ReadingQuery {
  readonly revision?: number;
  readonly asOf?: string;
}

interface Reading {
  readonly view: CatalogView;
  /** ISO time at which prices are read. */
  readonly at: string;
  /** The moment that the caller named, if any. */
  readonly asOf: string | undefined;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})$/;

/** RFC 3339 date-time or full-date as an ISO time in UTC; undefined for what is neither. */
export const momentOf = (text: string): string | undefined => {
  const ms = DATE.test(text) || DATE_TIME.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
  // JavaScript rolls 31 February over to March; RFC 3339 does not.
  const day = Number(text.slice(8, 10));
  const daysInMonth = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  return !Number.isNaN(ms) && day <= daysInMonth ? new Date(ms).toISOString() : undefined;
};

/**
 * The same of a parameter.
 * @throws ProblemError naming the parameter.
 */
export const parseMoment = (text: string, parameter: string): string => {
  const moment = momentOf(text);
  if (moment !== undefined) return moment;
  const plus = text.includes(' ') ? ' A plus sign in a URL is written %2B.' : '';
  const detail = `'${text}' is not a time; write it like 2026-06-01T00:00:00Z or 2026-06-01.${plus}`;
  throw new ProblemError('invalid-request', `The query was refused. ${detail}`, {
    errors: [{ parameter, detail, rule: 'format' }],
  });
};

export const viewAt = async (
  { catalog }: Pick<Dependencies, 'catalog'>,
  revision: number | undefined,
): Promise<CatalogView> => {
  if (revision === undefined) return catalog.current();
  try {
    const view = await catalog.at(revision);
    if (view !== undefined) return view;
  } catch (error) {
    if (error instanceof CatalogUnavailableError) {
      throw new ProblemError(
        'database-unavailable',
        `Revision ${revision} is not in memory and the database that holds it cannot be reached. Leave out revision for the newest one, or try again after the seconds in Retry-After.`,
        { headers: { 'retry-after': '5' }, cause: error },
      );
    }
    if (!(error instanceof UnknownRevisionError)) throw error;
  }
  throw new ProblemError(
    'resource-not-found',
    `The catalog has no revision ${revision}; the newest is ${catalog.current().revision}.`,
    { extensions: { newestRevision: catalog.current().revision } },
  );
};

export const readCatalog = async (
  dependencies: Pick<Dependencies, 'catalog' | 'now'>,
  query: ReadingQuery,
): Promise<Reading> => {
  const asOf = query.asOf === undefined ? undefined : parseMoment(query.asOf, 'query asOf');
  const view = await viewAt(dependencies, query.revision);
  return { view, at: asOf ?? dependencies.now().toISOString(), asOf };
};

/** What was read goes in headers, where it does not change the bytes of the answer. */
export const tellReading = (
  reply: FastifyReply,
  { catalog }: Pick<Dependencies, 'catalog'>,
  view: Pick<CatalogView, 'revision'>,
): void => {
  reply.header('catalog-revision', view.revision).header('catalog-age-seconds', Math.round(catalog.ageSeconds()));
};
