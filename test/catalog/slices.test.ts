/** Work in slices gives what it gives at once, and others have their turns meanwhile. */
import { expect, it } from 'vitest';
import { inSlices } from '../../src/catalog/slices.ts';
import { atOnce, type Steps } from '../../src/domain/steps.ts';

function* sum(numbers: readonly number[], eachMs: number): Steps<number> {
  let total = 0;
  for (const number of numbers) {
    for (const from = performance.now(); performance.now() - from < eachMs; );
    total += number;
    yield;
  }
  return total;
}

it('gives the same result either way', async () => {
  expect(atOnce(sum([1, 2, 3], 0))).toBe(6);
  expect(await inSlices(sum([1, 2, 3], 0))).toBe(6);
});

it('lets others have many turns', async () => {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await inSlices(sum(new Array(40).fill(1), 1));
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(5);
});

it('passes on what the work throws', async () => {
  function* failing(): Steps<void> {
    yield;
    throw new Error('No.');
  }
  await expect(inSlices(failing())).rejects.toThrow('No.');
});
