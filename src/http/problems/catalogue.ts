/**
 * Every problem this service can answer with (RFC 9457). The list is closed: each code has a page
 * openapi/problems/<code>.md, served at /problems/<code>, and a test keeps the two equal.
 */
interface Problem {
  readonly status: number;
  readonly title: string;
  /** Only operations that read a body can answer with it. */
  readonly ofBody?: true;
  /** Only operations with one of these tags can; all where absent. */
  readonly tags?: readonly string[];
}

const COMPUTING = ['Estimates', 'Comparisons', 'Recommendations', 'Placements'];

export const problemCatalogue = {
  'invalid-request': { status: 400, title: 'The request does not match the contract' },
  'malformed-request': { status: 400, title: 'The request is not valid HTTP' },
  'malformed-json': { status: 400, title: 'The body is not valid JSON', ofBody: true },
  'malformed-price-list': {
    status: 400,
    title: 'The price list cannot be read',
    ofBody: true,
    tags: ['Price lists'],
  },
  'empty-body': { status: 400, title: 'The request needs a body', ofBody: true },
  unauthenticated: { status: 401, title: 'An API key is needed' },
  forbidden: { status: 403, title: 'The API key does not allow this' },
  'resource-not-found': { status: 404, title: 'There is no such resource' },
  'route-not-found': { status: 404, title: 'There is nothing at this path' },
  'method-not-allowed': { status: 405, title: 'This path does not answer to this method' },
  'not-acceptable': { status: 406, title: 'The answer cannot be given in the media type asked for' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'conflicting-work': { status: 409, title: 'Other work stands in the way' },
  'precondition-failed': { status: 412, title: 'The condition of the request does not hold' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The path is too long' },
  'unsupported-media-type': { status: 415, title: 'The body is in a media type that is not read here' },
  'unknown-catalog-id': { status: 422, title: 'The catalog does not know an id that the request names' },
  'unknown-currency': { status: 422, title: 'The code is not that of a currency', tags: ['Catalog', ...COMPUTING] },
  'contradictory-request': { status: 422, title: 'Parts of the request contradict each other' },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    tags: ['Price lists'],
  },
  'unsupported-workload': { status: 422, title: 'This kind of workload cannot be estimated yet', tags: COMPUTING },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  'internal-error': { status: 500, title: 'The service failed' },
  'database-unavailable': { status: 503, title: 'The database is away' },
  'not-ready': { status: 503, title: 'The service is not ready' },
  overloaded: { status: 503, title: 'The service is overloaded' },
} as const satisfies Record<string, Problem>;

export type ProblemCode = keyof typeof problemCatalogue;

export const problemCodes = Object.keys(problemCatalogue) as readonly ProblemCode[];

export const isProblemCode = (text: string): text is ProblemCode => Object.hasOwn(problemCatalogue, text);

/** Whether an operation can answer with it. */
export const canBe = (
  code: ProblemCode,
  { tags, readsBody }: { readonly tags: readonly string[]; readonly readsBody: boolean },
): boolean => {
  const problem: Problem = problemCatalogue[code];
  if (problem.ofBody === true && !readsBody) return false;
  return problem.tags === undefined || problem.tags.some((tag) => tags.includes(tag));
};

/** The `type` of a problem, a path that answers with its page. */
export const problemType = (code: ProblemCode): string => `/problems/${code}`;
