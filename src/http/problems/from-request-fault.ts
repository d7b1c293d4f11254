/** What the domain finds wrong with a well-formed request. */
import { didYouMean } from '../../catalog/nearest.ts';
import type { CatalogView } from '../../catalog/snapshot.ts';
import type { RequestFault, RequestFaultError } from '../../domain/estimate/request-fault.ts';
import type { ProblemCode } from './catalogue.ts';
import { type FieldError, ProblemError } from './problem-error.ts';

const codeOf = (faults: readonly RequestFault[]): ProblemCode => {
  if (faults.some(({ rule }) => rule === 'required')) return 'invalid-request';
  if (faults.some(({ unknown }) => unknown !== undefined)) return 'unknown-catalog-id';
  if (faults.some(({ rule }) => rule.startsWith('unsupported'))) return 'unsupported-workload';
  return 'contradictory-request';
};

const fieldError = ({ pointer, rule, detail, unknown }: RequestFault, catalog: CatalogView): FieldError => {
  const near = unknown === undefined ? [] : catalog.nearest(unknown.kind, unknown.id);
  return {
    pointer: `#${pointer}`,
    rule,
    detail: detail + didYouMean(near),
    ...(near.length > 0 && { choices: near }),
  };
};

/** Ids that are near to an unknown one are taken from the catalog that the request was computed on. */
export const problemFromRequestFault = (error: RequestFaultError, catalog: CatalogView): ProblemError => {
  const errors = error.faults.map((fault) => fieldError(fault, catalog));
  return new ProblemError(codeOf(error.faults), errors.map(({ detail }) => detail).join(' '), { errors });
};
