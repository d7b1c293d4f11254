/** How a sync ends that changed nothing: its list is dropped, and its operation says why. */
import type pg from 'pg';
import { interrupted, SyncFailure } from './failure.ts';
import { finishOperation } from './operations.ts';
import { dropStagingTable } from './staging.ts';

/** Its instance or its database ended meanwhile. */
export const endInterrupted = async (pool: pg.Pool, id: string): Promise<void> => {
  const { code, message } = interrupted();
  await dropStagingTable(pool, id);
  await finishOperation(pool, id, 'failed', { code, detail: message });
};

/** Writes down why it failed. */
export const endFailed = async (pool: pg.Pool, id: string, failure: unknown): Promise<void> => {
  if (failure instanceof SyncFailure) {
    const state = failure.code === 'cancelled' ? 'cancelled' : 'failed';
    await finishOperation(pool, id, state, { code: failure.code, detail: failure.message });
  } else {
    // Not finished when it was committed and only the word of it was lost.
    await finishOperation(pool, id, 'failed', {
      code: 'internal',
      detail: 'Something failed inside the service; nothing was changed. Send the list again with the same key.',
    });
  }
  await dropStagingTable(pool, id);
};

/** Errors of the database that the sender can be told of: 57014 cancelled, 53100 disk full. */
export const asFailure = (error: unknown): unknown => {
  const { code } = error as { code?: string };
  if (code === '57014') {
    return new SyncFailure('cancelled', 'The sync was cancelled; nothing was changed.', { cause: error });
  }
  if (code === '53100') {
    return new SyncFailure(
      'no_space',
      'The disk of the database is full; nothing was changed. Send the list again with the same key when there is space.',
      { cause: error },
    );
  }
  return error;
};
