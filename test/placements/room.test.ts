/** Large questions wait for one another; small ones never do. */
import { expect, it } from 'vitest';
import { Room } from '../../src/placements/room.ts';

const LARGE = 200_000;
const never = new AbortController().signal;
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = Symbol('pending');
  return (await Promise.race([promise, new Promise((done) => setImmediate(() => done(pending)))])) !== pending;
};

it('lets a large one in when another has left, and a small one at any time', async () => {
  const room = new Room();
  const leave = await room.enter(LARGE, never);
  const second = room.enter(LARGE, never);
  const third = room.enter(LARGE, never);
  expect(await settled(second)).toBe(false);
  expect(await settled(room.enter(100, never))).toBe(true);
  leave();
  leave();
  expect(await settled(second)).toBe(true);
  expect(await settled(third)).toBe(false);
  (await second)();
  expect(await settled(third)).toBe(true);
});

it('forgets one that is no longer waited for', async () => {
  const room = new Room();
  const leave = await room.enter(LARGE, never);
  const stop = new AbortController();
  const second = room.enter(LARGE, stop.signal);
  const third = room.enter(LARGE, never);
  stop.abort(new Error('hung up'));
  await expect(second).rejects.toThrow('hung up');
  leave();
  expect(await settled(third)).toBe(true);
});
