/** A request that is well formed but cannot be taken as it stands: which field, and what to change. */

export interface RequestFault {
  /** JSON Pointer into the request body. */
  readonly pointer: string;
  /** Machine-readable name of the rule that was broken. */
  readonly rule: string;
  /** One sentence that says what to change. */
  readonly detail: string;
  /** Set for ids the catalog does not know, so that the nearest known ones can be named. */
  readonly unknown?: {
    readonly kind: 'model' | 'model_family' | 'device' | 'region' | 'provider';
    readonly id: string;
  };
}

export class RequestFaultError extends Error {
  readonly faults: readonly RequestFault[];

  constructor(faults: readonly RequestFault[]) {
    super(faults.map((fault) => `${fault.pointer}: ${fault.detail}`).join(' '));
    this.name = 'RequestFaultError';
    this.faults = faults;
  }
}

/** @throws RequestFaultError always. */
export const refuse = (pointer: string, rule: string, detail: string, unknown?: RequestFault['unknown']): never => {
  throw new RequestFaultError([{ pointer, rule, detail, ...(unknown === undefined ? {} : { unknown }) }]);
};

/** @throws RequestFaultError when not exactly one of the named fields is present. */
export function requireExactlyOne(request: object, names: readonly string[], meaning: string): void {
  const given = names.filter((name) => (request as Record<string, unknown>)[name] !== undefined);
  if (given.length === 1) return;
  if (given.length === 0) refuse('', 'required', `Say ${meaning}: give one of ${names.join(', ')}.`);
  refuse(`/${given[1]}`, 'exclusive', `Give only one of ${given.join(' and ')}: each says ${meaning}.`);
}
