/** How a sync ends that changed nothing: its list is dropped, and its operation says why. */
import type pg from 'pg';
import { SyncFailure } from './failure.ts';
import { finishOperation } from './operations.ts';
import { dropStagingTable } from './staging.ts';

interface Ending {
  readonly pool: pg.Pool;
  readonly onError: (message: string, error: unknown) => void;
}

/** Its instance or its database ended meanwhile. */
export const endInterrupted = async (pool: pg.Pool, id: string): Promise<void> => {
  await dropStagingTable(pool, id);
  await finishOperation(pool, id, 'failed', {
    code: 'interrupted',
    detail: 'The service or its database ended meanwhile; nothing was changed. Send the list again with the same key.',
  });
};

/** Writes down why it failed, and gives the error for the sender. */
export const endFailed = async ({ pool, onError }: Ending, id: string, error: unknown): Promise<unknown> => {
  const failure = asFailure(error);
  try {
    if (failure instanceof SyncFailure) {
      const state = failure.code === 'cancelled' ? 'cancelled' : 'failed';
      await finishOperation(pool, id, state, { code: failure.code, detail: failure.message });
    } else {
      onError(`Sync ${id} failed.`, error);
      // Not finished when it was committed and only the word of it was lost.
      await finishOperation(pool, id, 'failed', {
        code: 'internal',
        detail: 'Something failed inside the service; nothing was changed. Send the list again with the same key.',
      });
    }
    await dropStagingTable(pool, id);
  } catch (cause) {
    onError(`Sync ${id} could not be ended; the next start will.`, cause);
  }
  return failure;
};

/** Errors of the database that the sender can be told of: 57014 cancelled, 53100 disk full. */
const asFailure = (error: unknown): unknown => {
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
