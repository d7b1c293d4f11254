/** A server whose priority this process may not change, as where root without CAP_SYS_NICE runs it as another account. */
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbedded } from '../../src/db/embedded/server.ts';
import { useTemporaryDirectory } from '../helpers/temporary-directory.ts';

const { setPriority } = os;
const replace = (by: typeof setPriority): void => {
  os.setPriority = by;
  syncBuiltinESMExports(); // modules that were loaded before see it too
};
beforeAll(() =>
  replace(() => {
    throw new Error('A system error occurred: uv_os_setpriority returned EPERM');
  }),
);
afterAll(() => replace(setPriority));

const directory = useTemporaryDirectory();

it('runs at the priority of the planner, and says so in its log', async () => {
  const lines: string[] = [];
  const server = await startEmbedded({ dataDirectory: directory, durable: false, onLog: (line) => lines.push(line) });
  const client = new pg.Client({ connectionString: server.databaseUrl });
  try {
    await client.connect();
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(lines.filter((line) => line.includes('EPERM'))).toHaveLength(1);
  } finally {
    await client.end();
    await server.stop();
  }
});
