/** Long answers let others through: each other, and whatever waits. */
import { setImmediate as nextLoop } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { takeTurns } from '../../src/http/turns.ts';

const busyMs = (milliseconds: number): void => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
};

describe('turns of long answers', () => {
  it('alternate, and let the event loop go round between two of them', async () => {
    const order: string[] = [];
    const long = async (name: string): Promise<void> => {
      for (let step = 0; step < 20; step++) {
        await takeTurns();
        busyMs(1);
        order.push(name);
      }
    };
    let rounds = 0;
    let running = true;
    const short = (async () => {
      while (running) {
        await nextLoop();
        rounds++;
      }
    })();
    await Promise.all([long('a'), long('b')]);
    running = false;
    await short;
    expect(order).toHaveLength(40);
    // 40 ms of work in turns of a few: many rounds, and neither answer waits for the whole of the other
    expect(rounds).toBeGreaterThan(5);
    expect(order.indexOf('b')).toBeLessThan(order.lastIndexOf('a'));
    expect(order.indexOf('a')).toBeLessThan(order.lastIndexOf('b'));
  });
});
