/** The embedded PostgreSQL of a planner that runs already, for commands beside it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterUser } from './cluster.ts';
import { openDataDirectory } from './data-directory.ts';

/** Undefined where none runs on this data directory. */
export const runningEmbedded = async (
  dataDirectory: string | undefined,
  database = 'planner',
): Promise<string | undefined> => {
  const { cluster } = await openDataDirectory(dataDirectory);
  const read = (name: string): Promise<string> => readFile(join(cluster, name), 'utf8').catch(() => '');
  // Lines of postmaster.pid: process, directory, start, port.
  const [pid, , , port] = (await read('postmaster.pid')).split('\n').map((line) => line.trim());
  const password = (await read('planner-password')).trim();
  if (!(Number(pid) > 1) || port === undefined || password === '') return undefined;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  return `postgres://${clusterUser}:${password}@127.0.0.1:${port}/${database}`;
};
