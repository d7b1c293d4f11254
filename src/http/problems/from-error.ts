/** Every error that reaches the HTTP layer becomes one of the catalogued problems here. */
import type { FastifyError, FastifyRequest } from 'fastify';
import { CatalogUnavailableError, UnknownRevisionError } from '../../catalog/holder.ts';
import type { CatalogView } from '../../catalog/snapshot.ts';
import { isDatabaseAway } from '../../db/away.ts';
import { RequestFaultError } from '../../domain/estimate/request-fault.ts';
import { SolverBusy } from '../../solver/solver.ts';
import { problemFromRequestFault } from './from-request-fault.ts';
import { ProblemError } from './problem-error.ts';
import { fieldErrors, type RequestPart, type SchemaError } from './validation.ts';

type ThrownError = Partial<FastifyError> & { readonly validationContext?: string };

const bytesInWords = (bytes: number): string =>
  bytes >= 1024 * 1024
    ? `${Math.floor(bytes / 1024 / 1024)} MiB`
    : bytes >= 1024
      ? `${Math.floor(bytes / 1024)} KiB`
      : `${bytes} bytes`;

const partInWords: Record<RequestPart, string> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

const invalidRequest = (error: ThrownError, request: FastifyRequest): ProblemError => {
  const part = (error.validationContext ?? 'body') as RequestPart;
  if (
    part === 'body' &&
    (request.body === undefined || request.body === null) &&
    request.headers['content-type'] === undefined
  ) {
    return emptyBody();
  }
  const errors = fieldErrors((error.validation ?? []) as unknown as SchemaError[], part);
  const first = errors[0]?.detail ?? 'It does not match the contract.';
  const others = errors.length - 1;
  const more = others > 0 ? ` And ${others} more: see errors.` : '';
  return new ProblemError('invalid-request', `The ${partInWords[part]} was refused. ${first}${more}`, { errors });
};

export const emptyBody = (): ProblemError =>
  new ProblemError(
    'empty-body',
    'Send a JSON object as the body, with Content-Type: application/json. /docs has an example for each operation.',
  );

const tooLarge = (request: FastifyRequest): ProblemError => {
  const limitBytes = request.routeOptions.bodyLimit ?? 0;
  return new ProblemError(
    'body-too-large',
    `The body is larger than ${bytesInWords(limitBytes)}. Split it, or leave out what the estimate does not need.`,
    { extensions: { limitBytes } },
  );
};

const wrongMediaType = (request: FastifyRequest): ProblemError => {
  const given = request.headers['content-type'];
  return new ProblemError(
    'unsupported-media-type',
    `${given === undefined ? 'The body has no Content-Type' : `The Content-Type is '${given}'`}; send Content-Type: application/json.`,
    { headers: { accept: 'application/json' } },
  );
};

/** Codes of the framework that are the caller's doing. Whatever is not here is a failure of ours. */
const frameworkProblems: Record<string, (error: ThrownError, request: FastifyRequest) => ProblemError> = {
  FST_ERR_VALIDATION: invalidRequest,
  FST_ERR_CTP_EMPTY_JSON_BODY: emptyBody,
  FST_ERR_CTP_BODY_TOO_LARGE: (_error, request) => tooLarge(request),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (_error, request) => wrongMediaType(request),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new ProblemError(
      'malformed-request',
      'The body is not as long as Content-Length says. Send the length of the body in bytes.',
    ),
  FST_ERR_BAD_URL: (_error, request) =>
    new ProblemError(
      'malformed-request',
      `The path '${request.url}' is not a valid URL; percent-encode special characters.`,
    ),
  // files of Swagger UI are all that is served from a folder
  FST_STATIC_FORBIDDEN_PATH: (_error, request) =>
    new ProblemError('route-not-found', `There is nothing at ${request.url}. /docs lists all paths.`),
  FST_ERR_MAX_PARAM_LENGTH: () =>
    new ProblemError('uri-too-long', 'A part of the path is longer than any id of this service. Check the id.'),
  FST_UNDER_PRESSURE: () => overloaded(),
};

const overloaded = (): ProblemError =>
  new ProblemError(
    'overloaded',
    'There is more work than this instance can do. Try again after the seconds in Retry-After.',
    { headers: { 'retry-after': '10' } },
  );

/** By SQLSTATE: a database that answers and cannot do what it is asked to. */
const UNABLE: Readonly<Record<string, string>> = {
  '25006': 'The database is read-only at the moment, as a replica is, so nothing can be written.',
  '53100': 'The disk of the database is full, so nothing can be written until its operator frees some space.',
  '53200': 'The database has no memory left for this operation.',
  '53300': 'The database has no connection left for this operation.',
};

const databaseAway = (error: unknown): ProblemError =>
  new ProblemError(
    'database-unavailable',
    `${UNABLE[String((error as ThrownError | null)?.code)] ?? 'The database cannot be reached, and this operation needs it.'} Estimates go on from the catalog in memory. Try again after the seconds in Retry-After.`,
    { headers: { 'retry-after': '5' }, cause: error },
  );

/** `catalog` is where ids near to an unknown one are looked up. */
export const problemFromError = (error: unknown, request: FastifyRequest, catalog: CatalogView): ProblemError => {
  if (error instanceof ProblemError) return error;
  if (error instanceof RequestFaultError) return problemFromRequestFault(error, catalog);
  if (error instanceof UnknownRevisionError) {
    return new ProblemError('resource-not-found', error.message, { extensions: { newestRevision: error.newest } });
  }
  if (error instanceof CatalogUnavailableError) return databaseAway(error);
  if (error instanceof SolverBusy) return overloaded();
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as ThrownError;
  if (thrown.validation !== undefined) return invalidRequest(thrown, request);
  const known = frameworkProblems[thrown.code ?? ''];
  if (known !== undefined) return known(thrown, request);
  if (isDatabaseAway(error)) return databaseAway(error);
  return new ProblemError(
    'internal-error',
    'Something failed inside the service; it has been logged. Quote the request id when you report it.',
    { cause: error },
  );
};
