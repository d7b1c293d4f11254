/** Files that a fit writes. */
import { writeFileSync } from 'node:fs';

export const writeJson = (file: URL, value: unknown): void =>
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
