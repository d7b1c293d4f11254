import { expect, it } from 'vitest';
import { recovering } from '../../src/solver/recovering.ts';

it('loads once, and again after a failure, which it passes on', async () => {
  let loads = 0;
  const run = recovering<number, string>(async () => {
    const instance = ++loads;
    let broken = false;
    return (task) => {
      if (task < 0) broken = true;
      if (broken) throw new Error('aborted');
      return `${task} by ${instance}`;
    };
  });
  expect([await run(1), await run(2)]).toEqual(['1 by 1', '2 by 1']);
  await expect(run(-1)).rejects.toThrow('aborted');
  expect(await run(3)).toBe('3 by 2');
});

it('tries to load again when loading failed', async () => {
  let loads = 0;
  const run = recovering<number, number>(async () => {
    if (++loads === 1) throw new Error('no memory');
    return (task) => task;
  });
  await expect(run(1)).rejects.toThrow('no memory');
  expect(await run(2)).toBe(2);
});
