import { expect, it } from 'vitest';
import { blockHours } from '../../../src/domain/economics/capacity-block.ts';

it.each([
  [1, 24],
  [24, 24],
  [24.5, 48],
  [14 * 24, 14 * 24],
  [14 * 24 + 1, 21 * 24],
  [22 * 24, 28 * 24],
])('%d hours take a block of %d: whole days up to 14, whole weeks beyond', (hours, block) => {
  expect(blockHours(hours)).toBe(block);
});
