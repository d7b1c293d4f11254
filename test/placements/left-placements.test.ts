/** Placements whose instance ended, and answers that cannot be kept: each operation ends without a start of the service. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { findOperation, type OperationRecord } from '../../src/catalog/sync/operations.ts';
import { openSession } from '../../src/catalog/sync/session.ts';
import { PlacementRuns } from '../../src/placements/placement-runs.ts';
import { findPlacement, keepAnswer, keepQuestion, NOBODY } from '../../src/placements/stored-placements.ts';
import { useTestDatabase } from '../helpers/database.ts';

const database = useTestDatabase('migrated');

let running: PlacementRuns | undefined;
afterEach(() => running?.close());

const living = async (computeAgain: () => Promise<unknown>): Promise<void> => {
  running = new PlacementRuns({
    pool: database().pool,
    solve: async () => Promise.reject(new Error('nothing to solve')),
    computeAgain,
    failureOf: () => undefined,
    onError: () => undefined,
    takeUpEveryMs: 20,
  });
  await running.recover();
};

const left = async (): Promise<string> => {
  const id = randomUUID();
  await keepQuestion(database().pool, id, { question: {}, tenant: NOBODY });
  return id;
};

const ended = async (id: string): Promise<OperationRecord> => {
  for (;;) {
    const operation = await findOperation(database().pool, id);
    if (operation !== undefined && operation.finishedAt !== null) return operation;
    await wait(10);
  }
};

it('one that an instance left that never starts again is worked out by one that lives', async () => {
  await living(async () => ({ plan: 'cheapest' }));
  const id = await left();
  expect((await ended(id)).state).toBe('succeeded');
  expect(JSON.parse((await findPlacement(database().pool, id))?.answer ?? '')).toEqual({ plan: 'cheapest' });
});

it('one that another instance works on is left to it', async () => {
  const { pool } = database();
  const session = await openSession(pool);
  const id = randomUUID();
  await session.own(id);
  await keepQuestion(pool, id, { question: {}, tenant: NOBODY });
  await living(async () => ({ plan: 'cheapest' }));
  expect((await ended(await left())).state).toBe('succeeded');
  expect((await findOperation(pool, id))?.state).toBe('receiving');
  session.end();
  expect((await ended(id)).state).toBe('succeeded');
});

it('an answer that cannot be kept fails it', async () => {
  await living(async () => ({ plan: 1n }));
  expect(await ended(await left())).toMatchObject({ state: 'failed', failure: { code: 'internal' } });
});

it('an answer once given stays as it was given', async () => {
  const { pool } = database();
  const id = await left();
  await keepAnswer(pool, id, { plan: 'first' });
  await keepAnswer(pool, id, { plan: 'second' });
  expect(JSON.parse((await findPlacement(pool, id))?.answer ?? '')).toEqual({ plan: 'first' });
});
