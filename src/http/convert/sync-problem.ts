/** Why a sync failed, as the problem that its sender gets. */
import { SyncFailure } from '../../catalog/sync/failure.ts';
import { ProblemError } from '../problems/problem-error.ts';

export const problemOfSync = (error: unknown): unknown => {
  if (!(error instanceof SyncFailure)) return error;
  const { message: detail, rowNumber, etag, cause } = error;
  switch (error.code) {
    case 'malformed_list':
      return new ProblemError('malformed-price-list', detail, {
        ...(rowNumber !== undefined && { extensions: { rowNumber } }),
        cause,
      });
    case 'list_too_large':
      return new ProblemError('body-too-large', detail);
    case 'interrupted_upload':
      return new ProblemError('malformed-request', detail, { cause });
    case 'scope_changed':
      return new ProblemError('precondition-failed', detail, { ...(etag !== undefined && { headers: { etag } }) });
    case 'source_not_syncable':
      return new ProblemError('contradictory-request', detail, {
        errors: [{ parameter: 'query source', detail, rule: 'source_kind' }],
      });
    case 'key_reused':
      return new ProblemError('idempotency-key-reused', detail);
    case 'no_space':
      return new ProblemError('database-unavailable', detail, { headers: { 'retry-after': '60' }, cause });
    case 'too_many':
      return new ProblemError('overloaded', detail, { headers: { 'retry-after': '30' } });
    case 'source_busy':
    case 'key_in_flight':
    case 'cancelled':
    case 'interrupted':
      return new ProblemError('conflicting-work', detail, { headers: { 'retry-after': '5' } });
  }
};
