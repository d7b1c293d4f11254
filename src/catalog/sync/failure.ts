/** What a sync can fail with; each is a sentence for the sender. After any of them the catalog is as it was before. */
type SyncFailureCode =
  | 'malformed_list'
  | 'list_too_large'
  | 'interrupted_upload'
  | 'scope_changed'
  | 'source_not_syncable'
  | 'source_busy'
  | 'too_many'
  | 'key_reused'
  | 'key_in_flight'
  | 'no_space'
  | 'cancelled'
  | 'interrupted';

export class SyncFailure extends Error {
  readonly code: SyncFailureCode;
  /** Row at which the list breaks, 1 being the first after the header. */
  readonly rowNumber: number | undefined;
  /** Tag of the scope as it is, where the sender knew another. */
  readonly etag: string | undefined;

  constructor(
    code: SyncFailureCode,
    message: string,
    more: { readonly rowNumber?: number; readonly etag?: string; readonly cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'SyncFailure';
    this.code = code;
    this.rowNumber = more.rowNumber;
    this.etag = more.etag;
  }
}

/** Its instance or its database ended meanwhile. */
export const interrupted = (): SyncFailure =>
  new SyncFailure(
    'interrupted',
    'The service or its database ended meanwhile; nothing was changed. Send the list again with the same key.',
  );
