import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/**
 * Registers hooks in the calling file (or describe): a directory before its tests, removed after them. With the default mode
 * every user may enter it, as a data directory needs. Returns its path.
 */
export function useTemporaryDirectory(mode = 0o755): string {
  const path = join(tmpdir(), `planner-test-${randomBytes(6).toString('hex')}`);
  beforeAll(() => mkdir(path, { mode }));
  // A server that was killed may write its last file while its directory goes.
  afterAll(() => rm(path, { recursive: true, force: true, maxRetries: 10 }));
  return path;
}
