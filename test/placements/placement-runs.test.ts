import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type pg from 'pg';
import { expect, it } from 'vitest';
import { PlacementRuns } from '../../src/placements/placement-runs.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it('holds on to no answer that it has given, however long it would have waited for it', async () => {
  const runs = new PlacementRuns({
    pool: {} as pg.Pool,
    solve: async () => Promise.reject(new Error('nothing to solve')),
    computeAgain: async () => undefined,
    failureOf: () => undefined,
    onError: () => undefined,
  });
  const ask = async (): Promise<WeakRef<object>> => {
    const outcome = await runs.answer({ pinned: {}, tenant: '' }, async () => ({ plan: 'large' }), 2 ** 31 - 1);
    if (outcome.kind !== 'answered') throw new Error('It was there at once.');
    return new WeakRef(outcome.answer as object);
  };
  const answer = await ask();
  await nextTurn();
  collect();
  expect(answer.deref()).toBeUndefined();
});

it('ends what nobody waits for any more', async () => {
  const solving = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const runs = new PlacementRuns({
    pool: {} as pg.Pool,
    solve: (_program, _limits, _start, stop) => {
      solving.resolve();
      return new Promise((_, reject) =>
        stop?.addEventListener('abort', () => {
          ended.resolve();
          reject(stop.reason);
        }),
      );
    },
    computeAgain: async () => undefined,
    failureOf: () => undefined,
    onError: () => undefined,
  });
  const hangUp = new AbortController();
  const program = { variables: [], constraints: [] };
  const limits = { maximumNodes: 1, maximumSimplexIterations: 1, relativeGap: 0, maximumWallClockMs: 1 };
  const outcome = runs.answer(
    { pinned: {}, tenant: '' },
    ({ solve }) => solve(program, limits),
    2 ** 31 - 1,
    hangUp.signal,
  );
  await solving.promise;
  hangUp.abort();
  await ended.promise;
  expect(await outcome).toEqual({ kind: 'abandoned' });
});
