import { type ProblemCode, problemCatalogue } from './catalogue.ts';

/** One thing to change in the request. Exactly one of `pointer` and `parameter` is given. */
export interface FieldError {
  /** JSON Pointer into the body as a URI fragment, for example "#/traffic/peakToMeanRatio". */
  readonly pointer?: string;
  /** Where it is no body field: "query pageSize", "path deviceId", "header If-Match". */
  readonly parameter?: string;
  /** A sentence that says what to change. */
  readonly detail: string;
  /** The rule that was broken, for machines: required, type, maximum, unknown_field, choice and so on. */
  readonly rule: string;
  /** The values to choose from, where there is a closed list. */
  readonly choices?: readonly string[];
}

interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  /** Further members of the problem document; must be JSON. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Throw it anywhere under a route and the caller gets that problem document. `detail` is a sentence for the caller. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly statusCode: number;
  readonly errors: readonly FieldError[];
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProblemError';
    this.code = code;
    this.statusCode = problemCatalogue[code].status;
    this.errors = options.errors ?? [];
    this.extensions = options.extensions ?? {};
    this.headers = options.headers ?? {};
  }
}
