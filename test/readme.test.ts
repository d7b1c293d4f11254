import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rendered } from '../scripts/readme.ts';

it('shows in README.md what the code computes', async () => {
  const text = readFileSync('README.md', 'utf8');
  expect(await rendered(text)).toBe(text);
});
