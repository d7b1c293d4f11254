import { expect, it } from 'vitest';
import { whenBack } from '../../src/db/when-back.ts';

const away = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

it('tries until the database is back, and says once that it waits', async () => {
  let attempts = 0;
  const told: unknown[] = [];
  const found = await whenBack(
    async () => {
      attempts += 1;
      if (attempts < 3) throw away();
      return attempts;
    },
    { signal: new AbortController().signal, onAway: (error) => told.push(error) },
  );
  expect(found).toBe(3);
  expect(told).toHaveLength(1);
});

it('does not hide other failures, and ends when it is told to', async () => {
  const over = new AbortController();
  const broken = whenBack(async () => Promise.reject(new Error('broken')), {
    signal: over.signal,
    onAway: () => undefined,
  });
  await expect(broken).rejects.toThrow('broken');
  const ended = whenBack(async () => Promise.reject(away()), { signal: over.signal, onAway: () => over.abort() });
  expect(await ended).toBeUndefined();
});
